"""Take time back: a closure of a venue, a volunteer's pause or leaving, written into every diary that it touches.

Only a stream that is written guards anything, so the diaries of the touched weeks are written in the same
transaction as the closure itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from adapters.application import Lyceum
from adapters.store.streams import AREAS, DIARIES, VENUES, VOLUNTEERS
from domain import diary, venue, volunteer
from domain.calendar import date_of, instant
from domain.diary import Promise
from domain.facts import Fact, Stamp, stream_id
from domain.windows import DAY_MIN, Window


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
        place = lyceum.store.must_load(VENUES, venue.venue_id(venue_key))
        stamp = lyceum.stamp()
        starts = None if emergency else _start(lyceum, place, closure)
        facts: list[Fact] = list(venue.close_venue(place, stamp, closure, why, starts=starts))
        if not facts:
            return ()
        pages = [
            _block(lyceum, stamp, "room", room, week, closure.id, venue.closure_windows(closure, week), why)
            for room in venue.closed_rooms(place, closure)
            for week in weeks
        ]
        return _commit(lyceum, facts, pages)

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
    mark = stream_id("pause", volunteer_key, str(pause.first), str(pause.last))

    def command() -> tuple[Broken, ...]:
        person = lyceum.store.must_load(VOLUNTEERS, volunteer.volunteer_id(volunteer_key))
        stamp = lyceum.stamp()
        facts: list[Fact] = list(volunteer.pause_offer(person, stamp, pause, why))
        if not facts:
            return ()
        pages = [
            _block(
                lyceum, stamp, "volunteer", person.id, week, mark, _days(week, pause.first, pause.last), why
            )
            for week in diary.weeks_to_block(pause.first, pause.last)
        ]
        return _commit(lyceum, facts, pages)

    return lyceum.retrying(command)


def let_go(lyceum: Lyceum, volunteer_key: str, on: date, why: str) -> tuple[Broken, ...]:
    """Note that a volunteer leaves on a day; the released sessions that this breaks."""
    mark = stream_id("left", volunteer_key)

    def command() -> tuple[Broken, ...]:
        lyceum.views.catch_up()
        person = lyceum.store.must_load(VOLUNTEERS, volunteer.volunteer_id(volunteer_key))
        stamp = lyceum.stamp()
        facts: list[Fact] = list(volunteer.leave(person, stamp, on=on, why=why))
        if not facts:
            return ()
        promised = (one for one in lyceum.views.all(DIARIES) if one.resource == person.id and one.promises)
        pages = [
            _block(lyceum, stamp, "volunteer", person.id, one.week, mark, _days(one.week, on, date.max), why)
            for one in promised
            if date_of(one.week, 7) >= on
        ]
        return _commit(lyceum, facts, pages)

    return lyceum.retrying(command)


def _days(week: str, first: date, last: date) -> tuple[Window, ...]:
    return tuple(
        Window((day - 1) * DAY_MIN, day * DAY_MIN)
        for day in range(1, 8)
        if first <= date_of(week, day) <= last
    )


_Page = tuple[diary.Diary, tuple[diary.TimeBlocked, ...]]  # the diary after the block, and the event


def _block(
    lyceum: Lyceum,
    stamp: Stamp,
    kind: diary.Resource,
    resource: UUID,
    week: str,
    mark: UUID,
    windows: tuple[Window, ...],
    why: str,
) -> _Page:
    present = lyceum.load(DIARIES, diary.diary_id(resource, week)) or diary.blank(kind, resource, week)
    made = diary.block_time(present, stamp, [diary.Block(mark, window) for window in windows], why)
    for fact in made:
        present = diary.evolve(present, fact)
    return present, made


def _commit(lyceum: Lyceum, facts: list[Fact], pages: list[_Page]) -> tuple[Broken, ...]:
    lyceum.commit([*facts, *(fact for _, made in pages for fact in made)])
    return tuple(_broken(pages))


def _broken(pages: list[_Page]) -> Iterator[Broken]:
    for page, made in pages:
        if made:
            yield from (Broken(page.week, page.resource, one) for one in diary.broken(page))
