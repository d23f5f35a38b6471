"""Snapshot of the read side for one area and week, and views of its sessions for readers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar, runtime_checkable
from uuid import UUID

from adapters.queries.left_out import answers, each, those
from adapters.store.caches import CacheKind, DerivedValues
from adapters.store.streams import AREAS, DAY_TYPES, REQUESTS, TIMETABLES, VENUES, VOLUNTEERS
from adapters.store.views import Views
from domain.area_references import meanings_in, the_area
from domain.area_times import letter_of
from domain.calendar import date_of, same_clock
from domain.day_types import DayTypes
from domain.events import NotThere
from domain.messages import message
from domain.network import Area, ancestor_on, inside_on, name_on, path_on, successor_on
from domain.recurrence import LetterOf
from domain.request import CourseRequest, as_if_held, sessions_in
from domain.timetable import Release, Session, Timetable, blank, find_release, latest_release, timetable_id
from domain.venue import Room, Venue, retired_before
from domain.volunteer import Volunteer, available
from domain.windows import DAY_MIN, Windows

V = TypeVar("V")


class Keyed(Protocol):
    """A record that has a natural key."""

    @property
    def key(self) -> str: ...


R = TypeVar("R", bound=Keyed)


@dataclass(frozen=True, slots=True)
class WeekSnapshot:
    """The read side of one area and week, looked up once. `day` is the Monday.

    `left_out` are sentences about the records that failed; see `adapters.queries.left_out`.
    """

    area: Area
    week: str
    network: Mapping[UUID, Area]
    inside: frozenset[UUID]
    venues: Mapping[UUID, Venue]
    volunteers: Mapping[UUID, Volunteer]
    requests: Mapping[UUID, CourseRequest]
    calendars: Mapping[str, DayTypes]
    timetable: Timetable
    derived: DerivedValues = field(compare=False, repr=False)
    left_out: list[str] = field(default_factory=list, compare=False)
    _answers: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """Answers computed before: a plan needs the same of each record several times."""

    def _once(self, key: object, answer: Callable[[], V]) -> V:
        if key not in self._answers:
            self._answers[key] = answer()
        known: V = self._answers[key]
        return known

    @property
    def day(self) -> date:
        return date_of(self.week, 1)

    @property
    def zone(self) -> str:
        return self.area.zone

    def date_of(self, iso_day: int) -> date:
        return date_of(self.week, iso_day)

    def home(self, area: UUID) -> UUID:
        """The area that is responsible for an area this week: itself, or its successor."""
        return self._once(("home", area), lambda: successor_on(self.network, area, self.day))

    def path(self, area: UUID) -> tuple[UUID, ...]:
        """The area that is responsible for an area this week, and the areas around that, the nearest first."""
        return self._once(("path", area), lambda: tuple(path_on(self.network, self.home(area), self.day)))

    def is_own(self, area: UUID) -> bool:
        """Whether what belongs to an area is planned here."""
        return self.home(area) in self.inside

    def lends(self, venue: Venue) -> bool:
        """Whether it is planned here, and lends on any day of the week."""
        return self.is_own(venue.area) and not retired_before(venue, date_of(self.week, 1))

    def zone_of(self, area: UUID) -> str:
        """The time zone of an area; of one that nobody knows, the planned area's own."""
        known_area = self.network.get(self.home(area))
        return known_area.zone if known_area else self.zone

    def letter_of(self, area: UUID) -> LetterOf:
        """Which weeks are A weeks in an area."""
        return lambda week: letter_of(self.network, area, week)

    def sessions_of(self, request: CourseRequest) -> int:
        """How many sessions a request asks for this week."""
        known = self._answers.get(id(request))
        if known is None or known[0] is not request:
            count = sessions_in(request, self.week, self.letter_of(request.area))
            known = self._answers[id(request)] = request, count
        sessions: int = known[1]
        return sessions

    def offer_of(self, volunteer: Volunteer) -> Windows:
        """What a volunteer offers this week, exceptions and pauses applied."""
        return available(volunteer, self.week, self.letter_of(volunteer.profile.home_area))

    def shares_clock(self, area: UUID) -> bool:
        """Whether the clocks of an area show this week what those of the planned area show."""
        return self._once(("clock", area), lambda: same_clock(self.week, self.zone, self.zone_of(area)))

    def own_venues(self) -> list[Venue]:
        return self._once("venues", lambda: self._own(self.venues.values(), self.lends, "venue"))

    def own_volunteers(self) -> list[Volunteer]:
        def own() -> list[Volunteer]:
            return self._own(
                self.volunteers.values(),
                lambda volunteer: self.is_own(volunteer.profile.home_area),
                "volunteer",
            )

        return self._once("volunteers", own)

    def own_requests(self) -> list[CourseRequest]:
        return self._once(
            "requests",
            lambda: self._own(self.requests.values(), lambda request: self.is_own(request.area), "request"),
        )

    def asking(self) -> list[CourseRequest]:
        """The requests that ask for sessions of the week."""

        def asking() -> list[CourseRequest]:
            return those(
                self.own_requests(), lambda request: self.sessions_of(request) > 0, "request", self.left_out
            )

        return self._once("asking", asking)

    def as_held(
        self, requests: Iterable[CourseRequest], sessions: Iterable[Session], today: date
    ) -> list[CourseRequest]:
        """Requests as they were in the week: one that was completed after the last of these sessions still ran."""
        last: dict[UUID, int] = {}
        for session in sessions:
            last[session.request] = max(session.window.day, last.get(session.request, 0))
        days = {id: self.date_of(day) for id, day in last.items()}
        over = self.date_of(7) < today
        return [
            as_if_held(request) if over or days.get(request.id, date.max) <= today else request
            for request in requests
        ]

    def _own(self, records: Iterable[R], holds: Callable[[R], bool], what: str) -> list[R]:
        return sorted(those(records, holds, what, self.left_out), key=lambda record: record.key)

    def area_name(self, area: UUID, language: str | None = None) -> str:
        known_area = self.network.get(area)
        return name_on(known_area, self.day, language) if known_area else str(area)

    def level_name(self, area: UUID, level: str) -> str:
        """The name of the area of a level, such as "street", that an area lies in; "" where there is none."""
        ancestor = ancestor_on(self.network, self.home(area), level, self.day)
        return name_on(ancestor, self.day) if ancestor else ""

    def day_types(self, area: UUID) -> DayTypes | None:
        """The calendar of an area: its own, else that of the nearest area around it."""
        keys = (self.network[id].calendar for id in self.path(area))
        key = next((key for key in keys if key), None)
        return self.calendars.get(key) if key else None


