"""Deterministic work of an integer programme: by what HiGHS counts itself, which repeats exactly on every run.

A unit takes about a millisecond of one processor. HiGHS keeps no limit on the work of an integer programme but the
nodes of its tree, so that a programme's root is always finished; neighbourhoods that are too large for that shrink.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isqrt

from scheduler.processes.program import Outcome, Program, Term
from scheduler.processes.progress import UNITS_PER_S, Allowance

_COEFFICIENTS = 150  # coefficients written down, sent and read for a unit
_STEPS = 500  # simplex steps, each times the square root of the coefficients, for a unit
_STEPS_RELAXED = 2_000  # the same where nothing has to be an integer
_MAX_OVERRUN = 2  # times what is left: what a programme may be expected to take, so as to be begun at all
_STEPS_PER_NODE, _STEPS_PER_ROW = 30, 0.35
Solve = Callable[..., Outcome]


def units(program: Program, steps: int, *, relaxed: bool = False) -> float:
    """The units of work of a programme that took so many simplex steps, at least 1."""
    size = len(program.coefficient)
    return 1 + size / _COEFFICIENTS + steps * isqrt(size) / _steps_per_unit(relaxed)


def _steps_per_unit(relaxed: bool) -> int:
    return _STEPS_RELAXED if relaxed else _STEPS


def expected_s(program: Program, *, relaxed: bool = False) -> float:
    """The work to expect of a programme, in thousands of units; about right is good enough."""
    return units(program, int(_STEPS_PER_ROW * len(program.low)), relaxed=relaxed) / UNITS_PER_S


def step_limit(program: Program, limit_s: float, *, relaxed: bool = False) -> int:
    """The simplex steps for that many thousands of units, at least one."""
    step = max(1, isqrt(len(program.coefficient))) / _steps_per_unit(relaxed)
    return int(max(1, min(2**31 - 1, limit_s * UNITS_PER_S / step)))


def node_limit(program: Program, limit_s: float) -> int:
    """The nodes of a tree for that many thousands of units, at least one."""
    return max(1, step_limit(program, limit_s) // _STEPS_PER_NODE)


class Metered:
    """A solver whose work counts as that of a job.

    Where work is counted it does not begin what would take far longer than the job has left.
    """

    def __init__(self, solver: Solve, allowance: Allowance) -> None:
        self._solver, self._allowance = solver, allowance

    def __call__(
        self,
        program: Program,
        objective: list[Term],
        *,
        limit_s: float,
        gap: float = 0.0,
        absolute_gap: float = 0.0,
        seed: int = 0,
        relaxed: bool = False,
    ) -> Outcome:
        in_work = self._allowance.budget.in_work
        if in_work and expected_s(program, relaxed=relaxed) > _MAX_OVERRUN * limit_s:
            self._allowance.count(units(program, 0))
            return Outcome(None, inf, proven=False)
        outcome = self._solver(
            program,
            objective,
            limit_s=limit_s,
            gap=gap,
            absolute_gap=absolute_gap,
            seed=seed,
            relaxed=relaxed,
            in_work=in_work,
        )
        self._allowance.count(outcome.work)
        return outcome
