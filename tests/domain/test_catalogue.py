"""The catalogue: which words a request may use, and since when."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from domain.catalogue import (
    CATALOGUE,
    FIELD,
    Catalogue,
    Entry,
    EntryAdded,
    EntryRetired,
    NotInCatalogue,
    add_entry,
    allowed,
    codes,
    evolve,
    find,
    retire_entry,
)
from domain.events import ReasonMissing
from tests.builders import STAMP, after, again, place, words

FIRST = date(2026, 9, 1)
LAST = date(2027, 9, 1)
DAY = timedelta(days=1)
TAI_CHI = Entry("topic", "tai_chi", (("en", "Tai chi"), ("zh", "太极拳")), "sport", since=FIRST)


def retired(known: Catalogue, on: date = LAST) -> Catalogue:
    return after(
        evolve,
        known,
        lambda one: retire_entry(one, STAMP, kind="topic", code="tai_chi", on=on, why="no teacher"),
    )


def test_field_has_its_own_words_before_the_first_event() -> None:
    assert Counter(entry.kind for entry in FIELD) == {"function": 8, "form": 6, "audience": 7}
    assert words().entries == FIELD


def test_words_of_the_field_differ_and_have_two_names() -> None:
    assert max(Counter((entry.kind, entry.code) for entry in FIELD).values()) == 1
    assert {tuple(tongue for tongue, _ in entry.names) for entry in FIELD} == {("en", "zh")}


def test_added_entry_stands_at_the_end() -> None:
    events = add_entry(words(), STAMP, TAI_CHI)

    assert events == (EntryAdded(**place(1, CATALOGUE), entry=TAI_CHI),)
    assert evolve(None, events[0]) == Catalogue(CATALOGUE, 1, (*FIELD, TAI_CHI))


def test_adding_an_entry_twice_changes_nothing() -> None:
    assert again(evolve, words(), lambda one: add_entry(one, STAMP, TAI_CHI)) == ()


def test_same_code_of_another_kind_is_another_entry() -> None:
    both = words(TAI_CHI, Entry("form", "tai_chi", (("en", "Tai chi in the park"),)))

    assert [entry.kind for entry in both.entries if entry.code == "tai_chi"] == ["topic", "form"]


def test_retired_entry_may_be_used_up_to_the_day_before() -> None:
    known = words(TAI_CHI)
    events = retire_entry(known, STAMP, kind="topic", code="tai_chi", on=LAST, why=" no teacher ")
    gone = evolve(known, events[0])

    assert events == (
        EntryRetired(**place(2, CATALOGUE), kind="topic", code="tai_chi", on=LAST, why="no teacher"),
    )
    assert [codes(gone, "topic", day) for day in (FIRST - DAY, FIRST, LAST - DAY, LAST)] == [
        (),
        ("tai_chi",),
        ("tai_chi",),
        (),
    ]


def test_retiring_an_entry_twice_changes_nothing() -> None:
    known = words(TAI_CHI)

    assert (
        again(
            evolve,
            known,
            lambda one: retire_entry(one, STAMP, kind="topic", code="tai_chi", on=LAST, why="no teacher"),
        )
        == ()
    )


def test_retiring_an_entry_earlier_than_planned_corrects_the_day() -> None:
    gone = retired(retired(words(TAI_CHI)), on=LAST - DAY)

    entry = find(gone, "topic", "tai_chi")
    assert entry is not None
    assert entry.until == LAST - DAY


def test_retiring_what_is_not_there_is_refused() -> None:
    with pytest.raises(NotInCatalogue, match="'tai_chi' is no topic of the catalogue"):
        retire_entry(words(), STAMP, kind="topic", code="tai_chi", on=LAST, why="no teacher")


def test_retiring_without_a_reason_is_refused() -> None:
    with pytest.raises(ReasonMissing, match="retiring a word needs a reason"):
        retire_entry(words(TAI_CHI), STAMP, kind="topic", code="tai_chi", on=LAST, why="")


def test_word_of_the_field_can_be_retired() -> None:
    known = words()
    gone = after(
        evolve,
        known,
        lambda one: retire_entry(one, STAMP, kind="form", code="remote", on=FIRST, why="no lines"),
    )

    assert set(codes(known, "form", FIRST)) - set(codes(gone, "form", FIRST)) == {"remote"}


def test_allowed_word_is_returned() -> None:
    assert allowed(words(TAI_CHI), "topic", "tai_chi", FIRST) == TAI_CHI


def test_word_that_is_not_allowed_is_refused_with_those_that_are() -> None:
    with pytest.raises(
        NotInCatalogue,
        match=r"^'chess' is no topic of the catalogue on 2026-09-01; it holds tai_chi$",
    ):
        allowed(words(TAI_CHI), "topic", "chess", FIRST)


def test_word_before_its_day_is_refused() -> None:
    with pytest.raises(
        NotInCatalogue, match=r"^'tai_chi' is no topic of the catalogue on 2026-08-31; it holds nothing yet$"
    ):
        allowed(words(TAI_CHI), "topic", "tai_chi", FIRST - DAY)
