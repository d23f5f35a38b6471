"""A backup taken while others write holds everything that was acknowledged before, and comes back the same."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from adapters.application.application import Lyceum
from adapters.maintenance.backups import InUse, NoBackup, NotEmpty, back_up, restore
from adapters.people.personal_records import PersonalRecord
from adapters.store.streams import AREAS
from domain.network import area_id, rename_area
from tests.adapters.town import town
from tests.conftest import PostgresServer


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'lyceum.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The addresses of two empty databases of a kind: one to work on, one to restore into."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'lyceum.db'}", f"sqlite:///{tmp_path / 'other.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.execute("CREATE DATABASE second TEMPLATE template0")
    yield str(request.getfixturevalue("postgres_url")), server.url("second")
    server.execute("DROP DATABASE second WITH (FORCE)")


@contextmanager
def writing(url: str) -> Iterator[list[int]]:
    """Rename an area again and again from two threads; the positions that were acknowledged."""
    done, acknowledged = threading.Event(), list[int]()

    def write(street: str) -> None:
        with Lyceum(url, actor=street) as lyceum:
            number = 0
            while not done.is_set():
                number += 1
                rename(lyceum, street, f"{street} {number}")
                acknowledged.append(lyceum.store.position())

    threads = [threading.Thread(target=write, args=(street,)) for street in ("river", "hill")]
    for thread in threads:
        thread.start()
    try:
        yield acknowledged
    finally:
        done.set()
        for thread in threads:
            thread.join()


def rename(lyceum: Lyceum, street: str, name: str) -> None:
    def command() -> None:
        area = lyceum.must_load(AREAS, area_id(street))
        metadata = lyceum.metadata()
        lyceum.commit(
            rename_area(area, metadata, names=(("en", name),), on=metadata.at.date(), why="a new sign")
        )

    lyceum.retrying(command)


def all_of(url: str) -> tuple[str, str, dict[UUID, PersonalRecord], list[object]]:
    """The read models as they stand, the same made again, the people, and every event."""
    with Lyceum(url) as lyceum:
        stands = lyceum.views.digest()
        lyceum.views.rebuild()
        events: list[object] = [*lyceum.store.history()]
        return stands, lyceum.views.digest(), lyceum.people(), events


def test_backup_while_others_write_holds_all_that_was_acknowledged_and_comes_back_the_same(
    places: tuple[str, str], tmp_path: Path
) -> None:
    live, empty = places
    file = tmp_path / "town.backup"
    with town(live) as lyceum:
        lyceum.remember(area_id("somebody"), PersonalRecord("Zhang San"))
    with writing(live) as acknowledged:
        while len(acknowledged) < 20:
            pass
        before = max(acknowledged)
        made = back_up(live, file)
        during = len(acknowledged)
        while len(acknowledged) < during + 4:
            pass

    restored = restore(empty, file)

    stands, again, people, events = all_of(empty)
    assert made.events >= before
    assert restored.events >= made.events
    assert stands == again
    assert [one.name for one in people.values()] == ["Zhang San"]
    assert len(events) < len(all_of(live)[3])
    assert all_of(live)[3][: len(events)] == events
    with Lyceum(empty) as lyceum:
        rename(lyceum, "river", "after")
        assert lyceum.store.position() == lyceum.views.position > restored.events
    assert file.stat().st_mode & 0o077 == 0


def test_restore_never_writes_over_events_unless_told(places: tuple[str, str], tmp_path: Path) -> None:
    live, other = places
    town(live).close()
    file = tmp_path / "town.backup"
    back_up(live, file)
    with Lyceum(live) as lyceum:
        rename(lyceum, "river", "later")
    kept = all_of(live)

    with pytest.raises(NotEmpty, match=r"has \d+ events already, and nothing was changed; .* --replace"):
        restore(live, file)
    assert all_of(live) == kept

    restore(live, file, replace=True)
    restore(other, file)
    assert all_of(live) == all_of(other)
    assert len(all_of(live)[3]) == len(kept[3]) - 1


def test_restore_waits_for_nobody_who_has_the_database_open(places: tuple[str, str], tmp_path: Path) -> None:
    live, _ = places
    file = tmp_path / "town.backup"
    with town(live) as lyceum:
        back_up(live, file)
        before = lyceum.views.digest()
        with pytest.raises(InUse, match="stop lyceum serve and the workers"):
            restore(live, file, replace=True)
        assert lyceum.views.digest() == before


def test_backup_never_writes_over_a_file_and_needs_a_database(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(NoBackup, match=r"there is no database .*lyceum\.db to back up"):
        back_up(sqlite_url, tmp_path / "town.backup")
    town(sqlite_url).close()
    back_up(sqlite_url, tmp_path / "town.backup")

    with pytest.raises(NoBackup, match=r"there is a file .*town\.backup already"):
        back_up(sqlite_url, tmp_path / "town.backup")
    with pytest.raises(NoBackup, match="there is no folder"):
        back_up(sqlite_url, tmp_path / "nowhere" / "town.backup")
    with pytest.raises(NoBackup, match="there is no database"):
        back_up("memory:", tmp_path / "memory.backup")
    assert {one.name for one in tmp_path.iterdir()} == {"lyceum.db", "town.backup"}


def test_files_that_are_no_backup_or_a_damaged_one_change_nothing(sqlite_url: str, tmp_path: Path) -> None:
    town(sqlite_url).close()
    good = tmp_path / "town.backup"
    back_up(sqlite_url, good)
    before = all_of(sqlite_url)
    other, torn, short = (tmp_path / name for name in ("other", "torn", "short"))
    other.write_text("a letter")
    content = bytearray(good.read_bytes())
    content[4096 * 3 : 4096 * 5] = os.urandom(4096 * 2)
    torn.write_bytes(content)
    shutil.copy(good, short)
    with closing(sqlite3.connect(short)) as opened:
        opened.execute("DELETE FROM stored_events WHERE originator_version = 1")
        opened.commit()

    for file, told in (
        (tmp_path / "none", "there is no file"),
        (other, "is no backup of this kind of database"),
        (torn, "the copy is damaged"),
        (short, "misses an event"),
    ):
        with pytest.raises(NoBackup, match=told):
            restore(sqlite_url, file, replace=True)

    assert all_of(sqlite_url) == before


def test_a_database_that_is_damaged_can_be_replaced(sqlite_url: str, tmp_path: Path) -> None:
    town(sqlite_url).close()
    file = tmp_path / "town.backup"
    back_up(sqlite_url, file)
    kept = all_of(sqlite_url)
    (tmp_path / "lyceum.db").write_bytes(b"\0" * 10_000)

    restore(sqlite_url, file, replace=True)

    assert all_of(sqlite_url) == kept


@pytest.mark.postgres
def test_backup_on_postgresql_needs_no_more_than_the_role_of_the_documents(
    postgres_server: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    name = postgres_url.rpartition("/")[2]
    for statement in (
        "CREATE ROLE keeper LOGIN PASSWORD 'keeper'",
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {name} TO keeper",
    ):
        postgres_server.execute(statement)
    subprocess.run(
        ["psql", "-q", postgres_url, "-c", "ALTER SCHEMA public OWNER TO keeper"], check=True, timeout=60
    )
    url = postgres_url.replace(f"{postgres_server.user}:{postgres_server.password}", "keeper:keeper")
    town(url).close()
    kept = all_of(url)

    back_up(url, tmp_path / "town.backup")
    restore(url, tmp_path / "town.backup", replace=True)

    assert all_of(url) == kept
    subprocess.run(["psql", "-q", postgres_url, "-c", "DROP OWNED BY keeper CASCADE"], check=True, timeout=60)
    postgres_server.execute("DROP ROLE keeper")
