"""A small town with two streets, a school with a hall in two halves, a library, and people who offer hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from adapters.application.application import Lyceum
from domain import network, request, venue, volunteer
from domain.events import Event, EventMetadata
from domain.opening import weekly
from domain.windows import Windows, on_day

WEEK = "2026-W49"  # Monday 2026-11-30 to Sunday 2026-12-06
TOWN = network.area_id("town")
POINT = (29.40, 105.60)


class Ticking:
    """A clock that tests read: each look is one second later."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def town(url: str) -> Lyceum:
    """The application with the town in it."""
    lyceum = Lyceum(url, actor="coordinator-1", clock=Ticking())
    stamp = lyceum.metadata()
    found_area(lyceum, stamp, "town", "city", None)
    for street in ("river", "hill"):
        found_area(lyceum, stamp, street, "street", TOWN)
    lend(
        lyceum,
        stamp,
        "school",
        "river",
        rooms=[
            {"key": "hall", "capacity": 60, "turnaround_minutes": 15},
            {"key": "east", "capacity": 30, "part_of": "hall", "turnaround_minutes": 15},
            {"key": "west", "capacity": 30, "part_of": "hall", "turnaround_minutes": 15},
        ],
        hours=((1, 2, 3, 4, 5), "17:00", "21:00"),
        cap=600,
    )
    lend(
        lyceum,
        stamp,
        "library",
        "hill",
        rooms=[{"key": "reading", "capacity": 25, "accessible": True}],
        hours=((2, 3, 4, 5, 6, 7), "09:00", "18:00"),
    )
    enrol(
        lyceum,
        stamp,
        "wang",
        "river",
        ("calligraphy", "choir"),
        [on_day(day, "17:00", "21:00") for day in range(1, 6)],
    )
    enrol(
        lyceum, stamp, "li", "hill", ("phones",), [on_day(6, "09:00", "18:00"), on_day(2, "17:00", "21:00")]
    )
    enrol(lyceum, stamp, "zhao", "hill", ("choir",), [on_day(2, "17:00", "20:00")])
    ask(
        lyceum, stamp, "r-brush", "river", topic="calligraphy", acceptable=evenings(), learners=20, sessions=2
    )
    ask(
        lyceum,
        stamp,
        "r-choir",
        "river",
        topic="choir",
        acceptable=evenings(),
        learners=50,
        function="leisure",
    )
    ask(lyceum, stamp, "r-phone", "hill", topic="phones", acceptable=(on_day(6, "09:00", "18:00"),), learners=15,
        function="civic", accessible=True)  # fmt: skip
    ask(
        lyceum,
        stamp,
        "r-robot",
        "hill",
        topic="robots",
        acceptable=evenings(),
        learners=10,
        function="science",
    )
    lyceum.views.catch_up()
    return lyceum


def evenings() -> Windows:
    return tuple(on_day(day, "17:00", "21:00") for day in range(1, 6))


def found_area(lyceum: Lyceum, stamp: EventMetadata, key: str, level: str, parent: UUID | None) -> None:
    lyceum.commit(
        network.found_area(
            None,
            stamp,
            network.NewArea(
                key=key,
                level=level,
                names=(("en", key.title()),),
                zone="Asia/Shanghai",
                on=date(2020, 1, 1),
                parent=parent,
                location=POINT,
            ),
        )
    )


def lend(
    lyceum: Lyceum,
    stamp: EventMetadata,
    key: str,
    street: str,
    *,
    rooms: list[dict[str, Any]],
    hours: tuple[tuple[int, ...], str, str],
    cap: int | None = None,
) -> None:
    registered = venue.register_venue(
        None,
        stamp,
        key=key,
        name=key.title(),
        kind="school" if key == "school" else "library",
        area=network.area_id(street),
        location=POINT,
    )
    facts: list[venue.VenueEvent] = list(registered)
    place = venue.evolve(None, registered[0])

    def note(made: tuple[venue.VenueEvent, ...]) -> None:
        nonlocal place
        for fact in made:
            place = venue.evolve(place, fact)
            facts.append(fact)

    note(venue.set_lending_terms(place, stamp, venue.LendingTerms(weekly_cap_minutes=cap)))
    note(venue.set_opening_hours(place, stamp, None, weekly(hours)))
    for room in rooms:
        whole = room.get("part_of")
        fields = {**room, "part_of": venue.room_id(key, whole) if whole else None}
        record = venue.Room(id=venue.room_id(key, room["key"]), name=room["key"].title(), **fields)
        note(venue.open_room(place, stamp, record))
    lyceum.commit(facts)


def enrol(
    lyceum: Lyceum, stamp: EventMetadata, key: str, street: str, topics: tuple[str, ...], windows: list[Any]
) -> None:
    profile = volunteer.Profile(
        kind="retiree",
        home_area=network.area_id(street),
        skills=tuple(volunteer.Skill(topic) for topic in topics),
        max_travel_km=5,
        max_minutes_week=360,
    )
    enrolled = volunteer.enrol_volunteer(None, stamp, key=key, profile=profile)
    person = volunteer.evolve(None, enrolled[0])
    lyceum.commit([*enrolled, *volunteer.offer_hours(person, stamp, tuple(windows))])


def ask(lyceum: Lyceum, stamp: EventMetadata, key: str, street: str, **order: Any) -> None:
    fields: dict[str, Any] = {
        "title": f"Course {key}",
        "function": "arts",
        "duration_minutes": 90,
        "first_week": WEEK,
        "weeks": 4,
        "max_travel_km": 5,
    }
    submitted = request.submit_request(
        None,
        stamp,
        key=key,
        area=network.area_id(street),
        location=None,
        order=request.Order(**fields | order),
    )
    facts: list[Event] = list(submitted)
    asked = request.evolve(None, submitted[0])
    for status in ("screened", "accepted"):
        for fact in request.step(asked, stamp, status):
            asked = request.evolve(asked, fact)
            facts.append(fact)
    lyceum.commit(facts)
