"""Hard rules that sessions of a draft break as the facts are now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import scheduler
from adapters.people.personal_records import PersonLookup
from adapters.store.views import Views
from adapters.week.plan_documents import Document
from adapters.week.problem_document import assignment_of
from adapters.week.release_validity.broken_sessions import judged
from adapters.week.release_validity.other_timetables import other_bookings
from adapters.week.week_snapshot import WeekSnapshot
from domain.timetable import (
    Session,
)


def draft_breaches(
    views: Views,
    snapshot: WeekSnapshot,
    people: PersonLookup,
    sessions: Iterable[Session],
    today: date,
    *,
    pinned: bool = True,
) -> tuple[str, ...]:
    """The hard rules that sessions break as the facts are now, by keys; whatever of what they name is gone.

    Without `pinned` no pin is asked about.
    """
    pins = [pin.session for pin in snapshot.timetable.pins] if pinned else []
    sessions, others = tuple(sessions), other_bookings(views, snapshot)
    breaches = judged(views, snapshot, people, sessions, others, today, rules=scheduler.RULES, pins=pins)
    return tuple(dict.fromkeys(str(breach) for many in breaches.values() for breach in many))


def read_sessions(
    problem: Document, sessions: Iterable[Session]
) -> tuple[scheduler.Problem, tuple[scheduler.Assignment, ...]]:
    """The problem and the sessions as the scheduler reads them. Raises MalformedDocument where they do not fit."""
    parsed = scheduler.read_problem(problem)
    plan = {
        "format": "plan/1",
        "problem": problem["name"],
        "status": "feasible",
        "goals": {},
        "assignments": [assignment_of(session) for session in sessions],
        "unserved": [],
    }
    return parsed, scheduler.read_plan(plan, parsed).assignments
