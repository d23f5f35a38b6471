"""Comparison of a what-if branch with its start or with another branch: goals, sessions, inputs and broken rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias
from uuid import UUID

import scheduler
from adapters.application.unit_of_work import Repository
from adapters.branches.adopting import Differing, MovedOn, differing, moved_on
from adapters.branches.branches import Branch, BranchClosed, timetable_at
from adapters.branches.overlay import BranchUnit
from adapters.week.draft_breaches import draft_breaches, read_sessions
from adapters.week.plan_documents import planned_sessions, read_document
from adapters.week.problem_document import problem_document
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from domain.messages import message, plural
from domain.network import Area
from domain.timetable import CHANGES, Difference, Session, Timetable, differences, draft_sessions
from domain.timetable import Change as Kind
from scheduler import MalformedDocument

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared.

    `draft` is the number of its latest draft, 0 where there is none; `broken` are the hard rules that its sessions
    break in its current state, a sentence for each.
    """

    name: str
    draft: int
    sessions: int
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """The value of a draft by a goal; null where its sessions are no longer possible. `bound` is proven."""

    value: float | None
    bound: float | None


@dataclass(frozen=True, slots=True)
class ComparedGoal:
    """`difference` is the second value less the first; null where one of the two has no value."""

    goal: str
    before: Goal | None
    after: Goal | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """From one side to the other. `facts` are the records that the two weeks are planned from and that differ.

    `moved_on` are events of the truth that conflict with adopting the branch.
    """

    before: Side
    after: Side
    goals: tuple[ComparedGoal, ...]
    counts: dict[Kind, int]
    changes: tuple[Difference, ...]
    facts: tuple[Differing, ...]
    moved_on: tuple[MovedOn, ...]


def compare(truth: Repository, branch: Branch, second: Branch | None = None) -> Comparison:
    """A branch with what it starts from, or with another branch of the same week, which then comes first.

    Raises BranchClosed: the truth has the changes of an adopted branch by now, and those of a dropped one are gone.
    """
    for compared_branch in filter(None, (second, branch)):
        _require_comparable(compared_branch)
    before = _base(truth, branch) if second is None else _inside(truth, second)
    after = _inside(truth, branch)
    changes = differences(before.sessions, after.sessions)
    return Comparison(
        before.side,
        after.side,
        tuple(_compared(before.goals, after.goals)),
        {kind: sum(difference.change == kind for difference in changes) for kind in CHANGES},
        changes,
        _facts(before, after),
        moved_on(truth, branch),
    )


def _require_comparable(branch: Branch) -> None:
    if branch.status == "adopted":
        raise BranchClosed(
            plural(
                "branch {branch} was adopted: what it starts from has its {count} change by now, so nothing is "
                "left to compare; show the branch to see what it brought",
                "branch {branch} was adopted: what it starts from has its {count} changes by now, so nothing is "
                "left to compare; show the branch to see what it brought",
                branch=branch.name,
                count=len(branch.changes),
            )
        )
    if branch.status == "dropped":
        raise BranchClosed(
            message(
                "branch {branch} was dropped, and its changes are gone; start another one", branch=branch.name
            )
        )


def _facts(before: _ComparedWeek, after: _ComparedWeek) -> tuple[Differing, ...]:
    """The records that differ; of areas those that are planned, and those around them."""
    facts = differing(before.problem, after.problem, _known(before.snapshot, after.snapshot))
    records = (record for record in facts if record.section != "areas")  # they are compared themselves
    return (*records, *_areas(before, after))


def _areas(before: _ComparedWeek, after: _ComparedWeek) -> Iterator[Differing]:
    first, second = _around(before.snapshot), _around(after.snapshot)
    for id in sorted({*first, *second}, key=str):
        if id not in first:
            yield Differing("areas", second[id].key, "new")
        elif id not in second:
            yield Differing("areas", first[id].key, "gone")
        elif first[id] != second[id]:
            yield Differing("areas", second[id].key, "changed")


def _around(snapshot: WeekSnapshot) -> dict[UUID, Area]:
    """The areas that are planned together and those around, whatever their version."""
    ids = {*snapshot.inside, *snapshot.path(snapshot.area.id)}
    return {id: replace(snapshot.network[id], version=0) for id in ids if id in snapshot.network}


class _ComparedWeek:
    """A week in a branch, or as it was when the branch started."""

    def __init__(self, name: str, unit: BranchUnit, snapshot: WeekSnapshot, timetable: Timetable) -> None:
        self.name, self.unit, self.snapshot, self.timetable = name, unit, snapshot, timetable

    @cached_property
    def problem(self) -> Document:
        """The problem document of the week as it would be planned now."""
        return problem_document(self.unit.views, self.snapshot, self.unit.people()).document

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        return draft_sessions(self.timetable, planned_sessions(self.unit.store, self.timetable))

    @property
    def side(self) -> Side:
        return Side(self.name, self.timetable.drafts, len(self.sessions), self._broken())

    def _broken(self) -> tuple[str, ...]:
        unit, today = self.unit, self.unit.clock().date()
        return draft_breaches(unit.views, self.snapshot, unit.people(), self.sessions, today, pinned=False)

    @cached_property
    def goals(self) -> dict[str, Goal]:
        """The goals as the plan says; what was moved by hand is counted anew."""
        origin = self.timetable.origin
        if origin is None:
            return {}
        counted = None
        if self.timetable.moves or self.timetable.dropped:
            counted = self._counted(read_document(self.unit.store, origin.problem))
        return {
            goal_value.goal: Goal(
                goal_value.value if counted is None else counted.get(goal_value.goal), goal_value.bound
            )
            for goal_value in origin.goals
        }

    def _counted(self, problem: Document) -> Mapping[str, int]:
        try:
            return scheduler.goal_values(*read_sessions(problem, self.sessions))
        except MalformedDocument:
            return {}


def _inside(truth: Repository, branch: Branch) -> _ComparedWeek:
    unit = BranchUnit(truth, truth.actor, branch)
    snapshot = snapshot_of(unit.views, branch.area, branch.week)
    return _ComparedWeek(branch.name, unit, snapshot, snapshot.timetable)


def _base(truth: Repository, branch: Branch) -> _ComparedWeek:
    """The timetable that a branch starts from, as it was, with everything around it as it is now."""
    unit = BranchUnit(truth, truth.actor, replace(branch, begun=(), changes=()))
    start = branch.start
    name = start.kind if start.kind == "now" else f"{start.kind} {start.number}"
    snapshot = snapshot_of(unit.views, branch.area, branch.week)
    return _ComparedWeek(
        name, unit, snapshot, timetable_at(unit.store, branch.area, branch.week, start.version)
    )


def _compared(before: Mapping[str, Goal], after: Mapping[str, Goal]) -> Iterator[ComparedGoal]:
    for goal in {**before, **after}:
        before_goal, after_goal = before.get(goal), after.get(goal)
        first, second = before_goal.value if before_goal else None, after_goal.value if after_goal else None
        more = None if first is None or second is None else second - first
        yield ComparedGoal(goal, before_goal, after_goal, more)


def _known(before: WeekSnapshot, after: WeekSnapshot) -> WeekSnapshot:
    """The records of both sides, to find their keys."""
    return replace(
        after,
        venues={**before.venues, **after.venues},
        volunteers={**before.volunteers, **after.volunteers},
        requests={**before.requests, **after.requests},
    )
