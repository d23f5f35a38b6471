"""The problem document of an area and week, from the read side at one event position.

What other timetables have booked already is taken out of the rooms' and people's windows, so that a plan can be
released. Nothing personal is in it: a volunteer's name is the id, and the location is blurred to about 500 m.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from adapters.application.unit_of_work import Repository
from adapters.people.personal_records import PersonalRecord, PersonLookup
from adapters.queries.left_out import answers, each, those
from adapters.store.caches import CacheKind, DerivedValues
from adapters.store.streams import TIMETABLES
from adapters.store.views import Views
from adapters.week.plan_times import (
    RequestStarts,
    clocks,
    invalid_pins,
    left_out_by_zone,
    valid_pins,
    without_letters,
)
from adapters.week.release_validity.other_timetables import OtherBookings, other_bookings
from adapters.week.week_snapshot import WeekSnapshot
from domain.calendar import shift_week
from domain.day_types import DayTypes
from domain.diary import Booking
from domain.field_specs import RecordField, fields_of
from domain.messages import message
from domain.opening import days_in_doubt
from domain.places import Location, blurred, way_minutes
from domain.request import CourseRequest, Order, order_in
from domain.starts import Starts
from domain.timetable import Session, latest_release, timetable_id
from domain.venue import Room, Venue, hours_of, open_windows
from domain.volunteer import Profile, Volunteer, vetted
from domain.windows import DAY_MIN, Window, Windows, clock, difference, within_days

Document = dict[str, Any]
TRAVEL_KMH = 15
WRITTEN = CacheKind[Document](20_000)  # a district has some thousands of records
OPEN = CacheKind[Windows](5_000)
DOUBTS = CacheKind[tuple[frozenset[date], bool]](2_000)


@dataclass(frozen=True, slots=True)
class WrittenProblem:
    """The document, the event position that it was written at, and what a coordinator should know about it."""

    document: Document
    position: int
    warnings: tuple[str, ...]


def write_problem(repository: Repository, snapshot: WeekSnapshot) -> WrittenProblem:
    """The read side must have caught up; `snapshot` must come from it."""
    return problem_document(repository.views, snapshot, repository.people())


def problem_document(views: Views, snapshot: WeekSnapshot, people: PersonLookup) -> WrittenProblem:
    """The document of one area and week; `people` give the homes, which leave here blurred.

    Sessions that other timetables serve already are not asked for again.
    """
    others = other_bookings(views, snapshot)
    previous = views.get(TIMETABLES, timetable_id(snapshot.area.id, shift_week(snapshot.week, -1)))
    released = latest_release(previous) if previous else None
    asking = _asking_here(snapshot)
    requests = [request for request in asking if left_to_serve(snapshot, request, others)]
    document = _document(snapshot, snapshot.own_venues(), snapshot.own_volunteers(), requests, people, others)
    pins = valid_pins(snapshot)
    nameable = Nameable(document)
    reasons = {pin.key: tuple(nameable.why_loose(pin)) for pin in pins}
    loose = {key: message("{reasons:, and }", reasons=why) for key, why in reasons.items() if why}
    warnings = [
        *_warnings(snapshot, requests),
        *_served_elsewhere(views, snapshot, asking, others),
        *(_loose_pin(snapshot, pin, loose[pin.key]) for pin in pins if pin.key in loose),
    ]
    document["pins"] = [shared_assignment(snapshot.derived, pin) for pin in pins if pin.key not in loose]
    document["previous"] = (
        [shared_assignment(snapshot.derived, session) for session in released.sessions] if released else []
    )
    return WrittenProblem(document, views.position, tuple(warnings))


def _asking_here(snapshot: WeekSnapshot) -> list[CourseRequest]:
    return those(
        snapshot.asking(), lambda request: snapshot.shares_clock(request.area), "request", snapshot.left_out
    )


def requests_to_plan(snapshot: WeekSnapshot, others: OtherBookings) -> tuple[dict[UUID, int], int]:
    """How many sessions of each request the problem of the week asks for, and the minutes of its grid of starts."""
    asking = _asking_here(snapshot)
    counts = {request.id: left_to_serve(snapshot, request, others) for request in asking}
    requests = [request for request in asking if counts[request.id]]
    placed = each(
        requests, lambda request: _location(snapshot, request.location, request.area), "request", []
    )
    session_counts = {request.id: counts[request.id] for request, location in placed if location is not None}
    grid_min: int = RequestStarts(snapshot, requests).document["grid_minutes"]
    return session_counts, grid_min


def lending_venues(snapshot: WeekSnapshot) -> list[Venue]:
    """The venues whose rooms a plan of the week can use, in the order of the problem."""
    return _lending(snapshot, snapshot.own_venues(), [])


def _lending(snapshot: WeekSnapshot, venues: Iterable[Venue], out: list[str]) -> list[Venue]:
    return those(
        (venue for venue in venues if venue.rooms),
        lambda venue: snapshot.shares_clock(venue.area),
        "venue",
        out,
    )


def open_hours(snapshot: WeekSnapshot, venue: Venue, room: Room) -> Windows:
    """When a room is open in the week, closures taken out."""
    return _open(snapshot, venue, room, snapshot.day_types(venue.area))


def taken_windows(room: Room, others: OtherBookings) -> tuple[Window, ...]:
    """What other timetables take of a room, with the turnaround around it; not in normal form."""
    return tuple(_taken(room, others))


def problem_about(
    snapshot: WeekSnapshot,
    sessions: Iterable[Session],
    people: PersonLookup,
    others: OtherBookings,
    today: date,
) -> Document:
    """The problem of what these sessions name, as far as it belongs to the area; bookings of others are not taken out.

    Of requests only the sessions that these leave are asked for. A course that was completed after its sessions was
    held.
    """
    sessions = tuple(sessions)
    venues = [snapshot.venues[id] for id in {session.venue for session in sessions} if id in snapshot.venues]
    volunteers = [
        snapshot.volunteers[id]
        for id in {member for session in sessions for member in session.team}
        if id in snapshot.volunteers
    ]
    known = [
        snapshot.requests[id] for id in {session.request for session in sessions} if id in snapshot.requests
    ]
    requests = snapshot.as_held(known, sessions, today)
    if isinstance(people, _ReadTogether):
        people.need(volunteer.id for volunteer in volunteers)
    return _document(
        snapshot,
        [venue for venue in venues if snapshot.lends(venue)],
        [volunteer for volunteer in volunteers if snapshot.is_own(volunteer.profile.home_area)],
        [
            request
            for request in requests
            if _is_asked_here(snapshot, request) and left_to_serve(snapshot, request, others)
        ],
        people,
        OtherBookings(served=others.served),
    )


@runtime_checkable
class _ReadTogether(Protocol):
    """Personal records that are read when they are needed."""

    def need(self, ids: Iterable[UUID]) -> None: ...


def _is_asked_here(snapshot: WeekSnapshot, request: CourseRequest) -> bool:
    return (
        snapshot.is_own(request.area)
        and snapshot.shares_clock(request.area)
        and snapshot.sessions_of(request) > 0
    )


def _document(
    snapshot: WeekSnapshot,
    venues: Iterable[Venue],
    volunteers: Iterable[Volunteer],
    requests: Iterable[CourseRequest],
    people: PersonLookup,
    others: OtherBookings,
) -> Document:
    """The problem of a week, with only the venues and volunteers whose clocks agree with those of the area."""
    out, requests = snapshot.left_out, list(requests)
    lending = _lending(snapshot, venues, out)
    near = those(
        volunteers, lambda volunteer: snapshot.shares_clock(volunteer.profile.home_area), "volunteer", out
    )
    homes = each(
        near, lambda volunteer: _home(snapshot, volunteer, people.get(volunteer.id)), "volunteer", out
    )
    at_home = [(volunteer, home) for volunteer, home in homes if home is not None]
    placed = each(
        requests, lambda request: _location(snapshot, request.location, request.area), "request", out
    )
    asking = [(request, location) for request, location in placed if location is not None]
    starts = RequestStarts(snapshot, requests)
    return {
        "format": "problem/1",
        "name": f"{snapshot.area.key} {snapshot.week}",
        "timezone": snapshot.zone,
        "week": snapshot.week,
        **starts.document,
        "travel_kmh": TRAVEL_KMH,
        "venues": answers(lending, lambda venue: _venue(snapshot, venue, others), "venue", out),
        "volunteers": answers(
            at_home, lambda pair: _volunteer(snapshot, pair[0], pair[1], others), "volunteer", out
        ),
        "requests": answers(
            asking,
            lambda pair: _with_sessions(
                _request(snapshot, *pair, starts.of(pair[0])), left_to_serve(snapshot, pair[0], others)
            ),
            "request",
            out,
        ),
    }


def left_to_serve(snapshot: WeekSnapshot, request: CourseRequest, others: OtherBookings) -> int:
    """How many of its sessions of the week no other timetable serves."""
    return max(0, snapshot.sessions_of(request) - len(others.served.get(request.id, ())))


def _with_sessions(order: Document, sessions: int) -> Document:
    return order if order["sessions"] == sessions else {**order, "sessions": sessions}


def _served_elsewhere(
    views: Views, snapshot: WeekSnapshot, asking: Iterable[CourseRequest], others: OtherBookings
) -> Iterator[str]:
    """Sentences about sessions that other released timetables hold already."""
    for request in asking:
        bookings = others.served.get(request.id, ())
        if bookings:
            yield (
                message(
                    "{count} of the {sessions} sessions of request {request} are in the released timetable of "
                    "{areas} already, and are not planned again",
                    count=len(bookings),
                    sessions=snapshot.sessions_of(request),
                    request=request.key,
                    areas=names_of(views, snapshot, bookings),
                )
            )


def names_of(views: Views, snapshot: WeekSnapshot, bookings: Iterable[Booking]) -> str:
    """The names of the areas whose timetables hold these bookings."""
    known = {booking.timetable: views.get(TIMETABLES, booking.timetable) for booking in bookings}
    return ", ".join(
        sorted({snapshot.area_name(timetable.area) for timetable in known.values() if timetable is not None})
    )


class Nameable:
    """What a problem has that a pin can name."""

    def __init__(self, document: Document) -> None:
        self._sessions = {request["id"]: request["sessions"] for request in document["requests"]}
        self._rooms = {room["id"] for venue in document["venues"] for room in venue["rooms"]}
        self._people = {volunteer["id"] for volunteer in document["volunteers"]}

    def why_loose(self, session: Session) -> Iterator[str]:
        """What a pin names and the problem does not have."""
        if session.number > self._sessions.get(str(session.request), 0):
            yield message("its request does not ask for it any more")
        if str(session.room) not in self._rooms:
            yield message("its room is no longer lent")
        if not self._people.issuperset(map(str, session.team)):
            yield message("somebody of its team is no longer there")


def _loose_pin(snapshot: WeekSnapshot, session: Session, what: str) -> str:
    request = snapshot.requests.get(session.request)
    key = request.key if request else str(session.request)
    return message(
        "the pin of {key}#{number} is left out: {what}; lift the pin, or pin the session anew",
        key=key,
        number=session.number,
        what=what,
    )


def _warnings(snapshot: WeekSnapshot, requests: Iterable[CourseRequest]) -> Iterator[str]:
    yield from left_out_by_zone(snapshot)
    yield from without_letters(snapshot)
    yield from (sentence for _, sentence in invalid_pins(snapshot))
    placed = each(
        requests,
        lambda request: _location(snapshot, request.location, request.area),
        "request",
        snapshot.left_out,
    )
    for request, location in placed:
        if location is None:
            yield message(
                "request {request} is left out: neither it nor its area has a location; give one of them a "
                "point",
                request=request.key,
            )
    lending = (venue for venue in snapshot.own_venues() if venue.rooms and snapshot.shares_clock(venue.area))
    doubts = {
        venue.key: doubt
        for venue, doubt in each(lending, lambda venue: _doubts(snapshot, venue), "venue", snapshot.left_out)
    }
    doubtful = {day for days, _ in doubts.values() for day in days}
    if doubtful:
        days = ", ".join(map(str, sorted(doubtful)))
        yield message(
            "the calendar of day types does not say officially what {days} is; import the days, then "
            "plan again",
            days=days,
        )
    closed = [key for key, (_, ever_open) in doubts.items() if not ever_open]
    if closed:
        yield message(
            "{count} venues have rooms that are never open this week, first {first}; check their hours",
            count=len(closed),
            first=closed[0],
        )
    yield from snapshot.left_out


def _doubts(snapshot: WeekSnapshot, venue: Venue) -> tuple[frozenset[date], bool]:
    """The days of which nobody knows officially what they are, and whether any room is ever open."""
    types = snapshot.day_types(venue.area)

    def compute() -> tuple[frozenset[date], bool]:
        opening_hours = [hours for room in venue.rooms if (hours := hours_of(venue, room.id)) is not None]
        days = frozenset(day for hours in opening_hours for day in days_in_doubt(hours, snapshot.week, types))
        return days, any(_open(snapshot, venue, room, types) for room in venue.rooms)

    return snapshot.derived.get(DOUBTS, (venue, types), snapshot.week, compute)


def _open(snapshot: WeekSnapshot, venue: Venue, room: Room, types: DayTypes | None) -> Windows:
    return snapshot.derived.get(
        OPEN,
        (venue, types),
        (room.id, snapshot.week),
        lambda: open_windows(venue, room.id, snapshot.week, types),
    )


def _location(snapshot: WeekSnapshot, own: Location | None, area: UUID) -> Location | None:
    """The point given, else that of the nearest area around it that has one."""
    points = (snapshot.network[area_id].location for area_id in snapshot.path(area))
    return own or next((point for point in points if point), None)


def _home(snapshot: WeekSnapshot, volunteer: Volunteer, person: PersonalRecord | None) -> Location | None:
    if person is not None and person.home is not None:
        return blurred(person.home)
    return _location(snapshot, None, volunteer.profile.home_area)


def _venue(snapshot: WeekSnapshot, venue: Venue, others: OtherBookings) -> Document:
    cap = venue.terms.weekly_cap_minutes
    left = None if cap is None else max(0, cap - others.minutes(venue.id))
    rooms = tuple(_room(snapshot, venue, room, others) for room in venue.rooms)
    return snapshot.derived.get(WRITTEN, (venue, *rooms), left, lambda: _lent(venue, left, rooms))


def _lent(venue: Venue, left: int | None, rooms: Iterable[Document]) -> Document:
    return {
        "id": str(venue.id),
        "name": venue.name,
        "kind": venue.kind,
        "location": list(venue.location),
        "weekly_cap_minutes": left,
        "rooms": list(rooms),
    }


def _room(snapshot: WeekSnapshot, venue: Venue, room: Room, others: OtherBookings) -> Document:
    free = open_hours(snapshot, venue, room)
    taken = taken_windows(room, others)
    return snapshot.derived.get(WRITTEN, (room, free), taken, lambda: _offered(room, difference(free, taken)))


def _offered(room: Room, free: Windows) -> Document:
    return {
        "id": str(room.id),
        "name": room.name,
        "capacity": room.capacity,
        "equipment": sorted(room.equipment),
        "accessible": room.accessible,
        "turnaround_minutes": room.turnaround_minutes,
        "part_of": str(room.part_of) if room.part_of else None,
        "functions": None if room.functions is None else sorted(room.functions),
        "open": _windows(free),
    }


def _taken(room: Room, others: OtherBookings) -> Iterator[Window]:
    """Bookings of others in this room, its parts and its whole hall, with the turnaround around them.

    The diary of a hall holds the bookings of its parts too; two different parts do not disturb each other.
    """
    bookings = list(others.bookings.get(room.id, ()))
    if room.part_of is not None:
        bookings += [
            booking for booking in others.bookings.get(room.part_of, ()) if booking.room == room.part_of
        ]
    for booking in bookings:
        gap = max(room.turnaround_minutes, booking.turnaround_minutes)
        yield booking.window.padded(gap, gap)
    yield from others.blocks.get(room.id, ())


def _volunteer(
    snapshot: WeekSnapshot, volunteer: Volunteer, home: Location, others: OtherBookings
) -> Document:
    booked = tuple(others.bookings.get(volunteer.id, ()))
    blocked = tuple(others.blocks.get(volunteer.id, ()))
    offered = snapshot.offer_of(volunteer)
    return snapshot.derived.get(
        WRITTEN,
        (volunteer,),
        (snapshot.week, offered, home, booked, blocked),
        lambda: _offer(volunteer, snapshot.week, offered, home, booked, blocked),
    )


def _offer(
    volunteer: Volunteer,
    week: str,
    offered: Windows,
    home: Location,
    booked: tuple[Booking, ...],
    blocked: Windows,
) -> Document:
    """What a volunteer offers in a week, without what others have booked of it."""
    profile = volunteer.profile
    free = difference(offered, blocked)
    left = profile.max_minutes_week
    if left is not None:
        left = max(0, left - sum(booking.window.minutes for booking in booked))
    return {
        "id": str(volunteer.id),
        "name": str(volunteer.id),
        "location": list(home),
        **_written(profile),
        "skills": sorted({skill.topic for skill in profile.skills}),
        "vetted": vetted(volunteer, week),
        "available": _windows(difference(free, _busy(volunteer, home, booked))),
        "max_minutes_week": left,
    }


def _busy(volunteer: Volunteer, home: Location, booked: Iterable[Booking]) -> Iterator[Window]:
    """What others have booked, with the longest travel that could lie before and after it.

    A whole day is taken where the volunteer limits the minutes of a day, or has no limit of travel.
    """
    reach = volunteer.profile.max_travel_km
    for booking in booked:
        midnight = (booking.window.day - 1) * DAY_MIN
        if reach is None or volunteer.profile.max_minutes_day is not None:
            yield Window(midnight, midnight + DAY_MIN)
        else:
            travel = way_minutes(home, booking.location, TRAVEL_KMH) + int(60 * reach / TRAVEL_KMH) + 1
            yield Window(
                max(midnight, booking.window.start_min - travel),
                min(midnight + DAY_MIN, booking.window.end_min + travel),
            )


def _request(
    snapshot: WeekSnapshot, request: CourseRequest, location: Location, starts: Starts | None
) -> Document:
    area = snapshot.network[request.area].key
    order, sessions = order_in(request.order, snapshot.week), snapshot.sessions_of(request)
    return snapshot.derived.get(
        WRITTEN,
        (request,),
        (area, location, starts, sessions, order.acceptable, order.preferred),
        lambda: _order(request, order, sessions, area, location, starts),
    )


def _order(
    request: CourseRequest, order: Order, sessions: int, area: str, location: Location, starts: Starts | None
) -> Document:
    ring = {} if starts is None else {"grid_minutes": starts.step_min, "bell_times": clocks(starts.bells)}
    return {
        **ring,
        "id": str(request.id),
        "area": area,
        "location": list(location),
        **_written(order),
        "sessions": sessions,
    }


def _written(record: Order | Profile) -> Document:
    """The fields of a record that the document has under their own names."""
    return {
        field.name: _value(field, getattr(record, field.name))
        for field in fields_of(type(record))
        if field.spec.in_document
    }


def _value(field: RecordField, value: Any) -> Any:
    if field.kind == Windows:
        return _windows(value)
    return sorted(value) if isinstance(value, tuple) else value


def _windows(windows: Windows) -> list[Document]:
    return [
        {"day": day, "start": clock(start), "end": clock(end)} for day, start, end in within_days(windows)
    ]


def shared_assignment(derived: DerivedValues, session: Session) -> Document:
    """The cached `assignment_of` a session: one object for each session, which nobody may change."""
    return derived.get(WRITTEN, (session,), None, lambda: assignment_of(session))


def assignment_of(session: Session) -> Document:
    """A session as the documents write it."""
    return {
        "request": str(session.request),
        "session": session.number,
        "day": session.window.day,
        "start": clock(session.window.start_min % DAY_MIN),
        "room": str(session.room),
        "leads": [str(lead) for lead in session.leads],
        "assistants": [str(assistant) for assistant in session.assistants],
    }
