"""Workspaces of drafts: the scheduler judges moves by hand on a parsed draft, cached while nothing changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from threading import Lock
from uuid import UUID

import orjson

import scheduler
from adapters.application.unit_of_work import Repository
from adapters.people.personal_records import PersonalRecord
from adapters.store.cached_read_models import CachedReadModels
from adapters.store.caches import CacheKind, DerivedValues
from adapters.store.store import PERSON
from adapters.store.views import Views
from adapters.week.key_labels import Keys
from adapters.week.plan_documents import for_a_released_week, load_timetable, planned_sessions
from adapters.week.problem_cache import recall_by
from adapters.week.problem_document import Document, problem_document
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


def judged(repository: Repository, area: UUID, week: str, sessions: Iterable[Session]) -> Judged:
    """What it would break to put sessions elsewhere, in sentences with keys; those that stay are not asked about.

    The read side must have caught up. Raises MovedTwice.
    """
    current = current_draft(repository, area, week)
    sessions, present = one_place_each(sessions), set(current.sessions)
    judgement, keys = (
        current.workspace.judge.judge(assigned(session) for session in sessions if session not in present),
        Keys(current.snapshot),
    )
    labelled = (
        tuple(with_labels(breach, keys) for breach in breaches)
        for breaches in (judgement.broken, judgement.warnings)
    )
    return Judged(current.timetable.version, Judgement(*labelled))


def with_labels(breach: Breach, keys: Keys) -> Breach:
    return replace(breach, sentence=keys.with_labels(breach.sentence))


# ---- Workspaces


class DraftWorkspace:
    """A parsed draft. The plan of `suggester` is edited by one thread at a time, which holds `lock`."""

    def __init__(self, key: tuple[bytes, tuple[Session, ...]], judge: Judge) -> None:
        self.key, self.judge, self.lock, self.is_discarded = key, judge, Lock(), False

    @property
    def draft(self) -> tuple[Session, ...]:
        """The sessions of the draft as moved by hand, in order of time."""
        return self.key[1]

    @cached_property
    def suggester(self) -> Suggester:
        return Suggester(self.judge)


# Some tens of megabytes each for a district.
WORKSPACES = CacheKind[DraftWorkspace](4)
AT_POSITION = CacheKind[DraftWorkspace](
    4
)  # the same ones, by the position of the events and what else they rest on


@dataclass(frozen=True, slots=True)
class CurrentDraft:
    """The draft of a week as it is now, with all moves by hand, and its workspace."""

    snapshot: WeekSnapshot
    timetable: Timetable
    sessions: tuple[Session, ...]
    workspace: DraftWorkspace


def current_draft(repository: Repository, area: UUID, week: str) -> CurrentDraft:
    """The read side must have caught up.

    Where the read side is in memory, the problem is not even written anew while no event and no home has changed.
    """
    views: Views = repository.views
    is_in_memory = isinstance(views, CachedReadModels)
    if isinstance(views, CachedReadModels):
        views = views.snapshot()
    snapshot = snapshot_of(views, area, week)
    timetable = load_timetable(repository, area, week)

    def workspace() -> DraftWorkspace:
        planned = planned_sessions(repository.store, timetable)
        return workspace_of(views, snapshot, repository.people(), timetable, planned)

    if not is_in_memory:
        fresh = workspace()
        return CurrentDraft(snapshot, timetable, fresh.draft, fresh)
    key = area, week, views.position, timetable.version, _digest_of_people(repository)
    held = views.derived.find(AT_POSITION, (), key)
    if held is None or held.is_discarded:
        held = views.derived.put(AT_POSITION, (), key, workspace())
    return CurrentDraft(snapshot, timetable, held.draft, held)


def _digest_of_people(repository: Repository) -> bytes:
    """Homes are in no event, and the problem rests on them."""
    digest = sha256()
    for row in repository.store.rows("people").select(PERSON):
        digest.update(row.key.encode())
        digest.update(row.body or b"")
    return digest.digest()


def workspace_of(
    views: Views,
    snapshot: WeekSnapshot,
    people: Mapping[UUID, PersonalRecord],
    timetable: Timetable,
    planned: Iterable[Session],
) -> DraftWorkspace:
    """The workspace of a draft, by the state as it is now; the last release counts as what people know.

    The problem is written anew each time. Where it and the draft have not changed, the cached workspace is returned.
    """
    problem = for_a_released_week(snapshot, problem_document(views, snapshot, dict(people))).document
    draft = draft_sessions(timetable, planned)
    key = sha256(orjson.dumps(problem)).digest(), draft
    return views.derived.get(WORKSPACES, (), key, lambda: _laid_out(views.derived, problem, key))


def _laid_out(
    derived: DerivedValues, problem: Document, key: tuple[bytes, tuple[Session, ...]]
) -> DraftWorkspace:
    parsed = scheduler.read_problem(
        {**problem, "pins": list(_pins_that_fit(problem))}, recall=recall_by(derived)
    )
    return DraftWorkspace(key, Judge(parsed, map(assigned, key[1])))


def assigned(session: Session) -> Assignment:
    """The assignment of a session, equal to what is read from its document `assignment_of`."""
    return Assignment(
        str(session.request),
        session.number,
        session.window.day,
        session.window.start_min % DAY_MIN,
        str(session.room),
        tuple(map(str, session.leads)),
        tuple(map(str, session.assistants)),
    )


def discard_workspace(derived: DerivedValues, workspace: DraftWorkspace) -> None:
    """Drop a workspace whose plan may be in an unknown state."""
    workspace.is_discarded = True
    derived.drop(WORKSPACES, workspace.key)


def _pins_that_fit(problem: Document) -> Iterable[Document]:
    """A pin to a room or a person that is no longer there holds nothing."""
    rooms = {room["id"] for venue in problem["venues"] for room in venue["rooms"]}
    people = {volunteer["id"] for volunteer in problem["volunteers"]}
    for pin in problem["pins"]:
        if pin["room"] in rooms and people.issuperset((*pin["leads"], *pin["assistants"])):
            yield pin
