"""Suggestions for a session of a draft, in the application's own words: sessions, people and keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from adapters.application.unit_of_work import Repository
from adapters.people.personal_records import PersonalRecord
from adapters.services.concerns import Concerned
from adapters.store.caches import DerivedValues
from adapters.store.store import Store
from adapters.store.views import Views
from adapters.week.draft_workspace import (
    CurrentDraft,
    assigned,
    current_draft,
    discard_workspace,
    with_labels,
    workspace_of,
)
from adapters.week.key_labels import Keys
from adapters.week.plan_documents import planned_sessions
from adapters.week.week_snapshot import WeekSnapshot
from domain.messages import message
from domain.timetable import NoDraft, NotPlaced, Session, Timetable, draft_sessions
from domain.windows import Window
from scheduler import Assignment, Breach, PlacesMap, Problem, RoomPlaces, places_map
from scheduler.suggest import ANYWHERE, Suggestion, UnknownSession, Where


@dataclass(frozen=True, slots=True)
class SuggestedMove:
    """One session: where it is, None where it has no place, and where it would go."""

    before: Session | None
    after: Session


@dataclass(frozen=True, slots=True)
class Suggested:
    """One place for a session and what it takes.

    Attributes
    ----------
    moves
        The session that was asked about, and at most one other that makes room or goes with it.
    warnings
        Soft rules that it breaks; it breaks no hard one.
    goals
        What each goal gains: below 0 it loses. Units as in a plan.
    people, learners
        Whom to call, and how many learners to tell.
    """

    sentence: str
    moves: tuple[SuggestedMove, ...]
    warnings: tuple[Breach, ...]
    goals: Mapping[str, int]
    people: tuple[Concerned, ...]
    learners: int


def suggested(
    repository: Repository,
    area: UUID,
    week: str,
    request: UUID,
    number: int,
    where: Where = ANYWHERE,
    **options: int,
) -> tuple[Suggested, ...]:
    """Places for one session of the draft as it is now; see `suggestions`. The read side must have caught up."""
    draft = current_draft(repository, area, week)
    _require_draft(draft.snapshot.week, draft.timetable)
    return _ranked(repository.views.derived, draft, (request, number), where, **options)


def suggestions(
    store: Store,
    views: Views,
    snapshot: WeekSnapshot,
    people: Mapping[UUID, PersonalRecord],
    session: tuple[UUID, int],
    where: Where = ANYWHERE,
    *,
    moves: int = 2,
    limit: int = 10,
) -> tuple[Suggested, ...]:
    """Places for one session of the draft, ranked, each keeping every hard rule; see `scheduler.suggest`.

    `session` is the id of its request, and its number. Raises NoDraft or NotPlaced.
    """
    timetable = snapshot.timetable
    _require_draft(snapshot.week, timetable)
    planned = planned_sessions(store, timetable)
    workspace = workspace_of(views, snapshot, people, timetable, planned)
    draft = CurrentDraft(snapshot, timetable, draft_sessions(timetable, planned), workspace)
    return _ranked(views.derived, draft, session, where, moves=moves, limit=limit)


def _require_draft(week: str, timetable: Timetable) -> None:
    if timetable.origin is None:
        raise NoDraft(message("there is no draft of {week} yet; plan the week first", week=week))


def _ranked(
    derived: DerivedValues,
    draft: CurrentDraft,
    session: tuple[UUID, int],
    where: Where,
    *,
    moves: int = 2,
    limit: int = 10,
) -> tuple[Suggested, ...]:
    (request, number), workspace = session, draft.workspace
    try:
        with workspace.lock:
            ranked = workspace.suggester.suggest(str(request), number, where, moves=moves, limit=limit)
    except UnknownSession:
        raise no_such_session(draft.snapshot, request, number) from None
    except BaseException:
        discard_workspace(derived, workspace)
        raise
    sessions, keys = Sessions(workspace.judge.problem), Keys(draft.snapshot)
    present = {session.key: session for session in draft.sessions}
    return tuple(_suggested(suggestion, sessions, present, keys) for suggestion in ranked)


def no_such_session(snapshot: WeekSnapshot, request: UUID, number: int) -> NotPlaced:
    key = snapshot.requests[request].key if request in snapshot.requests else request
    return NotPlaced(
        message(
            "the problem of {week} has no session {number} of request {key}; list the week's requests",
            week=snapshot.week,
            number=number,
            key=key,
        )
    )


# ---- Places


@dataclass(frozen=True, slots=True)
class SessionPlaces:
    """Where a session of the draft could go, and the version of the timetable whose draft was looked at.

    Rooms are named by venue and room, by their keys, in the order of the problem.
    """

    version: int
    places: PlacesMap


def session_places(
    repository: Repository, area: UUID, week: str, request: UUID, number: int
) -> SessionPlaces:
    """A verdict on each room and start for one session of the draft as it is now; see `scheduler.places_map`.

    The read side must have caught up. Raises NoDraft or NotPlaced.
    """
    draft = current_draft(repository, area, week)
    _require_draft(week, draft.timetable)
    workspace = draft.workspace
    index = workspace.suggester.instance.request_index.get(str(request))
    if index is None or not 1 <= number <= workspace.suggester.instance.requests[index].sessions:
        raise no_such_session(draft.snapshot, request, number)
    now = next((session for session in draft.sessions if session.key == (request, number)), None)
    try:
        with workspace.lock:
            places = places_map(
                workspace.judge,
                workspace.suggester.plan,
                str(request),
                number,
                None if now is None else assigned(now),
            )
    except BaseException:
        discard_workspace(repository.views.derived, workspace)
        raise
    return SessionPlaces(draft.timetable.version, _by_keys(places, draft.snapshot))


def _by_keys(places: PlacesMap, snapshot: WeekSnapshot) -> PlacesMap:
    venues = {str(venue.id): venue for venue in snapshot.own_venues()}
    rooms = {
        (str(venue.id), str(room.id)): (venue.key, room.key)
        for venue in venues.values()
        for room in venue.rooms
    }
    return replace(
        places,
        rooms=tuple(
            RoomPlaces(*rooms[room_places.venue, room_places.room], room_places.runs)
            for room_places in places.rooms
        ),
    )


# ---- Suggestions in words


class Sessions:
    """Turns assignments of a problem into sessions of the domain."""

    def __init__(self, problem: Problem) -> None:
        self._venues = {room.id: venue.id for venue in problem.venues for room in venue.rooms}
        self._minutes = {request.id: request.duration_min for request in problem.requests}

    def session(self, assignment: Assignment) -> Session:
        return Session(
            UUID(assignment.request),
            assignment.session,
            Window(assignment.begin_min, assignment.begin_min + self._minutes[assignment.request]),
            UUID(self._venues[assignment.room]),
            UUID(assignment.room),
            _ids(assignment.leads),
            _ids(assignment.assistants),
        )


def _ids(names: Iterable[str]) -> tuple[UUID, ...]:
    return tuple(sorted(map(UUID, names)))


def _suggested(
    suggestion: Suggestion, sessions: Sessions, draft: Mapping[tuple[UUID, int], Session], keys: Keys
) -> Suggested:
    after = tuple(sessions.session(move.after) for move in suggestion.moves)
    return Suggested(
        keys.with_labels(suggestion.sentence),
        tuple(SuggestedMove(draft.get(session.key), session) for session in after),
        tuple(with_labels(warning, keys) for warning in suggestion.warnings),
        suggestion.goals,
        tuple(
            Concerned(
                UUID(who.volunteer),
                keys.with_labels(who.volunteer),
                keys.with_labels(who.request),
                who.session,
                who.part,
            )
            for who in suggestion.people
        ),
        suggestion.learners,
    )
