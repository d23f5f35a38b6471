"""The algebra of windows, held against sets of single minutes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.windows import (
    DAY_MIN,
    WEEK_MIN,
    EmptyWindow,
    NotATime,
    Window,
    Windows,
    clock,
    clock_min,
    covers,
    difference,
    intersection,
    minutes,
    normal,
    on_day,
    union,
    within_days,
)

SHORT = 60  # the algebra does not know how long a week is, and small numbers touch more often

WINDOWS = st.lists(
    st.tuples(st.integers(0, SHORT), st.integers(1, 15)).map(lambda pair: Window(pair[0], pair[0] + pair[1])),
    max_size=8,
)
WEEKS_WINDOWS = st.lists(
    st.tuples(st.integers(-DAY_MIN, WEEK_MIN), st.integers(1, 3000)).map(
        lambda pair: Window(pair[0], pair[0] + pair[1])
    ),
    max_size=6,
)


def minutes_in(windows: list[Window] | Windows) -> set[int]:
    return {minute for window in windows for minute in range(window.start_min, window.end_min)}


def is_normal(windows: Windows) -> bool:
    return all(one.end_min < after.start_min for one, after in pairwise(windows))


@given(WINDOWS)
def test_normal_form_keeps_the_minutes_and_leaves_gaps_between(windows: list[Window]) -> None:
    joined = normal(windows)

    assert minutes_in(joined) == minutes_in(windows)
    assert is_normal(joined)
    assert normal(joined) == joined


@given(WINDOWS, WINDOWS)
def test_union_has_the_minutes_of_both(some: list[Window], others: list[Window]) -> None:
    both = union(some, others)

    assert minutes_in(both) == minutes_in(some) | minutes_in(others)
    assert is_normal(both)


@given(WINDOWS, WINDOWS)
def test_intersection_has_the_minutes_in_common(some: list[Window], others: list[Window]) -> None:
    common = intersection(some, others)

    assert minutes_in(common) == minutes_in(some) & minutes_in(others)
    assert is_normal(common)


@given(WINDOWS, WINDOWS)
def test_difference_has_what_is_left(some: list[Window], taken: list[Window]) -> None:
    left = difference(some, taken)

    assert minutes_in(left) == minutes_in(some) - minutes_in(taken)
    assert is_normal(left)


@given(WINDOWS, st.integers(0, SHORT), st.integers(1, 15))
def test_windows_cover_what_they_hold_every_minute_of(windows: list[Window], start: int, length: int) -> None:
    wanted = Window(start, start + length)

    assert covers(windows, wanted) == (minutes_in([wanted]) <= minutes_in(windows))


@given(WINDOWS)
def test_no_minute_is_counted_twice(windows: list[Window]) -> None:
    assert minutes(windows) == len(minutes_in(windows))


@given(WEEKS_WINDOWS)
def test_cutting_at_midnight_loses_nothing_of_the_week(windows: list[Window]) -> None:
    pieces = list(within_days(windows))

    again = [Window((day - 1) * DAY_MIN + start, (day - 1) * DAY_MIN + end) for day, start, end in pieces]

    assert normal(again) == intersection(windows, [Window(0, WEEK_MIN)])
    assert all(1 <= day <= 7 and 0 <= start < end <= DAY_MIN for day, start, end in pieces)


def test_windows_that_only_touch_do_not_overlap() -> None:
    morning, afternoon = on_day(1, "09:00", "12:00"), on_day(1, "12:00", "17:00")

    assert not morning.overlaps(afternoon)
    assert normal([afternoon, morning]) == (on_day(1, "09:00", "17:00"),)


def test_the_last_minute_of_a_day_touches_the_next_day() -> None:
    assert normal([on_day(1, "22:00", "24:00"), on_day(2, "00:00", "02:00")]) == (Window(1320, 1560),)


def test_a_window_has_a_length_a_day_and_neighbours() -> None:
    window = on_day(3, "10:00", "11:30")

    assert (window.minutes, window.day) == (90, 3)
    assert window.shifted(30) == on_day(3, "10:30", "12:00")
    assert window.padded(15, 30) == on_day(3, "09:45", "12:00")
    assert window.padded(15, 30).contains(window)


@pytest.mark.parametrize(("start", "end"), [(10, 10), (10, 9)])
def test_an_empty_window_is_refused(start: int, end: int) -> None:
    with pytest.raises(EmptyWindow, match="must end after it starts"):
        Window(start, end)


@given(st.integers(0, DAY_MIN))
def test_a_clock_time_reads_back(minute: int) -> None:
    assert clock_min(clock(minute)) == minute


@pytest.mark.parametrize("text", ["24:01", "9:00", "09:60", "0900", "", " 09:00"])
def test_a_text_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(NotATime, match="such as 09:30"):
        clock_min(text)
