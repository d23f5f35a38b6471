"""Report of a week: what is served and what is not, the use of venues and volunteers, and the goals with bounds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias
from uuid import UUID

from adapters.application.unit_of_work import Repository
from adapters.queries.left_out import each, those
from adapters.store.views import Views
from adapters.week.draft_breaches import draft_breaches
from adapters.week.plan_documents import planned_sessions, read_document
from adapters.week.problem_document import problem_document
from adapters.week.release_validity.broken_sessions import BrokenSession, broken_sessions
from adapters.week.release_validity.other_timetables import other_bookings
from adapters.week.week_snapshot import SessionView, WeekSnapshot, snapshot_of, view_sessions
from adapters.wording.records import WithMessages
from domain.events import NotThere
from domain.messages import message
from domain.request import CourseRequest, request_id
from domain.timetable import GoalValue, Session, draft_sessions, latest_release
from domain.venue import Venue, open_windows
from domain.windows import Window, intersection, minutes
from scheduler import read_reasons

State: TypeAlias = Literal["draft", "released"]


@dataclass(frozen=True, slots=True)
class Unserved(WithMessages):
    """A request without a session this week, and the known reasons."""

    sentences: ClassVar[tuple[str, ...]] = ("reasons",)

    key: str
    title: str
    community: str
    learners: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """How a venue is used: `functions` are the kinds of learning that it hosts.

    `open_minutes` are those of its whole rooms in the real opening windows of the week, `used_minutes` those of
    sessions within them; a hall counts as used while any of its parts is.
    """

    key: str
    name: str
    kind: str
    functions: tuple[str, ...]
    sessions: int
    open_minutes: int
    used_minutes: int

    @property
    def share(self) -> float:
        return self.used_minutes / self.open_minutes if self.open_minutes else 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """One volunteer's week in minutes; `limit` None where they gave none."""

    key: str
    sessions: int
    minutes: int
    offered: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class Report(WithMessages):
    """A week in figures.

    `released` sessions are in the latest release; `broken` are those of them that can no longer take place as they
    stand, and count neither as `sessions` nor as `served`. Of `sessions` so many are served `elsewhere`, by released
    timetables of other areas. `goals` carry the bounds that were proven for the plan; they do not hold for moves by
    hand, so they are left out where there are any. `warnings` name the records that are left out, because nothing can
    be said of them.
    """

    sentences: ClassVar[tuple[str, ...]] = ("warnings",)

    area: str
    week: str
    zone: str
    state: State
    release: str
    asked: int
    served: int
    sessions_asked: int
    sessions: int
    learner_hours_asked: float
    learner_hours: float
    goals: tuple[GoalValue, ...]
    unserved: tuple[Unserved, ...]
    places: tuple[Place, ...]
    loads: tuple[Load, ...]
    communities_asking: int
    communities_served: int
    warnings: tuple[str, ...] = ()
    released: int = 0
    broken: tuple[BrokenSession, ...] = ()
    elsewhere: int = 0


def week_report(repository: Repository, views: Views, area: UUID, week: str) -> Report:
    """Report the latest release of the week, or the latest draft where nothing is released yet.

    Sessions of a release that can no longer take place as they stand do not count as served.
    """
    store, snapshot, today = repository.store, snapshot_of(views, area, week), repository.clock().date()
    release = latest_release(snapshot.timetable)
    origin = snapshot.timetable.origin
    if origin is None:
        raise NotThere(
            message(
                "{week} of {area} has neither a draft nor a release; plan it first",
                week=snapshot.week,
                area=snapshot.area_name(snapshot.area.id),
            )
        )
    draft = draft_sessions(snapshot.timetable, planned_sessions(store, snapshot.timetable))
    broken = broken_sessions(views, snapshot, repository.people(), today)
    broken_keys = {(request_id(broken_session.request), broken_session.number) for broken_session in broken}
    shown = release.sessions if release else draft
    sessions = tuple(session for session in shown if session.key not in broken_keys)
    requests = snapshot.as_held(snapshot.own_requests(), shown, today)
    asking = those(requests, lambda request: snapshot.sessions_of(request) > 0, "request", snapshot.left_out)
    elsewhere = _elsewhere(views, snapshot, asking)
    served = {session.request for session in sessions} | set(elsewhere)
    placed = view_sessions(snapshot, sessions)
    as_planned = (
        shown == draft and not broken and not snapshot.timetable.moves and not snapshot.timetable.dropped
    )
    places, loads = list(_places(snapshot, placed)), list(_loads(snapshot, sessions))
    reasons = _reasons(read_document(store, origin.plan)) if as_planned else {}
    return Report(
        area=snapshot.area_name(snapshot.area.id),
        week=snapshot.week,
        zone=snapshot.zone,
        state="released" if release else "draft",
        release=f"{release.number} ({release.name})" if release else "",
        asked=len(asking),
        served=sum(request.id in served for request in asking),
        sessions_asked=sum(map(snapshot.sessions_of, asking)),
        sessions=len(sessions) + sum(elsewhere.values()),
        learner_hours_asked=sum(
            _learner_hours(request) * snapshot.sessions_of(request) for request in asking
        ),
        learner_hours=sum(_learner_hours(session_view.request) for session_view in placed)
        + sum(_learner_hours(snapshot.requests[id]) * count for id, count in elsewhere.items()),
        goals=origin.goals if as_planned else (),
        unserved=tuple(
            _unserved(snapshot, request, reasons) for request in asking if request.id not in served
        ),
        places=tuple(
            sorted(places, key=lambda venue_use: (-len(venue_use.functions), -venue_use.share, venue_use.key))
        ),
        loads=tuple(sorted(loads, key=lambda load: (-load.minutes, load.key))),
        communities_asking=len({request.area for request in asking}),
        communities_served=len({request.area for request in asking if request.id in served}),
        warnings=tuple(snapshot.left_out),
        released=len(release.sessions) if release else 0,
        broken=broken,
        elsewhere=sum(elsewhere.values()),
    )


