"""Plan and problem documents of a week as they are kept: read, and turned into sessions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from adapters.application.unit_of_work import Repository
from adapters.store.caches import CacheKind
from adapters.store.store import Store
from adapters.store.streams import TIMETABLES
from adapters.week.problem_document import WrittenProblem, shared_assignment
from adapters.week.week_snapshot import WeekSnapshot
from domain.timetable import (
    Session,
    Timetable,
    blank,
    latest_release,
    timetable_id,
)
from domain.windows import DAY_MIN, Window, clock_min
from scheduler import GOALS

Document = dict[str, Any]


PLANNED = CacheKind[tuple[Session, ...]](16)  # by content hashes


_FIRST_ONCE_RELEASED = ("served", "continuity")
GOALS_ONCE_RELEASED = (*_FIRST_ONCE_RELEASED, *(goal for goal in GOALS if goal not in _FIRST_ONCE_RELEASED))


def for_a_released_week(snapshot: WeekSnapshot, problem: WrittenProblem) -> WrittenProblem:
    """Keep to what people have been told.

    The week's own release takes the place of last week's timetable, and keeping it comes right after serving learners.
    """
    release = latest_release(snapshot.timetable)
    if release is None:
        return problem
    changed_keys = {
        "previous": [shared_assignment(snapshot.derived, session) for session in release.sessions],
        "goals": list(GOALS_ONCE_RELEASED),
    }
    return replace(problem, document={**problem.document, **changed_keys})


def load_timetable(repository: Repository, area: UUID, week: str) -> Timetable:
    """The timetable of a week, a blank one before its first event."""
    return repository.load(TIMETABLES, timetable_id(area, week)) or blank(area, week)


def canonical(document: Document) -> bytes:
    """The bytes that a document is hashed and kept as."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_document(store: Store, digest: str) -> Document:
    document: Document = json.loads(store.document(digest))
    return document


def planned_sessions(store: Store, timetable: Timetable) -> tuple[Session, ...]:
    """The sessions of the plan that the latest draft was made from; none where there is no draft."""
    if timetable.origin is None:
        return ()
    origin = timetable.origin

    def read() -> tuple[Session, ...]:
        problem, plan = read_document(store, origin.problem), read_document(store, origin.plan)
        return sessions_of(problem, plan["assignments"])

    return store.derived.get(PLANNED, (), (origin.problem, origin.plan), read)


def sessions_of(problem: Document, assignments: Iterable[Mapping[str, Any]]) -> tuple[Session, ...]:
    """The sessions that a plan document places, as the domain writes them."""
    venue_of = {room["id"]: venue["id"] for venue in problem["venues"] for room in venue["rooms"]}
    minutes_of = {request["id"]: request["duration_minutes"] for request in problem["requests"]}
    return tuple(
        _session(assignment, venue_of[assignment["room"]], minutes_of[assignment["request"]])
        for assignment in assignments
    )


def _session(assignment: Mapping[str, Any], venue: str, minutes: int) -> Session:
    start = (assignment["day"] - 1) * DAY_MIN + clock_min(assignment["start"])
    return Session(
        request=UUID(assignment["request"]),
        number=assignment["session"],
        window=Window(start, start + minutes),
        venue=UUID(venue),
        room=UUID(assignment["room"]),
        leads=tuple(sorted(map(UUID, assignment["leads"]))),
        assistants=tuple(sorted(map(UUID, assignment.get("assistants", ())))),
    )
