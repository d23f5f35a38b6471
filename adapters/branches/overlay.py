"""Overlay of a what-if branch: a store and read side with the branch's own events on top of the truth.

A stream that the branch has written is that of the truth up to the version before that, and the branch's events. All
others are as they are now. What a command commits is collected for the branch and never saved among the events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from adapters.application.unit_of_work import Repository, UnitOfWork
from adapters.branches.branches import DOCUMENTS, TABLE, Branch, NotInBranch
from adapters.store.append_conditions import AppendCondition
from adapters.store.cached_read_models import Snapshot
from adapters.store.engines import ViewTracking, Writes
from adapters.store.rows import Row, Rows, Table
from adapters.store.store import Recorded, Store
from adapters.store.streams import STREAM_OF, TIMETABLES, Stream
from adapters.store.views import ReadModels
from domain.events import Event
from domain.messages import message
from domain.timetable import blank, timetable_id

S = TypeVar("S")
States = Mapping[str, Mapping[UUID, Any]]  # by kind of stream


class BranchUnit(UnitOfWork):
    """The unit of work of one command inside a branch.

    Where the truth is a unit of work itself, that rests on what is read in here too.
    """

    def __init__(self, truth: Repository, actor: str, branch: Branch) -> None:
        store = BranchStore(truth.store, branch)
        if isinstance(truth, UnitOfWork):
            _ = truth.now  # the look comes first, so that nothing falls in between
        super().__init__(store, BranchViews(truth, store.states()), actor, truth.clock)
        if isinstance(truth, UnitOfWork):
            self.notes = truth.notes
        self.branch = branch
        self._week = timetable_id(branch.area, branch.week)

    def note(self, id: UUID) -> None:
        """Note a stream, but for the week's own timetable: what becomes of that in the truth is nothing to a branch."""
        if id != self._week:
            super().note(id)

    def commit(
        self, events: Iterable[Event], writes: Writes = (), condition: AppendCondition | None = None
    ) -> None:
        """Keep events and documents for the branch. Raises NotInBranch for every other row."""
        for table, row in writes:
            if table != "documents" or row.body is None:
                raise NotInBranch(
                    message(
                        "a branch writes events and documents, never {table}; give this outside the branch",
                        table=table,
                    )
                )
            key = f"{self.branch.id}:{row.key}"
            self.writes.append((TABLE, Row(DOCUMENTS, key, row.body, str(self.branch.id))))
        self.events += events
        self.conditions += [condition] if condition else []

    def save(self, also: Writes = ()) -> int:
        del also
        raise NotInBranch(
            message("what a branch has collected is kept in the branch, not saved among the events")
        )


class BranchStore(Store):
    """The truth's events, and those of a branch after them.

    The week's own timetable is as the branch saw it when it began, whatever others plan meanwhile.
    """

    def __init__(self, truth: Store, branch: Branch) -> None:
        self._truth, self._branch = truth, branch
        self.url, self.observer, self.derived = truth.url, truth.observer, truth.derived
        self._week = timetable_id(branch.area, branch.week)
        self._own: dict[UUID, list[Event]] = defaultdict(list)
        self._until = {self._week: branch.start.seen}  # how far the truth goes in a stream
        for event in branch.events:
            if event.originator_id not in self._own:
                self._until[event.originator_id] = event.originator_version - 1
            self._own[event.originator_id].append(event)
        self._folded: dict[UUID, Any] = {}

    def close(self) -> None:
        """The database stays open for the others."""

    def views(self) -> ViewTracking:
        return self._truth.views()

    def position(self) -> int:
        return self._truth.position()

    def page(
        self, after: int, limit: int, until: int | None = None, stream: UUID | None = None
    ) -> Sequence[Recorded]:
        """Events of the truth; those of a branch have no position."""
        return self._truth.page(after, limit, until, stream)

    def rows(self, table: Table) -> Rows:
        return self._truth.rows(table)

    def load(self, stream: Stream[S], id: UUID, version: int | None = None) -> S | None:
        until = self._until.get(id)
        if until is None or (version is not None and version <= until):
            return self._truth.load(stream, id, version)
        if version is None:
            state: S | None = self._state(stream, id)
            return state
        own = (event for event in self._own.get(id, ()) if event.originator_version <= version)
        return stream.fold(own, self._below(stream, id))

    def _below(self, stream: Stream[S], id: UUID) -> S | None:
        """The truth below the branch's first event of a stream."""
        until = self._until[id]
        return self._truth.load(stream, id, until) if until else None

    def _state(self, stream: Stream[Any], id: UUID) -> Any:
        if id not in self._folded:
            self._folded[id] = stream.fold(self._own.get(id, ()), self._below(stream, id))
        return self._folded[id]

    def states(self) -> States:
        """The streams that differ from the truth."""
        week = self._state(TIMETABLES, self._week) or blank(self._branch.area, self._branch.week)
        changed: dict[str, dict[UUID, Any]] = defaultdict(dict, {TIMETABLES.name: {self._week: week}})
        for id, own in self._own.items():
            stream = STREAM_OF[type(own[0])]
            changed[stream.name][id] = self._state(stream, id)
        return changed

    def events_of(self, id: UUID) -> Iterator[Event]:
        until = self._until.get(id)
        for event in self._truth.events_of(id):
            if until is not None and event.originator_version > until:
                break
            yield event
        yield from self._own.get(id, ())

    def document(self, digest: str) -> bytes:
        body = self._truth.rows(TABLE).get(DOCUMENTS, f"{self._branch.id}:{digest}")
        return self._truth.document(digest) if body is None else body

    def save(
        self, events: Iterable[Event], writes: Writes = (), condition: AppendCondition | None = None
    ) -> int:
        del events, writes, condition
        raise NotInBranch(message("a branch saves nothing among the events; adopt it"))


class BranchViews(ReadModels):
    """The read side now, with the streams that a branch has written as they are in it."""

    def __init__(self, truth: Repository, states: States) -> None:
        super().__init__(truth.store, truth.views.tracking)
        self._now, self._own = truth.views, states
        self._base = truth.views.snapshot()

    @property
    def position(self) -> int:
        return self._base.position

    def catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        self._now.catch_up(progress)
        self._base = self._now.snapshot()
        return self.position

    def get(self, stream: Stream[S], id: UUID) -> S | None:
        state: S | None = self._own.get(stream.name, {}).get(id)
        return self._base.get(stream, id) if state is None else state

    def get_many(self, stream: Stream[S], ids: Iterable[UUID], scope: str | None = None) -> Mapping[UUID, S]:
        own: Mapping[UUID, S] = self._own.get(stream.name, {})
        requested = set(ids)
        below = self._base.get_many(stream, requested - own.keys(), scope)
        return {**below, **{id: own[id] for id in requested & own.keys()}}

    def all(self, stream: Stream[S], scope: str | None = None) -> list[S]:
        own: Mapping[UUID, S] = self._own.get(stream.name, {})
        if not own:
            return self._base.all(stream, scope)
        known: Iterable[Any] = self._base.all(stream, scope)
        states: dict[UUID, S] = {state.id: state for state in known if state.id not in own}
        states |= {id: state for id, state in own.items() if scope is None or stream.scope(state) == scope}
        return [states[id] for id in sorted(states, key=str)]

    def collection(self, stream: Stream[S]) -> Mapping[UUID, S]:
        """All states of a kind by their id."""
        if not self._own.get(stream.name) and isinstance(self._base, Snapshot):
            return self._base.collection(stream)
        states: Iterable[Any] = self.all(stream)
        return {state.id: state for state in states}
