"""The coordinator's desk: rooms with their hours, sessions of the draft and what waits for a place, read at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from adapters.queries.diary_queries import diaries_in
from adapters.store.caches import CacheKind
from adapters.store.store import Store
from adapters.store.views import Views
from adapters.week.plan_documents import planned_sessions
from adapters.week.problem_document import lending_venues, open_hours, requests_to_plan, taken_windows
from adapters.week.release_validity.other_timetables import OtherBookings, other_bookings
from adapters.week.week_snapshot import WeekSnapshot
from adapters.week.week_steps import NextStep, next_redo, next_undo
from domain.day_types import kind_on
from domain.events import StreamState
from domain.network import ancestor_on
from domain.request import CourseRequest
from domain.steps import StepHistory
from domain.timetable import Session, draft_sessions
from domain.venue import Room, Venue, VenueClosed, closures_of, retired_id
from domain.windows import WEEK_MIN, Windows, difference, intersection

Span = tuple[int, int]
NOT_LENT = "no longer lent"
CLOSURE_WORDS = CacheKind[Mapping[UUID, str]](500)


@dataclass(frozen=True, slots=True)
class DeskDay:
    """`type` is what a calendar says of it, such as school_day or holiday; `name` None where it has none."""

    date: dt.date
    type: str
    name: str | None


@dataclass(frozen=True, slots=True)
class DeskVenue:
    """A venue, and the street that it lies in; None where no street is around it."""

    key: str
    name: str
    street: str | None
    street_name: str | None


@dataclass(frozen=True, slots=True)
class DeskRoom:
    """A room. `venue` is an index of `venues`; `functions` None: all are welcome.

    `open` are the minutes in which it can be used; `closed` those that are taken of its hours, with the reason.
    """

    venue: int
    key: str
    name: str
    capacity: int
    functions: tuple[str, ...] | None
    open: tuple[Span, ...]
    closed: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class DeskPerson:
    """Somebody in a session; `name` None for those who may not read it, or where none is kept."""

    key: str
    name: str | None


@dataclass(frozen=True, slots=True)
class DeskSession:
    """A session of the draft. `room`, `leads` and `assistants` are indices of `rooms` and `people`.

    `pin` is the comment of its pin, None where it has none. `moved`: by hand, or placed by hand. `warnings` are the
    soft rules that somebody has passed for it. `by` is who changed it last by hand since the last draft, None where
    nobody has.
    """

    request: str
    session: int
    title: str
    community: str
    function: str
    learners: int
    room: int
    start: int
    end: int
    leads: tuple[int, ...]
    assistants: tuple[int, ...]
    pin: str | None
    moved: bool
    warnings: tuple[str, ...]
    by: str | None


@dataclass(frozen=True, slots=True)
class UnservedRequest:
    """A request of which `missing` of its `sessions` have no place; `weight` is what one placed session is worth."""

    request: str
    title: str
    community: str
    function: str
    learners: int
    missing: int
    sessions: int
    weight: int
    duration_min: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """A week as a coordinator works on it. Minutes are wall-clock minutes from Monday 00:00, ends excluded.

    `draft` is 0 before the first; `step_min` is the distance of the starts of `sessions/{request}/{session}/places`.
    Rooms come in the order of those places; behind them rooms that are no longer lent and that a session still names.
    """

    area: str
    week: str
    zone: str
    version: int
    draft: int
    step_min: int
    days: tuple[DeskDay, ...]
    venues: tuple[DeskVenue, ...]
    rooms: tuple[DeskRoom, ...]
    people: tuple[DeskPerson, ...]
    sessions: tuple[DeskSession, ...]
    unserved: tuple[UnservedRequest, ...]
    undo: NextStep
    redo: NextStep


# ---- What it rests on


def sessions_of_draft(store: Store, snapshot: WeekSnapshot) -> tuple[Session, ...]:
    """The sessions of the draft as moved by hand; none before the first."""
    return draft_sessions(snapshot.timetable, planned_sessions(store, snapshot.timetable))


def desk_digest(views: Views, snapshot: WeekSnapshot) -> str:
    """A digest of the versions of all records that a desk is made of, but for personal ones."""
    records: tuple[StreamState, ...] = (
        snapshot.timetable,
        *snapshot.network.values(),
        *snapshot.own_venues(),
        *snapshot.asking(),
        *snapshot.calendars.values(),
        *diaries_in(views, snapshot.week),
    )
    digest = blake2b(digest_size=12)
    for record in records:
        digest.update(f"{record.id}:{record.version};".encode())
    return digest.hexdigest()


def read_desk(
    store: Store,
    views: Views,
    snapshot: WeekSnapshot,
    names: Mapping[UUID, str],
    history: StepHistory,
    actor: str,
) -> Desk:
    """The desk of a week for `actor`; `names` are those that its reader may see."""
    others = other_bookings(views, snapshot)
    requests, step_min = requests_to_plan(snapshot, others)
    sessions = sessions_of_draft(store, snapshot)
    rooms = _Rooms(store, snapshot, others)
    people = sorted({member for session in sessions for member in session.team}, key=_key_in(snapshot))
    writer = _SessionWriter(snapshot, rooms, people, history)
    shown = tuple(map(writer.write, sessions))
    return Desk(
        area=snapshot.area.key,
        week=snapshot.week,
        zone=snapshot.zone,
        version=snapshot.timetable.version,
        draft=snapshot.timetable.drafts,
        step_min=step_min,
        days=tuple(_days(snapshot)),
        venues=tuple(rooms.venues),
        rooms=tuple(rooms.rooms),
        people=tuple(DeskPerson(_key_in(snapshot)(person), names.get(person)) for person in people),
        sessions=shown,
        unserved=tuple(_unserved(snapshot, requests, sessions)),
        undo=next_undo(snapshot, history, actor),
        redo=next_redo(snapshot, history, actor),
    )


def _key_in(snapshot: WeekSnapshot) -> Callable[[UUID], str]:
    """The key of a volunteer; of one who is not known, the id."""

    def key(person: UUID) -> str:
        volunteer = snapshot.volunteers.get(person)
        return volunteer.key if volunteer else str(person)

    return key


def _days(snapshot: WeekSnapshot) -> Iterator[DeskDay]:
    types = snapshot.day_types(snapshot.area.id)
    for number in range(1, 8):
        day = snapshot.date_of(number)
        known = kind_on(types, day)
        school = {None: None, True: "school_day", False: "school_break"}[known.school]
        kind = school if school and known.kind in ("workday", "weekend") else known.kind
        yield DeskDay(day, kind, known.name or known.school_name or None)


# ---- Rooms


class _Rooms:
    """The rooms in the order of the problem, and behind them those that only sessions name."""

    def __init__(self, store: Store, snapshot: WeekSnapshot, others: OtherBookings) -> None:
        self._store, self._snapshot, self._others = store, snapshot, others
        self.venues: list[DeskVenue] = []
        self.rooms: list[DeskRoom] = []
        self._venue_index: dict[UUID, int] = {}
        self._room_index: dict[UUID, int] = {}
        for venue in lending_venues(snapshot):
            for room in venue.rooms:
                self._add(venue, room, *self._hours(venue, room))

    def index(self, session: Session) -> int:
        """The index of a session's room; one that is no longer lent is added."""
        if session.room not in self._room_index:
            venue = self._snapshot.venues.get(session.venue)
            known = (*venue.rooms, *venue.former) if venue else ()
            room = next((room for room in known if room.id == session.room), None)
            closed = ((0, WEEK_MIN, NOT_LENT),)
            if venue is not None and room is not None:
                self._add(venue, room, (), closed)
            else:
                self._add_unknown(session, closed)
        return self._room_index[session.room]

    def _add(
        self, venue: Venue, room: Room, free: tuple[Span, ...], closed: tuple[tuple[int, int, str], ...]
    ) -> None:
        if venue.id not in self._venue_index:
            self._venue_index[venue.id] = len(self.venues)
            snapshot = self._snapshot
            street = ancestor_on(snapshot.network, snapshot.home(venue.area), "street", snapshot.day)
            name = snapshot.area_name(street.id) if street else None
            self.venues.append(DeskVenue(venue.key, venue.name, street.key if street else None, name))
        self._room_index[room.id] = len(self.rooms)
        functions = None if room.functions is None else tuple(sorted(room.functions))
        index = self._venue_index[venue.id]
        self.rooms.append(DeskRoom(index, room.key, room.name, room.capacity, functions, free, closed))

    def _add_unknown(self, session: Session, closed: tuple[tuple[int, int, str], ...]) -> None:
        if session.venue not in self._venue_index:
            self._venue_index[session.venue] = len(self.venues)
            self.venues.append(DeskVenue(str(session.venue), str(session.venue), None, None))
        self._room_index[session.room] = len(self.rooms)
        index, key = self._venue_index[session.venue], str(session.room)
        self.rooms.append(DeskRoom(index, key, key, 0, None, (), closed))

    def _hours(self, venue: Venue, room: Room) -> tuple[tuple[Span, ...], tuple[tuple[int, int, str], ...]]:
        """When it can be used, and what is closed or booked by other timetables, with the reason."""
        snapshot = self._snapshot
        closures = closures_of(venue, room.id, snapshot.week)
        free = open_hours(snapshot, venue, room)
        booked = taken_windows(room, self._others)
        words = _closure_words(self._store, snapshot, venue) if closures else {}
        closed = [
            (window.start_min, window.end_min, words.get(closure, "closed")) for closure, window in closures
        ]
        elsewhere = intersection(free, booked)
        closed += [(window.start_min, window.end_min, "booked in another timetable") for window in elsewhere]
        return tuple(_spans(difference(free, booked))), tuple(sorted(closed))


