"""Pages of personal records: name and address of a volunteer or a guardian, and who has looked at them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from api.pages.command_forms import CommandForm
from api.pages.labels import choice_of, marked
from api.pages.page import Page
from api.pages.records import Fact, PageLink, Record, record_page
from api.pages.routes import Pages
from api.pages.tables import Cell, ListColumn, ListTable, list_page

pages = Pages()

OWN = "/people/{volunteer}/{who}"


def _written(_: Page, person: Mapping[str, Any]) -> Mapping[str, Any]:
    return person


WRITE = CommandForm(
    "write_person",
    OWN,
    marked("Name, telephone and address"),
    OWN,
    marked("Save"),
    intro=marked("The whole record: what is left empty is forgotten."),
    address=OWN + "/new",
)
CHANGE = CommandForm(
    "write_person",
    OWN,
    marked("Name, telephone and address"),
    OWN,
    marked("Save"),
    OWN,
    _written,
    intro=marked("The whole record: what is left empty is forgotten."),
    is_versioned=False,
    address=OWN + "/write",
)
ERASE = CommandForm(
    "erase_person",
    OWN + "/erase",
    marked("Erase the personal record"),
    "/volunteers/{volunteer}",
    marked("Erase for good"),
    intro=marked(
        "Name, telephone, address and point are erased, and so are they in what was stored of them."
    ),
    is_final=True,
)
WRITE.register(pages)
CHANGE.register(pages)
ERASE.register(pages)

LOOKS = ListTable(
    marked("Who looked at this record"),
    "/people",
    (
        ListColumn(
            marked("When"),
            lambda page, look: Cell(page.language.instant(datetime.fromisoformat(look["at"]))),
            "at",
        ),
        ListColumn(marked("Who"), lambda _, look: Cell(look["by"])),
        ListColumn(marked("What"), lambda page, look: Cell(page.language.gettext(choice_of(look["deed"])))),
    ),
    marked("Nobody has looked at this record."),
)


@pages.get(OWN, may="people.read")
async def person(page: Page, volunteer: str, who: str) -> Response:
    """The personal record; that somebody looked is recorded."""
    await page.client.require_within("people.read", {"volunteer": volunteer})
    path, words = {"volunteer": volunteer, "who": who}, page.language.gettext
    back = PageLink(f"/volunteers/{volunteer}", volunteer)
    looks = PageLink(f"/people/{volunteer}/{who}/looks", words(LOOKS.title))
    reply = await page.client.read(f"/people/{volunteer}/{who}")
    title = words(marked("Guardian")) if who == "guardian" else words(marked("Volunteer"))
    notice = words(marked("That you looked is recorded, and the person may read it."))
    if reply.status == 404:
        notice = words(marked("There is no personal record here, or it was erased."))
        new = PageLink(f"/people/{volunteer}/{who}/new", words(WRITE.title))
        return await record_page(
            page, Record(title, back, (), notices=[notice], links=[new, looks], path=path), ()
        )
    record = reply.required()
    facts = (
        Fact(marked("Name"), record["name"]),
        Fact(marked("Telephone"), record["phone"]),
        Fact(marked("E-mail"), record["email"]),
        Fact(marked("Address"), record["address"]),
        Fact(marked("Home on the map"), ", ".join(map(str, record["home"] or ()))),
    )
    links = [looks]
    if page.viewer.may("people.write"):
        links.insert(0, PageLink(f"/people/{volunteer}/{who}/write", words(marked("Change"))))
    return await record_page(
        page,
        Record(f"{title}: {volunteer}", back, facts, notices=[notice], links=links, path=path),
        (ERASE,),
    )


@pages.get(OWN + "/looks", may="people.looks")
async def looks(page: Page, volunteer: str, who: str) -> Response:
    return await list_page(page, LOOKS, path=f"/people/{volunteer}/{who}/looks")
