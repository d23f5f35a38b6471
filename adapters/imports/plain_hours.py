"""Read opening hours, the plain ones at once: a file has thousands, and comparing each with the library takes long.

Plain are clock times within a day where no two rules name one weekday. For these OpenStreetMap's syntax leaves no
doubt, and the result equals `read_osm`'s, which reads all others.
"""

from __future__ import annotations

import re
from functools import lru_cache

from adapters.imports.weekly import NotHours, read_weekly
from adapters.osm_hours import read_osm
from domain.opening import DayRule, OpeningHours, Period, Span
from domain.windows import Windows, within_days

_DAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_DAYS = rf"{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*"
_SPANS = r"\d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*"
_PLAIN = re.compile(rf"{_DAYS} {_SPANS}(?:; ?{_DAYS} {_SPANS})*")


@lru_cache(maxsize=8192)
def read_hours(text: str) -> OpeningHours:
    """Raises UnsupportedHours, as `read_osm` does."""
    return _plain(text) or read_osm(text)


def _plain(text: str) -> OpeningHours | None:
    """The hours of a plain text, or None where it is not."""
    if not _PLAIN.fullmatch(text):
        return None
    try:
        rules = [read_weekly(rule.replace("-00:00", "-24:00")) for rule in text.split(";")]
    except NotHours:  # past midnight, or no times at all: the full reader knows
        return None
    named: set[int] = set()
    for rule in rules:
        weekdays = {day for day, _, _ in within_days(rule)}
        if weekdays & named:
            return None
        named |= weekdays
    return OpeningHours((Period("", None, None, _day_rules(tuple(one for rule in rules for one in rule))),))


def _day_rules(windows: Windows) -> tuple[DayRule, ...]:
    by_day: dict[int, tuple[Span, ...]] = {}
    for day, start, end in sorted(within_days(windows)):
        by_day[day] = (*by_day.get(day, ()), Span(start, end))
    by_spans: dict[tuple[Span, ...], tuple[int, ...]] = {}
    for day, spans in by_day.items():
        by_spans[spans] = (*by_spans.get(spans, ()), day)
    return tuple(DayRule(weekdays, spans) for spans, weekdays in by_spans.items())
