"""Bookings of one resource (room, volunteer, venue, request) in one ISO week, free of conflicts and overload.

One stream for each resource and week, written by every release of every area. Optimistic concurrency on that stream
keeps two releases at the same time apart: the second to write must read the first one's bookings before it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Literal, TypeAlias
from uuid import UUID

from domain.calendar import bounded_day, check_week, shift_week, week_of, weeks_between
from domain.events import Event, EventMetadata, Refused, following, reason, stream_id
from domain.messages import message
from domain.places import Location, way_minutes
from domain.terms import term
from domain.text import OptionalSentence
from domain.windows import DAY_MIN, DAY_NAMES, Window, clock

Resource: TypeAlias = Literal["room", "volunteer", "venue", "request"]
MOST_WEEKS = 106


class DoubleBooking(Refused):
    """Two bookings that one room or one person cannot both keep."""


class Overload(Refused):
    """More minutes than a volunteer offers, or a host lends."""


class ServedTwice(Refused):
    """More sessions of a request, in all timetables together, than it asks for."""


class TooLong(Refused):
    """Time taken back in more weeks than can each be written."""


class ResourceClosed(Refused):
    """A booking in time that the room is closed or the person is away."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A session that the resource is booked for.

    `window` in minutes from Monday 00:00 of the diary's week (below 0: from the week before); `turnaround_minutes`
    of its room; `location` of its venue.
    """

    timetable: UUID
    request: UUID
    number: int
    window: Window
    venue: UUID
    room: UUID
    location: Location
    turnaround_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """Time that a closure or a pause takes, under the id of that closure or pause."""

    id: UUID
    window: Window


@dataclass(frozen=True, slots=True)
class BookingLimits:
    """Most minutes a day and a week, and most sessions a week, None = no limit.

    `kmh` is how fast a volunteer gets from venue to venue.
    """

    minutes_day: int | None = None
    minutes_week: int | None = None
    sessions: int | None = None
    kmh: float = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisesChanged(Event):
    """One release's effect on one resource: bookings that it adds, and those that it no longer needs."""

    kind: Resource
    resource: UUID
    week: str
    added: tuple[Booking, ...]
    freed: tuple[Booking, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBlocked(Event):
    kind: Resource
    resource: UUID
    week: str
    blocks: tuple[Block, ...]
    why: OptionalSentence


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLifted(Event):
    block: UUID
    why: OptionalSentence


DiaryEvent: TypeAlias = PromisesChanged | TimeBlocked | BlockLifted


@dataclass(frozen=True, slots=True)
class Diary:
    id: UUID
    version: int
    kind: Resource
    resource: UUID
    week: str
    promises: tuple[Booking, ...] = ()
    blocks: tuple[Block, ...] = ()


def diary_id(resource: UUID, week: str) -> UUID:
    return stream_id("diary", str(resource), check_week(week))


def blank(kind: Resource, resource: UUID, week: str) -> Diary:
    """A diary before its first event: an absent stream is an empty week."""
    return Diary(diary_id(resource, week), 0, kind, resource, week)


# ---- Decisions


def book(
    diary: Diary,
    metadata: EventMetadata,
    timetable: UUID,
    bookings: Iterable[Booking],
    limits: BookingLimits,
    left_over: Iterable[Booking] = (),
) -> tuple[PromisesChanged, ...]:
    """Make `bookings` all that one timetable has of the resource this week; no event where it is that already.

    Parameters
    ----------
    left_over
        Bookings that no release holds any more; they are freed.

    Raises
    ------
    DoubleBooking, Overload, ServedTwice, ResourceClosed
        Never where bookings are only taken away.
    """
    target, ended = set(bookings), set(left_over)
    present = {booking for booking in diary.promises if booking.timetable == timetable}
    added, freed = target - present, (present | ended & set(diary.promises)) - target
    if not added and not freed:
        return ()
    if added:
        remaining = [
            booking for booking in diary.promises if booking.timetable != timetable and booking not in ended
        ]
        _check(diary, sorted([*remaining, *target], key=_by_time), limits)
        _check_blocks(diary, added)
    return (
        PromisesChanged(
            **following(diary, metadata),
            kind=diary.kind,
            resource=diary.resource,
            week=diary.week,
            added=tuple(sorted(added, key=_by_time)),
            freed=tuple(sorted(freed, key=_by_time)),
        ),
    )


def cancel_bookings(
    diary: Diary, metadata: EventMetadata, bookings: Iterable[Booking]
) -> tuple[PromisesChanged, ...]:
    """Free bookings that no release holds any more; no event where none of them is there."""
    freed = tuple(booking for booking in diary.promises if booking in set(bookings))
    if not freed:
        return ()
    return (
        PromisesChanged(
            **following(diary, metadata),
            kind=diary.kind,
            resource=diary.resource,
            week=diary.week,
            added=(),
            freed=freed,
        ),
    )


def block_time(
    diary: Diary, metadata: EventMetadata, blocks: Iterable[Block], why: str
) -> tuple[TimeBlocked, ...]:
    """Write a closure or a pause into the diary; bookings that it breaks stay. Raises ReasonMissing."""
    new = tuple(block for block in blocks if block not in diary.blocks)
    if not new:
        return ()
    return (
        TimeBlocked(
            **following(diary, metadata),
            kind=diary.kind,
            resource=diary.resource,
            week=diary.week,
            blocks=new,
            why=reason(why, message("blocking time")),
        ),
    )


def lift_block(diary: Diary, metadata: EventMetadata, block: UUID, why: str) -> tuple[BlockLifted, ...]:
    """Take a closure or a pause out of the diary; no event where it is not in it. Raises ReasonMissing."""
    if all(present.id != block for present in diary.blocks):
        return ()
    lifted = BlockLifted(
        **following(diary, metadata), block=block, why=reason(why, message("lifting a block"))
    )
    return (lifted,)


# ---- The rules of a diary

_Gap: TypeAlias = (
    "Callable[[Booking, Booking], int | None]"  # minutes that must lie between, None = may be at once
)


def _check(diary: Diary, bookings: Sequence[Booking], limits: BookingLimits) -> None:
    match diary.kind:
        case "room":
            _check_overlaps(diary, bookings, lambda a, b: _room_gap(diary, a, b))
        case "volunteer":
            _check_overlaps(diary, bookings, lambda a, b: _travel_gap(a, b, limits.kmh))
            _check_load(diary, bookings, limits)
        case "venue":
            _check_load(diary, bookings, limits)
        case "request":
            _check_sessions(diary, bookings, limits)


def _check_overlaps(diary: Diary, bookings: Sequence[Booking], gap: _Gap) -> None:
    for index, earlier in enumerate(bookings):
        for later in bookings[index + 1 :]:
            minutes = gap(earlier, later)
            if minutes is not None and later.window.start_min < earlier.window.end_min + minutes:
                raise DoubleBooking(
                    message(
                        "{kind} {resource} in {week} is promised {span} already, and {later} comes less than "
                        "{minutes} minutes after it; move one of the two",
                        kind=term(diary.kind),
                        resource=diary.resource,
                        week=diary.week,
                        span=_span(earlier),
                        later=_span(later),
                        minutes=minutes,
                    )
                )


def _room_gap(diary: Diary, a: Booking, b: Booking) -> int | None:
    """None where both may be at once: two different parts of one hall."""
    if a.room != b.room and diary.resource not in (a.room, b.room):
        return None
    return max(a.turnaround_minutes, b.turnaround_minutes)


def _travel_gap(a: Booking, b: Booking, kmh: float) -> int:
    if a.venue == b.venue or a.window.day != b.window.day:
        return 0
    return min(DAY_MIN, way_minutes(a.location, b.location, kmh))


def _check_load(diary: Diary, bookings: Sequence[Booking], limits: BookingLimits) -> None:
    spans = [(message("the week"), list(bookings), limits.minutes_week)]
    for day, on_day in groupby(bookings, key=lambda booking: booking.window.day):
        spans.append((message("day {day}", day=day), list(on_day), limits.minutes_day))
    for span, within, limit in spans:
        total = sum(booking.window.minutes for booking in within)
        if limit is not None and total > limit:
            raise Overload(
                message(
                    "{kind} {resource} would be promised {total} minutes in {span} of {week}, and gives {limit}; "
                    "take a session away",
                    kind=term(diary.kind),
                    resource=diary.resource,
                    total=total,
                    span=span,
                    week=diary.week,
                    limit=limit,
                )
            )


def _check_sessions(diary: Diary, bookings: Sequence[Booking], limits: BookingLimits) -> None:
    timetables = {booking.timetable for booking in bookings}
    if limits.sessions is not None and len(bookings) > limits.sessions and len(timetables) > 1:
        raise ServedTwice(
            message(
                "request {resource} would have {count} sessions in {week}, in {timetables_count} timetables, "
                "and asks for {sessions}; plan the week again",
                resource=diary.resource,
                count=len(bookings),
                week=diary.week,
                timetables_count=len(timetables),
                sessions=limits.sessions,
            )
        )


def _check_blocks(diary: Diary, bookings: Iterable[Booking]) -> None:
    for booking in bookings:
        if _is_blocked(diary, booking):
            raise ResourceClosed(
                message(
                    "{kind} {resource} is closed or away {span} in {week}; plan again",
                    kind=term(diary.kind),
                    resource=diary.resource,
                    span=_span(booking),
                    week=diary.week,
                )
            )


def _is_blocked(diary: Diary, booking: Booking) -> bool:
    """A hall's booking for one of its parts is judged by that part's diary: the other part may be closed."""
    elsewhere = diary.kind == "room" and booking.room != diary.resource
    return not elsewhere and any(block.window.overlaps(booking.window) for block in diary.blocks)


def _span(booking: Booking) -> str:
    day, start = divmod(booking.window.start_min, DAY_MIN)
    return message(
        "{day} {start} to {end}",
        day=DAY_NAMES[day % 7],
        start=clock(start),
        end=clock(start + booking.window.minutes),
    )


def _by_time(booking: Booking) -> tuple[Window, str, str, int, str]:
    return booking.window, str(booking.room), str(booking.request), booking.number, str(booking.timetable)


# ---- State


def evolve(diary: Diary | None, event: DiaryEvent) -> Diary:
    """The state after an event; None before the first. Raises TypeError for an event that cannot come then."""
    if diary is None:
        if isinstance(event, BlockLifted):
            raise TypeError("cannot lift a block of an empty diary")
        diary = Diary(event.originator_id, 0, event.kind, event.resource, event.week)
    return replace(_changed(diary, event), version=event.originator_version)


def _changed(diary: Diary, event: DiaryEvent) -> Diary:
    match event:
        case PromisesChanged():
            bookings = [booking for booking in diary.promises if booking not in event.freed]
            return replace(diary, promises=tuple(sorted([*bookings, *event.added], key=_by_time)))
        case TimeBlocked():
            return replace(diary, blocks=(*diary.blocks, *event.blocks))
        case BlockLifted():
            return replace(diary, blocks=tuple(block for block in diary.blocks if block.id != event.block))


# ---- Questions


def weeks_to_block(first: date, last: date) -> tuple[str, ...]:
    """The ISO weeks from one day to another, both included. Raises TooLong beyond 106 weeks."""
    start, end = week_of(bounded_day(first)), week_of(bounded_day(last))
    count = weeks_between(start, end) + 1
    if count > MOST_WEEKS:
        raise TooLong(
            message(
                "from {first} to {last} is longer than two years; withdraw the room, or leave, instead",
                first=first,
                last=last,
            )
        )
    return tuple(shift_week(start, number) for number in range(count))
