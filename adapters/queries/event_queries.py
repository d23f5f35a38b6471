"""Queries about events: a page of the audit feed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from adapters.store.event_names import NAMES
from adapters.store.store import Recorded, Store

_BATCH = 1000
MAX_READ = 5000  # events looked at in one query, however few of them match
MAX_READ_OF_STREAM = 50_000  # of one stream: the others are passed over unread


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Up to `limit` events after a position and up to another; of one type and one stream, None: of all."""

    after: int
    limit: int
    until: int | None = None
    type: str | None = None
    stream: UUID | None = None


def events(store: Store, query: EventQuery) -> tuple[list[Recorded], int]:
    """The events in order of position, and the position that was reached: where the next page begins."""
    matching: list[Recorded] = []
    reached = query.after
    batch = query.limit if query.type is None and query.stream is None else _BATCH
    for count, recorded in enumerate(store.history(query.after, query.until, batch), 1):
        reached = recorded.position
        if query.stream in (None, recorded.event.originator_id) and query.type in (None, type_of(recorded)):
            matching.append(recorded)
        if len(matching) == query.limit or count == MAX_READ:
            break
    return matching, reached


def latest_events(store: Store, query: EventQuery) -> tuple[list[Recorded], int]:
    """The newest events first, and the position up to which the next page goes; that of `after` where there is none."""
    matching: list[Recorded] = []
    upper = store.position() if query.until is None else min(query.until, store.position())
    batch = query.limit if query.type is None and query.stream is None else _BATCH
    lowest = max(query.after, upper - (MAX_READ if query.stream is None else MAX_READ_OF_STREAM))
    while upper > lowest:
        lower = max(lowest, upper - batch)
        for recorded in reversed(store.page(lower, batch, upper, query.stream)):
            if query.type in (None, type_of(recorded)):
                matching.append(recorded)
            if len(matching) == query.limit:
                return matching, recorded.position - 1
        upper = lower
    return matching, upper


def type_of(recorded: Recorded) -> str:
    """The public name of an event's type, such as "lyceum.venue.closed"."""
    return f"lyceum.{NAMES[recorded.event.__class__][0]}"
