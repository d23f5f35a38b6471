"""Columns of imports: a reader for each sort of cell value, and one sentence on what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from adapters.files.formulas import as_meant
from adapters.imports.table_reader import TableRow
from adapters.imports.weekly_hours import NotHours, read_weekly
from adapters.opening_hours import ReadHours, UnsupportedHours, read_time, read_with_questions
from domain.calendar import NotAWeek, NotAZone, OutOfCalendar, bounded_day, bounded_week, check_zone
from domain.messages import message
from domain.network import Code, Names
from domain.recurrence import LETTERS, MOST_WEEKS_APART, Letter, Rhythm
from domain.starts import GRIDS
from domain.text import BadText, TextRule, checked, one_line
from domain.volunteer import LEVELS, ROLES, Skill
from domain.windows import DAY_MIN, Windows, clock

Reader = Callable[[str], Any]
_SERIAL_START = date(1899, 12, 30)  # day 0 of a spreadsheet
CELL = TextRule(message("cell"), 100_000, optional=True)  # opening hours are the longest


class NotRight(ValueError):
    """A cell that cannot be read; the text says what would be right."""


KEEP: Any = object()  # what a reader returns for a word that means: as it is


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an import; `holds` is one phrase for the documentation.

    A column that a file does not have says nothing: what is known stays, and a new record takes `blank`. An empty
    cell says `blank` as well, which clears what was known, unless the column `keeps`. `required`: a new record needs
    it, and its cells are never empty; `always`: the file must have it for known records too. `personal` values never
    stand in a report. `key_of` is the kind of record whose keys it holds; `own_key`: the key of the row's own record.
    """

    name: str
    holds: str
    example: str = ""
    read: Reader = str
    required: bool = False
    blank: Any = ""
    keeps: bool = False
    always: bool = False
    personal: bool = False
    key_of: str = ""
    own_key: bool = False

    @property
    def on_blank(self) -> str:
        """For the documentation: what an empty cell does to a record that is known."""
        if self.required:
            return "refused"
        return "keeps" if self.keeps else "clears"


@dataclass(frozen=True, slots=True)
class Cells:
    """What a row says: `values` by column, and `blanks`, the columns that it has with nothing in them."""

    row: int
    values: Mapping[str, Any]
    blanks: frozenset[str] = frozenset()

    def replaced(self, values: Mapping[str, Any]) -> Cells:
        return Cells(self.row, {**self.values, **values}, self.blanks)


@dataclass(frozen=True, slots=True)
class CellProblem:
    """Something about one cell. `right` is what would be right, or for a warning what is odd.

    `column` "": the row as a whole; row 0: a row that the profile adds; `subject` is what the row is about.
    """

    row: int
    column: str
    value: str
    right: str
    subject: str = ""

    @property
    def cell(self) -> tuple[int, str]:
        return self.row, self.column

    def text(self) -> str:
        where: str = (
            message("row {row}", row=self.row) if self.row else message("a row that the profile adds")
        )
        where += f" ({one_line(self.subject)})" if self.subject and self.subject != self.value else ""
        where += f", {one_line(self.column)}" if self.column else ""
        what = f": {self.value!r}" if self.value or self.column else ""
        return f"{where}{what}: {self.right}"


def read_row(
    row: TableRow,
    columns: tuple[Column, ...],
    covered: Container[str],
    problems: list[CellProblem],
    subject: str,
) -> Cells | None:
    """What a row says under our names, or None after noting every cell that is wrong.

    `covered` are the columns that the file has: others say nothing.
    """
    before = len(problems)
    values: dict[str, Any] = {}
    blanks: set[str] = set()
    for column in columns:
        raw = row.cells.get(column.name, "")
        if not raw and column.name not in covered:
            continue
        try:
            cell = plain_text(raw)
        except NotRight as error:
            problems.append(CellProblem(row.number, column.name, raw, str(error), subject))
            continue
        if not cell and column.required:
            problems.append(
                CellProblem(
                    row.number,
                    column.name,
                    cell,
                    message("must not be empty; {holds}", holds=column.holds),
                    subject,
                )
            )
        elif not cell:
            blanks.add(column.name)
        else:
            _read_cell(row, column, cell, values, problems, subject)
    return Cells(row.number, values, frozenset(blanks)) if len(problems) == before else None


def _read_cell(
    row: TableRow,
    column: Column,
    cell: str,
    values: dict[str, Any],
    problems: list[CellProblem],
    subject: str,
) -> None:
    try:
        value = column.read(cell)
    except NotRight as error:
        problems.append(CellProblem(row.number, column.name, cell, str(error), subject))
    else:
        if value is not KEEP:
            values[column.name] = value


def lacking(cells: Cells, columns: tuple[Column, ...], known: Mapping[str, Any] | None) -> list[Column]:
    """The columns that a row must have, and has not: a record that is new needs more than one that is known."""
    return [
        column
        for column in columns
        if column.required and column.name not in cells.values and (known is None or column.always)
    ]


