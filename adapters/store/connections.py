"""Connection pool for SQLite: writers take turns, and readers never wait for them."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import mkstemp
from threading import Lock
from typing import Any

from eventsourcing import persistence
from eventsourcing.persistence import ConnectionPoolClosedError, ConnectionUnavailableError, PersistenceError
from eventsourcing.sqlite import SQLiteConnection, SQLiteConnectionPool

from adapters.files.atomic_files import put_in_place
from domain.messages import message

CLOSING_SECONDS = 10.0
MOST_CONNECTIONS = 64
WRITING_SECONDS = 30.0  # that a writer waits for the writers before it


class PatientPool(SQLiteConnectionPool):
    """Closes no connection that a thread is using: SQLite would end the whole program.

    The library's pool lets everybody wait behind a writer who waits; here writers queue at a lock of their own.
    """

    def __init__(self, db_name: str, lock_timeout: int | None) -> None:
        super().__init__(
            db_name=db_name, lock_timeout=lock_timeout, pool_size=MOST_CONNECTIONS, max_overflow=0
        )
        self._turn = Lock()
        self._readers: deque[sqlite3.Connection] = deque()

    def get_connection(
        self, timeout: float | None = None, *, is_writer: bool | None = None
    ) -> SQLiteConnection:
        if not is_writer:
            return super().get_connection(timeout, is_writer=is_writer)
        if not self._turn.acquire(timeout=WRITING_SECONDS if timeout is None else timeout):
            raise ConnectionUnavailableError(message("timed out waiting for another writer"))
        try:
            return super().get_connection(timeout, is_writer=True)
        except BaseException:
            self._turn.release()
            raise

    def put_connection(self, conn: SQLiteConnection) -> None:
        wrote = conn.is_writer
        try:
            super().put_connection(conn)
        finally:
            if wrote:
                self._turn.release()

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> Sequence[Any]:
        """The rows of one statement that reads; by itself it sees one state of the database."""
        if self.closed:
            raise ConnectionPoolClosedError
        try:
            reader = self._readers.pop()
        except IndexError:
            reader = self._new_reader()
        try:
            return reader.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            kind = getattr(persistence, type(error).__name__, PersistenceError)
            raise kind(str(error)) from error
        finally:
            self._put_back(reader)

    def _put_back(self, reader: sqlite3.Connection) -> None:
        self._readers.append(reader)
        if self.closed:
            self._close_readers()

    def _new_reader(self) -> sqlite3.Connection:
        return self._create_connection()._sqlite_conn  # noqa: SLF001 - without the library's wrapping

    def close(self) -> None:
        with self._put_condition:
            self._put_condition.wait_for(lambda: not self._in_use, timeout=CLOSING_SECONDS)
            self._in_use.clear()  # what is still used then ends with its thread
            super().close()
        self._close_readers()

    def _close_readers(self) -> None:
        """Close the readers that nobody uses; a reader in use comes here with its thread."""
        while self._readers:
            try:
                self._readers.pop().close()
            except IndexError:  # another thread was faster
                return


def make_database(file: Path) -> None:
    """Make a database under a temporary name and move it into place whole.

    Of two programs that both find a new file and switch it to the write-ahead log, one fails.
    """
    handle, temporary = mkstemp(prefix=f".{file.name}-", dir=file.parent)  # for its owner alone
    os.close(handle)
    with closing(sqlite3.connect(temporary)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    put_in_place(Path(temporary), file)
