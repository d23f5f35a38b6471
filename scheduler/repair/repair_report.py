"""Plan document of a repaired week, with what was kept, moved, dropped and added."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain.messages import message
from scheduler.documents.codec import write_assignment, write_plan
from scheduler.documents.records import Assignment, GoalResult, Plan, Problem
from scheduler.instance.numbering import assignments
from scheduler.instance.reasons import reasons
from scheduler.repair.change_budget import ReleaseChange, arrangement_of, duties_of
from scheduler.repair.kept_sessions import KeptWeek, ReleasedSessions
from scheduler.rules.check import check
from scheduler.rules.goals import goal_values
from scheduler.solve import BrokenPlan


def write_repaired(
    problem: Problem, released: ReleasedSessions, kept_week: KeptWeek, unavoidable: ReleaseChange
) -> dict[str, Any]:
    """Check the plan against rules and budget, and write it.

    Raises
    ------
    BrokenPlan
        If it breaks a rule or the budget: a mistake of ours.
    """
    timetable = kept_week.timetable
    placed = assignments(timetable)
    report = _report(released.sessions, placed, kept_week, unavoidable)
    infeasible = _has_begun(kept_week)
    broken = check(problem, placed)
    if any(breach.rule != "whole" or not infeasible for breach in broken):
        raise BrokenPlan(message("{broken:; }", broken=broken[:5]))
    if len(report["moved"]) + len(report["dropped"]) > kept_week.changes.max_sessions or (
        len(report["people"]) > kept_week.changes.max_people
    ):
        raise BrokenPlan(message("the repair changes more than its budget"))
    values = goal_values(problem, placed)
    goals = {goal: GoalResult(values[goal]) for goal in problem.goals}
    unserved = {
        request.id: _reasons(kept_week, index)
        for index, request in enumerate(problem.requests)
        if not timetable.placed.get(index)
    }
    status = "infeasible" if infeasible else "feasible"
    return write_plan(Plan(problem.name, status, goals, placed, unserved), repair=report)


def _reasons(kept_week: KeptWeek, request: int) -> tuple[str, ...]:
    instance = kept_week.timetable.instance
    if not instance.candidates[request].rooms and kept_week.instance.could_be_held(request):
        return (message("it could only be held at times that are too near now"),)
    return reasons(kept_week.timetable, request)


def _has_begun(kept_week: KeptWeek) -> bool:
    timetable = kept_week.timetable
    return any(
        0 < len(placed) < timetable.instance.requests[request].sessions
        and not timetable.instance.requests[request].partial
        for request, placed in timetable.placed.items()
    )


def _report(
    released: Iterable[Assignment],
    placed: Iterable[Assignment],
    kept_week: KeptWeek,
    unavoidable: ReleaseChange,
) -> dict[str, Any]:
    before = {(assignment.request, assignment.session): assignment for assignment in released}
    after = {(assignment.request, assignment.session): assignment for assignment in placed}
    both = [(before[name], after[name]) for name in before if name in after]
    moved = [pair for pair in both if arrangement_of(pair[0]) != arrangement_of(pair[1])]
    dropped = [assignment for name, assignment in before.items() if name not in after]
    people = sorted(_people(before.values()) ^ _people(after.values()))
    affected = sorted({person for _, person in people})
    budget = kept_week.changes.budget
    return {
        "kept": len(both) - len(moved),
        "frozen": kept_week.frozen,
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
    """The duties of everybody, each with the person."""
    return {
        ((assignment.request, duty), duty[0]) for assignment in sessions for duty in duties_of(assignment)
    }


def _left(budget: int | None, used: int) -> int | None:
    return None if budget is None else max(0, budget - used)
