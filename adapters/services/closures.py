"""Commands of closures: a venue's closure or end, a volunteer's pause or leaving, written into each diary it breaks.

It stands in the venue or the volunteer, which every release that names them rests on. Of the diaries those are written
that hold promises, in the same transaction. No release comes in between: all diaries are read, and none may have
changed when it is saved. `adapters.week.release_validity` says which released sessions it breaks.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from uuid import UUID

from adapters.application.unit_of_work import Repository, UnitOfWork, command
from adapters.queries.diary_queries import all_diaries, promised
from adapters.store.append_conditions import read_all
from adapters.store.streams import AREAS, DIARIES, VENUES, VOLUNTEERS
from domain import absences, diary, venue, volunteer
from domain.calendar import date_of, instant
from domain.events import Event, EventMetadata
from domain.windows import Window


@command
def close_venue(
    unit: UnitOfWork, venue_key: str, closure: venue.Closure, why: str, *, emergency: bool = False
) -> bool:
    """Close a venue or some of its rooms; whether anything changed.

    Raises ShortNotice where the lending terms ask for more notice and it is no emergency.
    """
    position = _caught_up(unit)
    closed_venue = unit.must_load(VENUES, venue.venue_id(venue_key))
    starts = None if emergency else _start(unit, closed_venue, closure)
    events = absences.close_venue(
        closed_venue, unit.metadata(), closure, why, promised=partial(promised, unit.views), starts=starts
    )
    return _commit(unit, events, position)


def _start(repository: Repository, closed_venue: venue.Venue, closure: venue.Closure) -> datetime:
    area = repository.must_load(AREAS, closed_venue.area)
    return instant(closure.first, closure.start_min, area.zone).astimezone(UTC)


@command
def reopen_venue(unit: UnitOfWork, venue_key: str, closure: UUID, why: str) -> bool:
    """Lift a closure, in the venue and in every diary that it was written into; whether there was one."""
    return lift_closures(unit, venue_key, (closure,), why)


@command
def lift_closures(unit: UnitOfWork, venue_key: str, closures: Sequence[UUID], why: str) -> bool:
    """Lift all these closures of a venue, or none, as `reopen_venue` lifts one; whether there was any of them."""
    unit.views.catch_up()
    metadata = unit.metadata()
    reopened_venue = unit.must_load(VENUES, venue.venue_id(venue_key))
    events: list[Event] = []
    for closure in closures:
        reopened = venue.lift_closure(reopened_venue, metadata, closure, why)
        reopened_venue = VENUES.fold(reopened, reopened_venue) or reopened_venue
        events += reopened
    for resource_diary in all_diaries(unit.views) if events else ():
        events += _lifted(resource_diary, metadata, closures, why)
    unit.commit(events)
    return bool(events)


def _lifted(
    resource_diary: diary.Diary, metadata: EventMetadata, closures: Iterable[UUID], why: str
) -> Iterator[Event]:
    for closure in closures:
        lifted = diary.lift_block(resource_diary, metadata, closure, why)
        resource_diary = DIARIES.fold(lifted, resource_diary) or resource_diary
        yield from lifted


@command
def retire_venue(unit: UnitOfWork, venue_key: str, on: date | None, why: str) -> bool:
    """Note that a venue lends nothing from a day on, None: that it lends again; whether anything changed."""
    position = _caught_up(unit)
    retired_venue = unit.must_load(VENUES, venue.venue_id(venue_key))
    metadata = unit.metadata()
    events: list[Event] = list(venue.retire_venue(retired_venue, metadata, on=on, why=why))
    if events:
        rooms = frozenset(room.id for room in (*retired_venue.rooms, *retired_venue.former))
        events += ended_from(unit, metadata, rooms, venue.retired_id(venue_key), on, why)
    return _commit(unit, events, position)


@command
def pause_volunteer(unit: UnitOfWork, volunteer_key: str, pause: volunteer.Pause, why: str) -> bool:
    """Pause a volunteer's offer; whether anything changed."""
    position = _caught_up(unit)
    person = unit.must_load(VOLUNTEERS, volunteer.volunteer_id(volunteer_key))
    events = absences.pause_volunteer(
        person, unit.metadata(), pause, why, promised=partial(promised, unit.views)
    )
    return _commit(unit, events, position)


@command
def let_go(unit: UnitOfWork, volunteer_key: str, on: date, why: str) -> bool:
    """Note that a volunteer leaves on a day; whether anything changed. A second call with another day corrects it."""
    position = _caught_up(unit)
    person = unit.must_load(VOLUNTEERS, volunteer.volunteer_id(volunteer_key))
    metadata = unit.metadata()
    events: list[Event] = list(volunteer.leave(person, metadata, on=on, why=why))
    if events:
        events += ended_from(unit, metadata, {person.id}, volunteer.leave_id(volunteer_key), on, why)
    return _commit(unit, events, position)


def _caught_up(repository: Repository) -> int:
    """The position that the read side is at, after following."""
    repository.views.catch_up()
    return repository.views.position


def ended_from(
    repository: Repository,
    metadata: EventMetadata,
    resources: Container[UUID],
    mark: UUID,
    on: date | None,
    why: str,
) -> Iterator[Event]:
    """Block what was promised from a day on, instead of what an earlier call had blocked."""
    for resource_diary in promised(repository.views, repository.views.scopes(DIARIES), resources):
        blocks = [diary.Block(mark, window) for window in _days_from(resource_diary.week, on)]
        if {block for block in resource_diary.blocks if block.id == mark} == set(blocks):
            continue
        lifted = diary.lift_block(resource_diary, metadata, mark, why)
        yield from lifted
        yield from diary.block_time(
            DIARIES.fold(lifted, resource_diary) or resource_diary, metadata, blocks, why
        )


def _days_from(week: str, on: date | None) -> tuple[Window, ...]:
    if on is None or date_of(week, 7) < on:
        return ()
    return volunteer.days_away(week, on, date.max)


def _commit(unit: UnitOfWork, events: Sequence[Event], position: int) -> bool:
    unit.commit(events, condition=read_all(position, AREAS, DIARIES) if events else None)
    return bool(events)
