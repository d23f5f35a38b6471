"""Wire the whole together: one database, a clock, and who is at work; every command goes through here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

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


def now() -> datetime:
    """The only clock of the program."""
    return datetime.now(UTC)


class Lyceum:
    """The application on one database.

    Parameters
    ----------
    url
        Where the events are kept: `memory:`, `sqlite:///lyceum.db`, `postgresql://…`.
    actor
        Who gives the commands: the id of a person or of a program, never a name.
    clock
        Tells the time of a command; tests pass their own.
    """

    def __init__(self, url: str, *, actor: str = "operator", clock: Callable[[], datetime] = now) -> None:
        self.store = Store(url)
        self.views = ReadModels(self.store)
        self.actor = actor
        self.clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.store.close()

    def metadata(self) -> EventMetadata:
        return EventMetadata(self.clock(), self.actor)

    def load(self, stream: Stream[S], id: UUID) -> S | None:
        return self.store.load(stream, id)

    def commit(
        self, events: Iterable[Event], writes: Writes = (), condition: AppendCondition | None = None
    ) -> None:
        """Save events of any streams, and rows, in one transaction; then let the read side see them.

        `condition` is about the streams that were read and are not written. Raises IntegrityError where somebody else
        was faster: call it inside `retrying`.
        """
        self.store.save(events, writes, condition)
        self.views.catch_up()

    def retrying(self, command: Callable[[], T]) -> T:
        return self.store.retrying(command, self.views.catch_up)

    def decide(
        self,
        stream: Stream[S],
        id: UUID,
        decision: Callable[[S, EventMetadata], Iterable[Event]],
    ) -> None:
        """Run one decision on one stream that exists, and save what it says."""

        def command() -> None:
            self.commit(decision(self.store.must_load(stream, id), self.metadata()))

        self.retrying(command)

    def unit(self, actor: str) -> Unit:
        """One command that somebody gives, to be saved whole."""
        return Unit(self, actor)

    # ---- People

    def remember(self, id: UUID, record: PersonalRecord) -> None:
        self.commit((), [person_row(id, record)])

    def forget(self, id: UUID) -> None:
        """Erase the personal record alone; `adapters.people.erasure` does what belongs to it."""
        self.commit((), [person_row(id, None)])

    def person(self, id: UUID) -> PersonalRecord | None:
        return self.store.person(id, PersonalRecord)

    def persons(self, ids: Collection[UUID]) -> dict[UUID, PersonalRecord]:
        """The personal records of these people, as far as there are any."""
        return self.store.persons(ids, PersonalRecord)

    def people(self) -> dict[UUID, PersonalRecord]:
        return self.store.people(PersonalRecord)


class Unit(Lyceum):
    """One command by one person: what it commits is collected, and saved at once together with its answer.

    It stands in for the application where a command asks for one. A command commits once for each stream; a race that
    is lost shows in `save`, so whoever calls that begins again with a new unit.
    """

    def __init__(self, whole: Lyceum, actor: str) -> None:
        self.store, self.views, self.actor, self.clock = whole.store, whole.views, actor, whole.clock
        self.events: list[Event] = []
        self.writes: list[tuple[Table, Row]] = []
        self.conditions: list[AppendCondition] = []

    def close(self) -> None:
        """The database stays open for the others."""

    def commit(
        self, events: Iterable[Event], writes: Writes = (), condition: AppendCondition | None = None
    ) -> None:
        """Keep events, rows and what they rest on for `save`."""
        self.events += events
        self.writes += writes
        self.conditions += [condition] if condition else []

    @property
    def changes(self) -> bool:
        """Whether anything is to be saved so far."""
        return bool(self.events or self.writes)

    def retrying(self, command: Callable[[], T]) -> T:
        return command()

    def save(self, also: Writes = (), condition: AppendCondition | None = None) -> int:
        """Save everything in one transaction; the position after it. Raises IntegrityError after a lost race."""
        conditions = [*self.conditions, *([condition] if condition else [])]
        position = self.store.save(self.events, [*self.writes, *also], combined(conditions))
        self.views.catch_up()
        return position
