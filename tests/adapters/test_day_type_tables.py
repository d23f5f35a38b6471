"""Day types read from tables: the real calendar of 2026, and what a bad row is told."""

import os
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from adapters.imports.day_type_tables import BadTable, RowProblem, read_csv, read_ics
from domain.day_types import TypedDay

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def shared(name: str) -> str:
    path = SHARED / name
    if not path.exists():
        sentence = f"the shared data is not beside the project: {name}"
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            pytest.fail(sentence)
        pytest.skip(sentence)
    return path.read_text(encoding="utf-8")


def problems_of(text: str) -> tuple[RowProblem, ...]:
    with pytest.raises(BadTable) as refused:
        read_csv(text)
    return refused.value.problems


def ics(*events: str) -> str:
    body = "".join(f"BEGIN:VEVENT\r\nUID:{n}\r\n{event}\r\nEND:VEVENT\r\n" for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{body}END:VCALENDAR\r\n"


def test_the_year_2026_has_33_days_off_and_6_make_up_work_days() -> None:
    days = read_csv(shared("calendar/cn_days_2026.csv"))

    kinds = Counter(typed.kind for typed in days)

    assert kinds == {"workday": 242, "weekend": 84, "holiday": 33, "makeup_workday": 6}
    assert [typed.day for typed in days if typed.kind == "makeup_workday"] == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]


def test_a_range_of_school_days_becomes_one_row_a_day() -> None:
    text = "date,last,name,school\n2026-01-26,2026-01-27,winter break,school_break\n"

    days = read_csv(text)

    assert days == (
        TypedDay(date(2026, 1, 26), None, "winter break", school=False),
        TypedDay(date(2026, 1, 27), None, "winter break", school=False),
    )


def test_rows_are_sorted_by_date_and_a_byte_order_mark_is_no_column() -> None:
    days = read_csv("\ufeffdate,kind,name\n2026-01-02,holiday,\n2026-01-01,holiday,元旦\n")

    assert [(typed.day.day, typed.name) for typed in days] == [(1, "元旦"), (2, "")]


@pytest.mark.parametrize(
    ("row", "column", "needed"),
    [
        ("2026-02-30,,holiday,,,", "date", "a date such as 2026-01-31"),
        ("2026/1/1,,holiday,,,", "date", "a date such as 2026-01-31"),
        ("2026-01-01,2025-12-31,holiday,,,", "last", "from 0 to 399 days after 2026-01-01"),
        ("2026-01-01,,feast,,,", "kind", "one of workday, weekend, holiday, makeup_workday"),
        ("2026-01-01,,,,,", "kind", "empty beside a school day"),
        ("2026-01-01,,holiday,5,,", "weekday", "4, the ISO weekday of 2026-01-01"),
        ("2026-01-01,,holiday,4,1,", "is_workday", "0 for a holiday"),
        ("2026-01-01,,holiday,4,0,yes", "school", "one of school_day, school_break"),
    ],
)
def test_a_bad_row_is_named_with_what_would_be_right(row: str, column: str, needed: str) -> None:
    (problem,) = problems_of(f"date,last,kind,weekday,is_workday,school\n{row}\n")

    assert (problem.row, problem.column) == (2, column)
    assert needed in problem.needed


def test_all_bad_rows_are_listed() -> None:
    problems = problems_of(
        "date,kind\n2026-01-01,feast\n2026-01-02,holiday\n2026-01-02,workday\n2026-99-01,holiday\n"
    )

    assert [(problem.row, problem.column) for problem in problems] == [(2, "kind"), (4, "date"), (5, "date")]


@pytest.mark.parametrize("text", ["", "day,kind\n", "date,name\n"])
def test_a_table_without_its_columns_is_refused(text: str) -> None:
    (problem,) = problems_of(text)

    assert (problem.row, problem.column) == (1, "columns")


def test_events_of_a_calendar_become_holidays_and_make_up_work_days() -> None:
    text = ics(
        "DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20260103\r\nSUMMARY:元旦(休)",
        "DTSTART;VALUE=DATE:20260104\r\nSUMMARY:元旦(班)",
    )

    assert read_ics(text) == (
        TypedDay(date(2026, 1, 1), "holiday", "元旦"),
        TypedDay(date(2026, 1, 2), "holiday", "元旦"),
        TypedDay(date(2026, 1, 4), "makeup_workday", "元旦"),
    )


def test_events_of_a_school_become_its_breaks() -> None:
    text = ics("DTSTART;VALUE=DATE:20260126\r\nSUMMARY:winter break")

    assert read_ics(text, school_break=True) == (
        TypedDay(date(2026, 1, 26), None, "winter break", school=False),
    )


@pytest.mark.parametrize(
    ("event", "column"),
    [
        ("DTSTART:20260101T090000Z\r\nSUMMARY:a meeting", "DTSTART"),
        ("SUMMARY:some day", "DTSTART"),
        ("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY", "RRULE"),
        ("DTSTART;VALUE=DATE:20260101\r\nDURATION:P2D", "DURATION"),
        ("DTSTART;VALUE=DATE:20260103\r\nDTEND;VALUE=DATE:20260101", "DTEND"),
    ],
)
def test_an_event_that_is_no_dated_whole_day_is_refused(event: str, column: str) -> None:
    with pytest.raises(BadTable) as refused:
        read_ics(ics(event))

    assert [(problem.row, problem.column) for problem in refused.value.problems] == [(1, column)]


@pytest.mark.parametrize("text", ["not a calendar", ""])
def test_a_file_that_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(BadTable, match="an iCalendar file"):
        read_ics(text)
