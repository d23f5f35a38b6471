"""Decide a week's timetable: problem documents in, plan documents out, with no clock, database or event in sight."""

from scheduler.documents.codec import (
    MalformedDocument,
    read_plan,
    read_problem,
    write_assignment,
    write_plan,
    write_windows,
)
from scheduler.documents.records import (
    GOALS,
    Assignment,
    GoalResult,
    Plan,
    Problem,
    Request,
    Room,
    Venue,
    Volunteer,
)
from scheduler.processes.progress import Progress
from scheduler.repair.change_budget import UNLIMITED, ChangeBudget, Notice
from scheduler.repair.repair import repair
from scheduler.rules.check import RULES, Breach, check, check_pins
from scheduler.rules.goals import goal_values
from scheduler.solve import SolveOptions, solve

__all__ = [
    "GOALS",
    "RULES",
    "UNLIMITED",
    "Assignment",
    "Breach",
    "ChangeBudget",
    "GoalResult",
    "MalformedDocument",
    "Notice",
    "Plan",
    "Problem",
    "Progress",
    "Request",
    "Room",
    "SolveOptions",
    "Venue",
    "Volunteer",
    "check",
    "check_pins",
    "goal_values",
    "read_plan",
    "read_problem",
    "repair",
    "solve",
    "write_assignment",
    "write_plan",
    "write_windows",
]
