"""Events in words: who changed what, when and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from api.pages.labels import marked
from api.pages.operation_client import ProblemDetails
from api.pages.page import Page
from api.pages.weeks.week_records import RecordNames, when_words

PREFIX = "lyceum."
PER_READ = 500
READS = 10
WORDS: Mapping[str, str] = {
    "account.closed": marked("Account closed"),
    "account.offer_ended": marked("Offer of a role ended"),
    "account.opened": marked("Account opened"),
    "account.role_granted": marked("Role granted"),
    "account.role_offered": marked("Role offered"),
    "account.role_withdrawn": marked("Role withdrawn"),
    "area.dissolved": marked("Area dissolved"),
    "area.founded": marked("Area entered"),
    "area.located": marked("Point, time zone or calendar of the area changed"),
    "area.merged": marked("Area merged into another one"),
    "area.moved": marked("Area put into another one"),
    "area.recoded": marked("Official number of the area changed"),
    "area.renamed": marked("Area renamed"),
    "area.starts_set": marked("Start times of the area changed"),
    "area.week_lettered": marked("Letter of a week changed"),
    "calendar.days_typed": marked("Day types changed"),
    "catalogue.entry_added": marked("Word added to the catalogue"),
    "catalogue.entry_retired": marked("Word of the catalogue retired"),
    "diary.block_lifted": marked("Blocked time given free"),
    "diary.promises_changed": marked("Promises of rooms or people changed"),
    "diary.time_blocked": marked("Time blocked"),
    "request.order_changed": marked("Request changed"),
    "request.stepped": marked("Status of the request changed"),
    "request.submitted": marked("Request submitted"),
    "timetable.draft_made": marked("Draft made"),
    "timetable.released": marked("Draft released"),
    "timetable.session_dropped": marked("Class taken out by hand"),
    "timetable.session_moved": marked("Class moved by hand"),
    "timetable.session_pinned": marked("Class pinned"),
    "timetable.session_unpinned": marked("Pin lifted"),
    "timetable.step_undone": marked("Step taken back"),
    "timetable.step_redone": marked("Step done again"),
    "venue.closed": marked("Venue closed for some time"),
    "venue.closure_lifted": marked("Closure lifted"),
    "venue.described": marked("Description of the venue changed"),
    "venue.lending_terms_set": marked("Terms of the venue changed"),
    "venue.opening_hours_removed": marked("Opening hours removed"),
    "venue.opening_hours_set": marked("Opening hours changed"),
    "venue.registered": marked("Venue registered"),
    "venue.retired": marked("Venue no longer lends rooms"),
    "venue.room_changed": marked("Room changed"),
    "venue.room_opened": marked("Room added"),
    "venue.room_withdrawn": marked("Room withdrawn"),
    "volunteer.check_recorded": marked("Check of the volunteer recorded"),
    "volunteer.consent_recorded": marked("Consent of the guardian recorded"),
    "volunteer.enrolled": marked("Volunteer enrolled"),
    "volunteer.hours_offered": marked("Offered hours changed"),
    "volunteer.left": marked("Volunteer left"),
    "volunteer.merged": marked("Record of the volunteer merged into another one"),
    "volunteer.offer_excepted": marked("Offer changed for a day"),
    "volunteer.offer_paused": marked("Volunteer pauses"),
    "volunteer.profile_changed": marked("Profile of the volunteer changed"),
}


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event as a line of a history. `what` is its kind in English, `details` its values in words.

    `about` is the key of the record that it changed, "" where that is not known, and `address` the page of that.
    """

    event: Mapping[str, Any]
    what: str
    details: str
    why: str
    about: str = ""
    address: str = ""


def kind_of(event: Mapping[str, Any]) -> str:
    return str(event["type"]).removeprefix(PREFIX)


def about_sessions(event: Mapping[str, Any]) -> set[tuple[str, int]]:
    """The requests and numbers of the sessions that an event is about."""
    return {(session["request"], session["number"]) for session in _sessions_of(event["data"])}


