"""Pages of venues: the list, one venue with its rooms, hours and closures, and the forms that change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from starlette.responses import Response

from api.pages.command_forms import CommandForm
from api.pages.labels import choice_of, marked
from api.pages.page import Page
from api.pages.routes import Pages
from api.pages.tables import Cell, Filter, ListColumn, ListTable, list_page
from domain.venue import VenueKind

pages = Pages()

EVENTS = "venue={venue}"
OWN = "/venues/{venue}"


def _kind(page: Page, venue: Any) -> Cell:
    return Cell(page.language.gettext(choice_of(venue["kind"])))


async def _prepare(page: Page, venues: Sequence[Any]) -> None:
    await page.area_names({venue["area"] for venue in venues})


VENUES = ListTable(
    marked("Venues"),
    "/venues",
    (
        ListColumn(marked("Name"), lambda _, venue: Cell(venue["name"], f"/venues/{venue['key']}"), "name"),
        ListColumn(marked("Key"), lambda _, venue: Cell(venue["key"]), "key"),
        ListColumn(marked("Kind"), _kind),
        ListColumn(marked("Area"), lambda page, venue: Cell(page.known_area_name(venue["area"]))),
        ListColumn(marked("Rooms"), lambda _, venue: Cell(str(len(venue["rooms"])), is_number=True)),
    ),
    marked("There are no venues yet. Register the first one, or import a table of them."),
    (Filter("area", marked("Area")), Filter("kind", marked("Kind"), get_args(VenueKind))),
    _prepare,
)


@pages.get("/venues", may="venues.read")
async def venues(page: Page) -> Response:
    actions = [("/venues/new", page.language.gettext(marked("Register a venue")))]
    return await list_page(page, VENUES, actions if page.viewer.may("venues.register") else ())


async def _described(page: Page, venue: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**venue, "area": (await page.area(venue["area"]))["key"]}


def _terms(_: Page, venue: Mapping[str, Any]) -> Mapping[str, Any]:
    return venue["terms"]  # type: ignore[no-any-return]


REGISTER = CommandForm(
    "register_venue", "/venues", marked("Register a venue"), "/venues/{created}", marked("Register the venue")
)
FORMS = (
    CommandForm(
        "describe_venue",
        OWN + "/describe",
        marked("Describe the venue"),
        OWN,
        marked("Save"),
        OWN,
        _described,
        events=EVENTS,
    ),
    CommandForm(
        "lend_venue", OWN + "/lend", marked("Terms"), OWN, marked("Save"), OWN, _terms, events=EVENTS
    ),
    CommandForm("open_room", OWN + "/rooms", marked("Add a room"), OWN, marked("Save"), OWN, events=EVENTS),
    CommandForm(
        "close_venue", OWN + "/close", marked("Close for some days"), OWN, marked("Close"), OWN, events=EVENTS
    ),
    CommandForm(
        "retire_venue",
        OWN + "/retire",
        marked("Lend nothing any more"),
        OWN,
        marked("Save"),
        OWN,
        events=EVENTS,
    ),
)
REGISTER.register(pages, "/venues/new")
for form in FORMS:
    form.register(pages)


@pages.get("/venues/{venue}", may="venues.read")
async def venue(page: Page, venue: str) -> Response:
    """One venue with everything that holds there, and the forms that this person may use."""
    record = await page.read(f"/venues/{venue}")
    await page.area_names({record["area"]})
    forms = [form for form in FORMS if page.viewer.may(form.may)]
    return page.show("venue.html", venue=record, forms=forms)
