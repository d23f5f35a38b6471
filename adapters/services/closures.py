"""Take time back: a closure or the end of a venue, a volunteer's pause or leaving, written into each diary it breaks.

It stands in the venue or the volunteer, which every release that names them rests on. Of the diaries those are written
that hold promises, in the same transaction. No release comes in between: all diaries are read, and none may have
changed when it is saved. `adapters.week.release_validity` says which released sessions it breaks.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from adapters.services.application import Lyceum
from adapters.store.append_conditions import read_all
from adapters.store.streams import AREAS, DIARIES, VENUES, VOLUNTEERS
from domain import diary, venue, volunteer
from domain.calendar import date_of, instant
from domain.events import Event, EventMetadata
from domain.windows import Window


def close_venue(
    lyceum: Lyceum, venue_key: str, closure: venue.Closure, why: str, *, emergency: bool = False
) -> bool:
    """Close a venue or some of its rooms; whether anything changed.

    Raises ShortNotice where the lending terms ask for more notice and it is no emergency.
    """
    weeks = diary.weeks_to_block(closure.first, closure.last)

    def command() -> bool:
        position = _caught_up(lyceum)
        place = lyceum.store.must_load(VENUES, venue.venue_id(venue_key))
        metadata = lyceum.metadata()
        starts = None if emergency else _start(lyceum, place, closure)
        events: list[Event] = list(venue.close_venue(place, metadata, closure, why, starts=starts))
        rooms = frozenset(venue.closed_rooms(place, closure)) if events else frozenset()
        for page in _promised(lyceum, weeks, rooms) if events else ():
            events += _block(metadata, page, closure.id, venue.closure_windows(closure, page.week), why)
        return _commit(lyceum, events, position)

    return lyceum.retrying(command)


def _start(lyceum: Lyceum, place: venue.Venue, closure: venue.Closure) -> datetime:
    area = lyceum.store.must_load(AREAS, place.area)
    return instant(closure.first, closure.start_min, area.zone).astimezone(UTC)


def reopen_venue(lyceum: Lyceum, venue_key: str, closure: UUID, why: str) -> bool:
    """Lift a closure, in the venue and in every diary that it was written into; whether there was one."""

    def command() -> bool:
        lyceum.views.catch_up()
        metadata = lyceum.metadata()
        place = lyceum.store.must_load(VENUES, venue.venue_id(venue_key))
        events: list[Event] = list(venue.lift_closure(place, metadata, closure, why))
        for page in lyceum.views.all(DIARIES) if events else ():
            events += diary.lift_block(page, metadata, closure, why)
        lyceum.commit(events)
        return bool(events)

    return lyceum.retrying(command)


def retire_venue(lyceum: Lyceum, venue_key: str, on: date | None, why: str) -> bool:
    """Note that a venue lends nothing from a day on, None: that it lends again; whether anything changed."""

    def command() -> bool:
        position = _caught_up(lyceum)
        place = lyceum.store.must_load(VENUES, venue.venue_id(venue_key))
        metadata = lyceum.metadata()
        events: list[Event] = list(venue.retire_venue(place, metadata, on=on, why=why))
        if events:
            rooms = frozenset(room.id for room in (*place.rooms, *place.former))
            events += ended_from(lyceum, metadata, rooms, venue.retired_id(venue_key), on, why)
        return _commit(lyceum, events, position)

    return lyceum.retrying(command)


def pause_volunteer(lyceum: Lyceum, volunteer_key: str, pause: volunteer.Pause, why: str) -> bool:
    """Pause a volunteer's offer; whether anything changed."""
    weeks = diary.weeks_to_block(pause.first, pause.last)
    mark = volunteer.pause_id(volunteer_key, pause)

    def command() -> bool:
        position = _caught_up(lyceum)
        person = lyceum.store.must_load(VOLUNTEERS, volunteer.volunteer_id(volunteer_key))
        metadata = lyceum.metadata()
        events: list[Event] = list(volunteer.pause_offer(person, metadata, pause, why))
        for page in _promised(lyceum, weeks, {person.id}) if events else ():
            days = volunteer.days_away(page.week, pause.first, pause.last)
            events += _block(metadata, page, mark, days, why)
        return _commit(lyceum, events, position)

    return lyceum.retrying(command)


def let_go(lyceum: Lyceum, volunteer_key: str, on: date, why: str) -> bool:
    """Note that a volunteer leaves on a day; whether anything changed. A second call with another day corrects it."""

    def command() -> bool:
        position = _caught_up(lyceum)
        person = lyceum.store.must_load(VOLUNTEERS, volunteer.volunteer_id(volunteer_key))
        metadata = lyceum.metadata()
        events: list[Event] = list(volunteer.leave(person, metadata, on=on, why=why))
        if events:
            events += ended_from(lyceum, metadata, {person.id}, volunteer.leave_id(volunteer_key), on, why)
        return _commit(lyceum, events, position)

    return lyceum.retrying(command)


def with_time_taken(page: diary.Diary, state: venue.Venue | volunteer.Volunteer | None) -> diary.Diary:
    """The diary of a room or a volunteer with all that the venue or the volunteer, as it is, takes of that week."""
    match state:
        case venue.Venue() if page.kind == "room":
            taken = venue.closures_of(state, page.resource, page.week)
        case volunteer.Volunteer():
            taken = volunteer.absences_of(state, page.week)
        case _:
            return page
    blocks = (*page.blocks, *(diary.Block(id, window) for id, window in taken))
    return replace(page, blocks=tuple(dict.fromkeys(blocks)))


def _caught_up(lyceum: Lyceum) -> int:
    """The position that the read side is at, after following."""
    lyceum.views.catch_up()
    return lyceum.views.position


def _promised(lyceum: Lyceum, weeks: Iterable[str], resources: Container[UUID]) -> Iterator[diary.Diary]:
    """The diaries of the resources that hold promises in these weeks."""
    for week in weeks:
        for page in lyceum.views.all(DIARIES, week):
            if page.resource in resources and page.promises:
                yield page


def ended_from(
    lyceum: Lyceum, metadata: EventMetadata, resources: Container[UUID], mark: UUID, on: date | None, why: str
) -> Iterator[Event]:
    """Block what was promised from a day on, instead of what an earlier call had blocked."""
    for page in _promised(lyceum, lyceum.views.scopes(DIARIES), resources):
        blocks = [diary.Block(mark, window) for window in _days_from(page.week, on)]
        if {block for block in page.blocks if block.id == mark} == set(blocks):
            continue
        lifted = diary.lift_block(page, metadata, mark, why)
        yield from lifted
        yield from diary.block_time(DIARIES.fold(lifted, page) or page, metadata, blocks, why)


def _days_from(week: str, on: date | None) -> tuple[Window, ...]:
    if on is None or date_of(week, 7) < on:
        return ()
    return volunteer.days_away(week, on, date.max)


def _block(
    metadata: EventMetadata, page: diary.Diary, mark: UUID, windows: tuple[Window, ...], why: str
) -> tuple[diary.TimeBlocked, ...]:
    return diary.block_time(page, metadata, [diary.Block(mark, window) for window in windows], why)


def _commit(lyceum: Lyceum, events: list[Event], position: int) -> bool:
    lyceum.commit(events, condition=read_all(position, AREAS, DIARIES) if events else None)
    return bool(events)
