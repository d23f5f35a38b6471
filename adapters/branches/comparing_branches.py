"""Say how a what-if branch compares with what it starts from, or with another one: goals, sessions, facts, rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import scheduler
from adapters.branches.adopting import Differing, MovedOn, differing, moved_on
from adapters.branches.branches import Branch, timetable_at
from adapters.branches.overlay import BranchUnit
from adapters.services.application import Lyceum
from adapters.services.planning import planned_sessions, read_document
from adapters.services.releases import draft_breaches, read_sessions
from adapters.week.problem_document import problem_document
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from domain.timetable import CHANGES, Difference, Session, Timetable, differences, draft_sessions
from domain.timetable import Change as Kind
from scheduler import MalformedDocument

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared.

    `draft` is the number of its latest draft, 0 where there is none; `broken` are the hard rules that its sessions
    break as its facts are now, a sentence for each.
    """

    name: str
    draft: int
    sessions: int
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a draft is worth by a goal. `value` null where its sessions are no longer possible; `bound` is proven."""

    value: float | None
    bound: float | None


@dataclass(frozen=True, slots=True)
class ComparedGoal:
    """`difference` is how much more the second is worth; null where one of the two has no value."""

    goal: str
    before: Goal | None
    after: Goal | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """From one side to the other. `facts` are what the two weeks are planned from and differ in.

    `moved_on` are events of the truth that stand in the way of adopting the branch.
    """

    before: Side
    after: Side
    goals: tuple[ComparedGoal, ...]
    counts: dict[Kind, int]
    changes: tuple[Difference, ...]
    facts: tuple[Differing, ...]
    moved_on: tuple[MovedOn, ...]


def compare(truth: Lyceum, branch: Branch, other: Branch | None = None) -> Comparison:
    """A branch with what it starts from, or with another branch of the same week, which then comes first."""
    before = _base(truth, branch) if other is None else _inside(truth, other)
    after = _inside(truth, branch)
    changes = differences(before.sessions, after.sessions)
    return Comparison(
        before.side,
        after.side,
        tuple(_compared(before.goals, after.goals)),
        {kind: sum(difference.change == kind for difference in changes) for kind in CHANGES},
        changes,
        differing(before.problem, after.problem, _known(before.facts, after.facts)),
        moved_on(truth, branch) if branch.status == "open" else (),
    )


class _Looked:
    """A week in a branch, or as it was when the branch started."""

    def __init__(self, name: str, unit: BranchUnit, facts: WeekSnapshot, timetable: Timetable) -> None:
        self.name, self.unit, self.facts, self.timetable = name, unit, facts, timetable

    @cached_property
    def problem(self) -> Document:
        """As the week would be planned now."""
        return problem_document(self.unit.views, self.facts, self.unit.people()).document

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        return draft_sessions(self.timetable, planned_sessions(self.unit.store, self.timetable))

    @property
    def side(self) -> Side:
        return Side(self.name, self.timetable.drafts, len(self.sessions), self._broken())

    def _broken(self) -> tuple[str, ...]:
        unit, today = self.unit, self.unit.clock().date()
        return draft_breaches(unit.views, self.facts, unit.people(), self.sessions, today, pinned=False)

    @cached_property
    def goals(self) -> dict[str, Goal]:
        """As the plan says; what was moved by hand is counted anew."""
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


def _inside(truth: Lyceum, branch: Branch) -> _Looked:
    unit = BranchUnit(truth, truth.actor, branch)
    facts = snapshot_of(unit.views, branch.area, branch.week)
    return _Looked(branch.name, unit, facts, facts.timetable)


def _base(truth: Lyceum, branch: Branch) -> _Looked:
    """The timetable that a branch starts from, as it was; the facts around it as they are."""
    unit = BranchUnit(truth, truth.actor, replace(branch, begun=(), changes=()))
    start = branch.start
    name = start.kind if start.kind == "now" else f"{start.kind} {start.number}"
    facts = snapshot_of(unit.views, branch.area, branch.week)
    return _Looked(name, unit, facts, timetable_at(unit.store, branch.area, branch.week, start.version))


def _compared(before: Mapping[str, Goal], after: Mapping[str, Goal]) -> Iterator[ComparedGoal]:
    for goal in {**before, **after}:
        one, two = before.get(goal), after.get(goal)
        first, second = one.value if one else None, two.value if two else None
        more = None if first is None or second is None else second - first
        yield ComparedGoal(goal, one, two, more)


def _known(before: WeekSnapshot, after: WeekSnapshot) -> WeekSnapshot:
    """Everything that either side knows, to tell it by its key."""
    return replace(
        after,
        venues={**before.venues, **after.venues},
        volunteers={**before.volunteers, **after.volunteers},
        requests={**before.requests, **after.requests},
    )
