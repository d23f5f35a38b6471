"""Repair of the diaries of an older database: what no release holds any more is freed."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.application.unit_of_work import Application, Repository, UnitOfWork, command
from adapters.store.streams import DIARIES
from adapters.week.standing.other_timetables import TimetablesOf
from domain import diary


def mend_diaries(lyceum: Application) -> int:
    """Each week in a transaction of its own, and only where something is wrong; how many promises were freed."""
    lyceum.views.catch_up()
    return sum(_free(lyceum, week) for week in lyceum.views.scopes(DIARIES))


@command
def _free(unit: UnitOfWork, week: str) -> int:
    unit.views.catch_up()
    events = list(_left_over(unit, week))
    unit.commit(events)
    return sum(len(event.freed) for event in events)


def _left_over(lyceum: Repository, week: str) -> Iterator[diary.PromisesChanged]:
    timetables, metadata = TimetablesOf(lyceum.views), lyceum.metadata()
    for page in lyceum.views.all(DIARIES, week):
        gone = [booking for booking in page.promises if not timetables.still_promised(page, booking)]
        yield from diary.free(page, metadata, gone)