def _sessions_of(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The sessions that an event names, with their time and place where it says them."""
    records = [data.get("session"), (data.get("pin") or {}).get("session"), data]
    records += [
        edit.get("move") or (edit.get("pin") or {}).get("session") or edit for edit in data.get("edits", ())
    ]
    named = [record for record in records if isinstance(record, Mapping)]
    return [record for record in named if "request" in record and "number" in record]


@dataclass(frozen=True, slots=True)
class EventPart:
    """Events that a query finds, the newest first, and the position that the older ones end at; 0: there are none."""

    events: tuple[Mapping[str, Any], ...]
    before: int
    problem: ProblemDetails | None = None


async def event_part(page: Page, query: Mapping[str, Any], most_events: int) -> EventPart:
    """Up to so many events; a query that finds few looks at a part of the past, and says where to go on."""
    events: list[Any] = []
    before: Any = query.get("until", "")
    for _ in range(READS):
        limit = min(PER_READ, most_events - len(events))
        asked_for = {**query, "newest": "true", "until": before, "limit": limit}
        reply = await page.client.read("/events", asked_for)
        if reply.problem is not None:
            return EventPart((), 0, reply.problem)
        events += reply.document["items"]
        before = reply.document["next"]
        if before == 0 or len(events) == most_events:
            break
    return EventPart(tuple(events), before)


SUBJECT_PATHS: Mapping[str, str] = {
    "area": "/areas",
    "request": "/requests",
    "venue": "/venues",
    "volunteer": "/volunteers",
}


async def with_subjects(page: Page, lines: Iterable[EventLine]) -> list[EventLine]:
    """The lines with the keys of the records that they are about, as far as this person may read them."""
    lines = list(lines)
    paths = {
        f"{path}/{line.event['subject']}"
        for line in lines
        if (path := SUBJECT_PATHS.get(kind_of(line.event).partition(".")[0])) is not None
    }
    ordered_paths = sorted(paths)
    records = await asyncio.gather(*(page.read_if_there(path) for path in ordered_paths))
    keys = {path: record["key"] for path, record in zip(ordered_paths, records, strict=True) if record}

    def named(line: EventLine) -> EventLine:
        path = SUBJECT_PATHS.get(kind_of(line.event).partition(".")[0], "")
        key = keys.get(f"{path}/{line.event['subject']}", "")
        return replace(line, about=key, address=f"{path}/{quote(key, safe='')}" if key else "")

    return [named(line) for line in lines]


def line_of(page: Page, event: Mapping[str, Any], names: RecordNames | None = None) -> EventLine:
    data = event["data"]
    kind = kind_of(event)
    why = str(data.get("why") or (data.get("pin") or {}).get("comment") or "")
    return EventLine(event, WORDS.get(kind, kind), "; ".join(_details(page, kind, data, names)), why)


def _details(page: Page, kind: str, data: Mapping[str, Any], names: RecordNames | None) -> list[str]:
    """The values of an event that a person reads: sessions in names, and what is a plain text or number."""
    words: list[str] = []
    sessions = _sessions_of(data) if kind.startswith("timetable.") else []
    words += [session_words(page, session, names) for session in sessions]
    for name in ("draft", "number", "name", "key", "status", "week", "on", "letter", "code", "kind"):
        value = data.get(name)
        if isinstance(value, str | int) and value != "" and not (sessions and name in ("number", "week")):
            words.append(str(value))
    if isinstance(data.get("accepted"), list) and data["accepted"]:
        words.append(", ".join(data["accepted"]))
    order = data.get("order")
    if isinstance(order, Mapping):
        words.append(str(order.get("title", "")))
    room = data.get("room")
    if isinstance(room, Mapping):
        words.append(str(room.get("name", "")))
    closure = data.get("closure")
    if isinstance(closure, Mapping):
        words.append(f"{closure.get('first', '')} – {closure.get('last') or '…'}")
    return [word for word in words if word]


def session_words(page: Page, session: Mapping[str, Any], names: RecordNames | None) -> str:
    """A session in one line: course, and day, time and place where it has them."""
    if names is None:
        return f"{session['request']}#{session['number']}"
    if "window" not in session:
        request = names.requests.get(session["request"])
        return str(request["order"]["title"]) if request else str(session["request"])
    placed = names.session(session)
    time = when_words(page.language, placed.start, placed.end)
    return f"{placed.title}, {time}, {placed.venue_name}, {placed.room_name}"
