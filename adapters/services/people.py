"""Commands about personal records: written, and read with a note of who looked; `erasure` has how one is erased."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from adapters.access.access_log import look_row, own_look_row
from adapters.application.unit_of_work import UnitOfWork, command
from adapters.people.personal_records import PersonalRecord


@command
def write_record(unit: UnitOfWork, person: UUID, record: PersonalRecord, look: UUID) -> None:
    """Put a whole record in the place of the one before; `look` is the new id of the note."""
    unit.remember(person, record)
    unit.commit((), [look_row(person, "written", unit.metadata(), look)])


@command
def note_looks(unit: UnitOfWork, people: Iterable[UUID], ids: Callable[[], UUID]) -> None:
    """Note that the records of these people were read; `ids` makes the new ids of the notes."""
    metadata = unit.metadata()
    unit.commit((), [look_row(person, "read", metadata, ids()) for person in people])


@command
def note_own_look(unit: UnitOfWork, person: UUID) -> None:
    """Note that somebody has read their own record: the last such look alone is kept."""
    unit.commit((), [own_look_row(person, unit.metadata())])
