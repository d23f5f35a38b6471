"""Count attempts in moving windows that all processes of a database share, one row for each thing that is counted.

A row is written only where it still is what it was, so of several attempts at the same time none is forgotten. What
is counted (an address of the network, of mail) stands there as a keyed hash alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
from eventsourcing.persistence import IntegrityError

from adapters.store.rows import ABSENT, Row
from adapters.store.store import Store

COLLECTION = "attempts"
SOON = timedelta(seconds=1)
TRIES = 30  # so many may be counted at the very same time


def attempt(store: Store, key: str, at: datetime, most: int, window: timedelta) -> timedelta | None:
    """Count one more: None where that is allowed, else how long to wait.

    `key` is a hash. Many at the very same time are taken for too many.
    """
    for _ in range(TRIES):
        before = store.rows("credentials").get(COLLECTION, key)
        since = (at - window).timestamp()
        recent = [load for load in orjson.loads(before or b"[]") if load > since]
        if len(recent) >= most:
            return max(SOON, timedelta(seconds=recent[-most] - since))
        body = orjson.dumps([*recent, at.timestamp()])
        row = Row(COLLECTION, key, body, (at + window).isoformat(), before=before or ABSENT)
        try:
            store.save((), [("credentials", row)])
        except IntegrityError:  # somebody was counted in between
            continue
        return None
    return SOON


def tidy(store: Store, at: datetime) -> int:
    """Erase the windows that are over; how many."""
    return store.forget("credentials", COLLECTION, at.isoformat())
