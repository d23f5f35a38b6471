"""Part processes that speak JSON: one part document a line in, one answer a line out.

Run as `python -m adapters.processes.part_process`, the module answers parts from its standard input.
`ProcessPool` begins such processes here; with another command, such as one that begins with `ssh`, they run elsewhere.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from typing import IO, Any

from scheduler.decomposition.part_pool import Document
from scheduler.decomposition.part_solving import answer
from scheduler.processes import Json, WorkerPool, WorkerSpec, module_command, tie_to_parent
from scheduler.processes.solver_pool import SolverPool

COMMAND = tuple(module_command("adapters.processes.part_process"))


class ProcessPool(WorkerPool):
    """Processes that solve parts; one that is lost is replaced. It is a `scheduler.decomposition.part_pool.PartPool`.

    Parameters
    ----------
    workers : int
        How many parts are solved at once, at least one.
    command : sequence of str
        What begins one worker.
    """

    def __init__(self, workers: int, command: Sequence[str] = COMMAND) -> None:
        super().__init__(
            WorkerSpec(command=command, title="a part process", codec=Json, silent=True), workers
        )

    def send(self, tag: Any, document: Document) -> None:
        """Have a part solved; `tag` comes back with the answer."""
        self.begin(tag, lambda worker: worker.ask(document))


def serve(lines: Iterable[bytes], sink: IO[bytes]) -> None:
    """Answer a part in each line, until there are no more."""
    solver_pool = SolverPool(1)
    try:
        for line in lines:
            document = answer(json.loads(line), time.monotonic, solver_pool)
            sink.write(json.dumps(document).encode() + b"\n")
            sink.flush()
    finally:
        solver_pool.close()


if __name__ == "__main__":
    tie_to_parent()
    serve(sys.stdin.buffer, sys.stdout.buffer)
