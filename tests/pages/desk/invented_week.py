"""An invented week for the desk's tests: 247 rooms, 800 sessions, and rules simple enough to be judged here."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

STEP_MIN = 30
DAY_MIN = 1440
SLOTS = 7 * DAY_MIN // STEP_MIN
ROOM_NAMES = ("Reading room", "Hall", "Workshop", "阅览室", "Music room", "Studio", "活动室")
VENUE_NAMES = ("Library", "School", "Community house", "Sports hall", "文化站")
COURSES = (
    ("Calligraphy", "arts"),
    ("Choir", "music"),
    ("智能手机入门", "digital"),
    ("Tai chi", "sport"),
    ("Reading circle", "reading"),
    ("Robotics for beginners", "science"),
    ("书法", "arts"),
    ("First aid", "health"),
    ("English conversation", "languages"),
)
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
VERDICTS = ["same", "others", "open", "fit", "room_clash", "volunteer_clash", "several"]


@dataclass(frozen=True)
class Place:
    room: int
    start: int


@dataclass(frozen=True)
class Session:
    request: str
    number: int
    title: str
    function: str
    learners: int
    minutes: int
    place: Place
    leads: tuple[int, ...]
    pin: str | None = None
    moved: bool = False
    by: str | None = None

    @property
    def id(self) -> str:
        return f"{self.request}#{self.number}"


@dataclass
class Week:
    """All of the week; sessions by id."""

    venues: list[dict[str, str]] = field(default_factory=list)
    rooms: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, str]] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    unserved: list[dict[str, Any]] = field(default_factory=list)

    def open_mask(self, room: int) -> int:
        mask = 0
        for start, end in self.rooms[room]["open"]:
            mask |= span(start, end - start)
        for start, end, _ in self.rooms[room]["closed"]:
            mask &= ~span(start, end - start)
        return mask

    def busy(self, but: str) -> tuple[dict[int, int], dict[int, int]]:
        """When rooms and people have sessions, apart from one of them."""
        rooms: dict[int, int] = {}
        people: dict[int, int] = {}
        for session in self.sessions.values():
            if session.id == but:
                continue
            mask = span(session.place.start, session.minutes)
            rooms[session.place.room] = rooms.get(session.place.room, 0) | mask
            for person in session.leads:
                people[person] = people.get(person, 0) | mask
        return rooms, people

    def verdicts(self, session: Session, room: int) -> Iterator[str]:
        """For each start of the week."""
        rooms, people = self.busy(session.id)
        yield from self._verdicts(session, room, rooms, people)

    def _verdicts(
        self, session: Session, room: int, rooms: dict[int, int], people: dict[int, int]
    ) -> Iterator[str]:
        slots = -(-session.minutes // STEP_MIN)
        is_open = _starts(self.open_mask(room), slots)
        is_free = _starts(~rooms.get(room, 0), slots)
        team = 0
        for person in session.leads:
            team |= people.get(person, 0)
        same = _starts(~team, slots) if session.leads else 0
        others = 0
        for person in range(len(self.people)):
            others |= _starts(~people.get(person, 0), slots)
        fits = self.rooms[room]["capacity"] >= session.learners
        for slot in range(SLOTS):
            bit = 1 << slot
            broken = [
                rule
                for rule, holds in (("open", is_open & bit), ("fit", fits), ("room_clash", is_free & bit))
                if not holds
            ]
            if broken:
                yield broken[0] if len(broken) == 1 and (same | others) & bit else "several"
            elif same & bit:
                yield "same"
            else:
                yield "others" if others & bit else "volunteer_clash"

    def verdict(self, session: Session, place: Place) -> str:
        return list(self.verdicts(session, place.room))[place.start // STEP_MIN]

    def places(self, session: Session) -> list[dict[str, Any]]:
        """For each room its runs: pairs of the first start and the number of the verdict."""
        rooms, people = self.busy(session.id)
        answer = []
        for room, record in enumerate(self.rooms):
            runs: list[int] = []
            last = -1
            for slot, verdict in enumerate(self._verdicts(session, room, rooms, people)):
                number = VERDICTS.index(verdict)
                if number != last:
                    runs += [slot, number]
                    last = number
            venue = self.venues[record["venue"]]["key"]
            answer.append({"venue": venue, "room": record["key"], "runs": runs})
        return answer

    def free_people(self, session: Session, place: Place) -> list[int]:
        _, people = self.busy(session.id)
        mask = span(place.start, session.minutes)
        return [person for person in range(len(self.people)) if not people.get(person, 0) & mask]

    def soft(self, session: Session, place: Place) -> list[dict[str, str]]:
        """One day of the week is not what the community prefers; a pin may be in the way."""
        warnings = []
        if sum(map(ord, session.request)) % 7 == place.start // DAY_MIN:
            day = DAY_NAMES[place.start // DAY_MIN]
            sentence = f"{session.title} leaves the days that its community prefers ({day})"
            warnings.append({"rule": "preferred", "sentence": sentence})
        if session.pin is not None and place != session.place:
            warnings.append({"rule": "pin", "sentence": f"{session.title} is pinned: {session.pin}"})
        return warnings

    def say(self, session: Session) -> str:
        room = self.rooms[session.place.room]
        venue = self.venues[room["venue"]]["name"]
        return f"{DAY_NAMES[session.place.start // DAY_MIN]} {clock(session.place.start)}, {venue}, {room['name']}"

    def room_of(self, venue: str, room: str) -> int:
        """By their keys, or by their ids, which only the server knows."""
        venue, room = venue.removeprefix("id-"), room.removeprefix("id-")
        for index, record in enumerate(self.rooms):
            if record["key"] == room and self.venues[record["venue"]]["key"] == venue:
                return index
        raise KeyError(f"{venue}/{room}")


def clock(minute: int) -> str:
    return f"{minute % DAY_MIN // 60:02}:{minute % 60:02}"


def span(start: int, minutes: int) -> int:
    """The slots that a stretch of time touches, as bits."""
    first, end = start // STEP_MIN, -(-(start + minutes) // STEP_MIN)
    return (1 << end) - (1 << first)


def _starts(free: int, slots: int) -> int:
    """The starts after which so many slots are free, all on one day."""
    free &= (1 << SLOTS) - 1
    starts = free
    for distance in range(1, slots):
        starts &= free >> distance
    return starts


def invented_week(rooms: int = 247, sessions: int = 800, seed: int = 11) -> Week:
    rng = random.Random(seed)
    week = Week()
    while len(week.rooms) < rooms:
        _add_venue(week, rng, rooms)
    week.people = [
        {"key": f"v-{number}", "name": f"{rng.choice('陈李王张刘')}老师 {number}"} for number in range(1, 301)
    ]
    masks = [week.open_mask(room) for room in range(len(week.rooms))]
    busy = [0] * len(week.rooms)
    teaching = [0] * len(week.people)
    number = 0
    while len(week.sessions) < sessions and week.rooms:
        number += 1
        session = _session(week, rng, number)
        mask = span(session.place.start, session.minutes)
        room, (lead,) = session.place.room, session.leads
        if masks[room] & mask != mask or busy[room] & mask or teaching[lead] & mask:
            continue
        if week.rooms[room]["capacity"] < session.learners:
            continue
        week.sessions[session.id] = session
        busy[room] |= mask
        teaching[lead] |= mask
    for waiting in range(34 if week.rooms else 0):
        title, function = COURSES[waiting % len(COURSES)]
        week.unserved.append({
            "request": f"w-{waiting}", "title": title, "community": f"Community {waiting % 40}", "function": function,
            "learners": 6 + waiting % 20, "missing": 1 + waiting % 2, "sessions": 2,
            "weight": 90 * (6 + waiting * 7 % 20), "duration_min": 90, "numbers": [1, 2][: 1 + waiting % 2],
        })  # fmt: skip
    return week


def _add_venue(week: Week, rng: random.Random, rooms: int) -> None:
    venue = len(week.venues)
    street = venue % 9
    name = f"{VENUE_NAMES[venue % len(VENUE_NAMES)]} {venue + 1}"
    week.venues.append(
        {
            "key": f"venue-{venue}",
            "name": name,
            "street": f"street-{street}",
            "street_name": f"{street + 1} River Street",
        }
    )
    first, last = rng.choice((480, 540, 600)), rng.choice((1080, 1200, 1260))
    days = range(7 if venue % 3 == 0 else 5)
    for index in range(min(rng.randint(1, 5), rooms - len(week.rooms))):
        windows = [[day * DAY_MIN + first, day * DAY_MIN + last] for day in days]
        closed = [[2 * DAY_MIN + first, 2 * DAY_MIN + last, "painting"]] if venue % 11 == 2 else []
        week.rooms.append({
            "venue": venue, "key": f"room-{index}", "name": ROOM_NAMES[(venue + index) % len(ROOM_NAMES)],
            "capacity": rng.choice((15, 25, 40, 60)), "functions": None, "open": windows, "closed": closed,
        })  # fmt: skip


def _session(week: Week, rng: random.Random, number: int) -> Session:
    title, function = rng.choice(COURSES)
    day, slot = rng.randrange(7), rng.randrange(16, 40)
    place = Place(rng.randrange(len(week.rooms)), day * DAY_MIN + slot * STEP_MIN)
    session = Session(
        f"r-{number}", 1, title, function, rng.randint(6, 30), rng.choice((60, 90, 90, 120)), place,
        (rng.randrange(len(week.people)),),
    )  # fmt: skip
    return replace(session, pin="needs the piano") if rng.random() < 0.06 else session
