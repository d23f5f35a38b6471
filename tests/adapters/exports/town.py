"""A small town with a divisible hall, hostile titles, and a week that was released twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from adapters.application.application import Lyceum
from adapters.opening_hours import read_osm
from adapters.people.personal_records import PersonalRecord
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from domain import network, request, timetable, venue, volunteer
from domain.events import Event, EventMetadata
from domain.timetable import Session
from domain.windows import Window, on_day

WEEK = "2026-W10"  # Toronto's clocks go forward on its Sunday, 8 March 2026
HOSTILE = "<script>alert('x')</script>"
FORMULA = '=cmd|"/c calc"!A0'
NAMES = {"v-lead": "王小明", "V Two": "Ann O'Brien <b>", "v-third": "赵大爷"}
PHONE = "139-0000-1234"
FIRST = datetime(2026, 2, 20, 9, 0, tzinfo=UTC)
SECOND = datetime(2026, 2, 24, 17, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Town:
    """`before` and `after` are the sessions of the two releases by the key of their request."""

    lyceum: Lyceum
    area: UUID
    zone: str
    before: dict[str, Session]
    after: dict[str, Session]

    @property
    def snapshot(self) -> WeekSnapshot:
        return snapshot_of(self.lyceum.views, self.area, WEEK)


def place(
    key: str, number: int, window: Window, room: str, *leads: str, assistants: tuple[str, ...] = ()
) -> Session:
    around, own = room.split("/")
    return Session(
        request=request.request_id(key),
        number=number,
        window=window,
        venue=venue.venue_id(around),
        room=venue.room_id(around, own),
        leads=tuple(volunteer.volunteer_id(one) for one in leads),
        assistants=tuple(volunteer.volunteer_id(one) for one in assistants),
    )


BEFORE = {
    "r-paint": place(
        "r-paint", 1, on_day(2, "14:00", "15:30"), "lib/hall-a", "v-lead", assistants=("V Two",)
    ),
    "r-formula": place("r-formula", 1, on_day(3, "09:00", "10:00"), "lib/hall", "v-lead"),
    "r-hostile": place("r-hostile", 1, on_day(4, "18:00", "19:30"), "school/1", "V Two"),
    "r-late": place("r-late", 1, on_day(6, "22:30", "24:00"), "lib/hall-b", "v-lead"),
    "r-dst": place("r-dst", 1, on_day(7, "10:00", "11:00"), "lib/hall", "v-third"),
}
AFTER = {
    "r-paint": replace(
        BEFORE["r-paint"], window=on_day(5, "09:30", "11:00"), leads=(volunteer.volunteer_id("v-third"),)
    ),
    "r-formula": BEFORE["r-formula"],
    "r-hostile": place("r-hostile", 1, on_day(4, "18:00", "19:30"), "lib/hall", "V Two"),
    "r-dst": BEFORE["r-dst"],
    "r-new": place("r-new", 2, on_day(1, "16:00", "17:00"), "school/1", "v-lead"),
}  # r-late is cancelled, r-paint has another time and lead, r-hostile another venue


def towns_events(zone: str) -> Iterator[Event]:
    metadata = EventMetadata(FIRST, "tests")
    city, street, community = (network.area_id(key) for key in ("city", "street", "community"))
    for key, level, names, parent in (
        ("city", "district", (("en", "Old Town"), ("zh", "老城区")), None),
        ("street", "street", (("en", "昌元街道"),), city),
        ("community", "community", (("en", "北门社区"),), street),
    ):
        yield from network.found_area(
            None,
            metadata,
            network.NewArea(
                key=key,
                level=level,
                names=names,
                zone=zone,
                on=date(2020, 1, 1),
                parent=parent,
                location=(29.40, 105.59),
            ),
        )
    yield from _venues(metadata, street)
    for key in NAMES:
        profile = volunteer.Profile("retiree", community)
        yield from volunteer.enrol_volunteer(None, metadata, key=key, profile=profile)
    for key, title, function in (
        ("r-paint", "国画入门", "arts"),
        ("r-formula", FORMULA, "science"),
        ("r-hostile", HOSTILE, "health"),
        ("r-late", "夜间观星", "science"),
        ("r-dst", "Sunday choir", "arts"),
        ("r-new", "Robotics; for, all", "vocational"),
    ):
        order = request.Order(
            title=title, topic="topic-" + function, function=function, learners=20, duration_minutes=60,
            acceptable=(Window(0, 10080),), first_week=WEEK,
        )  # fmt: skip
        yield from request.submit_request(None, metadata, key=key, area=community, location=None, order=order)


LENT: tuple[tuple[str, str, venue.VenueKind, tuple[str, ...], str], ...] = (
    (
        "lib",
        "荣昌图书馆",
        "library",
        ("hall", "hall-a", "hall-b"),
        "Mo-Fr 09:00-20:00; Sa 09:00-24:00; Su 09:00-17:00",
    ),
    ("school", f"{HOSTILE} School", "school", ("1",), "Mo,Tu,Th 16:00-20:00"),
)


def _venues(metadata: EventMetadata, area: UUID) -> Iterator[Event]:
    for key, name, kind, rooms, opened in LENT:
        (registered,) = venue.register_venue(
            None, metadata, key=key, name=name, kind=kind, area=area, location=(29.41, 105.60)
        )
        facts: list[Event] = [registered]
        state = venue.evolve(None, registered)
        for room in rooms:
            whole = venue.room_id(key, "hall") if room.startswith("hall-") else None
            made = venue.Room(
                venue.room_id(key, room), room, f"{room.title()} 厅", 40, accessible=True, part_of=whole
            )
            (event,) = venue.open_room(state, metadata, made)
            facts.append(event)
            state = venue.evolve(state, event)
        yield from (*facts, *venue.set_opening_hours(state, metadata, None, read_osm(opened)))


def release(
    before: timetable.Timetable, at: datetime, plan: str, name: str, sessions: dict[str, Session]
) -> list[Event]:
    """The events of one more draft that is released at once."""
    metadata = EventMetadata(at, "tests")
    origin = timetable.Origin(plan, plan, 1, 1, (), "feasible", ())
    (made,) = timetable.make_draft(before, metadata, origin)
    (released,) = timetable.release_draft(timetable.evolve(before, made), metadata, name, sessions.values())
    return [made, released]


def town(zone: str, releases: int = 2) -> Town:
    lyceum = Lyceum("memory:", actor="tests", clock=lambda: FIRST)
    lyceum.commit(towns_events(zone))
    area = network.area_id("city")
    state = timetable.blank(area, WEEK)
    for at, name, sessions in ((FIRST, "First <i>", BEFORE), (SECOND, "Second", AFTER))[:releases]:
        facts = release(state, at, name, name, sessions)
        lyceum.commit(facts)
        for fact in facts:
            state = timetable.evolve(state, fact)  # type: ignore[arg-type]
    for key, name in NAMES.items():
        lyceum.remember(
            volunteer.volunteer_id(key), PersonalRecord(name, phone=PHONE, address="42 Secret Lane")
        )
    return Town(lyceum, area, zone, BEFORE, AFTER)
