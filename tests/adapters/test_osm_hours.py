"""OpenStreetMap hours: what is taken over, what is refused, and that showing loses nothing."""

import csv
import os
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adapters.opening_hours import UnsupportedHours, read_osm, read_time, write_osm
from adapters.opening_hours.plausibility import implausible
from domain.calendar import shift_week
from domain.day_types import DayKind, DayTypes
from domain.opening import (
    DayRule,
    OpeningHours,
    Period,
    Season,
    Span,
    open_windows,
    spans_on,
)
from domain.windows import on_day
from tests.builders import closed_on, opened_on, spans_of

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
WORK_DAYS = (1, 2, 3, 4, 5)
NIGHT_OF_19_HOURS = (
    "Tu 07:00-02:00 runs through the night until 02:00 on the next day and is open for 19 hours, which is rarely "
    "meant; check the times"
)
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
    warned = {row["id"]: implausible(read_osm(row["opening_hours"])) for row in rows()}

    midnight = {key for key, sentences in warned.items() if "midnight" in " ".join(sentences)}
    others = {key: sentences for key, sentences in warned.items() if sentences and key not in midnight}

    assert len(warned) == 2862
    assert " ".join(sorted(midnight)) == ("uk-1445 uk-1732 uk-1737 uk-1954 uk-2258 uk-2453 uk-3354 uk-3393")
    assert others == {
        "uk-1324": (NIGHT_OF_19_HOURS,),
        "uk-2497": ("We 01:00-13:00 opens in the night at 01:00, which is rarely meant; check the times",),
    }


def test_a_library_with_midnight_hours_is_told_which() -> None:
    assert implausible(read_osm("Mo-Fr 09:00-19:00; Sa 00:00-17:00")) == (
        "Sa 00:00-17:00 opens at midnight and is open for 17 hours, which is rarely meant; check the times",
    )
    assert implausible(read_osm("Mo 10:00-00:00; Tu 10:00-19:00")) == (
        "Mo 10:00-24:00 closes at midnight, which is rarely meant; check the times",
    )
    assert implausible(read_osm("Mo-Sa 09:00-17:00")) == ()


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


def test_a_season_of_every_year_recurs() -> None:
    hours = read_osm("Mo 09:00-17:00; Jul-Aug off; Dec 24-Jan 2 Mo 10:00-12:00")

    assert hours == OpeningHours(
        (
            Period("", None, None, (DayRule((1,), NINE_TO_FIVE),)),
            Period("every year from 07-01 to 08-31", None, None, (), Season(7, 1, 8, 31)),
            Period(
                "every year from 12-24 to 01-02",
                None,
                None,
                (DayRule((1,), spans_of("10:00-12:00")),),
                Season(12, 24, 1, 2),
            ),
        )
    )


def test_dates_of_one_year_go_before_a_season_that_recurs() -> None:
    hours = read_osm("Jul-Aug Mo-Fr 09:00-17:00; 2026 Jul 20-2026 Sep 10 off; 2027+ Sa 10:00-12:00")

    found = {
        day: spans_on(hours, day, None) for day in (date(2026, 7, 14), date(2026, 7, 21), date(2027, 7, 20))
    }

    assert [len(windows) for windows in found.values()] == [1, 0, 1]
    assert spans_on(hours, date(2028, 1, 1), None) == spans_on(hours, date(2028, 7, 1), None) != ()


