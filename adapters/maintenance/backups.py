"""Backup and restore: one file with everything in it, taken online and checked before it counts.

SQLite is copied online by its own backup interface, in one read transaction: writers do not wait, and the copy is the
database at one moment. PostgreSQL is dumped by `pg_dump`, which sees one moment too. Restoring ends with the read
models made again, so that every event is read once.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp

import psycopg

from adapters.application.application import Lyceum
from adapters.store.database_addresses import BadDatabaseURL, check_file, environment, file_of, parts_of
from adapters.store.views import MissingEvent
from domain.events import Refused
from domain.messages import message

PG_MAGIC = b"PGDMP"
SQLITE_MAGIC = b"SQLite format 3\0"
DUMP = ("--format=custom", "--no-owner", "--no-privileges", "--schema=public")
RESTORE = (
    "--schema=public",  # what is in it: the schema itself belongs to whoever made the database
    "--no-owner",
    "--no-privileges",
    "--clean",
    "--if-exists",
    "--single-transaction",
    "--exit-on-error",
)

OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


class NoBackup(Refused):
    """A backup that cannot be taken, or a file that is none."""


class NotEmpty(Refused):
    """A database that holds events already."""


class InUse(Refused):
    """A database that a program has open."""


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What was backed up or restored: events, and bytes of the file. `folded`: whether every event was read."""

    file: Path
    events: int
    size: int
    folded: bool


def back_up(url: str, file: Path) -> BackupSummary:
    """Write everything to a file that is not there yet, and check it. Raises NoBackup."""
    if file.exists():
        raise NoBackup(
            message(
                "there is a file {file} already; choose another name, for example with the date in it",
                file=file,
            )
        )
    if not file.absolute().parent.is_dir():
        raise NoBackup(
            message(
                "there is no folder {parent} for the backup; make it first", parent=file.absolute().parent
            )
        )
    with _temporary_file(file) as temporary:
        backup_summary = _dumped(url, temporary) if _is_postgres(url) else _copied(url, temporary)
        _to_disk(temporary)
        temporary.replace(file)
        _to_disk(file.absolute().parent)
    return BackupSummary(file, backup_summary.events, file.stat().st_size, backup_summary.folded)


def restore(url: str, file: Path, *, replace: bool = False) -> BackupSummary:
    """Put a backup in the place of a database that has no events, or of any other with `replace`; read it all.

    Raises NoBackup where the file is none for this kind of database, NotEmpty, and InUse.
    """
    _look_at(file, PG_MAGIC if _is_postgres(url) else SQLITE_MAGIC)
    if not replace and (events := _events_of(url)):
        raise NotEmpty(
            message(
                "the database has {events:,} events already, and nothing was changed; restore into an empty "
                "one, or say --replace to lose what it holds",
                events=events,
            )
        )
    if _is_postgres(url):
        _must_be_alone(url)
        _run_pg("pg_restore", url, *RESTORE, f"--dbname={_database_of(url)}", str(file))
    else:
        _put_in_place(url, file)
    with Lyceum(url) as lyceum:
        lyceum.views.rebuild()
        return BackupSummary(file, lyceum.store.position(), file.stat().st_size, folded=True)


def _is_postgres(url: str) -> bool:
    return parts_of(url).scheme in {"postgresql", "postgres"}


def _look_at(file: Path, magic: bytes) -> None:
    if not file.is_file():
        raise NoBackup(message("there is no file {file}; check the spelling", file=file))
    with file.open("rb") as opened:
        if opened.read(len(magic)) != magic:
            raise NoBackup(
                message(
                    "{file} is no backup of this kind of database; check the file, and LYCEUM_DATABASE",
                    file=file,
                )
            )


