"""OpenStreetMap hours: what is taken over, what is refused, and that showing loses nothing."""

import csv
import os
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.osm_hours import UnsupportedHours, implausible, read_osm, write_osm
from domain.calendar import shift_week
from domain.day_types import DayKind, DayTypes
from domain.opening import (
    DayRule,
    OpeningHours,
    Period,
    Span,
    closed_on,
    open_windows,
    opened_on,
    spans_of,
    spans_on,
)
from domain.windows import on_day

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
WORK_DAYS = (1, 2, 3, 4, 5)
NINE_TO_FIVE = spans_of("09:00-17:00")


def always(*rules: DayRule) -> OpeningHours:
    return OpeningHours((Period("", None, None, rules),))


def rows() -> list[dict[str, str]]:
    path = SHARED / "uk-libraries" / "uk_libraries_opening_hours.csv"
    if not path.exists():
        sentence = f"the shared data is not beside the project: {path.name}"
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            pytest.fail(sentence)
        pytest.skip(sentence)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---- Real opening hours


def test_every_library_is_read_and_the_midnight_hours_are_noticed() -> None:
    warned = {row["id"]: implausible(row["opening_hours"]) for row in rows()}

    midnight = {key for key, sentences in warned.items() if "midnight" in " ".join(sentences)}
    others = {key: sentences for key, sentences in warned.items() if sentences and key not in midnight}

    assert len(warned) == 2862
    assert " ".join(sorted(midnight)) == ("uk-1445 uk-1732 uk-1737 uk-1954 uk-2258 uk-2453 uk-3354 uk-3393")
    assert others == {"uk-1324": ("Tu 07:00-02:00 is open for 19 hours; check the times",)}


def test_a_library_with_midnight_hours_is_told_which() -> None:
    assert implausible("Mo-Fr 09:00-19:00; Sa 00:00-17:00") == (
        "Sa 00:00-17:00 opens at midnight and is open for 17 hours; check the times",
    )
    assert implausible("Mo 10:00-00:00; Tu 10:00-19:00") == (
        "Mo 10:00-24:00 closes at midnight; check the times",
    )
    assert implausible("Mo-Sa 09:00-17:00") == ()


# ---- What is read


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Mo-Fr 09:00-17:00", (DayRule(WORK_DAYS, NINE_TO_FIVE),)),
        ("mo,we 9:00-17:00", (DayRule((1, 3), NINE_TO_FIVE),)),
        ("Sa-Mo 09:00-17:00", (DayRule((1, 6, 7), NINE_TO_FIVE),)),
        ("09:00-12:00,14:00-17:00", (DayRule(EVERY_DAY, spans_of("09:00-12:00,14:00-17:00")),)),
        ("24/7", (DayRule(EVERY_DAY, (Span(0, 1440),)),)),
        ("off", ()),
        ("Mo-Fr 09:00-17:00; We off", (DayRule((1, 2, 4, 5), NINE_TO_FIVE),)),
        ("Mo 09:00-12:00, Mo 14:00-17:00", (DayRule((1,), spans_of("09:00-12:00,14:00-17:00")),)),
        ("Mo 09:00-17:00; Mo 12:00-14:00 off", (DayRule((1,), spans_of("09:00-12:00,14:00-17:00")),)),
        ("Fr 22:00-02:00", (DayRule((5,), (Span(1320, 1560),)),)),
        ("Fr 22:00-26:00", (DayRule((5,), (Span(1320, 1560),)),)),
        ("Mo 10:00-00:00", (DayRule((1,), (Span(600, 1440),)),)),
        ("Sa[1] 09:00-17:00", (DayRule((6,), NINE_TO_FIVE, nth=(1,)),)),
        ("Sa[-1] 09:00-17:00", (DayRule((6,), NINE_TO_FIVE, nth=(-1,)),)),
        ("Sa 09:00-17:00; Sa[-1] off", (DayRule((6,), NINE_TO_FIVE), DayRule((6,), (), nth=(-1,)))),
        ("week 1-53/2 Mo 09:00-17:00", (DayRule((1,), NINE_TO_FIVE, weeks="odd"),)),
        ("week 2-52/2 Mo 09:00-17:00", (DayRule((1,), NINE_TO_FIVE, weeks="even"),)),
        (
            "Mo 09:00-17:00; PH off",
            (DayRule((1,), NINE_TO_FIVE), DayRule(EVERY_DAY, (), day_types=("holiday",))),
        ),
        (
            "Mo 18:00-20:00; SH 09:00-17:00",
            (
                DayRule((1,), spans_of("18:00-20:00")),
                DayRule(EVERY_DAY, NINE_TO_FIVE, day_types=("school_break",)),
            ),
        ),
    ],
)
def test_weekly_hours_become_the_plainest_rules(text: str, rules: tuple[DayRule, ...]) -> None:
    assert read_osm(text) == always(*rules)


