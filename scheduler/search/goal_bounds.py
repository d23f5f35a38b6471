"""Bounds of the later goals, given those before them, from the aggregated week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import floor, inf

from scheduler.goals import GOALS
from scheduler.instance.instance import Instance
from scheduler.model.aggregated_week import lay_out_aggregated
from scheduler.processes.solver_pool import Solver, SolverPool
from scheduler.processes.work_units import expected_s
from scheduler.search.fix_and_optimise import Search

_RELAXED_SHARE = 0.5  # of the time left, for the linear relaxation


@dataclass(frozen=True, slots=True)
class AggregatedBound:
    """No plan that has at least the floors of the goals before it has more of `goal` than `bound`."""

    goal: str
    bound: float


def goals_to_bound(search: Search) -> list[str]:
    """What to bound now that the present goal is taken up: once `served` is left, all that come after it."""
    goals, level = search.goals, search.level
    open_goals: Sequence[str] = ()
    if "served" not in goals[:level]:
        open_goals = goals[level : level + 1] if level or goals[0] == "communities" else ()
    elif goals[level - 1] == "served":
        open_goals = goals[level:]
    return [goal for goal in open_goals if GOALS[goal].aggregated_terms and not search.at_bound(goal)]


def lasting_floors(search: Search, goal: str) -> dict[str, int]:
    """What the goals before that one have for sure when the search ends: the least value of each, by its name.

    The first goal never falls below it. A later one may fall where one before it rises; so it counts only where those
    before it are at their bounds.
    """
    floors: dict[str, int] = {}
    for earlier in takewhile(lambda name: name != goal, search.goals):
        value, share = search.best_values[earlier], search.instance.problem.tolerance.get(earlier, 0)
        floors[earlier] = value - floor(share * abs(value) + 1e-9)
        if not search.at_bound(earlier):
            break
    return floors


def ask_for_aggregated_bound(search: Search, goal: str, solver_pool: SolverPool) -> None:
    """Start the programme that bounds a goal, given what those before it have."""
    instance, requests, floors = search.instance, search.neighbours.possible, lasting_floors(search, goal)
    allowance = search.budget.allow()
    allowance.expected_s = expected_s(lay_out_aggregated(instance, requests).program)
    relaxed_s = _RELAXED_SHARE * allowance.left_s()
    integer_s = GOALS[goal].integer_share * allowance.left_s()

    def job(solver: Solver) -> AggregatedBound:
        return aggregated_bound(
            instance, requests, goal, floors, solver, relaxed_s=relaxed_s, integer_s=integer_s
        )

    solver_pool.start("aggregated bound", job, allowance)


def aggregated_bound(
    instance: Instance,
    requests: list[int],
    goal: str,
    floors: Mapping[str, int],
    solver: Solver,
    *,
    relaxed_s: float,
    integer_s: float,
) -> AggregatedBound:
    """Bound one goal: by the linear relaxation within its seconds, then by whole sessions within theirs.

    Floors of goals that the aggregated week cannot tell are left out, which only raises the bound.
    """
    week = lay_out_aggregated(instance, requests)
    for name, least in floors.items():
        if held_terms := GOALS[name].aggregated_terms:
            week.program.row(held_terms(week), low=least - 0.5)
    terms_of = GOALS[goal].aggregated_terms
    if terms_of is None:
        return AggregatedBound(goal, inf)
    terms = terms_of(week)
    relaxed = solver(week.program, terms, limit_s=relaxed_s, relaxed=True)
    whole = solver(week.program, terms, limit_s=integer_s, absolute_gap=0.5)
    return AggregatedBound(goal, min(relaxed.bound if relaxed.proven else inf, whole.bound))
