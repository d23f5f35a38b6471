"""Forms that have the fields of a record: their names, ranges and defaults, and what they say of the record."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import Field, ValidationError

from api.http.errors import HttpProblem
from api.http.framework.operations import Form
from api.http.framework.record_forms import has_fields_of, record_values
from domain.field_specs import FieldSpec
from domain.text import Name
from domain.windows import Window, Windows


@dataclass(frozen=True, slots=True)
class House:
    """A record of these tests."""

    name: Annotated[Name, FieldSpec("what it is called", max_length=5)]
    street: Annotated[UUID, FieldSpec("where it stands")]
    doors: Annotated[int, FieldSpec("how many doors", least=1, greatest=9)] = 2
    guests: Annotated[tuple[Name, ...], FieldSpec("who comes", max_items=1)] = ()
    open: Annotated[Windows, FieldSpec("when it is open")] = ()


@has_fields_of(House)
class HouseForm(Form):
    """A house."""

    street: Annotated[str, Field(description="The key of a street.")]


def said(**fields: Any) -> Any:
    return HouseForm.model_validate_json(json.dumps({"name": "Mill", "street": "river", **fields}))


def test_form_has_the_fields_of_the_record_in_its_order_and_its_own_as_it_says() -> None:
    assert list(HouseForm.model_fields) == ["name", "street", "doors", "guests", "open"]
    assert HouseForm.model_fields["street"].description == "The key of a street."
    assert (HouseForm.__name__, HouseForm.__doc__, HouseForm.__module__) == (
        "HouseForm",
        "A house.",
        __name__,
    )


def test_form_says_what_the_record_takes() -> None:
    form = said(open=[{"start_min": 60, "end_min": 120}])

    assert record_values(form, House) == {
        "name": "Mill", "street": "river", "doors": 2, "guests": (), "open": (Window(60, 120),),
    }  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [{"doors": 0}, {"doors": 10}, {"doors": None}, {"name": "Windmill"}, {"guests": ["a", "b"]}, {"roof": 1}],
)
def test_form_refuses_what_is_out_of_the_range_of_the_field(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        said(**fields)


def test_window_that_ends_before_it_starts_is_refused_under_its_path() -> None:
    form = said(open=[{"start_min": 120, "end_min": 60}])

    with pytest.raises(HttpProblem) as refused:
        record_values(form, House, "house.")

    assert "house.open.0.end_min" in str(refused.value.__dict__)


def test_type_that_no_form_takes_is_refused_unless_the_form_declares_the_field() -> None:
    with pytest.raises(TypeError, match="let the form declare the field itself"):

        @has_fields_of(House)
        class Bare(Form):
            """Without a street."""
