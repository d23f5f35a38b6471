"""Solve parts of a large week in processes that speak JSON: one document a line in, one a line out.

Run as `python -m adapters.processes.part_process`, the module answers parts from its standard input.
`ProcessPool` starts such processes here; with another command, such as one that begins with `ssh`, they run elsewhere.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, cast

from scheduler.decomposition.part_pool import Document
from scheduler.decomposition.part_solving import answer
from scheduler.processes.launching import module_command, module_environment
from scheduler.processes.solver_pool import SolverPool
from scheduler.processes.solver_worker import end_with_parent

COMMAND = tuple(module_command("adapters.processes.part_process"))


class ProcessPool:
    """Processes that solve parts; one that is lost is replaced. It is a `scheduler.decomposition.part_pool.PartPool`.

    Parameters
    ----------
    workers : int
        How many parts are solved at once, at least one.
    command : sequence of str
        What starts one worker.
    """

    def __init__(self, workers: int, command: Sequence[str] = COMMAND) -> None:
        self._command = tuple(command)
        self._idle = [self._started() for _ in range(max(1, workers))]
        self._busy: list[subprocess.Popen[bytes]] = []
        self._threads: list[Thread] = []
        self._answers: SimpleQueue[tuple[subprocess.Popen[bytes], Any, Document | None]] = SimpleQueue()

    @property
    def free(self) -> int:
        return len(self._idle)

    def send(self, tag: Any, document: Document) -> None:
        """Have a part solved; `tag` comes back with the answer."""
        worker = self._idle.pop()
        self._busy.append(worker)
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(Thread(target=self._ask, args=(worker, tag, document), daemon=True))
        self._threads[-1].start()

    def _ask(self, worker: subprocess.Popen[bytes], tag: Any, document: Document) -> None:
        asks, answers = cast(IO[bytes], worker.stdin), cast(IO[bytes], worker.stdout)
        line = b""
        with suppress(OSError, ValueError):  # a worker that has ended reads and says nothing more
            asks.write(json.dumps(document).encode() + b"\n")
            asks.flush()
            line = answers.readline()
        self._answers.put((worker, tag, json.loads(line) if line.endswith(b"\n") else None))

    def next(self, wait_s: float) -> tuple[Any, Document | None] | None:
        """Give the next tag and answer, None if none is ready in that time; of a lost worker the answer is None."""
        try:
            worker, tag, found = self._answers.get(timeout=wait_s)
        except Empty:
            return None
        self._busy.remove(worker)
        if found is None:
            _end(worker)
            _release(worker)
            worker = self._started()
        self._idle.append(worker)
        return tag, found

    def close(self) -> None:
        """End every process, whatever it is at."""
        workers = [*self._idle, *self._busy]
        for worker in workers:
            _end(worker)
        for thread in self._threads:
            thread.join()
        for worker in workers:
            _release(worker)
        self._idle, self._busy = [], []

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - the caller's own command
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=module_environment(),
        )


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    worker.wait()


def _release(worker: subprocess.Popen[bytes]) -> None:
    """Close the pipes, once no thread reads from them any more."""
    cast(IO[bytes], worker.stdout).close()
    with suppress(OSError):  # what was not sent yet has nobody to go to
        cast(IO[bytes], worker.stdin).close()


def serve(lines: Iterable[bytes], sink: IO[bytes]) -> None:
    """Answer a part in each line, until there are no more."""
    crew = SolverPool(1)
    try:
        for line in lines:
            found = answer(json.loads(line), time.monotonic, crew)
            sink.write(json.dumps(found).encode() + b"\n")
            sink.flush()
    finally:
        crew.close()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the business of the process that asks
    end_with_parent()
    serve(sys.stdin.buffer, sys.stdout.buffer)
