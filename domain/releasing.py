"""Decide what a release promises, and to whom: the sessions of a timetable, sorted into diaries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from domain.calendar import shift_week
from domain.diary import Booking, Diary, Resource
from domain.events import Refused
from domain.timetable import Session, Timetable
from domain.venue import Room, Venue, find_room
from domain.windows import WEEK_MIN


class UnknownPlace(Refused):
    """A session in a room or at a venue that is no longer lent."""


@dataclass(frozen=True, slots=True)
class DiaryKey:
    """A diary: one resource in one ISO week."""

    kind: Resource
    resource: UUID
    week: str


def pages(
    timetable: Timetable, sessions: Iterable[Session], venues: Mapping[UUID, Venue]
) -> dict[DiaryKey, tuple[Booking, ...]]:
    """What each diary must hold of this timetable.

    A session goes to its request, to its room, to the whole hall that the room is a part of, to each of its volunteers,
    and to its venue where that has a weekly cap. Turnaround that runs past Sunday midnight goes to the next week's page
    too.
    """
    found: dict[DiaryKey, list[Booking]] = defaultdict(list)
    for session in sessions:
        venue, room = _place(session, venues)
        promise = Booking(
            timetable=timetable.id,
            request=session.request,
            number=session.number,
            window=session.window,
            venue=venue.id,
            room=room.id,
            location=venue.location,
            turnaround_minutes=room.turnaround_minutes,
        )
        found[DiaryKey("request", session.request, timetable.week)].append(promise)
        for resource in filter(None, (room.id, room.part_of)):
            found[DiaryKey("room", resource, timetable.week)].append(promise)
            if session.window.end_min + _turnaround(venue, resource) > WEEK_MIN:
                late = replace(promise, window=session.window.shifted(-WEEK_MIN))
                found[DiaryKey("room", resource, shift_week(timetable.week, 1))].append(late)
        for volunteer in session.team:
            found[DiaryKey("volunteer", volunteer, timetable.week)].append(promise)
        if venue.terms.weekly_cap_minutes is not None:
            found[DiaryKey("venue", venue.id, timetable.week)].append(promise)
    return {page: tuple(promises) for page, promises in found.items()}


def _turnaround(venue: Venue, resource: UUID) -> int:
    """The longest among a room and its parts: whichever of them is used next, that much may have to lie between."""
    return max(room.turnaround_minutes for room in venue.rooms if resource in (room.id, room.part_of))


def _place(session: Session, venues: Mapping[UUID, Venue]) -> tuple[Venue, Room]:
    venue = venues.get(session.venue)
    room = find_room(venue, session.room) if venue else None
    if venue is None or room is None:
        raise UnknownPlace(
            f"session {session.number} of request {session.request} is in room {session.room}, which is no longer "
            "lent; plan the week again"
        )
    return venue, room


# ---- Questions


def still_promised(session: Session | None, week: str, diary: Diary, promise: Booking) -> bool:
    """Whether what a diary says is what a release holds.

    `session` is the one of the promise's request and number in the latest release of its timetable, None where there is
    none; `week` is that timetable's.
    """
    late = WEEK_MIN if diary.week != week else 0  # turnaround that runs past Sunday midnight
    return (
        session is not None
        and session.room == promise.room
        and session.window == promise.window.shifted(late)
        and (diary.kind != "volunteer" or diary.resource in session.team)
    )
