"""Decide what a kind of import is: its columns, which of them are its key, and how its rows become decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.imports.columns import Column
from adapters.imports.work import Work

Values = Mapping[str, Any]  # what the columns' readers made of one row, and under "row" its number


@dataclass(frozen=True, slots=True)
class Kind:
    """`about` is one paragraph for the documentation; `key` names the columns that no two rows may share."""

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    decide: Callable[[Work, Iterable[Values]], None]

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)
