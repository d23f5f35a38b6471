"""Parser and writer of weekly hours: "Mo,We 09:00-12:00; Sa 14:00-17:00", as people write them.

They are read as opening hours are, in all their spellings, without dates, holidays and nights; rules for one weekday
add up. What may be meant otherwise is refused, because a week's hours have nobody to ask.
"""

from __future__ import annotations

from collections.abc import Iterable

from adapters.opening_hours import UnsupportedHours
from adapters.opening_hours.grammar import read_rules
from adapters.opening_hours.osm_rules import OsmRule
from adapters.opening_hours.osm_syntax import MORNING
from domain.messages import message
from domain.windows import DAY_MIN, Window, Windows, clock, difference, normal, union, within_days

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


class NotHours(ValueError):
    """The text gives no hours of a week."""


def read_weekly(text: str) -> Windows:
    """The windows in minutes from Monday 00:00; without weekdays a rule holds for all seven.

    >>> read_weekly("Mo 09:00-12:00")
    (Window(start_min=540, end_min=720),)
    """
    if not text.strip(" ;"):
        return ()
    try:
        rules, questions = read_rules(text, add_up=True)
    except UnsupportedHours as error:
        raise NotHours(str(error)) from error
    if questions:
        raise NotHours(questions[0])
    windows: Windows = ()
    for rule in rules:
        _check(rule, text)
        own = normal(
            window.shifted((day - 1) * DAY_MIN) for day, _ in rule.weekdays for window in _of_a_day(rule)
        )
        windows = difference(windows, own) if rule.effect == "closes" else union(windows, own)
    return windows


def _check(rule: OsmRule, text: str) -> None:
    if not rule.is_always or rule.weeks is not None or rule.special or any(nth for _, nth in rule.weekdays):
        raise NotHours(
            message(
                "{text!r} names dates, weeks or holidays, and hours of a week have none; write weekdays and "
                "times",
                text=text,
            )
        )
    if any(window.end_min > DAY_MIN for window in rule.windows):
        raise NotHours(
            message(
                "{text!r} runs past midnight; a span must end after it starts, by 24:00 of the same day",
                text=text,
            )
        )


def _of_a_day(rule: OsmRule) -> Windows:
    return rule.windows or (Window(0, DAY_MIN),)


def night_hours(windows: Iterable[Window]) -> str:
    """The windows that begin in the night, as text: where hours are written without pm, 2-4 is one of them.

    >>> night_hours(read_weekly("Mo 2-4; Tu 14:00-16:00"))
    'Mo 02:00-04:00'
    """
    return write_weekly(window for window in windows if 0 < window.start_min % DAY_MIN < MORNING)


def write_weekly(windows: Iterable[Window]) -> str:
    """The text of windows, cut at midnight, which `read_weekly` reads back.

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
