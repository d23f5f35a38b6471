"""Targets of access control: where a record lies in the network, and which roles cover that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Literal, TypeAlias
from uuid import UUID

from domain.account import RoleGrant
from domain.network import Area
from domain.request import CourseRequest
from domain.timetable import Timetable
from domain.venue import Venue
from domain.volunteer import Volunteer

Reach: TypeAlias = Literal[
    "own", "all"
]  # of a role for an operation: the part it was granted for, or everywhere


@dataclass(frozen=True, slots=True)
class Target:
    """What an operation is about: the area that it lies in, and the venue, the person or nothing more."""

    area: UUID | None = None
    venue: UUID | None = None
    volunteer: UUID | None = None


@singledispatch
def target_of(record: Any) -> Target:
    """Where a record lies in the network."""
    raise TypeError(f"{type(record).__name__} lies nowhere in the network")


@target_of.register
def _(record: Area) -> Target:
    return Target(area=record.id)


@target_of.register
def _(record: Venue) -> Target:
    return Target(area=record.area, venue=record.id)


@target_of.register
def _(record: Volunteer) -> Target:
    return Target(area=record.profile.home_area, volunteer=record.id)


@target_of.register
def _(record: CourseRequest) -> Target:
    return Target(area=record.area)


@target_of.register
def _(record: Timetable) -> Target:
    return Target(area=record.area)


def covers(granted: RoleGrant, reach: Reach, target: Target, around: Iterable[UUID]) -> bool:
    """Whether a grant holds for a target; `around` is its area and those that it lies in."""
    if reach == "all" or granted.within is None:
        return True
    match granted.role:
        case "host":
            return granted.within == target.venue
        case "volunteer":
            return granted.within == target.volunteer
        case "coordinator" | "community":
            return granted.within in set(around)
    return False
