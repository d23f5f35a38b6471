"""Storage engines: recorders for memory, an SQLite file and PostgreSQL.

Each adds the rows of `adapters.store.rows` to the library's own recorders, so that they share its transactions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent, Tracking, TrackingRecorder
from eventsourcing.popo import POPOApplicationRecorder, POPOFactory, POPOTrackingRecorder
from eventsourcing.postgres import (
    PostgresApplicationRecorder,
    PostgresDatastore,
    PostgresFactory,
    PostgresTrackingRecorder,
)
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteDatastore,
    SQLiteFactory,
    SQLiteTrackingRecorder,
)
from psycopg.sql import SQL, Composed

from adapters.store import erasing
from adapters.store.append_conditions import POSTGRES, SQLITE, AppendCondition
from adapters.store.connections import PatientPool
from adapters.store.rows import (
    BESIDE,
    ONCE,
    MemoryRows,
    Row,
    Rows,
    SqlRows,
    Statements,
    Table,
    write_guarded,
    write_rows,
)

Writes = Iterable[tuple[Table, Row]]


class TableSource(Protocol):
    """A recorder that has tables of rows beside the library's events."""

    def rows(self, table: Table) -> Rows: ...


class ViewTracking(Protocol):
    """Rows of read models and the position they are at, changed in one transaction."""

    def rows(self, table: Table) -> Rows: ...

    def apply(self, rows: Sequence[Row], tracking: Tracking, after: int) -> None:
        """Raises IntegrityError where the rows are no longer at the position `after` (0: at none)."""
        ...

    def reset(self, name: str) -> None: ...

    def max_tracking_id(self, application_name: str) -> int | None: ...


def _advance(cursor: Any, table: str, mark: str, tracking: Tracking, after: int) -> None:
    """Set the position in one statement (compare and swap), so that of two writers only the first may go on."""
    new, name = tracking.notification_id, tracking.application_name
    if after:
        update = f"UPDATE {table} SET notification_id = {mark} "  # noqa: S608 - fixed names
        update += f"WHERE application_name = {mark} AND notification_id = {mark} RETURNING notification_id"
        cursor.execute(update, (new, name, after))
    else:
        insert = f"INSERT INTO {table} (application_name, notification_id) VALUES ({mark}, {mark}) "  # noqa: S608
        cursor.execute(insert + "ON CONFLICT DO NOTHING RETURNING notification_id", (name, new))
    if cursor.fetchone() is None:
        raise IntegrityError(f"the read models are no longer at position {after}")


def _streams(stored_events: Sequence[StoredEvent]) -> frozenset[UUID]:
    """The streams that a save writes."""
    return frozenset(
        stored_event.originator_id
        for stored_event in stored_events
        if isinstance(stored_event.originator_id, UUID)
    )


def _rows_of(table: Table, writes: Writes) -> list[Row]:
    return [row for name, row in writes if name == table]


# ---- Memory


class MemoryRecorder(POPOApplicationRecorder):
    def __init__(self) -> None:
        super().__init__()
        self._tables: dict[Table, MemoryRows] = {table: MemoryRows() for table in BESIDE}

    def _update_table(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        writes: Writes = (),
        condition: AppendCondition | None = None,
        **_: Any,
    ) -> Sequence[int] | None:
        writes = list(writes)
        if condition is not None:
            own = _streams(stored_events)
            since = (
                (stored_event.originator_id, stored_event.topic)
                for stored_event in self._stored_events[condition.after :]
            )
            condition.require((id, topic) for id, topic in since if isinstance(id, UUID) and id not in own)
        for table, memory_rows in self._tables.items():
            memory_rows.check(_rows_of(table, writes), once=table in ONCE)
        for table, memory_rows in self._tables.items():
            memory_rows.write(_rows_of(table, writes))
        return super()._update_table(stored_events)

    def rows(self, table: Table) -> Rows:
        return self._tables[table]


class MemoryViews(POPOTrackingRecorder):
    def __init__(self) -> None:
        super().__init__()
        self._views = MemoryRows()

    def apply(self, rows: Sequence[Row], tracking: Tracking, after: int) -> None:
        with self._database_lock:
            if (self._max_tracking_ids[tracking.application_name] or 0) != after:
                raise IntegrityError(f"the read models are no longer at position {after}")
            self._insert_tracking(tracking)
            self._views.write(rows)

    def reset(self, name: str) -> None:
        with self._database_lock:
            self._max_tracking_ids.pop(name, None)
            self._views.clear()

    def rows(self, _table: Table) -> Rows:
        return self._views


class MemoryFactory(POPOFactory):
    def application_recorder(self) -> POPOApplicationRecorder:
        return MemoryRecorder()


# ---- SQLite


def _sqlite(table: Table) -> Statements:
    return Statements(table, "?", "BLOB")


