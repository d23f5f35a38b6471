"""Decide which integer programmes run beside the search: each in a process that a stop ends at once.

HiGHS cannot be interrupted inside a long step, and a thread that is in it when the interpreter ends takes the
whole process down; a process of its own can simply be ended.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, BinaryIO, Protocol, cast

from scheduler.processes.launching import module_command, module_environment
from scheduler.processes.program import Outcome, Program, Term
from scheduler.processes.progress import Allowance
from scheduler.processes.solver_worker import receive, send
from scheduler.processes.work_units import Done, Metered


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


class SolverLost(RuntimeError):
    """The process that solved a programme has ended by itself."""


class _Worker:
    """One process; it starts at once, so that its imports run while the problem is still being read."""

    def __init__(self, module: str = "scheduler.processes.solver_worker") -> None:
        self.module = module
        self.process = subprocess.Popen(  # noqa: S603 - one of our own modules
            module_command(module, str(os.getpid())),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=module_environment(),
        )
        self._asks, self._answers = cast(BinaryIO, self.process.stdin), cast(BinaryIO, self.process.stdout)

    def solve(
        self,
        program: Program,
        objective: list[Term],
        *,
        limit_s: float,
        gap: float = 0.0,
        absolute_gap: float = 0.0,
        seed: int = 0,
        relaxed: bool = False,
        in_work: bool = False,
    ) -> Outcome:
        options = {
            "limit_s": limit_s, "gap": gap, "absolute_gap": absolute_gap, "seed": seed, "relaxed": relaxed,
            "in_work": in_work,
        }  # fmt: skip
        answer: Outcome = self.ask((program, objective, options))
        return answer

    def ask(self, message: Any) -> Any:
        """Send a message and wait for the answer."""
        try:
            send(self._asks, message)
            return receive(self._answers)
        except (EOFError, OSError, ValueError) as error:
            raise SolverLost("a solver process ended before its answer") from error

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def release(self) -> None:
        """Close the pipes, once no thread reads from them any more."""
        self._answers.close()
        with suppress(OSError):  # what was not sent yet has nobody to go to
            self._asks.close()


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    worker: _Worker
    tag: Any
    allowance: Allowance
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class _Ended:
    job: _Job
    result: Any = None
    error: Exception | None = None
    lost: bool = False


class SolverPool:
    """Up to `workers` jobs at once; results come back in the order in which they are ready.

    With `in_turn` they come back in the order in which they should be ready by what was expected of them, and a worker
    is free once its result was taken: so that what is done with the results does not depend on how fast they come.
    """

    def __init__(
        self, workers: int, module: str = "scheduler.processes.solver_worker", *, in_turn: bool = False
    ) -> None:
        self._idle = [_Worker(module) for _ in range(max(1, workers))]
        self._all = list(self._idle)
        self._threads: list[Thread] = []
        self._results: SimpleQueue[_Ended] = SimpleQueue()
        self._in_turn, self._numbers = in_turn, count()
        self._turns: list[tuple[float, int]] = []
        self._early: dict[int, _Ended] = {}

    @property
    def free(self) -> int:
        """How many jobs could start now."""
        return len(self._idle)

    @property
    def running(self) -> int:
        return len(self._all) - len(self._idle)

    def start(self, tag: Any, job: Job, allowance: Allowance) -> None:
        """Run a job; `tag` comes back with its result."""
        worker = self._idle.pop()
        self._begin(worker, tag, allowance, lambda: job(Metered(worker.solve, allowance)))

    def send(self, tag: Any, message: Any, allowance: Allowance) -> None:
        """Have a process answer a message with what it has `Done`; `tag` comes back with the result."""
        worker = self._idle.pop()

        def ask() -> Any:
            done: Done = worker.ask(message)
            allowance.count(done.units)
            allowance.budget.repeatable &= done.repeatable
            return done.result

        self._begin(worker, tag, allowance, ask)

    def _begin(self, worker: _Worker, tag: Any, allowance: Allowance, work: Callable[[], Any]) -> None:
        job = _Job(worker, tag, allowance, next(self._numbers))
        if self._in_turn:
            heappush(self._turns, (allowance.due_s, job.number))
        thread = Thread(target=self._run, args=(job, work), daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def _run(self, job: _Job, work: Callable[[], Any]) -> None:
        try:
            self._results.put(_Ended(job, work()))
        except SolverLost:
            self._results.put(_Ended(job, lost=True))
        except Exception as error:  # noqa: BLE001 - raised again where the result is awaited
            self._results.put(_Ended(job, error=error))

    def next(self, wait_s: float) -> tuple[Any, Any] | None:
        """Give the next tag and result, or None if none is ready in that time.

        The result is None where the solver's process was lost, to a want of memory for instance.
        """
        ended = self._ended(wait_s)
        if ended is None:
            return None
        worker = ended.job.worker
        self._idle.append(worker if worker.alive else self._replace(worker))
        ended.job.allowance.settle()
        ended.job.allowance.budget.repeatable &= not ended.lost
        if ended.error is not None:
            raise ended.error
        return ended.job.tag, ended.result

    def _ended(self, wait_s: float) -> _Ended | None:
        """A job that has ended, and whose turn it is."""
        try:
            while not (self._turns and self._turns[0][1] in self._early):
                ended = self._results.get(timeout=wait_s)
                if not self._in_turn:
                    return ended
                self._early[ended.job.number] = ended
        except Empty:
            return None
        return self._early.pop(heappop(self._turns)[1])

    def _replace(self, lost: _Worker) -> _Worker:
        lost.kill()
        lost.release()
        fresh = _Worker(lost.module)
        self._all = [fresh if worker is lost else worker for worker in self._all]
        return fresh

    def reset(self) -> None:
        """Give up whatever is still running, for the next problem."""
        for worker in self._all:
            if worker not in self._idle:
                worker.kill()
        while self.running:
            with suppress(Exception):
                self.next(1.0)

    def close(self) -> None:
        """End every process, whatever it is at."""
        for worker in self._all:
            worker.kill()
        for thread in self._threads:
            thread.join()
        for worker in self._all:
            worker.release()
