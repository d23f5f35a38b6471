"""Decide who waits for whom: quick reads have threads of their own, and never queue behind what takes a while.

More threads that compute only take Python's one lock from each other, and from the thread that sends the answers; so
the quick ones are few. What waits for the disk or the database does not hold that lock, so there are more of those.
"""

from __future__ import annotations

from anyio import CapacityLimiter

QUICK_SHARE = 3  # one in so many threads


class Lanes:
    """`threads` of one process, shared out."""

    def __init__(self, threads: int) -> None:
        quick = max(1, threads // QUICK_SHARE)
        self.quick, self.slow = CapacityLimiter(quick), CapacityLimiter(max(1, threads - quick))

    def of(self, *, quick: bool) -> CapacityLimiter:
        return self.quick if quick else self.slow
