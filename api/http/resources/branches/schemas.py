"""Bodies and answers of what-if branches."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from adapters.branches import lifecycle
from adapters.branches.branches import Branch, BranchChange, BranchStatus, Start, read_events
from api.http.framework import examples
from api.http.framework.operations import Form
from domain.timetable import DraftMade, GoalValue

BranchKey = Annotated[
    str,
    Field(
        min_length=1,
        max_length=80,
        pattern=r"\S",
        description="Letters of any script, digits and . _ : - alone.",
        examples=["school-closed", "学校关门"],
    ),
]
Number = Annotated[int, Field(ge=1, le=100_000)]


class StartForm(Form):
    """Without `draft` and `release` it starts from the week as it is now; with one of them from that plan."""

    name: BranchKey
    draft: Number | None = None
    release: Number | None = None


class ChangeForm(Form):
    """A command by its operationId, with what its path names and its body.

    `area` and `week` of a path are the branch's own where they are left out.
    """

    operation: Annotated[str, Field(min_length=1, max_length=80)]
    path: Annotated[
        dict[str, Annotated[str, Field(max_length=200)]], Field(max_length=10, default_factory=dict)
    ]
    body: dict[str, Any] | None = None


class RebaseForm(Form):
    """The numbers of changes to leave out, such as one that is refused now."""

    without: Annotated[tuple[Number, ...], Field(max_length=500)] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """A change of a branch: a command, in words, who gave it, and the types of the events that came of it."""

    number: int
    operation: str
    path: dict[str, str]
    body: Any
    words: str
    by: str
    at: datetime
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BranchDraft:
    """A draft that a branch made, or took over from what it starts from."""

    number: int
    status: str
    goals: tuple[GoalValue, ...]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BranchNote:
    """A branch, in a list: `changes` is how many it has."""

    name: str
    version: int
    status: BranchStatus
    start: Start
    by: str
    at: datetime
    changes: int


@dataclass(frozen=True, slots=True)
class BranchTold:
    """A branch with its changes in order; `version` is for If-Match."""

    name: str
    version: int
    status: BranchStatus
    area: UUID
    week: str
    start: Start
    by: str
    at: datetime
    changes: tuple[Given, ...]
    drafts: tuple[BranchDraft, ...]


@dataclass(frozen=True, slots=True)
class Rebased(BranchTold):
    """A branch on the truth as it is now; `left_out` are the changes, as numbered before, that decide nothing now."""

    left_out: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class Undone(BranchTold):
    """A branch without its last change, and that change."""

    taken_back: Given


@dataclass(frozen=True, slots=True)
class Changed:
    """The branch's version afterwards, the change (null where nothing changes), and what the command answers."""

    version: int
    change: Given | None
    answer: Any


@dataclass(frozen=True, slots=True)
class Planned:
    """The branch's latest draft; `made` false: it stood already."""

    version: int
    number: int
    made: bool
    status: str
    goals: tuple[GoalValue, ...]
    sessions: int
    unserved: int


@dataclass(frozen=True, slots=True)
class Adopted:
    """What became of the truth: so many events, and the draft of the week that is now the latest; 0: none yet."""

    version: int
    events: int
    draft: int


AT = "2026-11-22T09:00:00Z"
START = {"kind": "now", "number": 0, "version": 1, "seen": 1, "position": 812}
CHANGE = {
    "number": 1,
    "operation": "close_venue",
    "path": {"venue": "school"},
    "body": {"first": "2026-12-01", "why": "what if"},
    "words": "Close a venue, or some of its rooms: school, first 2026-12-01, why what if",
    "by": "coordinator-7",
    "at": AT,
    "events": ["venue.closed"],
}
GOALS = [{"goal": "served", "value": 1800, "bound": 1800}]
NOTE = {
    "name": "school-closed",
    "version": 2,
    "status": "open",
    "start": START,
    "by": "coordinator-7",
    "at": AT,
    "changes": 1,
}
BRANCH = {
    **NOTE,
    "area": examples.AREA["id"],
    "week": "2026-W49",
    "changes": [CHANGE],
    "drafts": [{"number": 2, "status": "optimal", "goals": GOALS, "by": "coordinator-7", "at": AT}],
}
COMPARISON = {
    "before": examples.with_messages(
        {"name": "now", "draft": 1, "sessions": 2, "broken": ["open: the hall is closed on Tuesday"]},
        "broken",
    ),
    "after": examples.with_messages(
        {"name": "school-closed", "draft": 2, "sessions": 1, "broken": []}, "broken"
    ),
    "goals": [
        {
            "goal": "served",
            "before": {"value": 1800, "bound": 1800},
            "after": {"value": 900, "bound": 900},
            "difference": -900,
        }
    ],
    "counts": {"new": 0, "moved": 0, "cancelled": 1, "unchanged": 1},
    "changes": [{"change": "cancelled", "before": examples.PLACED, "after": None}],
    "facts": [{"section": "venues", "key": "school", "change": "changed"}],
    "moved_on": [],
}


def shown_branch(branch: Branch) -> BranchTold:
    drafts = tuple(
        BranchDraft(event.draft, event.origin.status, event.origin.goals, event.by, event.at)
        for event in read_events(branch.stored)
        if isinstance(event, DraftMade)
    )
    changes = tuple(shown_change(number, change) for number, change in enumerate(branch.changes, 1))
    return BranchTold(
        branch.name,
        branch.version,
        branch.status,
        branch.area,
        branch.week,
        branch.start,
        branch.by,
        branch.at,
        changes,
        drafts,
    )


def shown_rebased(rebased: lifecycle.RebasedBranch) -> Rebased:
    shown = shown_branch(rebased.branch)
    idle = tuple(shown_change(number, change) for number, change in rebased.idle.items())
    return Rebased(**{field.name: getattr(shown, field.name) for field in fields(shown)}, left_out=idle)


def shown_undone(undone: lifecycle.UndoneChange) -> Undone:
    shown = shown_branch(undone.branch)
    last = shown_change(len(undone.branch.changes) + 1, undone.change)
    return Undone(**{field.name: getattr(shown, field.name) for field in fields(shown)}, taken_back=last)


def shown_change(number: int, change: BranchChange) -> Given:
    events = tuple(event.topic.partition("/")[0] for event in change.facts)
    return Given(
        number, change.operation, change.path, change.body, change.words, change.by, change.at, events
    )
