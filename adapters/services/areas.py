"""Commands about areas: founded, renamed, re-coded, moved, merged and dissolved, and when their sessions may start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from uuid import UUID

from adapters.application.unit_of_work import UnitOfWork, command
from adapters.queries.area_queries import network as network_of
from adapters.queries.request_queries import requests_by_id
from adapters.queries.venue_queries import venues_by_id
from adapters.queries.volunteer_queries import volunteers_by_id
from adapters.store.streams import AREAS
from domain import area_references, area_times, network
from domain.calendar import monday
from domain.network import Area, Code, Names, NewArea, area_id
from domain.places import Location
from domain.recurrence import Letter
from domain.starts import Starts
from domain.succession import HandedOn, handed_on


@command
def found_area(unit: UnitOfWork, new: NewArea) -> Area:
    """Found an area. Raises AlreadyThere or TakenReference."""
    areas = network_of(unit.now)
    decision = partial(
        area_references.found_area,
        new=new,
        network=areas,
        references=area_references.References(areas.values()),
        around=None if new.parent is None else areas[new.parent],
    )
    return unit.create(AREAS, area_id(new.key), decision)


@command
def rename_area(unit: UnitOfWork, area: UUID, names: Names, on: date, why: str) -> Area:
    """Give an area other names from a day on."""
    return unit.decide(AREAS, area, partial(network.rename_area, names=names, on=on, why=why))


@command
def recode_area(unit: UnitOfWork, area: UUID, codes: tuple[Code, ...], on: date, why: str) -> Area:
    """Give an area other codes from a day on. Raises TakenReference."""
    recode = partial(area_references.recode_area, network=network_of(unit.now), codes=codes, on=on, why=why)
    return unit.decide(AREAS, area, recode)


@command
def move_area(unit: UnitOfWork, area: UUID, parent: UUID | None, on: date, why: str) -> Area:
    """Move an area into another one from a day on, None: out of every other. Raises AreaCycle."""
    move = partial(network.move_area, parent=parent, on=on, why=why, network=network_of(unit.now))
    return unit.decide(AREAS, area, move)


@command
def locate_area(
    unit: UnitOfWork,
    area: UUID,
    location: Location | None = None,
    zone: str | None = None,
    calendar: str | None = None,
) -> Area:
    """Correct an area's point, zone or calendar, None: it stays.

    Areas below that have the same zone or calendar as this one go on having the same.
    """
    present, metadata = unit.must_load(AREAS, area), unit.metadata()
    zone, calendar = zone or present.zone, calendar or present.calendar
    handed_down = network.hand_down_clock(
        present, metadata, zone=zone, calendar=calendar, on=metadata.at.date(), network=network_of(unit.now)
    )
    locate = partial(network.locate_area, location=location or present.location, zone=zone, calendar=calendar)
    after = unit.decide(AREAS, area, locate)
    unit.commit(handed_down)
    return after


@command
def set_starts(unit: UnitOfWork, area: UUID, starts: Starts | None, on: date, why: str) -> Area:
    """Set when sessions of an area may start from a day on, None: as in the area around it."""
    return unit.decide(AREAS, area, partial(area_times.set_starts, starts=starts, on=on, why=why))


@command
def letter_week(unit: UnitOfWork, area: UUID, week: str, letter: Letter, why: str) -> Area:
    """Say whether a week of an area is an A or a B week; the weeks after it take turns."""
    first = max(monday(week), unit.must_load(AREAS, area).founded)
    return unit.decide(AREAS, area, partial(area_times.letter_week, letter=letter, on=first, why=why))


@command
def merge_area(unit: UnitOfWork, area: UUID, into: UUID, on: date, why: str) -> tuple[Area, HandedOn]:
    """Merge an area into another one from a day on; with what goes there too."""
    areas = network_of(unit.now)
    succession = _succession(unit, areas, area, on, areas[into])
    merge = partial(network.merge_area, into=areas[into], on=on, why=why, network=areas)
    return unit.decide(AREAS, area, merge), succession


@command
def dissolve_area(
    unit: UnitOfWork, area: UUID, on: date, why: str, into: UUID | None = None
) -> tuple[Area, HandedOn]:
    """Dissolve an area from a day on; with what goes to `into`, or to the area around it.

    Raises a refusal while other areas lie in it, and where nobody would take over what belongs to it.
    """
    areas = network_of(unit.now)
    heir = None if into is None else areas[into]
    succession = _succession(unit, areas, area, on, heir)
    dissolve = partial(
        network.dissolve_area, on=on, why=why, network=areas, into=heir, holds=bool(succession)
    )
    return unit.decide(AREAS, area, dissolve), succession


def _succession(
    unit: UnitOfWork, areas: Mapping[UUID, Area], area: UUID, on: date, into: Area | None
) -> HandedOn:
    venues, volunteers = venues_by_id(unit.now).values(), volunteers_by_id(unit.now).values()
    requests = requests_by_id(unit.now).values()
    return handed_on(areas, unit.must_load(AREAS, area), on, into, venues, volunteers, requests)


def standing_area(unit: UnitOfWork, area: UUID) -> Area:
    """The area, for something that is put into it. Raises NotThere, or AreaEnded where it was dissolved."""
    return network.require_standing(unit.must_load(AREAS, area), unit.clock().date())