def _elsewhere(views: Views, snapshot: WeekSnapshot, asking: Iterable[CourseRequest]) -> dict[UUID, int]:
    """How many sessions of which requests are in released timetables of other areas."""
    served = other_bookings(views, snapshot).served
    return {request.id: len(served[request.id]) for request in asking if request.id in served}


@dataclass(frozen=True, slots=True)
class DraftWarnings:
    """What a coordinator should look at.

    `problem`: about the input data. `draft`: hard rules that the draft breaks in the current state. `released`:
    released sessions that can no longer take place as they are.
    """

    problem: tuple[str, ...]
    draft: tuple[str, ...]
    released: tuple[BrokenSession, ...]


def week_warnings(repository: Repository, views: Views, area: UUID, week: str) -> DraftWarnings:
    """Warnings of a week as it is in `views`; this never fails because something was withdrawn."""
    snapshot, people, today = snapshot_of(views, area, week), repository.people(), repository.clock().date()
    draft: tuple[str, ...] = ()
    if snapshot.timetable.origin is not None:
        sessions = draft_sessions(snapshot.timetable, planned_sessions(repository.store, snapshot.timetable))
        draft = draft_breaches(views, snapshot, people, sessions, today)
    problem = problem_document(views, snapshot, people)
    broken = broken_sessions(views, snapshot, people, today)
    return DraftWarnings(tuple(dict.fromkeys((*problem.warnings, *snapshot.left_out))), draft, broken)


def _learner_hours(request: CourseRequest) -> float:
    return request.order.learners * request.order.duration_minutes / 60


def _reasons(plan: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {request["request"]: tuple(read_reasons(request)) for request in plan["unserved"]}


def _unserved(
    snapshot: WeekSnapshot, request: CourseRequest, reasons: Mapping[str, tuple[str, ...]]
) -> Unserved:
    return Unserved(
        key=request.key,
        title=request.order.title,
        community=snapshot.area_name(request.area),
        learners=request.order.learners,
        reasons=reasons.get(str(request.id), ()),
    )


def _places(snapshot: WeekSnapshot, placed: Iterable[SessionView]) -> Iterator[Place]:
    hosted: dict[UUID, list[SessionView]] = defaultdict(list)
    for session_view in placed:
        hosted[session_view.venue.id].append(session_view)
    use = each(
        snapshot.own_venues(),
        lambda own_venue: _use(snapshot, own_venue, hosted.get(own_venue.id, ())),
        "venue",
        snapshot.left_out,
    )
    for venue, (opened, used) in use:
        hosted_here = hosted[venue.id]
        yield Place(
            key=venue.key,
            name=venue.name,
            kind=venue.kind,
            functions=tuple(sorted({session_view.request.order.function for session_view in hosted_here})),
            sessions=len(hosted_here),
            open_minutes=opened,
            used_minutes=used,
        )


def _use(snapshot: WeekSnapshot, venue: Venue, here: Iterable[SessionView]) -> tuple[int, int]:
    taken: dict[UUID, list[Window]] = defaultdict(list)
    for session_view in here:
        taken[session_view.room.part_of or session_view.room.id].append(session_view.session.window)
    opened = used = 0
    for room in venue.rooms:
        if room.part_of is None:
            windows = open_windows(venue, room.id, snapshot.week, snapshot.day_types(venue.area))
            opened += minutes(windows)
            used += minutes(intersection(windows, taken[room.id]))
    return opened, used


def _loads(snapshot: WeekSnapshot, sessions: Iterable[Session]) -> Iterator[Load]:
    count: Counter[UUID] = Counter()
    total: Counter[UUID] = Counter()
    for session in sessions:
        for volunteer_id in session.team:
            count[volunteer_id] += 1
            total[volunteer_id] += session.window.minutes
    offers = each(
        snapshot.own_volunteers(),
        lambda own_volunteer: minutes(snapshot.offer_of(own_volunteer)),
        "volunteer",
        snapshot.left_out,
    )
    for volunteer, offered in offers:
        if offered or count[volunteer.id]:
            limit = volunteer.profile.max_minutes_week
            yield Load(volunteer.key, count[volunteer.id], total[volunteer.id], offered, limit)
