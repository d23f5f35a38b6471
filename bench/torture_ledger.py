"""Say from the bare events what is promised twice or told half, with code of its own: nothing of domain/ is used."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg

WEEK_MIN = 7 * 24 * 60
Key = tuple[str, int]  # request, number of its session


class Raw(NamedTuple):
    """An event as it is stored: `stream` in hexadecimal without hyphens, `topic` with its version."""

    position: int
    stream: str
    version: int
    topic: str
    state: dict[str, Any]


class Place(NamedTuple):
    """Where a session is: ids, and minutes since Monday of the first ISO week of the calendar."""

    request: str
    number: int
    room: str
    start: int
    end: int


def read_events(url: str, after: int = 0) -> list[Raw]:
    """All events of a database, in order, by plain SQL."""
    if url.startswith("sqlite"):
        found = _sqlite(urlsplit(url).path.removeprefix("/"), after)
    else:
        with psycopg.connect(url) as connection:
            found = connection.execute(
                "SELECT notification_id, originator_id, originator_version, topic, state FROM lyceum_events "
                "WHERE notification_id > %s ORDER BY notification_id",
                (after,),
            ).fetchall()
    return [raw(*row) for row in found]


def _sqlite(path: str, after: int) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        return connection.execute(
            "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events "
            "WHERE rowid > ? ORDER BY rowid",
            (after,),
        ).fetchall()


def raw(position: int, stream: Any, version: int, topic: str, state: bytes) -> Raw:
    name = str(stream).replace("-", "")
    return Raw(position, name, version, topic.partition("/")[0], json.loads(state))


@dataclass
class Ledger:
    """What the events add up to. `promised` holds, under kind and resource, what each timetable asks of it."""

    versions: dict[str, int] = field(default_factory=dict)
    whole_of: dict[str, str] = field(default_factory=dict)
    weeks: dict[str, str] = field(default_factory=dict)
    released: dict[str, dict[Key, tuple[Place, frozenset[str]]]] = field(default_factory=dict)
    promised: dict[tuple[str, str], set[tuple[str, Place]]] = field(default_factory=lambda: defaultdict(set))
    faults: list[str] = field(default_factory=list)

    def take(self, one: Raw) -> None:
        expected = self.versions.get(one.stream, 0) + 1
        if one.version != expected:
            self.faults.append(f"stream {one.stream} goes from {expected - 1} to {one.version}")
        self.versions[one.stream] = one.version
        state = one.state
        match one.topic:
            case "venue.room_opened" | "venue.room_changed":
                self._room(state["room"])
            case "timetable.draft_made" | "timetable.session_pinned":
                self.weeks[one.stream] = state["week"]
            case "timetable.released":
                start = start_of(self.weeks[one.stream])
                self.released[one.stream] = dict(_sessions(state["sessions"], start))
            case "diary.promises_changed":
                self._promise(state)

    def _room(self, room: dict[str, Any]) -> None:
        known = self.whole_of.get(room["id"])
        if room["part_of"]:
            self.whole_of[room["id"]] = room["part_of"]
        elif known:
            del self.whole_of[room["id"]]

    def _promise(self, state: dict[str, Any]) -> None:
        kept = self.promised[state["kind"], state["resource"]]
        start = start_of(state["week"])
        for one in state["freed"]:
            kept.discard((plain(one["timetable"]), _place(one, start)))
        for one in state["added"]:
            kept.add((plain(one["timetable"]), _place(one, start)))


def start_of(week: str) -> int:
    """Minutes from the first Monday of the calendar to that of an ISO week."""
    year, number = week.split("-W")
    return (date.fromisocalendar(int(year), int(number), 1).toordinal() - 1) // 7 * WEEK_MIN


def plain(id: str) -> str:
    return id.replace("-", "")


def _place(one: dict[str, Any], start: int) -> Place:
    window = one["window"]
    return Place(
        one["request"], one["number"], one["room"], start + window["start_min"], start + window["end_min"]
    )


def _sessions(
    sessions: Iterable[dict[str, Any]], start: int
) -> Iterator[tuple[Key, tuple[Place, frozenset[str]]]]:
    for one in sessions:
        team = frozenset([*one["leads"], *one["assistants"]])
        yield (one["request"], one["number"]), (_place(one, start), team)


def ledger(events: Iterable[Raw]) -> Ledger:
    made = Ledger()
    for one in events:
        made.take(one)
    return made


def faults(events: Iterable[Raw]) -> list[str]:
    """Everything that must never be: gaps in streams, double bookings, and releases that diaries do not know."""
    made = ledger(events)
    return [*made.faults, *double_bookings(made), *half_told(made)]


# ---- Twice


def double_bookings(made: Ledger) -> list[str]:
    """Rooms and people that are in two sessions at the same time, by the diaries and by the releases alike."""
    found: list[str] = []
    for (kind, resource), promises in made.promised.items():
        if kind != "venue":
            places = [place for _, place in promises]
            found += _overlaps(made, f"the diary of {kind} {resource}", places, kind)
    rooms: dict[str, list[Place]] = defaultdict(list)
    people: dict[str, list[Place]] = defaultdict(list)
    for sessions in made.released.values():
        for place, team in sessions.values():
            for room in filter(None, (place.room, made.whole_of.get(place.room))):
                rooms[room].append(place)
            for one in team:
                people[one].append(place)
    for room, places in rooms.items():
        found += _overlaps(made, f"the releases in room {room}", places, "room")
    for person, places in people.items():
        found += _overlaps(made, f"the releases with volunteer {person}", places, "volunteer")
    return found


def _overlaps(made: Ledger, where: str, places: Sequence[Place], kind: str) -> Iterator[str]:
    for one, other in combinations(sorted(places, key=lambda place: place.start), 2):
        if other.start < one.end and (kind == "volunteer" or _same_floor(made, one.room, other.room)):
            yield f"{where}: {one} and {other} are at the same time"


def _same_floor(made: Ledger, one: str, other: str) -> bool:
    """Whether two rooms are one, or a hall and its part."""
    return one == other or other == made.whole_of.get(one) or one == made.whole_of.get(other)


# ---- Half


def half_told(made: Ledger) -> list[str]:
    """Releases that the diaries of their rooms and people do not know, and promises without a release."""
    told: dict[tuple[str, str], set[tuple[str, Place]]] = defaultdict(set)
    for timetable, sessions in made.released.items():
        for place, team in sessions.values():
            told["room", place.room].add((timetable, place))
            for one in team:
                told["volunteer", one].add((timetable, place))
    found = []
    for name in {*told, *made.promised}:
        kind, resource = name
        if kind in ("venue", "request"):
            continue
        kept = made.promised.get(name, set())
        if kind == "room":  # a hall's diary holds its parts' promises too
            kept = {one for one in kept if one[1].room == resource}
        for what, places in (("no promise of", told[name] - kept), ("no release with", kept - told[name])):
            found += [f"{kind} {resource}: {what} {place}" for _, place in places]
    return found
