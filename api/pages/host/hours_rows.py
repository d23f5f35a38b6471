"""Rows of opening hours as a host fills them in, and the opening rules that they stand for.

Rows say less than rules: a usual week, the same or another one or none in school holidays and on public holidays, and
single days. What rules say beyond that for a season or for certain dates is kept beside the rows, period by period;
where the usual week itself says more (odd weeks, the second Monday of a month), there are no rows for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from pydantic import TypeAdapter

from domain.opening import DayRule, OpeningHours, Period, Span
from domain.windows import Window, normal

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
SCHOOL_BREAK, HOLIDAY = "school_break", "holiday"
Spans = tuple[Span, ...]
DaySpans = Mapping[int, Spans]  # by ISO weekday; a weekday that is missing is closed


@dataclass(frozen=True, slots=True)
class WeekRow:
    """Open at this span on these ISO weekdays."""

    weekdays: tuple[int, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class SingleDay:
    """The hours of one date, which go before all others; no spans: closed."""

    day: date
    spans: Spans
    name: str = ""


@dataclass(frozen=True, slots=True)
class HostHours:
    """Hours as rows. `school_break` and `holiday`: None: as usual, (): closed."""

    usual: tuple[WeekRow, ...] = ()
    school_break: tuple[WeekRow, ...] | None = None
    holiday: tuple[WeekRow, ...] | None = None
    days: tuple[SingleDay, ...] = ()
    name: str = ""


# ---- From rows to rules


def rules_of_rows(rows: HostHours, beside: Iterable[Period] = ()) -> OpeningHours:
    """The opening rules that rows stand for, with the periods that are kept beside them."""
    rules = list(_rules(rows.usual, ()))
    for day_type, own in ((SCHOOL_BREAK, rows.school_break), (HOLIDAY, rows.holiday)):
        rules += [] if own is None else _rules(own, (day_type,))
    usual = Period(rows.name, None, None, tuple(rules))
    by_day: dict[date, SingleDay] = {}
    for single in rows.days:
        before = by_day.get(single.day)
        spans = single.spans if before is None else (*before.spans, *single.spans)
        name = single.name or (before.name if before else "")
        by_day[single.day] = SingleDay(single.day, spans, name)
    return OpeningHours((usual, *beside, *(_period_of(by_day[day]) for day in sorted(by_day))))


def _period_of(single: SingleDay) -> Period:
    return Period(single.name, single.day, single.day, (DayRule(EVERY_DAY, _joined(single.spans)),))


def _rules(rows: Iterable[WeekRow], day_types: tuple[str, ...]) -> Iterable[DayRule]:
    """A rule for each group of weekdays with the same spans; of a day type, closed weekdays have one as well."""
    for weekdays, spans in day_groups(spans_by_day(rows), closed=bool(day_types)):
        yield DayRule(weekdays, spans, day_types=day_types)


def spans_by_day(rows: Iterable[WeekRow]) -> DaySpans:
    """The spans of each weekday, those that touch joined."""
    by_day: dict[int, list[Span]] = {}
    for row in rows:
        for weekday in row.weekdays:
            by_day.setdefault(weekday, []).append(row.span)
    return {weekday: _joined(by_day[weekday]) for weekday in sorted(by_day)}


def _joined(spans: Iterable[Span]) -> Spans:
    windows = normal(Window(span.start_min, span.end_min) for span in spans)
    return tuple(Span(window.start_min, window.end_min) for window in windows)


def day_groups(by_day: DaySpans, *, closed: bool = False) -> list[tuple[tuple[int, ...], Spans]]:
    """Weekdays with the same spans, in order of their first one; `closed`: with those that have none."""
    groups: dict[Spans, list[int]] = {}
    for weekday in EVERY_DAY:
        spans = by_day.get(weekday, ())
        if spans or closed:
            groups.setdefault(spans, []).append(weekday)
    return [(tuple(weekdays), spans) for spans, weekdays in groups.items()]


# ---- From rules to rows


@dataclass(frozen=True, slots=True)
class EditableHours:
    """Hours as rows, and the periods beside them that rows cannot say."""

    rows: HostHours
    beside: tuple[Period, ...] = ()


def editable(opening: OpeningHours) -> EditableHours | None:
    """The rows and the kept periods that together stand for exactly these rules; None where the usual week has no rows.

    The usual week comes first in the rules that are made again, and single days last: of equally long periods the later
    one decides, so nothing is taken apart that rests on another order.
    """
    always = [period for period in opening.periods if _is_always(period)]
    if len(always) > 1:
        return None
    usual = _weekly(always[0]) if always else HostHours()
    if usual is None:
        return None
    days: dict[date, SingleDay] = {}
    beside: list[Period] = []
    for index, period in enumerate(opening.periods):
        if _is_always(period):
            if any(before.days == float("inf") for before in beside):
                return None
            continue
        single = _single_day(period)
        if single is None or _is_overruled(single.day, opening.periods[index + 1 :]):
            beside.append(period)
        else:
            days[single.day] = single
    singles = tuple(days[day] for day in sorted(days))
    return EditableHours(
        HostHours(usual.usual, usual.school_break, usual.holiday, singles, usual.name), tuple(beside)
    )


def _is_always(period: Period) -> bool:
    return period.first is None and period.last is None and period.season is None


def _is_overruled(day: date, later: Iterable[Period]) -> bool:
    """Whether a later period of a single day that has no rows decides this date."""
    return any(period.days <= 1 and period.contains(day) and _single_day(period) is None for period in later)


def _single_day(period: Period) -> SingleDay | None:
    if period.first is None or period.first != period.last or period.season is not None:
        return None
    if any(not _is_plain(rule) or rule.day_types for rule in period.rules):
        return None
    weekday = period.first.isoweekday()
    spans = _joined(span for rule in period.rules if weekday in rule.weekdays for span in rule.spans)
    return SingleDay(period.first, spans, period.name)


def _is_plain(rule: DayRule) -> bool:
    return rule.weeks is None and not rule.nth and not rule.week_numbers


def _weekly(period: Period) -> HostHours | None:
    known = {SCHOOL_BREAK, HOLIDAY}
    if any(not _is_plain(rule) or not known.issuperset(rule.day_types) for rule in period.rules):
        return None
    usual = spans_by_day(_rows_of([rule for rule in period.rules if not rule.day_types]))
    own: dict[str, DaySpans | None] = {}
    for day_type in (SCHOOL_BREAK, HOLIDAY):
        rules = [rule for rule in period.rules if day_type in rule.day_types]
        own[day_type] = _with_rest(rules, usual) if rules else None
    if not _holidays_are_complete(period, usual, own[SCHOOL_BREAK]):
        return None
    school_break, holiday = own[SCHOOL_BREAK], own[HOLIDAY]
    return HostHours(
        week_rows(usual),
        None if school_break is None else week_rows(school_break),
        None if holiday is None else week_rows(holiday),
        name=period.name,
    )


def _rows_of(rules: Iterable[DayRule]) -> list[WeekRow]:
    return [WeekRow(rule.weekdays, span) for rule in rules for span in rule.spans]


def _weekdays_of(rules: Iterable[DayRule]) -> set[int]:
    return {weekday for rule in rules for weekday in rule.weekdays}


def _with_rest(rules: list[DayRule], usual: DaySpans) -> DaySpans:
    """The spans of a day type; on weekdays that its rules leave out the usual ones hold."""
    own, weekdays = spans_by_day(_rows_of(rules)), _weekdays_of(rules)
    return {day: own.get(day, ()) if day in weekdays else usual.get(day, ()) for day in EVERY_DAY}


def _holidays_are_complete(period: Period, usual: DaySpans, school_break: DaySpans | None) -> bool:
    """Whether a holiday in a school break is open as rows would have it.

    On a weekday that the rules of holidays leave out, those of the break decide, and rows would say the usual hours.
    """
    rules = [rule for rule in period.rules if HOLIDAY in rule.day_types]
    if not rules or school_break is None:
        return True
    left_out = set(EVERY_DAY) - _weekdays_of(rules)
    return all(school_break.get(day, ()) == usual.get(day, ()) for day in left_out)


def week_rows(by_day: DaySpans) -> tuple[WeekRow, ...]:
    """The fewest rows for the spans of a week: one for each span, with all weekdays that have it."""
    weekdays: dict[Span, list[int]] = {}
    for weekday in EVERY_DAY:
        for span in by_day.get(weekday, ()):
            weekdays.setdefault(span, []).append(weekday)
    rows = (WeekRow(tuple(days), span) for span, days in weekdays.items())
    return tuple(sorted(rows, key=lambda row: (row.weekdays[0], row.span)))


# ---- As the interface has them

_RULES = TypeAdapter(OpeningHours)


def rules_from_json(hours: Any) -> OpeningHours:
    """Opening rules from an answer."""
    return _RULES.validate_json(orjson.dumps(hours))


def json_of_rules(opening: OpeningHours) -> list[Any]:
    """Opening rules as the `periods` of a command."""
    return _RULES.dump_python(opening, mode="json")["periods"]  # type: ignore[no-any-return]


def mark_of_period(period: Period) -> str:
    """A name for a period by what it says, so that a form can name it."""
    text = _RULES.dump_json(OpeningHours((period,)))
    return hashlib.sha256(text).hexdigest()[:16]
