"""Pages of the catalogue: the words that requests and volunteers may name."""

from __future__ import annotations

from typing import Any, get_args

from starlette.responses import Response

from api.pages.command_forms import CommandForm
from api.pages.labels import choice_of, marked
from api.pages.page import Page
from api.pages.records import Fact, PageLink, Record, record_page
from api.pages.routes import Pages
from api.pages.tables import Cell, Filter, ListColumn, ListTable, list_page
from api.pages.time_words import day_words
from domain.catalogue import EntryKind

pages = Pages()

OWN = "/catalogue/{kind}/{code}"


def _name(page: Page, entry: Any) -> Cell:
    return Cell(page.text_of(entry["names"]) or entry["code"], OWN.format(**entry))


WORDS = ListTable(
    marked("Catalogue"),
    "/catalogue",
    (
        ListColumn(marked("Name"), _name),
        ListColumn(marked("Code"), lambda _, each: Cell(each["code"]), "code"),
        ListColumn(
            marked("Kind"), lambda page, each: Cell(page.language.gettext(choice_of(each["kind"]))), "kind"
        ),
        ListColumn(
            marked("Kind of learning"), lambda page, each: Cell(page.word("function", each["function"] or ""))
        ),
        ListColumn(marked("Until"), lambda page, each: Cell(day_words(page, each["until"]))),
    ),
    marked("No words are in the catalogue yet. Add the first one, or import a table of them."),
    (
        Filter("kind", marked("Kind"), get_args(EntryKind)),
        Filter("function", marked("Kind of learning")),
        Filter("on", marked("May be used on (2026-12-31)")),
    ),
    lambda page, _: page.learn_words(),
)
ADD = CommandForm(
    "add_entry",
    "/catalogue",
    marked("Add a word"),
    "/catalogue",
    marked("Add"),
    intro=marked("A topic belongs to a kind of learning; leave that empty for all others."),
    address="/catalogue/new",
)
RETIRE = CommandForm(
    "retire_entry",
    OWN + "/retire",
    marked("Retire the word"),
    OWN,
    marked("Save"),
    OWN,
    intro=marked("From that day on no new request names it; what names it already stays."),
)
ADD.register(pages)
RETIRE.register(pages)


@pages.get("/catalogue", may="catalogue.read")
async def catalogue(page: Page) -> Response:
    actions = [("/catalogue/new", page.language.gettext(ADD.title))]
    return await list_page(page, WORDS, actions if page.viewer.may("catalogue.write") else ())


@pages.get(OWN, may="catalogue.read")
async def entry(page: Page, kind: str, code: str) -> Response:
    """One word, in all its languages."""
    record = await page.read(f"/catalogue/{kind}/{code}")
    await page.learn_words()
    names = "; ".join(f"{name} ({language})" for language, name in record["names"])
    function = record["function"] or ""
    facts = (
        Fact(marked("Names"), names),
        Fact(marked("Code"), record["code"]),
        Fact(marked("Kind"), page.language.gettext(choice_of(record["kind"]))),
        Fact(
            marked("Kind of learning"),
            page.word("function", function),
            f"/catalogue/function/{function}" if function else "",
        ),
        Fact(marked("May be used from"), day_words(page, record["since"], "long")),
        Fact(marked("May be used until the day before"), day_words(page, record["until"], "long")),
    )
    back = PageLink("/catalogue", page.language.gettext("Catalogue"))
    title = page.text_of(record["names"]) or record["code"]
    return await record_page(page, Record(title, back, facts, path={"kind": kind, "code": code}), (RETIRE,))
