"""Part processes that speak JSON: one part document a line in, one answer a line out.

Run as `python -m adapters.processes.part_process`, the module answers parts from its standard input.
`ProcessPool` begins such processes here; with another command, such as one that begins with `ssh`, they run elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import scheduler
from scheduler.processes import Json, Lines, WorkerPool, WorkerSpec, module_command, tie_to_parent

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

    def send(self, tag: Any, document: dict[str, Any]) -> None:
        """Have a part solved; `tag` comes back with the answer."""
        self.begin(tag, lambda worker: worker.ask(document))


if __name__ == "__main__":
    tie_to_parent()
    with suppress(EOFError):
        scheduler.answer_parts(Lines(sys.stdin.buffer, sys.stdout.buffer), Json)
