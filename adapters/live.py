"""Keep the read models that many readers ask for in memory, as new as the database.

Each look asks the database for its position alone, and reads the events since the last look; only what they touched
changes. So many processes may each hold a copy, and none is older than the question.
"""

from __future__ import annotations

from collections import defaultdict
from threading import RLock
from typing import Any, TypeVar
from uuid import UUID

from adapters.application import Lyceum
from adapters.store.streams import (
    AREAS,
    CATALOGUE,
    DAY_TYPES,
    REQUESTS,
    STREAM_OF,
    VENUES,
    VOLUNTEERS,
    Stream,
)

S = TypeVar("S")

HELD = (
    AREAS,
    CATALOGUE,
    DAY_TYPES,
    VENUES,
    VOLUNTEERS,
    REQUESTS,
)  # timetables and diaries pile up week by week
MOST_EVENTS = 2000  # after so many in between, reading the rows again is quicker


class Live:
    """The read side now, with most of it in memory. Threads may share it."""

    def __init__(self, lyceum: Lyceum) -> None:
        self._store, self._views = lyceum.store, lyceum.views
        self._held = {stream.name for stream in HELD}
        self._shelves: dict[str, dict[UUID, Any]] = {}
        self._touched: dict[str, int] = defaultdict(int)
        self._position = 0
        self._lock = RLock()

    @property
    def position(self) -> int:
        """Where the memory is, after following the database."""
        return self.follow()

    def follow(self) -> int:
        """Take over what has happened since the last look; the position reached."""
        there = self._views.position
        if there == self._position:
            return there
        with self._lock:
            if there != self._position:
                self._take(self._position, there)
                self._position = there
        return there

    def _take(self, after: int, until: int) -> None:
        news = self._store.page(after, MOST_EVENTS + 1, until) if self._shelves and until > after else ()
        if len(news) > MOST_EVENTS or until < after:
            news = ()
            self._shelves = {}
        changed: dict[str, set[UUID]] = defaultdict(set)
        for recorded in news:
            changed[STREAM_OF[type(recorded.fact)].name].add(recorded.fact.originator_id)
        for stream in HELD:
            if stream.name in self._shelves and changed[stream.name]:
                self._renew(stream, changed[stream.name])
        for name in changed:
            self._touched[name] = until

    def _renew(self, stream: Stream[Any], ids: set[UUID]) -> None:
        """Put new states into a new shelf, because somebody may be reading the old one."""
        shelf = dict(self._shelves[stream.name])
        for id in ids:
            state = self._views.get(stream, id)
            if state is not None:
                shelf[id] = state
        self._shelves[stream.name] = shelf

    def shelf(self, stream: Stream[S]) -> dict[UUID, S]:
        """All states of a kind by id, not to be changed; only kinds that are held in memory."""
        self.follow()
        found = self._shelves.get(stream.name)
        if found is None:
            with self._lock:
                found = self._shelves.get(stream.name)
                if found is None:
                    states: list[Any] = self._views.all(stream)
                    found = self._shelves[stream.name] = {state.id: state for state in states}
        return found

    def touched(self, stream: Stream[Any]) -> int:
        """A number that rises whenever a state of the kind changes, 0 where none has since this memory began."""
        self.follow()
        return self._touched[stream.name]

    def get(self, stream: Stream[S], id: UUID) -> S | None:
        return self.shelf(stream).get(id) if stream.name in self._held else self._views.get(stream, id)

    def all(self, stream: Stream[S], scope: str | None = None) -> list[S]:
        """In order of id; those of one scope only, where one is given."""
        if stream.name not in self._held:
            return self._views.all(stream, scope)
        found = sorted(self.shelf(stream).items(), key=lambda one: str(one[0]))
        return [state for _, state in found if scope is None or stream.scope(state) == scope]
