"""Plan or repair a what-if branch, and wait for the answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

import scheduler
from adapters.branches.branch_planning import plan_in, repair_in
from adapters.branches.branches import Branch, BranchChange, with_change
from adapters.branches.overlay import BranchUnit
from adapters.services.planning import Draft, Effort, PlanOptions
from api.http.framework.contexts import Answer, CommandContext, json_response
from api.http.framework.operations import Form, Operations
from api.http.framework.parameters import Key, Week
from api.http.resources.branches.endpoints import HERE, BranchName, keep, subject, unit_in
from api.http.resources.branches.schemas import GOALS, Planned
from domain.timetable import GoalValue

operations = Operations("branches")

Seconds = Annotated[float, Field(gt=0, le=20, description="Of search, at most; a job may take longer.")]
Seed = Annotated[int, Field(ge=0, le=2_147_483_647)]
Most = Annotated[int | None, Field(ge=0, le=100_000)]
_PLANNED = {
    "version": 3,
    "number": 2,
    "made": True,
    "status": "optimal",
    "goals": GOALS,
    "sessions": 41,
    "unserved": 1,
}


class PlanForm(Form):
    """A short search whose answer is waited for. `again`: also where nothing has changed."""

    time_limit_s: Seconds = 5
    seed: Seed = 0
    again: bool = False


class RepairForm(Form):
    """How much may change of what people have been told. What begins within `notice_hours` stays as it is."""

    time_limit_s: Seconds = 1
    seed: Seed = 0
    most_sessions: Most = None
    most_people: Most = None
    notice_hours: Annotated[float, Field(ge=0, le=400)] = 0


@operations.command(
    f"{HERE}/{{branch}}/plan",
    lane="search",
    may="branches.write",
    answers=Planned,
    summary="Plan a branch",
    example={"time_limit_s": 5},
    answer_example=_PLANNED,
)
def plan_a_branch(
    context: CommandContext, form: PlanForm, area: Key, week: Week, branch: BranchName
) -> Answer:
    """The search goes on from the branch's draft, and the new draft stays in the branch."""
    before = subject(context, area, week, branch)
    unit = unit_in(context, before)
    effort = Effort(form.time_limit_s, 1, form.seed, aside=True)
    return _kept(
        context, unit, before, *plan_in(unit, before, options=PlanOptions(again=form.again), effort=effort)
    )


@operations.command(
    f"{HERE}/{{branch}}/repair",
    lane="search",
    may="branches.write",
    answers=Planned,
    summary="Repair a branch of a released week",
    example={"most_sessions": 10, "notice_hours": 24},
    answer_example=_PLANNED,
)
def repair_a_branch(
    context: CommandContext, form: RepairForm, area: Key, week: Week, branch: BranchName
) -> Answer:
    """Its draft changes no more of the last release than the branch's facts ask for. 404 before the first release."""
    before = subject(context, area, week, branch)
    unit = unit_in(context, before)
    repaired, change = repair_in(
        unit,
        before,
        budget=scheduler.ChangeBudget(form.most_sessions, form.most_people),
        notice_hours=form.notice_hours,
        effort=Effort(form.time_limit_s, 1, form.seed, aside=True),
    )
    return _kept(context, unit, before, repaired.draft, change)


def _kept(
    context: CommandContext, unit: BranchUnit, before: Branch, draft: Draft, change: BranchChange | None
) -> Answer:
    after = before
    if change is not None:
        after = with_change(before, change)
        keep(context, before, after)
        context.unit.commit((), unit.writes)
    plan = draft.plan
    goals = tuple(GoalValue(name, one["value"], one.get("bound")) for name, one in plan["goals"].items())
    placed, left = len(plan["assignments"]), len(plan["unserved"])
    return json_response(
        Planned(after.version, draft.number, draft.made, plan["status"], goals, placed, left)
    )
