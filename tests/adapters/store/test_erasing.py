"""Who is erased leaves no byte in the files of the database, wherever the bytes were in the meantime."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from adapters.store.store import Store, person_row
from tests.adapters.store.stories import founded
from tests.adapters.store.test_store import ANNA, Person
from tests.builders import an_id
from tests.conftest import PostgresServer


@pytest.mark.parametrize("leave", [lambda store: None, Store.close], ids=["open", "closed"])
def test_erased_person_leaves_no_bytes_in_the_file(tmp_path: Path, leave: Callable[[Store], None]) -> None:
    """Neither in the database nor in the files that SQLite keeps beside it, while it is in use and after."""
    store = Store(f"sqlite:///{tmp_path / 'events.db'}")
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
    store = Store(f"sqlite:///{tmp_path / 'events.db'}")
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


@pytest.mark.postgres
def test_owner_without_rights_on_the_server_leaves_no_bytes_in_the_tables_and_says_what_is_left(
    postgres_server: PostgresServer, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The log of changes is the server's; only somebody with rights on the server can have it emptied."""
    name = postgres_url.rpartition("/")[2]
    postgres_server.execute(f"CREATE ROLE owner_{name} LOGIN PASSWORD 'own'")
    postgres_server.execute(f"ALTER DATABASE {name} OWNER TO owner_{name}")
    store = Store(f"postgresql://owner_{name}:own@{postgres_server.host}:{postgres_server.port}/{name}")
    store.save((), [person_row(an_id("anna"), ANNA), person_row(an_id("bo"), Person("Bo"))])
    postgres_server.execute("CHECKPOINT")
    folder = postgres_server.sockets / "data" / "base"
    before = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    store.save((), [person_row(an_id("anna"), None)])
    postgres_server.execute("CHECKPOINT")
    after = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    kept = store.people(Person)
    store.close()
    postgres_server.execute(f"ALTER DATABASE {name} OWNER TO CURRENT_USER")

    assert b"Zheng-Marrow" in before
    assert b"Zheng-Marrow" not in after
    assert kept == {an_id("bo"): Person("Bo")}
    assert [one.message for one in caplog.records if one.name == "lyceum.erasing"] == [
        "the server's log of changes keeps what was erased: rights are missing; see docs/privacy.md"
    ]
