"""The bookings that a release needs: sessions of a timetable sorted into the diaries of their resources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from domain.calendar import shift_week
from domain.diary import Booking, Diary, Resource
from domain.events import Refused
from domain.messages import message
from domain.timetable import Session, Timetable
from domain.venue import Room, Venue, find_room
from domain.windows import WEEK_MIN


class UnknownPlace(Refused):
    """A session in a room or at a venue that is no longer lent."""


@dataclass(frozen=True, slots=True)
class DiaryKey:
    """What identifies a diary: one resource in one ISO week."""

    kind: Resource
    resource: UUID
    week: str


def bookings_by_diary(
    timetable: Timetable, sessions: Iterable[Session], venues: Mapping[UUID, Venue]
) -> dict[DiaryKey, tuple[Booking, ...]]:
    """The bookings that each diary must hold of this timetable.

    A session is booked for its request, its room, the whole hall that the room is a part of, each of its volunteers,
    and its venue where that has a weekly cap. Turnaround that runs past Sunday midnight is booked in the room's diary
    of the next week too, in minutes before that week's Monday. Raises UnknownPlace.
    """
    bookings: dict[DiaryKey, list[Booking]] = defaultdict(list)
    for session in sessions:
        venue, room = _venue_and_room(session, venues)
        booking = Booking(
            timetable=timetable.id,
            request=session.request,
            number=session.number,
            window=session.window,
            venue=venue.id,
            room=room.id,
            location=venue.location,
            turnaround_minutes=room.turnaround_minutes,
        )
        bookings[DiaryKey("request", session.request, timetable.week)].append(booking)
        for resource in filter(None, (room.id, room.part_of)):
            bookings[DiaryKey("room", resource, timetable.week)].append(booking)
            if session.window.end_min + _turnaround(venue, resource) > WEEK_MIN:
                late = replace(booking, window=session.window.shifted(-WEEK_MIN))
                bookings[DiaryKey("room", resource, shift_week(timetable.week, 1))].append(late)
        for volunteer in session.team:
            bookings[DiaryKey("volunteer", volunteer, timetable.week)].append(booking)
        if venue.terms.weekly_cap_minutes is not None:
            bookings[DiaryKey("venue", venue.id, timetable.week)].append(booking)
    return {diary_key: tuple(entries) for diary_key, entries in bookings.items()}


def _turnaround(venue: Venue, resource: UUID) -> int:
    """The longest among a room and its parts: whichever of them is used next, that much may have to lie between."""
    return max(room.turnaround_minutes for room in venue.rooms if resource in (room.id, room.part_of))


def _venue_and_room(session: Session, venues: Mapping[UUID, Venue]) -> tuple[Venue, Room]:
    venue = venues.get(session.venue)
    room = find_room(venue, session.room) if venue else None
    if venue is None or room is None:
        raise UnknownPlace(
            message(
                "session {number} of request {request} is in room {room}, which is no longer lent; plan the "
                "week again",
                number=session.number,
                request=session.request,
                room=session.room,
            )
        )
    return venue, room


# ---- Questions


def still_booked(session: Session | None, week: str, diary: Diary, booking: Booking) -> bool:
    """Whether a diary's booking agrees with the latest release.

    `session` is the one of the booking's request and number in the latest release of its timetable, None where there is
    none; `week` is that timetable's.
    """
    late = WEEK_MIN if diary.week != week else 0  # turnaround that runs past Sunday midnight
    return (
        session is not None
        and session.room == booking.room
        and session.window == booking.window.shifted(late)
        and (diary.kind != "volunteer" or diary.resource in session.team)
    )
