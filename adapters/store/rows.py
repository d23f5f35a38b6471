"""Key-value rows beside the events: personal records, documents, answers, credentials, jobs, branches, read models.

Each table holds bytes under a collection (stored as `shelf`) and a key. `BESIDE` are written in the transaction of the
events they belong to; `views` in the transaction of the position they are at. A row of `answers` is written once, and
a row with `before` only where it still has that body (compare and swap): whoever comes second loses the race.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from eventsourcing.persistence import IntegrityError

from domain.messages import message

Table: TypeAlias = Literal["people", "documents", "answers", "credentials", "jobs", "branches", "views"]
BESIDE: tuple[Table, ...] = ("people", "documents", "answers", "credentials", "jobs", "branches")
MOST_KEYS = 500  # in one query: databases bound the parameters of a statement
TABLES: tuple[Table, ...] = (*BESIDE, "views")
ONCE: frozenset[Table] = frozenset({"answers"})
# Each collection has its line in `adapters.services.account_uses`, which says how it ends with an account.
COLLECTIONS: frozenset[tuple[Table, str]] = frozenset(
    {
        ("people", "person"),
        ("people", "look"),
        ("people", "way"),
        ("people", "way-also"),
        ("documents", "document"),
        ("answers", "answer"),
        ("credentials", "sign-in"),
        ("credentials", "link"),
        ("credentials", "used"),
        ("credentials", "token"),
        ("credentials", "feed"),
        ("credentials", "changes"),
        ("credentials", "roster"),
        ("credentials", "attempts"),
        ("jobs", "open"),
        ("jobs", "ended"),
        ("jobs", "beat"),
        ("jobs", "best"),
        ("jobs", "result"),
        ("jobs", "guard"),
        ("branches", "branch"),
        ("branches", "document"),
    }
)
ABSENT = b""


@dataclass(frozen=True, slots=True)
class Row:
    """`scope` is what the collection is searched by, such as an area; `body` None erases the row.

    With `before` it is written only where its body is still that, ABSENT: where there is none yet; else the whole
    transaction is refused with IntegrityError.
    """

    collection: str
    key: str
    body: bytes | None
    scope: str = ""
    before: bytes | None = field(default=None, compare=False)


class UnknownCollection(LookupError):
    """A row of a collection that is not listed in `COLLECTIONS`."""


def check_collections(writes: Iterable[tuple[Table, Row]]) -> None:
    """Raises UnknownCollection."""
    for table, row in writes:
        if (table, row.collection) not in COLLECTIONS:
            raise UnknownCollection(
                message(
                    "{table} has no collection {collection}; name it in COLLECTIONS and in account_uses.py",
                    table=table,
                    collection=row.collection,
                )
            )


def lost(row: Row) -> IntegrityError:
    """The error of a row that is no longer what it was before."""
    return IntegrityError(f"{row.collection} {row.key} was changed by somebody else")


class Rows(Protocol):
    """One table, read."""

    def get(self, collection: str, key: str) -> bytes | None: ...

    def get_many(self, collection: str, keys: Collection[str]) -> Mapping[str, bytes]:
        """The bodies of those keys that there are, in one query for every `MOST_KEYS` keys."""
        ...

    def select(self, collection: str, scope: str | None = None) -> Sequence[Row]:
        """In order of key; all scopes where None."""
        ...

    def before(self, collection: str, scope: str, limit: int) -> Sequence[str]:
        """The keys of up to `limit` rows whose scope is less than one, without their bodies."""
        ...

    def collections(self) -> Sequence[str]: ...

    def scopes(self, collection: str) -> Sequence[str]:
        """The scopes that a collection has rows of, in order."""
        ...


class MemoryRows:
    def __init__(self) -> None:
        self._collections: dict[str, dict[str, Row]] = defaultdict(dict)

    def check(self, rows: Iterable[Row], *, once: bool) -> None:
        """Raises IntegrityError where a row is no longer what it should be before, or with `once` is there already."""
        for row in rows:
            before = ABSENT if once and row.body else row.before
            if before is not None and (self.get(row.collection, row.key) or ABSENT) != before:
                raise lost(row)

    def write(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if row.body is None:
                self._collections[row.collection].pop(row.key, None)
            else:
                self._collections[row.collection][row.key] = row

    def clear(self) -> None:
        self._collections.clear()

    def get(self, collection: str, key: str) -> bytes | None:
        row = self._collections[collection].get(key)
        return row.body if row else None

    def get_many(self, collection: str, keys: Collection[str]) -> Mapping[str, bytes]:
        return {key: body for key in keys if (body := self.get(collection, key)) is not None}

    def select(self, collection: str, scope: str | None = None) -> Sequence[Row]:
        rows = sorted(self._collections[collection].values(), key=lambda row: row.key)
        return [row for row in rows if scope is None or row.scope == scope]

    def before(self, collection: str, scope: str, limit: int) -> Sequence[str]:
        return [row.key for row in self.select(collection) if row.scope < scope][:limit]

    def collections(self) -> Sequence[str]:
        return sorted(collection for collection, rows in self._collections.items() if rows)

    def scopes(self, collection: str) -> Sequence[str]:
        return sorted({row.scope for row in self._collections[collection].values()})


@dataclass(frozen=True, slots=True)
class Statements:
    """The SQL of one table; `mark` is how the driver writes a parameter."""

    table: Table
    mark: str
    binary: str

    @property
    def create(self) -> tuple[str, str]:
        columns = f"shelf TEXT NOT NULL, key TEXT NOT NULL, scope TEXT NOT NULL, body {self.binary} NOT NULL"
        return (
            f"CREATE TABLE IF NOT EXISTS {self.table} ({columns}, PRIMARY KEY (shelf, key))",
            f"CREATE INDEX IF NOT EXISTS {self.table}_scope ON {self.table} (shelf, scope)",
        )

    @property
    def put(self) -> str:
        marks = ", ".join([self.mark] * 4)
        return (
            f"INSERT INTO {self.table} (shelf, key, scope, body) VALUES ({marks})"  # noqa: S608 - fixed names
            + self._again
        )

    @property
    def _again(self) -> str:
        if self.table in ONCE:
            return ""
        return " ON CONFLICT (shelf, key) DO UPDATE SET scope = excluded.scope, body = excluded.body"

    @property
    def put_new(self) -> str:
        """The statement that adds a row; it returns no key where the row is there already."""
        marks = ", ".join([self.mark] * 4)
        return (
            f"INSERT INTO {self.table} (shelf, key, scope, body) VALUES ({marks}) "  # noqa: S608 - fixed names
            "ON CONFLICT DO NOTHING RETURNING key"
        )

    @property
    def swap(self) -> str:
        """Scope and body, of a row whose body is still what it was; says nothing where it is not."""
        return (
            f"UPDATE {self.table} SET scope = {self.mark}, body = {self.mark} "  # noqa: S608
            f"WHERE shelf = {self.mark} AND key = {self.mark} AND body = {self.mark} RETURNING key"
        )

    @property
    def erase_same(self) -> str:
        return f"{self.erase} AND body = {self.mark} RETURNING key"

    @property
    def put_many(self) -> str:
        """PostgreSQL's own way: a list for each column. As bytes, which are written in a tenth of the time."""
        return (
            f"INSERT INTO {self.table} (shelf, key, scope, body) "  # noqa: S608 - fixed names
            "SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %b::bytea[])" + self._again
        )

    @property
    def erase(self) -> str:
        return f"DELETE FROM {self.table} WHERE shelf = {self.mark} AND key = {self.mark}"  # noqa: S608

    @property
    def clear(self) -> str:
        return f"DELETE FROM {self.table}"  # noqa: S608

    @property
    def get(self) -> str:
        return f"SELECT body FROM {self.table} WHERE shelf = {self.mark} AND key = {self.mark}"  # noqa: S608

    def get_many(self, count: int) -> str:
        marks = ", ".join([self.mark] * count)
        return f"SELECT key, body FROM {self.table} WHERE shelf = {self.mark} AND key IN ({marks})"  # noqa: S608

    @property
    def select(self) -> str:
        return f"SELECT key, scope, body FROM {self.table} WHERE shelf = {self.mark} ORDER BY key"  # noqa: S608

    @property
    def select_scope(self) -> str:
        return (
            f"SELECT key, scope, body FROM {self.table} "  # noqa: S608
            f"WHERE shelf = {self.mark} AND scope = {self.mark} ORDER BY key"
        )

    @property
    def before(self) -> str:
        return (
            f"SELECT key FROM {self.table} "  # noqa: S608
            f"WHERE shelf = {self.mark} AND scope < {self.mark} ORDER BY key LIMIT {self.mark}"
        )

    @property
    def collections(self) -> str:
        return f"SELECT DISTINCT shelf FROM {self.table} ORDER BY shelf"  # noqa: S608

    @property
    def scopes(self) -> str:
        return f"SELECT DISTINCT scope FROM {self.table} WHERE shelf = {self.mark} ORDER BY scope"  # noqa: S608


