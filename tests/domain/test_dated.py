"""Dated facts: what held on a day, whatever order it became known in."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.effective_dates import History, Since, held_on, with_entry

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 9).map(lambda n: FIRST + timedelta(days=n))


def test_nothing_held_before_the_first_entry() -> None:
    history = with_entry((), date(2026, 3, 1), "north")

    assert held_on(history, date(2026, 2, 28)) is None


def test_value_holds_from_its_day_until_the_next() -> None:
    history = with_entry(with_entry((), date(2026, 3, 1), "north"), date(2026, 5, 1), "south")

    assert [held_on(history, day) for day in (date(2026, 3, 1), date(2026, 4, 30), date(2026, 5, 1))] == [
        "north",
        "north",
        "south",
    ]


def test_entry_for_the_past_holds_up_to_what_is_known_after_it() -> None:
    history = with_entry(with_entry((), date(2026, 3, 1), "north"), date(2026, 1, 1), "east")

    assert history == (Since(date(2026, 1, 1), "east"), Since(date(2026, 3, 1), "north"))


def test_second_entry_of_a_day_corrects_the_first() -> None:
    history = with_entry(with_entry((), date(2026, 3, 1), "north"), date(2026, 3, 1), "south")

    assert history == (Since(date(2026, 3, 1), "south"),)


@given(st.lists(st.tuples(DAYS, st.integers())), DAYS)
def test_held_on_is_the_latest_word_on_the_latest_day_up_to_it(
    entries: list[tuple[date, int]], day: date
) -> None:
    history: History[int] = ()
    for when, value in entries:
        history = with_entry(history, when, value)

    told = {when: value for when, value in entries if when <= day}
    assert held_on(history, day) == (told[max(told)] if told else None)
    assert [entry.day for entry in history] == sorted({when for when, _ in entries})
