"""The event store: appends events and rows in one transaction, with optimistic concurrency and retries."""

from __future__ import annotations

import hashlib
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import uniform
from time import sleep
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import IntegrityError, PersistenceError

from adapters.store.append_conditions import AppendCondition
from adapters.store.caches import CacheKind, DerivedValues
from adapters.store.database_addresses import environment, parts_of
from adapters.store.engines import VIEWS, TableSource, ViewTracking, Writes
from adapters.store.mapper import json_of, read_event
from adapters.store.rows import Row, Rows, Table, check_collections
from adapters.store.store_observer import NullObserver, StoreObserver
from adapters.store.streams import Stream
from domain.events import Event, NotThere, Refused
from domain.messages import message
from domain.text import clean

S = TypeVar("S")
T = TypeVar("T")

TRIES = 10
FIRST_WAIT_S, LONGEST_WAIT_S = 0.005, 0.2  # upper bounds, doubled from try to try
STATES = CacheKind[Any](256)  # of the streams that commands were about last
FORGOTTEN_AT_ONCE = 1000  # rows in one transaction
# What a failing database raises, by the library, or by a driver that is used directly.
DATABASE_FAULTS: tuple[type[Exception], ...] = (
    PersistenceError,
    sqlite3.DatabaseError,
    psycopg.OperationalError,
)


class Conflict(Refused):
    """Somebody else changed the same streams, again and again."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its position in the order of all events; positions rise, and may have gaps."""

    position: int
    event: Event


class _Events(Application[UUID]):
    env: ClassVar[dict[str, str]] = {
        "MAPPER_TOPIC": "adapters.store.mapper:EventMapper",
        "TRANSCODER_TOPIC": "adapters.store.mapper:NullTranscoder",
    }
    name = "lyceum"


class Store(ABC):
    """What commands and queries read of the events, and of the rows that are saved with them.

    `DatabaseStore` reads a database, `adapters.branches.overlay.BranchStore` a branch over another store.
    """

    url: str
    observer: StoreObserver
    derived: DerivedValues

    @abstractmethod
    def views(self) -> ViewTracking:
        """The rows of the read models."""

    @abstractmethod
    def close(self) -> None: ...

    # ---- Events

    @abstractmethod
    def load(self, stream: Stream[S], id: UUID, version: int | None = None) -> S | None:
        """The state of a stream, or None before its first event; at an earlier version where one is given."""

    @abstractmethod
    def events_of(self, id: UUID) -> Iterator[Event]:
        """All events of one stream, in order."""

    @abstractmethod
    def save(
        self, events: Iterable[Event], writes: Writes = (), condition: AppendCondition | None = None
    ) -> int:
        """Append events of any streams, and write rows, in one transaction; the position after it.

        Raises IntegrityError where one of the streams has been written since it was read, or the condition is broken,
        and BadText where an event holds a text that is not allowed: the last check after those of the decisions.
        """

    def retrying(self, command: Callable[[], T], refresh: Callable[[], object] | None = None) -> T:
        """Run a command that loads, decides and saves; once more from the start when it lost a race.

        `refresh` runs before each further try, to bring the read side up to date. Between tries it waits, longer each
        time and drawn at random (exponential backoff with full jitter). Raises Conflict after the last try.
        """
        for attempt in range(TRIES):
            try:
                return command()
            except IntegrityError:
                self.observer.retried()
                sleep(uniform(0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**attempt)))
                if refresh is not None:
                    refresh()
        raise Conflict(
            message("others keep changing what this depends on; nothing was changed, try again in a moment")
        )

    @abstractmethod
    def position(self) -> int:
        """The position of the last event, 0 before the first."""

    @abstractmethod
    def page(
        self, after: int, limit: int, until: int | None = None, stream: UUID | None = None
    ) -> Sequence[Recorded]:
        """Up to `limit` events after a position (and up to one), in order; of these only those of a stream."""

    def history(self, after: int = 0, until: int | None = None, page: int = 1000) -> Iterator[Recorded]:
        while page_of_events := self.page(after, page, until):
            yield from page_of_events
            after = page_of_events[-1].position

    def position_at(self, instant: datetime) -> int:
        """The position of the last event given up to an instant."""
        last = 0
        for recorded in self.history():
            if recorded.event.at <= instant:
                last = recorded.position
        return last

    # ---- Rows saved with the events

    @abstractmethod
    def rows(self, table: Table) -> Rows:
        """One of the tables that are written with the events, to read."""

    def forget(self, table: Table, collection: str, scope: str) -> int:
        """Erase the rows of a collection whose scope is less than one, in batches; how many."""
        count = 0
        while keys := self.rows(table).before(collection, scope, FORGOTTEN_AT_ONCE):
            self.save((), [(table, Row(collection, key, None)) for key in keys])
            count += len(keys)
        return count

    def document(self, digest: str) -> bytes:
        body = self.rows("documents").get("document", digest)
        if body is None:
            raise NotThere(message("there is no document {digest} in this database", digest=digest))
        return body

    def person(self, id: UUID, record: type[T]) -> T | None:
        """The personal record of somebody, or None where it was erased or never given."""
        body = self.rows("people").get("person", str(id))
        return json_of(record).validate_json(body) if body else None

    def persons(self, ids: Collection[UUID], record: type[T]) -> dict[UUID, T]:
        """The personal records of these people, as far as there are any."""
        read = json_of(record).validate_json
        rows = self.rows("people").get_many("person", [*map(str, ids)])
        return {UUID(key): read(body) for key, body in rows.items()}

    def people(self, record: type[T]) -> dict[UUID, T]:
        read = json_of(record).validate_json
        rows = self.rows("people").select("person")
        return {UUID(row.key): read(row.body) for row in rows if row.body is not None}


