"""Field specifications: what a record says of its fields, and numbers that are too low."""

from __future__ import annotations

from dataclasses import MISSING, dataclass
from typing import Annotated, Any, Literal
from uuid import uuid4

import pytest

from domain.field_specs import FieldSpec, fields_of, too_low
from domain.request import Order
from domain.text import Name
from domain.volunteer import Profile

COLOUR = FieldSpec("its colour", column="paint")
DOORS = FieldSpec("how many doors", "2", least=1, greatest=9)


@dataclass(frozen=True, slots=True)
class House:
    """A record of these tests."""

    name: Annotated[Name, FieldSpec("what it is called")]
    colour: Annotated[Literal["red", "blue"] | None, COLOUR] = None
    doors: Annotated[int, DOORS] = 1
    width_km: Annotated[float | None, FieldSpec("how wide")] = None
    guests: Annotated[tuple[Name, ...], FieldSpec("who comes")] = ()


def test_fields_are_listed_in_the_order_of_the_record_with_their_types_defaults_and_specifications() -> None:
    described = [
        (field.name, field.kind, field.optional, field.default, field.column) for field in fields_of(House)
    ]

    assert described == [
        ("name", Name, False, MISSING, "name"),
        ("colour", Literal["red", "blue"], True, None, "paint"),
        ("doors", int, False, 1, "doors"),
        ("width_km", float, True, None, "width_km"),
        ("guests", tuple[Name, ...], False, (), "guests"),
    ]
    assert [field.spec for field in fields_of(House)][1:3] == [COLOUR, DOORS]
    assert [field.required for field in fields_of(House)] == [True, False, False, False, False]


def test_field_without_a_specification_is_refused() -> None:
    @dataclass(frozen=True)
    class Bare:
        doors: int

    with pytest.raises(TypeError, match=r"^Bare\.doors has no FieldSpec; annotate it with one$"):
        fields_of(Bare)


def test_numbers_below_their_least_are_named() -> None:
    assert list(too_low(House("Corner", doors=1, width_km=0))) == []
    assert [(field.name, value) for field, value in too_low(House("Corner", doors=0, width_km=-0.5))] == [
        ("doors", 0),
        ("width_km", -0.5),
    ]


@pytest.mark.parametrize("record", [Order, Profile])
def test_phrases_of_fields_with_a_default_say_what_a_blank_cell_means(record: Any) -> None:
    """A whole number has none that a reader could guess."""
    silent = [
        field.name
        for field in fields_of(record)
        if field.kind is int and not field.required and "blank:" not in field.spec.holds
    ]

    assert silent == []


def test_limits_of_a_profile_are_numbers_from_0() -> None:
    profile = Profile("retiree", uuid4(), max_travel_km=-1, max_minutes_week=-1)

    assert [field.name for field, _ in too_low(profile)] == ["max_travel_km", "max_minutes_week"]
