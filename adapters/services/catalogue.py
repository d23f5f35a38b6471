"""Commands about the catalogue of functions, topics, forms and audiences, and about calendars of day types."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from adapters.application.unit_of_work import UnitOfWork, command
from adapters.store.streams import CATALOGUE, DAY_TYPES
from domain import catalogue, day_types
from domain.catalogue import CATALOGUE as ID
from domain.catalogue import Catalogue, Entry, EntryKind
from domain.day_types import DayTypes, TableStatus, TypedDay, day_types_id, weeks_touched


@command
def add_entry(unit: UnitOfWork, entry: Entry) -> Catalogue:
    """Add a word; one that is there already stays as it is."""
    known = unit.load(CATALOGUE, ID) or Catalogue(ID)
    unit.commit(catalogue.add_entry(known, unit.metadata(), entry))
    return unit.load(CATALOGUE, ID) or known


@command
def retire_entry(unit: UnitOfWork, kind: EntryKind, code: str, on: date, why: str) -> Catalogue:
    """Retire a word from a day on. Raises NotThere."""
    known = unit.load(CATALOGUE, ID) or Catalogue(ID)
    unit.commit(catalogue.retire_entry(known, unit.metadata(), kind=kind, code=code, on=on, why=why))
    return unit.load(CATALOGUE, ID) or known


@command
def type_days(
    unit: UnitOfWork, calendar: str, days: Sequence[TypedDay], status: TableStatus, source: str
) -> tuple[DayTypes, tuple[str, ...]]:
    """Take a table of day types over; the calendar then, and the weeks that it touches."""
    id = day_types_id(calendar)
    typed = partial(day_types.type_days, key=calendar, days=days, status=status, source=source)
    before = len(unit.events)
    after = unit.create(DAY_TYPES, id, typed)
    events = (event for event in unit.events[before:] if isinstance(event, day_types.DaysTyped))
    return after, tuple(week for event in events for week in weeks_touched(event))
