"""Planning and repair of a what-if branch, while the caller waits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

import scheduler
from adapters.branches import lifecycle
from adapters.branches.branches import Branch
from adapters.services.planning import Effort, WeekDraft
from api.http.framework.contexts import Answer, CommandContext, json_response
from api.http.framework.operations import Form, Operations
from api.http.framework.parameters import Key, Week
from api.http.resources.branches.endpoints import HERE, BranchName, ref_of, subject
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
    effort = Effort(form.time_limit_s, 1, form.seed, in_background=True)
    return _planned(*lifecycle.plan(context.unit, ref_of(before), effort=effort, again=form.again))


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
    after, draft = lifecycle.repair(
        context.unit,
        ref_of(before),
        budget=scheduler.ChangeBudget(form.most_sessions, form.most_people),
        notice_hours=form.notice_hours,
        effort=Effort(form.time_limit_s, 1, form.seed, in_background=True),
    )
    return _planned(after, draft)


def _planned(after: Branch, draft: WeekDraft) -> Answer:
    plan = draft.plan
    goals = tuple(GoalValue(name, goal["value"], goal.get("bound")) for name, goal in plan["goals"].items())
    sessions, unserved = len(plan["assignments"]), len(plan["unserved"])
    return json_response(
        Planned(after.version, draft.number, draft.made, plan["status"], goals, sessions, unserved)
    )
