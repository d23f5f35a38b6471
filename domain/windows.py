"""Interval algebra of half-open windows of minutes in one week.

A minute is counted from Monday 00:00 in local wall-clock time, so that a week has 10,080 of them whatever
the clocks do; `domain.calendar` turns them into instants.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.messages import message

DAY_MIN = 1440
WEEK_MIN = 7 * DAY_MIN
DAY_NAMES = (
    message("Monday"),
    message("Tuesday"),
    message("Wednesday"),
    message("Thursday"),
    message("Friday"),
    message("Saturday"),
    message("Sunday"),
)

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


class NotATime(ValueError):
    """A text that is no time of day from 00:00 to 24:00."""


class EmptyWindow(ValueError):
    """A window that does not end after it starts."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The minutes from `start_min` up to, but not including, `end_min`."""

    start_min: int
    end_min: int

    def __post_init__(self) -> None:
        if self.end_min <= self.start_min:
            raise EmptyWindow(
                message(
                    "a window must end after it starts: {start_min} to {end_min}",
                    start_min=self.start_min,
                    end_min=self.end_min,
                )
            )

    @property
    def minutes(self) -> int:
        return self.end_min - self.start_min

    @property
    def day(self) -> int:
        """The ISO weekday on which it starts, 1 = Monday."""
        return self.start_min // DAY_MIN + 1

    def contains(self, window: Window) -> bool:
        return self.start_min <= window.start_min and window.end_min <= self.end_min

    def overlaps(self, window: Window) -> bool:
        return self.start_min < window.end_min and window.start_min < self.end_min

    def shifted(self, minutes: int) -> Window:
        return Window(self.start_min + minutes, self.end_min + minutes)

    def padded(self, before: int, after: int) -> Window:
        return Window(self.start_min - before, self.end_min + after)


Windows = tuple[Window, ...]  # normal form: sorted, none empty, none touching another


def normal(windows: Iterable[Window]) -> Windows:
    """Join what touches or overlaps."""
    joined: list[Window] = []
    for window in sorted(windows):
        if joined and window.start_min <= joined[-1].end_min:
            joined[-1] = Window(joined[-1].start_min, max(joined[-1].end_min, window.end_min))
        else:
            joined.append(window)
    return tuple(joined)


def union(*many: Iterable[Window]) -> Windows:
    """The minutes that any of them covers, in normal form."""
    return normal(window for windows in many for window in windows)


def intersection(first: Iterable[Window], second: Iterable[Window]) -> Windows:
    """The minutes that both cover, in normal form."""
    others = normal(second)
    return normal(
        Window(max(a.start_min, b.start_min), min(a.end_min, b.end_min))
        for a in normal(first)
        for b in others
        if a.overlaps(b)
    )


def difference(windows: Iterable[Window], taken: Iterable[Window]) -> Windows:
    """What is left of the windows without the minutes of `taken`."""
    left = list(normal(windows))
    for cut in normal(taken):
        left = [piece for window in left for piece in _without(window, cut)]
    return tuple(left)


def _without(window: Window, cut: Window) -> Iterator[Window]:
    if not window.overlaps(cut):
        yield window
        return
    if window.start_min < cut.start_min:
        yield Window(window.start_min, cut.start_min)
    if cut.end_min < window.end_min:
        yield Window(cut.end_min, window.end_min)


def covers(windows: Iterable[Window], required: Window) -> bool:
    """Whether one of the windows, joined where they touch, holds all of `required`."""
    return any(window.contains(required) for window in normal(windows))


def minutes(windows: Iterable[Window]) -> int:
    """How many minutes they cover together, each counted once."""
    return sum(window.minutes for window in normal(windows))


def on_day(day: int, start: str, end: str) -> Window:
    """The window of an ISO weekday (1 = Monday) between two clock times such as "09:00" and "24:00".

    Raises NotATime, and EmptyWindow where the end is not after the start.
    """
    base = (day - 1) * DAY_MIN
    return Window(base + clock_min(start), base + clock_min(end))


def within_days(windows: Iterable[Window]) -> Iterator[tuple[int, int, int]]:
    """Cut at midnight: (ISO weekday, start, end), both in minutes after that day's midnight, within the week."""
    for window in intersection(windows, [Window(0, WEEK_MIN)]):
        start = window.start_min
        while start < window.end_min:
            midnight = (start // DAY_MIN + 1) * DAY_MIN
            end = min(midnight, window.end_min)
            day = start // DAY_MIN
            yield day + 1, start - day * DAY_MIN, end - day * DAY_MIN
            start = end


def clock_min(text: str) -> int:
    """Minutes after midnight of "HH:MM", 0 to 1,440; "24:00" is the end of the day. Raises NotATime."""
    if not _CLOCK.fullmatch(text):
        raise NotATime(message("{text!r} is not a time from 00:00 to 24:00, such as 09:30", text=text))
    return int(text[:2]) * 60 + int(text[3:])


def clock(minute: int) -> str:
    """Write a minute after midnight as HH:MM; 1,440 is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"
