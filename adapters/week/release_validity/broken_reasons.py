"""Sentences that explain why a released session can no longer take place, by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from adapters.store.views import Views
from adapters.week.key_labels import Keys
from adapters.week.problem_document import left_to_serve, names_of
from adapters.week.release_validity.other_timetables import OtherBookings
from adapters.week.week_snapshot import WeekSnapshot
from domain.messages import message
from domain.request import CourseRequest
from domain.terms import term
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
        return message("is not known any more")

    return why


def _of_request(views: Views, snapshot: WeekSnapshot, request: CourseRequest, others: OtherBookings) -> str:
    if not snapshot.sessions_of(request):
        return _of_status(snapshot, request)
    if not snapshot.is_own(request.area):
        return _belongs(snapshot, request.area)
    if not snapshot.shares_clock(request.area):
        return _clock(snapshot, request.area)
    if not left_to_serve(snapshot, request, others):
        where = names_of(views, snapshot, others.served.get(request.id, ()))
        return message("is served by the released timetable of {where} already", where=where)
    return message("has no location any more")


def _of_status(snapshot: WeekSnapshot, request: CourseRequest) -> str:
    if request.status not in ("withdrawn", "declined", "completed"):
        return message("does not ask for {week} any more", week=snapshot.week)
    if request.why:
        return message("is {status} ({why})", status=term(request.status), why=request.why)
    return message("is {status}", status=term(request.status))


def _belongs(snapshot: WeekSnapshot, area: UUID) -> str:
    return message(
        "belongs to {home}, outside {area}",
        home=snapshot.area_name(snapshot.home(area)),
        area=snapshot.area_name(snapshot.area.id),
    )


def _clock(snapshot: WeekSnapshot, area: UUID) -> str:
    return message(
        "is in the time zone {zone}, and the plan is in {plan_zone}",
        zone=snapshot.zone_of(area),
        plan_zone=snapshot.zone,
    )


def _of_room(snapshot: WeekSnapshot, venue: Venue, room: Room) -> str:
    if not snapshot.is_own(venue.area):
        return _belongs(snapshot, venue.area)
    if not snapshot.shares_clock(venue.area):
        return _clock(snapshot, venue.area)
    if room in venue.former:
        return message("is no longer lent")
    if venue.retired is not None:
        return message(
            "is no longer lent: {venue} has retired on {retired}", venue=venue.key, retired=venue.retired
        )
    return message("is no longer lent")


def _of_volunteer(snapshot: WeekSnapshot, volunteer: Volunteer) -> str:
    if not snapshot.is_own(volunteer.profile.home_area):
        return _belongs(snapshot, volunteer.profile.home_area)
    if not snapshot.shares_clock(volunteer.profile.home_area):
        return _clock(snapshot, volunteer.profile.home_area)
    return message("has neither a home nor a home area with a location any more")


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
    if more:
        return message("{sentence} ({more})", sentence=sentence, more=tuple(dict.fromkeys(more)))
    return sentence


def _closures(snapshot: WeekSnapshot, session: Session) -> Iterator[str]:
    venue = snapshot.venues.get(session.venue)
    for closure in venue.closures if venue else ():
        windows = closure_windows(closure, snapshot.week)
        taken = session.room in closed_rooms(venue, closure) if venue else False
        if taken and any(window.overlaps(session.window) for window in windows):
            yield message("closed {days}", days=_days(closure))
    if (
        venue is not None
        and venue.retired is not None
        and venue.retired <= snapshot.date_of(session.window.day)
    ):
        yield message("{venue} has retired on {retired}", venue=venue.key, retired=venue.retired)


def _days(closure: Closure) -> str:
    if closure.first == closure.last:
        return message("on {first}", first=closure.first)
    return message("from {first} to {last}", first=closure.first, last=closure.last)


def _absences(snapshot: WeekSnapshot, session: Session) -> Iterator[str]:
    day = snapshot.date_of(session.window.day)
    for id in session.team:
        volunteer = snapshot.volunteers.get(id)
        if volunteer is None:
            continue
        if volunteer.left is not None and volunteer.left <= day:
            yield message("{volunteer} has left on {left}", volunteer=volunteer.key, left=volunteer.left)
        for pause in volunteer.pauses:
            if pause.first <= day <= pause.last:
                yield message(
                    "{volunteer} is away from {first} to {last}",
                    volunteer=volunteer.key,
                    first=pause.first,
                    last=pause.last,
                )


_MORE: dict[str, Callable[[WeekSnapshot, Session], Iterator[str]]] = {
    "open": _closures,
    "available": _absences,
}
