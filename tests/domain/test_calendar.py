"""Weeks, zones and instants: what the ISO calendar and the clocks of a place say."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pendulum
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import (
    FIRST_DAY,
    FIRST_WEEK,
    LAST_DAY,
    LAST_WEEK,
    NaiveInstant,
    NotAWeek,
    NotAZone,
    OutOfCalendar,
    add_days,
    bounded_day,
    bounded_instant,
    bounded_week,
    check_week,
    check_zone,
    date_of,
    in_week,
    instant,
    monday,
    near_week,
    same_clock,
    shift_week,
    skipped,
    uneven,
    wall,
    week_of,
    weeks_between,
)
from domain.windows import WEEK_MIN, Window, on_day
from tests.builders import real_minutes

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
ZONES = st.sampled_from(
    ["Asia/Shanghai", "Europe/London", "America/Toronto", "Australia/Lord_Howe", "Asia/Beirut"]
)


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@given(DAYS)
def test_every_date_is_in_the_week_that_names_it(day: date) -> None:
    week = week_of(day)

    assert check_week(week) == week
    assert date_of(week, day.isoweekday()) == day
    assert in_week(week, day)
    assert not in_week(week, day + timedelta(days=7))


@given(DAYS, st.integers(-600, 600))
def test_shifting_a_week_is_undone_by_counting(day: date, by: int) -> None:
    week = week_of(day)

    shifted = shift_week(week, by)

    assert weeks_between(week, shifted) == by
    assert shift_week(shifted, -by) == week


def test_week_53_exists_where_the_year_is_long() -> None:
    assert check_week("2026-W53") == "2026-W53"
    assert monday("2026-W53") == date(2026, 12, 28)
    assert week_of(date(2027, 1, 1)) == "2026-W53"
    assert shift_week("2026-W53", 1) == "2027-W01"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2025-W53", "2025 has the weeks W01 to W52"),
        ("2026-W00", "2026 has the weeks W01 to W53"),
        ("0000-W01", "years run from 0001 to 9999"),
        ("2026-49", "as in 2026-W49"),
        ("2026-W9", "as in 2026-W49"),
        ("２０２６-W49", "as in 2026-W49"),
    ],
)
def test_a_week_that_does_not_exist_is_refused(text: str, says: str) -> None:
    with pytest.raises(NotAWeek, match=says):
        check_week(text)


def test_a_week_has_seven_days() -> None:
    with pytest.raises(NotAWeek, match=r"1 \(Monday\) to 7"):
        date_of("2026-W49", 8)


@pytest.mark.parametrize(
    ("week", "by", "ends"),
    [("9999-W52", 10, "9999-W52"), ("0001-W01", -1, "0001-W01"), ("9999-W51", 1, "9999-W52")],
)
def test_what_would_leave_the_calendar_ends_at_its_last_or_first_week(week: str, by: int, ends: str) -> None:
    assert shift_week(week, by) == ends


@given(st.dates(), st.integers(-4_000_000, 4_000_000))
def test_adding_days_never_leaves_the_calendar(day: date, days: int) -> None:
    later = add_days(day, days)

    assert later in (date.min, date.max) or (later - day).days == days


@given(st.dates(), st.integers(-20_000, 20_000), ZONES)
def test_every_minute_of_every_date_is_an_instant_that_can_be_told_in_every_zone(
    day: date, minute: int, zone: str
) -> None:
    at = instant(day, minute, zone).astimezone(UTC)

    assert wall(at, "America/Toronto")
    assert wall(at, "Asia/Shanghai")


def test_the_last_week_of_all_has_as_many_days_as_the_calendar() -> None:
    assert [date_of("9999-W52", day) for day in (5, 6, 7)] == [date.max, date.max, date.max]


@pytest.mark.parametrize("day", [date(1989, 12, 31), date(2201, 1, 1), date.min, date.max])
def test_a_date_that_nobody_plans_for_is_refused(day: date) -> None:
    with pytest.raises(OutOfCalendar, match=f"^{day} is too far away; dates and weeks run from 1990 to 2200"):
        bounded_day(day)


@pytest.mark.parametrize("week", ["1989-W52", "2201-W01", "0001-W01", "9999-W52"])
def test_a_week_that_nobody_plans_for_is_refused(week: str) -> None:
    with pytest.raises(
        OutOfCalendar, match=f"^{week} is too far away; dates and weeks run from 1990 to 2200"
    ):
        bounded_week(week)


def test_dates_and_weeks_from_1990_to_2200_are_taken() -> None:
    assert [bounded_day(FIRST_DAY), bounded_day(LAST_DAY)] == [date(1990, 1, 1), date(2200, 12, 31)]
    assert [bounded_week(FIRST_WEEK), bounded_week(LAST_WEEK)] == ["1990-W01", "2200-W52"]


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_an_instant_that_nobody_plans_for_is_refused(at: datetime) -> None:
    with pytest.raises(OutOfCalendar, match="from 1990 to 2200"):
        bounded_instant(at)


def test_a_week_too_far_ahead_of_today_is_refused() -> None:
    leap_day = date(2028, 2, 29)

    assert near_week("2030-W09", leap_day, 2, "a week is planned") == "2030-W09"  # begins on 2030-02-25
    assert near_week("1990-W01", leap_day, 2, "a week is planned") == "1990-W01"
    with pytest.raises(
        OutOfCalendar, match=r"^2030-W10 is too far away; a week is planned at most 2 years ahead"
    ):
        near_week("2030-W10", leap_day, 2, "a week is planned")


@pytest.mark.parametrize("name", ["Asia/Chongqing!", "beijing", "", "UTC+8", "../etc/passwd"])
def test_a_zone_that_is_not_in_the_list_is_refused(name: str) -> None:
    with pytest.raises(NotAZone, match="Asia/Shanghai"):
        check_zone(name)


def test_an_instant_is_a_plain_datetime_in_its_zone() -> None:
    at = instant(date(2026, 11, 23), 7 * 60, "Asia/Shanghai")

    assert type(at) is datetime
    assert at.tzinfo == ZoneInfo("Asia/Shanghai")
    assert at.isoformat() == "2026-11-23T07:00:00+08:00"


def test_minutes_past_midnight_belong_to_the_next_day() -> None:
    assert instant(date(2026, 12, 31), 1440 + 90, "Europe/London") == utc(2027, 1, 1, 1, 30)


@pytest.mark.parametrize("minute", [60, 90, 119, 120])
def test_a_skipped_time_becomes_the_first_instant_after_the_gap(minute: int) -> None:
    # London skips 01:00 to 02:00 on 2026-03-29.
    assert instant(date(2026, 3, 29), minute, "Europe/London") == utc(2026, 3, 29, 1)


def test_a_skipped_midnight_becomes_the_first_instant_of_the_day() -> None:
    at = instant(date(2026, 3, 29), 0, "Asia/Beirut")

    assert at.isoformat() == "2026-03-29T01:00:00+03:00"


def test_a_skipped_day_becomes_the_first_instant_after_it() -> None:
    # Samoa went from 29 to 31 December 2011.
    at = instant(date(2011, 12, 30), 9 * 60, "Pacific/Apia")

    assert wall(at, "Pacific/Apia") == (date(2011, 12, 31), 0)


def test_a_repeated_time_is_the_first_of_the_two() -> None:
    at = instant(date(2026, 10, 25), 90, "Europe/London")

    assert at.astimezone(UTC) == utc(2026, 10, 25, 0, 30)


@given(DAYS, st.integers(0, 1439), ZONES)
def test_an_instant_reads_back_as_its_wall_time_unless_it_was_skipped(
    day: date, minute: int, zone: str
) -> None:
    read = wall(instant(day, minute, zone), zone)

    assert read >= (day, minute)
    assert read == (day, minute) or _offset(day, minute, zone, 1) > _offset(day, minute, zone, 0)


def _offset(day: date, minute: int, zone: str, fold: int) -> timedelta:
    at = datetime.combine(day, time(minute // 60, minute % 60, fold=fold), ZoneInfo(zone))
    offset = at.utcoffset()
    assert offset is not None
    return offset


@given(DAYS, st.integers(0, 2879), st.integers(0, 2879), ZONES)
def test_instants_keep_the_order_of_the_clock(day: date, one: int, other: int, zone: str) -> None:
    first, second = (instant(day, minute, zone).astimezone(UTC) for minute in sorted((one, other)))

    assert first <= second


def test_a_wall_time_needs_an_offset() -> None:
    with pytest.raises(NaiveInstant, match="offset"):
        wall(datetime(2026, 11, 23, 7), "Asia/Shanghai")  # noqa: DTZ001 - the lack is what is refused


@pytest.mark.parametrize(
    ("week", "difference"), [("2026-W12", 0), ("2026-W13", -60), ("2026-W43", 60), ("2026-W53", 0)]
)
def test_a_week_with_a_clock_change_is_an_hour_shorter_or_longer(week: str, difference: int) -> None:
    assert real_minutes(week, Window(0, WEEK_MIN), "Europe/London") == WEEK_MIN + difference


def test_a_window_away_from_the_change_keeps_its_length() -> None:
    assert real_minutes("2026-W13", on_day(6, "09:00", "17:00"), "Europe/London") == 480


def test_a_window_inside_the_gap_has_no_time_in_it() -> None:
    assert real_minutes("2026-W13", on_day(7, "01:15", "01:45"), "Europe/London") == 0


EVERY_ZONE = st.sampled_from(sorted(available_timezones() & set(pendulum.timezones())))
WEEKS = st.dates(date(1990, 1, 1), date(2060, 12, 31)).map(week_of)


@st.composite
def weeks_of_change(draw: st.DrawFn) -> tuple[str, str]:
    """A week of any zone, in half of the cases one in which its clocks change, where there is one."""
    zone, week = draw(EVERY_ZONE), draw(WEEKS)
    if draw(st.booleans()):
        week = next((one for by in range(53) if uneven(one := shift_week(week, by), zone)), week)
    return week, zone


@pytest.mark.slow
@settings(max_examples=300)
@given(weeks_of_change(), st.integers(0, WEEK_MIN - 1))
def test_a_minute_is_skipped_exactly_when_no_instant_has_it(place: tuple[str, str], minute: int) -> None:
    week, zone = place
    near = [
        edge + by for gap in skipped(week, zone) for edge in (gap.start_min, gap.end_min) for by in (-1, 0)
    ]

    for one in (minute, *(edge for edge in near if 0 <= edge < WEEK_MIN)):
        naive = datetime.combine(monday(week), time()) + timedelta(minutes=one)
        back = naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
        comes = back.replace(tzinfo=None) == naive
        assert comes is not any(gap.start_min <= one < gap.end_min for gap in skipped(week, zone))


@settings(max_examples=300)
@given(weeks_of_change(), st.integers(0, WEEK_MIN - 1), st.integers(1, 300), st.integers(-150, 150))
def test_a_session_that_touches_no_uneven_minute_lasts_as_long_as_it_says(
    place: tuple[str, str], start: int, minutes: int, near: int
) -> None:
    week, zone = place
    changes = uneven(week, zone)
    start = max(0, changes[0].start_min + near) if changes else start
    session = Window(start, min(start + minutes, WEEK_MIN + 60))

    even = not any(session.overlaps(gap) for gap in changes)

    if session.end_min <= WEEK_MIN:
        assert even is (
            real_minutes(week, session, zone) == session.minutes
            and not any(session.overlaps(gap) for gap in skipped(week, zone))
        )


@pytest.mark.parametrize(
    ("week", "zone", "gap"),
    [
        ("2027-W12", "Europe/London", on_day(7, "01:00", "02:00")),
        ("2026-W40", "Australia/Lord_Howe", on_day(7, "02:00", "02:30")),
        ("2026-W13", "Asia/Beirut", on_day(7, "00:00", "01:00")),
        ("2026-W13", "America/Nuuk", on_day(6, "23:00", "24:00")),
        ("2011-W52", "Pacific/Apia", on_day(5, "00:00", "24:00")),
        ("1994-W52", "Pacific/Kiritimati", on_day(6, "00:00", "24:00")),
    ],
)
def test_what_the_clocks_skip_is_known(week: str, zone: str, gap: Window) -> None:
    assert skipped(week, zone) == uneven(week, zone) == (gap,)


def test_a_repeated_hour_has_one_minute_that_nothing_may_touch() -> None:
    assert skipped("2026-W43", "Europe/London") == ()
    assert uneven("2026-W43", "Europe/London") == (on_day(7, "01:59", "02:00"),)


@pytest.mark.parametrize("week", ["0001-W01", "9999-W51", "9999-W52"])
def test_the_ends_of_the_calendar_have_no_change(week: str) -> None:
    assert skipped(week, "Europe/London") == uneven(week, "Europe/London") == ()


@pytest.mark.parametrize(
    ("week", "other", "same"),
    [
        ("2026-W49", "Europe/Jersey", True),
        ("2026-W49", "Europe/Lisbon", True),
        ("2026-W49", "Europe/Paris", False),
        ("2026-W49", "Africa/Abidjan", True),
        ("2026-W28", "Africa/Abidjan", False),
        ("2026-W13", "Africa/Abidjan", False),
    ],
)
def test_two_zones_share_a_clock_in_the_weeks_in_which_both_show_the_same(
    week: str, other: str, same: bool
) -> None:
    assert same_clock(week, "Europe/London", other) is same