def completed(cells: Cells, columns: tuple[Column, ...], known: Mapping[str, Any] | None) -> dict[str, Any]:
    """The record that a row describes: its values over the known ones (None: it is new)."""
    return {column.name: _complete(cells, column, known) for column in columns}


def _complete(cells: Cells, column: Column, known: Mapping[str, Any] | None) -> Any:
    if column.name in cells.values:
        return cells.values[column.name]
    if known is None or (column.name in cells.blanks and not column.keeps):
        return column.blank
    return known.get(column.name, column.blank)


# ---- Readers


_THOUSANDS = re.compile(r"-?\d{1,3}(?:[,.'\u2019 \u00a0\u202f]\d{3})+")


def plain_text(text: str) -> str:
    """The cell's text, cleaned of control characters and the like before it is read. Raises NotRight."""
    try:
        return as_meant(checked(text, CELL, message("the cell")))
    except BadText as error:
        raise NotRight(str(error)) from error


def whole(least: int) -> Reader:
    def read(text: str) -> int:
        if not re.fullmatch(r"-?\d{1,9}", text) or int(text) < least:
            example = max(least, 1)
            if _THOUSANDS.fullmatch(text):
                raise NotRight(
                    message(
                        "write a whole number from {least} without a sign between the thousands, such as 1200",
                        least=least,
                    )
                )
            whole_part = re.fullmatch(r"(\d{1,9})[.,]0+", text)
            raise NotRight(
                message(
                    "write a whole number from {least}, such as {whole_part}",
                    least=least,
                    whole_part=whole_part[1] if whole_part else example,
                )
            )
        return int(text)

    return read


def number(least: float, greatest: float, example: str, *, secret: bool = False) -> Reader:
    """A reader of numbers from `least` to `greatest`; `secret`: the refusal does not repeat the cell."""

    def read(text: str) -> float:
        if not re.fullmatch(r"-?\d{1,9}(\.\d+)?", text) or not least <= float(text) <= greatest:
            ends = (
                message("from {least:g} to {greatest:g}", least=least, greatest=greatest)
                if greatest < 1e9
                else message("from {least:g}", least=least)
            )
            comma = None if secret else re.fullmatch(r"(-?\d{1,9}),(\d+)", text)
            shown = f"{comma[1]}.{comma[2]}" if comma and len(comma[2]) != 3 else example
            raise NotRight(
                message("write a number {ends} with a point, such as {example}", ends=ends, example=shown)
            )
        return float(text)

    return read


latitude = number(-90, 90, "29.41")
longitude = number(-180, 180, "105.59")


def day(text: str) -> date:
    match = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text)
    try:
        return bounded_day(date(*map(int, match.groups())) if match else date.fromisoformat(text))
    except OutOfCalendar as error:
        raise NotRight(str(error)) from error
    except ValueError as error:
        raise NotRight(_right_date(text)) from error


def _right_date(text: str) -> str:
    """The sentence on a wrong date, with what it probably means."""
    right = message("write a date as in 2026-11-30")
    if re.fullmatch(r"\d{5}(\.0)?", text):
        day = (_SERIAL_START + timedelta(days=int(text[:5]))).isoformat()
        return message(
            "{right}; a spreadsheet stores {day} as this number, so format the column as dates",
            right=right,
            day=day,
        )
    if parts := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text):
        first, second, year = map(int, parts.groups())
        read = {(second, first), (first, second)}
        days = sorted(
            f"{year}-{month:02}-{day:02}" for month, day in read if 1 <= month <= 12 and 1 <= day <= 31
        )
        return (
            message("{right}; this one can be read as {days: or }", right=right, days=tuple(days))
            if days
            else right
        )
    if re.fullmatch(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}", text):
        return message("there is no such day; {right}", right=right)
    return right


def clock_time(text: str) -> int:
    try:
        return read_time(text)
    except UnsupportedHours as error:
        right = message("write a time as in 09:30, from 00:00 to 24:00")
        if re.fullmatch(r"0?[.,]\d+|1[.,]0+", text):
            minutes = round(float(text.replace(",", ".")) * DAY_MIN)
            right = message(
                "{right}; a spreadsheet stores {time} as this number, so format the column as times",
                right=right,
                time=clock(minutes),
            )
        raise NotRight(right) from error


AROUND = "around"  # what a cell says where an area takes something from the area around it


def grid(text: str) -> int | str:
    if text == AROUND:
        return text
    if text not in map(str, GRIDS):
        raise NotRight(
            message("write one of {grids} or {around}", grids=tuple(map(str, GRIDS)), around=AROUND)
        )
    return int(text)


def bells(text: str) -> tuple[int, ...]:
    return tuple(sorted(clock_time(part) for part in words(text)))


