"""Physical erasure: an erased record leaves the files of the database, not only its tables.

Deleting a row leaves its bytes in pages, in copies of pages and in the log of changes. So after an erasure the whole
table is written anew from the rows that are left, and the log is emptied.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from psycopg import Error as PostgresError
from psycopg.errors import InsufficientPrivilege

from adapters.store.rows import Row, Table

log = logging.getLogger("lyceum.erasing")

PERSONAL: Table = "people"
ACCESS_LOG = "look"  # these rows hold ids alone
MOST_SEGMENTS = 4096
AGAIN = "erase the record again to try once more, and see docs/privacy.md"


def erases(writes: Iterable[tuple[Table, Row]]) -> bool:
    """Whether somebody is erased."""
    return any(table == PERSONAL and row.body is None for table, row in writes)


def touches_personal(writes: Iterable[tuple[Table, Row]]) -> bool:
    """Whether a personal record is written or erased, so that its former bytes must be removed."""
    return any(table == PERSONAL and row.collection != ACCESS_LOG for table, row in writes)


# ---- SQLite


def rewrite_sqlite(cursor: Any) -> None:
    """Write the table anew, in the transaction of the cursor and with `secure_delete` on.

    That alone overwrites a row where it is deleted. But rows move from page to page as others come and go, and leave
    bytes behind where they were: in a table of 400, one in about 500 erasures found such bytes.
    """
    cursor.execute(f"SELECT * FROM {PERSONAL} ORDER BY shelf, key")  # noqa: S608 - a fixed name
    rows = cursor.fetchall()
    cursor.execute(f"DELETE FROM {PERSONAL}")  # noqa: S608 - with all rows its pages are freed, and overwritten
    cursor.executemany(f"INSERT INTO {PERSONAL} VALUES (?, ?, ?, ?)", map(tuple, rows))  # noqa: S608


def empty_sqlite_log(cursor: Any) -> None:
    """Move the write-ahead log into the database and cut it to nothing; waits for those who read meanwhile."""
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (busy, *_) = cursor.fetchone()
    if busy:
        log.warning("the database was in use all the time, so its log keeps what was erased; %s", AGAIN)


# ---- PostgreSQL

# Statistics would keep samples of the column in the catalogue
NO_SAMPLES = f"ALTER TABLE {PERSONAL} ALTER COLUMN body SET STATISTICS 0"

_REWRITE = (
    "SET LOCAL lock_timeout = '20s'",
    f"LOCK TABLE {PERSONAL} IN ACCESS EXCLUSIVE MODE",
    f"CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM {PERSONAL}",  # noqa: S608 - a fixed name
    f"TRUNCATE {PERSONAL}",
    f"INSERT INTO {PERSONAL} SELECT * FROM kept",  # noqa: S608
)  # VACUUM FULL would copy rows that an old snapshot still sees
_NEXT_SEGMENT = ("SELECT pg_logical_emit_message(false, 'lyceum', 'erased')", "SELECT pg_switch_wal()")
_WAITING = (
    "SELECT count(*) FROM pg_ls_waldir() "
    "WHERE length(name) = 24 AND name > pg_walfile_name(pg_current_wal_lsn())"
)


def wipe_postgres(connection: Any) -> None:
    """Write the table anew, and overwrite the log of changes, on a connection that is in no transaction.

    The write-ahead log is kept in segments that the server reuses without clearing them. So a checkpoint frees the
    segments before now, and each of the free ones is filled once. That needs rights that the owner of a database may
    lack; without them the log keeps the record until the server has reused those segments.
    """
    try:
        with connection.transaction():
            for statement in _REWRITE:
                connection.execute(statement.encode())
    except PostgresError as error:
        log.warning("the table of people could not be written anew (%s); %s", type(error).__name__, AGAIN)
    try:
        _empty_postgres_log(connection)
    except InsufficientPrivilege:
        log.warning(
            "the server's log of changes keeps what was erased: rights are missing; see docs/privacy.md"
        )
    except PostgresError as error:
        log.warning("the server's log of changes could not be emptied (%s); %s", type(error).__name__, AGAIN)


def _empty_postgres_log(connection: Any) -> None:
    connection.execute(b"SELECT pg_switch_wal()")
    connection.execute(b"CHECKPOINT")
    (waiting,) = _values(connection.execute(_WAITING.encode()).fetchone())
    for _ in range(min(waiting, MOST_SEGMENTS) + 1):
        for statement in _NEXT_SEGMENT:
            connection.execute(statement.encode())
    connection.execute(b"CHECKPOINT")


def _values(row: Any) -> Iterable[Any]:
    return row.values() if isinstance(row, dict) else row
