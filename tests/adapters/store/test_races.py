"""Races: whoever promises one volunteer's hour at the same time, exactly one of them gets it."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from threading import Barrier

from adapters.store.store import DatabaseStore
from adapters.store.streams import AREAS, DIARIES
from adapters.store.views import ReadModels
from domain import diary
from domain.network import area_id
from tests.adapters.store.racing import ANNA, promise_hour, race
from tests.adapters.store.stories import founded, must_load, renamed
from tests.builders import WEEK, an_id

THREADS = 8
PROCESSES = 3


def promises(store: DatabaseStore) -> tuple[diary.Booking, ...]:
    return must_load(store, DIARIES, diary.diary_id(ANNA, WEEK)).promises


def test_one_of_many_threads_gets_the_hour(store: DatabaseStore) -> None:
    start = Barrier(THREADS)

    def run(runner: str) -> bool:
        start.wait()
        return promise_hour(store, runner)

    runners = [f"r-{number}" for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        won = [runner for runner, first in zip(runners, pool.map(run, runners), strict=True) if first]

    assert len(won) == 1
    assert [one.timetable for one in promises(store)] == [an_id(won[0])]


def test_one_of_many_programs_gets_the_hour_of_a_database_that_all_open_at_once(shared: str) -> None:
    """Each has its own connections, and the first to come makes the tables."""
    start = Barrier(THREADS)
    runners = [f"r-{number}" for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        first = pool.map(lambda runner: race(shared, runner, start), runners)
        won = [runner for runner, got_it in zip(runners, first, strict=True) if got_it]

    store = DatabaseStore(shared)
    kept, read = promises(store), ReadModels(store).all(DIARIES)
    store.close()
    assert len(won) == 1
    assert [one.timetable for one in kept] == [an_id(won[0])]
    assert [one.promises for one in read] == [kept]


def test_one_of_several_processes_gets_the_hour(shared: str) -> None:
    context = multiprocessing.get_context("spawn")
    runners = [f"r-{number}" for number in range(PROCESSES)]
    with context.Manager() as manager, ProcessPoolExecutor(PROCESSES, context) as pool:
        start = manager.Barrier(PROCESSES)
        first = [pool.submit(race, shared, runner, start) for runner in runners]
        won = [runner for runner, got_it in zip(runners, first, strict=True) if got_it.result()]

    store = DatabaseStore(shared)
    kept = promises(store)
    store.close()
    assert len(won) == 1
    assert [one.timetable for one in kept] == [an_id(won[0])]


def test_different_streams_do_not_get_into_each_other_s_way(store: DatabaseStore) -> None:
    """Each writer keeps its own stream; none has to try twice, and no event is lost."""
    start = Barrier(4)

    def write(key: str) -> None:
        start.wait()
        store.save(founded(key))
        for number in range(5):
            store.save(renamed(must_load(store, AREAS, area_id(key)), f"{key} {number}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, ["north", "south", "east", "west"]))

    versions = [must_load(store, AREAS, area_id(key)).version for key in ("north", "south", "east", "west")]
    positions = [recorded.position for recorded in store.history()]
    assert versions == [6, 6, 6, 6]
    assert positions == sorted(set(positions))
    assert len(positions) == 24
