"""Adjust a draft by hand: pins, moves and drops, with every rule judged where the scheduler judges it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from threading import Lock
from uuid import UUID

import orjson

import scheduler
from adapters.application import Lyceum
from adapters.kept import Kept
from adapters.naming import Keys
from adapters.people import PersonalRecord
from adapters.planning import for_a_released_week, load_timetable, planned_sessions
from adapters.problems import Document, assignment_of, problem_of
from adapters.releases import BrokenRules, draft_of
from adapters.store.store import Store
from adapters.store.views import Views
from adapters.weeks import Facts, facts_of
from domain.adjusting import drop_session, move_sessions, one_place_each, pin_session, unpin_session
from domain.facts import Refused
from domain.timetable import NoDraft, NotPlaced, Pin, Session, Timetable, draft_sessions
from domain.windows import Window
from scheduler.check import Breach
from scheduler.documents import read_assignments
from scheduler.moves import Judge, Judgement, unpassed
from scheduler.suggest.suggesting import Suggester

NOWHERE = UUID(int=0)


class SoftRulesBroken(Refused):
    """A move that breaks soft rules which nobody has accepted yet; `warnings` are these."""

    def __init__(self, warnings: Iterable[Breach]) -> None:
        self.warnings = tuple(warnings)
        self.rules = tuple(dict.fromkeys(one.rule for one in self.warnings))
        more = f" (and {len(self.warnings) - 3} more)" if len(self.warnings) > 3 else ""
        told = "; ".join(map(str, self.warnings[:3]))
        count = f"{len(self.warnings)} wish{'' if len(self.warnings) == 1 else 'es'}"
        super().__init__(
            f"this move would pass over {count}: {told}{more}; "
            f"if the reason for it is worth that, give it again and accept {', '.join(self.rules)}"
        )


# ---- Where sessions are


def find_session(lyceum: Lyceum, area: UUID, week: str, request: UUID, number: int) -> Session:
    """A session of the latest draft. Raises NoDraft or NotPlaced."""
    facts = _facts(lyceum, area, week)
    for session in draft_of(lyceum, facts):
        if session.key == (request, number):
            return session
    key = facts.requests[request].key if request in facts.requests else request
    raise NotPlaced(f"session {number} of request {key} is not in the draft of {week}; see `lyceum report`")


def new_session(lyceum: Lyceum, area: UUID, week: str, request: UUID, number: int, start_min: int) -> Session:
    """A session that the draft does not hold, at a time; as yet it has no room and no people.

    Raises NoDraft or NotPlaced.
    """
    asked = _facts(lyceum, area, week).requests.get(request)
    if asked is None or number > asked.order.sessions:
        raise NotPlaced(f"there is no session {number} of request {asked.key if asked else request}")
    window = Window(start_min, start_min + asked.order.duration_minutes)
    return Session(request, number, window, NOWHERE, NOWHERE)


def _facts(lyceum: Lyceum, area: UUID, week: str) -> Facts:
    lyceum.views.catch_up()
    facts = facts_of(lyceum.views, area, week)
    if facts.timetable.origin is None:
        raise NoDraft(f"there is no draft of {week} yet; plan the week first")
    return facts


# ---- Pins


def pin(lyceum: Lyceum, area: UUID, week: str, session: Session, comment: str) -> bool:
    """Hold a session of the draft where it is, in every plan to come; whether anything changed."""

    def command() -> bool:
        timetable = load_timetable(lyceum.store, area, week)
        made = pin_session(timetable, lyceum.stamp(), Pin(session, comment))
        lyceum.commit(made)
        return bool(made)

    return lyceum.retrying(command)


def unpin(lyceum: Lyceum, area: UUID, week: str, request: UUID, number: int) -> bool:
    def command() -> bool:
        timetable = load_timetable(lyceum.store, area, week)
        made = unpin_session(timetable, lyceum.stamp(), request, number)
        lyceum.commit(made)
        return bool(made)

    return lyceum.retrying(command)


# ---- Moves


def move(
    lyceum: Lyceum,
    area: UUID,
    week: str,
    session: Session,
    why: str,
    *,
    accept: Iterable[str] = (),
    also: Iterable[Session] = (),
) -> bool:
    """Put a session of the draft where `session` says, and others at the same time; whether anything changed.

    All are judged together and written together. `accept` names the soft rules that `why` is reason enough to pass;
    those that are passed are recorded. A pin that holds a session elsewhere is lifted, where `pin` is accepted.

    Raises BrokenRules with a sentence for each hard rule that the draft would break and does not break now, and
    SoftRulesBroken with the soft ones that are not accepted. Nobody can pass a hard rule.
    """
    sessions, passed = (session, *also), frozenset(accept)

    def command() -> bool:
        lyceum.views.catch_up()
        facts = facts_of(lyceum.views, area, week)
        timetable = load_timetable(lyceum.store, area, week)
        planned = sessions_planned(lyceum.store, timetable)
        judge = desk_of(lyceum.views, facts, lyceum.people(), timetable, planned).judge
        found = judgement(judge, facts, timetable, planned, sessions)
        if found.broken:
            raise BrokenRules(map(str, found.broken), "this move")
        if open_ := unpassed(found.warnings, passed):
            raise SoftRulesBroken(open_)
        accepted = {one.rule for one in found.warnings}
        made = move_sessions(timetable, lyceum.stamp(), sessions, why, planned, accepted)
        lyceum.commit(made)
        return bool(made)

    return lyceum.retrying(command)


def try_move(
    lyceum: Lyceum, area: UUID, week: str, session: Session, also: Iterable[Session] = ()
) -> Judgement:
    """What a move would break and the draft does not break now, hard and soft; nothing changes."""
    lyceum.views.catch_up()
    facts = facts_of(lyceum.views, area, week)
    timetable = load_timetable(lyceum.store, area, week)
    planned = sessions_planned(lyceum.store, timetable)
    judge = desk_of(lyceum.views, facts, lyceum.people(), timetable, planned).judge
    return judgement(judge, facts, timetable, planned, (session, *also))


class Desk:
    """A draft laid out to be judged. The board of `suggester` is one person's at a time, who holds `lock`."""

    def __init__(self, key: tuple[bytes, tuple[Session, ...]], judge: Judge) -> None:
        self.key, self.judge, self.lock = key, judge, Lock()

    @cached_property
    def suggester(self) -> Suggester:
        return Suggester(self.judge)


