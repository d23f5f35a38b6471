"""Adoption of a what-if branch: conflicts with events since it began, and the events that it adds (merge)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from adapters.application.unit_of_work import Repository
from adapters.branches.branches import (
    DOCUMENTS,
    SOLVED,
    TABLE,
    Branch,
    BranchEvent,
    read_events,
)
from adapters.branches.overlay import BranchUnit
from adapters.store.engines import Writes
from adapters.store.event_names import topic_of
from adapters.store.rows import Row
from adapters.store.store import Store
from adapters.store.streams import STREAM_OF, TIMETABLES, Stream
from adapters.week.plan_documents import for_a_released_week, read_document
from adapters.week.problem_document import problem_document
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from domain.events import Event, Refused
from domain.messages import message
from domain.timetable import DraftMade, SessionDropped, SessionMoved, timetable_id

Document: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["new", "changed", "gone"]
SECTIONS = ("venues", "volunteers", "requests")
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class MovedOn:
    """An event of the truth that a branch does not know, in a stream that it has written."""

    stream: str
    key: str
    event: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Differing:
    """A venue, volunteer, request, pin or earlier session that differs between two problem documents."""

    section: str
    key: str
    change: Kind


class TruthMovedOn(Refused):
    """A branch that rests on a state that has changed since; `changed` names the changes."""

    def __init__(self, sentence: str, changed: Iterable[MovedOn | Differing]) -> None:
        self.changed = tuple(changed)
        super().__init__(sentence)


# ---- What the branch has written


def moved_on(truth: Repository, branch: Branch) -> tuple[MovedOn, ...]:
    """The events since, in the streams that the branch has written."""
    return tuple(_moved_on(truth.store, branch))


def _moved_on(store: Store, branch: Branch) -> Iterator[MovedOn]:
    first: dict[UUID, Event] = {}
    for event in branch.events:
        first.setdefault(event.originator_id, event)
    for id, own in first.items():
        stream = STREAM_OF[type(own)]
        state = store.load(stream, id)
        if state is None or state.version < own.originator_version:
            continue
        for event in store.events_of(id):
            if event.originator_version >= own.originator_version:
                topic = topic_of(type(event)).partition("/")[0]
                yield MovedOn(stream.name, _key(stream, state), topic, event.at, event.by)


def _key(stream: Stream[Any], state: Any) -> str:
    """The natural key of a state; the week of those that have none."""
    return str(state.week if stream is TIMETABLES else getattr(state, "key", state.id))


def require_unmoved(truth: Repository, branch: Branch) -> None:
    """Raises TruthMovedOn where a stream that the branch has written was written since."""
    if changed := moved_on(truth, branch):
        named = [
            message("{event} of {key} by {by}", event=moved.event, key=moved.key, by=moved.by)
            for moved in changed[:MOST_NAMED]
        ]
        raise TruthMovedOn(
            message(
                "{count} events have changed since what branch {branch} changes ({named}{more}); rebase the "
                "branch, look at it again, then adopt it",
                count=len(changed),
                branch=branch.name,
                named=named,
                more=_more(changed),
            ),
            changed,
        )


def require_same(branch: Branch, again: Iterable[BranchEvent]) -> None:
    """Raises TruthMovedOn where the branch's commands decide otherwise than they did."""
    if [_decided(stored) for stored in branch.stored] != [_decided(stored) for stored in again]:
        raise TruthMovedOn(
            message(
                "the changes of branch {branch} have other effects now than when they were made; rebase the "
                "branch, look at it again, then adopt it",
                branch=branch.name,
            ),
            (),
        )


def _decided(stored: BranchEvent) -> tuple[Any, ...]:
    decided = {name: value for name, value in stored.state.items() if name not in ("at", "by")}
    return stored.topic, stored.stream, stored.version, decided


# ---- What its plan was made from


