"""Commands about venues: registered, described, lent, and their rooms and opening hours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from adapters.application.unit_of_work import UnitOfWork, command
from adapters.services.areas import standing_area
from adapters.store.streams import VENUES
from domain import venue as decide
from domain.opening import OpeningHours
from domain.places import Location
from domain.venue import LendingTerms, Room, Venue, VenueKind, venue_id


@dataclass(frozen=True, slots=True)
class VenueDescription:
    """What a venue is called, what sort of house it is, and where it lies."""

    name: str
    kind: VenueKind
    area: UUID
    location: Location


@command
def register_venue(unit: UnitOfWork, key: str, described: VenueDescription) -> Venue:
    """Register a venue under a key. Raises AlreadyThere, or AreaEnded where the area was dissolved."""
    standing_area(unit, described.area)
    return unit.create(
        VENUES,
        venue_id(key),
        partial(
            decide.register_venue,
            key=key,
            name=described.name,
            kind=described.kind,
            area=described.area,
            location=described.location,
        ),
    )


@command
def describe_venue(unit: UnitOfWork, venue: UUID, described: VenueDescription) -> Venue:
    """Describe a venue anew, maybe in another area. Raises AreaEnded where that was dissolved."""
    if described.area != unit.must_load(VENUES, venue).area:
        standing_area(unit, described.area)
    return unit.decide(
        VENUES,
        venue,
        partial(
            decide.describe_venue,
            name=described.name,
            kind=described.kind,
            area=described.area,
            location=described.location,
        ),
    )


@command
def set_lending_terms(unit: UnitOfWork, venue: UUID, terms: LendingTerms) -> Venue:
    """Set the terms on which a venue lends. Raises BadTerms."""
    return unit.decide(VENUES, venue, partial(decide.set_lending_terms, terms=terms))


@command
def open_room(unit: UnitOfWork, venue: UUID, room: Room) -> Venue:
    """Open a room, or describe it anew. Raises BadRoom."""
    return unit.decide(VENUES, venue, partial(decide.open_room, room=room))


@command
def withdraw_room(unit: UnitOfWork, venue: UUID, room: UUID, why: str) -> Venue:
    """Take a room back, and the parts of a hall with it. Raises UnknownRoom."""
    return unit.decide(VENUES, venue, partial(decide.withdraw_room, room=room, why=why))


@command
def set_opening_hours(unit: UnitOfWork, venue: UUID, room: UUID | None, hours: OpeningHours) -> Venue:
    """Set the hours of a venue, or with `room` those of a room, in the place of those it had."""
    return unit.decide(VENUES, venue, partial(decide.set_opening_hours, room=room, hours=hours))


@command
def remove_opening_hours(unit: UnitOfWork, venue: UUID, room: UUID) -> Venue:
    """Have a room keep the hours of its venue again."""
    return unit.decide(VENUES, venue, partial(decide.remove_opening_hours, room=room))