_DESKS: Kept[Desk] = Kept(4)  # some tens of megabytes each for a district
_PLANNED: Kept[tuple[Session, ...]] = Kept(16)


def sessions_planned(store: Store, timetable: Timetable) -> tuple[Session, ...]:
    """The sessions of the plan that the latest draft was made from, which its documents' hashes name."""
    if timetable.origin is None:
        return ()
    key = timetable.origin.problem, timetable.origin.plan
    return _PLANNED.get(key, lambda: planned_sessions(store, timetable))


def desk_of(
    views: Views,
    facts: Facts,
    people: Mapping[UUID, PersonalRecord],
    timetable: Timetable,
    planned: Iterable[Session],
) -> Desk:
    """A draft laid out, by the facts as they are; what was released is what people know.

    The problem is written anew each time. Where it and the draft are the same as a moment ago, so is the desk.
    """
    problem = for_a_released_week(facts, problem_of(views, facts, dict(people))).document
    draft = draft_sessions(timetable, planned)
    key = sha256(orjson.dumps(problem)).digest(), draft
    return _DESKS.get(key, lambda: _laid_out(problem, key))


def _laid_out(problem: Document, key: tuple[bytes, tuple[Session, ...]]) -> Desk:
    given = scheduler.read_problem({**problem, "pins": list(_pins_that_fit(problem))})
    return Desk(key, Judge(given, read_assignments([assignment_of(one) for one in key[1]])))


def clear_desk(desk: Desk) -> None:
    """Forget one whose board may not be as it was."""
    _DESKS.drop(desk.key)


def _pins_that_fit(problem: Document) -> Iterable[Document]:
    """A pin to a room or a person that is no longer there holds nothing."""
    rooms = {room["id"] for venue in problem["venues"] for room in venue["rooms"]}
    people = {one["id"] for one in problem["volunteers"]}
    for pin in problem["pins"]:
        if pin["room"] in rooms and people.issuperset((*pin["leads"], *pin["assistants"])):
            yield pin


def judgement(
    judge: Judge, facts: Facts, timetable: Timetable, planned: Iterable[Session], sessions: Iterable[Session]
) -> Judgement:
    """What it would break to put sessions elsewhere, in sentences with keys; those that stay are not asked about.

    Raises MovedTwice.
    """
    sessions, present = one_place_each(sessions), set(draft_sessions(timetable, planned))
    moves = read_assignments([assignment_of(one) for one in sessions if one not in present])
    found, keys = judge.judge(moves), Keys(facts)
    return Judgement(*(tuple(told(one, keys) for one in many) for many in (found.broken, found.warnings)))


def told(breach: Breach, keys: Keys) -> Breach:
    return replace(breach, sentence=keys.told(breach.sentence))


def drop(lyceum: Lyceum, area: UUID, week: str, request: UUID, number: int, why: str) -> bool:
    """Take a session out of the draft; whether anything changed."""

    def command() -> bool:
        timetable = load_timetable(lyceum.store, area, week)
        planned = planned_sessions(lyceum.store, timetable)
        made = drop_session(timetable, lyceum.stamp(), request, number, why, planned)
        lyceum.commit(made)
        return bool(made)

    return lyceum.retrying(command)