def require_fresh_plan(truth: Repository, branch: Branch) -> None:
    """Raises TruthMovedOn where the state that the branch was planned from has changed."""
    planned = [
        index for index, branch_change in enumerate(branch.changes) if branch_change.operation in SOLVED
    ]
    if not planned:
        return
    draft_made = next(
        event for event in read_events(branch.changes[planned[-1]].facts) if isinstance(event, DraftMade)
    )
    before = replace(branch, changes=branch.changes[: planned[-1]])
    unit = BranchUnit(truth, truth.actor, before)
    snapshot = snapshot_of(unit.views, branch.area, branch.week)
    now = for_a_released_week(snapshot, problem_document(unit.views, snapshot, unit.people())).document
    if changed := differing(read_document(unit.store, draft_made.origin.problem), now, snapshot):
        named = ", ".join(
            f"{difference.section} {difference.key} ({difference.change})"
            for difference in changed[:MOST_NAMED]
        )
        raise TruthMovedOn(
            message(
                "what branch {branch} was planned from has changed: {named}{more}; plan the branch again, "
                "then adopt it",
                branch=branch.name,
                named=named,
                more=_more(changed),
            ),
            changed,
        )


def _more(changed: tuple[Any, ...]) -> str:
    return f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""


def differing(before: Document, after: Document, snapshot: WeekSnapshot) -> tuple[Differing, ...]:
    """The differences between two problem documents, by natural keys."""
    differences = [
        Differing(section, _name(snapshot, section, id), change)
        for section in SECTIONS
        for id, change in _changes(_by_id(before, section), _by_id(after, section))
    ]
    for section in ("pins", "previous"):
        sessions = _changes(_by_session(before, section), _by_session(after, section))
        differences += [
            Differing(section, _name(snapshot, "requests", id), change) for id, change in sessions
        ]
    return tuple(differences)


def _by_id(document: Document, section: str) -> dict[str, Any]:
    return {record["id"]: record for record in document.get(section, ())}


def _by_session(document: Document, section: str) -> dict[str, Any]:
    """The sessions of each request."""
    sessions: dict[str, list[Any]] = {}
    for session in document.get(section, ()):
        sessions.setdefault(session["request"], []).append(session)
    return {id: sorted(held, key=lambda session: int(session["session"])) for id, held in sessions.items()}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Kind]]:
    for id in sorted({*before, *after}):
        if id not in before:
            yield id, "new"
        elif id not in after:
            yield id, "gone"
        elif before[id] != after[id]:
            yield id, "changed"


def _name(snapshot: WeekSnapshot, section: str, id: str) -> str:
    known: Mapping[UUID, Any] = getattr(snapshot, section)
    state = known.get(UUID(id))
    return id if state is None else str(state.key)


# ---- What is added to the truth


def adopted(branch: Branch) -> tuple[Event, ...]:
    """The branch's events with only its latest draft: drafts before it, and moves in them, are left out."""
    own = timetable_id(branch.area, branch.week)
    all_events = branch.events
    of_week = [event for event in all_events if event.originator_id == own]
    drafts = [draft_made for draft_made in of_week if isinstance(draft_made, DraftMade)]
    if len(drafts) < 2:
        return all_events
    last, first = drafts[-1], of_week[0].originator_version
    by_hand = (DraftMade, SessionMoved, SessionDropped)
    kept_events = [
        event
        for event in of_week
        if not isinstance(event, by_hand) or event.originator_version >= last.originator_version
    ]
    placed: list[Event] = []
    for version, event in enumerate(kept_events, first):
        numbered = replace(event, draft=drafts[0].draft) if isinstance(event, DraftMade) else event
        placed.append(replace(numbered, originator_version=version))
    return (*(event for event in all_events if event.originator_id != own), *placed)


def adopted_documents(store: Store, branch: Branch, events: Iterable[Event]) -> Writes:
    """The writes that take the documents of an adopted draft over, and leave nothing in the branch."""
    digests = {
        name
        for event in events
        if isinstance(event, DraftMade)
        for name in (event.origin.problem, event.origin.plan)
    }
    for row in store.rows(TABLE).select(DOCUMENTS, str(branch.id)):
        digest = row.key.partition(":")[2]
        if digest in digests:
            yield "documents", Row("document", digest, row.body)
    yield from dropped_documents(store, branch)


def dropped_documents(store: Store, branch: Branch) -> Writes:
    """The writes that erase the documents of a branch."""
    for row in store.rows(TABLE).select(DOCUMENTS, str(branch.id)):
        yield TABLE, Row(DOCUMENTS, row.key, None)