def test_dated_rules_become_periods_that_keep_what_they_do_not_replace() -> None:
    hours = read_osm("Mo,Tu 09:00-17:00; 2026 Jul 1-2026 Aug 31 Mo 10:00-12:00; 2026 Dec 25 off")

    assert hours == OpeningHours(
        (
            Period("", None, None, (DayRule((1, 2), NINE_TO_FIVE),)),
            Period(
                "from 2026-07-01 to 2026-08-31",
                date(2026, 7, 1),
                date(2026, 8, 31),
                (DayRule((1,), spans_of("10:00-12:00")), DayRule((2,), NINE_TO_FIVE)),
            ),
            Period("on 2026-12-25", date(2026, 12, 25), date(2026, 12, 25), ()),
        )
    )


def test_years_without_end_become_a_period_without_end() -> None:
    (period,) = read_osm("2026+ Mo 09:00-17:00").periods

    assert (period.first, period.last) == (date(2026, 1, 1), None)


def test_a_season_of_every_year_is_written_out_for_the_years_asked_for() -> None:
    hours = read_osm("Mo 09:00-17:00; Jul-Aug off; Dec 24-Jan 2 off", years=[2026])

    assert [(period.first, period.last) for period in hours.periods[1:]] == [
        (date(2025, 12, 24), date(2026, 1, 2)),
        (date(2026, 7, 1), date(2026, 8, 31)),
        (date(2026, 12, 24), date(2027, 1, 2)),
    ]


def test_a_night_belongs_to_the_day_on_which_it_starts() -> None:
    hours = read_osm("Tu 18:00-02:00; We 09:00-17:00")

    assert open_windows(hours, "2026-W10", None) == (
        on_day(2, "18:00", "24:00").padded(0, 120),
        on_day(3, "09:00", "17:00"),
    )


# ---- What is refused


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "are empty"),
        ("Mo 9-5", "not in the opening_hours syntax from '9-5' on"),
        ("SH Mo-Fr 09:00-17:00", "write SH in a rule of its own"),
        ("Mo-Fr PH 09:00-17:00", "write PH in a rule of its own"),
        ("Jul-Aug Mo 09:00-17:00", "write the year, as in '2026 Jul 1-2026 Aug 31'"),
        ("week 10-12 Mo 09:00-17:00", "neither all odd weeks .* nor all even ones"),
        ("Sa[-2] 09:00-17:00", r"only the last, \[-1\], can be kept"),
        ("Sa[4] 09:00-17:00; Sa[-1] 09:00-12:00; Sa[5] 10:00-11:00", "4th and the last weekday"),
        ("Mo sunrise-17:00", "'sunrise-17:00' .* depends on the sun"),
        ("Mo 10:00+", "has no end; write the closing time"),
        ("Mo 10:00-16:00/01:30", "repeats within the span"),
        ('Mo 09:00-17:00 "by appointment"', "is a comment; leave it out"),
        ("Mo unknown", "does not say whether it is open"),
        ("Mo 09:00-17:00 || Tu 09:00-17:00", "write one set of hours"),
        ("easter off", "write the dates with their year"),
        ("PH +1 day off", "a day beside a holiday"),
        ("2026-2030/2 Mo 09:00-17:00", "skips years"),
        ("1950-2050Jul Mo 09:00-17:00", "over twenty seasons"),
        ("Mo 09:00-12:00; PH off; SH 10:00-17:00", "write the rule for PH after the one for SH"),
        ("2026Jan-Feb,2027Mar Mo 10:00-12:00", "cannot be kept exactly: Monday, 2027-03-08"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(UnsupportedHours, match=says):
        read_osm(text)


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        (
            always(DayRule((6,), NINE_TO_FIVE, day_types=("makeup_workday",))),
            "no word for .* 'makeup_workday'",
        ),
        (always(DayRule((6,), NINE_TO_FIVE, day_types=("holiday",))), "these differ by weekday"),
    ],
)
def test_what_the_syntax_cannot_say_is_not_shown(hours: OpeningHours, says: str) -> None:
    with pytest.raises(UnsupportedHours, match=says):
        write_osm(hours)


