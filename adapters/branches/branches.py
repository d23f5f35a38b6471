"""What-if branches of a week: commands beside the truth, each with the events that it led to.

A branch is one row outside the events. It holds its changes in order; each has the commands of the service layer that
somebody gave, with their events. So it can be read without running a command again, and rebased by running them again
on a newer state.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias
from unicodedata import category
from uuid import UUID

from adapters.store.event_names import topic_of
from adapters.store.mapper import ENVELOPE, json_of, read_event
from adapters.store.rows import ABSENT, Row, Table
from adapters.store.store import Store
from adapters.store.streams import TIMETABLES
from domain.events import (
    AlreadyThere,
    Event,
    EventMetadata,
    NotThere,
    Refused,
    envelope,
    following,
    stream_id,
)
from domain.messages import message
from domain.text import BadText, TextRule, checked, tidy
from domain.timetable import (
    DraftMade,
    NoDraft,
    SessionDropped,
    SessionMoved,
    Timetable,
    TimetableReleased,
    blank,
    find_release,
    require_near,
    timetable_id,
)

TABLE: Table = "branches"
COLLECTION, DOCUMENTS = "branch", "document"
MOST_CHANGES = 500
NAME_RULE = TextRule("key", 80)
PLAN, REPAIR = "plan", "repair"
SOLVED = frozenset({PLAN, REPAIR})  # changes that a solver made; all others are commands of the service layer
BranchStatus: TypeAlias = Literal["open", "adopted", "dropped"]
Begins: TypeAlias = Literal["now", "draft", "release"]


class BranchClosed(Refused):
    """A change of a branch that was adopted or dropped."""


class BranchFull(Refused):
    """A branch with as many changes as one may have."""


class NothingToUndo(Refused):
    """A branch without a change to take back."""


class NotInBranch(Refused):
    """A command that a branch cannot hold."""


@dataclass(frozen=True, slots=True)
class BranchEvent:
    """An event as it is stored, without its position in the order of all events."""

    topic: str
    stream: UUID
    version: int
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredCommand:
    """A command of the service layer by its name, with its arguments by parameter, as JSON."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class UsedRight:
    """A right that a change was made by: a row of the table of roles, and what it was asked for.

    `stream` and `subject` name the record that it was asked for, if any; where that lies is looked up when it is asked
    for again. Otherwise it was asked for in an area.
    """

    row: str
    stream: str = ""
    subject: UUID | None = None
    area: UUID | None = None


