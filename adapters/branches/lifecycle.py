"""Commands about what-if branches: start, change, undo, rebase, plan, repair, adopt and drop."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from eventsourcing.persistence import IntegrityError

import scheduler
from adapters.application.unit_of_work import UnitOfWork, command
from adapters.branches.adopting import (
    adopted,
    adopted_documents,
    dropped_documents,
    require_fresh_plan,
    require_newer_draft,
    require_same,
    require_unmoved,
)
from adapters.branches.branch_planning import IN_A_MOMENT, plan_in, repair_in
from adapters.branches.branches import (
    Branch,
    BranchChange,
    branch_row,
    closed,
    must_load_branch,
    start_branch,
    with_change,
    without_last,
)
from adapters.branches.overlay import BranchUnit
from adapters.branches.rebasing import Replayer, replayed
from adapters.services.planning import Effort, PlanOptions, WeekDraft
from adapters.services.repairing import AT_ONCE
from adapters.store.engines import Writes
from adapters.store.streams import TIMETABLES
from domain.timetable import DraftMade, timetable_id

OPERATOR = Replayer()


@dataclass(frozen=True, slots=True)
class BranchRef:
    """A branch to change; where a version is given, only as somebody has seen it."""

    id: UUID
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RebasedBranch:
    """`idle` are the changes, by the number that each had, which decide nothing any more and were left out."""

    branch: Branch
    idle: Mapping[int, BranchChange]


@dataclass(frozen=True, slots=True)
class UndoneChange:
    """The branch, and the change that was its last."""

    branch: Branch
    change: BranchChange


@dataclass(frozen=True, slots=True)
class Adoption:
    """What became of the truth: so many events, and the draft of the week that is now the latest; 0: none yet."""

    branch: Branch
    events: int
    draft: int


def subject(unit: UnitOfWork, ref: BranchRef) -> Branch:
    """The branch that a command changes. Raises NotThere, or IntegrityError where it was changed since it was seen."""
    branch = must_load_branch(unit.store, ref.id)
    if ref.version not in (None, branch.version):
        raise IntegrityError("the branch was changed after it was looked at")
    return branch


def _keep(unit: UnitOfWork, before: Branch | None, after: Branch, writes: Writes = ()) -> Branch:
    unit.commit((), [branch_row(unit.store, before, after), *writes])
    return after


@command
def start(
    unit: UnitOfWork,
    area: UUID,
    week: str,
    name: str,
    *,
    draft: int | None = None,
    release: int | None = None,
) -> Branch:
    """Start a branch from the week as it is, or from one of its drafts or releases.

    Raises AlreadyThere, NoDraft or NoSuchRelease.
    """
    dropped, branch = start_branch(
        unit.store, unit.metadata(), area, week, name, draft=draft, release=release
    )
    return _keep(unit, dropped, branch)


@command
def keep_change(unit: UnitOfWork, ref: BranchRef, change: BranchChange, writes: Writes = ()) -> Branch:
    """Keep a change that was made in a unit inside the branch, with its rows. Raises BranchClosed or BranchFull."""
    before = subject(unit, ref)
    return _keep(unit, before, with_change(before, change), writes)


@command
def undo(unit: UnitOfWork, ref: BranchRef) -> UndoneChange:
    """Take back the last change. Raises BranchClosed or NothingToUndo."""
    before = subject(unit, ref)
    return UndoneChange(_keep(unit, before, without_last(before)), before.changes[-1])


@command
def rebase(
    unit: UnitOfWork, ref: BranchRef, without: Collection[int] = (), *, replayer: Replayer = OPERATOR
) -> RebasedBranch:
    """Put a branch on the truth as it is now; each command is given again, but for the changes `without`.

    Drafts are kept as they are. Raises BranchClosed, and the refusal of a change.
    """
    before = subject(unit, ref)
    again = replayed(unit, before, replayer, without)
    _keep(unit, before, again.branch)
    return RebasedBranch(again.branch, {number: before.changes[number - 1] for number in again.idle})


@command
def plan(
    unit: UnitOfWork, ref: BranchRef, *, effort: Effort = IN_A_MOMENT, again: bool = False
) -> tuple[Branch, WeekDraft]:
    """Plan a branch in a short search; its draft stays in the branch. Raises BranchClosed or NothingToPlan."""
    before = subject(unit, ref)
    inside = BranchUnit(unit, unit.actor, before)
    draft, change = plan_in(inside, before, effort=effort, options=PlanOptions(again=again))
    return _with_draft(unit, before, inside, change), draft


@command
def repair(
    unit: UnitOfWork,
    ref: BranchRef,
    *,
    budget: scheduler.ChangeBudget = scheduler.UNLIMITED,
    notice_hours: float = 0,
    effort: Effort = AT_ONCE,
) -> tuple[Branch, WeekDraft]:
    """Repair the released week in a branch. Raises BranchClosed, or NotThere before the first release."""
    before = subject(unit, ref)
    inside = BranchUnit(unit, unit.actor, before)
    repaired, change = repair_in(inside, before, budget=budget, notice_hours=notice_hours, effort=effort)
    return _with_draft(unit, before, inside, change), repaired.draft


def _with_draft(unit: UnitOfWork, before: Branch, inside: BranchUnit, change: BranchChange | None) -> Branch:
    return before if change is None else _keep(unit, before, with_change(before, change), inside.writes)


@command
def adopt(
    unit: UnitOfWork, ref: BranchRef, *, older_draft: bool = False, replayer: Replayer = OPERATOR
) -> Adoption:
    """Make the changes of a branch true, and its latest draft the next draft of the week.

    Each command is given again. Raises BranchClosed, the refusal of a change, and TruthMovedOn where a stream that the
    branch changes or places sessions on, or a record that it was planned from, has changed since, or where the week
    has a newer draft: that is passed with `older_draft`.
    """
    before = subject(unit, ref)
    after = closed(before, "adopted")
    unit.views.catch_up()
    require_unmoved(unit, before)
    again = replayed(unit, before, replayer)
    require_same(before, again.branch.stored)
    require_fresh_plan(unit, again.branch)
    if not older_draft:
        require_newer_draft(unit, again.branch)
    events = adopted(again.branch)
    for condition in again.conditions:
        unit.commit((), condition=condition)
    unit.commit(events, adopted_documents(unit.store, before, events))
    _keep(unit, before, after)
    timetable = unit.load(TIMETABLES, timetable_id(before.area, before.week))
    latest = timetable.drafts if timetable else 0
    drafts = (event.draft for event in events if isinstance(event, DraftMade))
    return Adoption(after, len(events), max(drafts, default=latest))


@command
def drop(unit: UnitOfWork, ref: BranchRef) -> Branch:
    """Drop a branch: its changes and drafts are gone, and the name is free again. Raises BranchClosed."""
    before = subject(unit, ref)
    return _keep(unit, before, closed(before, "dropped"), dropped_documents(unit.store, before))
