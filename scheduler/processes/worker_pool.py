"""Worker pool: pieces of work beside each other, each with a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from scheduler.processes.worker_process import ProcessLost, WorkerProcess, WorkerSpec

Work = Callable[[WorkerProcess], Any]


@dataclass(frozen=True, slots=True, eq=False)
class EndedWork:
    """Work that has ended; it was lost with its process where its error says so."""

    number: int
    tag: Any
    worker: WorkerProcess
    result: Any = None
    error: Exception | None = None

    @property
    def lost(self) -> bool:
        return isinstance(self.error, ProcessLost)


class WorkerPool:
    """Up to `size` pieces of work at once; a worker is free once its result was taken, and replaced where it was lost.

    Processes begin at once, so that their imports run while the work is still being prepared.
    """

    def __init__(self, spec: WorkerSpec, size: int) -> None:
        self.workers = [WorkerProcess(spec) for _ in range(max(1, size))]
        self.idle = list(self.workers)
        self._threads: list[Thread] = []
        self._ended: SimpleQueue[EndedWork] = SimpleQueue()
        self._numbers = count()
        for worker in self.workers:
            worker.start()

    @property
    def free(self) -> int:
        """How much work could begin now."""
        return len(self.idle)

    def begin(self, tag: Any, work: Work) -> int:
        """Do a piece of work in a thread of its own; it ends under the number that is returned.

        Work asks its process and does not `call` it: one that was ended meanwhile stays so.
        """
        worker, number = self.idle.pop(), next(self._numbers)
        thread = Thread(target=self._run, args=(number, tag, worker, work), daemon=True)
        self._threads = [thread for thread in self._threads if thread.is_alive()] + [thread]
        thread.start()
        return number

    def _run(self, number: int, tag: Any, worker: WorkerProcess, work: Work) -> None:
        try:
            self._ended.put(EndedWork(number, tag, worker, result=work(worker)))
        except Exception as error:  # noqa: BLE001 - raised again where the result is taken
            self._ended.put(EndedWork(number, tag, worker, error=error))

    def next(self, wait_s: float) -> tuple[Any, Any] | None:
        """Give the next tag and result, or None if none is ready in that time.

        The result is None where the process was lost, to a want of memory for instance.
        """
        ended = self._next_ended(wait_s)
        if ended is None:
            return None
        if ended.lost:
            ended.worker.close()
        ended.worker.start()
        self.idle.append(ended.worker)
        if ended.error is not None and not ended.lost:
            raise ended.error
        return ended.tag, ended.result

    def _next_ended(self, wait_s: float) -> EndedWork | None:
        try:
            return self._ended.get(timeout=wait_s)
        except Empty:
            return None

    def close(self) -> None:
        """End every process, whatever it is at."""
        for worker in self.workers:
            worker.kill()
        for thread in self._threads:
            thread.join()
        for worker in self.workers:
            worker.close()
