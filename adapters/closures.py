"""Take time back: a closure of a venue, a volunteer's pause or leaving, written into each diary that it breaks.

It stands in the venue or the volunteer, which every release that names them rests on. Of the diaries those are written
that hold promises, in the same transaction, so that what it breaks is told there. No release comes in between: all
diaries are read, and none may have changed when it is saved.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from adapters.application import Lyceum
from adapters.store.conditions import read_all
from adapters.store.streams import AREAS, DIARIES, VENUES, VOLUNTEERS
from domain import diary, venue, volunteer
from domain.calendar import date_of, instant
from domain.diary import Promise
from domain.facts import Fact, Stamp
from domain.windows import Window


@dataclass(frozen=True, slots=True)
class Broken:
    """A released session that can no longer take place as it stands."""

    week: str
    resource: UUID
    promise: Promise


def close_venue(
    lyceum: Lyceum, venue_key: str, closure: venue.Closure, why: str, *, emergency: bool = False
) -> tuple[Broken, ...]:
    """Close a venue or some of its rooms; the released sessions that this breaks.

    Raises ShortNotice where the lending terms ask for more notice and it is no emergency.
    """
    weeks = diary.weeks_to_block(closure.first, closure.last)

    def command() -> tuple[Broken, ...]:
        position = _caught_up(lyceum)
        place = lyceum.store.must_load(VENUES, venue.venue_id(venue_key))
        stamp = lyceum.stamp()
        starts = None if emergency else _start(lyceum, place, closure)
        facts: list[Fact] = list(venue.close_venue(place, stamp, closure, why, starts=starts))
        if not facts:
            return ()
        rooms = frozenset(venue.closed_rooms(place, closure))
        pages = [
            _block(stamp, page, closure.id, venue.closure_windows(closure, page.week), why)
            for page in _promised(lyceum, weeks, rooms)
        ]
        return _commit(lyceum, facts, pages, position)

    return lyceum.retrying(command)


def _start(lyceum: Lyceum, place: venue.Venue, closure: venue.Closure) -> datetime:
    area = lyceum.store.must_load(AREAS, place.area)
    return instant(closure.first, closure.start_min, area.zone).astimezone(UTC)


def reopen_venue(lyceum: Lyceum, venue_key: str, closure: UUID, why: str) -> bool:
    """Lift a closure, in the venue and in every diary that it was written into; whether there was one."""

    def command() -> bool:
        lyceum.views.catch_up()
        stamp = lyceum.stamp()
        place = lyceum.store.must_load(VENUES, venue.venue_id(venue_key))
        facts: list[Fact] = list(venue.lift_closure(place, stamp, closure, why))
        for page in lyceum.views.all(DIARIES) if facts else ():
            facts += diary.lift_block(page, stamp, closure, why)
        lyceum.commit(facts)
        return bool(facts)

    return lyceum.retrying(command)


def pause_volunteer(
    lyceum: Lyceum, volunteer_key: str, pause: volunteer.Pause, why: str
) -> tuple[Broken, ...]:
    """Pause a volunteer's offer; the released sessions that this breaks."""
    weeks = diary.weeks_to_block(pause.first, pause.last)
    mark = volunteer.pause_id(volunteer_key, pause)

    def command() -> tuple[Broken, ...]:
        position = _caught_up(lyceum)
        person = lyceum.store.must_load(VOLUNTEERS, volunteer.volunteer_id(volunteer_key))
        stamp = lyceum.stamp()
        facts: list[Fact] = list(volunteer.pause_offer(person, stamp, pause, why))
        if not facts:
            return ()
        pages = [
            _block(stamp, page, mark, volunteer.days_away(page.week, pause.first, pause.last), why)
            for page in _promised(lyceum, weeks, {person.id})
        ]
        return _commit(lyceum, facts, pages, position)

    return lyceum.retrying(command)


def let_go(lyceum: Lyceum, volunteer_key: str, on: date, why: str) -> tuple[Broken, ...]:
    """Note that a volunteer leaves on a day; the released sessions that this breaks."""
    mark = volunteer.leave_id(volunteer_key)

    def command() -> tuple[Broken, ...]:
        position = _caught_up(lyceum)
        person = lyceum.store.must_load(VOLUNTEERS, volunteer.volunteer_id(volunteer_key))
        stamp = lyceum.stamp()
        facts: list[Fact] = list(volunteer.leave(person, stamp, on=on, why=why))
        if not facts:
            return ()
        promised = (one for one in lyceum.views.all(DIARIES) if one.resource == person.id and one.promises)
        pages = [
            _block(stamp, one, mark, volunteer.days_away(one.week, on, date.max), why)
            for one in promised
            if date_of(one.week, 7) >= on
        ]
        return _commit(lyceum, facts, pages, position)

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


_Page = tuple[diary.Diary, tuple[diary.TimeBlocked, ...]]  # the diary after the block, and the event


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


def _block(stamp: Stamp, page: diary.Diary, mark: UUID, windows: tuple[Window, ...], why: str) -> _Page:
    made = diary.block_time(page, stamp, [diary.Block(mark, window) for window in windows], why)
    for fact in made:
        page = diary.evolve(page, fact)
    return page, made


def _commit(lyceum: Lyceum, facts: list[Fact], pages: list[_Page], position: int) -> tuple[Broken, ...]:
    condition = read_all(position, AREAS, DIARIES)
    lyceum.commit([*facts, *(fact for _, made in pages for fact in made)], condition=condition)
    return tuple(_broken(pages))


def _broken(pages: list[_Page]) -> Iterator[Broken]:
    for page, made in pages:
        if made:
            yield from (Broken(page.week, page.resource, one) for one in diary.broken(page))
