"""What other timetables have promised in a week: rooms, people, and sessions of the same requests.

A promise counts as long as the latest release of its timetable holds the session. One that no release holds is left
over from an earlier one; it takes nobody's time, and the next release that touches its diary frees it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from adapters.store.streams import DIARIES, TIMETABLES
from adapters.store.views import Views
from adapters.week.week_snapshot import WeekSnapshot
from domain.diary import Booking, Diary, diary_id
from domain.releasing import still_booked
from domain.timetable import Release, Session, Timetable, latest_release
from domain.windows import Window

FEW = 200  # diaries that are looked up by themselves; of more, all of the week are read


@dataclass(slots=True)
class Others:
    """What other timetables have promised this week, under each room, volunteer, venue and request."""

    promises: dict[UUID, list[Booking]] = field(default_factory=dict)
    blocks: dict[UUID, list[Window]] = field(default_factory=dict)
    served: dict[UUID, tuple[Booking, ...]] = field(default_factory=dict)
    """Under each request its sessions in other timetables."""

    def minutes(self, resource: UUID) -> int:
        return sum(booking.window.minutes for booking in self.promises.get(resource, ()))


def others_in(views: Views, snapshot: WeekSnapshot, resources: Iterable[UUID] | None = None) -> Others:
    """Of these resources, or of all that have a diary."""
    others = Others()
    timetables = TimetablesOf(views)
    own = snapshot.timetable.id
    served: dict[UUID, dict[tuple[UUID, int], Booking]] = defaultdict(dict)
    for diary in diaries_in(views, snapshot.week, resources):
        bookings = [
            one for one in diary.promises if one.timetable != own and timetables.still_booked(diary, one)
        ]
        others.promises[diary.resource] = bookings
        others.blocks[diary.resource] = [block.window for block in diary.blocks]
        for booking in bookings:
            if booking.window.start_min >= 0:  # below 0: turnaround from the week before
                served[booking.request][booking.timetable, booking.number] = booking
    released = latest_release(snapshot.timetable)
    for request, promises in served.items():
        found = tuple(promises.values())
        if released is not None and _is_first(released, request, found, timetables):
            continue
        others.served[request] = found
    return others


def _is_first(released: Release, request: UUID, found: Iterable[Booking], timetables: TimetablesOf) -> bool:
    """Whether the own release serves the request as well, and did so before the others."""
    if all(session.request != request for session in released.sessions):
        return False
    instants = [
        latest.at for booking in found if (latest := timetables.release(booking.timetable)) is not None
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

    def still_booked(self, diary: Diary, promise: Booking) -> bool:
        """Whether the latest release of its timetable holds it; a timetable that is not known here is believed."""
        timetable = self.get(promise.timetable)
        if timetable is None:
            return True
        if timetable.id not in self._sessions:
            release = latest_release(timetable)
            self._sessions[timetable.id] = {one.key: one for one in release.sessions} if release else {}
        session = self._sessions[timetable.id].get((promise.request, promise.number))
        return still_booked(session, timetable.week, diary, promise)


def diaries_in(views: Views, week: str, resources: Iterable[UUID] | None = None) -> Iterator[Diary]:
    """The diaries of a week that were ever written."""
    if resources is None:
        yield from views.all(DIARIES, week)
        return
    asked = set(resources)
    if len(asked) > FEW:
        yield from (diary for diary in views.all(DIARIES, week) if diary.resource in asked)
        return
    ids = [diary_id(resource, week) for resource in sorted(asked, key=str)]
    found = views.get_many(DIARIES, ids, week)
    yield from (found[id] for id in ids if id in found)
