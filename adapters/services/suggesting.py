"""Suggestions for a session of a draft, in the application's own words: sessions, people and keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from adapters.application.unit_of_work import Repository
from adapters.people.personal_records import PersonalRecord
from adapters.store.store import Store
from adapters.store.views import Views
from adapters.week.draft_workspace import discard_workspace, with_labels, workspace_of
from adapters.week.key_labels import Keys
from adapters.week.plan_documents import planned_sessions
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from domain.messages import message
from domain.timetable import NoDraft, NotPlaced, Session, draft_sessions
from domain.windows import Window
from scheduler import Assignment, Breach, Problem
from scheduler.suggest import ANYWHERE, Suggestion, UnknownSession, Where


@dataclass(frozen=True, slots=True)
class SuggestedMove:
    """One session: where it is, None where it has no place, and where it would go."""

    before: Session | None
    after: Session


@dataclass(frozen=True, slots=True)
class Concerned:
    """A volunteer to call: asked to come, moved to another time or place, or freed."""

    volunteer: UUID
    key: str
    request: str
    session: int
    part: Literal["asked", "moved", "freed"]


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
    snapshot = snapshot_of(repository.views, area, week)
    people = repository.people()
    return suggestions(
        repository.store, repository.views, snapshot, people, (request, number), where, **options
    )


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
    timetable, (request, number) = snapshot.timetable, session
    if timetable.origin is None:
        raise NoDraft(message("there is no draft of {week} yet; plan the week first", week=snapshot.week))
    planned = planned_sessions(store, timetable)
    workspace = workspace_of(views, snapshot, people, timetable, planned)
    try:
        with workspace.lock:
            ranked = workspace.suggester.suggest(str(request), number, where, moves=moves, limit=limit)
    except UnknownSession:
        key = snapshot.requests[request].key if request in snapshot.requests else request
        raise NotPlaced(
            message(
                "the problem of {week} has no session {number} of request {key}; list the week's requests",
                week=snapshot.week,
                number=number,
                key=key,
            )
        ) from None
    except BaseException:
        discard_workspace(views.derived, workspace)
        raise
    sessions, keys = Sessions(workspace.judge.problem), Keys(snapshot)
    draft = {session.key: session for session in draft_sessions(timetable, planned)}
    return tuple(_suggested(suggestion, sessions, draft, keys) for suggestion in ranked)


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
