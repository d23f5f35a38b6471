"""The store: events of many streams and the rows beside them are saved together or not at all."""

from __future__ import annotations

import hashlib
import stat
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from eventsourcing.persistence import IntegrityError

from adapters.store.database_addresses import BadDatabaseURL, environment
from adapters.store.rows import ABSENT, Row, Table
from adapters.store.store import TRIES, Conflict, DatabaseStore, Recorded, document_row, person_row
from adapters.store.streams import AREAS
from domain.events import AlreadyThere, Event, NotThere
from domain.network import Area, area_id
from tests.adapters.store.stories import START, founded, history_of, later, must_load, renamed
from tests.builders import an_id

RIVER = area_id("river-street")
PLAN = b'{"format": "plan/1"}'
SOME_HISTORY = [(0, 0), (1, 0), (2, 0), (0, 3), (1, 1), (3, 0), (4, 1), (5, 1), (4, 2), (0, 6)]


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    phone: str = ""


ANNA = Person("Anna Zheng-Marrow", "+86 138 5550 1212")


def street(store: DatabaseStore) -> Area:
    return must_load(store, AREAS, RIVER)


# Events


def test_saved_events_are_loaded_again(store: DatabaseStore) -> None:
    store.save(founded())
    facts = (*founded(), *renamed(street(store), "Harbour Street"))
    store.save(facts[1:])

    assert tuple(store.events_of(RIVER)) == facts
    assert store.load(AREAS, RIVER) == AREAS.fold(facts)


def test_stream_is_loaded_as_it_was_at_a_version(store: DatabaseStore) -> None:
    store.save(founded())
    store.save(renamed(street(store), "Harbour Street"))

    versions = [store.load(AREAS, RIVER, version) for version in (0, 1, 2, 3)]
    assert [one.version if one else None for one in versions] == [None, 1, 2, 2]
    assert versions[1] == AREAS.fold(founded())


def test_stream_that_was_never_started_is_absent(store: DatabaseStore) -> None:
    assert store.load(AREAS, RIVER) is None
    assert tuple(store.events_of(RIVER)) == ()


def test_streams_are_saved_together(store: DatabaseStore) -> None:
    store.save([*founded("north"), *founded("south")])

    assert [must_load(store, AREAS, area_id(key)).key for key in ("north", "south")] == ["north", "south"]


def test_positions_rise_from_one_save_to_the_next(store: DatabaseStore) -> None:
    before = store.position()
    positions = [store.save(founded(key)) for key in ("north", "south", "east")]

    assert before == 0
    assert positions == sorted(set(positions))
    assert store.position() == positions[-1]


def test_saving_nothing_changes_nothing(store: DatabaseStore) -> None:
    position = store.save(founded())

    assert (store.save(()), store.position()) == (position, position)


# Races


def test_second_writer_of_the_same_version_is_refused(store: DatabaseStore) -> None:
    store.save(founded())
    known = street(store)
    store.save(renamed(known, "First"))

    with pytest.raises(IntegrityError):
        store.save(renamed(known, "Second"))
    assert [fact.originator_version for fact in store.events_of(RIVER)] == [1, 2]
    assert street(store).names[-1].value == (("en", "First"),)


def test_lost_race_in_one_stream_leaves_the_others_alone(store: DatabaseStore) -> None:
    position = store.save(founded())

    with pytest.raises(IntegrityError):
        store.save([*founded("north"), *founded(), *founded("south")])
    assert store.position() == position
    assert store.load(AREAS, area_id("north")) is None


def test_command_that_lost_a_race_runs_again_from_the_start(store: DatabaseStore) -> None:
    store.save(founded())
    seen = []

    def command() -> int:
        known = street(store)
        seen.append(known.version)
        if len(seen) == 1:
            store.save(renamed(known, "Faster"))
        return store.save(renamed(known, "Slower"))

    store.retrying(command)
    assert seen == [1, 2]
    assert street(store).names[-1].value == (("en", "Slower"),)


def test_command_that_always_loses_gives_up(store: DatabaseStore) -> None:
    store.save(founded())
    tries = []

    def command() -> None:
        known = street(store)
        tries.append(known.version)
        store.save(renamed(known, f"Faster {known.version}"))
        store.save(renamed(known, "Slower"))

    with pytest.raises(
        Conflict,
        match=r"^others keep changing what this depends on; nothing was changed, try again in a moment$",
    ):
        store.retrying(command)
    assert tries == list(range(1, TRIES + 1))
    assert TRIES == 10


def test_refused_command_is_not_tried_again(store: DatabaseStore) -> None:
    tries = []

    def command() -> None:
        tries.append(1)
        raise AlreadyThere("there is one")

    with pytest.raises(AlreadyThere):
        store.retrying(command)
    assert tries == [1]


# Rows in the transaction of the events


