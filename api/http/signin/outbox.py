"""Fair queue of mails that go out: whoever asks for many waits behind those who ask for few."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Condition

SENDERS = 4  # so many mails at once: one that takes long holds up none of the others
MOST_EACH = 20  # that wait for one who asks
MOST = 2000
CLOSING_S = 10.0  # after which those that still wait are given up


class Outbox:
    """Mails that wait, a queue for each who asks for them, served in turn. Threads may share it."""

    def __init__(self) -> None:
        self._out = ThreadPoolExecutor(SENDERS, "sign-in-mail")  # its threads begin with the first mail
        self._changed = Condition()
        self._queues: OrderedDict[str, deque[tuple[str, Callable[[], None]]]] = OrderedDict()
        self._waiting: set[str] = set()
        self._busy = 0
        self._end: float | None = None

    def put(self, who: str, to: str, send: Callable[[], None]) -> bool:
        """Have a mail sent; False where there is no room for it. One that waits for the same reader is enough."""
        with self._changed:
            if to in self._waiting:
                return True
            queue = self._queues.get(who, deque())
            if self._end is not None or len(queue) >= MOST_EACH or len(self._waiting) >= MOST:
                return False
            queue.append((to, send))
            self._queues[who] = queue
            self._waiting.add(to)
        self._out.submit(self._next)
        return True

    def _next(self) -> None:
        with self._changed:
            who, queue = self._queues.popitem(last=False)
            to, send = queue.popleft()
            if queue:
                self._queues[who] = queue  # behind all others
            self._waiting.discard(to)
            self._busy += 1
        try:
            if self._end is None or time.monotonic() < self._end:
                send()
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def settle(self) -> None:
        """Wait until all mails are out."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._busy)

    def close(self) -> None:
        with self._changed:
            self._end = time.monotonic() + CLOSING_S
        self._out.shutdown(wait=True)
