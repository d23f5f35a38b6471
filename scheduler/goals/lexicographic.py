"""Lexicographic goals of an integer programme: those before the last are held, the last is the objective."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduler.goals import GOALS
from scheduler.model.columns import Choice
from scheduler.processes.program import Term


def add_goals(choice: Choice, goals: Sequence[str], floors: Mapping[str, float]) -> list[Term]:
    """Hold every goal but the last one at its floor or above, and return the last one's terms, if there is one."""
    if not goals:
        return []
    *held, last = goals
    for goal in held:
        choice.program.row(GOALS[goal].terms(choice), low=floors[goal] - 0.5)
    return GOALS[last].terms(choice)
