"""Pages of opening hours: rows for the usual week, holidays and single days, of the house or of one room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from api.pages.host.hours_form import (
    WEEKS,
    Errors,
    HoursForm,
    changed,
    form_from,
    form_of,
    hours_from,
)
from api.pages.host.hours_rows import (
    EditableHours,
    HostHours,
    editable,
    json_of_rules,
    mark_of_period,
    rules_of_rows,
)
from api.pages.host.hours_words import (
    PATTERNS,
    hours_in_words,
    period_in_words,
    periods_in_words,
    rows_in_words,
    weekday_name,
)
from api.pages.host.pages import form_values
from api.pages.host.trials import CommandOutcome, FormKeys, TriedCommand, done_or_shown, mark_of
from api.pages.host.venue_page import HostVenue, host_venue
from api.pages.labels import marked
from api.pages.page import Page
from api.pages.routes import Fields, Pages, is_shown_only
from domain.opening import OpeningHours, Period

pages = Pages()

Room = Mapping[str, Any]
WORKING_DAYS = "1\n2\n3\n4\n5"
SAYS = {
    "announced": marked("{days} {start} to {end}: open"),
    "announced_closed": marked("{days} {start} to {end}: closed"),
    "cell_open": marked("{day} {time}, open"),
    "cell_closed": marked("{day} {time}, closed"),
    "cell_partly": marked("{day} {time}, open for a part"),
    "start_chosen": marked("From {day} {time}. Now choose the end."),
    "cancelled": marked("Nothing chosen."),
    "week": marked("Week to paint"),
    "how": marked(
        "Drag over the week, or choose a start and then an end. By keys: arrows, Shift and arrows, Space."
    ),
}


@pages.get("/host/{venue}/hours", may="venues.write")
async def house_hours(page: Page, venue: str) -> Response:
    host = await host_venue(page, venue)
    return _first_shown(page, host, None)


@pages.post("/host/{venue}/hours", may="venues.write")
async def set_house_hours(page: Page, fields: Fields, venue: str) -> Response:
    return await _sent(page, fields, await host_venue(page, venue), None)


@pages.get("/host/{venue}/rooms/{room}/hours", may="venues.write")
async def room_hours(page: Page, venue: str, room: str) -> Response:
    host = await host_venue(page, venue)
    return _first_shown(page, host, await page.read(f"/venues/{venue}/rooms/{room}"))


@pages.post("/host/{venue}/rooms/{room}/hours", may="venues.write")
async def set_room_hours(page: Page, fields: Fields, venue: str, room: str) -> Response:
    host = await host_venue(page, venue)
    return await _sent(page, fields, host, await page.read(f"/venues/{venue}/rooms/{room}"))


def _first_shown(page: Page, host: HostVenue, room: Room | None) -> Response:
    """The hours that hold now as rows; a room without its own begins with those of the house."""
    opening = host.own_hours(room) or host.own_hours(None)
    known = None if opening is None else editable(opening)
    form = HoursForm({"usual": [_first_row()]}) if known is None else form_of(known.rows)
    return _page(page, host, room, form, FormKeys.of({}, host.etag))


def _first_row() -> dict[str, str]:
    return {"weekdays": WORKING_DAYS, "start": "", "end": ""}


async def _sent(page: Page, fields: Fields, host: HostVenue, room: Room | None) -> Response:
    state = FormKeys.of(fields)
    form = form_from(fields)
    if is_shown_only(fields):
        return _page(page, host, room, form, state, fields=fields)
    if action := fields.get("do", ""):
        return _page(page, host, room, changed(form, action), state, fields=fields)
    if fields.get("follow") == "yes" and room is not None:
        steps = [_step(host, {"room": room["key"], "as_venue": True})]
    else:
        hours, errors = hours_from(form)
        opening = rules_of_rows(hours, _beside_rows(host, room, fields))
        lost = _lost(page, host, [room, *_others(host, room, fields)], opening)
        if errors or (lost and fields.get("replace") != "yes"):
            return _page(
                page, host, room, form, state, fields=fields, wrong=errors, asks_to_replace=not errors
            )
        periods = json_of_rules(opening)
        targets = [room, *_others(host, room, fields)]
        steps = [_step(host, {"room": each and each["key"], "periods": periods}) for each in targets]
    outcome = await done_or_shown(page, fields, steps, state)
    if outcome.is_done:
        return page.go(f"/host/{host.key}", saved=True)
    return _page(page, host, room, form, state, fields=fields, outcome=outcome, mark=mark_of(steps))


def _step(host: HostVenue, body: dict[str, Any]) -> TriedCommand:
    return TriedCommand(f"/venues/{host.key}/opening-rules", body)


def _others(host: HostVenue, room: Room | None, fields: Fields) -> list[Room]:
    """The other rooms that are to have the same hours."""
    chosen = fields.get("also", "").split("\n")
    return [each for each in host.rooms if each["key"] in chosen and each != room]


def _beside_rows(host: HostVenue, room: Room | None, fields: Fields) -> list[Period]:
    """The periods that stay beside the rows: those that rows cannot say, without those that are to go.

    A room that gets hours of its own begins with those of the house.
    """
    known = _known(host, room)
    dropped = fields.get("drop", "").split("\n")
    return [period for period in known.beside if mark_of_period(period) not in dropped] if known else []


def _known(host: HostVenue, room: Room | None) -> EditableHours | None:
    opening = host.own_hours(room) or host.own_hours(None)
    return None if opening is None else editable(opening)


def _lost(page: Page, host: HostVenue, rooms: Sequence[Room | None], opening: OpeningHours) -> list[str]:
    """In words, what would be replaced though rows cannot say it: an odd week, or the seasons of a copy's target."""
    lines: list[str] = []
    for room in rooms:
        own = host.own_hours(room)
        known = None if own is None else editable(own)
        if own is not None and known is None:
            lines += hours_in_words(page.language, own)
        elif known is not None and room is not rooms[0]:
            gone = [period for period in known.beside if period not in opening.periods]
            lines += periods_in_words(page.language, gone)
    return list(dict.fromkeys(lines))


