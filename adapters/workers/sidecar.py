"""Sidecar: a process that judges moves, finds places and compares branches, so that who answers goes on answering.

The process opens the database itself and follows it, so what goes there is a question and what comes back its answer.
One that is lost is replaced at the next question.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

from adapters.application.application import Lyceum
from adapters.branches.comparing_branches import Comparison, compare
from adapters.services.suggesting import SessionPlaces, Suggested, session_places, suggested
from adapters.store.cached_read_models import CachedReadModels
from adapters.store.store import DATABASE_FAULTS
from adapters.week.draft_workspace import Judged, judged
from domain.events import Refused
from scheduler.processes import Done, ProcessLost, WorkerProcess, WorkerSpec

TRIES = 2  # a process that was lost had changed nothing, so another is asked


class Here:
    """Judges in this process, for a database that no other can open, and for tests."""

    def __init__(self, lyceum: Lyceum) -> None:
        self.judged: Callable[..., Judged] = partial(judged, lyceum)
        self.suggested: Callable[..., tuple[Suggested, ...]] = partial(suggested, lyceum)
        self.session_places: Callable[..., SessionPlaces] = partial(session_places, lyceum)
        self.compared: Callable[..., Comparison] = partial(compare, lyceum)

    def start(self) -> None:
        """There is nothing to start."""

    def close(self) -> None:
        """There is nothing to end."""


class Sidecar:
    """The process that one process of the interface asks, one question at a time. Threads may share it.

    `judged`, `suggested`, `session_places` and `compared` are asked and answered as those of
    `adapters.week.draft_workspace`, `adapters.services.suggesting` and `adapters.branches.comparing_branches`, and
    raise the same; the read side must have caught up. They raise ProcessLost where the process ends again and again,
    and Mistake for a mistake in it.

    Parameters
    ----------
    url
        The database, which must be one that several processes can open.
    """

    def __init__(self, url: str) -> None:
        self._lock = Lock()
        self.process = WorkerProcess(
            WorkerSpec(
                target="adapters.workers.sidecar",
                title="the process that judges",
                greeting=url,
                own_session=True,
            )
        )
        self.judged: Callable[..., Judged] = partial(self._ask, "judged")
        self.suggested: Callable[..., tuple[Suggested, ...]] = partial(self._ask, "suggested")
        self.session_places: Callable[..., SessionPlaces] = partial(self._ask, "session_places")
        self.compared: Callable[..., Comparison] = partial(self._ask, "compared")

    def start(self) -> None:
        """Have it begin, so that the first who asks need not wait for that."""
        with self._lock, suppress(ProcessLost):
            self.process.start()

    def _ask(self, call: str, *arguments: Any, **options: Any) -> Any:
        with self._lock:
            done: Done = self.process.call((call, arguments, options), tries=TRIES)
        return done.value()

    def close(self) -> None:
        """End the process; whoever waits for it gets a new one."""
        with self._lock:
            self.process.close()


# ---- In the process

CALLS: Mapping[str, Callable[..., Any]] = {
    "judged": judged,
    "suggested": suggested,
    "session_places": session_places,
    "compared": compare,
}
RAISED_AGAIN: tuple[type[Exception], ...] = (Refused, *DATABASE_FAULTS)


def _with_few_connections(url: str) -> str:
    """One question at a time needs no more than one."""
    return f"{url}{'&' if '?' in url else '?'}connections=1" if url.startswith("postgres") else url


def main(connection: Connection) -> None:
    """Answer until nobody asks any more."""
    with Lyceum(_with_few_connections(connection.recv()), actor="judge") as lyceum:
        lyceum.views = live = CachedReadModels(lyceum.store, lyceum.views.tracking)
        live.warm()
        gc.collect()
        gc.freeze()  # what is loaded by now stays, so that no collection looks through it again
        while True:
            call, arguments, options = connection.recv()
            connection.send(Done.of(partial(CALLS[call], lyceum, *arguments, **options), RAISED_AGAIN))
