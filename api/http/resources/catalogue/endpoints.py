"""The catalogue: which functions, topics, forms and audiences a request may name."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field

from adapters.queries.catalogue_queries import CatalogueQuery, catalogue_of, entries
from adapters.services import catalogue as services
from adapters.store.streams import CATALOGUE
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.etags import of_version
from api.http.framework.operations import Created, Form, Operations
from api.http.framework.parameters import At, Day, DayField, Why, Word
from api.http.framework.query_models import Limit, PastListQuery
from api.http.resources.areas.endpoints import Names
from domain.catalogue import CATALOGUE as ID
from domain.catalogue import Catalogue, Entry, EntryKind, find
from domain.events import NotThere
from domain.messages import message

operations = Operations("catalogue")

Code = Annotated[str, Path(min_length=1, max_length=80)]


class Added(Form):
    """A word. A topic names the function that it belongs to."""

    kind: EntryKind
    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$")]
    names: Names
    function: Word | None = None
    since: DayField | None = None
    until: DayField | None = None


class WordList(PastListQuery):
    kind: EntryKind | None = None
    function: Annotated[str | None, Query(max_length=80, description="Topics of this function.")] = None
    on: Annotated[Day | None, Query(description="Only words that may be used on this day.")] = None
    sort: Literal["code", "-code", "kind", "-kind"] = "kind"
    limit: Limit = 100


class Retired(Form):
    """`on` is the first day on which the word may no longer be used."""

    on: DayField
    why: Why


@operations.read(
    "/catalogue",
    may="catalogue.read",
    answers=Entry,
    many=True,
    summary="List the catalogue's words",
    example=examples.page(examples.ENTRY),
)
def list_catalogue(context: RequestContext, query: WordList) -> Answer:
    catalogue_query = CatalogueQuery(query.paging(), query.kind, query.function, query.on)
    return page_response(Entry, entries(context.views(query.at), catalogue_query))


@operations.read(
    "/catalogue/{kind}/{code}",
    may="catalogue.read",
    answers=Entry,
    summary="Read a word",
    example=examples.ENTRY,
)
def read_entry(context: RequestContext, kind: EntryKind, code: Code, at: At = None) -> Answer:
    known = catalogue_of(context.views(at))
    return _entry_response(known, kind, code)


def _entry_response(known: Catalogue, kind: EntryKind, code: str, status: int = 200) -> Answer:
    entry = find(known, kind, code)
    if entry is None:
        raise NotThere(message("the catalogue has no {kind} {code}", kind=kind, code=code[:80]))
    location = f"/v1/catalogue/{kind}/{code}" if status == 201 else None
    return json_response(entry, status=status, etag=of_version(known.version), location=location)


@operations.command(
    "/catalogue",
    may="catalogue.write",
    answers=Created(Entry),
    summary="Add a word",
    example={
        "kind": "topic",
        "code": "calligraphy",
        "names": [{"language": "en", "name": "Calligraphy"}],
        "function": "arts",
    },
    answer_example=examples.ENTRY,
)
def add_entry(context: CommandContext, form: Added) -> Answer:
    """A word that is there already stays as it is."""
    known = context.unit.load(CATALOGUE, ID) or Catalogue(ID)
    context.match(known.version)
    names = tuple((name_form.language, name_form.name) for name_form in form.names)
    entry = Entry(form.kind, form.code, names, form.function, form.since, form.until)
    return _entry_response(services.add_entry(context.unit, entry), form.kind, form.code, 201)


@operations.command(
    "/catalogue/{kind}/{code}/retire",
    may="catalogue.write",
    answers=Entry,
    summary="Retire a word from a day on",
    example={"on": "2027-01-01", "why": "it is part of another topic now"},
    answer_example=examples.ENTRY,
)
def retire_entry(context: CommandContext, form: Retired, kind: EntryKind, code: Code) -> Answer:
    known = context.unit.load(CATALOGUE, ID) or Catalogue(ID)
    context.match(known.version)
    return _entry_response(services.retire_entry(context.unit, kind, code, form.on, form.why), kind, code)
