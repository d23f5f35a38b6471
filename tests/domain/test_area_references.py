"""A text means one area or is refused, and no new key takes what means another."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from domain.area_references import (
    AmbiguousArea,
    References,
    TakenReference,
    found_area,
    meanings_in,
    recode_area,
    the_area,
)
from domain.effective_dates import Since
from domain.network import Area, Code, area_id
from tests.builders import STAMP
from tests.test_architecture import ROOT

DAY = date(2026, 11, 30)
NBS = Code("cn-nbs", "500153001")


def area(key: str, name: str, parent: str | None = "town", codes: tuple[Code, ...] = ()) -> Area:
    return Area(
        id=area_id(key),
        version=1,
        key=key,
        level="street",
        names=(Since(date.min, (("en", name),)),),
        codes=(Since(date.min, codes),),
        parents=(Since(date.min, area_id(parent) if parent else None),),
        location=None,
        zone="Europe/London",
        calendar=None,
        founded=date.min,
    )


def network(*areas: Area) -> dict[UUID, Area]:
    return {one.id: one for one in (area("town", "Town", None), *areas)}


def meant(known: dict[UUID, Area], text: str) -> UUID | None:
    return the_area(known, text, meanings_in(known, text), DAY)


@pytest.mark.parametrize("text", ["hill", "Hill", "cn-nbs:500153001", "500153001", str(area_id("hill"))])
def test_area_is_meant_by_its_key_id_code_and_name(text: str) -> None:
    assert meant(network(area("hill", "Hill", codes=(NBS,))), text) == area_id("hill")


def test_text_that_no_area_has_means_none() -> None:
    assert meant(network(), "hill") is None


@pytest.mark.parametrize("key", ["Hill", "cn-nbs:500153001", "500153001"])
def test_key_that_is_a_name_or_a_code_of_another_area_is_refused_and_both_are_named(key: str) -> None:
    known = network(area("hill", "Hill", codes=(NBS,)), area(key, "Yard"))

    with pytest.raises(AmbiguousArea) as refused:
        meant(known, key)

    assert "the area with this key" in str(refused.value)
    assert "hill (it is its" in str(refused.value)


def test_key_goes_before_a_name_of_what_lies_inside_it() -> None:
    known = network(area("Springfield", "The city"), area("centre", "Springfield", "Springfield"))

    assert meant(known, "Springfield") == area_id("Springfield")


def test_key_does_not_go_before_the_name_of_what_is_around_it() -> None:
    known = network(area("hill", "Hill"), area("Hill", "Yard", "hill"))

    with pytest.raises(AmbiguousArea):
        meant(known, "Hill")


def test_two_areas_of_one_name_are_refused() -> None:
    with pytest.raises(AmbiguousArea, match=r"north .* or south"):
        meant(network(area("north", "Mill Street"), area("south", "Mill Street")), "Mill Street")


@pytest.mark.parametrize("key", ["Hill", " Hill ", "cn-nbs:500153001"])
def test_new_key_must_not_mean_another_area(key: str) -> None:
    known = network(area("hill", "Hill", codes=(NBS,)))

    with pytest.raises(TakenReference, match="of area hill"):
        found_area(
            None,
            STAMP,
            network=known,
            references=References(known.values()),
            key=key,
            level="yard",
            names=(("en", "Yard"),),
            zone="UTC",
            on=DAY,
        )


def test_new_code_must_not_be_the_key_of_another_area() -> None:
    known = network(area("cn-nbs:500153001", "Hill"))
    yard = area("yard", "Yard")

    with pytest.raises(TakenReference, match="the key of another area"):
        recode_area(yard, STAMP, network=known, codes=(NBS,), on=DAY, why="new list")
    with pytest.raises(TakenReference, match="the key of another area"):
        found_area(
            None, STAMP, network=known, references=References(known.values()), key="yard",
            level="yard", names=(("en", "Yard"),), zone="UTC", on=DAY,
            codes=(NBS,),
        )  # fmt: skip


def test_own_name_and_code_may_be_the_key() -> None:
    own = area("yard", "yard")

    (founded,) = found_area(
        None, STAMP, network=network(), references=References(()), key="Yard",
        level="yard", names=(("en", "Yard"),), zone="UTC", on=DAY,
        codes=(Code("own", "Yard"),),
    )  # fmt: skip

    assert founded.key == "Yard"
    assert recode_area(replace(own), STAMP, network=network(own), codes=(NBS,), on=DAY, why="list")


@pytest.mark.slow
def test_every_door_founds_and_recodes_among_the_other_areas() -> None:
    """Whoever calls the plain decision would not look at the others."""
    past = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for folder in ("adapters", "api")
        for file in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("found_area", "recode_area")
        and not (
            isinstance(call.func.value, ast.Name)
            and call.func.value.id in ("area_references", "services", "areas")
        )
    ]

    assert past == []
