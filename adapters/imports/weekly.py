"""Decide how hours of a week are written: "Mo,We 09:00-12:00; Sa 14:00-17:00", as volunteers and communities do.

It is the plain part of OpenStreetMap's syntax, for windows within a day; rules for one weekday add up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.windows import NotATime, Window, Windows, clock, normal, on_day, within_days

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = {day.lower(): number for number, day in enumerate(DAYS, 1)}
_RULE = re.compile(r"(?P<days>[A-Za-z][A-Za-z,\s-]*)?(?P<spans>\d[\d:,\s\u2013-]*)")


class NotHours(ValueError):
    """A text that gives no hours of a week."""


def read_weekly(text: str) -> Windows:
    """The windows in minutes from Monday 00:00; without weekdays a rule holds for all seven.

    >>> read_weekly("Mo 09:00-12:00")
    (Window(start_min=540, end_min=720),)
    """
    return normal(window for rule in text.split(";") if rule.strip() for window in _windows(rule.strip()))


def _windows(rule: str) -> list[Window]:
    found = _RULE.fullmatch(rule)
    if found is None:
        raise NotHours(f"{rule!r} is not written as in 'Mo,We 09:00-12:00; Sa 14:00-17:00'")
    days = _days(found["days"] or "Mo-Su")
    spans = [part.strip() for part in found["spans"].split(",") if part.strip()]
    return [_window(day, part) for day in days for part in spans]


def _days(text: str) -> list[int]:
    """Each once, however often it is named."""
    return list(dict.fromkeys(day for part in text.split(",") if part.strip() for day in _run(part.strip())))


def _run(part: str) -> list[int]:
    ends = [_DAY.get(one.strip().lower(), 0) for one in part.split("-")]
    if 0 in ends or len(ends) > 2:
        raise NotHours(f"{part!r} names no weekdays; use {', '.join(DAYS)} and runs such as Mo-Fr")
    first, last = ends[0], ends[-1]
    return [(first - 1 + step) % 7 + 1 for step in range((last - first) % 7 + 1)]


def _window(day: int, part: str) -> Window:
    times = [one.strip() for one in re.split("[-\u2013]", part)]
    if len(times) != 2:
        raise NotHours(f"{part!r} is no span of time; write start and end as in 09:00-12:00")
    try:
        window_of = on_day(day, *(one.zfill(5) for one in times))
    except NotATime as error:
        raise NotHours(str(error)) from error
    except ValueError as error:
        raise NotHours(f"{part!r} must end after it starts, by 24:00 of the same day") from error
    return window_of


def write_weekly(windows: Iterable[Window]) -> str:
    """The text of windows, cut at midnight; what `read_weekly` reads back.

    >>> write_weekly(read_weekly("Sa 14:00-17:00; Mo,We 9:00-12:00"))
    'Mo,We 09:00-12:00; Sa 14:00-17:00'
    """
    by_day: dict[int, list[str]] = {}
    for day, start, end in within_days(windows):
        by_day.setdefault(day, []).append(f"{clock(start)}-{clock(end)}")
    by_spans: dict[str, list[str]] = {}
    for day, spans in sorted(by_day.items()):
        by_spans.setdefault(",".join(spans), []).append(DAYS[day - 1])
    return "; ".join(f"{','.join(days)} {spans}" for spans, days in by_spans.items())
