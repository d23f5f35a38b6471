"""Bookings of other timetables in a week: rooms, people, and sessions of the same requests.

A booking counts as long as the latest release of its timetable holds the session. One that no release holds is left
over from an earlier one; it takes nobody's time, and the next release that touches its diary frees it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from adapters.queries.diary_queries import diaries_in
from adapters.store.streams import TIMETABLES
from adapters.store.views import Views
from adapters.week.week_snapshot import WeekSnapshot
from domain.diary import Booking, Diary
from domain.releasing import still_booked
from domain.timetable import Release, Session, Timetable, latest_release
from domain.windows import Window


@dataclass(slots=True)
class OtherBookings:
    """What other timetables have booked this week, under each room, volunteer, venue and request."""

    bookings: dict[UUID, list[Booking]] = field(default_factory=dict)
    blocks: dict[UUID, list[Window]] = field(default_factory=dict)
    served: dict[UUID, tuple[Booking, ...]] = field(default_factory=dict)
    """Under each request its sessions in other timetables."""

    def minutes(self, resource: UUID) -> int:
        return sum(booking.window.minutes for booking in self.bookings.get(resource, ()))


def other_bookings(
    views: Views, snapshot: WeekSnapshot, resources: Iterable[UUID] | None = None
) -> OtherBookings:
    """Bookings of other timetables in the week, of these resources or of all that have a diary."""
    others = OtherBookings()
    timetables = TimetablesOf(views)
    own = snapshot.timetable.id
    served: dict[UUID, dict[tuple[UUID, int], Booking]] = defaultdict(dict)
    for diary in diaries_in(views, snapshot.week, resources):
        bookings = [
            booking
            for booking in diary.promises
            if booking.timetable != own and timetables.still_booked(diary, booking)
        ]
        others.bookings[diary.resource] = bookings
        others.blocks[diary.resource] = [block.window for block in diary.blocks]
        for booking in bookings:
            if booking.window.start_min >= 0:  # below 0: turnaround from the week before
                served[booking.request][booking.timetable, booking.number] = booking
    released = latest_release(snapshot.timetable)
    for request, by_session in served.items():
        elsewhere = tuple(by_session.values())
        if released is not None and _is_first(released, request, elsewhere, timetables):
            continue
        others.served[request] = elsewhere
    return others


def _is_first(
    released: Release, request: UUID, bookings: Iterable[Booking], timetables: TimetablesOf
) -> bool:
    """Whether the own release serves the request as well, and did so before the others."""
    if all(session.request != request for session in released.sessions):
        return False
    instants = [
        latest.at for booking in bookings if (latest := timetables.release(booking.timetable)) is not None
    ]
    return all(released.at <= moment for moment in instants)


class TimetablesOf:
    """Timetables by id, each looked up once."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._known: dict[UUID, Timetable | None] = {}
        self._sessions: dict[UUID, dict[tuple[UUID, int], Session]] = {}

    def get(self, id: UUID) -> Timetable | None:
        if id not in self._known:
            self._known[id] = self._views.get(TIMETABLES, id)
        return self._known[id]

    def release(self, id: UUID) -> Release | None:
        timetable = self.get(id)
        return None if timetable is None else latest_release(timetable)

    def still_booked(self, diary: Diary, booking: Booking) -> bool:
        """Whether the latest release of its timetable holds it; true for a timetable that is not known here."""
        timetable = self.get(booking.timetable)
        if timetable is None:
            return True
        if timetable.id not in self._sessions:
            release = latest_release(timetable)
            self._sessions[timetable.id] = (
                {session.key: session for session in release.sessions} if release else {}
            )
        session = self._sessions[timetable.id].get((booking.request, booking.number))
        return still_booked(session, timetable.week, diary, booking)