def test_rows_are_written_with_the_events(store: DatabaseStore) -> None:
    digest, plan = document_row(PLAN)
    store.save(founded(), [plan, person_row(an_id("anna"), ANNA)])

    assert store.document(digest) == PLAN
    assert store.person(an_id("anna"), Person) == ANNA


def test_rows_can_be_written_alone(store: DatabaseStore) -> None:
    position = store.save(founded())

    assert store.save((), [person_row(an_id("anna"), ANNA)]) == position
    assert store.person(an_id("anna"), Person) == ANNA


def test_failing_save_leaves_no_row(store: DatabaseStore) -> None:
    store.save(founded())
    digest, plan = document_row(PLAN)

    with pytest.raises(IntegrityError):
        store.save(founded(), [plan, person_row(an_id("anna"), ANNA)])
    assert store.people(Person) == {}
    with pytest.raises(NotThere):
        store.document(digest)


@pytest.mark.parametrize("record", [Person("Bo"), None], ids=["changed", "erased"])
def test_failing_save_leaves_a_row_as_it_was(store: DatabaseStore, record: Person | None) -> None:
    store.save(founded(), [person_row(an_id("anna"), ANNA)])

    with pytest.raises(IntegrityError):
        store.save(founded(), [person_row(an_id("anna"), record)])
    assert store.people(Person) == {an_id("anna"): ANNA}


# People and documents


def test_people_are_found_by_their_ids(store: DatabaseStore) -> None:
    bo = Person("Bo")
    store.save((), [person_row(an_id("anna"), ANNA), person_row(an_id("bo"), bo)])

    assert store.people(Person) == {an_id("anna"): ANNA, an_id("bo"): bo}
    assert store.person(an_id("nobody"), Person) is None


def test_later_record_takes_the_place_of_the_first(store: DatabaseStore) -> None:
    store.save((), [person_row(an_id("anna"), Person("Anna"))])
    store.save((), [person_row(an_id("anna"), ANNA)])

    assert store.people(Person) == {an_id("anna"): ANNA}


def test_erased_person_is_gone_and_the_events_stay(store: DatabaseStore) -> None:
    store.save(founded(), [person_row(an_id("anna"), ANNA)])
    store.save((), [person_row(an_id("anna"), None)])
    store.save((), [person_row(an_id("anna"), None)])

    assert store.person(an_id("anna"), Person) is None
    assert tuple(store.events_of(RIVER)) == founded()


def test_document_is_found_by_the_hash_of_its_content(store: DatabaseStore) -> None:
    digest, plan = document_row(PLAN)
    store.save((), [plan])
    store.save((), [plan])

    assert digest == hashlib.sha256(PLAN).hexdigest()
    assert store.document(digest) == PLAN


def test_unknown_document_is_named(store: DatabaseStore) -> None:
    with pytest.raises(NotThere, match=r"^there is no document 5d5d in this database$"):
        store.document("5d5d")


def test_document_of_any_bytes_is_kept(store: DatabaseStore) -> None:
    body = bytes(range(256)) * 400
    digest, plan = document_row(body)
    store.save((), [plan])

    assert store.document(digest) == body


# History


def in_order(store: DatabaseStore) -> list[Event]:
    return [recorded.event for recorded in store.history()]


@pytest.fixture
def told(store: DatabaseStore) -> list[Event]:
    """Ten events and more of several streams, one minute apart, one save each."""
    facts = [later(fact, minute) for minute, fact in enumerate(history_of(SOME_HISTORY))]
    for fact in facts:
        store.save([fact])
    return facts


def test_history_tells_all_events_in_the_order_of_saving(store: DatabaseStore, told: list[Event]) -> None:
    assert in_order(store) == told


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_size_of_a_page_does_not_change_the_history(
    store: DatabaseStore, told: list[Event], size: int
) -> None:
    assert [recorded.event for recorded in store.history(page=size)] == told


def test_page_begins_after_a_position_and_ends_at_one(store: DatabaseStore, told: list[Event]) -> None:
    positions = [recorded.position for recorded in store.history()]

    assert [one.event for one in store.page(positions[1], 3)] == told[2:5]
    assert [one.event for one in store.page(positions[1], 100, until=positions[3])] == told[2:4]
    assert [one.event for one in store.history(positions[1], positions[3])] == told[2:4]
    assert store.page(positions[-1], 3) == []


def test_history_of_an_empty_store_is_empty(store: DatabaseStore) -> None:
    assert (in_order(store), store.position(), store.position_at(START)) == ([], 0, 0)


def test_position_at_an_instant_is_that_of_the_last_event_up_to_it(
    store: DatabaseStore, told: list[Event]
) -> None:
    positions = [recorded.position for recorded in store.history()]
    instants = [START + timedelta(minutes=minutes) for minutes in (-1, 0, 0.5, 2, 999)]

    assert [store.position_at(one) for one in instants] == [
        0,
        positions[0],
        positions[0],
        positions[2],
        positions[-1],
    ]


