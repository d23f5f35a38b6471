"""Judge moves, suggest places and compare branches in a process beside, so that who answers goes on answering.

The process opens the database itself and follows it, so what goes there is a question and what comes back its answer.
One that is lost is replaced at the next question. Run as `python -m adapters.workers.sidecar`, the module is it.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import IO, Any, cast

from adapters.application.application import Lyceum
from adapters.branches.comparing_branches import Comparison, compare
from adapters.processes.background_process import Mistake, ProcessLost
from adapters.services.suggesting import Suggested, suggested
from adapters.store.cached_read_models import CachedReadModels
from adapters.store.store import DATABASE_FAULTS
from adapters.week.draft_workspace import Judged, judged
from domain.events import Refused
from scheduler.processes.launching import module_command, module_environment
from scheduler.processes.solver_worker import end_with_parent, receive, send

TRIES = 2  # a process that was lost had changed nothing, so another is asked


class Here:
    """Judges in this process, for a database that no other can open, and for tests."""

    def __init__(self, lyceum: Lyceum) -> None:
        self.judged: Callable[..., Judged] = partial(judged, lyceum)
        self.suggested: Callable[..., tuple[Suggested, ...]] = partial(suggested, lyceum)
        self.compared: Callable[..., Comparison] = partial(compare, lyceum)

    def start(self) -> None:
        """There is nothing to start."""

    def close(self) -> None:
        """There is nothing to end."""


class Sidecar:
    """The process that one process of the interface asks, one question at a time. Threads may share it.

    `judged`, `suggested` and `compared` are asked and answered as those of `adapters.week.draft_workspace`,
    `adapters.services.suggesting` and `adapters.branches.comparing_branches`, and raise the same; the read side must
    have caught up. They raise ProcessLost where the process ends again and again, and Mistake for a mistake in it.

    Parameters
    ----------
    url
        The database, which must be one that several processes can open.
    """

    def __init__(self, url: str) -> None:
        self._url, self._lock = url, Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self.judged: Callable[..., Judged] = partial(self._asked, "judged")
        self.suggested: Callable[..., tuple[Suggested, ...]] = partial(self._asked, "suggested")
        self.compared: Callable[..., Comparison] = partial(self._asked, "compared")

    def start(self) -> None:
        """Have it begin, so that the first who asks need not wait for that."""
        with self._lock, suppress(OSError):
            self._running()

    def _asked(self, call: str, *given: Any, **options: Any) -> Any:
        with self._lock:
            for _ in range(TRIES):
                with suppress(OSError, EOFError, pickle.UnpicklingError):
                    process = self._running()
                    send(cast(Any, process.stdin), (call, given, options))
                    answer, error = receive(cast(Any, process.stdout))
                    break
                self._end()
            else:
                raise ProcessLost("the process that judges has ended by itself")
        if error is not None:
            raise error
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                module_command("adapters.workers.sidecar", str(os.getpid())),
                start_new_session=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=module_environment(),
            )
            send(cast(Any, self._process.stdin), self._url)
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        cast("IO[bytes]", process.stdout).close()
        with suppress(OSError):  # what was not sent yet has nobody to go to
            cast("IO[bytes]", process.stdin).close()

    def close(self) -> None:
        """End the process; whoever waits for it gets a new one."""
        with self._lock:
            self._end()


# ---- In the process

CALLS: Mapping[str, Callable[..., Any]] = {"judged": judged, "suggested": suggested, "compared": compare}
TOLD: tuple[type[Exception], ...] = (Refused, *DATABASE_FAULTS)


def _answer(lyceum: Lyceum, call: str, given: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """The result and no error, or the other way round."""
    try:
        return CALLS[call](lyceum, *given, **options), None
    except TOLD as told:
        told.__cause__ = None
        return None, told.with_traceback(None)
    except Exception as mistake:  # noqa: BLE001 - whoever asked tells of it
        traceback.print_exc()
        return None, Mistake(type(mistake).__name__)


def _with_few_connections(url: str) -> str:
    """One question at a time needs no more than one."""
    return f"{url}{'&' if '?' in url else '?'}connections=1" if url.startswith("postgres") else url


def main() -> None:
    """Answer until nobody asks any more; an interrupt is the business of the process that asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    with suppress(EOFError), Lyceum(_with_few_connections(receive(source)), actor="judge") as lyceum:
        lyceum.views = live = CachedReadModels(lyceum.store, lyceum.views.tracking)
        live.warm()
        gc.collect()
        gc.freeze()  # what is loaded by now stays, so that no collection looks through it again
        while True:
            call, given, options = receive(source)
            send(sink, _answer(lyceum, call, given, options))


if __name__ == "__main__":
    main()
