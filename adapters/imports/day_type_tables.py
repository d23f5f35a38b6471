"""Read day types from tables: a CSV with one row a day or a range, or an iCalendar file of holidays."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from icalendar import Calendar, Component

from domain.day_types import KINDS, SCHOOL_KINDS, Kind, TypedDay

WORKING: dict[str, bool] = {"workday": True, "makeup_workday": True, "weekend": False, "holiday": False}
LONGEST_DAYS = 400  # a year's range is meant; more is a wrong year


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in a row, which for a CSV is its line in the file, and what would be right."""

    row: int
    column: str
    value: str
    needed: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.value!r} should be {self.needed}"


class BadTable(ValueError):
    """A table that cannot be taken over; `problems` lists every bad row."""

    def __init__(self, problems: Iterable[RowProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


def read_csv(text: str) -> tuple[TypedDay, ...]:
    """Read rows of `date`, `kind` and `name`, sorted by date; raise `BadTable` with all bad rows.

    `kind` is one of `KINDS` and may be empty where `school` is given: "school_day", "school_break" or empty.
    An optional `last` makes the row a range, both ends inclusive. Optional `weekday` (1 = Monday) and
    `is_workday` (1 or 0) are only compared with the rest of the row. Dates are ISO: 2026-01-31.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), restval="")
    columns = {str(name).strip() for name in reader.fieldnames or ()}
    if "date" not in columns or not columns & {"kind", "school"}:
        needed = "'date' with 'kind' or 'school', and 'name'"
        raise BadTable([RowProblem(1, "columns", ",".join(sorted(columns)), needed)])
    days: list[tuple[int, TypedDay]] = []
    problems: list[RowProblem] = []
    for cells in reader:
        row = _Row(reader.line_num, {str(key).strip(): str(value).strip() for key, value in cells.items()})
        problems += (row_problems := tuple(row.problems()))
        if not row_problems:
            days += ((row.number, typed) for typed in row.days())
    return _in_order(days, problems)


def _in_order(days: list[tuple[int, TypedDay]], problems: list[RowProblem]) -> tuple[TypedDay, ...]:
    days.sort(key=lambda pair: (pair[1].day, pair[0]))
    for (before, typed), (row, again) in pairwise(days):
        if typed.day == again.day:
            problems.append(
                RowProblem(row, "date", str(again.day), f"in the table once; row {before} has it")
            )
    if problems:
        raise BadTable(sorted(problems, key=lambda problem: problem.row))
    return tuple(typed for _, typed in days)


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: dict[str, str]

    def cell(self, column: str) -> str:
        return self.cells.get(column, "")

    def problems(self) -> Iterator[RowProblem]:
        first, last = _iso(self.cell("date")), _iso(self.cell("last") or self.cell("date"))
        if first is None:
            yield self.problem("date", "a date such as 2026-01-31")
        elif last is None:
            yield self.problem("last", "a date such as 2026-01-31, or empty")
        elif not 0 <= (last - first).days < LONGEST_DAYS:
            yield self.problem("last", f"from 0 to {LONGEST_DAYS - 1} days after {first}")
        elif first == last and self.cell("weekday") not in ("", str(first.isoweekday())):
            yield self.problem("weekday", f"{first.isoweekday()}, the ISO weekday of {first}")
        yield from self._kind_problems()

    def _kind_problems(self) -> Iterator[RowProblem]:
        kind, school = self.cell("kind"), self.cell("school")
        if kind not in ("", *KINDS):
            yield self.problem("kind", f"one of {', '.join(KINDS)}")
        elif self.cell("is_workday") not in ("", *(["01"[WORKING[kind]]] if kind else "01")):
            yield self.problem("is_workday", f"{int(WORKING[kind])} for a {kind}" if kind else "1 or 0")
        if school not in ("", *SCHOOL_KINDS):
            yield self.problem("school", f"one of {', '.join(SCHOOL_KINDS)}, or empty")
        if not kind and not school:
            yield self.problem("kind", f"one of {', '.join(KINDS)}, or empty beside a school day")

    def problem(self, column: str, needed: str) -> RowProblem:
        return RowProblem(self.number, column, self.cell(column), needed)

    def days(self) -> Iterator[TypedDay]:
        first, last = (date.fromisoformat(self.cell(name) or self.cell("date")) for name in ("date", "last"))
        school = {"school_day": True, "school_break": False}.get(self.cell("school"))
        for offset in range((last - first).days + 1):
            yield TypedDay(
                first + timedelta(days=offset), _kind(self.cell("kind")), self.cell("name"), school
            )


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    except ValueError:
        return None


def _kind(text: str) -> Kind | None:
    kinds: dict[str, Kind] = {
        "workday": "workday",
        "weekend": "weekend",
        "holiday": "holiday",
        "makeup_workday": "makeup_workday",
    }
    return kinds.get(text)


# Calendars of Chinese holidays mark a make-up work day by 班 ("shift") after the holiday's name.
_MAKE_UP = re.compile(r"[\s(（\[【]{0,9}(?:补班|调休上班|上班|班)[\s)）\]】]{0,9}$")
_DAY_OFF = re.compile(r"[\s(（\[【]{0,9}(?:放假|休)[\s)）\]】]{0,9}$")


def read_ics(text: str | bytes, *, school_break: bool = False) -> tuple[TypedDay, ...]:
    """Read all-day events as holidays, sorted by date; raise `BadTable` with all bad events.

    An event whose summary ends in 班 is a make-up work day. With `school_break` every event is a break of a
    school instead. The "row" of a problem counts events from 1.
    """
    try:
        calendar = Calendar.from_ical(text)
    except ValueError as error:
        raise BadTable([RowProblem(1, "file", str(error), "an iCalendar file")]) from error
    days: list[tuple[int, TypedDay]] = []
    problems: list[RowProblem] = []
    for number, event in enumerate(calendar.walk("VEVENT"), start=1):
        problem = _event_problem(number, event)
        if problem:
            problems.append(problem)
        else:
            days += ((number, typed) for typed in _event_days(event, school_break=school_break))
    return _in_order(days, problems)


def _event_problem(number: int, event: Component) -> RowProblem | None:
    start, end = _event_dates(event)
    if start is None or end is None or isinstance(start, datetime) or isinstance(end, datetime):
        return RowProblem(number, "DTSTART", str(start), "a whole day (VALUE=DATE)")
    if "DURATION" in event:
        return RowProblem(number, "DURATION", str(start), "the date after the last day as DTEND")
    if "RRULE" in event or "RDATE" in event:
        return RowProblem(number, "RRULE", str(start), "written out as one event for each date")
    if not 0 < (end - start).days <= LONGEST_DAYS:
        return RowProblem(number, "DTEND", str(end), f"from 1 to {LONGEST_DAYS} days after {start}")
    return None


def _event_dates(event: Component) -> tuple[date | None, date | None]:
    """Return the first date and the one after the last."""
    start = event.decoded("DTSTART", None)
    if not isinstance(start, date):
        return None, None
    end = event.decoded("DTEND", None)
    return start, end if isinstance(end, date) else start + timedelta(days=1)


def _event_days(event: Component, *, school_break: bool) -> Iterator[TypedDay]:
    start, end = _event_dates(event)
    if start is None or end is None:
        return
    summary = str(event.get("SUMMARY", "")).strip()
    kind: Kind = "makeup_workday" if _MAKE_UP.search(summary) else "holiday"
    name = _DAY_OFF.sub("", _MAKE_UP.sub("", summary))
    for offset in range((end - start).days):
        day = start + timedelta(days=offset)
        yield TypedDay(day, None, summary, school=False) if school_break else TypedDay(day, kind, name)
