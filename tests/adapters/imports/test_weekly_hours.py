"""Hours of a week are read and written in one short syntax."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.imports.weekly_hours import NotHours, read_weekly, write_weekly
from adapters.opening_hours import UnsupportedHours, read_osm
from domain.windows import DAY_MIN, Window, normal, on_day

quarters = st.integers(0, 95).map(lambda one: one * 15)


@st.composite
def windows_of_a_day(draw: st.DrawFn) -> Window:
    day, start = draw(st.integers(0, 6)), draw(quarters)
    end = draw(st.integers(start // 15 + 1, 96)) * 15
    return Window(day * DAY_MIN + start, day * DAY_MIN + end)


@given(st.lists(windows_of_a_day()).map(normal))
def test_written_hours_are_read_back(windows: tuple[Window, ...]) -> None:
    assert read_weekly(write_weekly(windows)) == windows


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        (
            "Mo,We 09:00-12:00; Sa 14:00-17:00",
            [(1, "09:00", "12:00"), (3, "09:00", "12:00"), (6, "14:00", "17:00")],
        ),
        ("Sa-Mo 9:00-12:00", [(1, "09:00", "12:00"), (6, "09:00", "12:00"), (7, "09:00", "12:00")]),
        ("mo 09:00-12:00, 14:00-24:00", [(1, "09:00", "12:00"), (1, "14:00", "24:00")]),
        ("Tu 09:00-12:00; Tu 11:00-13:00", [(2, "09:00", "13:00")]),
        ("Mo, We 9am-noon", [(1, "09:00", "12:00"), (3, "09:00", "12:00")]),
        (
            "周一、周三 9：00－12：00；周六下午2点-5点",
            [(1, "09:00", "12:00"), (3, "09:00", "12:00"), (6, "14:00", "17:00")],
        ),
        ("Montag bis Mittwoch 9-12 Uhr; Di geschlossen", [(1, "09:00", "12:00"), (3, "09:00", "12:00")]),
        ("", []),
    ],
)
def test_weekdays_runs_and_several_spans(text: str, windows: list[tuple[int, str, str]]) -> None:
    assert read_weekly(text) == normal(on_day(*one) for one in windows)


def test_without_weekdays_every_day_is_meant() -> None:
    assert read_weekly("18:00-20:00") == read_weekly("Mo-Su 18:00-20:00")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Mo morning", "not in the opening_hours syntax from 'morning' on"),
        ("Xx 09:00-12:00", "not in the opening_hours syntax from 'Xx"),
        ("Mo 09:00", "not in the opening_hours syntax where it ends"),
        ("Mo 25:00-26:00", "not in the opening_hours syntax from '25:00"),
        ("Mo 22:00-02:00", "must end after it starts"),
        ("Mo-Fr 08:00-12:00; 13:00-17:30", "stands without weekdays"),
        ("Mo-Fr 08:00-12:00 Sa 09:00-10:00", "without a semicolon"),
        ("Mo", "gives no times"),
        ("Mo 09:00-12:00; PH off", "names dates, weeks or holidays"),
        ("Jul Mo 09:00-12:00", "names dates, weeks or holidays"),
        ('Mo 09:00-12:00 "if it rains"', "is a comment"),
    ],
)
def test_other_text_is_refused_with_what_would_be_right(text: str, reason: str) -> None:
    with pytest.raises(NotHours, match=reason):
        read_weekly(text)


# ---- No cell, however odd, takes long


@pytest.mark.parametrize(
    "cell", [" ", ",", "Mo ", "Mo,", "9", "9-", "09:00-12:00,", "[", '"', "a. m. ", "周", "24 "]
)
def test_a_long_cell_is_read_or_refused_at_once(cell: str) -> None:
    """A reader that tries every split of a long cell would never end; whatever is read is within a week."""
    for text in (cell * 200_000, "Mo" + cell * 1_900, cell * 900 + "x"):
        hours: tuple[Window, ...] = ()
        with contextlib.suppress(NotHours):
            hours = read_weekly(text)
        assert hours == normal(hours)
        with contextlib.suppress(UnsupportedHours):
            assert read_osm(text).periods
