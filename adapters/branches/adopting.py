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
    BranchChange,
    BranchEvent,
    all_branches,
    read_events,
)
from adapters.branches.overlay import BranchUnit
from adapters.store.engines import Writes
from adapters.store.event_names import in_words, topic_of
from adapters.store.rows import Row
from adapters.store.store import Store
from adapters.store.streams import STREAM_OF, TIMETABLES, Stream
from adapters.week.plan_documents import for_a_released_week, read_document
from adapters.week.problem_document import problem_document
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from domain.events import Event, Refused
from domain.messages import message, plural
from domain.timetable import DraftMade, SessionDropped, SessionMoved, SessionPinned, timetable_id

Document: TypeAlias = dict[str, Any]
DifferenceKind: TypeAlias = Literal["new", "changed", "gone"]
SECTIONS = ("venues", "volunteers", "requests")
STARTS = ("grid_minutes", "bell_times")
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class MovedOn:
    """An event of the truth that a branch does not know, in a stream that it has written."""

    stream: str
    key: str
    event: str
    at: datetime
    by: str

    def __str__(self) -> str:
        return message(
            "{key}: {event} by {by} on {moment}",
            key=self.key,
            event=in_words(self.event),
            by=self.by,
            moment=f"{self.at:%Y-%m-%d %H:%M}",
        )


@dataclass(frozen=True, slots=True)
class Differing:
    """An area, venue, volunteer, request, pin or earlier session that differs between two weeks."""

    section: str
    key: str
    change: DifferenceKind


class TruthMovedOn(Refused):
    """A branch that rests on a state that has changed since; `changed` names the changes."""

    def __init__(self, sentence: str, changed: Iterable[MovedOn | Differing]) -> None:
        self.changed = tuple(changed)
        super().__init__(sentence)


# ---- What the branch has written


def moved_on(truth: Repository, branch: Branch) -> tuple[MovedOn, ...]:
    """The events since, in the streams that the branch has written, and of what it places by hand."""
    return (*_moved_on(truth.store, branch), *_placed_on(truth.store, branch))


def _moved_on(store: Store, branch: Branch) -> Iterator[MovedOn]:
    first: dict[UUID, Event] = {}
    for event in branch.events:
        first.setdefault(event.originator_id, event)
    for id, own in first.items():
        state = store.load(STREAM_OF[type(own)], id)
        if state is None or state.version < own.originator_version:
            continue
        for event in store.events_of(id):
            if event.originator_version >= own.originator_version:
                yield _noted(event, state)


def _placed_on(store: Store, branch: Branch) -> Iterator[MovedOn]:
    """The events since of the venues, people and requests of sessions that the branch holds or moves.

    Of what is placed before its latest plan that plan tells: see `require_fresh_plan`.
    """
    own = {event.originator_id for event in branch.events}
    since: dict[tuple[UUID, int], Event] = {}
    for change in branch.changes[_first_after_plan(branch) :]:
        for id in _named_by(read_events(change.facts)) - own:
            later = (event for event in store.events_of(id) if event.at > change.at)
            since |= {(id, event.originator_version): event for event in later}
    if not since:
        return
    for recorded in store.history(branch.start.position):  # what was there before a rebase was seen by it
        event = since.get((recorded.event.originator_id, recorded.event.originator_version))
        if event is not None:
            state = store.load(STREAM_OF[type(event)], event.originator_id)
            yield _noted(event, state)


def _first_after_plan(branch: Branch) -> int:
    """The index of the first change after the latest plan or repair."""
    solved = (index for index, change in enumerate(branch.changes, 1) if change.operation in SOLVED)
    return max(solved, default=0)


def _named_by(events: Iterable[Event]) -> set[UUID]:
    """The venues, people and requests of the sessions that these events hold or move."""
    sessions = [event.pin.session for event in events if isinstance(event, SessionPinned)]
    sessions += [event.session for event in events if isinstance(event, SessionMoved)]
    return {id for session in sessions for id in (session.request, session.venue, *session.team)}


def _noted(event: Event, state: Any) -> MovedOn:
    stream = STREAM_OF[type(event)]
    topic = topic_of(type(event)).partition("/")[0]
    return MovedOn(stream.name, _key(stream, state), topic, event.at, event.by)


def _key(stream: Stream[Any], state: Any) -> str:
    """The natural key of a state; the week of those that have none."""
    return str(state.week if stream is TIMETABLES else getattr(state, "key", state.id))


