"""Pages of calendar feeds: addresses that calendar programs fetch, each shown once, also as a QR code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

import segno
from starlette.responses import Response

from adapters.exports.agendas import AgendaKind
from api.pages.command_forms import CommandForm
from api.pages.labels import choice_of, marked
from api.pages.page import Page
from api.pages.routes import Pages
from api.pages.tables import Cell, Filter, ListColumn, ListTable, list_page

pages = Pages()


def _revoke(page: Page, feed: Any) -> Cell:
    if not page.viewer.may("feeds.revoke"):
        return Cell("")
    return Cell(page.language.gettext(REVOKE.title), REVOKE.path.format(feed=feed["id"]))


FEEDS = ListTable(
    marked("Calendar feeds"),
    "/feeds",
    (
        ListColumn(marked("About"), lambda _, each: Cell(each["key"]), "key"),
        ListColumn(marked("Kind"), lambda page, each: Cell(page.language.gettext(choice_of(each["kind"])))),
        ListColumn(marked("Shows"), lambda page, each: Cell(page.language.gettext(choice_of(each["form"])))),
        ListColumn(marked("Made by"), lambda _, each: Cell(each["by"])),
        ListColumn(
            marked("Made"),
            lambda page, each: Cell(page.language.instant(datetime.fromisoformat(each["made"]))),
            "made",
        ),
        ListColumn(marked("End it"), _revoke),
    ),
    marked("There are no feeds. Make one on the page of an area, a venue, a room, a volunteer or a request."),
    (Filter("kind", marked("Kind"), get_args(AgendaKind)),),
)


def _address(page: Page, answer: Mapping[str, Any], _: Mapping[str, str]) -> Response:
    url = answer["url"]
    code = segno.make(url, micro=False).svg_data_uri(scale=5, light="#fff") if url else ""
    return page.show(
        "feed_made.html",
        201,
        headers={"Cache-Control": "no-store"},
        feed=answer["feed"],
        url=url,
        code=code,
    )


def _form(operation: str, owner: str) -> CommandForm:
    return CommandForm(
        operation,
        f"{owner}/feeds",
        marked("Make a calendar feed"),
        owner,
        marked("Make the feed"),
        intro=marked(
            "Calendars on telephones and computers fetch the released classes from its address, and go on doing so. "
            "Whoever has the address reads them."
        ),
        result=_address,
    )


FORMS = (
    _form("feed_area", "/areas/{area}"),
    _form("feed_venue", "/venues/{venue}"),
    _form("feed_room", "/venues/{venue}/rooms/{room}"),
    _form("feed_request", "/requests/{request}"),
    _form("feed_volunteer", "/volunteers/{volunteer}"),
)
REVOKE = CommandForm(
    "revoke_feed",
    "/feeds/{feed}/revoke",
    marked("Revoke the feed"),
    "/feeds",
    marked("Revoke"),
    intro=marked("Calendars that fetch it find nothing at its address any more."),
    is_final=True,
)
for form in (*FORMS, REVOKE):
    form.register(pages)


@pages.get("/feeds", may="feeds.read")
async def feeds(page: Page) -> Response:
    return await list_page(page, FEEDS)
