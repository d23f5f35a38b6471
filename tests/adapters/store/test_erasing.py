"""Who is erased leaves no byte in the files of the database, wherever the bytes were in the meantime."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from adapters.store.store import DatabaseStore, person_row
from tests.adapters.store.stories import founded
from tests.adapters.store.test_store import ANNA, Person
from tests.builders import an_id
from tests.conftest import PostgresServer


@pytest.mark.parametrize("leave", [lambda store: None, DatabaseStore.close], ids=["open", "closed"])
def test_erased_person_leaves_no_bytes_in_the_file(
    tmp_path: Path, leave: Callable[[DatabaseStore], None]
) -> None:
    """Neither in the database nor in the files that SQLite keeps beside it, while it is in use and after."""
    store = DatabaseStore(f"sqlite:///{tmp_path / 'events.db'}")
    others = [person_row(an_id(f"p-{number}"), Person(f"Neighbour {number}" * 20)) for number in range(50)]
    store.save(founded(), [person_row(an_id("anna"), ANNA), *others])
    store.save((), [person_row(an_id("anna"), Person(ANNA.name, "+86 138 5550 3434"))])
    assert any(b"Zheng-Marrow" in file.read_bytes() for file in tmp_path.iterdir())

    store.save((), [person_row(an_id("anna"), None)])
    leave(store)
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    store.close()
    assert [mark for mark in (b"Zheng-Marrow", b"5550 1212", b"5550 3434") if mark in left] == []
    assert b"Neighbour 49" in left


def test_erased_people_leave_no_bytes_however_rows_were_moved_about(tmp_path: Path) -> None:
    """Rows come and go at random places, so that pages are cut and joined, and rows move from one to another."""
    chance = random.Random(7)
    store = DatabaseStore(f"sqlite:///{tmp_path / 'events.db'}")
    people = [UUID(int=chance.getrandbits(128)) for _ in range(300)]
    written = [(one, Person(f"MARK-{one}-END " * chance.randint(1, 40))) for one in [*people, *people[::2]]]
    for start in range(0, len(written), 10):
        store.save((), [person_row(*one) for one in written[start : start + 10]])
    gone = chance.sample(people, 150)
    store.save((), [person_row(one, None) for one in gone])
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    kept = store.people(Person)
    store.close()

    assert [one for one in gone if f"MARK-{one}-END".encode() in left] == []
    assert kept.keys() == set(people) - set(gone)


RIGHTS = "GRANT pg_checkpoint, pg_monitor TO {owner}; GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {owner}"
LEFT = "the server's log of changes keeps what was erased: rights are missing; see docs/privacy.md"


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("rights", "folder", "said"), [("", "data/base", [LEFT]), (RIGHTS, "data", [])], ids=["none", "some"]
)
def test_owner_of_the_database_leaves_no_bytes_as_far_as_rights_on_the_server_go(
    postgres_server: PostgresServer,
    postgres_url: str,
    caplog: pytest.LogCaptureFixture,
    rights: str,
    folder: str,
    said: list[str],
) -> None:
    """The log of changes is the server's, so without rights on it only the tables can be cleaned."""
    name = postgres_url.rpartition("/")[2]
    owner = f"owner_{name}"
    postgres_server.execute(f"CREATE ROLE {owner} LOGIN PASSWORD 'own'")
    postgres_server.execute(f"ALTER DATABASE {name} OWNER TO {owner}")
    with psycopg.connect(postgres_server.url(name), autocommit=True) as connection:
        for one in rights.format(owner=owner).split(";"):
            connection.execute(one.encode())
    store = DatabaseStore(f"postgresql://{owner}:own@{postgres_server.host}:{postgres_server.port}/{name}")
    store.save((), [person_row(an_id("anna"), ANNA), person_row(an_id("bo"), Person("Bo"))])
    postgres_server.execute("CHECKPOINT")
    before = _bytes(postgres_server.sockets / folder)
    store.save((), [person_row(an_id("anna"), None)])
    postgres_server.execute("CHECKPOINT")
    after = _bytes(postgres_server.sockets / folder)
    kept = store.people(Person)
    store.close()

    assert b"Zheng-Marrow" in before
    assert b"Zheng-Marrow" not in after
    assert kept == {an_id("bo"): Person("Bo")}
    assert [one.message for one in caplog.records if one.name == "lyceum.erasing"] == said


def _bytes(folder: Path) -> bytes:
    return b"".join(_read(file) for file in folder.rglob("*") if file.is_file())


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:  # the database server has just removed it
        return b""
