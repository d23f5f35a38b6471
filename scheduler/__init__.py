"""Scheduler of a week's timetable: problem documents in, plan documents out, with no clock, database or event.

What others may use is listed here and in the packages `decomposition`, `explain`, `precheck`, `processes`, `suggest`.
A name's module is imported when the name is first used, so that who needs a record does not wait for the solver.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scheduler.decomposition.part_worker import answer_parts as answer_parts
    from scheduler.documents.codec import ForeignPlan as ForeignPlan
    from scheduler.documents.codec import MalformedDocument as MalformedDocument
    from scheduler.documents.codec import read_assignments as read_assignments
    from scheduler.documents.codec import read_plan as read_plan
    from scheduler.documents.codec import read_problem as read_problem
    from scheduler.documents.codec import read_reasons as read_reasons
    from scheduler.documents.codec import write_assignment as write_assignment
    from scheduler.documents.codec import write_plan as write_plan
    from scheduler.documents.codec import write_windows as write_windows
    from scheduler.documents.records import GOALS as GOALS
    from scheduler.documents.records import Assignment as Assignment
    from scheduler.documents.records import GoalName as GoalName
    from scheduler.documents.records import Problem as Problem
    from scheduler.documents.records import Volunteer as Volunteer
    from scheduler.explain.places_map import PlacesMap as PlacesMap
    from scheduler.explain.places_map import RoomPlaces as RoomPlaces
    from scheduler.explain.places_map import places_map as places_map
    from scheduler.processes.progress import Progress as Progress
    from scheduler.repair.change_budget import UNLIMITED as UNLIMITED
    from scheduler.repair.change_budget import ChangeBudget as ChangeBudget
    from scheduler.repair.change_budget import Notice as Notice
    from scheduler.repair.repair import repair as repair
    from scheduler.rules.check import RULES as RULES
    from scheduler.rules.check import Breach as Breach
    from scheduler.rules.check import check as check
    from scheduler.rules.check import check_pins as check_pins
    from scheduler.rules.check import check_with_labels as check_with_labels
    from scheduler.rules.claims import false_claims as false_claims
    from scheduler.rules.goals import goal_values as goal_values
    from scheduler.rules.moves import SOFT_RULES as SOFT_RULES
    from scheduler.rules.moves import Judge as Judge
    from scheduler.rules.moves import Judgement as Judgement
    from scheduler.rules.moves import SoftRuleName as SoftRuleName
    from scheduler.rules.moves import unpassed as unpassed
    from scheduler.rules.standing import LASTING as LASTING
    from scheduler.rules.standing import HeldSession as HeldSession
    from scheduler.rules.standing import Why as Why
    from scheduler.rules.standing import judge_as_is as judge_as_is
    from scheduler.rules.week import Rule as Rule
    from scheduler.solve import SolveOptions as SolveOptions
    from scheduler.solve import solve as solve

_EXPORTS = {
    "decomposition.part_worker": "answer_parts",
    "documents.codec": "ForeignPlan MalformedDocument read_assignments read_plan read_problem read_reasons "
    "write_assignment write_plan write_windows",
    "documents.records": "GOALS Assignment GoalName Problem Volunteer",
    "explain.places_map": "PlacesMap RoomPlaces places_map",
    "processes.progress": "Progress",
    "repair.change_budget": "UNLIMITED ChangeBudget Notice",
    "repair.repair": "repair",
    "rules.check": "RULES Breach check check_pins check_with_labels",
    "rules.claims": "false_claims",
    "rules.goals": "goal_values",
    "rules.moves": "SOFT_RULES Judge Judgement SoftRuleName unpassed",
    "rules.standing": "LASTING HeldSession Why judge_as_is",
    "rules.week": "Rule",
    "solve": "SolveOptions solve",
}
_MODULE_OF = {name: module for module, names in _EXPORTS.items() for name in names.split()}


class _Package(ModuleType):
    """The package itself; importing `scheduler.solve` or `scheduler.repair` does not hide the function of that name."""

    def __getattr__(self, name: str) -> Any:
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        setattr(self, name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _MODULE_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_MODULE_OF})


sys.modules[__name__].__class__ = _Package
