"""The form of opening hours: its fields, what they say, what is wrong with them, and buttons that only change rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from api.pages.form_fields import clock
from api.pages.host.hours_rows import (
    HOLIDAY,
    SCHOOL_BREAK,
    HostHours,
    SingleDay,
    WeekRow,
)
from api.pages.labels import marked
from domain.opening import Span
from domain.windows import DAY_MIN

Fields = Mapping[str, str]
Row = dict[str, str]
WEEKS = ("usual", SCHOOL_BREAK, HOLIDAY)
DAYS = "days"
SECTIONS = (*WEEKS, DAYS)
MODES = ("usual", "closed", "own")
PARTS = {**dict.fromkeys(WEEKS, ("weekdays", "start", "end")), DAYS: ("day", "start", "end", "name")}
MOST_ROWS = 100
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.：]?([0-9]{2}))?")

NO_WEEKDAY = marked("Choose at least one day of the week.")
NO_START = marked("Write when it opens, such as 18:00.")
NO_END = marked("Write when it closes, such as 20:00.")
NO_DATE = marked("Choose a date.")


@dataclass(frozen=True, slots=True)
class HoursForm:
    """What stands in the form. `modes` say whether school holidays and public holidays have hours of their own."""

    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    def shown_rows(self, section: str) -> list[Row]:
        """The rows of a section; an empty one where there is none yet."""
        return self.rows.get(section) or [_empty(section)]

    def mode(self, section: str) -> str:
        return self.modes.get(section, "usual")


def _empty(section: str) -> Row:
    return dict.fromkeys(PARTS[section], "")


# ---- From hours


def form_of(hours: HostHours) -> HoursForm:
    """The form as somebody would have filled it in for these hours."""
    rows = {
        "usual": _typed_rows(hours.usual),
        SCHOOL_BREAK: _typed_rows(hours.school_break or ()),
        HOLIDAY: _typed_rows(hours.holiday or ()),
        DAYS: [row for single in hours.days for row in _typed_days(single)],
    }
    modes = {SCHOOL_BREAK: _mode(hours.school_break), HOLIDAY: _mode(hours.holiday)}
    return HoursForm(rows, modes, hours.name)


def _mode(own: tuple[WeekRow, ...] | None) -> str:
    return "usual" if own is None else "own" if own else "closed"


def _typed_rows(rows: tuple[WeekRow, ...]) -> list[Row]:
    return [{"weekdays": "\n".join(map(str, row.weekdays)), **_typed_span(row.span)} for row in rows]


def _typed_days(single: SingleDay) -> Iterator[Row]:
    for span in single.spans or (None,):
        times = {"start": "", "end": ""} if span is None else _typed_span(span)
        yield {"day": single.day.isoformat(), **times, "name": single.name}


def _typed_span(span: Span) -> Row:
    end = span.end_min if span.end_min <= DAY_MIN else span.end_min - DAY_MIN
    return {"start": clock(span.start_min), "end": clock(end)}


# ---- From what was typed


def form_from(fields: Fields) -> HoursForm:
    rows = {section: list(_rows_from(section, fields)) for section in SECTIONS}
    modes = {
        section: fields.get(f"{section}.mode", "")
        for section in (SCHOOL_BREAK, HOLIDAY)
        if fields.get(f"{section}.mode") in MODES
    }
    return HoursForm(rows, modes, fields.get("name", ""))


def _rows_from(section: str, fields: Fields) -> Iterator[Row]:
    pattern = re.compile(rf"{section}\.([0-9]{{1,3}})\.[a-z]+")
    matches = (pattern.fullmatch(name) for name in fields)
    for index in sorted({int(match[1]) for match in matches if match})[:MOST_ROWS]:
        yield {part: fields.get(f"{section}.{index}.{part}", "").strip() for part in PARTS[section]}


def changed(form: HoursForm, action: str) -> HoursForm:
    """The form after a button that adds, copies or takes away a row, such as `copy usual 0`."""
    what, section, number = (*action.split(" "), "", "")[:3]
    if section not in SECTIONS:
        return form
    rows = list(form.shown_rows(section))
    index = int(number) if number.isascii() and number.isdigit() and int(number) < len(rows) else None
    if what == "add":
        rows.append(_empty(section))
    elif what == "copy" and index is not None:
        rows.insert(index + 1, dict(rows[index]))
    elif what == "remove" and index is not None:
        del rows[index]
    return replace(form, rows={**form.rows, section: rows[:MOST_ROWS]})


Errors = dict[str, str]  # by the id of the field


def hours_from(form: HoursForm) -> tuple[HostHours, Errors]:
    """The hours that the form says, and what is wrong with it; rows that are left empty say nothing."""
    errors: Errors = {}
    weeks: dict[str, tuple[WeekRow, ...] | None] = {}
    for section in WEEKS:
        mode = "own" if section == "usual" else form.mode(section)
        weeks[section] = {
            "usual": None,
            "closed": (),
        }.get(mode, tuple(_week_rows(form, section, errors)) if mode == "own" else None)
    return (
        HostHours(
            weeks["usual"] or (),
            weeks[SCHOOL_BREAK],
            weeks[HOLIDAY],
            tuple(_single_days(form, errors)),
            form.name,
        ),
        errors,
    )


def _week_rows(form: HoursForm, section: str, errors: Errors) -> Iterator[WeekRow]:
    for index, row in enumerate(form.rows.get(section, ())):
        prefix = f"{section}.{index}"
        if not (row["start"] or row["end"]):
            continue  # days without times are an empty row: its days are ticked beforehand
        weekdays = _weekdays(row["weekdays"])
        if not weekdays:
            errors[f"{prefix}.weekdays"] = NO_WEEKDAY
        span = _span(row, prefix, errors)
        if span is not None and weekdays:
            yield WeekRow(weekdays, span)


def _weekdays(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(line) for line in text.split() if line in set("1234567")}))


def _single_days(form: HoursForm, errors: Errors) -> Iterator[SingleDay]:
    for index, row in enumerate(form.rows.get(DAYS, ())):
        if not any(row.values()):
            continue
        prefix = f"{DAYS}.{index}"
        try:
            day = date.fromisoformat(row["day"])
        except ValueError:
            errors[f"{prefix}.day"] = NO_DATE
            continue
        if not (row["start"] or row["end"]):
            yield SingleDay(day, (), row["name"])
        elif (span := _span(row, prefix, errors)) is not None:
            yield SingleDay(day, (span,), row["name"])


def _span(row: Row, prefix: str, errors: Errors) -> Span | None:
    """An end that is not after the start lies on the next day."""
    start, end = _minute(row["start"]), _minute(row["end"])
    if start is None or start == DAY_MIN:
        errors[f"{prefix}.start"] = NO_START
    if end is None:
        errors[f"{prefix}.end"] = NO_END
    if start is None or end is None or start == DAY_MIN:
        return None
    return Span(start, end if end > start else end + DAY_MIN)


def _minute(text: str) -> int | None:
    """Minutes after midnight of `18:30`, `18.30`, `1830` or `18`; None where it is no time of a day."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    minute = int(match[1]) * 60 + int(match[2] or 0)
    return minute if int(match[2] or 0) < 60 and minute <= DAY_MIN else None
