"""Field specifications: what a field of a record holds, said once for each table, form and document that has it.

A specification stands on the field itself, as `learners: Annotated[int, FieldSpec("how many learners", least=1)]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What a field holds: a phrase for the column of a table, with what an empty cell means, and an example of a cell.

    `column` is the name of the column, "" that of the field. An empty cell keeps what is known with `keeps_known`;
    else it clears it, and the field takes its default. A number is from `least`, below which the domain refuses it, to
    `greatest`. That one, `min_items`, `max_items` and `max_length` (characters of a text, or of each text of a list)
    bind forms alone. `in_document`: the problem document has the field, under its own name.
    """

    holds: str
    example: str = ""
    column: str = ""
    keeps_known: bool = False
    least: int = 0
    greatest: int = 1_000_000
    min_items: int = 0
    max_items: int = 100
    max_length: int = 80
    in_document: bool = True


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field with its specification; `kind` is its type without None, which it may be where it is `optional`.

    `default` is `dataclasses.MISSING` where a new record needs a value.
    """

    name: str
    kind: Any
    optional: bool
    default: Any
    spec: FieldSpec

    @property
    def required(self) -> bool:
        return self.default is MISSING

    @property
    def column(self) -> str:
        return self.spec.column or self.name


def fields_of(record: type) -> tuple[RecordField, ...]:
    """The fields of a record (a dataclass), in its order. Raises TypeError where one has no specification."""
    return _fields_of(record)


@cache
def _fields_of(record: Any) -> tuple[RecordField, ...]:
    hints = get_type_hints(record, include_extras=True)
    return tuple(_described(record, field.name, hints[field.name], field.default) for field in fields(record))


def _described(record: type, name: str, hint: Any, default: Any) -> RecordField:
    metadata = getattr(hint, "__metadata__", ())
    spec = next((item for item in metadata if isinstance(item, FieldSpec)), None)
    if spec is None:
        raise TypeError(f"{record.__name__}.{name} has no FieldSpec; annotate it with one")
    rules = tuple(item for item in metadata if item is not spec)
    kind = Annotated[(hint.__origin__, *rules)] if rules else hint.__origin__
    optional = get_origin(kind) in (Union, UnionType)
    if optional:
        (kind,) = (member for member in get_args(kind) if member is not type(None))
    return RecordField(name, kind, optional, default, spec)


def too_low(record: Any) -> Iterator[tuple[RecordField, float]]:
    """The numbers of a record that are less than their `least`, each with its field."""
    for field in fields_of(type(record)):
        if field.kind in (int, float):
            value = getattr(record, field.name)
            if value is not None and value < field.spec.least:
                yield field, value
