"""Unit of work: what one command reads, decides and writes, saved in one transaction (Fowler, PoEAA, 2002).

A command of the service layer is a function whose first parameter is a unit of work; `command` makes it callable with
an application as well, which gives it a unit of its own, saves that, and begins again after a lost race.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from adapters.application.read_set import NotedMoment, Notes
from adapters.people.personal_records import PersonalRecord
from adapters.store.append_conditions import AppendCondition, combined
from adapters.store.engines import Writes
from adapters.store.rows import Row, Table
from adapters.store.store import Store, person_row
from adapters.store.streams import Stream
from adapters.store.views import ReadModels
from domain.events import Event, EventMetadata

S = TypeVar("S")
T = TypeVar("T")
P = ParamSpec("P")


def now() -> datetime:
    """The only clock of the program."""
    return datetime.now(UTC)


class Repository:
    """What commands and queries read: streams, read models and personal records, for one actor and by one clock.

    `actor` is the id of a person or of a program, never a name.
    """

    def __init__(self, store: Store, views: ReadModels, actor: str, clock: Callable[[], datetime]) -> None:
        self.store, self.views, self.actor, self.clock = store, views, actor, clock

    def metadata(self) -> EventMetadata:
        return EventMetadata(self.clock(), self.actor)

    def load(self, stream: Stream[S], id: UUID) -> S | None:
        """The state of a stream, None before its first event."""
        return self.store.load(stream, id)

    def must_load(self, stream: Stream[S], id: UUID) -> S:
        """The state of a stream. Raises NotThere before its first event."""
        state = self.load(stream, id)
        if state is None:
            raise stream.missing(id)
        return state

    def person(self, id: UUID) -> PersonalRecord | None:
        return self.store.person(id, PersonalRecord)

    def persons(self, ids: Collection[UUID]) -> dict[UUID, PersonalRecord]:
        """The personal records of these people, as far as there are any."""
        return self.store.persons(ids, PersonalRecord)

    def people(self) -> dict[UUID, PersonalRecord]:
        return self.store.people(PersonalRecord)


@dataclass(frozen=True, slots=True)
class GivenCommand:
    """A command of the service layer by its name, with its arguments."""

    name: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


class UnitOfWork(Repository):
    """One command by one actor: its events and rows are collected, and saved at once.

    A command commits at most once for each stream. A race that is lost shows in `save`, so whoever calls that begins
    again with a new unit: `Application.execute` does.
    """

    def __init__(self, store: Store, views: ReadModels, actor: str, clock: Callable[[], datetime]) -> None:
        super().__init__(store, views, actor, clock)
        self.events: list[Event] = []
        self.writes: list[tuple[Table, Row]] = []
        self.conditions: list[AppendCondition] = []
        self.notes = Notes()
        self.commands: list[GivenCommand] = []
        self._depth = 0
        self._loaded: dict[UUID, Any] = {}
        self._rows: dict[tuple[Table, str, str], bytes | None] = {}

    @cached_property
    def now(self) -> NotedMoment:
        """The read side at the first look of this unit; what is read there is noted, and `save` rests on it."""
        return NotedMoment(self.views.snapshot(), self.notes)

    @property
    def rests_on(self) -> AppendCondition | None:
        """What was read, and must be so still when this is saved: nothing where nothing changes."""
        read = self.notes.streams or self.notes.kinds
        return self.notes.condition(self.now.position) if read and self.changes else None

    def commit(
        self, events: Iterable[Event], writes: Writes = (), condition: AppendCondition | None = None
    ) -> None:
        """Collect events, rows, and what they rest on, for `save`."""
        self.events += events
        self.writes += writes
        self.conditions += [condition] if condition else []

    def remember(self, id: UUID, record: PersonalRecord) -> None:
        """Collect a personal record to be kept."""
        self.commit((), [person_row(id, record)])

    def load(self, stream: Stream[S], id: UUID) -> S | None:
        """The state of a stream as this unit has first read it (identity map), with what it has decided since."""
        if id not in self._loaded:
            self.note(id)
            self._loaded[id] = self.store.load(stream, id)
        return stream.fold((event for event in self.events if event.originator_id == id), self._loaded[id])

    def row(self, table: Table, collection: str, key: str) -> bytes | None:
        """A row as this unit has first read it: a write over it guards all that came after."""
        if (table, collection, key) not in self._rows:
            self._rows[table, collection, key] = self.store.rows(table).get(collection, key)
        return self._rows[table, collection, key]

    def note(self, id: UUID) -> None:
        """Note a stream before it is loaded: the look comes first, so that nothing falls in between."""
        _ = self.now
        self.notes.streams.add(id)

    def decide(
        self, stream: Stream[S], id: UUID, decision: Callable[[S, EventMetadata], Iterable[Event]]
    ) -> S:
        """Commit what a decision on one stream says; its state then. Raises NotThere where it has no event."""
        return self._decided(stream, id, decision(self.must_load(stream, id), self.metadata()))

    def create(
        self, stream: Stream[S], id: UUID, decision: Callable[[S | None, EventMetadata], Iterable[Event]]
    ) -> S:
        """Commit a decision on a stream that may have no event yet; its state then."""
        return self._decided(stream, id, decision(self.load(stream, id), self.metadata()))

    def _decided(self, stream: Stream[S], id: UUID, events: Iterable[Event]) -> S:
        self.commit(events)
        return self.must_load(stream, id)

    @property
    def changes(self) -> bool:
        """Whether anything is to be saved so far."""
        return bool(self.events or self.writes)

    @contextmanager
    def giving(self, command: GivenCommand) -> Iterator[None]:
        """While a command runs in this unit: those that it gives itself are parts of it, and not noted."""
        if self._depth == 0:
            self.commands.append(command)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def save(self, also: Writes = ()) -> int:
        """Save everything in one transaction; the position after it. Raises IntegrityError after a lost race."""
        rests_on = self.rests_on
        conditions = [*self.conditions, *([rests_on] if rests_on else [])]
        position = self.store.save(self.events, [*self.writes, *also], combined(conditions))
        self.views.catch_up()
        return position


class Application(Repository):
    """The application on one database, which runs commands as units of work."""

    def unit(self, actor: str) -> UnitOfWork:
        """A unit of work of somebody, which the caller saves."""
        return UnitOfWork(self.store, self.views, actor, self.clock)

    def acting_as(self, actor: str) -> Application:
        """The application with another actor."""
        return Application(self.store, self.views, actor, self.clock)

    def retrying(self, attempt: Callable[[], T]) -> T:
        """Run an attempt that makes a unit and saves it; again from the start while it loses races (bounded)."""
        return self.store.retrying(attempt, self.views.catch_up)

    def execute(self, command: Callable[[UnitOfWork], T]) -> T:
        """Run a command as a unit of work of its own, and save that. Raises Conflict where others are always faster."""

        def attempt() -> T:
            unit = self.unit(self.actor)
            answer = command(unit)
            unit.save()
            return answer

        return self.retrying(attempt)

    def decide(
        self, stream: Stream[S], id: UUID, decision: Callable[[S, EventMetadata], Iterable[Event]]
    ) -> None:
        """Execute one decision on one stream. Raises NotThere where the stream has no event."""
        self.execute(lambda unit: unit.decide(stream, id, decision))

    def commit(
        self, events: Iterable[Event], writes: Writes = (), condition: AppendCondition | None = None
    ) -> None:
        """Save events and rows at once; then let the read side see them. Raises IntegrityError after a lost race."""
        unit = self.unit(self.actor)
        unit.commit(events, writes, condition)
        unit.save()

    def remember(self, id: UUID, record: PersonalRecord) -> None:
        """Keep a personal record."""
        self.commit((), [person_row(id, record)])


def command(
    function: Callable[Concatenate[UnitOfWork, P], T],
) -> Callable[Concatenate[UnitOfWork | Application, P], T]:
    """Declare a command of the service layer.

    Given a unit of work it becomes a part of that; given an application it is executed, and begins again after a lost
    race.
    """

    @wraps(function)
    def run(target: UnitOfWork | Application, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if not isinstance(target, UnitOfWork):
            answer: T = target.execute(partial(part, args, kwargs))
            return answer
        return part(args, kwargs, target)

    def part(args: tuple[Any, ...], kwargs: Mapping[str, Any], unit: UnitOfWork) -> T:
        with unit.giving(GivenCommand(function.__name__, args, kwargs)):
            return function(unit, *args, **kwargs)

    return run
