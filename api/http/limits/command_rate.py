"""Rate limit of commands by those who are not staff, so that nobody fills the history.

Each process counts by itself; what is counted is forgotten after an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from adapters.access.callers import Caller
from api.http.errors import HttpProblem
from domain.messages import message
from domain.quotas import MOST_COMMANDS_AN_HOUR

HOUR = timedelta(hours=1)
MOST_HELD = 10_000


@dataclass(slots=True)
class Pace:
    """Since when, and how many commands, by whoever gave them. Threads share it."""

    limit: int = MOST_COMMANDS_AN_HOUR
    _counts: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def count(self, caller: Caller, now: datetime) -> None:
        """Count one more command. Raises a problem where it is one too many."""
        if caller.is_public or caller.is_staff:
            return
        with self._lock:
            since, count = self._counts.get(caller.actor, (now, 0))
            if now - since >= HOUR:
                since, count = now, 0
            if count < self.limit:
                self._keep(caller.actor, since, count + 1)
                return
        wait = int((since + HOUR - now).total_seconds()) + 1
        raise HttpProblem(
            "too-many",
            message("you have given {count} commands within an hour, which are the most", count=count),
            headers={"Retry-After": str(wait)},
        )

    def _keep(self, actor: str, since: datetime, count: int) -> None:
        self._counts.pop(actor, None)
        self._counts[actor] = since, count
        while len(self._counts) > MOST_HELD:
            del self._counts[next(iter(self._counts))]
