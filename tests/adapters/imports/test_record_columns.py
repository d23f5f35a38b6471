"""Columns of the fields of a record: where they stand, and that a table reads what it has written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

import pytest

from adapters.exports.master_data import _text
from adapters.imports.columns import Column
from adapters.imports.record_columns import columns_of, record_values, written_cells
from domain.field_specs import FieldSpec
from tests.events.examples import ORDER, PROFILE


@dataclass(frozen=True, slots=True)
class House:
    """A record of these tests."""

    doors: Annotated[int, FieldSpec("how many doors", "2", least=1)] = 1
    roof: Annotated[bool, FieldSpec("whether it has a roof", keeps_known=True)] = True
    cellar: Annotated[bool, FieldSpec("whether it has a cellar", column="basement")] = False


def test_columns_stand_where_the_layout_says_and_the_others_where_it_says_nothing() -> None:
    columns = columns_of(House, (Column("key", "its key"), "roof", "", Column("why", "the reason")))

    assert [column.name for column in columns] == ["key", "roof", "doors", "basement", "why"]
    assert (columns[1].blank, columns[1].keeps, columns[1].required) == (True, True, False)
    assert (columns[2].holds, columns[2].example, columns[2].blank) == ("how many doors", "2", 1)


@pytest.mark.parametrize("record", [ORDER, PROFILE], ids=["order", "profile"])
def test_what_is_written_of_a_record_is_read_again(record: object) -> None:
    columns = {column.name: column for column in columns_of(type(record), [""])}
    cells = {name: _text(cell) for name, cell in written_cells(record).items()}

    read = record_values(type(record), {name: columns[name].read(cell) for name, cell in cells.items()})

    values = {name: UUID(value) if name == "home_area" else value for name, value in read.items()}
    assert type(record)(**values) == record


def test_type_without_a_cell_is_refused() -> None:
    @dataclass(frozen=True)
    class Dated:
        day: Annotated[date, FieldSpec("a day")]

    with pytest.raises(TypeError, match=r"no cell of a table holds .*date"):
        columns_of(Dated, [""])
