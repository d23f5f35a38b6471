"""Decide whether a what-if branch still fits the truth, and which events it adds to the truth when it is adopted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from adapters.branches.branches import DOCUMENTS, SOLVED, TABLE, Branch, Stored, read
from adapters.branches.overlay import BranchUnit
from adapters.services.application import Lyceum
from adapters.services.planning import for_a_released_week, read_document
from adapters.store.engines import Writes
from adapters.store.event_names import topic_of
from adapters.store.rows import Row
from adapters.store.store import Store
from adapters.store.streams import STREAM_OF, TIMETABLES, Stream
from adapters.week.problem_document import problem_document
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from domain.events import Event, Refused
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
    """A venue, volunteer, request, pin or earlier session that two problem documents do not say alike."""

    section: str
    key: str
    change: Kind


class TruthMovedOn(Refused):
    """A branch that was decided on facts that are no longer so; `changed` names them."""

    def __init__(self, sentence: str, changed: Iterable[MovedOn | Differing]) -> None:
        self.changed = tuple(changed)
        super().__init__(sentence)


# ---- What the branch has written


def moved_on(truth: Lyceum, branch: Branch) -> tuple[MovedOn, ...]:
    """The events since, in the streams that the branch has written."""
    return tuple(_moved_on(truth.store, branch))


def _moved_on(store: Store, branch: Branch) -> Iterator[MovedOn]:
    first: dict[UUID, Event] = {}
    for fact in branch.facts:
        first.setdefault(fact.originator_id, fact)
    for id, own in first.items():
        stream = STREAM_OF[type(own)]
        state = store.load(stream, id)
        if state is None or state.version < own.originator_version:
            continue
        for fact in store.events_of(id):
            if fact.originator_version >= own.originator_version:
                topic = topic_of(type(fact)).partition("/")[0]
                yield MovedOn(stream.name, _key(stream, state), topic, fact.at, fact.by)


def _key(stream: Stream[Any], state: Any) -> str:
    """The natural key of a state; the week of those that have none."""
    return str(state.week if stream is TIMETABLES else getattr(state, "key", state.id))


def require_unmoved(truth: Lyceum, branch: Branch) -> None:
    """Raises TruthMovedOn where a stream that the branch has written was written since."""
    if changed := moved_on(truth, branch):
        named = ", ".join(f"{one.event} of {one.key} by {one.by}" for one in changed[:MOST_NAMED])
        raise TruthMovedOn(
            f"{len(changed)} events have changed since what branch {branch.name} changes ({named}{_more(changed)}); "
            "rebase the branch, look at it again, then adopt it",
            changed,
        )


def require_same(branch: Branch, again: Iterable[Stored]) -> None:
    """Raises TruthMovedOn where the branch's commands decide otherwise than they did."""
    if [_decided(stored) for stored in branch.stored] != [_decided(stored) for stored in again]:
        raise TruthMovedOn(
            f"the changes of branch {branch.name} have other effects now than when they were made; "
            "rebase the branch, look at it again, then adopt it",
            (),
        )


def _decided(one: Stored) -> tuple[Any, ...]:
    said = {name: value for name, value in one.state.items() if name not in ("at", "by")}
    return one.topic, one.stream, one.version, said


# ---- What its plan was made from


def require_fresh_plan(truth: Lyceum, branch: Branch) -> None:
    """Raises TruthMovedOn where the facts that the branch was planned from are no longer so."""
    planned = [
        index for index, branch_change in enumerate(branch.changes) if branch_change.operation in SOLVED
    ]
    if not planned:
        return
    draft_made = next(one for one in read(branch.changes[planned[-1]].facts) if isinstance(one, DraftMade))
    before = replace(branch, changes=branch.changes[: planned[-1]])
    unit = BranchUnit(truth, truth.actor, before)
    facts = snapshot_of(unit.views, branch.area, branch.week)
    now = for_a_released_week(facts, problem_document(unit.views, facts, unit.people())).document
    if changed := differing(read_document(unit.store, draft_made.origin.problem), now, facts):
        named = ", ".join(f"{one.section} {one.key} ({one.change})" for one in changed[:MOST_NAMED])
        raise TruthMovedOn(
            f"what branch {branch.name} was planned from has changed: {named}{_more(changed)}; "
            "plan the branch again, then adopt it",
            changed,
        )


def _more(changed: tuple[Any, ...]) -> str:
    return f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""


def differing(before: Document, after: Document, facts: WeekSnapshot) -> tuple[Differing, ...]:
    """What two problem documents do not say alike, by natural keys."""
    differings = [
        Differing(section, _name(facts, section, id), change)
        for section in SECTIONS
        for id, change in _changes(_by_id(before, section), _by_id(after, section))
    ]
    for section in ("pins", "previous"):
        sessions = _changes(_by_session(before, section), _by_session(after, section))
        differings += [Differing(section, _name(facts, "requests", id), change) for id, change in sessions]
    return tuple(differings)


def _by_id(document: Document, section: str) -> dict[str, Any]:
    return {one["id"]: one for one in document.get(section, ())}


def _by_session(document: Document, section: str) -> dict[str, Any]:
    """The sessions of each request."""
    found: dict[str, list[Any]] = {}
    for one in document.get(section, ()):
        found.setdefault(one["request"], []).append(one)
    return {id: sorted(held, key=lambda one: int(one["session"])) for id, held in found.items()}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Kind]]:
    for id in sorted({*before, *after}):
        if id not in before:
            yield id, "new"
        elif id not in after:
            yield id, "gone"
        elif before[id] != after[id]:
            yield id, "changed"


def _name(facts: WeekSnapshot, section: str, id: str) -> str:
    known: Mapping[UUID, Any] = getattr(facts, section)
    state = known.get(UUID(id))
    return id if state is None else str(state.key)


# ---- What is added to the truth


def adopted(branch: Branch) -> tuple[Event, ...]:
    """The branch's events with its latest draft alone: drafts before it, and what was moved in them, are left out."""
    own = timetable_id(branch.area, branch.week)
    facts = branch.facts
    of_week = [fact for fact in facts if fact.originator_id == own]
    drafts = [draft_made for draft_made in of_week if isinstance(draft_made, DraftMade)]
    if len(drafts) < 2:
        return facts
    last, first = drafts[-1], of_week[0].originator_version
    by_hand = (DraftMade, SessionMoved, SessionDropped)
    events = [
        one
        for one in of_week
        if not isinstance(one, by_hand) or one.originator_version >= last.originator_version
    ]
    placed: list[Event] = []
    for version, event in enumerate(events, first):
        numbered = replace(event, draft=drafts[0].draft) if isinstance(event, DraftMade) else event
        placed.append(replace(numbered, originator_version=version))
    return (*(fact for fact in facts if fact.originator_id != own), *placed)


def adopted_documents(store: Store, branch: Branch, facts: Iterable[Event]) -> Writes:
    """The writes that take the documents of an adopted draft over, and leave nothing in the branch."""
    kept = {
        name
        for event in facts
        if isinstance(event, DraftMade)
        for name in (event.origin.problem, event.origin.plan)
    }
    for row in store.rows(TABLE).select(DOCUMENTS, str(branch.id)):
        digest = row.key.partition(":")[2]
        if digest in kept:
            yield "documents", Row("document", digest, row.body)
    yield from dropped_documents(store, branch)


def dropped_documents(store: Store, branch: Branch) -> Writes:
    """The writes that erase the documents of a branch."""
    for row in store.rows(TABLE).select(DOCUMENTS, str(branch.id)):
        yield TABLE, Row(DOCUMENTS, row.key, None)
