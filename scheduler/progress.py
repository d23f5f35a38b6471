"""Decide how long to go on, and say how far the work is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solve is.

    Attributes
    ----------
    phase : str
        What is being done, such as "first plan" or "improving served".
    seconds : float
        Since the solve began.
    served : int
        The value of `served` of the best plan so far.
    bound : int or None
        A proven upper bound on `served`, None as long as there is none.
    share : float
        The part of the time limit that has passed, from 0 to 1.
    """

    phase: str
    seconds: float
    served: int
    bound: int | None
    share: float


class Budget:
    """The time that a solve may take, on a clock that the caller gave."""

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

    @property
    def seconds(self) -> float:
        return self._clock() - self._began

    def left_s(self, share: float = 1.0) -> float:
        """Seconds until that share of the limit has passed; 0 once somebody asked to stop."""
        return 0.0 if self.stop_asked() else max(0.0, share * self.limit_s - self.seconds)

    def stop_asked(self) -> bool:
        """Once true it stays true."""
        if not self.stopped and self._should_stop is not None and self._should_stop():
            self.stopped = True
        return self.stopped

    def over(self) -> bool:
        return self.left_s() <= 0

    def report(self, phase: str, served: int, bound: int | None) -> None:
        if self._on_progress is not None:
            share = min(1.0, self.seconds / self.limit_s) if self.limit_s else 1.0
            self._on_progress(Progress(phase, self.seconds, served, bound, share))
