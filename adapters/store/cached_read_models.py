"""In-memory cache of the read models, as new as the database.

Each query asks the database only for its position and the events since the last one; only states that those touched
change. So many processes may each hold a copy, and none is older than the query.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock, RLock
from typing import Any, TypeVar, cast
from uuid import UUID

from adapters.store.engines import ViewTracking
from adapters.store.store import Recorded, Store
from adapters.store.streams import (
    ACCOUNTS,
    AREAS,
    CATALOGUE,
    DAY_TYPES,
    DIARIES,
    REQUESTS,
    STREAM_OF,
    TIMETABLES,
    VENUES,
    VOLUNTEERS,
    Stream,
)
from adapters.store.views import Key, ReadModels, existing
from domain.diary import Diary
from domain.events import Event
from domain.timetable import Timetable

S = TypeVar("S")

HELD: tuple[Stream[Any], ...] = (
    AREAS,
    CATALOGUE,
    DAY_TYPES,
    VENUES,
    VOLUNTEERS,
    REQUESTS,
    ACCOUNTS,
)  # timetables and diaries pile up week by week, so only those that were asked for last are held
HELD_NAMES = frozenset(stream.name for stream in HELD)
MOST_WEEKS = 64
MOST_DIARIES = 4  # weeks of which all diaries are held, some thousands each
MOST_EVENTS = 2000  # after so many in between, reading the rows again is quicker


class SingleFlight:
    """Coalesces concurrent calls (single flight): callers share a call that began after they asked."""

    def __init__(self, look: Callable[[], int]) -> None:
        self._look, self._one_at_a_time = look, Lock()
        self._begun = self._done = self._found = 0

    def shared(self) -> int:
        """The result of a call of `look` that begins after this one."""
        before = self._begun
        with self._one_at_a_time:
            if self._done <= before:
                self._begun += 1
                self._found = self._look()
                self._done = self._begun
            return self._found


class CachedReadModels(ReadModels):
    """The read side now, with most of it in memory. Threads may share it."""

    def __init__(self, store: Store, tracking: ViewTracking) -> None:
        super().__init__(store, tracking)
        self._collections: dict[str, dict[UUID, Any]] = {}
        self._weeks: OrderedDict[UUID, Timetable | None] = OrderedDict()
        self._diaries: OrderedDict[str, dict[UUID, Diary]] = OrderedDict()
        self._seen = 0
        self._lock = RLock()
        self._looks = SingleFlight(self._look)
        self._catching_up = SingleFlight(super().catch_up)

    def _look(self) -> int:
        return self.reached

    def catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        """Commands that end at the same time share one call, because each would write the same rows."""
        return self._catching_up.shared() if progress is None else super().catch_up(progress)

    @property
    def position(self) -> int:
        """Where the memory is, after following the database."""
        return self.follow()

    def follow(self) -> int:
        """Apply the events since the last call; the position reached."""
        reached = self._looks.shared()
        if reached == self._seen:
            return reached
        with self._lock:
            if reached < self._seen:  # another thread has gone further, or somebody has dropped all
                reached = self.reached
            if reached != self._seen:
                self._take(self._seen, reached)
                self._seen = reached
            return reached

    def _take(self, after: int, until: int) -> None:
        held = bool(self._collections or self._weeks or self._diaries)
        new_events = self._store.page(after, MOST_EVENTS + 1, until) if held and until > after else ()
        if len(new_events) > MOST_EVENTS or until < after:
            new_events = ()
            self._collections = {}
            self._weeks.clear()
            self._diaries.clear()
        changed: dict[str, dict[UUID, list[Event]]] = defaultdict(lambda: defaultdict(list))
        for recorded in new_events:
            event = recorded.event
            changed[STREAM_OF[type(event)].name][event.originator_id].append(event)
        for stream in HELD:
            if stream.name in self._collections and stream.name in changed:
                self._renew(stream, changed[stream.name])
        for id, events in changed[TIMETABLES.name].items():
            if id in self._weeks:
                self._weeks[id] = self._renewed(TIMETABLES, id, self._weeks[id], events)

        self._renew_diaries(changed[DIARIES.name])

    def _renew_diaries(self, changed: dict[UUID, list[Event]]) -> None:
        """Renew the diaries of held weeks, held whole: a diary that is not there is new, or of another week."""
        renewed: dict[str, dict[UUID, Diary]] = {}
        for id, events in changed.items():
            before = next((collection[id] for collection in self._diaries.values() if id in collection), None)
            if before is None and events[0].originator_version > 1:
                continue
            after = self._renewed(DIARIES, id, before, events)
            if after is not None and (week := DIARIES.scope(after)) in self._diaries:
                renewed.setdefault(week, dict(self._diaries[week]))[id] = after
        for week, collection in renewed.items():
            self._diaries[week] = dict(sorted(collection.items(), key=lambda item: item[0].int))

    def _renew(self, stream: Stream[Any], changed: dict[UUID, list[Event]]) -> None:
        """Put new states into a copy of the collection, because somebody may be reading the old one (copy on write)."""
        collection = dict(self._collections[stream.name])
        known = len(collection)
        for id, events in changed.items():
            state = self._renewed(stream, id, collection.get(id), events)
            if state is not None:
                collection[id] = state
        if len(collection) > known:
            collection = dict(sorted(collection.items(), key=lambda item: item[0].int))
        self._collections[stream.name] = collection

    def _renewed(self, stream: Stream[S], id: UUID, state: S | None, events: list[Event]) -> S | None:
        """The state with its new events; from its row where they do not follow what is held."""
        for event in events:
            version = getattr(state, "version", 0)
            if event.originator_version == version + 1:
                state = stream.evolve(state, event)
            elif event.originator_version > version:
                return super().get(stream, id)
        return state

    def _follow(self, page: Sequence[Recorded], after: int, states: dict[Key, Any]) -> None:
        if self._seen < after:
            self.follow()
        super()._follow(page, after, states)

    def _load(self, key: Key, stream: Stream[Any]) -> Any:
        """A state that the rows follow from: what is held is as new as they are, or newer."""
        id = UUID(key[1])
        if stream.name in HELD_NAMES:
            return self.held(stream).get(id)
        return self.held_week(id) if stream.name == TIMETABLES.name else super()._load(key, stream)

    def warm(self) -> None:
        """Read what is held, so that nobody has to wait for it later."""
        for stream in HELD:
            self.collection(stream)

    def snapshot(self) -> Snapshot:
        """The read side now, for a query that reads many times."""
        position = self.follow()
        return Snapshot(self, position, dict(self._collections))

    def collection(self, stream: Stream[S]) -> dict[UUID, S]:
        """All states of a kind in order of id, not to be changed; only kinds that are held in memory."""
        self.follow()
        return self.held(stream)

    def held(self, stream: Stream[S]) -> dict[UUID, S]:
        """All states of a kind in order of id, not to be changed, without following first."""
        collection = self._collections.get(stream.name)
        if collection is None:
            with self._lock:
                collection = self._collections.get(stream.name)
                if collection is None:
                    states: list[Any] = super().all(stream)
                    collection = {state.id: state for state in states}
                    if self._rows_are_whole():
                        self._collections[stream.name] = collection
        return collection

    def _rows_are_whole(self) -> bool:
        """Whether they say all that memory has taken over; while somebody makes them again, nothing of them is kept."""
        return self.reached >= self._seen

    def held_week(self, id: UUID) -> Timetable | None:
        """The timetable of an id, without following first; the last that were asked for stay in memory."""
        with self._lock:
            if id not in self._weeks:
                timetable = super().get(TIMETABLES, id)
                if not self._rows_are_whole():
                    return timetable
                self._weeks[id] = timetable
            self._weeks.move_to_end(id)
            while len(self._weeks) > MOST_WEEKS:
                self._weeks.popitem(last=False)
            return self._weeks[id]

    def held_diaries(self, week: str) -> list[Diary]:
        """All of a week in order of id, without following first; the last weeks that were asked for stay in memory."""
        with self._lock:
            if week not in self._diaries:
                diaries = super().all(DIARIES, week)
                if not self._rows_are_whole():
                    return diaries
                self._diaries[week] = {diary.id: diary for diary in diaries}
            self._diaries.move_to_end(week)
            while len(self._diaries) > MOST_DIARIES:
                self._diaries.popitem(last=False)
            return list(self._diaries[week].values())

    def read(self, stream: Stream[S], id: UUID) -> S | None:
        """The state of a stream that is not held, from its row."""
        return super().get(stream, id)

    def read_all(self, stream: Stream[S], scope: str | None) -> list[S]:
        """The states of a kind that is not held, from their rows."""
        return super().all(stream, scope)

    def held_of(self, week: str) -> Mapping[UUID, Diary] | None:
        """The diaries of a week by their id, without following first; None where they are not held in memory."""
        with self._lock:
            return self._diaries.get(week)

    def read_many(self, stream: Stream[S], ids: Iterable[UUID]) -> Mapping[UUID, S]:
        """The states of a kind that is not held, from their rows."""
        return super().get_many(stream, ids)

    def get(self, stream: Stream[S], id: UUID) -> S | None:
        return self.snapshot().get(stream, id)

    def get_many(self, stream: Stream[S], ids: Iterable[UUID], scope: str | None = None) -> Mapping[UUID, S]:
        return self.snapshot().get_many(stream, ids, scope)

    def all(self, stream: Stream[S], scope: str | None = None) -> list[S]:
        """In order of id; those of one scope only, where one is given."""
        return self.snapshot().all(stream, scope)


class Snapshot:
    """A consistent snapshot of the read side: every cached state is as it was when the snapshot was taken."""

    def __init__(
        self, live: CachedReadModels, position: int, collections: dict[str, dict[UUID, Any]]
    ) -> None:
        self._live, self._collections, self.position = live, collections, position
        self.derived = live.derived

    def collection(self, stream: Stream[S]) -> dict[UUID, S]:
        """All states of a kind in order of id, not to be changed; only kinds that are held in memory."""
        if stream.name not in self._collections:
            self._collections[stream.name] = self._live.held(stream)
        return self._collections[stream.name]

    def get(self, stream: Stream[S], id: UUID) -> S | None:
        if stream.name in HELD_NAMES:
            return self.collection(stream).get(id)
        if stream.name == TIMETABLES.name:
            timetable: Any = self._live.held_week(id)
            return cast("S | None", timetable)
        return self._live.read(stream, id)

    def get_many(self, stream: Stream[S], ids: Iterable[UUID], scope: str | None = None) -> Mapping[UUID, S]:
        """The states of those ids that exist; with `scope` all of them belong to it, such as the diaries of a week."""
        held: Any = self._live.held_of(scope) if stream.name == DIARIES.name and scope is not None else None
        if held is not None:
            return existing((id, held.get(id)) for id in ids)
        if stream.name in HELD_NAMES or stream.name == TIMETABLES.name:
            return existing((id, self.get(stream, id)) for id in ids)
        return self._live.read_many(stream, ids)

    def all(self, stream: Stream[S], scope: str | None = None) -> list[S]:
        """In order of id; those of one scope only, where one is given."""
        if stream.name == DIARIES.name and scope is not None:
            diaries: list[Any] = self._live.held_diaries(scope)
            return diaries
        if stream.name not in HELD_NAMES:
            return self._live.read_all(stream, scope)
        states = self.collection(stream).values()
        return [state for state in states if scope is None or stream.scope(state) == scope]