INSIDE = CacheKind[frozenset[UUID]](8)  # each holds a network


def snapshot_of(views: Views, area: UUID, week: str) -> WeekSnapshot:
    """All from one consistent snapshot where the read side offers that. Raises NotThere where there is no such area."""
    if isinstance(views, _HasSnapshots):
        views = views.snapshot()
    network = views.collection(AREAS)
    if area not in network:
        raise NotThere(
            message(
                "there is no area {area}; import the network first, or see `lyceum export network`", area=area
            )
        )
    return WeekSnapshot(
        area=network[area],
        week=week,
        network=network,
        inside=views.derived.get(
            INSIDE, (network,), (area, week), lambda: inside_on(network, [area], date_of(week, 1))
        ),
        venues=views.collection(VENUES),
        volunteers=views.collection(VOLUNTEERS),
        requests=views.collection(REQUESTS),
        calendars={day_types.key: day_types for day_types in views.all(DAY_TYPES)},
        timetable=views.get(TIMETABLES, timetable_id(area, week)) or blank(area, week),
        derived=views.derived,
    )


@runtime_checkable
class _HasSnapshots(Protocol):
    """A read side that keeps changing, and can be frozen."""

    def snapshot(self) -> Views: ...


def find_area(views: Views, text: str, day: date) -> Area:
    """The area of a key or id, an external code (as `code` or `scheme:code`) or a name; raises AmbiguousArea.

    Its codes and names are those that it ever had.
    """
    network = views.collection(AREAS)
    area_id = the_area(network, text, meanings_in(network, text), day)
    if area_id is None:
        raise NotThere(
            message("there is no area {text!r}; import the network first, or check the spelling", text=text)
        )
    return network[area_id]


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as people read it: `start_min` and `end_min` count from midnight of `day`, local time of the area."""

    session: Session
    request: CourseRequest
    venue: Venue
    room: Room
    day: date
    start_min: int
    end_min: int
    community: str


def view_sessions(snapshot: WeekSnapshot, sessions: Iterable[Session]) -> tuple[SessionView, ...]:
    """In order of time; a session whose request or room was never known on this read side is left out."""
    in_order = sorted(sessions, key=lambda session: (session.window, str(session.room)))
    candidates = answers(
        in_order, lambda session: _session_view(snapshot, session), "session", snapshot.left_out
    )
    return tuple(session_view for session_view in candidates if session_view is not None)


def _session_view(snapshot: WeekSnapshot, session: Session) -> SessionView | None:
    request, venue = snapshot.requests.get(session.request), snapshot.venues.get(session.venue)
    known = (*venue.rooms, *venue.former) if venue else ()
    room = next((candidate for candidate in known if candidate.id == session.room), None)
    if request is None or venue is None or room is None:
        return None
    midnight = (session.window.day - 1) * DAY_MIN
    return SessionView(
        session=session,
        request=request,
        venue=venue,
        room=room,
        day=date_of(snapshot.week, session.window.day),
        start_min=session.window.start_min - midnight,
        end_min=session.window.end_min - midnight,
        community=snapshot.area_name(request.area),
    )


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A session over all releases of its timetable, for calendars that people subscribe to.

    `sequence` counts its changes: those by a release, and those of what a calendar says of it (its title, the name and
    the point of its place, its time zone). Every place counts that it was ever in, because calendars of all of them
    hold it. `cancelled` where the latest release no longer holds it; `changed` is when anything of it changed last.
    """

    session_view: SessionView
    sequence: int
    cancelled: bool
    changed: datetime