def require_unmoved(truth: Repository, branch: Branch) -> None:
    """Raises TruthMovedOn where what the branch has written, or places sessions on, was written since."""
    if changed := moved_on(truth, branch):
        raise TruthMovedOn(
            plural(
                "{count} event has changed since what branch {branch} rests on ({named}{more}); rebase the "
                "branch, look at it again, then adopt it",
                "{count} events have changed since what branch {branch} rests on ({named}{more}); rebase the "
                "branch, look at it again, then adopt it",
                count=len(changed),
                branch=branch.name,
                named=changed[:MOST_NAMED],
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
    planned = _first_after_plan(branch)
    if not planned:
        return
    draft_made = next(
        event for event in read_events(branch.changes[planned - 1].facts) if isinstance(event, DraftMade)
    )
    before = replace(branch, changes=branch.changes[: planned - 1])
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


def require_newer_draft(truth: Repository, branch: Branch) -> None:
    """Raises TruthMovedOn where the week has a draft that the branch's latest one was made without."""
    drafts = [event for event in branch.events if isinstance(event, DraftMade)]
    timetable = truth.store.load(TIMETABLES, timetable_id(branch.area, branch.week))
    if not drafts or timetable is None or timetable.origin is None:
        return
    own, outside = drafts[-1].origin, timetable.origin
    if own.position > outside.position or (own.problem, own.plan) == (outside.problem, outside.plan):
        return
    drafted = [event for event in truth.store.events_of(timetable.id) if isinstance(event, DraftMade)]
    moved = _noted(drafted[-1], timetable)
    raise TruthMovedOn(
        message(
            "the draft of branch {branch} is older than draft {drafts} of {week}, which {by} made on "
            "{at:%Y-%m-%d %H:%M}; rebase the branch and plan it again (--again where nothing has "
            "changed), or adopt it on purpose with older_draft (--older-draft)",
            branch=branch.name,
            drafts=timetable.drafts,
            week=branch.week,
            by=moved.by,
            at=moved.at,
        ),
        [moved],
    )


def _more(changed: tuple[Any, ...]) -> str:
    return message(" and {count} more", count=len(changed) - MOST_NAMED) if len(changed) > MOST_NAMED else ""


def differing(before: Document, after: Document, snapshot: WeekSnapshot) -> tuple[Differing, ...]:
    """The differences between two problem documents, by natural keys; the times of starts are those of the area."""
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
    if [before.get(key) for key in STARTS] != [after.get(key) for key in STARTS]:
        differences.append(Differing("areas", snapshot.area.key, "changed"))
    return tuple(differences)


def _by_id(document: Document, section: str) -> dict[str, Any]:
    return {record["id"]: record for record in document.get(section, ())}


def _by_session(document: Document, section: str) -> dict[str, Any]:
    """The sessions of each request."""
    sessions: dict[str, list[Any]] = {}
    for session in document.get(section, ()):
        sessions.setdefault(session["request"], []).append(session)
    return {id: sorted(held, key=lambda session: int(session["session"])) for id, held in sessions.items()}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, DifferenceKind]]:
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
    return tuple(event for event, _ in _adopted(branch))


def _adopted(branch: Branch) -> list[tuple[Event, BranchChange | None]]:
    """The events that are adopted, each with the change that it came of; None: with the start of the branch."""
    own = timetable_id(branch.area, branch.week)
    pairs: list[tuple[Event, BranchChange | None]] = [(event, None) for event in read_events(branch.begun)]
    pairs += [(event, change) for change in branch.changes for event in read_events(change.facts)]
    of_week = [pair for pair in pairs if pair[0].originator_id == own]
    drafts = [event for event, _ in of_week if isinstance(event, DraftMade)]
    if len(drafts) < 2:
        return pairs
    last, first = drafts[-1], of_week[0][0].originator_version
    by_hand = (DraftMade, SessionMoved, SessionDropped)
    remaining = [
        (event, change)
        for event, change in of_week
        if not isinstance(event, by_hand) or event.originator_version >= last.originator_version
    ]
    placed: list[tuple[Event, BranchChange | None]] = []
    for version, (event, change) in enumerate(remaining, first):
        numbered = replace(event, draft=drafts[0].draft) if isinstance(event, DraftMade) else event
        placed.append((replace(numbered, originator_version=version), change))
    return [*(pair for pair in pairs if pair[0].originator_id != own), *placed]


@dataclass(frozen=True, slots=True)
class BroughtBy:
    """The branch that an event came by, and who wrote the change there."""

    branch: str
    by: str


def brought_by_branches(store: Store) -> dict[tuple[UUID, int], BroughtBy]:
    """The adopted branches that events came by, by stream and version."""
    return {
        (event.originator_id, event.originator_version): BroughtBy(
            branch.name, branch.by if change is None else change.by
        )
        for branch in all_branches(store)
        if branch.status == "adopted"
        for event, change in _adopted(branch)
    }


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