class _SQLiteTables:
    """Reads our tables, and positions, without a transaction around each statement."""

    datastore: SQLiteDatastore

    def rows(self, table: Table) -> Rows:
        return SqlRows(_sqlite(table), self._query)

    def _query(self, statement: str, parameters: Sequence[str] = ()) -> Sequence[Any]:
        pool: Any = self.datastore.pool
        rows: Sequence[Any] = pool.query(statement, parameters)
        return rows


class SQLiteRecorder(_SQLiteTables, SQLiteApplicationRecorder):
    def construct_create_table_statements(self) -> list[str]:
        own = [statement for table in BESIDE for statement in _sqlite(table).create]
        return [*super().construct_create_table_statements(), *own]

    def max_notification_id(self) -> int:
        last: int = self._query(self.select_max_notification_id_statement)[0][0]
        return last

    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, writes: Writes = (), **kwargs: Any
    ) -> Sequence[int] | None:
        writes = list(writes)
        positions = super().insert_events(stored_events, writes=writes, **kwargs)
        if erasing.touches_personal(writes):
            with self.datastore.get_connection(commit=True) as conn:
                erasing.empty_sqlite_log(conn.cursor())
        return positions

    def _insert_events(
        self,
        c: Any,
        stored_events: Sequence[StoredEvent],
        *,
        writes: Writes = (),
        condition: AppendCondition | None = None,
        **_: Any,
    ) -> Sequence[int] | None:
        writes = list(writes)
        if condition is not None:
            lists = (condition.streams, _streams(stored_events))
            streams, own = (json.dumps([id.hex for id in ids]) for ids in lists)
            parameters = (condition.after, streams, json.dumps(sorted(condition.kinds)), own)
            c.execute(SQLITE.format(table=self.events_table_name), parameters)
        if writes:
            c.execute("PRAGMA secure_delete = ON")  # an erased record leaves no bytes in the file
            for table in BESIDE:
                write_rows(_sqlite(table), c, _rows_of(table, writes))
        if erasing.erases(writes):
            erasing.rewrite_sqlite(c)
        return super()._insert_events(c, stored_events)


class SQLiteViews(_SQLiteTables, SQLiteTrackingRecorder):
    def construct_create_table_statements(self) -> list[str]:
        return [*super().construct_create_table_statements(), *_sqlite("views").create]

    def create_table(self) -> None:
        try:
            super().create_table()
        except IntegrityError:  # another program was making the tables at the same time; now they are there
            super().create_table()

    def max_tracking_id(self, application_name: str) -> int | None:
        reached: int | None = self._query(self.select_max_tracking_id_statement, (application_name,))[0][0]
        return reached

    def apply(self, rows: Sequence[Row], tracking: Tracking, after: int) -> None:
        with self._unhurried() as conn, conn.transaction(commit=True) as c:
            _advance(c, "tracking", "?", tracking, after)
            write_rows(_sqlite("views"), c, rows)

    @contextmanager
    def _unhurried(self) -> Iterator[Any]:
        """Without waiting for the disk: what a power cut takes away is made again from the events."""
        with self.datastore.get_connection(commit=True) as conn:
            conn.cursor().execute("PRAGMA synchronous = NORMAL")
            try:
                yield conn
            finally:
                conn.cursor().execute("PRAGMA synchronous = FULL")

    def reset(self, name: str) -> None:
        with self.datastore.transaction(commit=True) as c:
            c.execute("DELETE FROM tracking WHERE application_name = ?", (name,))
            c.execute(_sqlite("views").clear, ())


class OurSQLiteFactory(SQLiteFactory):
    application_recorder_class = SQLiteRecorder

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain = self.datastore.pool
        self.datastore.pool = PatientPool(plain.db_name, plain.lock_timeout)


# ---- PostgreSQL


def _postgres(table: Table) -> Statements:
    return Statements(table, "%s", "BYTEA")


def _composed(table: Table) -> list[Composed]:
    return [SQL(statement).format() for statement in _postgres(table).create]


def _write_at_once(table: Table, cursor: Any, rows: Iterable[Row]) -> None:
    """One statement for all rows: each statement is a round trip to the server."""
    rows = write_guarded(_postgres(table), cursor, rows)
    last = {(row.collection, row.key): row for row in rows}
    puts = [row for row in last.values() if row.body is not None]
    if puts:
        columns = ([row.collection for row in puts], [row.key for row in puts], [row.scope for row in puts])
        cursor.execute(_postgres(table).put_many.encode(), (*columns, [row.body for row in puts]))
    write_rows(_postgres(table), cursor, [row for row in last.values() if row.body is None])


# Rows of read models are written again and again, and packing a large one takes longer than all the rest of a command.
_UNPACKED = """
DO $$ BEGIN
    IF (SELECT attstorage <> 'e' FROM pg_attribute WHERE attrelid = 'views'::regclass AND attname = 'body') THEN
        ALTER TABLE views ALTER COLUMN body SET STORAGE EXTERNAL;
    END IF;
END $$
"""


