"""A save is refused where what it rests on has changed since it was read: on memory, SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from eventsourcing.persistence import IntegrityError

from adapters.store.append_conditions import AppendCondition, combined, kind_of, read_all
from adapters.store.event_names import NAMES
from adapters.store.rows import Row, Table
from adapters.store.store import DatabaseStore
from adapters.store.streams import AREAS, DIARIES, STREAMS, VENUES
from domain.network import area_id
from tests.adapters.store.stories import founded, must_load, renamed

RIVER, HILL = area_id("river"), area_id("hill")
ROW: list[tuple[Table, Row]] = [("documents", Row("document", "one", b"body"))]


def test_change_of_a_stream_that_was_read_refuses_the_whole_save(store: DatabaseStore) -> None:
    read_at = store.save(founded("river"))
    store.save(renamed(must_load(store, AREAS, RIVER), "Quay"))

    with pytest.raises(IntegrityError):
        store.save(founded("hill"), ROW, AppendCondition(read_at, frozenset({RIVER})))

    assert store.load(AREAS, HILL) is None
    assert store.rows("documents").get("document", "one") is None


def test_stream_that_began_since_counts_where_all_of_its_kind_were_read(store: DatabaseStore) -> None:
    read_at = store.save(founded("river"))
    store.save(founded("quay"))

    with pytest.raises(IntegrityError):
        store.save(founded("hill"), condition=read_all(read_at, AREAS))

    assert store.load(AREAS, HILL) is None


def test_what_came_before_or_is_about_something_else_is_no_obstacle(store: DatabaseStore) -> None:
    store.save(founded("river"))
    read_at = store.save(founded("quay"))
    store.save(renamed(must_load(store, AREAS, area_id("quay")), "Wharf"))

    position = store.save(
        founded("hill"), condition=AppendCondition(read_at, frozenset({RIVER}), frozenset({"venue"}))
    )

    assert position == store.position()
    assert must_load(store, AREAS, HILL).version == 1


def test_stream_that_is_written_is_guarded_by_its_own_version_alone(store: DatabaseStore) -> None:
    read_at = store.save(founded("river"))
    store.save(renamed(must_load(store, AREAS, RIVER), "Quay"))

    seen = must_load(store, AREAS, RIVER)
    store.save(renamed(seen, "Wharf"), condition=AppendCondition(read_at, frozenset({RIVER})))

    assert must_load(store, AREAS, RIVER).version == 3


def test_rows_alone_rest_on_what_was_read_too(store: DatabaseStore) -> None:
    read_at = store.save(founded("river"))
    store.save(renamed(must_load(store, AREAS, RIVER), "Quay"))

    with pytest.raises(IntegrityError):
        store.save((), ROW, AppendCondition(read_at, frozenset({RIVER})))

    assert store.rows("documents").get("document", "one") is None
    store.save((), ROW, AppendCondition(store.position(), frozenset({RIVER})))
    assert store.rows("documents").get("document", "one") == b"body"


def test_of_two_who_read_each_other_s_stream_one_must_read_again(shared: str) -> None:
    """Each by a connection of its own, many times: never do both get through with what they read at first."""
    stores = {"river": DatabaseStore(shared), "hill": DatabaseStore(shared)}
    for key, one in stores.items():
        one.save(founded(key))
    start = Barrier(2, timeout=60)

    def write(own: str, other: str) -> list[int]:
        one, read = stores[own], []
        for number in range(20):
            start.wait()
            after, seen = one.position(), must_load(one, AREAS, area_id(own))
            known = must_load(one, AREAS, area_id(other)).version
            start.wait()
            try:
                one.save(
                    renamed(seen, f"{own} {number}"),
                    condition=AppendCondition(after, frozenset({area_id(other)})),
                )
                read.append(known)
            except IntegrityError:
                read.append(0)
        return read

    with ThreadPoolExecutor(2) as pool:
        river, hill = pool.map(write, ["river", "hill"], ["hill", "river"])
    for one in stores.values():
        one.close()

    assert [bool(a) + bool(b) for a, b in zip(river, hill, strict=True)] == [1] * 20


def test_each_kind_of_stream_has_one_first_word_of_its_own() -> None:
    kinds = {stream.name: kind_of(stream) for stream in STREAMS}

    assert len(set(kinds.values())) == len(STREAMS)
    for stream in STREAMS:
        assert {NAMES[event][0].partition(".")[0] for event in stream.events} == {kinds[stream.name]}


def test_conditions_together_hold_from_the_earliest_on() -> None:
    one, other = AppendCondition(7, frozenset({RIVER})), read_all(4, VENUES, DIARIES)

    assert combined([one, AppendCondition(1), other]) == AppendCondition(
        4, frozenset({RIVER}), frozenset({"venue", "diary"})
    )
    assert combined([AppendCondition(1)]) is None
