"""Sentences that explain why a released session can no longer take place, by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from adapters.store.views import Views
from adapters.week.key_labels import Keys
from adapters.week.problem_document import left_to_serve, names_of
from adapters.week.release_validity.other_timetables import OtherBookings
from adapters.week.week_snapshot import WeekSnapshot
from domain.request import CourseRequest
from domain.timetable import Session
from domain.venue import Closure, Room, Venue, closed_rooms, closure_windows
from domain.volunteer import Volunteer
from scheduler import Breach


def why_gone(views: Views, snapshot: WeekSnapshot, others: OtherBookings) -> Callable[[str], str]:
    """A function from the id of a request, room or volunteer to why it can have no session in this week and area."""
    rooms = {room.id: (venue, room) for venue in snapshot.venues.values() for room in venue.former}
    rooms |= {room.id: (venue, room) for venue in snapshot.venues.values() for room in venue.rooms}

    def why(text: str) -> str:
        id = UUID(text)
        if (request := snapshot.requests.get(id)) is not None:
            return _of_request(views, snapshot, request, others)
        if id in rooms:
            return _of_room(snapshot, *rooms[id])
        if (volunteer := snapshot.volunteers.get(id)) is not None:
            return _of_volunteer(snapshot, volunteer)
        return "is not known any more"

    return why


def _of_request(views: Views, snapshot: WeekSnapshot, request: CourseRequest, others: OtherBookings) -> str:
    if not snapshot.sessions_of(request):
        if request.status in ("withdrawn", "declined", "completed"):
            return f"is {request.status}" + (f" ({request.why})" if request.why else "")
        return f"does not ask for {snapshot.week} any more"
    if not snapshot.is_own(request.area):
        return _belongs(snapshot, request.area)
    if not snapshot.shares_clock(request.area):
        return _clock(snapshot, request.area)
    if not left_to_serve(snapshot, request, others):
        where = names_of(views, snapshot, others.served.get(request.id, ()))
        return f"is served by the released timetable of {where} already"
    return "has no location any more"


def _belongs(snapshot: WeekSnapshot, area: UUID) -> str:
    return f"belongs to {snapshot.area_name(snapshot.home(area))}, outside {snapshot.area_name(snapshot.area.id)}"


def _clock(snapshot: WeekSnapshot, area: UUID) -> str:
    return f"is in the time zone {snapshot.zone_of(area)}, and the plan is in {snapshot.zone}"


def _of_room(snapshot: WeekSnapshot, venue: Venue, room: Room) -> str:
    if not snapshot.is_own(venue.area):
        return _belongs(snapshot, venue.area)
    if not snapshot.shares_clock(venue.area):
        return _clock(snapshot, venue.area)
    if room in venue.former:
        return "is no longer lent"
    if venue.retired is not None:
        return f"is no longer lent: {venue.key} has retired on {venue.retired}"
    return "is no longer lent"


def _of_volunteer(snapshot: WeekSnapshot, volunteer: Volunteer) -> str:
    if not snapshot.is_own(volunteer.profile.home_area):
        return _belongs(snapshot, volunteer.profile.home_area)
    if not snapshot.shares_clock(volunteer.profile.home_area):
        return _clock(snapshot, volunteer.profile.home_area)
    return "has neither a home nor a home area with a location any more"


# ---- Sentences


def in_words(snapshot: WeekSnapshot, keys: Keys, sessions: Iterable[Session], breach: Breach) -> str:
    """A breach with keys in the place of ids; what closes a room, or takes somebody away, is added."""
    sentence = keys.with_labels(breach.sentence)
    named = {(UUID(request), number) for request, number in breach.sessions if breach.rule in _MORE}
    more = [
        addition
        for session in sessions
        if named and session.key in named
        for addition in _MORE[breach.rule](snapshot, session)
    ]
    return f"{sentence} ({', '.join(dict.fromkeys(more))})" if more else sentence


def _closures(snapshot: WeekSnapshot, session: Session) -> Iterator[str]:
    venue = snapshot.venues.get(session.venue)
    for closure in venue.closures if venue else ():
        windows = closure_windows(closure, snapshot.week)
        taken = session.room in closed_rooms(venue, closure) if venue else False
        if taken and any(window.overlaps(session.window) for window in windows):
            yield f"closed {_days(closure)}"
    if (
        venue is not None
        and venue.retired is not None
        and venue.retired <= snapshot.date_of(session.window.day)
    ):
        yield f"{venue.key} has retired on {venue.retired}"


def _days(closure: Closure) -> str:
    if closure.first == closure.last:
        return f"on {closure.first}"
    return f"from {closure.first} to {closure.last}"


def _absences(snapshot: WeekSnapshot, session: Session) -> Iterator[str]:
    day = snapshot.date_of(session.window.day)
    for id in session.team:
        volunteer = snapshot.volunteers.get(id)
        if volunteer is None:
            continue
        if volunteer.left is not None and volunteer.left <= day:
            yield f"{volunteer.key} has left on {volunteer.left}"
        for pause in volunteer.pauses:
            if pause.first <= day <= pause.last:
                yield f"{volunteer.key} is away from {pause.first} to {pause.last}"


_MORE: dict[str, Callable[[WeekSnapshot, Session], Iterator[str]]] = {
    "open": _closures,
    "available": _absences,
}
