"""Bring a problem document into the application as facts: the network, venues, volunteers and requests behind it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from adapters.application.application import Lyceum
from adapters.people.personal_records import PersonalRecord
from adapters.store.store import person_row
from domain import network, request, venue, volunteer
from domain.calendar import monday
from domain.events import Event, EventMetadata
from domain.opening import OpeningHours, weekly
from domain.places import Location
from domain.windows import Windows, normal, on_day

Document = dict[str, Any]
DISTRICT = "district"
FOUNDED = date(2020, 1, 1)


def load(lyceum: Lyceum, problem: Document) -> UUID:
    """Save the facts in one transaction; the id of the district."""
    metadata = lyceum.metadata()
    point = _location(problem["venues"][0])
    facts: list[Event] = [*_area(metadata, DISTRICT, None, point, problem["timezone"])]
    for key in sorted({row["area"] for row in problem["requests"]}):
        facts += _area(metadata, key, network.area_id(DISTRICT), point, problem["timezone"])
    for row in problem["venues"]:
        facts += _venue(metadata, row)
    for row in problem["volunteers"]:
        facts += _volunteer(metadata, row, problem["week"])
    for row in problem["requests"]:
        facts += _request(metadata, row, problem["week"])
    homes = [
        person_row(volunteer.volunteer_id(row["id"]), PersonalRecord(row["name"], home=_location(row)))
        for row in problem["volunteers"]
    ]
    lyceum.commit(facts, homes)
    return network.area_id(DISTRICT)


def _area(
    metadata: EventMetadata, key: str, parent: UUID | None, point: Location, zone: str
) -> Iterator[Event]:
    level = "community" if parent else "district"
    yield from network.found_area(
        None,
        metadata,
        network.NewArea(
            key=key, level=level, names=(("zh", key),), zone=zone, on=FOUNDED, parent=parent, location=point
        ),
    )


def _venue(metadata: EventMetadata, row: Document) -> Iterator[Event]:
    lender: venue.Venue | None = None
    for decide in _venue_decisions(metadata, row):
        for fact in decide(lender):
            lender = venue.evolve(lender, fact)
            yield fact


def _venue_decisions(metadata: EventMetadata, row: Document) -> Iterator[Any]:
    key = row["id"]
    yield lambda _: venue.register_venue(
        None,
        metadata,
        key=key,
        name=row["name"],
        kind=row["kind"],
        area=network.area_id(DISTRICT),
        location=_location(row),
    )
    terms = venue.LendingTerms(weekly_cap_minutes=row["weekly_cap_minutes"])
    yield lambda lender: venue.set_lending_terms(lender, metadata, terms)
    for room in row["rooms"]:
        opened, hours = _room(key, room), _hours(room["open"])
        yield lambda lender, opened=opened: venue.open_room(lender, metadata, opened)
        yield lambda lender, opened=opened, hours=hours: venue.set_opening_hours(
            lender, metadata, opened.id, hours
        )


def _room(venue_key: str, room: Document) -> venue.Room:
    return venue.Room(
        id=venue.room_id(venue_key, room["id"]),
        key=room["id"],
        name=room["name"],
        capacity=room["capacity"],
        equipment=tuple(room["equipment"]),
        accessible=room["accessible"],
        turnaround_minutes=room["turnaround_minutes"],
        part_of=venue.room_id(venue_key, room["part_of"]) if room["part_of"] else None,
        functions=None if room["functions"] is None else tuple(room["functions"]),
    )


def _hours(windows: list[Document]) -> OpeningHours:
    return weekly(*(((row["day"],), row["start"], row["end"]) for row in windows))


def _volunteer(metadata: EventMetadata, row: Document, week: str) -> Iterator[Event]:
    key = row["id"]
    profile = volunteer.Profile(
        kind=row["kind"],
        home_area=network.area_id(DISTRICT),
        skills=tuple(volunteer.Skill(topic) for topic in row["skills"]),
        roles=tuple(row["roles"]),
        max_travel_km=row["max_travel_km"],
        max_minutes_day=row["max_minutes_day"],
        max_minutes_week=row["max_minutes_week"],
        minor=row["minor"],
    )
    facts: list[Any] = list(volunteer.enrol_volunteer(None, metadata, key=key, profile=profile))
    person = volunteer.evolve(None, facts[0])
    first = monday(week)
    check = volunteer.BackgroundCheck(
        passed=True, checked_on=first - timedelta(90), expires=first + timedelta(270), unit="benchmark"
    )
    for decide in (
        lambda person: volunteer.record_check(person, metadata, check) if row["vetted"] else (),
        lambda person: (
            volunteer.record_consent(
                person, metadata, guardian=volunteer.volunteer_id(f"guardian {key}"), consent=True
            )
            if row["minor"]
            else ()
        ),
        lambda person: volunteer.offer_hours(person, metadata, _windows(row["available"])),
    ):
        events: tuple[Any, ...] = decide(person)
        for fact in events:
            person = volunteer.evolve(person, fact)
        facts += events
    yield from facts


def _request(metadata: EventMetadata, row: Document, week: str) -> Iterator[Event]:
    order = request.Order(
        title=row["title"],
        topic=row["topic"],
        function=row["function"],
        learners=row["learners"],
        duration_minutes=row["duration_minutes"],
        acceptable=_windows(row["acceptable"]),
        first_week=week,
        sessions=row["sessions"],
        minors=row["minors"],
        priority=row["priority"],
        preferred=_windows(row["preferred"]),
        equipment=tuple(row["equipment"]),
        accessible=row["accessible"],
        max_travel_km=row["max_travel_km"],
        leads=row["leads"],
        assistants=row["assistants"],
        cohorts=tuple(row["cohorts"]),
    )
    submitted = request.submit_request(
        None, metadata, key=row["id"], area=network.area_id(row["area"]), location=_location(row), order=order
    )
    state = request.evolve(None, submitted[0])
    yield from submitted
    for status in ("screened", "accepted"):
        for fact in request.step(state, metadata, status):
            state = request.evolve(state, fact)
            yield fact


def _windows(windows: list[Document]) -> Windows:
    return normal(on_day(row["day"], row["start"], row["end"]) for row in windows)


def _location(row: Document) -> Location:
    lat, lon = row["location"]
    return lat, lon
