"""Rows of opening hours: the rules that they stand for, what is kept beside them, the form, and the words."""

from __future__ import annotations

from datetime import date, timedelta
from gettext import NullTranslations
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.opening_hours import read_osm
from api.http.framework.forms import PeriodForm
from api.pages.host.hours_form import form_from, form_of, hours_from
from api.pages.host.hours_rows import (
    EVERY_DAY,
    HostHours,
    SingleDay,
    WeekRow,
    editable,
    json_of_rules,
    rules_from_json,
    rules_of_rows,
    spans_by_day,
    week_rows,
)
from api.pages.host.hours_words import hours_in_words
from api.pages.languages import Language
from domain.day_types import DayKind, DayTypes, day_types_id
from domain.opening import DAY_TYPE_RANKS, DayRule, OpeningHours, Period, Season, Span, open_windows, spans_on
from domain.windows import Window, normal
from tests.adapters.town import WEEK

FIRST = date(2026, 11, 30)
ENGLISH = Language("en", NullTranslations())
MINUTES = st.integers(0, 95).map(lambda quarter: quarter * 15)
SPANS = st.builds(lambda start, length: Span(start, min(start + length, 2880)), MINUTES, st.integers(1, 1440))
WEEKDAYS = st.sets(st.sampled_from(EVERY_DAY), min_size=1).map(lambda days: tuple(sorted(days)))
ROWS = st.lists(st.builds(WeekRow, WEEKDAYS, SPANS), max_size=5).map(tuple)
DAYS = st.dates(FIRST, FIRST + timedelta(days=20))
HOST_HOURS = st.builds(
    HostHours,
    ROWS,
    st.none() | ROWS,
    st.none() | ROWS,
    st.lists(st.builds(SingleDay, DAYS, st.lists(SPANS, max_size=2).map(tuple)), max_size=3).map(tuple),
)
RULES = st.builds(
    DayRule,
    WEEKDAYS,
    st.lists(SPANS, max_size=2).map(tuple),
    st.sampled_from([None, None, None, "odd"]),
    st.sampled_from([(), (), (), (1,)]),
    st.lists(
        st.sampled_from(["holiday", "school_break", "holiday", "school_break", *DAY_TYPE_RANKS]),
        max_size=2,
        unique=True,
    ).map(tuple),
)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    rules = tuple(draw(st.lists(RULES, max_size=3)))
    first, last = draw(st.none() | DAYS), draw(st.none() | DAYS)
    match draw(st.sampled_from(["always", "always", "day", "dates", "season"])):
        case "day":
            day = draw(DAYS)
            return Period("", day, day, rules)
        case "dates":
            is_turned = first is not None and last is not None and last < first
            return Period("", last if is_turned else first, first if is_turned else last, rules)
        case "season":
            end = draw(st.sampled_from([Season(12, 1, 12, 1), Season(11, 1, 1, 31)]))
            return Period("", None, None, rules, end)
    return Period("", None, None, rules)


ANY_HOURS = st.lists(periods(), max_size=4).map(lambda drawn: OpeningHours(tuple(drawn)))
KINDS = [
    DayKind(kind, school=school)
    for kind in ("workday", "weekend", "holiday", "makeup_workday")
    for school in (None, True, False)
]


def spans_of(hours: OpeningHours, kind: DayKind) -> list[Any]:
    """What opens on each of four weeks' days, if they are all of one kind."""
    days = [FIRST + timedelta(days=offset) for offset in range(28)]
    types = DayTypes(day_types_id("x"), 1, "x", dict.fromkeys(days, kind))
    return [spans_on(hours, day, types) for day in days]


def is_alike(first: OpeningHours, second: OpeningHours) -> bool:
    return all(spans_of(first, kind) == spans_of(second, kind) for kind in KINDS)


@given(ROWS)
def test_windows_of_rows_are_those_of_their_rules_and_of_the_fewest_rows(rows: tuple[WeekRow, ...]) -> None:
    hours = rules_of_rows(HostHours(rows))

    for weekday in EVERY_DAY:
        day = FIRST + timedelta(days=weekday - 1)
        expected = normal(
            Window(row.span.start_min, row.span.end_min) for row in rows if weekday in row.weekdays
        )
        assert spans_on(hours, day, None) == expected
    fewest = rules_of_rows(HostHours(week_rows(spans_by_day(rows))))
    assert open_windows(fewest, WEEK, None) == open_windows(hours, WEEK, None)


