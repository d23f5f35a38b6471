"""Readiness of this process: one thread asks the database, for all who want to know at that time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread

READY_S = 2.0  # in which the database has to answer


class ReadinessProbe:
    """`ask` says how many events the read side misses, None where the database does not answer.

    In an outage the threads of the requests all wait for the database, so it is asked in one of its own; whoever comes
    while that waits has no more than its answer. It belongs to the thread of the event loop.
    """

    def __init__(self, ask: Callable[[], int | None]) -> None:
        self._ask = ask
        self._asking: Future[int | None] | None = None

    async def behind(self) -> int | None:
        """What `ask` says; None where it takes too long."""
        if self._asking is None or self._asking.done():
            self._asking = Future()
            Thread(target=self._answer, args=(self._asking,), name="readiness", daemon=True).start()
        done, _ = await asyncio.wait([asyncio.wrap_future(self._asking)], timeout=READY_S)
        return self._asking.result() if done else None

    def _answer(self, asking: Future[int | None]) -> None:
        try:
            asking.set_result(self._ask())
        except BaseException as error:  # noqa: BLE001 - whoever waits is told
            asking.set_exception(error)
