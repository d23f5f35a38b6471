"""Take time back: a closure or the end of a venue, a volunteer's pause or leaving, written into every diary it touches.

Only a stream that is written guards anything, so the diaries of the touched weeks are written in the same
transaction as the closure itself. `adapters.standing` says which released sessions it breaks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from uuid import UUID

from adapters.application import Lyceum
from adapters.store.streams import AREAS, DIARIES, VENUES, VOLUNTEERS
from domain import diary, venue, volunteer
from domain.calendar import date_of, instant
from domain.facts import Fact, Stamp, stream_id
from domain.windows import DAY_MIN, Window


def close_venue(
    lyceum: Lyceum, venue_key: str, closure: venue.Closure, why: str, *, emergency: bool = False
) -> bool:
    """Close a venue or some of its rooms; whether anything changed.

    Raises ShortNotice where the lending terms ask for more notice and it is no emergency.
    """
    weeks = diary.weeks_to_block(closure.first, closure.last)

    def command() -> bool:
        place = lyceum.store.must_load(VENUES, venue.venue_id(venue_key))
        stamp = lyceum.stamp()
        starts = None if emergency else _start(lyceum, place, closure)
        facts: list[Fact] = list(venue.close_venue(place, stamp, closure, why, starts=starts))
        for room in venue.closed_rooms(place, closure) if facts else ():
            for week in weeks:
                windows = venue.closure_windows(closure, week)
                facts += _block(lyceum, stamp, "room", room, week, closure.id, windows, why)
        lyceum.commit(facts)
        return bool(facts)

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


def open_room(lyceum: Lyceum, place: venue.Venue, room: venue.Room) -> None:
    """Add a room, or change the one with the same id. A new one is closed where its venue is."""
    stamp = lyceum.stamp()
    made = venue.open_room(place, stamp, room)
    lyceum.commit([*made, *closed_with_its_venue(partial(lyceum.load, DIARIES), stamp, place, made)])


Pages = Callable[[UUID], diary.Diary | None]


def closed_with_its_venue(
    pages: Pages, stamp: Stamp, place: venue.Venue, made: Iterable[Fact]
) -> Iterator[Fact]:
    """What a new room's diaries say of the closures of its venue, and its hall, that are not over yet."""
    after = place
    for fact in made:
        if isinstance(fact, venue.RoomOpened):
            after = venue.evolve(after, fact)
            yield from closed_now(pages, stamp, after, fact.room.id)


def closed_now(pages: Pages, stamp: Stamp, place: venue.Venue, room: UUID) -> Iterator[Fact]:
    """What a room's diaries do not say yet of the closures that take it and are not over."""
    today = stamp.at.date()
    blocks: dict[str, list[diary.Block]] = defaultdict(list)
    for closure in place.closures:
        if closure.last >= today and room in venue.closed_rooms(place, closure):
            for week in diary.weeks_to_block(closure.first, closure.last):
                windows = venue.closure_windows(closure, week)
                blocks[week] += [diary.Block(closure.id, window) for window in windows]
    for week, found in blocks.items():
        present = pages(diary.diary_id(room, week)) or diary.blank("room", room, week)
        yield from diary.block_time(present, stamp, found, "the venue is closed")


def retire_venue(lyceum: Lyceum, venue_key: str, on: date | None, why: str) -> bool:
    """Note that a venue lends nothing from a day on, None: that it lends again; whether anything changed."""

    def command() -> bool:
        lyceum.views.catch_up()
        place = lyceum.store.must_load(VENUES, venue.venue_id(venue_key))
        stamp = lyceum.stamp()
        facts: list[Fact] = list(venue.retire_venue(place, stamp, on=on, why=why))
        if facts:
            mark = stream_id("retired", venue_key)
            rooms = [room.id for room in (*place.rooms, *place.former)]
            facts += _end(lyceum, stamp, rooms, mark, on, why)
        lyceum.commit(facts)
        return bool(facts)

    return lyceum.retrying(command)


def pause_volunteer(lyceum: Lyceum, volunteer_key: str, pause: volunteer.Pause, why: str) -> bool:
    """Pause a volunteer's offer; whether anything changed."""
    mark = stream_id("pause", volunteer_key, str(pause.first), str(pause.last))

    def command() -> bool:
        person = lyceum.store.must_load(VOLUNTEERS, volunteer.volunteer_id(volunteer_key))
        stamp = lyceum.stamp()
        facts: list[Fact] = list(volunteer.pause_offer(person, stamp, pause, why))
        for week in diary.weeks_to_block(pause.first, pause.last) if facts else ():
            days = _days(week, pause.first, pause.last)
            facts += _block(lyceum, stamp, "volunteer", person.id, week, mark, days, why)
        lyceum.commit(facts)
        return bool(facts)

    return lyceum.retrying(command)


def let_go(lyceum: Lyceum, volunteer_key: str, on: date, why: str) -> bool:
    """Note that a volunteer leaves on a day; whether anything changed. A second call with another day corrects it."""

    def command() -> bool:
        lyceum.views.catch_up()
        person = lyceum.store.must_load(VOLUNTEERS, volunteer.volunteer_id(volunteer_key))
        stamp = lyceum.stamp()
        facts: list[Fact] = list(volunteer.leave(person, stamp, on=on, why=why))
        if facts:
            facts += _end(lyceum, stamp, [person.id], stream_id("left", volunteer_key), on, why)
        lyceum.commit(facts)
        return bool(facts)

    return lyceum.retrying(command)


def _end(
    lyceum: Lyceum, stamp: Stamp, resources: Iterable[UUID], mark: UUID, on: date | None, why: str
) -> Iterator[Fact]:
    """Block what was promised from a day on, instead of what an earlier call had blocked."""
    for resource in resources:
        for week in lyceum.views.scopes(DIARIES):
            page = lyceum.load(DIARIES, diary.diary_id(resource, week))
            if page is None:
                continue
            lifted = diary.lift_block(page, stamp, mark, why)
            yield from lifted
            for fact in lifted:
                page = diary.evolve(page, fact)
            if on is not None and page.promises:
                blocks = [diary.Block(mark, window) for window in _days(week, on, date.max)]
                yield from diary.block_time(page, stamp, blocks, why)


def _days(week: str, first: date, last: date) -> tuple[Window, ...]:
    return tuple(
        Window((day - 1) * DAY_MIN, day * DAY_MIN)
        for day in range(1, 8)
        if first <= date_of(week, day) <= last
    )


def _block(
    lyceum: Lyceum,
    stamp: Stamp,
    kind: diary.Resource,
    resource: UUID,
    week: str,
    mark: UUID,
    windows: tuple[Window, ...],
    why: str,
) -> tuple[diary.TimeBlocked, ...]:
    present = lyceum.load(DIARIES, diary.diary_id(resource, week)) or diary.blank(kind, resource, week)
    return diary.block_time(present, stamp, [diary.Block(mark, window) for window in windows], why)