@given(HOST_HOURS)
def test_rows_come_back_from_their_rules_as_the_same_hours(rows: HostHours) -> None:
    hours = rules_of_rows(rows)
    known = editable(hours)

    assert known is not None
    assert known.beside == ()
    assert is_alike(rules_of_rows(known.rows), hours)
    assert hours_in_words(ENGLISH, rules_of_rows(known.rows)) == hours_in_words(ENGLISH, hours)


@given(ANY_HOURS)
def test_rules_of_any_kind_are_never_changed_by_being_saved_as_they_are_shown(hours: OpeningHours) -> None:
    known = editable(hours)
    if known is not None:
        assert is_alike(rules_of_rows(known.rows, known.beside), hours)
    assert hours_in_words(ENGLISH, hours)


@given(ANY_HOURS)
def test_rules_pass_the_interface_unchanged(hours: OpeningHours) -> None:
    sent = json_of_rules(hours)
    assert rules_from_json({"periods": sent}) == hours
    for period in sent:
        PeriodForm.model_validate_json(orjson.dumps(period))


@given(HOST_HOURS)
def test_form_says_what_it_was_filled_in_with(rows: HostHours) -> None:
    form = form_of(rows)
    fields = {
        f"{section}.{index}.{part}": text
        for section, typed in form.rows.items()
        for index, row in enumerate(typed)
        for part, text in row.items()
    }
    fields |= {f"{section}.mode": mode for section, mode in form.modes.items()}

    hours, errors = hours_from(form_from(fields))

    assert errors == {}
    assert is_alike(rules_of_rows(hours), rules_of_rows(_without_long_spans(rows)))


def _without_long_spans(rows: HostHours) -> HostHours:
    """Two times cannot say a span of more than a day."""

    def short(span: Span) -> Span:
        length = (span.end_min - span.start_min) % 1440 or 1440
        return (
            span if span.end_min - span.start_min <= 1440 else Span(span.start_min, span.start_min + length)
        )

    def week(own: tuple[WeekRow, ...] | None) -> tuple[WeekRow, ...] | None:
        return None if own is None else tuple(WeekRow(row.weekdays, short(row.span)) for row in own)

    days = tuple(SingleDay(single.day, tuple(map(short, single.spans))) for single in rows.days)
    return HostHours(week(rows.usual) or (), week(rows.school_break), week(rows.holiday), days)


@pytest.mark.parametrize(
    ("osm", "words"),
    [
        ("Mo-Fr 18:00-20:00; SH off", ["Monday to Friday 18:00 to 20:00, not in the school holidays"]),
        (
            "Mo-Fr 18:00-20:00; SH,PH off",
            ["Monday to Friday 18:00 to 20:00, not in the school holidays, not on public holidays"],
        ),
        ("Mo-Su 22:00-02:00", ["Every day 22:00 to 02:00 the next day"]),
        ("Mo,We 9:00-12:00,14:00-18:00", ["Monday, Wednesday 09:00 to 12:00 and 14:00 to 18:00"]),
        ("Mo 9:00-12:00; SH 10:00-11:00", [
            "Monday 09:00 to 12:00", "In the school holidays: Every day 10:00 to 11:00"]),
        ("Mo[1,3] 10:00-12:00", ["the first and third Monday of the month 10:00 to 12:00"]),
        ("week 1-53/2 Mo 09:00-12:00", ["Monday, in odd weeks 09:00 to 12:00"]),
        ("off", ["Never open"]),
    ],
)  # fmt: skip
def test_hours_in_words(osm: str, words: list[str]) -> None:
    assert hours_in_words(ENGLISH, read_osm(osm)) == words


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"usual.0.weekdays": "1", "usual.0.start": "18:00", "usual.0.end": "later"}, ["usual.0.end"]),
        ({"usual.0.weekdays": "", "usual.0.start": "18", "usual.0.end": "20"}, ["usual.0.weekdays"]),
        ({"usual.0.weekdays": "1", "usual.0.start": "", "usual.0.end": "2000"}, ["usual.0.start"]),
        ({"days.0.day": "soon", "days.0.start": "9", "days.0.end": "10"}, ["days.0.day"]),
        ({"usual.0.weekdays": "1\n2", "usual.0.start": "", "usual.0.end": ""}, []),
        ({"usual.0.weekdays": "1", "usual.0.start": "18.00", "usual.0.end": "2030"}, []),
    ],
)
def test_rows_say_what_is_wrong_with_them(typed: dict[str, str], wrong: list[str]) -> None:
    assert list(hours_from(form_from(typed))[1]) == wrong
