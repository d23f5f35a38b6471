"""Lexicographic goals of an integer programme: those before the last are held, the last is the objective."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduler.goals import GOALS
from scheduler.model.columns import Choice
from scheduler.processes.program import Term

_COUNT_SLACK = (
    1e-3  # below a floor that counts things: half a thing less would let a relaxation host half a function
)
_SLACK = 0.5  # below any other floor, whose values are whole too


def add_goals(choice: Choice, goals: Sequence[str], floors: Mapping[str, float]) -> list[Term]:
    """Hold every goal but the last one at its floor or above, and return the last one's terms, if there is one.

    Parameters
    ----------
    goals : sequence of str
        In order of importance; those before the last each have a floor.
    floors : mapping
        The least value of each held goal over the free requests; a whole number.
    """
    if not goals:
        return []
    *held, last = goals
    for goal in held:
        terms = GOALS[goal].terms(choice)
        slack = _COUNT_SLACK if all(coefficient == 1 for _, coefficient in terms) else _SLACK
        choice.program.row(terms, low=floors[goal] - slack)
    return GOALS[last].terms(choice)
