"""On SQLite nobody who reads waits for who writes, and what was kept in memory is what the database says."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest
from eventsourcing.persistence import ConnectionPoolClosedError, OperationalError

from adapters.store.connections import PatientPool, make_database
from adapters.store.store import DatabaseStore
from adapters.store.streams import AREAS
from domain.network import area_id
from tests.adapters.store.stories import founded, must_load, renamed

RIVER = area_id("river-street")


@pytest.fixture
def pool(tmp_path: Path) -> PatientPool:
    file = tmp_path / "some.db"
    make_database(file)
    return PatientPool(str(file), 1)


def test_reader_waits_neither_for_the_one_who_writes_nor_for_the_next_writer(pool: PatientPool) -> None:
    first = pool.get_connection(is_writer=True)
    waiting, done = Event(), Event()

    def write() -> None:
        waiting.set()
        pool.put_connection(pool.get_connection(is_writer=True))
        done.set()

    second = Thread(target=write)
    second.start()
    waiting.wait(5)

    assert not done.wait(0.05)
    assert pool.query("SELECT 1")[0][0] == 1
    pool.put_connection(pool.get_connection(1, is_writer=False))
    pool.put_connection(first)
    assert done.wait(5)
    second.join()
    pool.close()


def test_bad_statement_is_an_error_of_the_database_and_the_next_one_is_answered(pool: PatientPool) -> None:
    with pytest.raises(OperationalError, match="no such table"):
        pool.query("SELECT * FROM absent")

    assert pool.query("SELECT 2")[0][0] == 2
    pool.close()
    with pytest.raises(ConnectionPoolClosedError):
        pool.query("SELECT 3")


def test_state_that_is_kept_follows_what_another_program_writes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'lyceum.db'}"
    ours, theirs = DatabaseStore(url), DatabaseStore(url)
    ours.save(founded())
    for name in ("Harbour Street", "Mill Street"):
        theirs.save(renamed(must_load(theirs, AREAS, RIVER), name))

        assert ours.load(AREAS, RIVER) == AREAS.fold(ours.events_of(RIVER))
    assert ours.load(AREAS, RIVER, version=1) == AREAS.fold(founded()[:1])
    for store in (ours, theirs):
        store.close()
