"""What a command reads, noted so that its save is refused where any of that has changed since.

A command reads at one look. Whatever it reads there is noted by itself, so that no command has to think of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from adapters.store.append_conditions import AppendCondition, kind_of
from adapters.store.cached_read_models import Snapshot
from adapters.store.streams import ACCOUNTS, AREAS, CATALOGUE, DAY_TYPES, Stream
from adapters.store.views import Views

S = TypeVar("S")

# Kinds that a command may read whole and that change now and then. Of the others thousands change while somebody
# decides: whoever reads all of them says itself which streams its decision rests on.
WHOLE = frozenset(stream.name for stream in (AREAS, CATALOGUE, DAY_TYPES, ACCOUNTS))


@dataclass(slots=True)
class Notes:
    """The streams that were read, and the kinds of which all were."""

    streams: set[UUID] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)

    def condition(self, after: int) -> AppendCondition:
        return AppendCondition(after, frozenset(self.streams), frozenset(self.kinds))


class NotedMoment(Snapshot):
    """The read side at one look, noting what is looked at."""

    def __init__(self, views: Views, notes: Notes) -> None:
        self._views: Any = views
        self._notes, self.position, self.derived = notes, views.position, views.derived

    @property
    def unnoted(self) -> Views:
        """The read side without notes, for what is only shown beside the answer: nothing that is saved rests on it."""
        views: Views = self._views
        return views

    def get(self, stream: Stream[S], id: UUID) -> S | None:
        self._notes.streams.add(id)
        view: S | None = self._views.get(stream, id)
        return view

    def get_many(self, stream: Stream[S], ids: Iterable[UUID], scope: str | None = None) -> Mapping[UUID, S]:
        stream_ids = set(ids)
        self._notes.streams |= stream_ids
        states: Mapping[UUID, S] = self._views.get_many(stream, stream_ids, scope)
        return states

    def all(self, stream: Stream[S], scope: str | None = None) -> list[S]:
        self._note_all(stream)
        states: list[S] = self._views.all(stream, scope)
        return states

    def collection(self, stream: Stream[S]) -> dict[UUID, S]:
        self._note_all(stream)
        states: dict[UUID, S] = self._views.collection(stream)
        return states

    def _note_all(self, stream: Stream[Any]) -> None:
        if stream.name in WHOLE:
            self._notes.kinds.add(kind_of(stream))