@contextmanager
def _temporary_file(file: Path) -> Iterator[Path]:
    """A new file beside another, for its owner alone; it is gone at the end unless it was moved."""
    handle, name = mkstemp(prefix=f".{file.name}-", dir=file.absolute().parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for rest in ("", "-wal", "-shm"):
            Path(name + rest).unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    """Have the machine write it down now: a backup that a power cut empties is none."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# ---- SQLite


def _copied(url: str, temporary: Path) -> BackupSummary:
    source = file_of(url)
    if parts_of(url).scheme != "sqlite" or not source.exists():
        raise NoBackup(
            message("there is no database {source} to back up; check LYCEUM_DATABASE", source=source)
        )
    check_file(source)
    with (
        closing(sqlite3.connect(f"file:{source}?mode=rw", uri=True)) as live,
        closing(sqlite3.connect(temporary)) as copy,
    ):
        live.backup(copy)  # all pages in one step: many steps would begin again at each write of others
    return _checked(temporary)


def _checked(copy: Path) -> BackupSummary:
    """Read a copy whole: its pages, and then every event. It is one file afterwards."""
    with closing(sqlite3.connect(copy)) as opened:
        try:
            findings = [row[0] for row in opened.execute("PRAGMA integrity_check")]
        except sqlite3.DatabaseError as error:
            findings = [str(error)]
    if findings != ["ok"]:
        raise NoBackup(
            message(
                "the copy is damaged ({findings}), and nothing was changed; look at the disk it comes from",
                findings=findings[0],
            )
        )
    with Lyceum(f"sqlite:///{copy.absolute()}") as lyceum:
        try:
            events = lyceum.views.at_position(lyceum.store.position()).position
        except MissingEvent as gap:
            raise NoBackup(
                message(
                    "the copy misses an event ({gap}), and nothing was changed; please report this", gap=gap
                )
            ) from gap
    with closing(sqlite3.connect(copy)) as opened:
        opened.execute("PRAGMA journal_mode = DELETE")
    return BackupSummary(copy, events, 0, folded=True)


def _put_in_place(url: str, file: Path) -> None:
    target = file_of(url)
    if target.is_dir():
        check_file(target)
    with _temporary_file(target) as temporary:
        shutil.copyfile(file, temporary)
        try:
            check_file(temporary)
        except BadDatabaseURL:
            raise NoBackup(
                message(
                    "{file} is no backup of this program's database, and nothing was changed; check the file",
                    file=file,
                )
            ) from None
        _checked(temporary)
        with closing(sqlite3.connect(temporary)) as opened:
            opened.execute("PRAGMA journal_mode = WAL")
        _close(target)
        temporary.replace(target)
    _to_disk(target.absolute().parent)


def _close(target: Path) -> None:
    """Have no log of the old database left beside the new one. Raises InUse where a program has it open."""
    if not target.exists():
        return
    with closing(sqlite3.connect(target, timeout=1)) as old:
        try:
            old.execute("PRAGMA journal_mode = DELETE")  # works only for whoever is alone
        except sqlite3.OperationalError:
            raise InUse(
                message(
                    "a program has {target} open; stop lyceum serve and the workers, then restore",
                    target=target,
                )
            ) from None
        except sqlite3.DatabaseError:
            pass  # too damaged to be asked, which may be why it is replaced
    for rest in ("-wal", "-shm"):
        Path(f"{target}{rest}").unlink(missing_ok=True)


# ---- PostgreSQL


def _database_of(url: str) -> str:
    return environment(url)["POSTGRES_DBNAME"]


def _dumped(url: str, temporary: Path) -> BackupSummary:
    with Lyceum(url) as lyceum:
        events = lyceum.store.position()  # at least so many: others may write before the dump begins
    _run_pg("pg_dump", url, *DUMP, f"--file={temporary}", _database_of(url))
    _run_pg("pg_restore", url, "--list", str(temporary), connects=False)
    return BackupSummary(temporary, events, 0, folded=False)


def _run_pg(program: str, url: str, *arguments: str, connects: bool = True) -> str:
    """Run one of PostgreSQL's programs; the password goes by the environment, where others do not see it."""
    executable = shutil.which(program)
    if executable is None:
        raise NoBackup(
            message(
                "{program} is not on this machine; install PostgreSQL's client programs (postgresql-client)",
                program=program,
            )
        )
    settings = environment(url)
    where = (
        f"--host={settings['POSTGRES_HOST']}", f"--port={settings['POSTGRES_PORT']}",
        f"--username={settings['POSTGRES_USER']}", "--no-password",
    )  # fmt: skip
    completed = subprocess.run(  # noqa: S603 - a list of arguments, no shell
        [executable, *(where if connects else ()), *arguments],
        env={**os.environ, "PGPASSWORD": settings["POSTGRES_PASSWORD"]},
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode:
        errors = completed.stderr.strip().splitlines()
        raise NoBackup(
            message(
                "{program} failed, and nothing was changed: {errors}",
                program=program,
                errors=errors[0] if errors else completed.returncode,
            )
        )
    return completed.stdout


def _must_be_alone(url: str) -> None:
    """Raises InUse where others are connected: they would go on with what they remember."""
    settings = environment(url)
    with psycopg.connect(
        host=settings["POSTGRES_HOST"],
        port=settings["POSTGRES_PORT"],
        user=settings["POSTGRES_USER"],
        password=settings["POSTGRES_PASSWORD"],
        dbname=settings["POSTGRES_DBNAME"],
    ) as connection:
        row = connection.execute(OTHERS).fetchone()
    if row and row[0]:
        raise InUse(
            message(
                "{row} other connections to the database are open; stop lyceum serve and the workers, then "
                "restore",
                row=row[0],
            )
        )


def _events_of(url: str) -> int:
    """How many events there are; an empty database is made where there is none."""
    with Lyceum(url) as lyceum:
        return lyceum.store.position()
