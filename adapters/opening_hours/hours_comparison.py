"""Comparison of two sets of opening hours by what they open, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from domain import opening
from domain.day_types import DayKind, DayTypes
from domain.opening import OpeningHours, date_marks
from domain.windows import Windows

# Two years with an ISO week 53 and a 29 February in them.
_CHECKED = (date(2026, 6, 1), date(2028, 6, 1))
_KINDS = (
    None,
    DayKind("holiday"),
    DayKind("workday", school=False),
    DayKind("holiday", school=False),
)


def open_alike(first: OpeningHours, second: OpeningHours) -> bool:
    """Whether both open the same on every day of two years and around each of their dates, on days of all kinds."""
    days = sorted({day for hours in (first, second) for day in _checked(hours)})
    return all(_opened(first, days, kind) == _opened(second, days, kind) for kind in _KINDS)


def _checked(hours: OpeningHours) -> Iterator[date]:
    yield from _run(*_CHECKED)
    for period in hours.periods:
        for edge in (period.first, period.last):
            if edge and 1 < edge.year < 9999:
                yield from _run(edge - timedelta(days=10), edge + timedelta(days=10))


def _run(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days))


def _opened(hours: OpeningHours, days: list[date], kind: DayKind | None) -> list[Windows]:
    seen: dict[object, Windows] = {}  # dates alike in all that a rule can ask for are open alike
    opened: list[Windows] = []
    for day in days:
        sort = (id(opening.period_on(hours, day)), date_marks(day))
        if sort not in seen:
            types = DayTypes(UUID(int=0), 0, "", {day: kind}) if kind else None
            seen[sort] = opening.spans_on(hours, day, types)
        opened.append(seen[sort])
    return opened