# ---- What is shown


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (OpeningHours(), "closed"),
        (always(DayRule(WORK_DAYS, NINE_TO_FIVE)), "Mo-Fr 09:00-17:00"),
        (always(DayRule((1,), NINE_TO_FIVE), DayRule((1,), spans_of("17:00-19:00"))), "Mo 09:00-19:00"),
        (
            always(DayRule((1,), NINE_TO_FIVE), DayRule(EVERY_DAY, (), day_types=("holiday",))),
            "Mo 09:00-17:00; PH closed",
        ),
        (
            always(DayRule((5,), spans_of("22:00-02:00")), DayRule((6,), NINE_TO_FIVE)),
            "Fr 22:00-02:00, Sa 09:00-17:00",
        ),
        (
            OpeningHours(
                (
                    opened_on(date(2026, 12, 24), spans_of("10:00-12:00"), "fair"),
                    closed_on(date(2026, 12, 20), date(2026, 12, 31), "holidays"),
                    Period("", None, None, (DayRule((4,), NINE_TO_FIVE),)),
                )
            ),
            "Th 09:00-17:00; 2026 Dec 20-2026 Dec 31 closed; 2026 Dec 24 10:00-12:00",
        ),
    ],
)
def test_hours_are_shown_in_normal_form_the_deciding_period_last(hours: OpeningHours, text: str) -> None:
    assert write_osm(hours) == text


CLOCKS = st.integers(0, 95).map(lambda quarter: quarter * 15)
SPANS = st.tuples(CLOCKS, st.integers(1, 40)).map(
    lambda pair: Span(pair[0], min(pair[0] + 15 * pair[1], 1440))
)
WEEKDAYS = st.lists(st.integers(1, 7), min_size=1, unique=True).map(tuple)
PLAIN_RULES = st.builds(
    DayRule,
    weekdays=WEEKDAYS,
    spans=st.lists(SPANS, max_size=2).map(tuple),
    weeks=st.sampled_from([None, None, "odd", "even"]),
    nth=st.sampled_from([(), (), (), (1,), (2, 3), (-1,)]),
)
HOLIDAY_RULES = st.builds(
    DayRule,
    weekdays=st.just(EVERY_DAY),
    spans=st.lists(SPANS, max_size=1).map(tuple),
    day_types=st.sampled_from([("holiday",), ("school_break",)]),
)
RULES = st.tuples(st.lists(PLAIN_RULES, max_size=3), st.lists(HOLIDAY_RULES, max_size=2)).map(
    lambda pair: (*pair[0], *pair[1])
)
SEASONS = st.builds(
    lambda start, length, rules: Period("season", start, start + timedelta(days=length), rules),
    st.dates(date(2026, 6, 1), date(2027, 6, 1)),
    st.integers(0, 90),
    RULES,
)
HOURS = st.tuples(RULES, st.lists(SEASONS, max_size=2)).map(
    lambda pair: OpeningHours((Period("", None, None, pair[0]), *pair[1]))
)
KINDS = (
    DayKind("workday"),
    DayKind("holiday"),
    DayKind("workday", school=False),
    DayKind("holiday", school=False),
)


@settings(max_examples=25)
@given(HOURS)
def test_what_is_shown_reads_back_as_the_same_hours(hours: OpeningHours) -> None:
    again = read_osm(write_osm(hours))

    for number in range(60):
        week = shift_week("2026-W20", number)
        assert open_windows(again, week, None) == open_windows(hours, week, None)
    settled = write_osm(again)  # overlapping seasons have been cut into periods side by side
    assert write_osm(read_osm(settled)) == settled


@settings(max_examples=25)
@given(HOURS, st.dates(date(2026, 5, 1), date(2027, 8, 1)), st.sampled_from(KINDS))
def test_what_is_shown_reads_back_for_holidays_too(hours: OpeningHours, day: date, kind: DayKind) -> None:
    types = DayTypes(UUID(int=0), 0, "", {day: kind})

    again = read_osm(write_osm(hours))

    assert spans_on(again, day, types) == spans_on(hours, day, types)
