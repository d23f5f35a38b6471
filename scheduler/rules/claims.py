"""False claims of a plan: what it states of its status, its goals and its unserved requests, against its sessions.

A plan states no more than it wants to: a goal that it leaves out is not false, unless it claims to be optimal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from domain.messages import message
from scheduler.documents.labels import Labels
from scheduler.documents.records import Plan, Problem


def false_claims(problem: Problem, plan: Plan, values: Mapping[str, int], *, keeps_rules: bool) -> list[str]:
    """A sentence for each false claim but those about values, in the order status, bounds, unserved.

    Parameters
    ----------
    values : mapping
        The values of all goals as `goal_values` gives them. That the plan states others is for the caller to say.
    keeps_rules : bool
        Whether the plan breaks no hard rule.
    """
    return [
        *_status(problem, plan, values, keeps_rules=keeps_rules),
        *_bounds(plan, values),
        *_unserved(problem, plan),
    ]


def _status(problem: Problem, plan: Plan, values: Mapping[str, int], *, keeps_rules: bool) -> Iterator[str]:
    if plan.status == "infeasible" and keeps_rules:
        yield message("status: the plan states infeasible, but it breaks no rule")
    for goal in problem.goals if plan.status == "optimal" else ():
        claim = plan.goals.get(goal)
        if claim is None:
            yield message(
                "status: the plan states optimal, but it states nothing of the goal {goal}", goal=goal
            )
        elif claim.bound is None:
            yield message("status: the plan states optimal, but no bound of the goal {goal}", goal=goal)
        elif claim.bound != values[goal]:
            yield (
                message(
                    "status: the plan states optimal, but the value {values:,} of the goal {goal} is not its "
                    "bound {bound:,}",
                    values=values[goal],
                    goal=goal,
                    bound=claim.bound,
                )
            )


def _bounds(plan: Plan, values: Mapping[str, int]) -> Iterator[str]:
    for goal, claim in plan.goals.items():
        if claim.bound is not None and claim.bound < values[goal]:
            yield message(
                "{goal}: the plan states a bound of {bound:,}, but its own value {values:,} is above it",
                goal=goal,
                bound=claim.bound,
                values=values[goal],
            )


def _unserved(problem: Problem, plan: Plan) -> Iterator[str]:
    labels = Labels(problem)
    placed = Counter(assignment.request for assignment in plan.assignments)
    for request in problem.requests:
        listed, sessions = request.id in plan.unserved, placed[request.id]
        if listed and sessions:
            has = "a session" if sessions == 1 else message("{sessions} sessions", sessions=sessions)
            yield message(
                "unserved: {request} is listed, but it has {has} in the plan",
                request=labels.request(request.id),
                has=has,
            )
        if not listed and not sessions:
            yield message(
                "unserved: {request} is not listed, but it has no session in the plan",
                request=labels.request(request.id),
            )
