"""Thread pools, one for each kind of work (bulkheads): no kind queues behind another.

More threads that compute only take Python's one lock from each other, and from the thread that sends the answers; so
there are few of those that compute. What waits for the disk or the database does not hold that lock, so there are more
of those. Where work takes long, one caller may have only so much of it at once, running or waiting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias, TypeVar, get_args

from anyio import CapacityLimiter, to_thread

from api.http.errors import HttpProblem
from domain.messages import message

Lane: TypeAlias = Literal[
    "quick",  # reads that memory answers
    "feed",  # calendars, which are made anew where something in them has changed
    "admission",  # who asks: a row or two
    "write",  # commands that decide on a few streams, and save
    "slow",  # reads of documents, reports, exports and other weeks
    "large",  # commands on as many streams as there are, or that read a table
    "alone",  # what is judged by the scheduler's rules: one at a time
    "search",  # plans that are waited for, each a process of its own
    "past",  # the read side as it was: all events until then, folded
    "public-past",  # the same for who is nobody in particular
    "stream",  # what a stream looks at, now and then
    "provider",  # who waits for a provider of OpenID Connect
]
LANES: tuple[Lane, ...] = get_args(Lane)
QUICK_SHARE = 3  # one in so many threads
RETRY_S = 5
T = TypeVar("T")


class Turns:
    """So many at once; the others wait, up to `waiting` of all callers and `each` of one, running ones counted.

    It belongs to the thread of the event loop.
    """

    def __init__(self, at_once: int, *, each: int | None = None, waiting: int | None = None) -> None:
        self.limiter = CapacityLimiter(at_once)
        self._each, self._most = each, None if waiting is None else at_once + waiting
        self._held: Counter[Hashable] = Counter()

    @property
    def count(self) -> int:
        """How many run or wait."""
        return self._held.total()

    @contextmanager
    def held(self, who: Hashable) -> Iterator[None]:
        """A place in the queue. Raises a problem where there is none left."""
        if self._each is not None and self._held[who] >= self._each:
            raise _too_many(message("{each} of these at once are the most for one caller", each=self._each))
        if self._most is not None and self._held.total() >= self._most:
            raise _too_many(message("too many of these wait here already"))
        self._held[who] += 1
        try:
            yield
        finally:
            self._held[who] -= 1
            if not self._held[who]:
                del self._held[who]


def _too_many(why: str) -> HttpProblem:
    return HttpProblem(
        "too-many",
        message("{why}: wait {retry_s} s", why=why, retry_s=RETRY_S),
        headers={"Retry-After": str(RETRY_S)},
    )


class ThreadLimits:
    """`threads` of one process for what is quick, and a few for each kind of work that is not."""

    def __init__(self, threads: int, alone: int = 1) -> None:
        quick = max(1, threads // QUICK_SHARE)
        self._of: dict[Lane, Turns] = {
            "quick": Turns(quick),
            "feed": Turns(2),
            "admission": Turns(2),
            "write": Turns(max(1, threads - quick)),
            "slow": Turns(3, each=8),
            "large": Turns(2, each=4),
            "alone": Turns(alone, each=8),
            "search": Turns(2, each=1, waiting=8),
            "past": Turns(1, each=4),
            "public-past": Turns(1, each=2, waiting=8),
            "stream": Turns(2),
            "provider": Turns(6),
        }

    def of(self, lane: Lane) -> CapacityLimiter:
        return self._of[lane].limiter

    async def run(self, lane: Lane, who: Hashable, work: Callable[[], T]) -> T:
        """Do the work in a thread of its lane. Raises a problem where the caller has too much of it there."""
        turns = self._of[lane]
        with turns.held(who):
            return await to_thread.run_sync(work, limiter=turns.limiter)
