"""Decide how good a goal could be at most, given those before it, by sharing a week out whatever the hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import floor, inf

from scheduler.instance.instance import Instance
from scheduler.model.sharing import SHARED, share_out
from scheduler.processes.solver_pool import Solver, SolverPool
from scheduler.processes.work_units import expected_s
from scheduler.search.fix_and_optimise import Search

_RELAXED_SHARE = 0.5  # of the time left, for the linear relaxation
_WHOLE_SHARE, _MINOR_SHARE = 0.4, 0.1  # of the time left, for whole sessions after it
_MINOR = ("preferred", "travel")


@dataclass(frozen=True, slots=True)
class SharedBound:
    """No plan that has at least the floors of the goals before it has more of `goal` than `bound`."""

    goal: str
    bound: float


def goals_to_bound(search: Search) -> list[str]:
    """What to bound now that the present goal is taken up: once `served` is left, all that come after it."""
    goals, level = search.goals, search.level
    some: Sequence[str] = ()
    if "served" not in goals[:level]:
        some = goals[level : level + 1] if level or goals[0] == "communities" else ()
    elif goals[level - 1] == "served":
        some = goals[level:]
    return [goal for goal in some if goal in SHARED and not search.at_bound(goal)]


def lasting_floors(search: Search, goal: str) -> dict[str, int]:
    """What the goals before that one have for sure when the search ends.

    The first goal never falls below it. A later one may fall where one before it rises; so it counts only where those
    before it are at their bounds.
    """
    floors: dict[str, int] = {}
    for before in takewhile(lambda one: one != goal, search.goals):
        value, share = search.best_values[before], search.instance.problem.tolerance.get(before, 0)
        floors[before] = value - floor(share * abs(value) + 1e-9)
        if not search.at_bound(before):
            break
    return floors


def ask_for_shared_bound(search: Search, goal: str, crew: SolverPool) -> None:
    """Start the programme that bounds a goal, given what those before it have."""
    instance, requests, floors = search.instance, search.neighbours.possible, lasting_floors(search, goal)
    allowance = search.budget.allow()
    program = share_out(instance, requests).program
    allowance.expected_s = expected_s(program)
    relaxed_s = _RELAXED_SHARE * allowance.left_s()
    whole_s = (_MINOR_SHARE if goal in _MINOR else _WHOLE_SHARE) * allowance.left_s()

    def job(solver: Solver) -> SharedBound:
        return bound_by_sharing(
            instance, requests, goal, floors, solver, relaxed_s=relaxed_s, whole_s=whole_s
        )

    crew.start("shares", job, allowance)


def bound_by_sharing(
    instance: Instance,
    requests: list[int],
    goal: str,
    floors: Mapping[str, int],
    solver: Solver,
    *,
    relaxed_s: float,
    whole_s: float,
) -> SharedBound:
    """Bound one goal: by the linear relaxation within its seconds, then by whole sessions within theirs.

    Floors of goals that cannot be shared out are left aside, which only raises the bound.
    """
    shares = share_out(instance, requests)
    for held, least in floors.items():
        if held in SHARED:
            shares.program.row(SHARED[held](shares), low=least - 0.5)
    terms = SHARED[goal](shares)
    relaxed = solver(shares.program, terms, limit_s=relaxed_s, relaxed=True)
    whole = solver(shares.program, terms, limit_s=whole_s, absolute_gap=0.5)
    return SharedBound(goal, min(relaxed.bound if relaxed.proven else inf, whole.bound))
