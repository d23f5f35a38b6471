"""Keys that a spreadsheet changed are recognised, people under another key too, and who was erased stays so."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from adapters.application.application import Lyceum
from adapters.imports.record_keys import Likenesses, tidy
from adapters.services.erasure import erase_volunteer
from adapters.store.streams import VENUES, VOLUNTEERS
from domain.venue import venue_id
from domain.volunteer import volunteer_id
from tests.adapters.imports.conftest import Given

PEOPLE = """\
key,name,phone,email,kind,home_area,hours
{},Chen Mei,000 0101,chen@example.org,retiree,river,Sa 09:00-12:00
"""


@pytest.mark.parametrize(
    ("known", "written"),
    [
        ("v1", "v1\u200b"), ("v1", "\ufeffv1"), ("v1", "v1\u00a0"), ("v1", "ｖ１"), ("v1", "'v1"), ("v1", " v1 "),
        ("A-7", "Ａ－７"), ("v1", "v\u00ad1"), ("v 1", "v\u00a01"), ("café", "cafe\u0301"),
    ],
)  # fmt: skip
def test_signs_that_nobody_sees_are_taken_out(small: Lyceum, given: Given, known: str, written: str) -> None:
    assert given("volunteers", PEOPLE.format(known)).imported

    report = given("volunteers", PEOPLE.format(written))

    assert (report.imported, report.events, report.personal, report.unchanged) == (True, 0, 0, 1), (
        report.text()
    )
    assert [one.key for one in small.views.all(VOLUNTEERS)] == [known]


@pytest.mark.parametrize(
    ("known", "written"),
    [
        ("0101", "101"), ("0101", "101.0"), ("v1", "V1"), ("2E5", "200000"), ("2E5", "2E+05"), ("100000", "1E+05"),
        ("1-2", "2026-02-01"), ("1-2", "2026-01-02"), ("MAR1", "2026-03-01"), ("1.3", "2026-03-01"), ("3-4", "3-Apr"),
        ("12345678901234567890", "1.23457E+19"), ("12345678901234567890", "12345678901234500000"),
        ("ST1", "st1"), ("007", "7"), ("A-3", "A\u20113"), ("A-3", "a – 3"), ("A-3", "A -3"), ("5", "5.00"),
        ("A1", "\u04101"), ("i1", "\u01301"), ("x1", "x1\ufe0f"), ("v3", "v\u0663"), ("B\u0391", "BA"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("kind", "rest"), [("venues", ",Hall,other,river"), ("volunteers", ",Ann,retiree,river")]
)
def test_key_that_lost_something_is_asked_about(
    small: Lyceum, given: Given, known: str, written: str, kind: str, rest: str
) -> None:
    header = "key,name,kind,area\n" if kind == "venues" else "key,name,kind,home_area\n"
    assert given(kind, f"{header}{known}{rest}\n").imported

    report = given(kind, f"{header}{written}{rest}\n")

    assert (report.imported, report.errors) == (False, ())
    assert [(one.row, one.column) for one in report.warnings] == [(2, "key")]
    assert f"{known!r} is known" in report.warnings[0].right


def test_reference_that_lost_its_zeros_is_told_which_key_is_there(small: Lyceum, given: Given) -> None:
    given("venues", "key,name,kind,area\n0101,Hall,other,river\n")

    for kind, text in (
        ("rooms", "venue,key,capacity\n101,a,10\n"),
        ("hours", "venue,hours\n101,Mo 09:00-12:00\n"),
        ("closures", "venue,first,why\n101,2026-12-01,x\n"),
    ):
        report = given(kind, text)

        assert [one.right for one in report.errors] == [
            "no venue has this key, but '0101' is there; write 0101 if that venue is meant"
        ]
    assert given("rooms", "venue,key,capacity\n０１０１,a,10\n").imported
    venue = small.views.get(VENUES, venue_id("0101"))
    assert venue is not None
    assert [room.key for room in venue.rooms] == ["a"]


def test_two_new_keys_that_look_alike_are_asked_about(small: Lyceum, given: Given) -> None:
    report = given("volunteers", "key,name,kind,home_area\nv1,Ann,retiree,river\nV1,Bo,retiree,river\n")

    assert [(one.row, one.column, one.value) for one in report.warnings] == [(3, "key", "V1")]


def test_same_key_with_a_sign_that_nobody_sees_is_the_same_row_twice(small: Lyceum, given: Given) -> None:
    report = given(
        "volunteers", "key,name,kind,home_area\nv1,Ann,retiree,river\nv1\u200b,Ann,retiree,river\n"
    )

    assert [(one.row, one.column) for one in report.errors] == [(3, "key")]


@pytest.mark.parametrize(
    ("row", "asked"),
    [
        ("x9,Chen Mei,0101,,retiree,river,", True), ('x9,"MEI, chen",+86 000 0101,,retiree,river,', True),
        ("x9,Chen Mei,,CHEN@example.org,retiree,river,", True), ("x9,Chen Mei,000 9999,,retiree,river,", False),
        ("x9,Li Mei,000 0101,,retiree,river,", False), ("x9,Chen Mei,,,retiree,river,", False),
    ],
)  # fmt: skip
def test_name_and_number_of_somebody_known_are_asked_about(
    small: Lyceum, given: Given, row: str, asked: bool
) -> None:
    given("volunteers", PEOPLE.format("v1"))

    report = given("volunteers", PEOPLE.splitlines()[0] + f"\n{row}\n")

    assert report.imported == (not asked)
    assert ["those of 'v1'" in one.right for one in report.warnings] == [True] * asked
    assert "Chen" not in report.text()


@examples(st.text(min_size=1, max_size=20))
def test_tidy_key_is_tidy_and_known_keys_are_found(key: str) -> None:
    known = Likenesses([key])

    assert known.exact(key) == key
    once = tidy(tidy(key))
    assert tidy(once) == once or once[:1] in "'\u2018\u2019`"
    assert known.like(f"{key}-another") is None or key.isdecimal()


def erase(lyceum: Lyceum, key: str) -> None:
    ids = iter(range(1, 100))
    erase_volunteer(lyceum, volunteer_id(key), key, lambda: UUID(int=next(ids)))


def test_erased_person_does_not_come_back_without_a_word(small: Lyceum, given: Given) -> None:
    given("volunteers", PEOPLE.format("v1"))
    erase(small, "v1")

    report = given("volunteers", PEOPLE.format("v1"))

    assert (report.imported, report.changed, report.personal) == (False, 1, 1)
    (odd,) = report.warnings
    assert odd.right == (
        "the personal record of v1 was erased on 2026-11-20, and this row would bring it back; take the row out, or "
        "accept it if the person wants to be known again"
    )
    assert small.person(volunteer_id("v1")) is None


def test_table_without_personal_columns_leaves_the_erased_alone(small: Lyceum, given: Given) -> None:
    given("volunteers", PEOPLE.format("v1"))
    erase(small, "v1")

    report = given("volunteers", "key,hours\nv1,Mo 09:00-12:00\n")

    assert (report.imported, report.changed, report.personal, report.warnings) == (True, 1, 0, ())
    assert small.person(volunteer_id("v1")) is None
    number = given("volunteers", "key,phone\nv1,000 1\n")
    assert [(one.row, one.column) for one in number.errors] == [(2, "name")]


def test_personal_changes_are_counted_without_being_shown(small: Lyceum, given: Given) -> None:
    given("volunteers", PEOPLE.format("v1"))

    report = given("volunteers", PEOPLE.format("v1").replace("000 0101", "000 7777"))

    assert (report.new, report.changed, report.unchanged, report.personal) == (0, 1, 0, 1)
    assert [one.text() for one in report.changes] == ["changed in volunteers: v1 (phone)"]
    assert "7777" not in report.text()


def test_changed_key_is_named_where_the_table_has_too_few_columns_for_new_people(
    small: Lyceum, given: Given
) -> None:
    assert given("volunteers", PEOPLE.format("007")).imported

    report = given("volunteers", "key,phone\n7,000 0202\n")

    assert [(one.row, one.column) for one in report.errors] == [(2, "key")]
    assert "write 007 if it is the same volunteer" in report.errors[0].right