def test_recorded_event_carries_its_position(store: DatabaseStore) -> None:
    position = store.save(founded())

    assert list(store.history()) == [Recorded(position, founded()[0])]


# Databases


def test_database_can_be_closed_and_opened_again(shared: str) -> None:
    store = DatabaseStore(shared)
    store.save(founded(), [person_row(an_id("anna"), ANNA)])
    store.close()

    again = DatabaseStore(shared)
    known, person = again.load(AREAS, RIVER), again.person(an_id("anna"), Person)
    again.close()
    assert (known, person) == (AREAS.fold(founded()), ANNA)


def test_new_file_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    store = DatabaseStore(f"sqlite:///{tmp_path / 'events.db'}")
    store.save(founded())
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    store.close()

    assert modes == {stat.S_IRUSR | stat.S_IWUSR}


@pytest.mark.parametrize("url", ["mysql://host/name", "", "lyceum.db"])
def test_unknown_database_is_refused(url: str) -> None:
    with pytest.raises(
        BadDatabaseURL, match=r"use sqlite:///lyceum\.db, postgresql://user@host/name or memory:$"
    ):
        environment(url)


def test_file_in_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDatabaseURL, match=r"nowhere for the database events\.db; make it first$"):
        environment(f"sqlite:///{tmp_path / 'nowhere' / 'events.db'}")


def test_file_with_two_slashes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be a host's name; taken for nothing, it would open another file than the one that was meant."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(
        BadDatabaseURL, match=r"^sqlite://events\.db names no file; write sqlite:///events\.db$"
    ):
        environment("sqlite://events.db")
    assert list(tmp_path.iterdir()) == []


def test_postgresql_address_is_read() -> None:
    given = environment("postgresql://anna:p%40ss@db.example:5433/timetables")

    assert [given[f"POSTGRES_{key}"] for key in ("DBNAME", "HOST", "PORT", "USER", "PASSWORD")] == [
        "timetables",
        "db.example",
        "5433",
        "anna",
        "p@ss",
    ]


def test_socket_of_postgresql_is_given_as_a_parameter() -> None:
    given = environment("postgresql://anna@/timetables?host=/var/run/postgresql")

    assert (given["POSTGRES_HOST"], given["POSTGRES_USER"]) == ("/var/run/postgresql", "anna")


# Rows that say what they were before


def changed(store: DatabaseStore, body: bytes | None, before: bytes | None) -> None:
    store.save((), [("jobs", Row("open", "one", body, "here", before))])


def test_row_that_must_be_new_is_written_once(store: DatabaseStore) -> None:
    changed(store, b"first", ABSENT)
    with pytest.raises(IntegrityError, match="open one was changed by somebody else"):
        changed(store, b"second", ABSENT)

    assert store.rows("jobs").select("open", "here") == [Row("open", "one", b"first", "here")]


def test_row_is_swapped_and_erased_only_while_it_is_what_it_was(store: DatabaseStore) -> None:
    changed(store, b"first", ABSENT)
    changed(store, b"second", b"first")
    for body in (b"third", None):
        with pytest.raises(IntegrityError):
            changed(store, body, b"first")
    assert store.rows("jobs").get("open", "one") == b"second"

    changed(store, None, b"second")
    assert store.rows("jobs").get("open", "one") is None
    with pytest.raises(IntegrityError):
        changed(store, b"fourth", b"second")


def test_row_that_was_changed_leaves_the_events_of_its_transaction_out(store: DatabaseStore) -> None:
    changed(store, b"first", None)
    writes: list[tuple[Table, Row]] = [
        ("jobs", Row("ended", "one", b"result")),
        ("jobs", Row("open", "one", None, before=b"otherwise")),
    ]
    with pytest.raises(IntegrityError):
        store.save(founded(), writes)

    assert (store.position(), store.rows("jobs").collections()) == (0, ["open"])


# ---- Closing

CLOSED_DURING_A_READ = """
import sys
from threading import Event, Thread
from adapters.store.store import DatabaseStore

store = DatabaseStore(sys.argv[1])
begun = Event()

def read():
    with store._events.recorder.datastore.transaction(commit=False) as cursor:
        begun.set()
        cursor.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT max(i) FROM n"
        )
        print(cursor.fetchone()[0])

reader = Thread(target=read)
reader.start()
begun.wait()
store.close()
reader.join()
"""


def test_closing_lets_a_reader_finish(tmp_path: Path) -> None:
    """In a program of its own: SQLite ends the whole program where a connection is closed in the middle of a read."""
    command = [sys.executable, "-c", CLOSED_DURING_A_READ, f"sqlite:///{tmp_path / 'lyceum.db'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "2000000\n"), done.stderr
