"""Pool of part solvers: plain documents go in, plain documents come back, from here or from another machine.

A document that goes in asks for a plan of a part, or for a bound:

    {"format": "part/1", "ask": "plan" or "bound", "problem": a problem document, "limit_s": 12.5, "in_work": false,
     "seed": 3, "start": assignments that may change, "settled": how many goals only keep their values}

The one that comes back has the assignments of a plan (null where there is none) or a bound (null likewise), what it
took in units of work, and whether another run would come to the same:

    {"format": "part-answer/1", "assignments": [...], "bound": null, "work": 9800.0, "repeatable": false}

`part_solving.answer` makes the one from the other and is all that a machine needs. Nothing else is shared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from scheduler.processes.progress import Budget
from scheduler.processes.solver_pool import SolverPool
from scheduler.processes.worker_process import WorkerProcess

Document = dict[str, Any]


class PartPool(Protocol):
    """Solves parts beside each other."""

    @property
    def free(self) -> int:
        """How many parts could be sent now."""

    def send(self, tag: Any, document: Document) -> None:
        """Have a part solved; `tag` comes back with the answer."""

    def next(self, wait_s: float) -> tuple[Any, Document | None] | None:
        """Give the next tag and answer, or None if none is ready in that time.

        The answer is None where whoever worked on it was lost.
        """

    def close(self) -> None:
        """Give up whatever is still being solved."""


MakePool = Callable[[int], PartPool]
"""A pool that solves so many parts at once."""


class OwnPool(SolverPool):
    """Processes of the scheduler's own, which serve where the caller brings no pool.

    Where the budget counts work, answers come back in the order that follows from the limits of the parts.
    """

    def __init__(self, workers: int, budget: Budget) -> None:
        super().__init__(workers, "scheduler.decomposition.part_worker", in_turn=budget.in_work)
        self.budget = budget

    def send(self, tag: Any, document: Document) -> None:
        allowance = self.budget.allow(document["limit_s"])
        allowance.expected_s = document["limit_s"]

        def work(worker: WorkerProcess) -> Document:
            answer: Document = worker.ask(document)
            allowance.count(answer["work"])
            allowance.budget.repeatable &= answer["repeatable"]
            return answer

        self.start_work(tag, work, allowance)
