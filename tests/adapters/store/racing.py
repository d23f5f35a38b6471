"""What each runner of a race does: promise the same hour of one volunteer to a timetable of its own."""

from __future__ import annotations

from multiprocessing.synchronize import Barrier as ProcessBarrier
from threading import Barrier

from adapters.store.store import DatabaseStore
from adapters.store.streams import DIARIES
from adapters.store.views import ReadModels
from domain import diary
from domain.volunteer import volunteer_id
from tests.builders import STAMP, WEEK, an_id, promised

ANNA = volunteer_id("anna")


def promise_hour(store: DatabaseStore, runner: str) -> bool:
    """Whether the hour went to this runner."""

    def command() -> bool:
        known = store.load(DIARIES, diary.diary_id(ANNA, WEEK)) or diary.blank("volunteer", ANNA, WEEK)
        wanted = [promised(runner, by=runner, at=runner)]
        store.save(diary.book(known, STAMP, an_id(runner), wanted, diary.BookingLimits()))
        return True

    try:
        return store.retrying(command)
    except diary.DoubleBooking:
        return False


def race(url: str, runner: str, start: Barrier | ProcessBarrier) -> bool:
    """The same from the opening of the database on; each runner reads along, too."""
    start.wait()
    store = DatabaseStore(url)
    won = promise_hour(store, runner)
    ReadModels(store).catch_up()
    store.close()
    return won
