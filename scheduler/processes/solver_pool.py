"""Solver pool: integer programmes beside the search, each in a process that a stop ends at once.

HiGHS cannot be interrupted inside a long step, and a thread that is in it when the interpreter ends takes the
whole process down; a process of its own can simply be ended.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from heapq import heappop, heappush
from typing import Any, Protocol

from scheduler.processes.program import Outcome, Program, Term
from scheduler.processes.progress import Allowance
from scheduler.processes.work_units import Metered
from scheduler.processes.worker_pool import EndedWork, Work, WorkerPool
from scheduler.processes.worker_process import WorkerProcess, WorkerSpec


class Solver(Protocol):
    """Solves one programme; see `highs.maximise` for the options."""

    def __call__(
        self,
        program: Program,
        objective: list[Term],
        *,
        limit_s: float,
        gap: float = ...,
        absolute_gap: float = ...,
        seed: int = ...,
        relaxed: bool = ...,
    ) -> Outcome: ...


Job = Callable[[Solver], Any]


class SolverPool(WorkerPool):
    """Up to `size` jobs at once; results come back in the order in which they are ready.

    With `in_turn` they come back in the order in which they should be ready by what was expected of them, and a worker
    is free once its result was taken: so that what is done with the results does not depend on how fast they come.
    """

    def __init__(
        self, size: int, module: str = "scheduler.processes.solver_worker", *, in_turn: bool = False
    ) -> None:
        super().__init__(WorkerSpec(target=module, title="a solver process", silent=True), size)
        self._in_turn = in_turn
        self._allowances: dict[int, Allowance] = {}
        self._turns: list[tuple[float, int]] = []
        self._early: dict[int, EndedWork] = {}

    @property
    def running(self) -> int:
        return len(self.workers) - len(self.idle)

    def start(self, tag: Any, job: Job, allowance: Allowance) -> None:
        """Run a job; `tag` comes back with its result."""

        def work(worker: WorkerProcess) -> Any:
            return job(Metered(lambda *terms, **options: worker.ask((*terms, options)), allowance))

        self.start_work(tag, work, allowance)

    def start_work(self, tag: Any, work: Work, allowance: Allowance) -> None:
        """Have a process work, which counts by itself; `tag` comes back with the result."""
        number = self.begin(tag, work)
        self._allowances[number] = allowance
        if self._in_turn:
            heappush(self._turns, (allowance.due_s, number))

    def _next_ended(self, wait_s: float) -> EndedWork | None:
        """A job that has ended, and whose turn it is."""
        while not (self._turns and self._turns[0][1] in self._early):
            ended = super()._next_ended(wait_s)
            if ended is None or not self._in_turn:
                return self._settled(ended)
            self._early[ended.number] = ended
        return self._settled(self._early.pop(heappop(self._turns)[1]))

    def _settled(self, ended: EndedWork | None) -> EndedWork | None:
        if ended is not None:
            allowance = self._allowances.pop(ended.number)
            allowance.settle()
            allowance.budget.repeatable &= not ended.lost
        return ended

    def reset(self) -> None:
        """Give up whatever is still running, for the next problem."""
        for worker in self.workers:
            if worker not in self.idle:
                worker.kill()
        while self.running:
            with suppress(Exception):
                self.next(1.0)
