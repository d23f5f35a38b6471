"""Queries about the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from adapters.queries.paging import Page, Paging, SortKey, page
from adapters.store.streams import CATALOGUE
from adapters.store.views import Views
from domain.catalogue import CATALOGUE as ID
from domain.catalogue import Catalogue, Entry, EntryKind, codes


@dataclass(frozen=True, slots=True)
class CatalogueQuery:
    """Which words: of a kind, topics of a function, or those that may be used on a day; None of a filter: all."""

    paging: Paging
    kind: EntryKind | None = None
    function: str | None = None
    on: date | None = None


def _kind_and_code(entry: Entry) -> str:
    return f"{entry.kind} {entry.code}"


_KEYS: dict[str, SortKey[Entry]] = {"code": lambda entry: entry.code, "kind": _kind_and_code}


def entries(views: Views, query: CatalogueQuery) -> Page[Entry]:
    """The words that the query names. Raises BadCursor."""
    catalogue = catalogue_of(views)
    matching = (
        entry
        for entry in catalogue.entries
        if query.kind in (None, entry.kind)
        and query.function in (None, entry.function)
        and (query.on is None or entry.code in codes(catalogue, entry.kind, query.on))
    )
    return page(matching, _KEYS, _kind_and_code, query.paging)


def catalogue_of(views: Views) -> Catalogue:
    """All words, none before the first was added."""
    return views.get(CATALOGUE, ID) or Catalogue(ID)
