"""Vocabulary of OpenStreetMap hours that reader and writer share, and the error for what has no equivalent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain.windows import DAY_MIN, Window, clock

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
LONG_MIN = 16 * 60
MORNING = 5 * 60  # what begins between midnight and this is rarely meant: 2-4 without pm
EVER = (1900, 9999)
WEEKS = tuple(range(1, 54))
PARITIES = (None, "odd", "even")
LONGEST_TEXT = 2000

Names = frozenset[str]  # the special day types of a date: none, "holiday", "school_break", or both
PLAIN: Names = frozenset()
HOLIDAY: Names = frozenset({"holiday"})
SCHOOL_BREAK: Names = frozenset({"school_break"})
Range = tuple[date, date]  # both inclusive; date.min and date.max: without beginning or end


class UnsupportedHours(ValueError):
    """These opening hours cannot be read or written exactly; the text names the part and what would be right."""


def spans_text(windows: Iterable[Window]) -> str:
    return ",".join(f"{clock(window.start_min)}-{_end_text(window)}" for window in windows) or "off"


def _end_text(window: Window) -> str:
    """Write an end past midnight as the clock shows it, unless the span is longer than a day."""
    if DAY_MIN < window.end_min <= window.start_min + DAY_MIN:
        return clock(window.end_min - DAY_MIN)
    return clock(window.end_min)
