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
        rows = _sqlite(urlsplit(url).path.removeprefix("/"), after)
    else:
        with psycopg.connect(url) as connection:
            rows = connection.execute(
                "SELECT notification_id, originator_id, originator_version, topic, state FROM lyceum_events "
                "WHERE notification_id > %s ORDER BY notification_id",
                (after,),
            ).fetchall()
    return [raw(*row) for row in rows]


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

    def take(self, event: Raw) -> None:
        expected = self.versions.get(event.stream, 0) + 1
        if event.version != expected:
            self.faults.append(f"stream {event.stream} goes from {expected - 1} to {event.version}")
        self.versions[event.stream] = event.version
        state = event.state
        match event.topic:
            case "venue.room_opened" | "venue.room_changed":
                self._room(state["room"])
            case "timetable.draft_made" | "timetable.session_pinned":
                self.weeks[event.stream] = state["week"]
            case "timetable.released":
                start = start_of(self.weeks[event.stream])
                self.released[event.stream] = dict(_sessions(state["sessions"], start))
            case "diary.promises_changed":
                self._promise(state)

    def _room(self, room: dict[str, Any]) -> None:
        known = self.whole_of.get(room["id"])
        if room["part_of"]:
            self.whole_of[room["id"]] = room["part_of"]
        elif known:
            del self.whole_of[room["id"]]

    def _promise(self, state: dict[str, Any]) -> None:
        promised = self.promised[state["kind"], state["resource"]]
        start = start_of(state["week"])
        for promise in state["freed"]:
            promised.discard((plain(promise["timetable"]), _place(promise, start)))
        for promise in state["added"]:
            promised.add((plain(promise["timetable"]), _place(promise, start)))


def start_of(week: str) -> int:
    """Minutes from the first Monday of the calendar to that of an ISO week."""
    year, number = week.split("-W")
    return (date.fromisocalendar(int(year), int(number), 1).toordinal() - 1) // 7 * WEEK_MIN


def plain(id: str) -> str:
    return id.replace("-", "")


def _place(session: dict[str, Any], start: int) -> Place:
    window = session["window"]
    return Place(
        session["request"],
        session["number"],
        session["room"],
        start + window["start_min"],
        start + window["end_min"],
    )


def _sessions(
    sessions: Iterable[dict[str, Any]], start: int
) -> Iterator[tuple[Key, tuple[Place, frozenset[str]]]]:
    for session in sessions:
        team = frozenset([*session["leads"], *session["assistants"]])
        yield (session["request"], session["number"]), (_place(session, start), team)


def ledger(events: Iterable[Raw]) -> Ledger:
    summed = Ledger()
    for event in events:
        summed.take(event)
    return summed


def faults(events: Iterable[Raw]) -> list[str]:
    """Everything that must never be: gaps in streams, double bookings, and releases that diaries do not know."""
    summed = ledger(events)
    return [*summed.faults, *double_bookings(summed), *half_told(summed)]


# ---- Twice


def double_bookings(summed: Ledger) -> list[str]:
    """Rooms and people that are in two sessions at the same time, by the diaries and by the releases alike."""
    overlaps: list[str] = []
    for (kind, resource), promises in summed.promised.items():
        if kind != "venue":
            places = [slot for _, slot in promises]
            overlaps += _overlaps(summed, f"the diary of {kind} {resource}", places, kind)
    rooms: dict[str, list[Place]] = defaultdict(list)
    people: dict[str, list[Place]] = defaultdict(list)
    for sessions in summed.released.values():
        for slot, team in sessions.values():
            for room in filter(None, (slot.room, summed.whole_of.get(slot.room))):
                rooms[room].append(slot)
            for person in team:
                people[person].append(slot)
    for room, places in rooms.items():
        overlaps += _overlaps(summed, f"the releases in room {room}", places, "room")
    for person, places in people.items():
        overlaps += _overlaps(summed, f"the releases with volunteer {person}", places, "volunteer")
    return overlaps


def _overlaps(summed: Ledger, where: str, places: Sequence[Place], kind: str) -> Iterator[str]:
    for earlier, later in combinations(sorted(places, key=lambda slot: slot.start), 2):
        if later.start < earlier.end and (
            kind == "volunteer" or _same_floor(summed, earlier.room, later.room)
        ):
            yield f"{where}: {earlier} and {later} are at the same time"


def _same_floor(summed: Ledger, first: str, second: str) -> bool:
    """Whether two rooms are one, or a hall and its part."""
    return first == second or second == summed.whole_of.get(first) or first == summed.whole_of.get(second)


# ---- Half


def half_told(summed: Ledger) -> list[str]:
    """Releases that the diaries of their rooms and people do not know, and promises without a release."""
    released: dict[tuple[str, str], set[tuple[str, Place]]] = defaultdict(set)
    for timetable, sessions in summed.released.items():
        for slot, team in sessions.values():
            released["room", slot.room].add((timetable, slot))
            for person in team:
                released["volunteer", person].add((timetable, slot))
    complaints = []
    for name in {*released, *summed.promised}:
        kind, resource = name
        if kind in ("venue", "request"):
            continue
        promised = summed.promised.get(name, set())
        if kind == "room":  # a hall's diary holds its parts' promises too
            promised = {promise for promise in promised if promise[1].room == resource}
        for what, places in (
            ("no promise of", released[name] - promised),
            ("no release with", promised - released[name]),
        ):
            complaints += [f"{kind} {resource}: {what} {slot}" for _, slot in places]
    return complaints