def _spans(windows: Windows) -> Iterator[Span]:
    return ((window.start_min, window.end_min) for window in windows)


def _closure_words(store: Store, snapshot: WeekSnapshot, venue: Venue) -> Mapping[UUID, str]:
    """The reason of each closure of a venue, by its id."""

    def read() -> Mapping[UUID, str]:
        closings = (event for event in store.events_of(venue.id) if isinstance(event, VenueClosed))
        words = {event.closure.id: event.why for event in closings}
        return {**words, retired_id(venue.key): NOT_LENT}

    return snapshot.derived.get(CLOSURE_WORDS, (venue,), None, read)


# ---- Sessions


class _SessionWriter:
    def __init__(
        self, snapshot: WeekSnapshot, rooms: _Rooms, people: Iterable[UUID], history: StepHistory
    ) -> None:
        timetable = snapshot.timetable
        self._touches = history.touches
        self._snapshot, self._rooms = snapshot, rooms
        self._people = {person: index for index, person in enumerate(people)}
        self._pins = {pin.session.key: pin.comment for pin in timetable.pins}
        self._moved = {session.key for session in timetable.moves}
        self._accepted = {
            (adjustment.request, adjustment.number): adjustment.accepted
            for adjustment in timetable.adjustments
        }

    def write(self, session: Session) -> DeskSession:
        request = self._snapshot.requests.get(session.request)
        touch = self._touches.get(session.key)
        return DeskSession(
            request=request.key if request else str(session.request),
            session=session.number,
            title=request.order.title if request else "",
            community=_area_key(self._snapshot, request) if request else "",
            function=request.order.function if request else "",
            learners=request.order.learners if request else 0,
            room=self._rooms.index(session),
            start=session.window.start_min,
            end=session.window.end_min,
            leads=tuple(self._people[lead] for lead in session.leads),
            assistants=tuple(self._people[assistant] for assistant in session.assistants),
            pin=self._pins.get(session.key),
            moved=session.key in self._moved,
            warnings=self._accepted.get(session.key, ()),
            by=touch.by if touch else None,
        )


def _area_key(snapshot: WeekSnapshot, request: CourseRequest) -> str:
    area = snapshot.network.get(request.area)
    return area.key if area else str(request.area)


def _unserved(
    snapshot: WeekSnapshot, requests: Mapping[UUID, int], sessions: Iterable[Session]
) -> Iterator[UnservedRequest]:
    """Those that lose the most first."""
    placed = {session.key for session in sessions}
    waiting = []
    for id, count in requests.items():
        request = snapshot.requests[id]
        numbers = tuple(number for number in range(1, count + 1) if (id, number) not in placed)
        order = request.order
        weight = order.priority * order.learners * order.duration_minutes
        if numbers:
            waiting.append(
                UnservedRequest(
                    request.key,
                    order.title,
                    _area_key(snapshot, request),
                    order.function,
                    order.learners,
                    len(numbers),
                    count,
                    weight,
                    order.duration_minutes,
                    numbers,
                )
            )
    yield from sorted(waiting, key=lambda unserved: (-unserved.weight * unserved.missing, unserved.request))
