"""Columns of the fields of a record: how a cell of each type is read by the import and written by the export.

Names, words, ranges and defaults come from the fields themselves, see `domain.field_specs`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from adapters.imports import columns as read
from adapters.imports.columns import Column, Reader
from adapters.imports.weekly_hours import write_weekly
from domain.calendar import Week
from domain.field_specs import RecordField, fields_of
from domain.recurrence import Letter
from domain.text import Name
from domain.volunteer import Role, Skill
from domain.windows import Windows


def _as_it_is(value: Any) -> Any:
    return value


def _skill_cells(skills: Iterable[Skill]) -> tuple[str, ...]:
    return tuple(f"{skill.topic}:{skill.level}" for skill in skills)


@dataclass(frozen=True, slots=True)
class _Cell:
    """How the values of a type stand in a cell; the export turns into text what `write` leaves as it is."""

    read: Reader
    write: Callable[[Any], Any] = _as_it_is


_CELLS: Mapping[Any, _Cell] = {
    Name: _Cell(str),
    UUID: _Cell(str),  # the key of another record, which the import and the export look up
    bool: _Cell(read.yes_no),
    Week: _Cell(read.week),
    Letter: _Cell(read.letter),
    Windows: _Cell(read.weekly_hours, write_weekly),
    tuple[Name, ...]: _Cell(read.words),
    tuple[Week, ...]: _Cell(read.weeks),
    tuple[date, ...]: _Cell(read.days),
    tuple[Role, ...]: _Cell(read.roles),
    tuple[Skill, ...]: _Cell(read.skills, _skill_cells),
}


def _cell(field: RecordField) -> _Cell:
    """Raises TypeError for a type of which no cell is known."""
    if field.kind in _CELLS:
        return _CELLS[field.kind]
    if field.kind is int:
        return _Cell(read.whole(field.spec.least))
    if field.kind is float:
        return _Cell(read.number(field.spec.least, 1e9, "7.5"))
    if get_origin(field.kind) is Literal:
        return _Cell(read.choice(*get_args(field.kind)))
    raise TypeError(f"no cell of a table holds {field.kind}; say how one is read and written")


def columns_of(record: type, layout: Iterable[Column | str]) -> tuple[Column, ...]:
    """The columns of a table that has each field of a record.

    The layout has the columns that are no field's, and the names of those that stand at a place of their own; "" is
    the place of all others, in the order of the record.
    """
    layout = tuple(layout)
    columns = {field.column: _column(field) for field in fields_of(record)}
    rest = tuple(column for name, column in columns.items() if name not in layout)
    laid_out: list[Column] = []
    for item in layout:
        laid_out += [item] if isinstance(item, Column) else [columns[item]] if item else rest
    return tuple(laid_out)


def _column(field: RecordField) -> Column:
    spec, blank = field.spec, "" if field.required else field.default
    return Column(
        field.column,
        spec.holds,
        spec.example,
        _cell(field).read,
        required=field.required,
        blank=blank,
        keeps=spec.keeps_known,
    )


def record_values(record: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row by the fields of a record, from its values by column."""
    return {field.name: values[field.column] for field in fields_of(record)}


def known_values(record: Any) -> dict[str, Any]:
    """The values of a known record by column, as a row would have them."""
    return {field.column: getattr(record, field.name) for field in fields_of(type(record))}


def written_cells(record: Any) -> dict[str, Any]:
    """The cells of a record by column, as an export writes them and the import reads them."""
    return {
        field.column: _cell(field).write(getattr(record, field.name)) for field in fields_of(type(record))
    }
