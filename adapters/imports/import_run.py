"""Import run: one attempt at an import, with what it found, would change, and refuses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from typing import Any, Generic, TypeVar
from uuid import UUID

from adapters.application.unit_of_work import Repository
from adapters.imports.area_finder import AreaFinder
from adapters.imports.columns import CellProblem, Cells
from adapters.people.personal_records import PersonalRecord
from adapters.store.append_conditions import AppendCondition, read_all
from adapters.store.rows import Row as StoredRow
from adapters.store.rows import Table as StoredTable
from adapters.store.store import person_row
from adapters.store.streams import AREAS, CATALOGUE, DAY_TYPES, DIARIES, STREAM_OF, Stream
from domain.diary import Diary, diary_id
from domain.events import Event, EventMetadata, NotThere, Refused
from domain.messages import message
from domain.network import require_standing

S = TypeVar("S")
WHOLE: tuple[Stream[Any], ...] = (AREAS, CATALOGUE, DAY_TYPES, DIARIES)  # kinds that decisions look through


@dataclass(slots=True)
class Handle(Generic[S]):
    """An event stream during an import: its state after the decisions so far."""

    run: ImportRun
    stream: Stream[S]
    id: UUID
    key: str

    @property
    def state(self) -> S | None:
        return self.run.state(self.stream, self.id)

    @property
    def present(self) -> S:
        state = self.state
        if state is None:
            raise NotThere(
                message(
                    "there is no {key} in {stream}; import it first", key=self.key, stream=self.stream.name
                )
            )
        return state

    def take(self, events: Iterable[Event]) -> None:
        """Apply the events of a decision to the state, and store them when the import is committed."""
        self.run.take(events)


@dataclass(slots=True)
class ImportRun:
    """One attempt at an import: the states it has read, with its own events applied, and what it found.

    `why` is the reason stored with the events; `only_known` is the column whose unknown values are passed over;
    `unread` are the keys of rows with wrong cells, which others may refer to; `keep_others`: what the file does not
    name stays, where a kind would take it away; `rows` are all rows of the file, and `filled_columns` the columns in
    which each row says something, by its number; `hints` say for a cell (row, column) whose key names nothing which
    key was probably meant; `acted` are the rows that led to an event, `removed` is what goes although no row names
    it; `progress` is called with the number of rows decided and the number of all.
    """

    repository: Repository
    metadata: EventMetadata
    why: str
    only_known: str = ""
    unread: frozenset[str] = frozenset()
    keep_others: bool = False
    total: int = 0
    progress: Callable[[int, int], None] | None = None
    events: list[Event] = field(default_factory=list)
    writes: list[tuple[StoredTable, StoredRow]] = field(default_factory=list)
    errors: list[CellProblem] = field(default_factory=list)
    warnings: list[CellProblem] = field(default_factory=list)
    passed_over: set[int] = field(default_factory=set)
    removed: list[tuple[str, str]] = field(default_factory=list)
    acted: set[int] = field(default_factory=set)
    filled_columns: dict[int, frozenset[str]] = field(default_factory=dict)
    hints: dict[tuple[int, str], str] = field(default_factory=dict)
    rows: Sequence[Cells] = ()
    _states: dict[str, dict[UUID, Any]] = field(default_factory=dict)
    _read: set[UUID] = field(default_factory=set)
    _people: dict[UUID, PersonalRecord] | None = None
    _areas: AreaFinder | None = None
    _done: int = 0
    _subject: str = ""

    @property
    def today(self) -> date:
        return self.metadata.at.date()

    # ---- What is there

    def states(self, stream: Stream[S]) -> Mapping[UUID, S]:
        """The states of all streams of a kind, with the events of this run applied."""
        if stream.name not in self._states:
            self._states[stream.name] = dict(self.repository.views.collection(stream))
        return self._states[stream.name]

    def state(self, stream: Stream[S], id: UUID) -> S | None:
        self._read.add(id)
        return self.states(stream).get(id)

    def handle(self, stream: Stream[S], id: UUID, key: str) -> Handle[S]:
        """The stream that a row is about."""
        return Handle(self, stream, id, key)

    def area(self, row: int, column: str, text: str, on: date | None = None) -> UUID | None:
        """The area that a cell names; None after noting that there is no such, or more than one."""
        result = self._finder().find(text, on or self.today)
        if isinstance(result, UUID):
            return result
        self.missing(row, column, text, result)
        return None

    def promised(self, weeks: Iterable[str], resources: Collection[UUID]) -> Iterator[Diary]:
        """The diaries of the resources that hold promises in these weeks."""
        diaries = self.states(DIARIES)
        for week, resource in product(weeks, resources):
            known = diaries.get(diary_id(resource, week))
            if known is not None and known.promises:
                yield known

    def require_standing(self, area: UUID, before: UUID | None) -> None:
        """Refuse to put something into an area that was dissolved; what lies there already may stay."""
        if area != before and area in self.states(AREAS):
            require_standing(self.states(AREAS)[area], self.today)

    def areas_changed(self) -> None:
        """Drop the index of areas: some were founded or renamed in this run."""
        self._areas = None

    @property
    def people(self) -> dict[UUID, PersonalRecord]:
        """All personal records by id, with what this run writes."""
        if self._people is None:
            self._people = self.repository.people()
        return self._people

    def area_of(self, text: str, on: date | None = None) -> UUID | None:
        """The area that a text names; None where there is no such, or more than one."""
        area = self._finder().find(text, on or self.today)
        return area if isinstance(area, UUID) else None

    def _finder(self) -> AreaFinder:
        if self._areas is None:
            self._areas = AreaFinder(self.states(AREAS))
        return self._areas

    def rests_on(self, position: int) -> AppendCondition:
        """The condition of the append: nothing that was read has changed since `position`, that of the read side."""
        whole = (stream for stream in WHOLE if stream.name in self._states)
        return replace(read_all(position, *whole), streams=frozenset(self._read))

    # ---- What would change

    def take(self, events: Iterable[Event]) -> None:
        """Apply events of any streams to their states, and store them when the import is committed."""
        for event in events:
            stream = STREAM_OF[type(event)]
            states = self.states(stream)
            self._states[stream.name][event.originator_id] = stream.evolve(
                states.get(event.originator_id), event
            )
            self.events.append(event)

    def remember(self, id: UUID, record: PersonalRecord) -> None:
        """Write a personal record beside the events, where it is new or different."""
        if self.people.get(id) != record:
            self.people[id] = record
            self.writes.append(person_row(id, record))

    @property
    def changes_anything(self) -> bool:
        return bool(self.events or self.writes)

    def remove(self, key: str, detail: str) -> None:
        """Note something known that goes, because the file takes its place."""
        self.removed.append((key, detail))

    # ---- What is wrong

    def wrong(self, row: int, column: str, value: str, right: str) -> None:
        self.errors.append(CellProblem(row, column, value, right, self._subject))

    def odd(self, row: int, column: str, value: str, odd: str, *, rests_on: tuple[str, ...] = ()) -> None:
        """Note what is possible but odd.

        `rests_on` are further columns that it follows from: where the row says nothing in any of them, it was
        accepted before.
        """
        if column and row in self.filled_columns and self.filled_columns[row].isdisjoint((column, *rests_on)):
            return
        self.warnings.append(CellProblem(row, column, value, odd, self._subject))

    def missing(self, row: int, column: str, value: str, right: str) -> None:
        """Something that the file speaks of and the database has not: an error, unless the profile passes it over."""
        if column == self.only_known:
            self.passed_over.add(row)
        else:
            self.wrong(row, column, value, self.hints.get((row, column), right))

    @contextmanager
    def deciding(self, row: int, column: str, value: str, subject: str = "") -> Iterator[None]:
        """Note what the domain refuses under this cell, and go on; `subject` is what the row is about."""
        self._subject = subject or value
        before = len(self.events)
        try:
            yield
        except (Refused, ValueError) as error:
            self.wrong(row, column, value, str(error))
        if len(self.events) > before:
            self.acted.add(row)
        self._done += 1
        if self.progress and self._done % 100 == 0:
            self.progress(min(self._done, self.total), self.total)
