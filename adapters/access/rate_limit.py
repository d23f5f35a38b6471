"""Rate limits in sliding windows that all processes of a database share, one row for each key that is counted.

A row is written with compare and swap, so that of several attempts at the same time none is lost. What is counted (a
network address, a mail address) is stored as a keyed hash alone.
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


def attempt(store: Store, key: str, moment: datetime, limit: int, window: timedelta) -> timedelta | None:
    """Count one more: None where that is allowed, else how long to wait.

    `key` is a hash. Many at the very same time are taken for too many.
    """
    for _ in range(TRIES):
        before = store.rows("credentials").get(COLLECTION, key)
        since = (moment - window).timestamp()
        recent = [timestamp for timestamp in orjson.loads(before or b"[]") if timestamp > since]
        if len(recent) >= limit:
            return max(SOON, timedelta(seconds=recent[-limit] - since))
        body = orjson.dumps([*recent, moment.timestamp()])
        row = Row(COLLECTION, key, body, (moment + window).isoformat(), before=before or ABSENT)
        try:
            store.save((), [("credentials", row)])
        except IntegrityError:  # somebody was counted in between
            continue
        return None
    return SOON


def tidy(store: Store, moment: datetime) -> int:
    """Erase the windows that are over; how many."""
    return store.forget("credentials", COLLECTION, moment.isoformat())
