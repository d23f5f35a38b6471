"""Read models: the state of each stream as rows, projected from the events by pulling.

A read model is named as its stream in the plural, and each of its rows is the state of one stream as JSON. All of it
can be dropped and made again from the events, to the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from eventsourcing.persistence import IntegrityError, Tracking

from adapters.store.caches import DerivedValues
from adapters.store.engines import ViewTracking
from adapters.store.mapper import json_of
from adapters.store.rows import Row
from adapters.store.store import Recorded, Store
from adapters.store.streams import STREAM_OF, STREAMS, Stream
from domain.events import Refused
from domain.messages import message

S = TypeVar("S")
READ_MODELS = "read-models"
PAGE = 1000
MOST_HELD = 50_000  # states kept in memory from page to page

Key = tuple[str, str]  # read model, id of the stream


class MissingEvent(LookupError):
    """A state that misses the event before the one to apply."""


class Damaged(Refused):
    """Read models that have lost what they had counted."""


class Views(Protocol):
    """The read side at one event position."""

    @property
    def position(self) -> int: ...

    @property
    def derived(self) -> DerivedValues:
        """What was made from its states before."""
        ...

    def get(self, stream: Stream[S], id: UUID) -> S | None: ...

    def get_many(self, stream: Stream[S], ids: Iterable[UUID], scope: str | None = None) -> Mapping[UUID, S]:
        """The states of those ids that exist; with `scope` all of them belong to it, such as the diaries of a week."""
        ...

    def all(self, stream: Stream[S], scope: str | None = None) -> list[S]:
        """In order of id; those of one scope only, where one is given."""
        ...

    def collection(self, stream: Stream[S]) -> Mapping[UUID, S]:
        """All states of a kind by their id, not to be changed."""
        ...


def existing(states: Iterable[tuple[UUID, S | None]]) -> dict[UUID, S]:
    """The states that are not None, by their ids."""
    return {id: state for id, state in states if state is not None}


class Past:
    """The read side at an earlier position: the events up to it, folded in memory."""

    def __init__(self, history: Iterable[Recorded], derived: DerivedValues) -> None:
        self.position, self.derived = 0, derived
        self._states: dict[Key, Any] = {}
        for recorded in history:
            self.position = recorded.position
            _fold(recorded, self._states, lambda _key, _stream: None)

    def get(self, stream: Stream[S], id: UUID) -> S | None:
        state: S | None = self._states.get((stream.name, str(id)))
        return state

    def get_many(self, stream: Stream[S], ids: Iterable[UUID], scope: str | None = None) -> Mapping[UUID, S]:
        del scope
        return existing((id, self.get(stream, id)) for id in ids)

    def all(self, stream: Stream[S], scope: str | None = None) -> list[S]:
        states = sorted((key, state) for (name, key), state in self._states.items() if name == stream.name)
        return [state for _, state in states if scope is None or stream.scope(state) == scope]

    def collection(self, stream: Stream[S]) -> Mapping[UUID, S]:
        states: Iterable[Any] = self.all(stream)
        return {state.id: state for state in states}


def _fold(recorded: Recorded, states: dict[Key, Any], load: Callable[[Key, Stream[Any]], Any]) -> Key:
    event = recorded.event
    stream = STREAM_OF[type(event)]
    key = stream.name, str(event.originator_id)
    is_first = event.originator_version == 1  # nothing can be there before it, so nothing is looked for
    before = states[key] if key in states else None if is_first else load(key, stream)
    version = before.version if before is not None else 0
    if version + 1 < event.originator_version:
        raise MissingEvent(
            message(
                "{stream} {originator_id} is at version {version}",
                stream=stream.name,
                originator_id=event.originator_id,
                version=version,
            )
        )
    seen = version >= event.originator_version  # applied by another process
    states[key] = before if seen else stream.evolve(before, event)
    return key


class ReadModels:
    """The read side now, as rows in the database."""

    def __init__(self, store: Store, tracking: ViewTracking | None = None) -> None:
        self._store, self.derived = store, store.derived
        self.tracking = tracking or store.views()
        self._rows = self.tracking.rows("views")

    @property
    def position(self) -> int:
        return self.reached

    @property
    def reached(self) -> int:
        """The position of the last event that the rows include."""
        return self.tracking.max_tracking_id(READ_MODELS) or 0

    def get(self, stream: Stream[S], id: UUID) -> S | None:
        body = self._rows.get(stream.name, str(id))
        return json_of(stream.state).validate_json(body) if body else None

    def get_many(self, stream: Stream[S], ids: Iterable[UUID], scope: str | None = None) -> Mapping[UUID, S]:
        del scope
        read = json_of(stream.state).validate_json
        return {
            UUID(key): read(body) for key, body in self._rows.get_many(stream.name, [*map(str, ids)]).items()
        }

    def all(self, stream: Stream[S], scope: str | None = None) -> list[S]:
        read = json_of(stream.state).validate_json
        return [read(row.body) for row in self._rows.select(stream.name, scope) if row.body is not None]

    def snapshot(self) -> Views:
        """The read side for one question that looks many times."""
        return self

    def collection(self, stream: Stream[S]) -> Mapping[UUID, S]:
        """All states of a kind by their id."""
        states: Iterable[Any] = self.all(stream)
        return {state.id: state for state in states}

    def scopes(self, stream: Stream[Any]) -> Sequence[str]:
        """The scopes that there are states of, such as the weeks of timetables, in order."""
        return self._rows.scopes(stream.name)

    def catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        """Apply all events up to the last one; the position reached. Safe to run in many processes at once."""
        with self._store.observer.step("read-models.catch-up"):
            return self._catch_up(progress)

    def _catch_up(self, progress: Callable[[int], None] | None) -> int:
        # Streams of earlier pages stay in memory as long as nobody else gets in between.
        states: dict[Key, Any] = {}
        reached = 0
        while page := self._store.page(before := self.reached, PAGE):
            if before != reached or len(states) > MOST_HELD:
                states.clear()
            # Somebody else may have applied this page, or dropped all: go on from where they are.
            with suppress(IntegrityError):
                self._follow(page, before, states)
                reached = page[-1].position
            if progress:
                progress(page[-1].position)
            if reached == page[-1].position and len(page) < PAGE:
                return reached  # what came meanwhile, somebody else follows
        return self.reached

    def _follow(self, page: Sequence[Recorded], after: int, states: dict[Key, Any]) -> None:
        try:
            touched = {_fold(recorded, states, self._load) for recorded in page}
        except MissingEvent as gap:
            states.clear()
            if self.reached != after:
                raise IntegrityError("the read models were dropped while the page was read") from gap
            raise Damaged(
                message(
                    "the read models have lost events ({gap}); make them again with lyceum rebuild", gap=gap
                )
            ) from gap
        rows = [_row(key, states[key]) for key in sorted(touched)]
        self.tracking.apply(rows, Tracking(READ_MODELS, page[-1].position), after)

    def _load(self, key: Key, stream: Stream[Any]) -> Any:
        body = self._rows.get(*key)
        return json_of(stream.state).validate_json(body) if body else None

    def rebuild(self, progress: Callable[[int], None] | None = None) -> int:
        """Drop every read model and make it again from the first event."""
        self.tracking.reset(READ_MODELS)
        return self.catch_up(progress)

    def digest(self) -> str:
        """A hash of all bytes of all read models, to compare two builds by."""
        content = hashlib.sha256()
        for row in self.rows():
            content.update(f"{row.collection}\0{row.key}\0{row.scope}\0".encode() + (row.body or b"") + b"\n")
        return content.hexdigest()

    def rows(self) -> Iterator[Row]:
        return (row for collection in self._rows.collections() for row in self._rows.select(collection))

    def at_position(self, position: int) -> Past:
        """The read side as it was after the event at a position."""
        return Past(self._store.history(until=position), self.derived)

    def as_of(self, instant: datetime) -> Past:
        """The read side as it was at an instant."""
        return self.at_position(self._store.position_at(instant))


_BY_NAME = {stream.name: stream for stream in STREAMS}


def _row(key: Key, state: Any) -> Row:
    stream = _BY_NAME[key[0]]
    return Row(*key, json_of(stream.state).dump_json(state), stream.scope(state))
