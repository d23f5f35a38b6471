"""Cutting-plane loop: the best places for a few free requests while all others stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from scheduler.instance.instance import Placement
from scheduler.model.columns import Choice, read_placements
from scheduler.model.cuts import cut_breaches
from scheduler.model.rows import ROWS
from scheduler.processes.highs import maximise
from scheduler.processes.program import Term
from scheduler.processes.solver_pool import Solver

_SHORTEST_S = 0.05


@dataclass(frozen=True, slots=True)
class Solution:
    """What one programme gave.

    Attributes
    ----------
    placements : dict or None
        Sessions by request, None where none were found. With `clean` False some still meet each other.
    bound : float
        The goal over the free requests is at most this, given the floors.
    proven : bool
        The placements reach the bound within the gap asked for; or there are none at all.
    """

    placements: dict[int, list[Placement]] | None
    bound: float
    clean: bool = True
    proven: bool = False


def add_rules(choice: Choice) -> None:
    """Add the rows of every rule."""
    for rule in ROWS:
        rule(choice)


def best_sessions(
    choice: Choice,
    objective: list[Term],
    left_s: Callable[[], float],
    *,
    solver: Solver = maximise,
    gap: float = 0.0,
    absolute_gap: float = 0.0,
    seed: int = 0,
    rounds: int = 12,
) -> Solution:
    """Place the free requests as well as can be (cutting planes: Dantzig, Fulkerson and Johnson 1954).

    A breach that the rows leave open is cut off and the programme solved again; the bound of every round holds,
    because each leaves rules out.

    Parameters
    ----------
    objective : list of (column, coefficient)
        To be made as large as possible.
    left_s : callable
        Seconds that are left; no round begins with less than a twentieth.
    gap, absolute_gap : float
        A round stops at a solution proven to be that near to its best: a share of its value, or units.
    rounds : int
        The limit of rounds.

    Returns
    -------
    Solution
        The placements of the last round that had any, with the tightest bound; not `clean` where rounds or time ran
        out before the breaches.
    """
    best, bound = Solution(None, inf), inf
    for _ in range(rounds):
        limit = left_s()
        if limit < _SHORTEST_S:
            break
        outcome = solver(
            choice.program, objective, limit_s=limit, gap=gap, absolute_gap=absolute_gap, seed=seed
        )
        bound = min(bound, outcome.bound)
        if outcome.values is None:
            return Solution(best.placements, bound, False, outcome.proven and best.placements is None)
        chosen = (outcome.values > 0.5).tolist()
        breaches = cut_breaches(choice, chosen)
        best = Solution(read_placements(choice, chosen), bound, not breaches, outcome.proven and not breaches)
        if not breaches:
            break
    return best