@dataclass(frozen=True, slots=True)
class BranchChange:
    """A command as it was given, a sentence about it, and its events.

    `operation`, `path` and `body` are those of the interface. `commands` are what it asked of the service layer: these
    are given again when the branch is rebased or adopted. A change from before they were stored has none, and is
    converted. `may` is the row of the table of roles that allowed it, "" where it was given on the command line.
    """

    operation: str
    path: dict[str, str]
    body: Any
    words: str
    by: str
    at: datetime
    facts: tuple[BranchEvent, ...]
    commands: tuple[StoredCommand, ...] = ()
    may: str = ""
    rights: tuple[UsedRight, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """What a branch starts from: the week as it is, or one of its drafts or releases by number.

    `version` is that of the week's timetable as it was then. `seen` is the version that the timetable had, and
    `position` that of the last event, when the branch began or was last put on the truth as it is.
    """

    kind: Begins
    number: int
    version: int
    seen: int
    position: int


@dataclass(frozen=True, slots=True)
class Branch:
    """`begun` are the events that put the draft that it starts from in place; `version` counts its own changes."""

    id: UUID
    version: int
    name: str
    area: UUID
    week: str
    status: BranchStatus
    start: Start
    by: str
    at: datetime
    begun: tuple[BranchEvent, ...] = ()
    changes: tuple[BranchChange, ...] = ()

    @property
    def stored(self) -> Iterator[BranchEvent]:
        yield from self.begun
        for change in self.changes:
            yield from change.facts

    @property
    def events(self) -> tuple[Event, ...]:
        """All events of the branch, in order."""
        return read_events(self.stored)


# ---- Events and rows


def stored_events(events: Iterable[Event]) -> tuple[BranchEvent, ...]:
    return tuple(
        BranchEvent(
            topic_of(type(event)),
            event.originator_id,
            event.originator_version,
            json_of(type(event)).dump_python(event, mode="json", exclude=ENVELOPE),
        )
        for event in events
    )


def read_events(stored: Iterable[BranchEvent]) -> tuple[Event, ...]:
    return tuple(
        read_event(
            stored_event.topic,
            json.dumps(stored_event.state).encode(),
            stored_event.stream,
            stored_event.version,
        )
        for stored_event in stored
    )


def checked_name(name: str) -> str:
    """The name, tidied; it stands in addresses and on command lines. Raises BadText."""
    name = checked(name, NAME_RULE, "the name of a branch")
    bad = next((sign for sign in name if not (sign in "._:-" or category(sign)[0] in "LMN")), None)
    if bad is not None:
        held = "a blank" if bad == " " else bad
        raise BadText(
            message(
                "the name of a branch holds {held}; write letters of any script, digits and . _ : - alone, "
                "such as school-closed or 学校关门",
                held=held,
            )
        )
    return name


def branch_id(area: UUID, week: str, name: str) -> UUID:
    return stream_id("branch", str(timetable_id(area, week)), name)


def find_branch(store: Store, area: UUID, week: str, name: str) -> Branch:
    """The branch of a name, whatever has become of it. Raises NotThere."""
    branch = load_branch(store, branch_id(area, week, tidy(name)))
    if branch is None:
        raise NotThere(
            message(
                "there is no branch {name} of {week}; list the branches of the week",
                name=name[:80],
                week=week,
            )
        )
    return branch


def load_branch(store: Store, id: UUID) -> Branch | None:
    body = store.rows(TABLE).get(COLLECTION, str(id))
    return None if body is None else _read(body)


def must_load_branch(store: Store, id: UUID) -> Branch:
    """The branch of an id. Raises NotThere."""
    branch = load_branch(store, id)
    if branch is None:
        raise NotThere(message("this branch is there no more; list the branches of the week"))
    return branch


def branches_of(store: Store, area: UUID, week: str) -> list[Branch]:
    rows = store.rows(TABLE).select(COLLECTION, str(timetable_id(area, week)))
    return [_read(row.body) for row in rows if row.body is not None]


def all_branches(store: Store) -> list[Branch]:
    """The branches of all weeks."""
    return [_read(row.body) for row in store.rows(TABLE).select(COLLECTION) if row.body is not None]


def _read(body: bytes) -> Branch:
    branch: Branch = json_of(Branch).validate_json(body)
    return branch


def branch_row(store: Store, before: Branch | None, after: Branch) -> tuple[Table, Row]:
    """The write that keeps a branch; it loses the race where the row is not as `before` says."""
    key = str(after.id)
    known = (store.rows(TABLE).get(COLLECTION, key) or ABSENT) if before else ABSENT
    if before and _version(known) != before.version:
        known = b"?"  # nothing is ever kept as this, so the write is refused
    body = json_of(Branch).dump_json(after)
    return TABLE, Row(COLLECTION, key, body, str(timetable_id(after.area, after.week)), before=known)


def _version(body: bytes) -> int:
    return _read(body).version if body else 0


# ---- The life cycle of a branch


def start_branch(
    store: Store,
    metadata: EventMetadata,
    area: UUID,
    week: str,
    name: str,
    *,
    draft: int | None = None,
    release: int | None = None,
) -> tuple[Branch | None, Branch]:
    """What was there under the name (a branch that was dropped), and the branch that starts now.

    Raises BadText, AlreadyThere, NoDraft or NoSuchRelease.
    """
    require_near(week, metadata)
    name = checked_name(name)
    known = load_branch(store, branch_id(area, week, name))
    if known is not None and known.status != "dropped":
        raise AlreadyThere(
            message(
                "{week} has a branch {name} already ({status}); choose another name",
                week=week,
                name=name,
                status=known.status,
            )
        )
    kind: Begins = "now" if draft is release is None else "draft" if release is None else "release"
    number = draft or release or 0
    branch = Branch(
        branch_id(area, week, name),
        known.version + 1 if known else 1,
        name,
        area,
        week,
        "open",
        _start(store, area, week, kind, number),
        metadata.by,
        metadata.at,
    )
    return known, replace(branch, begun=stored_events(reinstated(store, metadata, branch)))


def on_the_truth_now(store: Store, metadata: EventMetadata, branch: Branch) -> Branch:
    """A branch without its changes, started again from the same draft or release, or from the week as it is now."""
    start = _start(store, branch.area, branch.week, branch.start.kind, branch.start.number)
    fresh = replace(branch, start=start, begun=(), changes=())
    return replace(fresh, begun=stored_events(reinstated(store, metadata, fresh)))


def _start(store: Store, area: UUID, week: str, kind: Begins, number: int) -> Start:
    seen = timetable_at(store, area, week, None).version
    return Start(kind, number, version_of(store, area, week, kind, number), seen, store.position())


def version_of(store: Store, area: UUID, week: str, kind: Begins, number: int) -> int:
    """The version of the timetable with a draft as it last stood, or with a release just made."""
    timetable = timetable_at(store, area, week, None)
    if kind == "now":
        return timetable.version
    if kind == "release":
        find_release(timetable, number)
    elif not 1 <= number <= timetable.drafts:
        raise NoDraft(
            message(
                "there is no draft {number} of {week}; there are {drafts}",
                number=number,
                week=week,
                drafts=timetable.drafts,
            )
        )
    version = 0
    for event in store.events_of(timetable.id):
        if kind == "draft" and isinstance(event, DraftMade) and event.draft > number:
            break
        version = event.originator_version
        if kind == "release" and isinstance(event, TimetableReleased) and event.number == number:
            break
    return version


def timetable_at(store: Store, area: UUID, week: str, version: int | None) -> Timetable:
    """The timetable at a version, now where None."""
    timetable = None if version == 0 else store.load(TIMETABLES, timetable_id(area, week), version)
    return timetable or blank(area, week)


def reinstated(store: Store, metadata: EventMetadata, branch: Branch) -> Iterator[Event]:
    """The events that make the draft that a branch starts from the latest one; none where it is."""
    now = timetable_at(store, branch.area, branch.week, None)
    base = timetable_at(store, branch.area, branch.week, branch.start.version)
    same = (now.drafts, now.moves, now.dropped) == (base.drafts, base.moves, base.dropped)
    if branch.start.kind == "now" or same or base.origin is None:
        return
    draft_made = DraftMade(
        **following(now, metadata), area=now.area, week=now.week, draft=now.drafts + 1, origin=base.origin
    )
    yield draft_made
    version = draft_made.originator_version
    moves = {session.key: session for session in base.moves}
    for noted in base.adjustments:
        version += 1
        common = envelope(now.id, version, metadata)
        if noted.kind == "moved":
            session = moves[noted.request, noted.number]
            yield SessionMoved(**common, session=session, why=noted.why, accepted=noted.accepted)
        else:
            yield SessionDropped(**common, request=noted.request, number=noted.number, why=noted.why)


def with_change(branch: Branch, change: BranchChange) -> Branch:
    """Raises BranchFull."""
    require_open(branch)
    if len(branch.changes) >= MOST_CHANGES:
        raise BranchFull(
            message(
                "branch {branch} has {most_changes} changes already; adopt it, or start another",
                branch=branch.name,
                most_changes=MOST_CHANGES,
            )
        )
    return replace(branch, version=branch.version + 1, changes=(*branch.changes, change))


def with_last(branch: Branch, change: BranchChange) -> Branch:
    """The branch with another change in the place of its last one."""
    require_open(branch)
    return replace(branch, version=branch.version + 1, changes=(*branch.changes[:-1], change))


def without_last(branch: Branch) -> Branch:
    """Raises NothingToUndo."""
    require_open(branch)
    if not branch.changes:
        raise NothingToUndo(message("branch {branch} has no change to take back", branch=branch.name))
    return replace(branch, version=branch.version + 1, changes=branch.changes[:-1])


def rebased(branch: Branch, fresh: Branch) -> Branch:
    """The branch with the start and the changes that it has on the truth as it is now."""
    require_open(branch)
    return replace(fresh, version=branch.version + 1)


def closed(branch: Branch, status: BranchStatus) -> Branch:
    """Adopted, or dropped: then its changes are gone."""
    require_open(branch)
    ended = replace(branch, version=branch.version + 1, status=status)
    return replace(ended, begun=(), changes=()) if status == "dropped" else ended


def require_open(branch: Branch) -> None:
    """Raises BranchClosed."""
    if branch.status != "open":
        raise BranchClosed(
            message(
                "branch {branch} is {status}; start another one", branch=branch.name, status=branch.status
            )
        )