class DatabaseStore(Store):
    """Events of all streams in a database, and the personal records and documents that are saved with them.

    Parameters
    ----------
    url
        `memory:`, `sqlite:///file.db` or `postgresql://user:password@host/name`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        env = {**environment(url), "POSTGRES_SCHEMA": "public"}
        self._events = _Events({f"LYCEUM_{key}": value for key, value in env.items()} | env)
        recorder: Any = self._events.recorder
        self._tables: TableSource = recorder
        self.mapper = self._events.mapper
        self.observer: StoreObserver = NullObserver()
        self.derived = DerivedValues()

    def views(self) -> ViewTracking:
        recorder: Any = self._events.factory.tracking_recorder(VIEWS[parts_of(self.url).scheme])
        tracking: ViewTracking = recorder
        return tracking

    def close(self) -> None:
        self._events.close()

    def load(self, stream: Stream[S], id: UUID, version: int | None = None) -> S | None:
        """The state of a stream. The state folded last is cached, and only the events after it are read."""
        if version is not None:
            events: Any = self._events.events.get(id, lte=version)
            return stream.fold(events)
        before: Any = self.derived.find(STATES, (), id)
        events = self._events.events.get(id, gt=before.version if before else None)
        state: Any = stream.fold(events, before)
        return None if state is None else cast("S", self.derived.put(STATES, (), id, state))

    def events_of(self, id: UUID) -> Iterator[Event]:
        events: Any = self._events.events.get(id)
        return iter(events)

    def save(
        self, events: Iterable[Event], writes: Writes = (), condition: AppendCondition | None = None
    ) -> int:
        events, writes = [clean(event) for event in events], list(writes)
        if not events and not writes:
            return self.position()
        check_collections(writes)
        with self.observer.step("store.save"):
            recordings = self._events.save(*events, writes=writes, condition=condition)
        return recordings[-1].notification.id if recordings else self.position()

    def position(self) -> int:
        return self._events.recorder.max_notification_id() or 0

    def page(
        self, after: int, limit: int, until: int | None = None, stream: UUID | None = None
    ) -> Sequence[Recorded]:
        notifications = self._events.recorder.select_notifications(
            start=after, limit=limit, stop=until, inclusive_of_start=False
        )
        return [
            Recorded(
                notification.id,
                read_event(
                    notification.topic,
                    notification.state,
                    _uuid(notification.originator_id),
                    notification.originator_version,
                ),
            )
            for notification in notifications
            if stream is None or _uuid(notification.originator_id) == stream
        ]

    def rows(self, table: Table) -> Rows:
        return self._tables.rows(table)


def document_row(body: bytes) -> tuple[str, tuple[Table, Row]]:
    """The content hash of a document, and the write that keeps it."""
    digest = hashlib.sha256(body).hexdigest()
    return digest, ("documents", Row("document", digest, body))


PERSON = "person"


def person_row(id: UUID, record: object | None, before: bytes | None = None) -> tuple[Table, Row]:
    """The write that keeps a personal record, or erases it where None; `before` as in `Row`."""
    body = None if record is None else json_of(type(record)).dump_json(clean(record))
    return "people", Row(PERSON, str(id), body, before=before)


def _uuid(id: UUID | str) -> UUID:
    return id if isinstance(id, UUID) else UUID(id)
