"""Judge moves of a draft where the scheduler judges them; a draft that was laid out stays so while nothing changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from threading import Lock
from uuid import UUID

import orjson

import scheduler
from adapters.people.personal_records import PersonalRecord
from adapters.services.application import Lyceum
from adapters.services.planning import for_a_released_week, load_timetable, planned_sessions
from adapters.store.caches import LruCache
from adapters.store.views import Views
from adapters.week.key_labels import Keys
from adapters.week.problem_cache import recalled
from adapters.week.problem_document import Document, problem_of
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from domain.adjusting import one_place_each
from domain.timetable import Session, Timetable, draft_sessions
from domain.windows import DAY_MIN
from scheduler import Assignment, Breach, Judge, Judgement
from scheduler.suggest import Suggester


@dataclass(frozen=True, slots=True)
class Judged:
    """What moves would break, and the version of the timetable whose draft was judged."""

    version: int
    judgement: Judgement


def judged(lyceum: Lyceum, area: UUID, week: str, sessions: Iterable[Session]) -> Judged:
    """What it would break to put sessions elsewhere, in sentences with keys; those that stay are not asked about.

    The read side must have caught up. Raises MovedTwice.
    """
    snapshot = snapshot_of(lyceum.views, area, week)
    timetable = load_timetable(lyceum.store, area, week)
    planned = planned_sessions(lyceum.store, timetable)
    judge = desk_of(lyceum.views, snapshot, lyceum.people(), timetable, planned).judge
    sessions, present = one_place_each(sessions), set(draft_sessions(timetable, planned))
    judgement, keys = (
        judge.judge(_placed(session) for session in sessions if session not in present),
        Keys(snapshot),
    )
    told_of = (
        tuple(told(breach, keys) for breach in many) for many in (judgement.broken, judgement.warnings)
    )
    return Judged(timetable.version, Judgement(*told_of))


def told(breach: Breach, keys: Keys) -> Breach:
    return replace(breach, sentence=keys.told(breach.sentence))


# ---- Desks


class DraftWorkspace:
    """A draft laid out to be judged. The board of `suggester` is one person's at a time, who holds `lock`."""

    def __init__(self, key: tuple[bytes, tuple[Session, ...]], judge: Judge) -> None:
        self.key, self.judge, self.lock = key, judge, Lock()

    @cached_property
    def suggester(self) -> Suggester:
        return Suggester(self.judge)


# Some tens of megabytes each for a district.
_DESKS: LruCache[tuple[bytes, tuple[Session, ...]], DraftWorkspace] = LruCache(4)


def desk_of(
    views: Views,
    snapshot: WeekSnapshot,
    people: Mapping[UUID, PersonalRecord],
    timetable: Timetable,
    planned: Iterable[Session],
) -> DraftWorkspace:
    """A draft laid out, by the facts as they are; what was released is what people know.

    The problem is written anew each time. Where it and the draft are the same as a moment ago, so is the desk.
    """
    problem = for_a_released_week(snapshot, problem_of(views, snapshot, dict(people))).document
    draft = draft_sessions(timetable, planned)
    key = sha256(orjson.dumps(problem)).digest(), draft
    return _DESKS.made(key, lambda: _laid_out(problem, key))


def _laid_out(problem: Document, key: tuple[bytes, tuple[Session, ...]]) -> DraftWorkspace:
    given = scheduler.read_problem({**problem, "pins": list(_pins_that_fit(problem))}, recall=recalled)
    return DraftWorkspace(key, Judge(given, map(_placed, key[1])))


def _placed(session: Session) -> Assignment:
    """The same as reading `assignment_of`."""
    return Assignment(
        str(session.request),
        session.number,
        session.window.day,
        session.window.start_min % DAY_MIN,
        str(session.room),
        tuple(map(str, session.leads)),
        tuple(map(str, session.assistants)),
    )


def clear_desk(desk: DraftWorkspace) -> None:
    """Forget one whose board may not be as it was."""
    _DESKS.drop(desk.key)


def _pins_that_fit(problem: Document) -> Iterable[Document]:
    """A pin to a room or a person that is no longer there holds nothing."""
    rooms = {room["id"] for venue in problem["venues"] for room in venue["rooms"]}
    people = {one["id"] for one in problem["volunteers"]}
    for pin in problem["pins"]:
        if pin["room"] in rooms and people.issuperset((*pin["leads"], *pin["assistants"])):
            yield pin