@contextmanager
def _alone(datastore: PostgresDatastore) -> Iterator[None]:
    """Let one program at a time make tables: PostgreSQL fails where two create the same thing at once."""
    with datastore.get_connection() as conn:
        conn.execute("SELECT pg_advisory_lock(hashtext('lyceum'))")
        try:
            yield
        finally:
            conn.execute("SELECT pg_advisory_unlock(hashtext('lyceum'))")


class _PostgresTables:
    """Reads and creates our tables on PostgreSQL."""

    datastore: PostgresDatastore
    sql_create_statements: list[Composed]

    def _create_table(self, _: Any) -> None:
        """Each statement by itself: to hold one table and wait for another is a deadlock with a command at work."""
        for statement in self.sql_create_statements:
            if "CREATE TYPE" not in statement.as_string():
                with self.datastore.transaction(commit=True) as curs:
                    curs.execute(statement, prepare=False)

    def rows(self, table: Table) -> Rows:
        return SqlRows(_postgres(table), self._query)

    def _query(self, statement: str, parameters: Sequence[str]) -> Sequence[Any]:
        with self.datastore.get_connection() as conn, conn.cursor() as curs:
            return curs.execute(statement.encode(), parameters).fetchall()


class PostgresRecorder(_PostgresTables, PostgresApplicationRecorder):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for table in BESIDE:
            self.sql_create_statements += _composed(table)
        self.sql_create_statements.append(SQL(erasing.NO_SAMPLES).format())

    def create_table(self) -> None:
        with _alone(self.datastore):
            super().create_table()

    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, writes: Writes = (), **kwargs: Any
    ) -> Sequence[int] | None:
        writes = list(writes)
        positions: Sequence[int] | None = super().insert_events(stored_events, writes=writes, **kwargs)
        if erasing.erases(writes):
            with self.datastore.get_connection() as conn:
                erasing.wipe_postgres(conn)
        return positions

    def _insert_events(
        self,
        curs: Any,
        stored_events: Sequence[StoredEvent],
        *,
        writes: Writes = (),
        condition: AppendCondition | None = None,
        **kwargs: Any,
    ) -> None:
        writes = list(writes)
        for table in BESIDE:
            _write_at_once(table, curs, _rows_of(table, writes))
        super()._insert_events(curs, stored_events, **kwargs)
        if condition is not None and not stored_events:
            self._lock_table(curs)
            self._require(curs, condition, stored_events)

    def _insert_stored_events(
        self,
        curs: Any,
        stored_events: Sequence[StoredEvent],
        *,
        condition: AppendCondition | None = None,
        **kwargs: Any,
    ) -> None:
        super()._insert_stored_events(curs, stored_events, **kwargs)
        if condition is not None:
            self._require(curs, condition, stored_events)

    def _require(self, curs: Any, condition: AppendCondition, stored_events: Sequence[StoredEvent]) -> None:
        """Check the condition, with the table locked, and last.

        What a pipeline sends after a refusal is taken for prepared, and is not.
        """
        lists = (list(condition.streams), sorted(condition.kinds), list(_streams(stored_events)))
        statement = POSTGRES.format(table=self.events_table_name).encode()
        with curs.connection.cursor() as own:  # the other one tells the positions of the new events
            own.execute(statement, (condition.after, *lists), prepare=False)


class PostgresViews(_PostgresTables, PostgresTrackingRecorder):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sql_create_statements += [*_composed("views"), SQL(_UNPACKED).format()]

    def _create_table(self, curs: Any) -> None:
        if self.tracking_table_exists and self.tracking_migration_previous:
            super()._create_table(curs)
        else:  # the first time the library notes how it counts
            PostgresTrackingRecorder._create_table(self, curs)  # noqa: SLF001

    def create_table(self) -> None:
        with _alone(self.datastore):
            super().create_table()

    def apply(self, rows: Sequence[Row], tracking: Tracking, after: int) -> None:
        with self.datastore.get_connection() as conn, conn.transaction(), conn.cursor() as curs:
            _advance(curs, self.tracking_table_name, "%s", tracking, after)
            _write_at_once("views", curs, rows)

    def reset(self, name: str) -> None:
        with self.datastore.get_connection() as conn, conn.transaction(), conn.cursor() as curs:
            curs.execute(
                f"DELETE FROM {self.tracking_table_name} WHERE application_name = %s".encode(),  # noqa: S608
                (name,),
            )
            curs.execute(_postgres("views").clear.encode())


class OurPostgresFactory(PostgresFactory):
    application_recorder_class = PostgresRecorder


# ---- Which one

VIEWS: dict[str, type[TrackingRecorder]] = {
    "memory": MemoryViews,
    "sqlite": SQLiteViews,
    "postgresql": PostgresViews,
    "postgres": PostgresViews,
}
