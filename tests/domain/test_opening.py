"""Opening rules: which period and which rule decide, and what that opens in a week."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import monday, week_of
from domain.day_types import DayTypes, TableStatus, TypedDay, evolve, type_days
from domain.events import EventMetadata, Refused
from domain.opening import (
    BadNth,
    BadOpening,
    BadSpan,
    BadWeekday,
    BadWeeks,
    DayRule,
    EndsBeforeStart,
    OpeningHours,
    Period,
    Span,
    UnknownDayType,
    days_in_doubt,
    open_minutes,
    open_windows,
    period_on,
    spans_on,
    weekly,
)
from domain.windows import DAY_MIN, WEEK_MIN, Window, Windows, minutes, normal, on_day
from tests.builders import closed_on, opened_on, real_minutes, spans_of

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
NINE_TO_FIVE = spans_of("09:00-17:00")
EVENING = spans_of("18:00-20:00")
STAMP = EventMetadata(at=datetime(2026, 1, 1, tzinfo=UTC), by="coordinator-1")

DAYS = st.dates(date(2025, 12, 1), date(2028, 3, 31))
SPANS = st.tuples(st.integers(0, DAY_MIN - 1), st.integers(1, DAY_MIN)).map(
    lambda pair: Span(pair[0], pair[0] + pair[1])
)
RULES = st.builds(
    DayRule,
    weekdays=st.lists(st.integers(1, 7), min_size=1, unique=True).map(tuple),
    spans=st.lists(SPANS, max_size=3).map(tuple),
    weeks=st.sampled_from([None, None, "odd", "even"]),
    nth=st.sampled_from([(), (), (1,), (2, 4), (-1,)]),
    day_types=st.sampled_from([(), (), ("holiday",), ("weekend", "school_break")]),
)
PERIODS = st.tuples(
    st.none() | DAYS, st.integers(0, 60), st.booleans(), st.lists(RULES, max_size=3).map(tuple)
).map(lambda four: period(*four))
HOURS = st.lists(PERIODS, max_size=5).map(lambda periods: OpeningHours(tuple(periods)))


def period(first: date | None, length: int, endless: bool, rules: tuple[DayRule, ...]) -> Period:
    last = None if first is None or endless else first + timedelta(days=length)
    return Period("", first, last, rules)


def always(*rules: DayRule) -> OpeningHours:
    return OpeningHours((Period("", None, None, rules),))


def typed(*days: TypedDay, status: TableStatus = "official") -> DayTypes:
    (event,) = type_days(None, STAMP, "CN", days, status=status, source="a test")
    return evolve(None, event)


def opens(hours: OpeningHours, day: date, types: DayTypes | None = None) -> str:
    return ", ".join(f"{w.start_min // 60:02}-{w.end_min // 60:02}" for w in spans_on(hours, day, types))


# ---- Which period decides


@pytest.mark.slow
@given(HOURS, DAYS)
def test_the_shortest_period_decides_and_of_equals_the_later(hours: OpeningHours, day: date) -> None:
    holding = [period for period in hours.periods if period.contains(day)]

    ruling = period_on(hours, day)

    if not holding:
        assert ruling is None
    else:
        shortest = min(period.days for period in holding)
        assert ruling is [period for period in holding if period.days == shortest][-1]


@pytest.mark.slow
@given(HOURS, DAYS, SPANS)
def test_an_exception_decides_its_date_and_no_other(hours: OpeningHours, day: date, span: Span) -> None:
    open_ = OpeningHours((*hours.periods, opened_on(day, (span,), "fair")))
    closed = OpeningHours((*hours.periods, closed_on(day, day, "repairs")))

    assert spans_on(open_, day, None) == (Window(span.start_min, span.end_min),)
    assert spans_on(closed, day, None) == ()
    for other in (day - timedelta(days=1), day + timedelta(days=1)):
        assert spans_on(open_, other, None) == spans_on(hours, other, None) == spans_on(closed, other, None)


def test_a_season_replaces_the_usual_hours_and_both_its_ends_belong_to_it() -> None:
    summer = Period("summer", date(2026, 7, 6), date(2026, 8, 30), (DayRule((1,), EVENING),))
    hours = OpeningHours((*weekly(((1, 2), "09:00", "17:00")).periods, summer))

    assert opens(hours, date(2026, 6, 29)) == "09-17"
    assert opens(hours, date(2026, 7, 6)) == "18-20"
    assert opens(hours, date(2026, 7, 7)) == ""
    assert opens(hours, date(2026, 8, 31)) == "09-17"


# ---- Which rule decides


def test_equally_particular_rules_are_united() -> None:
    hours = weekly(((1,), "09:00", "12:00"), ((1, 2), "12:00", "14:00"), ((1,), "16:00", "17:00"))

    assert opens(hours, date(2026, 1, 5)) == "09-14, 16-17"


@given(DAYS)
def test_odd_and_even_weeks_take_turns_within_a_year_and_two_odd_ones_meet_after_week_53(day: date) -> None:
    hours = always(DayRule(EVERY_DAY, NINE_TO_FIVE, weeks="odd"), DayRule(EVERY_DAY, EVENING, weeks="even"))

    number = day.isocalendar().week

    assert opens(hours, day) == ("09-17" if number % 2 else "18-20")


def test_week_53_and_week_1_are_both_odd() -> None:
    hours = always(DayRule((1,), NINE_TO_FIVE, weeks="odd"))

    openings = [open_minutes(hours, week, None) for week in ("2026-W52", "2026-W53", "2027-W01", "2027-W02")]

    assert openings == [0, 480, 480, 0]


@given(DAYS, st.sampled_from([1, 2, 3, 4, 5]))
def test_the_nth_weekday_of_the_month_is_the_nth(day: date, nth: int) -> None:
    hours = always(DayRule((day.isoweekday(),), NINE_TO_FIVE, nth=(nth,)))

    alike = [date(day.year, day.month, d) for d in range(1, day.day + 1)]
    so_far = sum(1 for other in alike if other.isoweekday() == day.isoweekday())

    assert opens(hours, day) == ("09-17" if so_far == nth else "")


@given(DAYS)
def test_the_last_weekday_of_the_month_is_followed_by_none(day: date) -> None:
    hours = always(DayRule((day.isoweekday(),), NINE_TO_FIVE, nth=(-1,)))

    is_last = (day + timedelta(days=7)).month != day.month

    assert opens(hours, day) == ("09-17" if is_last else "")


def test_an_nth_weekday_replaces_the_usual_one() -> None:
    hours = always(
        DayRule((6,), NINE_TO_FIVE), DayRule((6,), (), nth=(-1,)), DayRule((6,), EVENING, nth=(1,))
    )

    saturdays = [opens(hours, date(2026, 1, day)) for day in (3, 10, 17, 24, 31)]

    assert saturdays == ["18-20", "09-17", "09-17", "09-17", ""]


SCHOOL = always(
    DayRule((1, 2, 3, 4, 5), EVENING),
    DayRule((6, 7), NINE_TO_FIVE),
    DayRule(EVERY_DAY, EVENING, day_types=("makeup_workday",)),
    DayRule(EVERY_DAY, NINE_TO_FIVE, day_types=("school_break",)),
    DayRule(EVERY_DAY, (), day_types=("holiday",)),
)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (TypedDay(date(2026, 2, 13), "workday"), "18-20"),
        (TypedDay(date(2026, 2, 14), "weekend"), "09-17"),
        (TypedDay(date(2026, 2, 14), "makeup_workday"), "18-20"),
        (TypedDay(date(2026, 2, 13), "workday", school=True), "18-20"),
        (TypedDay(date(2026, 2, 13), "workday", school=False), "09-17"),
        (TypedDay(date(2026, 2, 17), "holiday", school=False), ""),
        (TypedDay(date(2026, 2, 14), "makeup_workday", school=False), "18-20"),
    ],
)
def test_the_most_particular_day_type_decides(row: TypedDay, expected: str) -> None:
    assert opens(SCHOOL, row.day, typed(row)) == expected


@given(DAYS, st.sampled_from(["workday", "weekend", "holiday", "makeup_workday"]))
def test_a_make_up_work_day_is_open_whatever_its_weekday(
    day: date, kind: Literal["workday", "weekend", "holiday", "makeup_workday"]
) -> None:
    hours = always(DayRule(EVERY_DAY, NINE_TO_FIVE, day_types=("workday", "makeup_workday")))

    found = opens(hours, day, typed(TypedDay(day, kind)))

    assert found == ("09-17" if kind in {"workday", "makeup_workday"} else "")


def test_a_day_type_that_is_not_known_leaves_the_weekdays_hours() -> None:
    assert opens(SCHOOL, date(2026, 2, 14)) == "09-17"


@pytest.mark.parametrize(
    ("row", "status", "expected"),
    [
        (TypedDay(date(2026, 2, 14), "makeup_workday", school=True), "official", 6),
        (TypedDay(date(2026, 2, 14), "makeup_workday"), "official", 7),
        (TypedDay(date(2026, 2, 14), "makeup_workday", school=True), "provisional", 7),
    ],
)
def test_days_whose_type_is_not_official_are_in_doubt(
    row: TypedDay, status: TableStatus, expected: int
) -> None:
    assert len(days_in_doubt(SCHOOL, "2026-W07", typed(row, status=status))) == expected


def test_rules_that_ask_for_no_day_type_leave_no_doubt() -> None:
    assert days_in_doubt(weekly(((1,), "09:00", "17:00")), "2026-W07", None) == ()


# ---- What is open in a week


@pytest.mark.slow
@given(HOURS, DAYS)
def test_a_week_is_its_days_and_what_runs_over_from_the_sunday_before(hours: OpeningHours, day: date) -> None:
    week = week_of(day)

    windows = open_windows(hours, week, None)

    expected = {
        minute
        for offset in range(-1, 7)
        for window in spans_on(hours, monday(week) + timedelta(days=offset), None)
        for minute in range(window.start_min + offset * DAY_MIN, window.end_min + offset * DAY_MIN)
        if 0 <= minute < WEEK_MIN
    }
    assert {minute for window in windows for minute in range(window.start_min, window.end_min)} == expected
    assert windows == normal(windows)
    assert open_minutes(hours, week, None) == len(expected)


@given(HOURS, DAYS)
def test_two_weeks_share_no_minute_and_lose_none_between_them(hours: OpeningHours, day: date) -> None:
    first, second = week_of(day), week_of(day + timedelta(days=7))

    spans: Windows = normal(
        window.shifted(offset * DAY_MIN)
        for offset in range(-1, 14)
        for window in spans_on(hours, monday(first) + timedelta(days=offset), None)
    )
    inside = [Window(max(w.start_min, 0), min(w.end_min, 2 * WEEK_MIN)) for w in spans if w.end_min > 0]

    assert open_minutes(hours, first, None) + open_minutes(hours, second, None) == minutes(inside)


def test_ends_that_touch_are_joined_across_midnight() -> None:
    hours = weekly(((1,), "18:00", "24:00"), ((2,), "00:00", "02:00"))

    assert open_windows(hours, "2026-W10", None) == (Window(18 * 60, 26 * 60),)


def test_a_night_runs_on_after_an_exception_has_closed_the_next_date() -> None:
    saturday = date(2026, 3, 7)
    friday_night = weekly(((5,), "22:00", "02:00")).periods
    hours = OpeningHours((*friday_night, closed_on(saturday, saturday, "repairs")))

    assert open_windows(hours, "2026-W10", None) == (Window(4 * DAY_MIN + 22 * 60, 5 * DAY_MIN + 2 * 60),)


def test_a_night_from_sunday_belongs_to_the_next_weeks_monday() -> None:
    hours = weekly(((7,), "22:00", "02:00"))

    assert open_windows(hours, "2026-W10", None) == (Window(0, 120), on_day(7, "22:00", "24:00"))


@pytest.mark.parametrize(("week", "difference"), [("2026-W12", 0), ("2026-W13", -60), ("2026-W43", 60)])
def test_a_clock_change_moves_no_window_but_changes_the_time_that_passes(week: str, difference: int) -> None:
    hours = weekly((EVERY_DAY, "00:00", "24:00"))

    (window,) = open_windows(hours, week, None)

    assert window == Window(0, WEEK_MIN)
    assert real_minutes(week, window, "Europe/London") == WEEK_MIN + difference


# ---- What cannot be kept


@pytest.mark.parametrize(("start", "end"), [(-1, 60), (1440, 1500), (60, 60), (60, 2881)])
def test_a_span_outside_its_two_days_is_refused(start: int, end: int) -> None:
    with pytest.raises(BadSpan):
        Span(start, end)


@pytest.mark.parametrize("weekdays", [(), (0,), (8,), (1, 1)])
def test_a_rule_needs_weekdays_that_exist_once(weekdays: tuple[int, ...]) -> None:
    with pytest.raises(BadWeekday):
        DayRule(weekdays, NINE_TO_FIVE)


def test_a_rule_for_what_no_calendar_has_is_refused() -> None:
    with pytest.raises(BadNth, match="1st to 5th and a last"):
        DayRule((1,), (), nth=(6,))
    with pytest.raises(BadWeeks, match="odd or even"):
        DayRule((1,), (), weeks="third")  # type: ignore[arg-type]
    with pytest.raises(UnknownDayType, match="known are holiday"):
        DayRule((1,), (), day_types=("feast",))


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(EndsBeforeStart, match="summer ends on 2026-07-01, before 2026-08-01"):
        Period("summer", date(2026, 8, 1), date(2026, 7, 1), ())


def test_every_refusal_is_one_of_the_domains() -> None:
    assert issubclass(BadOpening, Refused)
