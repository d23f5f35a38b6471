"""Decide what a cell may hold: one reader for each sort of value, and one sentence on what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from adapters.imports.plain_hours import ReadHours, read_with_questions
from adapters.imports.tables import Row
from adapters.imports.weekly import NotHours, read_weekly
from adapters.osm_hours import UnsupportedHours
from domain.calendar import NotAWeek, NotAZone, check_week, check_zone
from domain.network import Code, Names
from domain.recurrence import LETTERS, MOST_WEEKS_APART, Letter, Rhythm
from domain.starts import GRIDS
from domain.volunteer import LEVELS, Skill
from domain.windows import NotATime, Windows, clock_min

Reader = Callable[[str], Any]


class NotRight(ValueError):
    """A cell that cannot be read; the text says what would be right."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of ours. `blank` is the value of an empty cell; `holds` is one phrase for the documentation."""

    name: str
    holds: str
    example: str = ""
    read: Reader = str
    required: bool = False
    blank: Any = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about one cell. `right` is what would be right, or for a warning what is odd.

    `column` "": the row as a whole; row 0: a row that the profile adds; `subject` is what the row is about.
    """

    row: int
    column: str
    value: str
    right: str
    subject: str = ""

    @property
    def place(self) -> tuple[int, str]:
        return self.row, self.column

    def text(self) -> str:
        where = f"row {self.row}" if self.row else "a row that the profile adds"
        where += f" ({self.subject})" if self.subject and self.subject != self.value else ""
        where += f", {self.column}" if self.column else ""
        what = f": {self.value!r}" if self.value or self.column else ""
        return f"{where}{what}: {self.right}"


def read_row(
    row: Row, columns: tuple[Column, ...], problems: list[Problem], subject: str
) -> dict[str, Any] | None:
    """The values of a row under our names, or None after noting every cell that is wrong."""
    values: dict[str, Any] = {}
    for column in columns:
        cell = row.cells.get(column.name, "")
        try:
            values[column.name] = _value(cell, column)
        except NotRight as error:
            problems.append(Problem(row.number, column.name, cell, str(error), subject))
    return values if len(values) == len(columns) else None


def _value(cell: str, column: Column) -> Any:
    if cell:
        return column.read(cell)
    if column.required:
        raise NotRight(f"must not be empty; {column.holds}")
    return column.blank


# ---- Readers


def whole(least: int) -> Reader:
    def read(text: str) -> int:
        if not re.fullmatch(r"-?\d{1,9}", text) or int(text) < least:
            raise NotRight(f"write a whole number from {least}, such as {max(least, 1)}")
        return int(text)

    return read


def number(least: float, most: float, example: str) -> Reader:
    def read(text: str) -> float:
        if not re.fullmatch(r"-?\d{1,9}(\.\d+)?", text) or not least <= float(text) <= most:
            ends = f"from {least:g}" + (f" to {most:g}" if most < 1e9 else "")
            raise NotRight(f"write a number {ends} with a point, such as {example}")
        return float(text)

    return read


latitude = number(-90, 90, "29.41")
longitude = number(-180, 180, "105.59")


def day(text: str) -> date:
    found = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text)
    try:
        return date(*map(int, found.groups())) if found else date.fromisoformat(text)
    except ValueError as error:
        raise NotRight("write a date as in 2026-11-30") from error


def clock_time(text: str) -> int:
    try:
        return clock_min(text.zfill(5))
    except NotATime as error:
        raise NotRight("write a time as in 09:30, from 00:00 to 24:00") from error


AROUND = "around"  # what a cell says where an area takes something from the area around it


def grid(text: str) -> int | str:
    if text == AROUND:
        return text
    if text not in map(str, GRIDS):
        raise NotRight(f"write one of {', '.join(map(str, GRIDS))} or {AROUND}")
    return int(text)


def bells(text: str) -> tuple[int, ...]:
    return tuple(sorted(clock_time(part) for part in words(text)))


_YES = frozenset({"yes", "y", "true", "1", "x", "是", "有"})
_NO = frozenset({"no", "n", "false", "0", "否", "无"})


def yes_no(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise NotRight("write yes or no")
    return text.lower() in _YES


def words(text: str) -> tuple[str, ...]:
    """Words between commas or semicolons, each once, in their order."""
    parts = (part.strip() for part in re.split("[,;、，；]", text))
    return tuple(dict.fromkeys(part for part in parts if part))


def choice(*allowed: str) -> Reader:
    def read(text: str) -> str:
        if text not in allowed:
            raise NotRight(f"write one of {', '.join(allowed)}")
        return text

    return read


def choices(*allowed: str) -> Reader:
    def read(text: str) -> tuple[str, ...]:
        chosen = words(text)
        if not set(chosen) <= set(allowed):
            raise NotRight(f"write one or more of {', '.join(allowed)}")
        return tuple(word for word in allowed if word in chosen)

    return read


def _pairs(text: str, example: str) -> tuple[tuple[str, str], ...]:
    parts = [
        tuple(one.strip() for one in part.split("=", 1)) for part in re.split("[;；]", text) if part.strip()
    ]
    if any(len(part) != 2 or not all(part) for part in parts):
        raise NotRight(f"write pairs as in {example}")
    return tuple((part[0], part[1]) for part in parts)


def names(text: str) -> Names:
    return _pairs(text, "en=Rongchang; zh=荣昌区")


def codes(text: str) -> tuple[Code, ...]:
    return tuple(Code(scheme, code) for scheme, code in _pairs(text, "cn-nbs=500153; postal=402460"))


def skills(text: str) -> tuple[Skill, ...]:
    return tuple(_skill(part) for part in words(text))


def _skill(part: str) -> Skill:
    topic, _, level = (one.strip() for one in part.partition(":"))
    found = next((one for one in LEVELS if one == (level or "intermediate")), None)
    if found is None or not topic:
        raise NotRight(f"write topics as in calligraphy:advanced; levels are {', '.join(LEVELS)}")
    return Skill(topic, found)


def week(text: str) -> str:
    try:
        return check_week(text)
    except NotAWeek as error:
        raise NotRight("write an ISO week as in 2026-W49") from error


def weeks(text: str) -> tuple[str, ...]:
    return tuple(sorted(set(map(week, words(text)))))


def days(text: str) -> tuple[date, ...]:
    return tuple(sorted(set(map(day, words(text)))))


_EVERY = re.compile(r"every (\d{1,2}) weeks? from (\d{4}-W\d\d)")


def rhythm(text: str) -> Rhythm:
    if text.upper() in LETTERS:
        return Rhythm(week_letter=next(one for one in LETTERS if one == text.upper()))
    found = _EVERY.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= MOST_WEEKS_APART:
        raise NotRight("write A, B, or as in every 2 weeks from 2026-W49")
    return Rhythm(int(found[1]), week(found[2]))


def letter(text: str) -> Letter:
    named = next((one for one in LETTERS if one == text.upper()), None)
    if named is None:
        raise NotRight("write A or B")
    return named


def zone(text: str) -> str:
    try:
        return check_zone(text)
    except NotAZone as error:
        raise NotRight("write an IANA time zone such as Asia/Shanghai") from error


@lru_cache(maxsize=8192)
def weekly_hours(text: str) -> Windows:
    try:
        return read_weekly(text)
    except NotHours as error:
        raise NotRight(str(error)) from error


def opening_hours(text: str) -> ReadHours:
    try:
        return read_with_questions(text)
    except UnsupportedHours as error:
        raise NotRight(str(error)) from error


def by_name(columns: tuple[Column, ...]) -> Mapping[str, Column]:
    return {column.name: column for column in columns}
