"""Commands that adjust a draft by hand: pins, moves and drops, with every rule judged as the scheduler judges it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from adapters.application.unit_of_work import Repository, UnitOfWork, command
from adapters.services.concerns import Concern, concern_of
from adapters.services.releases import BrokenRules
from adapters.week.draft_workspace import Judged, judged
from adapters.week.plan_documents import load_timetable, planned_sessions
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from adapters.week.week_steps import history_of, session_changed
from domain.adjusting import drop_session, move_sessions, pin_session, unpin_session
from domain.events import Refused
from domain.messages import message, plural
from domain.timetable import NoDraft, NotPlaced, Pin, Session, Timetable, draft_sessions
from domain.windows import Window
from scheduler import Breach, Judgement, unpassed

NOWHERE = UUID(int=0)


class SoftRulesBroken(Refused):
    """A move that breaks soft rules which nobody has accepted yet; `warnings` are these."""

    def __init__(self, warnings: Iterable[Breach]) -> None:
        self.warnings = tuple(warnings)
        self.rules = tuple(dict.fromkeys(breach.rule for breach in self.warnings))
        more = message(" (and {count} more)", count=len(self.warnings) - 3) if len(self.warnings) > 3 else ""
        super().__init__(
            plural(
                "this move would pass over {count} wish: {sentences:; }{more}; if the reason for it is worth "
                "that, give it again and accept {rules}",
                "this move would pass over {count} wishes: {sentences:; }{more}; if the reason for it is worth "
                "that, give it again and accept {rules}",
                count=len(self.warnings),
                sentences=self.warnings[:3],
                more=more,
                rules=self.rules,
            )
        )


# ---- Where sessions are


def find_session(repository: Repository, area: UUID, week: str, request: UUID, number: int) -> Session:
    """A session of the latest draft. Raises NoDraft or NotPlaced."""
    timetable = load_timetable(repository, area, week)
    if timetable.origin is None:
        raise _no_draft(week)
    for session in draft_sessions(timetable, planned_sessions(repository.store, timetable)):
        if session.key == (request, number):
            return session
    course_request = _snapshot(repository, area, week).requests.get(request)
    key = request if course_request is None else course_request.key
    raise NotPlaced(
        message(
            "session {number} of request {key} is not in the draft of {week}; look for a place with "
            "suggestions",
            number=number,
            key=key,
            week=week,
        )
    )


@dataclass(frozen=True, slots=True)
class PickedUpFrom:
    """Where a session was when somebody picked it up; all None: it had no place. `start_min` from Monday 00:00."""

    venue: UUID | None = None
    room: UUID | None = None
    start_min: int | None = None


def require_unmoved(
    repository: Repository, area: UUID, week: str, key: tuple[UUID, int], expected: PickedUpFrom
) -> None:
    """Refuse where a session of the draft is not where it was. Raises SessionChanged, NoDraft."""
    timetable = load_timetable(repository, area, week)
    if timetable.origin is None:
        raise _no_draft(week)
    sessions = draft_sessions(timetable, planned_sessions(repository.store, timetable))
    now = next((session for session in sessions if session.key == key), None)
    present = PickedUpFrom(now.venue, now.room, now.window.start_min) if now else PickedUpFrom()
    if present != expected:
        snapshot, history = snapshot_of(repository.views, area, week), history_of(repository.store, timetable)
        raise session_changed(snapshot, history, key, now, message("after you picked it up"))


def new_session(
    repository: Repository, area: UUID, week: str, request: UUID, number: int, start_min: int
) -> Session:
    """A session that the draft does not hold, at a time; as yet it has no room and no people.

    Raises NoDraft or NotPlaced.
    """
    snapshot = _snapshot(repository, area, week)
    course_request = snapshot.requests.get(request)
    if course_request is None or number > snapshot.sessions_of(course_request):
        raise NotPlaced(
            message(
                "there is no session {number} of request {request}",
                number=number,
                request=course_request.key if course_request else request,
            )
        )
    window = Window(start_min, start_min + course_request.order.duration_minutes)
    return Session(request, number, window, NOWHERE, NOWHERE)


def _snapshot(repository: Repository, area: UUID, week: str) -> WeekSnapshot:
    repository.views.catch_up()
    snapshot = snapshot_of(repository.views, area, week)
    if snapshot.timetable.origin is None:
        raise _no_draft(week)
    return snapshot


def _no_draft(week: str) -> NoDraft:
    return NoDraft(message("there is no draft of {week} yet; plan the week first", week=week))


# ---- Pins


@command
def pin(unit: UnitOfWork, area: UUID, week: str, session: Session, comment: str) -> bool:
    """Hold a session of the draft where it is, in every plan to come; whether anything changed."""
    timetable = load_timetable(unit, area, week)
    events = pin_session(timetable, unit.metadata(), Pin(session, comment))
    unit.commit(events)
    return bool(events)


@command
def unpin(unit: UnitOfWork, area: UUID, week: str, request: UUID, number: int) -> bool:
    timetable = load_timetable(unit, area, week)
    events = unpin_session(timetable, unit.metadata(), request, number)
    unit.commit(events)
    return bool(events)


# ---- Moves


class Judges(Protocol):
    """Judges moves of a draft: here, or in a process beside."""

    def __call__(self, area: UUID, week: str, sessions: Iterable[Session]) -> Judged: ...


@command
def move(
    unit: UnitOfWork,
    area: UUID,
    week: str,
    session: Session,
    why: str,
    *,
    accept: Iterable[str] = (),
    also: Iterable[Session] = (),
    judge: Judges | None = None,
) -> bool:
    """Put a session of the draft where `session` says, and others at the same time; whether anything changed.

    All are judged together and written together. `accept` names the soft rules that `why` is reason enough to pass;
    those that are passed are recorded. A pin that holds a session elsewhere is lifted, where `pin` is accepted.

    Raises BrokenRules with a sentence for each hard rule that the draft would break and does not break now, and
    SoftRulesBroken with the soft ones that are not accepted. Nobody can pass a hard rule.
    """
    sessions, passed = (session, *also), frozenset(accept)
    unit.views.catch_up()
    answer = (judge or partial(judged, unit))(area, week, sessions)
    timetable = load_timetable(unit, area, week)
    if timetable.version != answer.version:
        raise IntegrityError("the draft changed while the move was judged")
    judgement = answer.judgement
    if judgement.broken:
        raise BrokenRules(map(str, judgement.broken), message("this move"))
    if open_ := unpassed(judgement.warnings, passed):
        raise SoftRulesBroken(open_)
    accepted = {breach.rule for breach in judgement.warnings}
    planned = planned_sessions(unit.store, timetable)
    events = move_sessions(timetable, unit.metadata(), sessions, why, planned, accepted)
    unit.commit(events)
    return bool(events)


def try_move(
    repository: Repository,
    area: UUID,
    week: str,
    session: Session,
    also: Iterable[Session] = (),
    *,
    judge: Judges | None = None,
) -> Judgement:
    """What a move would break and the draft does not break now, hard and soft; nothing changes."""
    repository.views.catch_up()
    return (judge or partial(judged, repository))(area, week, (session, *also)).judgement


@command
def drop(unit: UnitOfWork, area: UUID, week: str, request: UUID, number: int, why: str) -> bool:
    """Take a session out of the draft; whether anything changed."""
    timetable = load_timetable(unit, area, week)
    planned = planned_sessions(unit.store, timetable)
    events = drop_session(timetable, unit.metadata(), request, number, why, planned)
    unit.commit(events)
    return bool(events)


def concern(repository: Repository, before: Timetable, after: Timetable) -> Concern:
    """Whom it concerns that the draft of a timetable has become another one."""
    if before is after:
        return Concern()
    snapshot = snapshot_of(repository.views, before.area, before.week)
    was, will = (
        draft_sessions(state, planned_sessions(repository.store, state)) for state in (before, after)
    )
    return concern_of(snapshot, was, will)
