"""Hours of a week are read and written in one short syntax."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.imports.plain_hours import read_hours
from adapters.imports.tables import read_table
from adapters.imports.weekly import DAYS, NotHours, read_weekly, write_weekly
from adapters.osm_hours import read_osm
from domain.windows import DAY_MIN, Window, normal, on_day
from tests.adapters.imports.conftest import shared

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
        ("Mo morning", "is not written as in"),
        ("Xx 09:00-12:00", "names no weekdays"),
        ("Mo 09:00", "is no span of time"),
        ("Mo 25:00-26:00", "is not a time"),
        ("Mo 22:00-02:00", "must end after it starts"),
    ],
)
def test_other_text_is_refused_with_what_would_be_right(text: str, reason: str) -> None:
    with pytest.raises(NotHours, match=reason):
        read_weekly(text)


# Plain opening hours


@st.composite
def plain_texts(draw: st.DrawFn) -> str:
    days = draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True))
    cut = draw(st.integers(1, len(days)))
    groups = [group for group in (days[:cut], days[cut:]) if group]
    return "; ".join(f"{','.join(sorted(group, key=DAYS.index))} {draw(span_texts())}" for group in groups)


@st.composite
def span_texts(draw: st.DrawFn) -> str:
    times = draw(
        st.lists(st.integers(0, 96), min_size=2, max_size=4, unique=True).filter(
            lambda one: len(one) % 2 == 0
        )
    )
    ends = [f"{one // 4:02}:{one % 4 * 15:02}" for one in sorted(times)]
    return ",".join(f"{start}-{end}" for start, end in zip(ends[::2], ends[1::2], strict=True))


@given(plain_texts())
def test_plain_hours_equal_what_the_full_reader_makes_of_them(text: str) -> None:
    assert read_hours(text) == read_osm(text)


def test_real_hours_equal_what_the_full_reader_makes_of_them() -> None:
    table = read_table(shared("uk-libraries/uk_libraries_opening_hours.csv"))
    texts = sorted({row.cells["opening_hours"] for row in table.rows})[::12]

    assert [text for text in texts if read_hours(text) != read_osm(text)] == []
