"""Append conditions: a save is refused where what its decision has read was changed since.

A stream that is written guards itself: its next version can be taken once. What a decision read in other streams is
guarded by this: the save is refused where an event of those streams has come after the position that was read at.
(Known as the append condition of a dynamic consistency boundary: https://dcb.events/specification/.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from adapters.store.event_names import NAMES
from adapters.store.streams import Stream


@dataclass(frozen=True, slots=True)
class AppendCondition:
    """No event after the position `after` in any of the streams, nor in any stream of the kinds.

    A kind is the first word of the stored names of its events, such as "area": with it, a stream that began since
    counts too. Streams that the same save writes are left out, because their own versions guard them.
    """

    after: int
    streams: frozenset[UUID] = frozenset()
    kinds: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.streams or self.kinds)

    def forbids(self, stream: UUID, topic: str) -> bool:
        """Whether an event after the position breaks it."""
        return stream in self.streams or topic.partition(".")[0] in self.kinds

    def require(self, since: Iterable[tuple[UUID, str]]) -> None:
        """Raises IntegrityError where one of the events since, given as stream and stored name, breaks it."""
        for stream, topic in since:
            if self.forbids(stream, topic):
                raise IntegrityError(f"{topic} of {stream} has come since it was read")


def read_all(after: int, *streams: Stream[Any]) -> AppendCondition:
    """The condition of a decision that read every stream of some kinds at a position."""
    return AppendCondition(after, kinds=frozenset(map(kind_of, streams)))


def kind_of(stream: Stream[Any]) -> str:
    """The first word of the stored names of a stream's events."""
    return NAMES[stream.events[0]][0].partition(".")[0]


def combined(conditions: Iterable[AppendCondition]) -> AppendCondition | None:
    """The conjunction of conditions; None where there is none, or all of them are empty."""
    effective = [condition for condition in conditions if condition]
    if not effective:
        return None
    return AppendCondition(
        min(condition.after for condition in effective),
        frozenset[UUID]().union(*(condition.streams for condition in effective)),
        frozenset[str]().union(*(condition.kinds for condition in effective)),
    )


# The event that must not be there is inserted once more, which the key of its own table forbids: so the database
# itself refuses the transaction, without an answer that somebody would have to wait for.
SQLITE = """
INSERT INTO {table} (originator_id, originator_version, topic, state)
SELECT originator_id, originator_version, topic, state FROM {table} WHERE rowid > ?
AND (originator_id IN (SELECT value FROM json_each(?))
     OR substr(topic, 1, instr(topic, '.') - 1) IN (SELECT value FROM json_each(?)))
AND originator_id NOT IN (SELECT value FROM json_each(?)) LIMIT 1
"""
POSTGRES = """
INSERT INTO {table} (originator_id, originator_version, topic, state)
SELECT originator_id, originator_version, topic, state FROM {table} WHERE notification_id > %s
AND (originator_id = ANY(%s) OR split_part(topic, '.', 1) = ANY(%s)) AND NOT originator_id = ANY(%s) LIMIT 1
"""
