"""Pages of a host: the venues that they answer for, one venue with all that holds there, its rooms and its terms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from unicodedata import normalize

from starlette.responses import Response

from api.http.resources.rooms.endpoints import Opened
from api.pages.command_forms import CommandForm
from api.pages.form_fields import body_of, shapes_of, typed_from
from api.pages.host.hours_words import hours_in_words
from api.pages.host.trials import CommandOutcome, FormKeys, TriedCommand, done_or_shown, mark_of
from api.pages.host.venue_page import (
    ROOM_OPENED,
    HostVenue,
    asked_week,
    change_words,
    host_venue,
    week_in,
)
from api.pages.labels import marked
from api.pages.operation_client import ProblemDetails
from api.pages.page import Page
from api.pages.routes import Fields, Pages, is_shown_only

pages = Pages()

ROOM_SHAPES = shapes_of(Opened, ("key",))
FIRST_FIELDS = ("name", "capacity", "accessible")  # what a new room needs; the rest can wait
USUAL_ROOM = {"turnaround_minutes": "15"}
MOST_VENUES = 100


@pages.get("/host", may="venues.write")
async def hosts(page: Page) -> Response:
    """The only venue of this person at once; of several a choice."""
    ids = [grant["within"] for grant in page.viewer.grants if grant["role"] == "host" and grant["within"]]
    venues = [await page.read_if_there(f"/venues/{id}") for id in ids[:MOST_VENUES]]
    known = sorted((venue for venue in venues if venue), key=lambda venue: str(venue["name"]))
    if len(known) == 1:
        return page.go(f"/host/{known[0]['key']}")
    return page.show("host/venues.html", venues=known)


@pages.get("/host/{venue}", may="venues.write")
async def venue(page: Page, venue: str) -> Response:
    """Rooms, this week in them, hours, closed days and terms; the empty ones say what to do first."""
    return await shown(page, await host_venue(page, venue))


async def shown(page: Page, host: HostVenue, **values: Any) -> Response:
    week = await week_in(page, host, asked_week(page))
    today = page.today.isoformat()
    closures = sorted(
        (closure for closure in host.record["closures"] if closure["last"] >= today),
        key=lambda closure: (closure["first"], closure["id"]),
    )
    shown_closures = [
        {
            **closure,
            "rooms": [host.room_of_id(id) for id in closure["rooms"]],
            "why": host.why_closed(closure["id"]),
        }
        for closure in closures
    ]
    common = {
        "host": host,
        "week": week,
        "hours": _hours(page, host),
        "closures": shown_closures,
        "tomorrow": page.today + timedelta(days=1),
        "just_closed": page.request.query_params.get("closed", ""),
        "room_shapes": [shape for shape in ROOM_SHAPES if shape.name in FIRST_FIELDS],
        "typed": {},
        "errors": {},
        "problem": None,
        "state": FormKeys.of({}, host.etag),
    }
    status = values["problem"].status if values.get("problem") else 200
    return page.show("host/venue.html", status, **{**common, **values})


def _hours(page: Page, host: HostVenue) -> list[tuple[Any, list[str]]]:
    """The hours in words: first those of the house, then those of rooms that have their own."""
    lines = []
    for room in (None, *host.rooms):
        own = host.own_hours(room)
        if own is not None:
            lines.append((room, hours_in_words(page.language, own)))
    return lines


def needs_hours(host: HostVenue, room: Mapping[str, Any] | None) -> bool:
    """Whether a room is never open, since neither it nor the house has hours."""
    return host.own_hours(None) is None and (room is None or host.own_hours(room) is None)


# ---- Rooms


@pages.get("/host/{venue}/rooms", may="venues.write")
async def new_room(page: Page, venue: str) -> Response:
    host = await host_venue(page, venue)
    return _room_page(page, host, None, USUAL_ROOM, FormKeys.of({}, host.etag))


@pages.post("/host/{venue}/rooms", may="venues.write")
async def add_room(page: Page, fields: Fields, venue: str) -> Response:
    """Lend a room for the first time, or again. The next page is that of the hours, where there are none."""
    host = await host_venue(page, venue)
    known = (*host.rooms, *host.former)
    again = next((room for room in known if room["key"] == fields.get("again")), None)
    if again is not None:
        body: dict[str, Any] = {"key": again["key"], **_body_of_record(host, again)}
    else:
        body = {"key": _new_key(host, fields), **body_of(ROOM_SHAPES, {**USUAL_ROOM, **fields})}
    return await _saved_room(page, host, None, fields, body)


@pages.get("/host/{venue}/rooms/{room}", may="venues.write")
async def room(page: Page, venue: str, room: str) -> Response:
    host = await host_venue(page, venue)
    record = await page.read(f"/venues/{venue}/rooms/{room}")
    typed = typed_from(ROOM_SHAPES, _body_of_record(host, record))
    return _room_page(page, host, record, typed, FormKeys.of({}, host.etag))


@pages.post("/host/{venue}/rooms/{room}", may="venues.write")
async def change_room(page: Page, fields: Fields, venue: str, room: str) -> Response:
    host = await host_venue(page, venue)
    record = await page.read(f"/venues/{venue}/rooms/{room}")
    return await _saved_room(
        page, host, record, fields, {"key": record["key"], **body_of(ROOM_SHAPES, fields)}
    )


def _body_of_record(host: HostVenue, room: Mapping[str, Any]) -> dict[str, Any]:
    """A room as the command takes it, all of it: what is left out would go back to its default."""
    names = [shape.name for shape in ROOM_SHAPES]
    whole = host.room_of_id(room["part_of"])
    record = {**room, "part_of": whole["key"] if whole else None}
    return {name: record[name] for name in names}


def _new_key(host: HostVenue, fields: Fields) -> str:
    """A key from the name of a room that no room had when the form was made, so that a form sent twice has one key."""
    name = normalize("NFKD", fields.get("name", "")).encode("ascii", "ignore").decode()
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "room"
    newer = {
        change["room"]
        for change in host.changes_since(fields.get("version", ""))
        if change["type"] == ROOM_OPENED
    }
    known = (*host.rooms, *host.record["former"])
    taken = {room["key"] for room in known if room["id"] not in newer}
    number = next(number for number in range(1, 1000) if _numbered(key, number) not in taken)
    return _numbered(key, number)


def _numbered(key: str, number: int) -> str:
    return key if number == 1 else f"{key}-{number}"


async def _saved_room(
    page: Page,
    host: HostVenue,
    record: Mapping[str, Any] | None,
    fields: Fields,
    body: dict[str, Any],
) -> Response:
    state = FormKeys.of(fields)
    if is_shown_only(fields):
        return _room_page(page, host, record, fields, state)
    steps = [TriedCommand(f"/venues/{host.key}/rooms", body)]
    outcome = await done_or_shown(page, fields, steps, state)
    if not outcome.is_done:
        return _room_page(page, host, record, fields, state, outcome=outcome, mark=mark_of(steps))
    if record is None and needs_hours(host, None):
        return page.go(f"/host/{host.key}/hours", saved=True)
    return page.go(f"/host/{host.key}", saved=True)


def _room_page(
    page: Page,
    host: HostVenue,
    record: Mapping[str, Any] | None,
    typed: Mapping[str, str],
    state: FormKeys,
    *,
    outcome: CommandOutcome | None = None,
    mark: str = "",
) -> Response:
    problem = outcome.problem if outcome else None
    return page.show(
        "host/room.html",
        problem.status if problem else 200,
        host=host,
        room=record,
        shapes=ROOM_SHAPES,
        typed=typed,
        **form_values(host, state, outcome, mark),
    )


def form_values(
    host: HostVenue, state: FormKeys, outcome: CommandOutcome | None, mark: str
) -> dict[str, Any]:
    """What each form of a host shows beside its fields: what is wrong, what it breaks, and who was faster.

    A form that is refused since somebody else was faster goes on from what they made.
    """
    problem = outcome.problem if outcome else None
    is_changed = problem is not None and is_overtaken(problem)
    refused = FormKeys.of({}, host.etag if is_changed else state.version)
    return {
        "state": refused if problem else state,
        "problem": problem,
        "errors": problem.fields if problem else {},
        "broken": outcome.broken if outcome else (),
        "mark": mark,
        "is_changed": is_changed,
        "changes": host.changes_since(state.version) if is_changed else [],
        "change_words": change_words,
    }


def is_overtaken(problem: ProblemDetails) -> bool:
    """Whether a form was made from something that has changed meanwhile."""
    return problem.name in ("changed-meanwhile", "key-used-otherwise")


# ---- Terms


def _terms(_: Page, record: Mapping[str, Any]) -> Mapping[str, Any]:
    return record["terms"]  # type: ignore[no-any-return]


TERMS = CommandForm(
    "lend_venue",
    "/venues/{venue}/lend",
    marked("Terms"),
    "/host/{venue}",
    marked("Save"),
    "/venues/{venue}",
    _terms,
)


@pages.get("/host/{venue}/terms", may="venues.write")
async def terms(page: Page, venue: str) -> Response:
    await host_venue(page, venue)
    return await TERMS.shown(page, {"venue": venue})


@pages.post("/host/{venue}/terms", may="venues.write")
async def set_terms(page: Page, fields: Fields, venue: str) -> Response:
    await host_venue(page, venue)
    return await TERMS.sent(page, fields, {"venue": venue})
