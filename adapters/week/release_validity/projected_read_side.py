"""Projection of events that are not saved yet onto the read side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar, cast, runtime_checkable
from uuid import UUID

from adapters.people.personal_records import LazyPeople, PersonalRecord
from adapters.store.engines import Writes
from adapters.store.mapper import json_of
from adapters.store.streams import STREAM_OF, Stream
from adapters.store.views import Views, existing
from domain.events import Event

S = TypeVar("S")


@runtime_checkable
class _HasCollections(Protocol):
    def collection(self, stream: Stream[S]) -> Mapping[UUID, S]: ...


class ViewsAfter:
    """The read side `base` with events on top; states are folded when they are asked for."""

    def __init__(self, base: Views, events: Iterable[Event]) -> None:
        self._base, self.derived = base, base.derived
        self._events: dict[str, dict[UUID, list[Event]]] = defaultdict(dict)
        for event in events:
            stream = STREAM_OF[type(event)]
            self._events[stream.name].setdefault(event.originator_id, []).append(event)
        self._folded: dict[tuple[str, UUID], Any] = {}

    @property
    def position(self) -> int:
        return self._base.position

    def get(self, stream: Stream[S], id: UUID) -> S | None:
        if id not in self._events.get(stream.name, {}):
            return self._base.get(stream, id)
        return self._after(stream, id, lambda: self._base.get(stream, id))

    def get_many(self, stream: Stream[S], ids: Iterable[UUID], scope: str | None = None) -> Mapping[UUID, S]:
        requested = set(ids)
        own = requested & self._events.get(stream.name, {}).keys()
        below = self._base.get_many(stream, requested - own, scope)
        return {**below, **existing((id, self.get(stream, id)) for id in own)}

    def _after(self, stream: Stream[S], id: UUID, before: Any) -> S | None:
        key = stream.name, id
        if key not in self._folded:
            state = before()
            version = getattr(state, "version", 0)
            events = (event for event in self._events[stream.name][id] if event.originator_version > version)
            self._folded[key] = stream.fold(events, state)
        return cast("S | None", self._folded[key])

    def all(self, stream: Stream[S], scope: str | None = None) -> list[S]:
        own = self._events.get(stream.name)
        if not own:
            return self._base.all(stream, scope)
        states: Iterable[Any] = self._base.all(stream, scope)
        known = {state.id: state for state in states}
        for id in own:
            state: Any = self._after(stream, id, lambda id=id: known.get(id) or self._base.get(stream, id))
            if state is not None and (scope is None or stream.scope(state) == scope):
                known[id] = state
        return [known[id] for id in sorted(known, key=str)]

    def collection(self, stream: Stream[S]) -> Mapping[UUID, S]:
        """All states of a kind by their id."""
        own = self._events.get(stream.name, {})
        if not isinstance(self._base, _HasCollections):
            states: Iterable[Any] = self.all(stream)
            return {state.id: state for state in states}
        base = self._base.collection(stream)
        if not own:
            return base
        merged = dict(base)
        for id in own:
            state = self._after(stream, id, lambda id=id: base.get(id))
            if state is not None:
                merged[id] = state
        return merged


class PeopleAfter:
    """Personal records with rows that are not saved yet on top."""

    def __init__(self, base: LazyPeople, writes: Writes = ()) -> None:
        self._base = base
        self._written = {
            row.key: row.body for table, row in writes if table == "people" and row.collection == "person"
        }

    @property
    def written(self) -> frozenset[UUID]:
        """Whose records are written."""
        return frozenset(map(UUID, self._written))

    def need(self, ids: Iterable[UUID]) -> None:
        """Say whom `get` will be asked for, so that they are read together."""
        self._base.need(id for id in ids if str(id) not in self._written)

    def get(self, id: UUID, /) -> PersonalRecord | None:
        if str(id) not in self._written:
            return self._base.get(id)
        body = self._written[str(id)]
        return None if body is None else json_of(PersonalRecord).validate_json(body)
