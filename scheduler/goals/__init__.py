"""The goals of a week, one module each, named after its goal.

Add one: its name in `scheduler.documents.records.GoalName`, its value in `scheduler.rules.goals` under that name, and
its module here with the constant `GOAL`.
"""

from __future__ import annotations

from importlib import import_module

from scheduler.documents.records import ALL_GOALS
from scheduler.goals.goal import Goal

GOALS: dict[str, Goal] = {name: import_module(f"{__name__}.{name}").GOAL for name in ALL_GOALS}
