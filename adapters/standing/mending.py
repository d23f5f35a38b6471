"""Mend diaries of an older database: free what no release holds any more, close rooms that were opened while closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from adapters.application import Lyceum
from adapters.closures import closed_now
from adapters.standing.others import TimetablesOf
from adapters.store.streams import DIARIES, VENUES
from domain import diary
from domain.facts import Fact


@dataclass(frozen=True, slots=True)
class Mended:
    """How many promises were freed, and how many blocks were added."""

    freed: int
    closed: int


def mend_diaries(lyceum: Lyceum) -> Mended:
    """Each week in a transaction of its own; nothing is written where nothing is wrong."""
    lyceum.views.catch_up()
    freed = sum(lyceum.retrying(partial(_freed, lyceum, week)) for week in lyceum.views.scopes(DIARIES))
    closed = sum(lyceum.retrying(partial(_closed, lyceum, one.id)) for one in lyceum.views.all(VENUES))
    return Mended(freed, closed)


def _freed(lyceum: Lyceum, week: str) -> int:
    lyceum.views.catch_up()
    facts = list(_left_over(lyceum, week))
    lyceum.commit(facts)
    return sum(len(fact.freed) for fact in facts)


def _left_over(lyceum: Lyceum, week: str) -> Iterator[diary.PromisesChanged]:
    timetables, stamp = TimetablesOf(lyceum.views), lyceum.stamp()
    for page in lyceum.views.all(DIARIES, week):
        gone = [one for one in page.promises if not timetables.still_promised(page, one)]
        yield from diary.free(page, stamp, gone)


def _closed(lyceum: Lyceum, id: UUID) -> int:
    place, stamp = lyceum.store.must_load(VENUES, id), lyceum.stamp()
    facts: list[Fact] = []
    for room in place.rooms:
        facts += closed_now(partial(lyceum.load, DIARIES), stamp, place, room.id)
    lyceum.commit(facts)
    return len(facts)
