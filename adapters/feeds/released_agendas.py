"""Cache of the agendas of all released weeks, each made once for each release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any
from uuid import UUID

from adapters.exports.agendas import Agendas, Owner, agendas
from adapters.exports.export_wording import Wording
from adapters.queries.area_queries import network
from adapters.queries.left_out import answers
from adapters.queries.request_queries import requests_by_id
from adapters.queries.timetable_queries import timetables_of
from adapters.queries.venue_queries import venues_by_id
from adapters.store.cached_read_models import Snapshot
from adapters.store.store import Store
from adapters.store.streams import TIMETABLES
from adapters.week.week_snapshot import snapshot_of
from domain.calendar import monday, shift_week
from domain.timetable import Timetable, TimetableReleased

AHEAD_WEEKS = 106  # weeks that are looked for at the first look; later ones are seen when they are released
MOST_EVENTS = 2000  # after so many in between, looking for the weeks again is quicker

States = Mapping[UUID, Any]


@dataclass(eq=False, slots=True)
class Agenda:
    """Whose sessions are when, in one timetable; compared by identity, because a new release makes a new one.

    `written` is what whoever reads it has made of it so far.
    """

    timetable: Timetable
    zone: str
    held: Agendas
    seen: tuple[States, ...]
    rests_on: tuple[tuple[int, UUID, Any], ...]
    written: dict[tuple[Owner, str, int], tuple[Wording, bytes, tuple[str, ...]]] = field(
        default_factory=dict
    )

    @property
    def area(self) -> UUID:
        return self.timetable.area

    @property
    def week(self) -> str:
        return self.timetable.week

    @property
    def day(self) -> date:
        return monday(self.timetable.week)

    def still_holds(self, collections: tuple[States, ...]) -> bool:
        """Whether what it was made of is the same: the network, and the requests and venues of its sessions."""
        if all(before is now for before, now in zip(self.seen, collections, strict=True)):
            return True
        if self.seen[0] is not collections[0]:
            return False
        if all(collections[index].get(id) is state for index, id, state in self.rests_on):
            self.seen = collections
            return True
        return False


class ReleasedAgendas:
    """The timetables with a release, from a week on. Whoever uses it holds its lock."""

    def __init__(self) -> None:
        self.lock = Lock()
        self._position = -1
        self._first = ""
        self._timetables: dict[UUID, Timetable] = {}
        self._agendas: dict[UUID, Agenda] = {}

    def agendas(self, store: Store, views: Snapshot, first: str) -> Iterator[Agenda]:
        """In order of week and area."""
        self._follow(store, views, first)
        collections = (network(views), requests_by_id(views), venues_by_id(views))
        for id, timetable in sorted(
            self._timetables.items(), key=lambda item: (item[1].week, str(item[1].area))
        ):
            held = self._agendas.get(id)
            if held is None or held.timetable is not timetable or not held.still_holds(collections):
                built = answers(
                    [timetable], lambda released: _agenda(views, released, collections), "timetable"
                )
                if not built:
                    continue
                held = self._agendas[id] = built[0]
            yield held

    def _follow(self, store: Store, views: Snapshot, first: str) -> None:
        new_events = store.page(self._position, MOST_EVENTS, views.position) if self._position >= 0 else ()
        if self._position < 0 or self._first > first or len(new_events) == MOST_EVENTS:
            self._timetables = {}
            for ahead in range(AHEAD_WEEKS):
                self._take(timetables_of(views, shift_week(first, ahead)), first)
        changed = {
            recorded.event.originator_id
            for recorded in new_events
            if isinstance(recorded.event, TimetableReleased)
        }
        self._take(list(views.get_many(TIMETABLES, changed).values()), first)
        for id in [id for id, timetable in self._timetables.items() if timetable.week < first]:
            del self._timetables[id]
            self._agendas.pop(id, None)
        self._position, self._first = max(self._position, views.position), first

    def _take(self, timetables: list[Timetable], first: str) -> None:
        self._timetables |= {
            timetable.id: timetable
            for timetable in timetables
            if timetable.releases and timetable.week >= first
        }


def _agenda(views: Snapshot, timetable: Timetable, collections: tuple[States, ...]) -> Agenda:
    snapshot = snapshot_of(views, timetable.area, timetable.week)
    sessions = [session for release in timetable.releases for session in release.sessions]
    named = {(1, session.request) for session in sessions} | {(2, session.venue) for session in sessions}
    rests_on = tuple((index, id, collections[index].get(id)) for index, id in named)
    return Agenda(timetable, snapshot.zone, agendas([snapshot]), collections, rests_on)
