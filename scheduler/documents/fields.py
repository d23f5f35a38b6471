"""Readers of the values of a document: each checks one value and names what is wrong by its path.

A reader takes a value and its path and gives back the value read, or raises `Unreadable`; `Findings` collects what
was raised, so that a document's every error is named at once.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from domain.windows import DAY_MIN, NotATime, Window, Windows, clock, clock_min

T = TypeVar("T")
Reader = Callable[[Any, str, "Findings"], T]
Recall = Callable[[Any, Callable[[], Any]], Any]
MISSING: Any = object()
_LARGEST = 10**9


class Unreadable(Exception):
    """A value that was named among the findings already; its record cannot be built."""


class Findings:
    """The errors found so far, each a sentence that begins with the document's path.

    `recall` gives what was read from the very same object before, or has it read.
    """

    def __init__(self, recall: Recall | None = None) -> None:
        self.errors: list[str] = []
        self.recall = recall

    def add(self, path: str, what: str) -> None:
        self.errors.append(f"{path or 'document'}: {what}")

    def refuse(self, path: str, expected: str, value: Any) -> Unreadable:
        self.add(path, f"must be {expected}, is {shown(value)}")
        return Unreadable(path)


def shown(value: Any) -> str:
    """A value as an error names it, short."""
    if value is MISSING:
        return "missing"
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else json.dumps(value, ensure_ascii=False)[:60]


def that(expected: str, test: Callable[[Any], bool]) -> Reader[Any]:
    """A reader of values that pass the test as they stand."""

    def read(value: Any, path: str, findings: Findings) -> Any:
        if value is MISSING or not test(value):
            raise findings.refuse(path, expected, value)
        return value

    return read


def optional(read: Reader[T], default: T) -> Reader[T]:
    """A missing key takes the default; null is accepted only where it is the default."""

    def read_or_default(value: Any, path: str, findings: Findings) -> T:
        return (
            default
            if value is MISSING or (value is None and default is None)
            else read(value, path, findings)
        )

    return read_or_default


def many(read: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list; every item that cannot be read is named."""

    def read_list(value: Any, path: str, findings: Findings) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise findings.refuse(path, "a list", value)
        items: list[T] = []
        for index, item in enumerate(value):
            try:
                items.append(read(item, f"{path}[{index}]", findings))
            except Unreadable:
                continue
        if len(items) < len(value):
            raise Unreadable(path)
        return tuple(items)

    return read_list


def recalled(read: Reader[T]) -> Reader[T]:
    """A reader of records that need not be read again where the reading of the document recalls them."""

    def read_or_recall(value: Any, path: str, findings: Findings) -> T:
        if findings.recall is None:
            return read(value, path, findings)
        recalled_value: T = findings.recall(value, lambda: read(value, path, findings))
        return recalled_value

    return read_or_recall


def set_of(read: Reader[str]) -> Reader[frozenset[str]]:
    read_list = many(read)
    return lambda value, path, findings: frozenset(read_list(value, path, findings))


def an_object(**keys: Reader[Any]) -> Reader[dict[str, Any]]:
    """An object read key by key; unknown keys are ignored, every wrong one is named."""

    def read(value: Any, path: str, findings: Findings) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise findings.refuse(path, "an object", value)
        fields: dict[str, Any] = {}
        for key, read_key in keys.items():
            try:
                fields[key] = read_key(value.get(key, MISSING), f"{path}.{key}" if path else key, findings)
            except Unreadable:
                continue
        if len(fields) < len(keys):
            raise Unreadable(path)
        return fields

    return read


def whole(low: int, high: int = _LARGEST) -> Reader[int]:
    return that(
        f"a whole number from {low} to {high}", lambda value: type(value) is int and low <= value <= high
    )


def one_of(*words: str) -> Reader[str]:
    return that("one of " + ", ".join(words), lambda value: isinstance(value, str) and value in words)


def is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= 1e300  # NaN compares as false


def is_location(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(map(is_number, value))
        and abs(value[0]) <= 90
        and abs(value[1]) <= 180
    )


def is_week(value: Any) -> bool:
    """Whether the ISO year has that week: 28 December is always in its last one."""
    if not isinstance(value, str) or not re.fullmatch(r"[1-9]\d{3}-W\d\d", value, re.ASCII):
        return False
    year, number = int(value[:4]), int(value[6:])
    return 1 <= number <= date(year, 12, 28).isocalendar().week


def _clock(last: str) -> Reader[int]:
    def read(value: Any, path: str, findings: Findings) -> int:
        try:
            minute = clock_min(value) if isinstance(value, str) else -1
        except NotATime:
            minute = -1
        if not 0 <= minute <= clock_min(last):
            raise findings.refuse(path, f"a time from 00:00 to {last}", value)
        return minute

    return read


def location(value: Any, path: str, findings: Findings) -> tuple[float, float]:
    if not is_location(value):
        raise findings.refuse(path, "[latitude, longitude] in degrees", value)
    return value[0], value[1]


text = that("a string", lambda value: isinstance(value, str))
flag = that("true or false", lambda value: isinstance(value, bool))
number = that("a number", is_number)
distance = that("a number of at least 0", lambda value: is_number(value) and value >= 0)
share = that("a share from 0 to 1", lambda value: is_number(value) and 0 <= value <= 1)
speed = that("a number above 0", lambda value: is_number(value) and value > 0 and math.isfinite(1 / value))
week = that("an ISO week such as 2026-W49", is_week)
start_of_day = _clock("23:59")
_window = an_object(day=whole(1, 7), start=start_of_day, end=_clock("24:00"))


_MINUTES = {clock(minute): minute for minute in range(DAY_MIN + 1)}


def _one_window(value: Any, path: str, findings: Findings) -> Window:
    return _plain_window(value) or _window_or_why(value, path, findings)


def _plain_window(value: Any) -> Window | None:
    """One that is as it must be, as nearly all are: a problem has tens of thousands."""
    match value:
        case {"day": int(day), "start": str(start), "end": str(end)} if type(day) is int and 1 <= day <= 7:
            begin_min, end_min = _MINUTES.get(start), _MINUTES.get(end)
            if begin_min is not None and end_min is not None and begin_min < end_min:
                base = (day - 1) * DAY_MIN
                return Window(base + begin_min, base + end_min)
    return None


def _window_or_why(value: Any, path: str, findings: Findings) -> Window:
    read = _window(value, path, findings)
    if read["end"] <= read["start"]:
        findings.add(path, "a window must end after it starts")
        raise Unreadable(path)
    base = (read["day"] - 1) * DAY_MIN
    return Window(base + read["start"], base + read["end"])


def windows(value: Any, path: str, findings: Findings) -> Windows:
    """Windows in normal form; those of two days stay apart, because no session may cross midnight."""
    joined: list[Window] = []
    for window in sorted(many(_one_window)(value, path, findings)):
        last = joined[-1] if joined else None
        if last is not None and last.day == window.day and window.start_min <= last.end_min:
            joined[-1] = Window(last.start_min, max(last.end_min, window.end_min))
        else:
            joined.append(window)
    return tuple(joined)
