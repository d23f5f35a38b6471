"""Adjust a draft by hand: pins, moves and drops, with every rule judged where the scheduler judges it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from adapters.application import Lyceum
from adapters.planning import load_timetable, planned_sessions
from adapters.problems import write_problem
from adapters.releases import BrokenRules, draft_of, rules_broken
from adapters.weeks import Facts, facts_of
from domain.timetable import (
    NoDraft,
    NotPlaced,
    Pin,
    Session,
    Timetable,
    draft_sessions,
    drop_session,
    move_session,
    pin_session,
    unpin_session,
)

SOFT = ("whole", "pin")  # a draft on its way may leave a request half placed, or a pin to the next plan


def find_session(lyceum: Lyceum, area: UUID, week: str, request: UUID, number: int) -> Session:
    """A session of the latest draft. Raises NoDraft or NotPlaced."""
    lyceum.views.catch_up()
    facts = facts_of(lyceum.views, area, week)
    if facts.timetable.origin is None:
        raise NoDraft(f"there is no draft of {week} yet; plan the week first")
    for session in draft_of(lyceum, facts):
        if session.key == (request, number):
            return session
    key = facts.requests[request].key if request in facts.requests else request
    raise NotPlaced(f"session {number} of request {key} is not in the draft of {week}; see `lyceum report`")


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


def move(lyceum: Lyceum, area: UUID, week: str, session: Session, why: str) -> bool:
    """Put a session of the draft where `session` says; whether anything changed.

    Raises BrokenRules with a sentence for each hard rule that the draft would break and does not break now.
    """

    def command() -> bool:
        lyceum.views.catch_up()
        facts = facts_of(lyceum.views, area, week)
        timetable = load_timetable(lyceum.store, area, week)
        planned = planned_sessions(lyceum.store, timetable)
        if broken := _broken_by(lyceum, facts, timetable, planned, session):
            raise BrokenRules(broken, "this move")
        made = move_session(timetable, lyceum.stamp(), session, why, planned)
        lyceum.commit(made)
        return bool(made)

    return lyceum.retrying(command)


def try_move(lyceum: Lyceum, area: UUID, week: str, session: Session) -> tuple[str, ...]:
    """The hard rules that a move would break and the draft does not break now, a sentence for each; nothing changes."""
    lyceum.views.catch_up()
    facts = facts_of(lyceum.views, area, week)
    timetable = load_timetable(lyceum.store, area, week)
    return _broken_by(lyceum, facts, timetable, planned_sessions(lyceum.store, timetable), session)


def _broken_by(
    lyceum: Lyceum, facts: Facts, timetable: Timetable, planned: tuple[Session, ...], session: Session
) -> tuple[str, ...]:
    before = draft_sessions(timetable, planned)
    after = draft_sessions(replace(timetable, moves=(*timetable.moves, session)), planned)
    problem = {**write_problem(lyceum, facts).document, "pins": []}
    known = set(rules_broken(problem, before))
    return tuple(one for one in rules_broken(problem, after) if one not in known and not one.startswith(SOFT))


def drop(lyceum: Lyceum, area: UUID, week: str, request: UUID, number: int, why: str) -> bool:
    """Take a session out of the draft; whether anything changed."""

    def command() -> bool:
        timetable = load_timetable(lyceum.store, area, week)
        planned = planned_sessions(lyceum.store, timetable)
        made = drop_session(timetable, lyceum.stamp(), request, number, why, planned)
        lyceum.commit(made)
        return bool(made)

    return lyceum.retrying(command)