@dataclass(frozen=True, slots=True)
class _SessionHistory:
    """A session after its releases: how often they changed it, and all `placements` that it ever had."""

    session: Session
    changes: int
    cancelled: bool
    first: datetime
    released: datetime
    placements: frozenset[Session]


def calendar_entries(snapshot: WeekSnapshot) -> tuple[CalendarEntry, ...]:
    """Every session that was ever released for the week, in order of time."""
    last: dict[tuple[UUID, int], _SessionHistory] = {}
    for release in snapshot.timetable.releases:
        present = {released.key: released for released in release.sessions}
        for key, session in present.items():
            before = last.get(key)
            if before is None:
                last[key] = _SessionHistory(session, 0, False, release.at, release.at, frozenset([session]))
            elif before.session != session or before.cancelled:
                last[key] = _next(before, release, session)
        for key, before in list(last.items()):
            if key not in present and not before.cancelled:
                last[key] = _next(before, release, None)
    known = each(last.values(), lambda history: _entry(snapshot, history), "session", snapshot.left_out)
    calendar_entries = [entry for _, entry in known if entry is not None]
    return tuple(
        sorted(
            calendar_entries,
            key=lambda calendar_entry: (
                calendar_entry.session_view.session.window,
                str(calendar_entry.session_view.session.room),
            ),
        )
    )


def _next(before: _SessionHistory, release: Release, session: Session | None) -> _SessionHistory:
    """What a session becomes by a release; None: it is cancelled."""
    after = session or before.session
    placements = before.placements | {after}
    return _SessionHistory(after, before.changes + 1, session is None, before.first, release.at, placements)


def _entry(snapshot: WeekSnapshot, last: _SessionHistory) -> CalendarEntry | None:
    session_view = _session_view(snapshot, last.session)
    if session_view is None:
        return None
    since = _rewordings(snapshot, last)
    return CalendarEntry(
        session_view, last.changes + len(since), last.cancelled, max([last.released, *since])
    )


def _rewordings(snapshot: WeekSnapshot, last: _SessionHistory) -> list[datetime]:
    """When the text of a session in calendars changed, though no release changed it."""
    rooms, venues = (
        {session.room for session in last.placements},
        {session.venue for session in last.placements},
    )
    named = (renaming for id in venues if id in snapshot.venues for renaming in snapshot.venues[id].renamings)
    request = snapshot.requests.get(last.session.request)
    moments = [renaming.at for renaming in named if renaming.room is None or renaming.room in rooms]
    moments += [*(request.retitled if request else ()), *snapshot.area.rezoned]
    return [moment for moment in moments if moment > last.first]


def release_of(snapshot: WeekSnapshot, number: int | None = None) -> Release:
    """A release of the week: the latest, or the one with the number. Raises NotThere where there is none yet."""
    if number is not None:
        return find_release(snapshot.timetable, number)
    release = latest_release(snapshot.timetable)
    if release is None:
        raise NotThere(
            message(
                "the week {week} of {area} is not released yet; plan and release it first",
                week=snapshot.week,
                area=snapshot.area_name(snapshot.area.id),
            )
        )
    return release