_YES = frozenset({"yes", "y", "true", "1", "x", "是", "有"})
_NO = frozenset({"no", "n", "false", "0", "否", "无"})


def yes_no(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise NotRight(message("write yes or no"))
    return text.lower() in _YES


def words(text: str) -> tuple[str, ...]:
    """Words between commas or semicolons, each once, in their order."""
    parts = (part.strip() for part in re.split("[,;、，；]", text))
    return tuple(dict.fromkeys(part for part in parts if part))


def choice(*allowed: str) -> Reader:
    def read(text: str) -> str:
        if text not in allowed:
            raise NotRight(message("write one of {allowed}", allowed=tuple(allowed)))
        return text

    return read


def choices(*allowed: str) -> Reader:
    def read(text: str) -> tuple[str, ...]:
        chosen = words(text)
        if not set(chosen) <= set(allowed):
            raise NotRight(message("write one or more of {allowed}", allowed=tuple(allowed)))
        return tuple(word for word in allowed if word in chosen)

    return read


def _pairs(text: str, example: str) -> tuple[tuple[str, str], ...]:
    parts = [
        tuple(side.strip() for side in part.split("=", 1)) for part in re.split("[;；]", text) if part.strip()
    ]
    if any(len(part) != 2 or not all(part) for part in parts):
        raise NotRight(message("write pairs as in {example}", example=example))
    return tuple((part[0], part[1]) for part in parts)


def names(text: str) -> Names:
    return _pairs(text, "en=Rongchang; zh=荣昌区")


def codes(text: str) -> tuple[Code, ...]:
    return tuple(Code(scheme, code) for scheme, code in _pairs(text, "cn-nbs=500153; postal=402460"))


def skills(text: str) -> tuple[Skill, ...]:
    return tuple(_skill(part) for part in words(text))


def _skill(part: str) -> Skill:
    topic, _, level = (side.strip() for side in part.partition(":"))
    matched = next((known_level for known_level in LEVELS if known_level == (level or "intermediate")), None)
    if matched is None or not topic:
        raise NotRight(
            message("write topics as in calligraphy:advanced; levels are {levels}", levels=tuple(LEVELS))
        )
    return Skill(topic, matched)


def roles(text: str) -> tuple[str, ...]:
    return ROLES if text.lower() == "both" else choices(*ROLES)(text)


def week(text: str) -> str:
    try:
        return bounded_week(text)
    except OutOfCalendar as error:
        raise NotRight(str(error)) from error
    except NotAWeek as error:
        raise NotRight(_right_week(text)) from error


def _right_week(text: str) -> str:
    match = re.fullmatch(r"(\d{4})-?W?(\d{1,2})", text, re.IGNORECASE)
    year, number = (int(match[1]), int(match[2])) if match else (0, 0)
    if year > 0 and number > 0:
        last = date(year, 12, 28).isocalendar().week
        if number > last:
            return message(
                "{year} has {last} weeks, so its last is {year}-W{last}; write an ISO week as in 2026-W49",
                year=year,
                last=last,
            )
        return message("write the ISO week as {year}-W{number:02}", year=year, number=number)
    return message("write an ISO week as in 2026-W49")


def weeks(text: str) -> tuple[str, ...]:
    return tuple(sorted(set(map(week, words(text)))))


def days(text: str) -> tuple[date, ...]:
    return tuple(sorted(set(map(day, words(text)))))


_EVERY = re.compile(r"every (\d{1,2}) weeks? from (\d{4}-W\d\d)")


def rhythm(text: str) -> Rhythm:
    if text.upper() in LETTERS:
        return Rhythm(
            week_letter=next(known_letter for known_letter in LETTERS if known_letter == text.upper())
        )
    match = _EVERY.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= MOST_WEEKS_APART:
        raise NotRight(message("write A, B, or as in every 2 weeks from 2026-W49"))
    return Rhythm(int(match[1]), week(match[2]))


def letter(text: str) -> Letter:
    named = next((known_letter for known_letter in LETTERS if known_letter == text.upper()), None)
    if named is None:
        raise NotRight(message("write A or B"))
    return named


def zone(text: str) -> str:
    try:
        return check_zone(text)
    except NotAZone as error:
        raise NotRight(message("write an IANA time zone such as Asia/Shanghai")) from error


@lru_cache(maxsize=8192)
def weekly_hours(text: str) -> Windows:
    try:
        return read_weekly(text)
    except NotHours as error:
        raise NotRight(str(error)) from error


def or_as_is(read: Reader) -> Reader:
    """The reader, extended by the word "unchanged", which keeps what is known."""
    return lambda text: KEEP if text.lower() == "unchanged" else read(text)


def opening_hours(text: str) -> ReadHours:
    try:
        return read_with_questions(text)
    except UnsupportedHours as error:
        raise NotRight(str(error)) from error


def by_name(columns: tuple[Column, ...]) -> Mapping[str, Column]:
    return {column.name: column for column in columns}
