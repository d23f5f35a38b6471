"""Decide a week: from a problem document to a plan document that keeps every rule."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from scheduler.bounds import counted_bounds
from scheduler.check import check, check_pins
from scheduler.construction import by_weight, fill
from scheduler.documents import read_problem, write_plan
from scheduler.goals import goal_values
from scheduler.instance import Instance
from scheduler.numbering import assignments
from scheduler.progress import Budget, Progress
from scheduler.reasons import reasons
from scheduler.records import GoalResult, Plan
from scheduler.timetable import Timetable


class BrokenPlan(AssertionError):
    """The solver made a plan that breaks a rule: a mistake of ours, which must not leave the house."""


def solve(
    problem: dict[str, Any],
    *,
    time_limit_s: float = 120,
    workers: int = 2,
    seed: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    clock: Callable[[], float],
) -> dict[str, Any]:
    """Plan a week."""
    budget = Budget(time_limit_s, clock, should_stop, on_progress)
    document = read_problem(problem)
    check_pins(document)
    instance = Instance(document)
    timetable = Timetable(instance)
    for pin in document.pins:
        timetable.put(instance.request_index[pin.request], instance.placement(pin))
    fill(timetable, by_weight(instance, range(len(instance.requests)), Random(seed)), budget.over)
    placed = assignments(timetable)
    values = goal_values(document, placed)
    bounds = counted_bounds(instance)
    budget.report("first plan", values["served"], bounds["served"])
    broken = check(document, placed)
    if broken:
        raise BrokenPlan("; ".join(map(str, broken[:5])))
    goals = {goal: GoalResult(values[goal], bounds[goal]) for goal in document.goals}
    status = "optimal" if all(goal.value == goal.bound for goal in goals.values()) else "feasible"
    unserved = {
        request.id: reasons(timetable, at)
        for at, request in enumerate(instance.requests)
        if not timetable.placed.get(at)
    }
    return write_plan(Plan(document.name, status, goals, placed, unserved))
