"""Solver of a week: from a problem document to a plan document that keeps every rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from domain.messages import message
from scheduler.decomposition.part_pool import MakePool
from scheduler.decomposition.rounds import is_large, search_in_parts
from scheduler.documents.codec import read_problem, write_plan
from scheduler.documents.records import GoalResult, Plan, Problem
from scheduler.goals.bounds import counted_bounds
from scheduler.instance.instance import Instance
from scheduler.instance.numbering import assignments
from scheduler.instance.reasons import reasons
from scheduler.processes.progress import Budget, Progress, WorkBudget
from scheduler.rules.check import check, check_pins
from scheduler.rules.goals import goal_values
from scheduler.search.fix_and_optimise import Search
from scheduler.search.strategy import complete_pins, search_in_order
from scheduler.search.warm_start import warm_start


class BrokenPlan(AssertionError):
    """The solver made a plan that breaks a rule: a mistake of ours, which must not leave the scheduler."""


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """How hard to search.

    Attributes
    ----------
    time_limit_s : float
        Seconds after which the best plan so far is returned; reading and checking come on top.
    workers : int
        How many integer programmes are solved at once, each in a process of its own.
    seed : int
        Of every random choice; it alone decides between requests that are worth the same.
    work : float, optional
        Count units of work instead of seconds; a unit takes about a millisecond of one processor. Then the same
        problem, seed, workers and work give the same plan, byte for byte, with the same versions of the engines; the
        plan says so in "reproducible", unless the search was stopped. The clock and `time_limit_s` have no say.
    """

    time_limit_s: float = 120
    workers: int = 2
    seed: int = 0
    work: float | None = None


def solve(
    problem: dict[str, Any],
    options: SolveOptions | None = None,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    pool: MakePool | None = None,
    start: list[dict[str, Any]] | None = None,
    clock: Callable[[], float],
) -> dict[str, Any]:
    """Plan a week.

    Parameters
    ----------
    problem : dict
        A problem document, format "problem/1".
    options : SolveOptions, optional
        How hard to search; None for two minutes with two workers.
    on_progress : callable, optional
        Called with a `Progress` whenever something is better, in the thread of the caller.
    should_stop : callable, optional
        Asked several times a second; once it says True the best plan so far is returned. So it is on
        KeyboardInterrupt.
    pool : callable, optional
        Makes what solves the parts of a week that is large, from the number of workers; None for processes of the
        scheduler's own, which also serve where work is counted. See `scheduler.decomposition.part_pool`.
    start : list of dict, optional
        Assignments of an earlier plan to go on from, such as `Progress.plan` gives them. Requests whose sessions break
        a rule now begin anew; so does everything where work is counted, because the plan could not be made again.
    clock : callable
        Seconds that only go forward, such as `time.monotonic`.

    Returns
    -------
    dict
        A plan document, format "plan/1", that keeps every rule. Its status is "infeasible" only where the rest of
        a request begun by a pin was not found a place; then it holds the pins alone.

    Raises
    ------
    MalformedDocument
        If the problem is not in the format, or its pins break a rule.
    """
    options = options or SolveOptions()
    workers, seed, work = options.workers, options.seed, options.work
    budget = (
        Budget(options.time_limit_s, clock, should_stop, on_progress)
        if work is None
        else WorkBudget(work, should_stop, on_progress)
    )
    document = read_problem(problem)
    check_pins(document)
    instance = Instance(_by_lot(document, seed))
    large = is_large(document)
    search = Search(instance, budget, seed, {} if large else counted_bounds(instance))
    try:
        complete_pins(search)
        if start and work is None:
            warm_start(search, document, start)
        if large:
            search_in_parts(search, problem, workers, pool)
        elif not search.broken_whole():
            search_in_order(search, workers)
    except KeyboardInterrupt:
        budget.stopped, budget.repeatable = True, False
    search.restore()
    again = {"work": work, "seed": seed, "workers": workers} if budget.repeatable else None
    return _plan(document, search, again)


def _by_lot(document: Problem, seed: int) -> Problem:
    """The requests in an order that the seed draws: who comes first in the document wins no tie by that."""
    requests = sorted(document.requests, key=lambda request: request.id)
    Random(seed).shuffle(requests)
    return replace(document, requests=tuple(requests))


def _plan(document: Problem, search: Search, again: dict[str, Any] | None) -> dict[str, Any]:
    timetable = search.timetable
    order = {request.id: index for index, request in enumerate(document.requests)}
    placed = tuple(
        sorted(assignments(timetable), key=lambda assignment: (order[assignment.request], assignment.session))
    )
    values = goal_values(document, placed)
    broken = check(document, placed)
    infeasible = search.broken_whole()
    if any(breach.rule != "whole" or not infeasible for breach in broken):
        raise BrokenPlan(message("{broken:; }", broken=broken[:5]))
    bounds = {} if infeasible else search.bounds  # of plans, and there is none
    goals = {goal: GoalResult(values[goal], bounds.get(goal)) for goal in document.goals}
    optimal = all(goal.value == goal.bound for goal in goals.values())
    status = "infeasible" if infeasible else "optimal" if optimal else "feasible"
    unserved = {
        request.id: reasons(timetable, index)
        for request in document.requests
        if not timetable.placed.get(index := search.instance.request_index[request.id])
    }
    extras = _given_up(search, values) | ({} if again is None else {"reproducible": again})
    return write_plan(Plan(document.name, status, goals, placed, unserved), **extras)


def _given_up(search: Search, values: Mapping[str, int]) -> dict[str, Any]:
    """What later goals have cost those with a tolerance."""
    if not search.reached:
        return {}
    given_up = {goal: best - values[goal] for goal, best in search.reached.items()}
    return {"given_up": {goal: max(0, lost) for goal, lost in given_up.items()}}
