"""Repair of the diaries of an older database: bookings that no release holds any more are freed."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.application.unit_of_work import Application, Repository, UnitOfWork, command
from adapters.queries.diary_queries import diaries_of
from adapters.store.streams import DIARIES
from adapters.week.release_validity.other_timetables import TimetablesOf
from domain import diary


def mend_diaries(application: Application) -> int:
    """Each week in a transaction of its own, and only where something is wrong; how many bookings were freed."""
    application.views.catch_up()
    return sum(_free(application, week) for week in application.views.scopes(DIARIES))


@command
def _free(unit: UnitOfWork, week: str) -> int:
    unit.views.catch_up()
    events = list(_left_over(unit, week))
    unit.commit(events)
    return sum(len(event.freed) for event in events)


def _left_over(repository: Repository, week: str) -> Iterator[diary.PromisesChanged]:
    timetables, metadata = TimetablesOf(repository.views), repository.metadata()
    for diary_state in diaries_of(repository.views, [week]).values():
        left_over = [
            booking for booking in diary_state.promises if not timetables.still_booked(diary_state, booking)
        ]
        yield from diary.cancel_bookings(diary_state, metadata, left_over)
