"""Planning and repair inside a what-if branch; the draft stays in the branch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import scheduler
from adapters.application.unit_of_work import Application, UnitOfWork, command
from adapters.branches.branches import (
    PLAN,
    REPAIR,
    Branch,
    BranchChange,
    branch_row,
    must_load_branch,
    read_events,
    require_open,
    stored_events,
    timetable_at,
    with_change,
)
from adapters.branches.overlay import BranchUnit
from adapters.services.planning import USUAL, Effort, PlanOptions, WeekDraft, keep_draft, plan_week
from adapters.services.repairing import AT_ONCE, Repaired, RepairLimits, repair_week
from adapters.store.engines import Writes
from adapters.week.plan_documents import Document, planned_sessions
from adapters.week.problem_document import assignment_of
from domain.timetable import DraftMade, draft_sessions, make_draft

IN_A_MOMENT = Effort(time_limit_s=5, workers=1)


def plan_in(
    unit: BranchUnit,
    branch: Branch,
    *,
    effort: Effort = IN_A_MOMENT,
    options: PlanOptions = USUAL,
    on_progress: Callable[[scheduler.Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[WeekDraft, BranchChange | None]:
    """Plan the branch's week; the draft, and the change that it is, None where the draft stood already.

    `unit` must be inside the branch; its documents are among its writes. The search goes on from the
    branch's draft where the options name no `start`. The rest is as in `plan_week`. Raises BranchClosed.
    """
    require_open(branch)
    draft = plan_week(
        unit,
        branch.area,
        branch.week,
        effort=effort,
        options=replace(options, start=options.start or _as_it_is(unit, branch)),
        on_progress=on_progress,
        should_stop=should_stop,
    )
    return draft, _planned(unit, draft, effort) if draft.made else None


def _as_it_is(unit: BranchUnit, branch: Branch) -> list[Document]:
    """The assignments of the branch's draft: what need not change stays, and the search is short."""
    timetable = timetable_at(unit.store, branch.area, branch.week, None)
    return [
        assignment_of(session)
        for session in draft_sessions(timetable, planned_sessions(unit.store, timetable))
    ]


def _planned(unit: BranchUnit, draft: WeekDraft, effort: Effort) -> BranchChange:
    body = {"seed": effort.seed, "time_limit_s": effort.time_limit_s}
    return _solved(unit, draft, PLAN, "Plan the week", body)


def _solved(
    unit: BranchUnit, draft: WeekDraft, operation: str, what: str, body: dict[str, Any]
) -> BranchChange:
    metadata = unit.metadata()
    goals = ", ".join(f"{name} {goal['value']:g}" for name, goal in draft.plan["goals"].items())
    words = f"{what}: draft {draft.number}, {goals}"
    return BranchChange(operation, {}, body, words, metadata.by, metadata.at, stored_events(unit.events))


def repair_in(
    unit: BranchUnit,
    branch: Branch,
    *,
    budget: scheduler.ChangeBudget = scheduler.UNLIMITED,
    notice_hours: float = 0,
    effort: Effort = AT_ONCE,
) -> tuple[Repaired, BranchChange | None]:
    """Repair the branch's released week; what is made of it, and the change that it is, None where nothing changes."""
    repaired = repair_week(
        unit, branch.area, branch.week, limits=RepairLimits(budget, notice_hours), effort=effort
    )
    body = {"most_sessions": budget.sessions, "most_people": budget.people, "notice_hours": notice_hours}
    change = _solved(unit, repaired.draft, REPAIR, f"Repair release {repaired.release}", body)
    return repaired, change if repaired.draft.made else None


def plan_branch(
    application: Application,
    id: UUID,
    actor: str,
    *,
    effort: Effort = IN_A_MOMENT,
    options: PlanOptions = USUAL,
    on_progress: Callable[[scheduler.Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    also: Callable[[WeekDraft], Writes] = lambda _: (),
) -> WeekDraft:
    """Plan a branch and keep the draft in it; for a job, which may take long.

    Where the branch has changed meanwhile, the draft comes after those changes. `also` are writes of the same
    transaction. Raises NotThere, BranchClosed or NothingToPlan.
    """
    before = must_load_branch(application.store, id)
    inside = BranchUnit(application, actor, before)
    draft, change = plan_in(
        inside,
        before,
        effort=effort,
        options=options,
        on_progress=on_progress,
        should_stop=should_stop,
    )

    @command
    def keep(unit: UnitOfWork) -> WeekDraft:
        present = must_load_branch(unit.store, id)
        latest, saved_draft, branch_change = inside, draft, change
        if change is not None and present.version != before.version:
            latest = BranchUnit(application, actor, present)
            saved_draft = keep_draft(
                latest, present.area, present.week, draft.problem, draft.plan, effort.seed
            )
            branch_change = _planned(latest, saved_draft, effort) if saved_draft.made else None
        rows = [*also(saved_draft)]
        if branch_change is not None:
            changed = with_change(present, branch_change)
            rows += [branch_row(unit.store, present, changed), *latest.writes]
        unit.commit((), rows)
        return saved_draft

    return keep(application)


def replanned(unit: BranchUnit, branch: Branch, change: BranchChange) -> None:
    """Take over the draft of a planned change on the branch as it is now, without solving it again."""
    timetable = timetable_at(unit.store, branch.area, branch.week, None)
    for event in read_events(change.facts):
        if isinstance(event, DraftMade):
            unit.commit(make_draft(timetable, unit.metadata(), event.origin))
