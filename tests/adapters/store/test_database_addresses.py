"""Addresses that name no usable database are refused in a sentence, before anything is opened or changed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.store.database_addresses import BadDatabaseURL, environment
from adapters.store.store import DatabaseStore

NOBODY = 65534
OPEN_AS_NOBODY = """
import os, sys
from adapters.store.database_addresses import BadDatabaseURL
from adapters.store.store import DatabaseStore
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    DatabaseStore(sys.argv[1]).close()
except BadDatabaseURL as refused:
    print(refused)
"""


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://[host/name", r"^the address of the database cannot be read \(.*\); write it as postgresql://"),
        ("postgresql://host:port/name", r"has no such port \(.*'port'\); write it as postgresql://"),
        ("postgresql://host:99999/name", r"has no such port \(.*\); write it as postgresql://"),
        ("postgresql://host/name?connect_timeout=soon", "^connect_timeout=soon in .* is no whole number from 1"),
        ("postgresql://host/name?connections=-1", "^connections=-1 in .* is no whole number from 1"),
        ("sqlite:///:memory:", "^:memory: is the name of no file; use memory:"),
        (f"sqlite:///{'a' * 300}.db", "cannot be opened .File name too long.; check the path"),
        ("sqlite:///folder", "^folder is a folder, not a database; name a file in it, such as folder/lyceum.db$"),
        ("sqlite:///random.db", "^random.db is no database; check the path, or restore a backup of it$"),
        ("sqlite:///text.txt", "^text.txt is no database; check the path, or restore a backup of it$"),
        ("sqlite:///text.txt/lyceum.db", "^there is no folder text.txt for the database lyceum.db; make it first$"),
        (
            "sqlite:///shop.db",
            "^shop.db is the database of another program .it has the table customers.; name another file$",
        ),
    ],
)  # fmt: skip
def test_address_of_no_usable_database_is_refused_and_nothing_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    unusable(tmp_path)
    before = contents(tmp_path)

    with pytest.raises(BadDatabaseURL, match=sentence):
        DatabaseStore(url)

    assert contents(tmp_path) == before


def unusable(folder: Path) -> None:
    """Make things that somebody may name by mistake."""
    (folder / "folder").mkdir()
    (folder / "random.db").write_bytes(bytes(number * 37 % 251 for number in range(9000)))
    (folder / "text.txt").write_text("no database\n")
    with closing(sqlite3.connect(folder / "shop.db")) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() if file.is_file() else b"" for file in folder.iterdir()}


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize(("mode", "is_open"), [(0o000, True), (0o444, True), (0o666, False)])
def test_database_without_rights_to_file_or_folder_is_refused(
    reachable: Path, mode: int, is_open: bool
) -> None:
    file = reachable / "lyceum.db"
    DatabaseStore(f"sqlite:///{file}").close()
    file.chmod(mode)
    reachable.chmod(0o777 if is_open else 0o555)

    assert opened_by_nobody(file) == (
        f"the database {file} cannot be read and written; check your rights to it and to its folder\n"
    )
    reachable.chmod(0o755)


def test_new_database_in_a_folder_without_rights_is_refused(reachable: Path) -> None:
    reachable.chmod(0o555)

    assert opened_by_nobody(reachable / "lyceum.db") == (
        f"the database {reachable / 'lyceum.db'} cannot be opened (Permission denied); "
        "check the path and your rights to it\n"
    )
    reachable.chmod(0o755)


def opened_by_nobody(file: Path) -> str:
    """What somebody without rights is told; of the programs here only root has rights to everything."""
    return subprocess.run(
        [sys.executable, "-c", OPEN_AS_NOBODY, f"sqlite:///{file}"],
        cwd=Path(__file__).resolve().parents[3], env=dict(os.environ), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def test_empty_file_and_a_database_in_use_are_opened(tmp_path: Path) -> None:
    (tmp_path / "lyceum.db").touch()
    store = DatabaseStore(f"sqlite:///{tmp_path / 'lyceum.db'}")
    with closing(sqlite3.connect(tmp_path / "lyceum.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert environment(store.url)["SQLITE_DBNAME"] == str(tmp_path / "lyceum.db")
        other.execute("ROLLBACK")
    store.close()
