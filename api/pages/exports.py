"""Pages of exports: what is registered as tables, for spreadsheets and for the import of another district."""

from __future__ import annotations

from starlette.responses import Response

from adapters.exports.master_data import EXPORTS
from api.pages.imports import FORMATS, file_page
from api.pages.labels import choice_of, marked
from api.pages.page import Page
from api.pages.records import PageLink, Record, Section, record_page
from api.pages.routes import Pages
from api.pages.tables import Cell

pages = Pages()


@pages.get("/exports", may="exports.data")
async def exports(page: Page) -> Response:
    """A table of each kind, in each format."""
    words = page.language.gettext
    rows = [
        (
            Cell(words(choice_of(kind))),
            *(Cell(format.upper(), f"/exports/data/{kind}/{format}") for format in FORMATS),
        )
        for kind in EXPORTS
    ]
    headings = (marked("Rows"), marked("Table"), marked("Table"))
    sections = [Section(marked("Tables without names of people"), headings, rows, "")]
    if page.viewer.may("exports.people"):
        people = [
            (
                Cell(words(choice_of("volunteers"))),
                *(Cell(format.upper(), f"/exports/people/{format}") for format in FORMATS),
            )
        ]
        sections.append(
            Section(
                marked("With names and telephone numbers; that you looked is recorded"), headings, people, ""
            )
        )
    back = PageLink("/administration", words(marked("Administration")))
    return await record_page(page, Record(words(marked("Exports")), back, (), sections), ())


@pages.get("/exports/data/{kind}/{format}", may="exports.data")
async def data(page: Page, kind: str, format: str) -> Response:
    return file_page(await page.client.response(f"/exports/data/{kind}/{format}"))


@pages.get("/exports/people/{format}", may="exports.people")
async def people(page: Page, format: str) -> Response:
    return file_page(await page.client.response(f"/exports/people/{format}"))