def write_guarded(statements: Statements, cursor: Any, rows: Iterable[Row]) -> list[Row]:
    """Write the rows that say what they were before, within the transaction of the cursor; the others are left.

    Raises IntegrityError where one is no longer that.
    """
    plain = []
    for row in rows:
        if row.before is None:
            plain.append(row)
            continue
        if row.body is None:
            cursor.execute(statements.erase_same, (row.collection, row.key, row.before))
        elif row.before == ABSENT:
            cursor.execute(statements.put_new, (row.collection, row.key, row.scope, row.body))
        else:
            swap = (row.scope, row.body, row.collection, row.key, row.before)
            cursor.execute(statements.swap, swap)
        if cursor.fetchone() is None:
            raise lost(row)
    return plain


def write_rows(statements: Statements, cursor: Any, rows: Iterable[Row]) -> None:
    """Within the transaction of the cursor."""
    rows = write_guarded(statements, cursor, rows)
    puts = [(row.collection, row.key, row.scope, row.body) for row in rows if row.body is not None]
    erased = [(row.collection, row.key) for row in rows if row.body is None]
    if puts:
        cursor.executemany(statements.put, puts)
    if erased:
        cursor.executemany(statements.erase, erased)


class SqlRows:
    """Reads one table through a function that runs a query and returns its rows."""

    def __init__(self, statements: Statements, query: Any) -> None:
        self.statements, self._query = statements, query

    def get(self, collection: str, key: str) -> bytes | None:
        rows = self._query(self.statements.get, (collection, key))
        return bytes(rows[0]["body"]) if rows else None

    def get_many(self, collection: str, keys: Collection[str]) -> Mapping[str, bytes]:
        bodies: dict[str, bytes] = {}
        ordered = sorted(keys)
        for first in range(0, len(ordered), MOST_KEYS):
            batch = ordered[first : first + MOST_KEYS]
            rows = self._query(self.statements.get_many(len(batch)), (collection, *batch))
            bodies |= {row["key"]: bytes(row["body"]) for row in rows}
        return bodies

    def select(self, collection: str, scope: str | None = None) -> Sequence[Row]:
        if scope is None:
            rows = self._query(self.statements.select, (collection,))
        else:
            rows = self._query(self.statements.select_scope, (collection, scope))
        return [Row(collection, row["key"], bytes(row["body"]), row["scope"]) for row in rows]

    def before(self, collection: str, scope: str, limit: int) -> Sequence[str]:
        return [row["key"] for row in self._query(self.statements.before, (collection, scope, limit))]

    def collections(self) -> Sequence[str]:
        return [row["shelf"] for row in self._query(self.statements.collections, ())]

    def scopes(self, collection: str) -> Sequence[str]:
        return [row["scope"] for row in self._query(self.statements.scopes, (collection,))]
