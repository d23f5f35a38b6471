"""Addresses of databases: what they name, and whether the file of SQLite can be used.

Whatever is wrong is said here in a sentence, before any part of the program opens the database.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from adapters.store.connections import make_database
from adapters.store.rows import TABLES
from domain.messages import message

OWN_TABLES = frozenset({"stored_events", "tracking", *TABLES})
BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class BadDatabaseURL(ValueError):
    """An address that names no database this program can use."""


def parts_of(url: str) -> SplitResult:
    """The parts of an address. Raises BadDatabaseURL where it has none."""
    try:
        return urlsplit(url)
    except ValueError as wrong:
        raise BadDatabaseURL(
            message(
                "the address of the database cannot be read ({wrong}); write it as "
                "postgresql://user@host/name",
                wrong=wrong,
            )
        ) from None


def file_of(url: str) -> Path:
    """The file of an SQLite address, whether or not it is there."""
    return Path(parts_of(url).path.removeprefix("/") or "lyceum.db")


def environment(url: str) -> dict[str, str]:
    """The library's settings for a database address.

    `memory:` (gone when the program ends), `sqlite:///path/to/file.db` or `postgresql://user:password@host/name`,
    where `?connect_timeout=` says how many seconds somebody waits for a connection, `connections=` how many a process
    keeps open (5; it opens more where it needs them), and `host=` a folder of a socket.
    """
    parts = parts_of(url)
    match parts.scheme:
        case "memory":
            return {"PERSISTENCE_MODULE": "adapters.store.engines:MemoryFactory"}
        case "sqlite" if parts.netloc:
            raise BadDatabaseURL(
                message(
                    "sqlite://{netloc}{path} names no file; write sqlite:///{netloc}{path}",
                    netloc=parts.netloc,
                    path=parts.path,
                )
            )
        case "sqlite":
            return {
                "PERSISTENCE_MODULE": "adapters.store.engines:OurSQLiteFactory",
                "SQLITE_DBNAME": str(_private_file(file_of(url))),
                "SQLITE_LOCK_TIMEOUT": "30",
            }
        case "postgresql" | "postgres":
            options = dict(parse_qsl(parts.query))
            return {
                "PERSISTENCE_MODULE": "adapters.store.engines:OurPostgresFactory",
                "POSTGRES_DBNAME": parts.path.removeprefix("/") or "lyceum",
                "POSTGRES_HOST": options.get("host") or parts.hostname or "127.0.0.1",
                "POSTGRES_PORT": str(_port_of(parts)),
                "POSTGRES_USER": unquote(parts.username or "lyceum"),
                "POSTGRES_PASSWORD": unquote(parts.password or ""),
                "POSTGRES_CONNECT_TIMEOUT": _whole(options, "connect_timeout", 10),
                "POSTGRES_POOL_SIZE": _whole(options, "connections", 5),
            }
    raise BadDatabaseURL(
        message(
            "{scheme} is no database that this program knows; use sqlite:///lyceum.db, "
            "postgresql://user@host/name or memory:",
            scheme=parts.scheme or "an empty address",
        )
    )


def _port_of(parts: SplitResult) -> int:
    try:
        return parts.port or 5432
    except ValueError as wrong:
        raise BadDatabaseURL(
            message(
                "the address of the database has no such port ({wrong}); write it as "
                "postgresql://user@host:5432/name",
                wrong=wrong,
            )
        ) from None


def _whole(options: dict[str, str], name: str, default: int) -> str:
    text = options.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 7 and int(text)):
        raise BadDatabaseURL(
            message(
                "{name}={text} in the address of the database is no whole number from 1; write {name}={default}",
                name=name,
                text=text,
                default=default,
            )
        )
    return text


# ---- Files of SQLite


def _private_file(file: Path) -> Path:
    """The file, which is made where it is new: then its owner alone can read it. Raises BadDatabaseURL."""
    if str(file).startswith((":", "file:")):
        raise BadDatabaseURL(
            message(
                "{file} is the name of no file; use memory: for a database that is gone afterwards", file=file
            )
        )
    try:
        if not file.parent.is_dir():
            raise BadDatabaseURL(
                message(
                    "there is no folder {parent} for the database {file}; make it first",
                    parent=file.parent,
                    file=file.name,
                )
            )
        if file.exists():
            check_file(file)
        else:
            make_database(file)
    except OSError as error:
        raise _unreachable(file, error) from None
    return file


def is_missing(url: str) -> bool:
    """Whether an address names a file of SQLite that is not there. Raises BadDatabaseURL."""
    if parts_of(url).scheme != "sqlite":
        return False
    try:
        return not file_of(url).exists()
    except OSError as error:
        raise _unreachable(file_of(url), error) from None


def _unreachable(file: Path, error: OSError) -> BadDatabaseURL:
    return BadDatabaseURL(
        f"the database {file} cannot be opened ({error.strerror}); check the path and your rights to it"
    )


def check_file(file: Path) -> None:
    """Raises BadDatabaseURL where a file that is there is no database of this program, or may not be written."""
    if file.is_dir():
        raise BadDatabaseURL(
            message(
                "{file} is a folder, not a database; name a file in it, such as {value}",
                file=file,
                value=file / "lyceum.db",
            )
        )
    if not (os.access(file, os.R_OK | os.W_OK) and os.access(file.parent, os.W_OK | os.X_OK)):
        raise BadDatabaseURL(
            message(
                "the database {file} cannot be read and written; check your rights to it and to its folder",
                file=file,
            )
        )
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            tables = {str(name) for (name,) in connection.execute(query)}
    except sqlite3.Error as error:
        code = error.sqlite_errorcode & 0xFF
        if code in BUSY:
            return  # whoever opens it waits
        what = "is no database" if code == sqlite3.SQLITE_NOTADB else f"cannot be opened ({error})"
        raise BadDatabaseURL(
            message("{file} {what}; check the path, or restore a backup of it", file=file, what=what)
        ) from None
    if tables and not tables & OWN_TABLES:
        raise BadDatabaseURL(
            message(
                "{file} is the database of another program (it has the table {tables}); name another file",
                file=file,
                tables=min(tables),
            )
        )
