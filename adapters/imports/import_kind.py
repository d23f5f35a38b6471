"""Kind of import: its columns, which of them are its key, and how its rows become decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.imports.columns import Column
from adapters.imports.import_run import ImportRun

Values = Mapping[str, Any]  # what the columns' readers made of one row, and under "row" its number
Known = Callable[[ImportRun, Values], "Values | None"]


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of file that can be imported.

    `about` is one paragraph for the documentation; `key` names the columns that no two rows may share; `decide` turns
    the rows into events of the run. `known` returns what the database holds of a row's record, by column; None: it is
    new. What a file does not say is taken from there, and asking again after `decide` shows what changed. `acts`: a
    row is an act rather than a record, and counts where it led to an event.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    decide: Callable[[ImportRun, Iterable[Values]], None]
    known: Known
    named_by: tuple[str, ...] = ()
    acts: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def personal(self) -> frozenset[str]:
        """The columns whose values stand in no report."""
        return frozenset(column.name for column in self.columns if column.personal)

    @property
    def own_keys(self) -> frozenset[str]:
        """The columns that hold the key of the row's own record."""
        return frozenset(column.name for column in self.columns if column.own_key)

    @property
    def naming(self) -> tuple[str, ...]:
        """The columns that say in a report which record a row is about."""
        return self.named_by or self.key
