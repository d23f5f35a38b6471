"""What a host's pages know of a venue: that it is theirs, its rooms, who is there in a week, and its last changes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from api.pages.host.hours_rows import rules_from_json
from api.pages.page import Page
from api.pages.weeks.event_words import WORDS, kind_of
from domain.calendar import date_of, monday, week_of
from domain.opening import OpeningHours
from domain.windows import DAY_MIN

MOST_REASONS = 5
CLOSED, WITHDRAWN = "lyceum.venue.closed", "lyceum.venue.room_withdrawn"
ROOM_OPENED = "lyceum.venue.room_opened"


@dataclass(frozen=True, slots=True)
class HostVenue:
    """A venue of the host who looks, and the tag that a form about it is made from."""

    record: Mapping[str, Any]
    etag: str
    changes: Sequence[Mapping[str, Any]]

    @property
    def key(self) -> str:
        return str(self.record["key"])

    @property
    def rooms(self) -> Sequence[Mapping[str, Any]]:
        return self.record["rooms"]  # type: ignore[no-any-return]

    @property
    def former(self) -> list[Mapping[str, Any]]:
        """Rooms that are no longer lent, each once, as it was last."""
        lent = {room["key"] for room in self.rooms}
        last = {room["key"]: room for room in self.record["former"]}
        return [room for key, room in last.items() if key not in lent]

    def room(self, key: str) -> Mapping[str, Any] | None:
        return next((room for room in self.rooms if room["key"] == key), None)

    def room_of_id(self, id: str | None) -> Mapping[str, Any] | None:
        known = (*self.rooms, *self.record["former"])
        return next((room for room in known if room["id"] == id), None)

    def own_hours(self, room: Mapping[str, Any] | None) -> OpeningHours | None:
        """The hours that were set for a room itself, None: for the whole house."""
        id = None if room is None else room["id"]
        rules = next((rules for rules in self.record["hours"] if rules["room"] == id), None)
        return None if rules is None else rules_from_json(rules["hours"])

    @property
    def reasons(self) -> list[str]:
        """The reasons that were given last, each once."""
        whys = dict.fromkeys(
            change["why"] for change in self.changes if change["type"] in (CLOSED, WITHDRAWN)
        )
        return [why for why in whys if why][:MOST_REASONS]

    def why_closed(self, closure: str) -> str:
        """The reason of a closure; "" where it was made too long ago."""
        whys = (
            change["why"]
            for change in self.changes
            if change["type"] == CLOSED and change["closure"] == closure
        )
        return next(whys, "") or ""

    def changes_since(self, etag: str) -> list[Mapping[str, Any]]:
        """What others have changed after the version that a form was made from, the oldest first."""
        version = etag.strip('W/"')
        if not version.isdigit():
            return []
        return [change for change in reversed(self.changes) if change["version"] > int(version)]


async def host_venue(page: Page, key: str) -> HostVenue:
    """A venue that this person answers for: only such a one's changes may be read. Raises Refused."""
    changes = (await page.read(f"/venues/{key}/changes"))["items"]
    reply = await page.client.read(f"/venues/{key}")
    return HostVenue(reply.required(), reply.etag, changes)


# ---- Who is there in a week


@dataclass(frozen=True, slots=True)
class Visit:
    """A released class in a room of the venue. `title` is "" where its timetable is not for this person to read."""

    day: date
    start: str
    end: str
    room: str
    title: str
    community: str


@dataclass(frozen=True, slots=True)
class VenueWeek:
    """A week in the venue, by day, and the weeks before and after it."""

    week: str
    days: Sequence[tuple[date, Sequence[Visit]]]
    before: str
    after: str
    is_current: bool

    @property
    def visits(self) -> int:
        return sum(len(visits) for _, visits in self.days)


_WEEK = re.compile(r"[0-9]{4}-W[0-9]{2}")


async def week_in(page: Page, venue: HostVenue, week: str) -> VenueWeek:
    """All classes that the diaries of the rooms hold, named where their timetable is released."""
    diaries = await asyncio.gather(*(_diary(page, venue.key, room["key"], week) for room in venue.rooms))
    named = await _published(page, venue, week)
    visits: dict[tuple[date, str, str], Visit] = {}
    for booking in (booking for diary in diaries for booking in diary["promises"]):
        room = venue.room_of_id(booking["room"])  # a hall's diary has what its parts are booked for as well
        if room is not None and booking["window"]["start_min"] >= 0:
            visit = _visit(week, room, booking["window"])
            visits[visit.day, visit.start, room["key"]] = visit
    for session in named:
        day = date.fromisoformat(session["day"])
        visits[day, session["start"], session["room"]] = Visit(
            day,
            session["start"],
            session["end"],
            session["room_name"],
            session["title"],
            session["community"],
        )
    first = monday(week)
    days = [first + timedelta(days=offset) for offset in range(7)]
    ordered = sorted(visits.values(), key=lambda visit: (visit.day, visit.start, visit.room))
    by_day = [(day, [visit for visit in ordered if visit.day == day]) for day in days]
    return VenueWeek(
        week,
        by_day,
        week_of(first - timedelta(days=7)),
        week_of(first + timedelta(days=7)),
        week == week_of(page.today),
    )


def _visit(week: str, room: Mapping[str, Any], window: Mapping[str, int]) -> Visit:
    offset, start = divmod(window["start_min"], DAY_MIN)
    end = window["end_min"] - offset * DAY_MIN
    day = date_of(week, 1) + timedelta(days=offset)
    return Visit(day, _clock(start), _clock(end), room["name"], "", "")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


async def _diary(page: Page, venue: str, room: str, week: str) -> Any:
    return await page.read(f"/diaries/rooms/{venue}/{room}/{week}")


async def _published(page: Page, venue: HostVenue, week: str) -> list[Any]:
    """The classes in this venue that the areas around it have released."""
    sessions: list[Any] = []
    id: str | None = venue.record["area"]
    while id is not None:
        area = await page.area(id)
        path = f"/weeks/{area['key']}/{week}/sessions"
        if await page.read_if_there(path, venue=venue.key, limit=1):  # 404 before the first release
            sessions += await page.all_items(path, venue=venue.key)
        id = area["parents"][-1]["value"] if area["parents"] else None
    return sessions


def asked_week(page: Page) -> str:
    """The week that the address names; this week where it names none."""
    text = page.request.query_params.get("week", "")
    try:
        return week_of(monday(text)) if _WEEK.fullmatch(text) else week_of(page.today)
    except ValueError:
        return week_of(page.today)


def change_words(change: Mapping[str, Any]) -> str:
    """What somebody did to a venue, in English; its type where there are no words for it."""
    kind = kind_of(change)
    return WORDS.get(kind, kind)
