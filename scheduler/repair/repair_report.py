"""Decide what is told about a repaired week: the plan document, with what was kept, moved, dropped and added."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scheduler.documents.codec import write_assignment, write_plan
from scheduler.documents.records import Assignment, GoalResult, Plan, Problem
from scheduler.instance.numbering import assignments
from scheduler.instance.reasons import reasons
from scheduler.repair.change_budget import ReleaseChange, duties_of, place_of
from scheduler.repair.kept_sessions import Released, Standing
from scheduler.rules.check import check
from scheduler.rules.goals import goal_values
from scheduler.solve import BrokenPlan


def write_repaired(
    problem: Problem, released: Released, standing: Standing, unavoidable: ReleaseChange
) -> dict[str, Any]:
    """Check the plan, and write it.

    Raises
    ------
    BrokenPlan
        If it breaks a rule or the budget: a mistake of ours.
    """
    timetable = standing.timetable
    placed = assignments(timetable)
    report = _report(released.sessions, placed, standing, unavoidable)
    infeasible = _has_begun(standing)
    broken = check(problem, placed)
    if any(breach.rule != "whole" or not infeasible for breach in broken):
        raise BrokenPlan("; ".join(map(str, broken[:5])))
    if len(report["moved"]) + len(report["dropped"]) > standing.changes.most_sessions or (
        len(report["people"]) > standing.changes.most_people
    ):
        raise BrokenPlan("the repair changes more than its budget")
    values = goal_values(problem, placed)
    goals = {goal: GoalResult(values[goal]) for goal in problem.goals}
    unserved = {
        request.id: _reasons(standing, index)
        for index, request in enumerate(problem.requests)
        if not timetable.placed.get(index)
    }
    status = "infeasible" if infeasible else "feasible"
    return write_plan(Plan(problem.name, status, goals, placed, unserved), repair=report)


def _reasons(standing: Standing, request: int) -> tuple[str, ...]:
    instance = standing.timetable.instance
    if not instance.choices[request].rooms and standing.instance.could_be_held(request):
        return ("it could only be held at times that are too near now",)
    return reasons(standing.timetable, request)


def _has_begun(standing: Standing) -> bool:
    timetable = standing.timetable
    return any(
        0 < len(placed) < timetable.instance.requests[request].sessions
        and not timetable.instance.requests[request].partial
        for request, placed in timetable.placed.items()
    )


def _report(
    released: Iterable[Assignment],
    placed: Iterable[Assignment],
    standing: Standing,
    unavoidable: ReleaseChange,
) -> dict[str, Any]:
    before = {(assignment.request, assignment.session): assignment for assignment in released}
    after = {(assignment.request, assignment.session): assignment for assignment in placed}
    both = [(before[name], after[name]) for name in before if name in after]
    moved = [pair for pair in both if place_of(pair[0]) != place_of(pair[1])]
    dropped = [assignment for name, assignment in before.items() if name not in after]
    people = sorted(_people(before.values()) ^ _people(after.values()))
    affected = sorted({person for _, person in people})
    budget = standing.changes.budget
    return {
        "kept": len(both) - len(moved),
        "frozen": standing.frozen,
        "moved": [{"before": write_assignment(old), "after": write_assignment(new)} for old, new in moved],
        "dropped": [write_assignment(assignment) for assignment in dropped],
        "added": [write_assignment(assignment) for name, assignment in after.items() if name not in before],
        "people": affected,
        "unavoidable": {"sessions": unavoidable.sessions, "people": len(unavoidable.people)},
        "budget_left": {
            "sessions": _left(budget.sessions, len(moved) + len(dropped)),
            "people": _left(budget.people, len(affected)),
        },
    }


def _people(sessions: Iterable[Assignment]) -> set[tuple[tuple[str, object], str]]:
    """What everybody has to do, and who."""
    return {
        ((assignment.request, duty), duty[0]) for assignment in sessions for duty in duties_of(assignment)
    }


def _left(budget: int | None, used: int) -> int | None:
    return None if budget is None else max(0, budget - used)
