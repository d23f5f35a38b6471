"""Pages that take time or a room back: first whom it touches, then the button; and the way back afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api.pages.form_fields import minute_of_clock
from api.pages.host.pages import form_values
from api.pages.host.trials import CommandOutcome, FormKeys, TriedCommand, done, done_or_shown, mark_of, tried
from api.pages.host.venue_page import HostVenue, host_venue
from api.pages.labels import marked
from api.pages.page import Page
from api.pages.routes import Fields, Pages, is_shown_only

pages = Pages()

USUAL_REASON = marked("The house is closed")
USUAL_RECALL = marked("We need the room ourselves")
OPEN_AGAIN = marked("It is open after all")


def _first_reason(page: Page, host: HostVenue, usual: str) -> str:
    """What stands in the field of the reason: the one that was given last, else a neutral one."""
    return next(iter(host.reasons), page.language.gettext(usual))


# ---- Closing


@pages.get("/host/{venue}/close", may="venues.close")
async def close_form(page: Page, venue: str) -> Response:
    """The form; where the address names a day, with what closing then does to whom."""
    host = await host_venue(page, venue)
    query = page.request.query_params
    typed = {name: query[name] for name in ("first", "last") if name in query}
    typed["rooms"] = "\n".join(query.getlist("room"))
    typed["why"] = _first_reason(page, host, USUAL_REASON)
    state = FormKeys.of({}, host.etag)
    if not typed.get("first"):
        return _close_page(page, host, typed, state)
    steps = _closing(host, typed)
    return _close_page(page, host, typed, state, outcome=await tried(page, steps), mark=mark_of(steps))


@pages.post("/host/{venue}/close", may="venues.close")
async def close(page: Page, fields: Fields, venue: str) -> Response:
    host = await host_venue(page, venue)
    state = FormKeys.of(fields)
    if is_shown_only(fields):
        return _close_page(page, host, fields, state)
    steps = _closing(host, fields)
    outcome = await done_or_shown(page, fields, steps, state, asks=True)
    if outcome.is_done:
        return page.go(f"/host/{host.key}?closed={outcome.answer['closure']}")
    return _close_page(page, host, fields, state, outcome=outcome, mark=mark_of(steps))


def _closing(host: HostVenue, typed: Mapping[str, str]) -> list[TriedCommand]:
    body: dict[str, Any] = {
        "first": typed.get("first", ""),
        "rooms": typed.get("rooms", "").split("\n") if typed.get("rooms") else [],
        "why": typed.get("why", ""),
        "emergency": typed.get("emergency") == "yes",
    }
    if typed.get("last"):
        body["last"] = typed["last"]
    for name, field in (("start", "start_min"), ("end", "end_min")):
        if text := typed.get(name, "").strip():
            minute = minute_of_clock(text)
            body[field] = text if minute is None else minute
    return [TriedCommand(f"/venues/{host.key}/close", body)]


def _close_page(
    page: Page,
    host: HostVenue,
    typed: Mapping[str, str],
    state: FormKeys,
    *,
    outcome: CommandOutcome | None = None,
    mark: str = "",
) -> Response:
    problem = outcome.problem if outcome else None
    return page.show(
        "host/close.html",
        problem.status if problem else 200,
        host=host,
        typed=typed,
        is_tried=outcome is not None and problem is None,
        is_short_notice=problem is not None and problem.name == "short-notice",
        **form_values(host, state, outcome, mark),
    )


@pages.post("/host/{venue}/closures/{closure}/lift", may="venues.close")
async def lift(page: Page, fields: Fields, venue: str, closure: str) -> Response:
    """Open again. It takes nothing from anybody, and the house can be closed again, so it is done at once."""
    host = await host_venue(page, venue)
    if is_shown_only(fields):
        return page.go(f"/host/{host.key}")
    step = TriedCommand(
        f"/venues/{host.key}/closures/{closure}/lift", {"why": page.language.gettext(OPEN_AGAIN)}
    )
    outcome = await done(page, [step], FormKeys.of(fields))
    if outcome.problem is not None:
        return page.refused(outcome.problem)
    return page.go(f"/host/{host.key}", saved=True)


# ---- Taking a room back


@pages.get("/host/{venue}/rooms/{room}/take-back", may="venues.write")
async def recall_form(page: Page, venue: str, room: str) -> Response:
    host = await host_venue(page, venue)
    record = await page.read(f"/venues/{venue}/rooms/{room}")
    typed = {"why": _first_reason(page, host, USUAL_RECALL)}
    steps = _recalling(host, record, typed)
    outcome = await tried(page, steps)
    return _recall_page(page, host, record, typed, FormKeys.of({}, host.etag), outcome)


@pages.post("/host/{venue}/rooms/{room}/take-back", may="venues.write")
async def recall(page: Page, fields: Fields, venue: str, room: str) -> Response:
    host = await host_venue(page, venue)
    record = host.room(room) or next((each for each in host.former if each["key"] == room), None)
    if record is None:
        record = await page.read(f"/venues/{venue}/rooms/{room}")
    state = FormKeys.of(fields)
    if is_shown_only(fields):
        return _recall_page(page, host, record, fields, state, CommandOutcome())
    outcome = await done_or_shown(page, fields, _recalling(host, record, fields), state, asks=True)
    if outcome.is_done:
        return page.go(f"/host/{host.key}?taken={record['key']}")
    return _recall_page(page, host, record, fields, state, outcome)


def _recalling(host: HostVenue, room: Mapping[str, Any], typed: Mapping[str, str]) -> list[TriedCommand]:
    return [TriedCommand(f"/venues/{host.key}/rooms/{room['key']}/withdraw", {"why": typed.get("why", "")})]


def _recall_page(
    page: Page,
    host: HostVenue,
    room: Mapping[str, Any],
    typed: Mapping[str, str],
    state: FormKeys,
    outcome: CommandOutcome,
) -> Response:
    return page.show(
        "host/take_back.html",
        outcome.problem.status if outcome.problem else 200,
        host=host,
        room=room,
        room_parts=[part for part in host.rooms if part["part_of"] == room["id"]],
        typed=typed,
        **form_values(host, state, outcome, mark_of(_recalling(host, room, typed))),
    )