def _page(
    page: Page,
    host: HostVenue,
    room: Room | None,
    form: HoursForm,
    state: FormKeys,
    **sent: Any,
) -> Response:
    """`sent` is what came of the form, where it was sent: its fields, errors, and the outcome of its commands."""
    fields: Fields = sent.get("fields", {})
    wrong: Errors = sent.get("wrong", {})
    outcome: CommandOutcome | None = sent.get("outcome")
    hours, _ = hours_from(form)
    beside, shown_beside = _beside_rows(host, room, fields), _beside_rows(host, room, {})
    asks_to_replace = sent.get("asks_to_replace", False)
    is_wrong = bool(wrong) or asks_to_replace
    status = outcome.problem.status if outcome and outcome.problem else 422 if is_wrong else 200
    common = form_values(host, state, outcome, sent.get("mark", ""))
    return page.show(
        "host/hours.html",
        status,
        host=host,
        room=room,
        form=form,
        fields=fields,
        wrong=wrong,
        is_wrong=is_wrong,
        lost=_lost(page, host, [room, *_others(host, room, fields)], rules_of_rows(hours, beside)),
        beside=[(mark_of_period(period), period_in_words(page.language, period)) for period in shown_beside],
        asks_to_replace=asks_to_replace,
        words=rows_in_words(page.language, hours) if hours != HostHours() else [],
        now=_now(page, host, room) if common["is_changed"] else [],
        data=_data(page),
        **common,
    )


def _now(page: Page, host: HostVenue, room: Room | None) -> list[str]:
    own = host.own_hours(room)
    return [] if own is None else hours_in_words(page.language, own)


def _data(page: Page) -> dict[str, Any]:
    """What the script that paints a week has to say, in the language of the page."""
    words = page.language.gettext
    return {
        "sections": list(WEEKS),
        "words": {name: words(text) for name, text in (PATTERNS | SAYS).items()},
        "days": [weekday_name(page.language, weekday) for weekday in range(1, 8)],
        "shortDays": [weekday_name(page.language, weekday, "short") for weekday in range(1, 8)],
    }