def test_numbers_of_weeks_are_kept_as_they_are() -> None:
    assert read_osm("week 10-12 Mo 09:00-17:00") == always(
        DayRule((1,), NINE_TO_FIVE, week_numbers=(10, 11, 12))
    )


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("周一至周五 9:00-17:00", "Mo-Fr 09:00-17:00"),
        ("周一至周五 9：00－17：00；周六 10：00－16：00", "Mo-Fr 09:00-17:00; Sa 10:00-16:00"),
        ("星期一至五 9:00-17:00", "Mo-Fr 09:00-17:00"),
        ("礼拜一、三、五 9:00-12:00", "Mo,We,Fr 09:00-12:00"),
        ("每天 9点-17点半", "09:00-17:30"),
        ("周末 10:00-16:00", "Sa-Su 10:00-16:00"),
        ("周二至周日9:00-17:00（周一闭馆）", "Tu-Su 09:00-17:00, Mo off"),
        ("周一至周五 9:00-17:00，法定节假日除外", "Mo-Fr 09:00-17:00, PH off"),
        ("周一至周五 上午9:00-12:00，下午2:00-5:00", "Mo-Fr 09:00-12:00,14:00-17:00"),
        ("周一至周五 上午9点至下午5点", "Mo-Fr 09:00-17:00"),
        ("7月1日至8月31日 周一至周五 9:00-12:00", "Jul 1-Aug 31 Mo-Fr 09:00-12:00"),
        ("Mo-Fr 9am-5pm", "Mo-Fr 09:00-17:00"),
        ("Mo-Fr 9-5pm", "Mo-Fr 09:00-17:00"),
        ("Monday to Friday 9:00 AM – 5:30 p.m.", "Mo-Fr 09:00-17:30"),
        ("Sat 9am-noon", "Sa 09:00-12:00"),
        ("Sat 6pm-midnight", "Sa 18:00-24:00"),
        ("12am-12pm", "00:00-12:00"),
        ("lundi à vendredi 9h-17h30", "Mo-Fr 09:00-17:30"),
        ("Lun-Ven 9:00-17:00", "Mo-Fr 09:00-17:00"),
        ("Di-So 10 bis 18 Uhr", "Tu-Su 10:00-18:00"),
        ("mo‐fr 0９:００—１7:00", "Mo-Fr 09:00-17:00"),
        ("daily 9-17", "09:00-17:00"),
    ],
)
def test_other_spellings_say_the_same(text: str, plain: str) -> None:
    assert read_osm(text) == read_osm(plain)


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
        ("Mo 9:5-", "not in the opening_hours syntax where it ends"),
        ("Mo 1000-2000", "not in the opening_hours syntax from '1000-2000' on"),
        ("5-7pm", "can mean two spans"),
        ("9am-5", "can mean two spans"),
        ("AM9:00-PM5:00", "stands before its time"),
        ("9-9", "ends when it starts"),
        ("Di 9-12", "names different days in different languages"),
        ("Ma-So 9-12", "of another language"),
        ("Jun 31 off", "not in the opening_hours syntax from 'Jun 31 off'"),
        ("Jul 5-Jul 1 off", "ends before it starts"),
        ("Mar Su[-1]-Oct Su[-1] 09:00-17:00", "moves from year to year"),
        ("Jul 1-Sep Mo[1] 09:00-17:00", "does not end on a date"),
        ("Mo-Fr 08:00-18:00 Sa off", "not in the opening_hours syntax from 'off'"),
        ("Mo-Fr 08:00-18:00 Jul off", "begins a new rule; write a semicolon"),
        ("24/7, Mo 10:00-12:00", "write one of them"),
        ("SH Mo-Fr 09:00-17:00", "write SH in a rule of its own"),
        ("Mo-Fr PH 09:00-17:00", "write PH in a rule of its own"),
        ("Sa[-2] 09:00-17:00", r"only the last, \[-1\], can be kept"),
        ("Sa[4] 09:00-17:00; Sa[-1] 09:00-12:00; Sa[5] 10:00-11:00", "4th and the last weekday"),
        ("Mo sunrise-17:00", "'sunrise' .* depends on the sun"),
        ("Mo 10:00+", "has no end; write the closing time"),
        ("Mo 10:00-16:00/01:30", "repeats within the span"),
        ("Mo 09:00-17:00 || Tu off", "write one set of hours"),
        ("easter off", "write the dates with their year"),
        ("PH +1 day off", "a day beside a holiday"),
        ("2026-2030/2 Mo 09:00-17:00", "skips years"),
        ("1950-2050Jul Mo 09:00-17:00", "over twenty seasons"),
        ("Mo 09:00-12:00; PH off; SH 10:00-17:00", "write the rule for PH after the one for SH"),
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
        (OpeningHours(), "off"),
        (always(DayRule(WORK_DAYS, NINE_TO_FIVE)), "Mo-Fr 09:00-17:00"),
        (always(DayRule((1,), NINE_TO_FIVE), DayRule((1,), spans_of("17:00-19:00"))), "Mo 09:00-19:00"),
        (
            always(DayRule((1,), NINE_TO_FIVE), DayRule(EVERY_DAY, (), day_types=("holiday",))),
            "Mo 09:00-17:00; PH off",
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
            "Th 09:00-17:00; 2026 Dec 20-2026 Dec 31 off; 2026 Dec 24 10:00-12:00",
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
    week_numbers=st.sampled_from([(), (), (), (1, 2, 53), (22,)]),
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


def season_of(start: date, length: int) -> Season:
    last = start + timedelta(days=length)
    return Season(start.month, start.day, last.month, last.day)


SEASONS = st.builds(
    lambda start, length, rules: Period("season", start, start + timedelta(days=length), rules),
    st.dates(date(2026, 6, 1), date(2027, 6, 1)),
    st.integers(0, 90),
    RULES,
)
YEARLY = st.builds(
    lambda start, length, rules: Period("yearly", None, None, rules, season_of(start, length)),
    st.dates(date(2024, 1, 1), date(2024, 12, 31)),
    st.integers(0, 200),
    RULES,
)
HOURS = st.tuples(RULES, st.lists(YEARLY, max_size=2), st.lists(SEASONS, max_size=2)).map(
    lambda parts: OpeningHours((Period("", None, None, parts[0]), *parts[1], *parts[2]))
)
KINDS = (
    DayKind("workday"),
    DayKind("holiday"),
    DayKind("workday", school=False),
    DayKind("holiday", school=False),
)


def shown(hours: OpeningHours) -> str:
    """The hours as text; an example that needs a longer text than is ever read is none."""
    try:
        return write_osm(hours)
    except UnsupportedHours as error:
        assume("too long" not in str(error))
        raise


@settings(max_examples=25)
@given(HOURS)
def test_what_is_shown_reads_back_as_the_same_hours(hours: OpeningHours) -> None:
    again = read_osm(shown(hours))

    for number in range(60):
        week = shift_week("2026-W20", number)
        assert open_windows(again, week, None) == open_windows(hours, week, None)
    settled = shown(again)  # overlapping seasons have been cut into periods side by side
    assert shown(read_osm(settled)) == settled


@settings(max_examples=25)
@given(HOURS, st.dates(date(2026, 5, 1), date(2027, 8, 1)), st.sampled_from(KINDS))
def test_what_is_shown_reads_back_for_holidays_too(hours: OpeningHours, day: date, kind: DayKind) -> None:
    types = DayTypes(UUID(int=0), 0, "", {day: kind})

    again = read_osm(shown(hours))

    assert spans_on(again, day, types) == spans_on(hours, day, types)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Δευτέρα-Παρασκευή 9:00-17:00; Σάβ 9-13", "Mo-Fr 09:00-17:00; Sa 09:00-13:00"),
        ("ΔΕΥΤΕΡΑ - ΠΑΡΑΣΚΕΥΗ 09:00 - 15:00", "Mo-Fr 09:00-15:00"),
        ("Pazartesi-Cuma 09:00-17:00; Cmt 10:00-14:00; Paz kapalı", "Mo-Fr 09:00-17:00; Sa 10:00-14:00"),
        ("PAZARTESİ-CUMA 09:00-17:00", "Mo-Fr 09:00-17:00"),
        ("월요일~금요일 09:00~18:00; 토 10:00-14:00; 일요일 휴무", "Mo-Fr 09:00-18:00; Sa 10:00-14:00"),
        ("월,수,금 오전 9시~오후 6시", "Mo,We,Fr 09:00-18:00"),
        ("月曜日～金曜日 9:00～17:00", "Mo-Fr 09:00-17:00"),
        ("ma ja ke 9-12", "Mo,We 09:00-12:00"),
        ("segunda a sexta-feira das 8h às 12h, 14h às 18h", "Mo-Fr 08:00-12:00,14:00-18:00"),
        ("segunda-feira 8:00-12:00", "Mo 08:00-12:00"),
        ("terça, quinta 14h-17h; domingo fechado", "Tu,Th 14:00-17:00"),
        ("du lundi au vendredi de 9h à 17h", "Mo-Fr 09:00-17:00"),
        ("lunes y martes 9-12", "Mo-Tu 09:00-12:00"),
        ("24小时", "Mo-Su 00:00-24:00"),
        ("全天开放", "Mo-Su 00:00-24:00"),
        ("每周二至周日 9:00-17:00", "Tu-Su 09:00-17:00"),
        ("周二至周日 9:00-17:00，每周一闭馆", "Tu-Su 09:00-17:00"),
    ],
)
def test_weekdays_in_words_of_many_languages(text: str, plain: str) -> None:
    assert write_osm(read_osm(text)) == plain


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("13:00", 780), ("9:30", 570), ("24:00", 1440), ("24:00:00", 1440), ("1 pm", 780), ("5:00 PM", 1020),
        ("12 am", 0), ("１３：００", 780), ("13.00", 780), ("9h30", 570), ("下午1点半", 810), ("noon", 720),
    ],
)  # fmt: skip
def test_a_time_alone_is_read_in_all_its_spellings(text: str, minutes: int) -> None:
    assert read_time(text) == minutes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9",
        "0900",
        "0.25",
        "0,25",
        "1.0",
        "13.5",
        "24:30",
        "25:00",
        "9:5",
        "13:00-14:00",
        "13:00:30",
        "morning",
    ],
)
def test_what_is_no_time_or_may_be_several_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedHours):
        read_time(text)
