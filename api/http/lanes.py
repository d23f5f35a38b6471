"""Decide who waits for whom: quick reads have threads of their own, and never queue behind what takes a while.

More threads that compute only take Python's one lock from each other, and from the thread that sends the answers; so
the quick ones are few, and of those that compute for long there is one at a time. What waits for the disk or the
database does not hold that lock, so there are more of those.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from anyio import CapacityLimiter

Lane: TypeAlias = Literal["quick", "slow", "alone"]
QUICK_SHARE = 3  # one in so many threads


class Lanes:
    """`threads` of one process, shared out, and those of the lane `alone`."""

    def __init__(self, threads: int, alone: int = 1) -> None:
        quick = max(1, threads // QUICK_SHARE)
        self._of: dict[Lane, CapacityLimiter] = {
            "quick": CapacityLimiter(quick),
            "slow": CapacityLimiter(max(1, threads - quick)),
            "alone": CapacityLimiter(alone),
        }

    def of(self, lane: Lane) -> CapacityLimiter:
        return self._of[lane]
