"""Bring a problem document into the application as facts: the network, venues, volunteers and requests behind it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from adapters.people.personal_records import PersonalRecord
from adapters.services.application import Lyceum
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
    for key in sorted({one["area"] for one in problem["requests"]}):
        facts += _area(metadata, key, network.area_id(DISTRICT), point, problem["timezone"])
    for one in problem["venues"]:
        facts += _venue(metadata, one)
    for one in problem["volunteers"]:
        facts += _volunteer(metadata, one, problem["week"])
    for one in problem["requests"]:
        facts += _request(metadata, one, problem["week"])
    homes = [
        person_row(volunteer.volunteer_id(one["id"]), PersonalRecord(one["name"], home=_location(one)))
        for one in problem["volunteers"]
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
        key=key,
        level=level,
        names=(("zh", key),),
        zone=zone,
        on=FOUNDED,
        parent=parent,
        location=point,
    )


def _venue(metadata: EventMetadata, one: Document) -> Iterator[Event]:
    lender: venue.Venue | None = None
    for decide in _venue_decisions(metadata, one):
        for fact in decide(lender):
            lender = venue.evolve(lender, fact)
            yield fact


def _venue_decisions(metadata: EventMetadata, one: Document) -> Iterator[Any]:
    key = one["id"]
    yield lambda _: venue.register_venue(
        None,
        metadata,
        key=key,
        name=one["name"],
        kind=one["kind"],
        area=network.area_id(DISTRICT),
        location=_location(one),
    )
    terms = venue.LendingTerms(weekly_cap_minutes=one["weekly_cap_minutes"])
    yield lambda lender: venue.set_lending_terms(lender, metadata, terms)
    for room in one["rooms"]:
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
    return weekly(*(((one["day"],), one["start"], one["end"]) for one in windows))


def _volunteer(metadata: EventMetadata, one: Document, week: str) -> Iterator[Event]:
    key = one["id"]
    profile = volunteer.Profile(
        kind=one["kind"],
        home_area=network.area_id(DISTRICT),
        skills=tuple(volunteer.Skill(topic) for topic in one["skills"]),
        roles=tuple(one["roles"]),
        max_travel_km=one["max_travel_km"],
        max_minutes_day=one["max_minutes_day"],
        max_minutes_week=one["max_minutes_week"],
        minor=one["minor"],
    )
    facts: list[Any] = list(volunteer.enrol_volunteer(None, metadata, key=key, profile=profile))
    person = volunteer.evolve(None, facts[0])
    first = monday(week)
    check = volunteer.BackgroundCheck(
        passed=True, checked_on=first - timedelta(90), expires=first + timedelta(270), unit="benchmark"
    )
    for decide in (
        lambda person: volunteer.record_check(person, metadata, check) if one["vetted"] else (),
        lambda person: (
            volunteer.record_consent(
                person, metadata, guardian=volunteer.volunteer_id(f"guardian {key}"), consent=True
            )
            if one["minor"]
            else ()
        ),
        lambda person: volunteer.offer_hours(person, metadata, _windows(one["available"])),
    ):
        made: tuple[Any, ...] = decide(person)
        for fact in made:
            person = volunteer.evolve(person, fact)
        facts += made
    yield from facts


def _request(metadata: EventMetadata, one: Document, week: str) -> Iterator[Event]:
    order = request.Order(
        title=one["title"],
        topic=one["topic"],
        function=one["function"],
        learners=one["learners"],
        duration_minutes=one["duration_minutes"],
        acceptable=_windows(one["acceptable"]),
        first_week=week,
        sessions=one["sessions"],
        minors=one["minors"],
        priority=one["priority"],
        preferred=_windows(one["preferred"]),
        equipment=tuple(one["equipment"]),
        accessible=one["accessible"],
        max_travel_km=one["max_travel_km"],
        leads=one["leads"],
        assistants=one["assistants"],
        cohorts=tuple(one["cohorts"]),
    )
    submitted = request.submit_request(
        None, metadata, key=one["id"], area=network.area_id(one["area"]), location=_location(one), order=order
    )
    asked = request.evolve(None, submitted[0])
    yield from submitted
    for status in ("screened", "accepted"):
        for fact in request.step(asked, metadata, status):
            asked = request.evolve(asked, fact)
            yield fact


def _windows(windows: list[Document]) -> Windows:
    return normal(on_day(one["day"], one["start"], one["end"]) for one in windows)


def _location(one: Document) -> Location:
    lat, lon = one["location"]
    return lat, lon
