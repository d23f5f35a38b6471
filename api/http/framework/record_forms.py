"""Forms that have the fields of a record of the domain, as the fields themselves describe them.

A form takes what a command says of a record: its names, types, ranges and defaults come from `domain.field_specs`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import GenericAlias
from typing import Annotated, Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from pydantic import Field, create_model

from api.http.framework.forms import WindowForm, windows
from api.http.framework.operations import Form
from api.http.framework.parameters import AWeek, DayField
from domain.calendar import Week
from domain.field_specs import FieldSpec, RecordField, fields_of
from domain.text import Name
from domain.windows import Window, Windows

F = TypeVar("F", bound=Form)
_AS_THEY_ARE = {Week: AWeek, date: DayField, Window: WindowForm, bool: bool}


def has_fields_of(record: type) -> Callable[[type[F]], type[F]]:
    """Give a form the fields of a record, in its order; one that the form declares itself stays as it says."""

    def filled(form: type[F]) -> type[F]:
        hints = get_type_hints(form, include_extras=True)
        fields: dict[str, Any] = {
            field.name: (
                hints[field.name] if field.name in form.model_fields else _taken(field),
                ... if field.required else field.default,
            )
            for field in fields_of(record)
        }
        model: Any = create_model(
            form.__name__, __base__=form.__base__, __module__=form.__module__, __doc__=form.__doc__, **fields
        )
        return cast("type[F]", model)

    return filled


def _taken(field: RecordField) -> Any:
    """The type of a field in a form."""
    kind = _bounded(field.kind, field.spec)
    return kind | None if field.optional else kind


def _bounded(kind: Any, spec: FieldSpec) -> Any:
    """The type of a value in a form. Raises TypeError for a type that no form takes."""
    if kind in _AS_THEY_ARE:
        return _AS_THEY_ARE[kind]
    if kind in (int, float):
        return Annotated[kind, Field(ge=spec.least, le=spec.greatest)]
    if kind == Name:
        return Annotated[str, Field(min_length=1, max_length=spec.max_length, pattern=r"\S")]
    if get_origin(kind) is Literal:
        return kind
    if get_origin(kind) is tuple:
        items: Any = GenericAlias(tuple, (_bounded(get_args(kind)[0], spec), ...))
        return Annotated[items, Field(min_length=spec.min_items or None, max_length=spec.max_items)]
    raise TypeError(f"no form takes {kind}; let the form declare the field itself")


def record_values(form: Form, record: type, path: str = "") -> dict[str, Any]:
    """What a form says of the fields of a record; `path` is where the form stands in the body.

    Raises a problem where a window does not end after it starts.
    """
    said = {field.name: getattr(form, field.name) for field in fields_of(record)}
    weekly = {
        field.name: windows(said[field.name], path + field.name)
        for field in fields_of(record)
        if field.kind == Windows
    }
    return said | weekly
