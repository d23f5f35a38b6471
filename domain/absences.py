"""Closures of venues and pauses of volunteers, with the blocks in every diary that holds promises of theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from domain import diary, venue, volunteer
from domain.diary import Diary
from domain.events import Event, EventMetadata
from domain.venue import Closure, Venue
from domain.volunteer import Pause, Volunteer
from domain.windows import Windows

Promised: TypeAlias = Callable[[Iterable[str], Collection[UUID]], Iterable[Diary]]
"""The diaries of some resources that hold promises in some weeks; of the others the venue or volunteer says enough."""


def close_venue(
    known: Venue,
    metadata: EventMetadata,
    closure: Closure,
    why: str,
    *,
    promised: Promised,
    starts: datetime | None = None,
) -> tuple[Event, ...]:
    """Close a venue or some of its rooms. Raises TooLong; and ShortNotice where `starts` is given and too soon."""
    weeks = diary.weeks_to_block(closure.first, closure.last)
    closed = venue.close_venue(known, metadata, closure, why, starts=starts)
    rooms = venue.closed_rooms(known, closure) if closed else ()
    diaries = promised(weeks, rooms) if rooms else ()
    return (
        *closed,
        *_blocked(diaries, metadata, closure.id, lambda week: venue.closure_windows(closure, week), why),
    )


def pause_volunteer(
    known: Volunteer, metadata: EventMetadata, pause: Pause, why: str, *, promised: Promised
) -> tuple[Event, ...]:
    """Pause a volunteer's offer. Raises TooLong."""
    weeks = diary.weeks_to_block(pause.first, pause.last)
    paused = volunteer.pause_offer(known, metadata, pause, why)
    diaries = promised(weeks, {known.id}) if paused else ()
    mark = volunteer.pause_id(known.key, pause)
    return (
        *paused,
        *_blocked(
            diaries, metadata, mark, lambda week: volunteer.days_away(week, pause.first, pause.last), why
        ),
    )


def _blocked(
    diaries: Iterable[Diary], metadata: EventMetadata, mark: UUID, windows: Callable[[str], Windows], why: str
) -> Iterator[Event]:
    for promising in diaries:
        blocks = [diary.Block(mark, window) for window in windows(promising.week)]
        yield from diary.block_time(promising, metadata, blocks, why)
