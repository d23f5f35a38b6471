"""Relaxation guide: the plan without rooms, which is nearly integral, says who should lead what.

Time first, rooms later (Lach and Lübbecke 2012), but not all of it: only *who* is taken from the plan without
rooms; when and where are chosen together afterwards. Its optimum is a proven bound on `served` too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduler.goals.lexicographic import add_goals
from scheduler.instance.timetable import PartialTimetable
from scheduler.model.columns import Choice, lay_out_columns
from scheduler.model.improve import add_rules
from scheduler.model.teams import Teams
from scheduler.processes.program import Term
from scheduler.processes.solver_pool import Solver

_HALF, _LITTLE = 0.5, 0.05
People = dict[int, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Guidance:
    """The people that the plan without rooms gives to each request it serves, and the bound that it proves."""

    who: People
    bound: float
    exact: bool


def lay_out_without_rooms(timetable: PartialTimetable, requests: list[int]) -> tuple[Choice, list[Term]]:
    """The programme of who and when, maximising `served`; it leaves out rules only, so that its optimum is a bound."""
    must = frozenset(request for request in requests if timetable.placed.get(request))
    choice = lay_out_columns(timetable, requests, with_rooms=False, must=must)
    add_rules(choice)
    return choice, add_goals(choice, ["served"], {})


def solve_without_rooms(
    choice: Choice,
    objective: list[Term],
    solver: Solver,
    *,
    exact: bool,
    limit_s: float,
    seed: int,
    rest: int,
) -> Guidance:
    """Solve the plan without rooms, or its linear relaxation.

    Parameters
    ----------
    exact : bool
        Whether to solve it in whole numbers, to a gap of 1e-4.
    limit_s : float
        Seconds that it may take.
    rest : int
        What pinned sessions serve, in the unit of `served`.

    Returns
    -------
    Guidance
        Without people where no solution was found in time; the bound holds all the same.
    """
    outcome = solver(
        choice.program, objective, limit_s=limit_s, gap=1e-4 if exact else 0.0, relaxed=not exact, seed=seed
    )
    threshold = _HALF if exact else _LITTLE
    who = {} if outcome.values is None else _who(choice, outcome.values, threshold)
    return Guidance(who, rest + outcome.bound, exact)


def solve_teams(teams: Teams, solver: Solver, *, limit_s: float, seed: int, rest: int) -> Guidance:
    """Solve the linear relaxation of the programme of who alone, for its bound, which holds for every plan."""
    outcome = solver(teams.program, teams.objective, limit_s=limit_s, seed=seed, relaxed=True)
    return Guidance({}, rest + outcome.bound, False)


def _who(choice: Choice, values: NDArray[np.float64], threshold: float) -> People:
    who: dict[int, set[int]] = {}
    for unit in choice.units:
        for slot in unit.slots.values():
            if any(values[column] > threshold for column in slot.held):
                people = who.setdefault(unit.request, set())
                for group in (slot.leads, slot.assistants):
                    people.update(person for person, column in group.items() if values[column] > threshold)
    return {request: frozenset(people) for request, people in who.items()}
