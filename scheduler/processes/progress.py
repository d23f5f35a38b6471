"""Time budget of a solve, and its progress: by a clock, or by work that repeats exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Any

Assignments = list[dict[str, Any]]
UNITS_PER_S = 1000  # a unit of work takes about a millisecond of one processor


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solve is.

    Attributes
    ----------
    phase : str
        What is being done, such as "first plan" or "improving served".
    seconds : float
        Since the solve began; where work is counted, thousands of units.
    served : int
        The value of `served` of the best plan so far.
    bound : int or None
        A proven upper bound on `served`, None as long as there is none.
    share : float
        The part of the limit that has passed, from 0 to 1.
    plan : callable
        Writes the assignments of the best plan so far, which keep every rule; only during the report.
    """

    phase: str
    seconds: float
    served: int
    bound: int | None
    share: float
    plan: Callable[[], Assignments] = field(default=list, compare=False, repr=False)


class Budget:
    """The time that a solve may take, on a clock of the caller (seconds that never go back).

    Attributes
    ----------
    limit_s : float
        Seconds in all, at least 0.
    seconds : float
        Those that have passed since it began.
    in_work : bool
        Whether work is counted instead of time.
    stopped : bool
        Whether somebody has asked to stop.
    repeatable : bool
        Whether another run would have come to the same decisions.
    """

    in_work = False

    def __init__(
        self,
        limit_s: float,
        clock: Callable[[], float],
        should_stop: Callable[[], bool] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.limit_s = max(0.0, limit_s)
        self._clock, self._should_stop, self._on_progress = clock, should_stop, on_progress
        self._began = clock()
        self.stopped = False
        self.repeatable = False

    @property
    def seconds(self) -> float:
        return self._clock() - self._began

    def used_share(self) -> float:
        """The part of the limit that has passed, from 0 to 1."""
        return min(1.0, self.seconds / self.limit_s) if self.limit_s else 1.0

    def left_s(self, share: float = 1.0) -> float:
        """Seconds until that share of the limit has passed; 0 once somebody asked to stop."""
        return 0.0 if self.stop_asked() else max(0.0, share * self.limit_s - self.seconds)

    def stop_asked(self) -> bool:
        """Whether somebody has asked to stop; once true it stays true."""
        if not self.stopped and self._should_stop is not None and self._should_stop():
            self.stopped = True
        return self.stopped

    def over(self) -> bool:
        return self.left_s() <= 0

    def spend(self, units: float) -> None:
        """Count units of work that were done here; a clock counts by itself."""

    def allow(self, limit_s: float = inf, *, beyond: bool = False) -> Allowance:
        """What a job that begins now may take: `limit_s` at most, and with `beyond` whatever is left of the whole."""
        return Allowance(self, limit_s, beyond=beyond)

    def report(
        self, phase: str, served: int, bound: int | None, plan: Callable[[], Assignments] = list
    ) -> None:
        if self._on_progress is not None:
            self._on_progress(Progress(phase, self.seconds, served, bound, self.used_share(), plan))


class Allowance:
    """What one job may take of a budget; the job asks and counts in a thread of its own.

    Attributes
    ----------
    expected_s : float
        How long the job should take; where work is counted, jobs that run beside each other are ready in the order
        that follows from it, however long they really take.
    """

    def __init__(self, budget: Budget, limit_s: float, *, beyond: bool) -> None:
        self.budget, self.limit_s, self.beyond = budget, limit_s, beyond
        self.began_s, self.expected_s = budget.seconds, 0.0

    @property
    def due_s(self) -> float:
        return self.began_s + self.expected_s

    @property
    def used_s(self) -> float:
        return self.budget.seconds - self.began_s

    def left_s(self) -> float:
        """Seconds that the job has left; 0 once somebody asked to stop."""
        if self.budget.stop_asked():
            return 0.0
        left = self.limit_s - self.used_s
        return left if self.beyond else min(left, self.budget.left_s())

    def count(self, units: float) -> None:
        """Count work that the job has done."""

    def settle(self) -> None:
        """Add what the job has done to what is spent, in the thread that decides."""


class WorkBudget(Budget):
    """The units of work that a solve may do; no clock is read.

    What is spent follows from the problem, the seed and the workers alone: each job counts for itself, and its work
    is added when its result is taken. Seconds stand for a thousand units.
    """

    in_work = True

    def __init__(
        self,
        units: float,
        should_stop: Callable[[], bool] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._spent_s = 0.0
        super().__init__(units / UNITS_PER_S, lambda: self._spent_s, should_stop, on_progress)
        self.repeatable = True

    def stop_asked(self) -> bool:
        """Once true it stays true, and the plan is one that depends on when it was asked."""
        self.repeatable = self.repeatable and not super().stop_asked()
        return self.stopped

    def spend(self, units: float) -> None:
        self._spent_s += units / UNITS_PER_S

    def allow(self, limit_s: float = inf, *, beyond: bool = False) -> Allowance:
        return _WorkAllowance(self, limit_s, beyond=beyond)


class _WorkAllowance(Allowance):
    def __init__(self, budget: Budget, limit_s: float, *, beyond: bool) -> None:
        super().__init__(budget, limit_s, beyond=beyond)
        self._granted_s = limit_s if beyond else min(limit_s, budget.left_s())
        self._units = 1.0  # a job that does nothing is not free, or it could be started for ever

    @property
    def used_s(self) -> float:
        return self._units / UNITS_PER_S

    def left_s(self) -> float:
        return 0.0 if self.budget.stop_asked() else max(0.0, self._granted_s - self.used_s)

    def count(self, units: float) -> None:
        self._units += units

    def settle(self) -> None:
        self.budget.spend(self._units)
