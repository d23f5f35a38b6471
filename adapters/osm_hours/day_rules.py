"""Find the plainest day rules for what is open on each sort of date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from adapters.osm_hours.words import (
    EVERY_DAY,
    HOLIDAY,
    PARITIES,
    PLAIN,
    SCHOOL_BREAK,
    Names,
    Parity,
    UnsupportedHours,
)
from domain import opening
from domain.opening import DayRule, Span, date_marks
from domain.windows import Windows

HoursOn = Callable[[date, Names], Windows]
Nth = tuple[int, ...]  # which of its weekday in the month a date is, such as (4, -1)
ByNth = dict[Nth, Windows]


@cache
def _sorts_of_dates() -> tuple[date, ...]:
    """One date for each weekday, parity of the week and place in the month: 84 that stand for all."""
    days = (date(2024, 1, 1) + timedelta(days=n) for n in range(366 * 30))
    return tuple({date_marks(day): day for day in days}.values())


def day_rules(hours_on: HoursOn, asked: Names) -> tuple[DayRule, ...]:
    """Express what is open on each sort of date; `asked` are the special day types that may matter."""
    plain, school, holiday, both = (
        _table(hours_on, names & asked) for names in (PLAIN, SCHOOL_BREAK, HOLIDAY, SCHOOL_BREAK | HOLIDAY)
    )
    rules = _table_rules(plain, ())
    if school != plain:
        rules += _table_rules(school, ("school_break",))
    if holiday != plain or both != school:
        if both != holiday:
            raise UnsupportedHours(
                "the rule for SH decides public holidays within school holidays too, and here PH goes first; "
                "write the rule for PH after the one for SH"
            )
        rules += _table_rules(holiday, ("holiday",))
    return tuple(_joined(rules))


def _table(hours_on: HoursOn, names: Names) -> dict[date, Windows]:
    return {day: hours_on(day, names) for day in _sorts_of_dates()}


def _table_rules(table: dict[date, Windows], day_types: tuple[str, ...]) -> list[DayRule]:
    return [rule for weekday in EVERY_DAY for rule in _weekday_rules(weekday, table, day_types)]


def _weekday_rules(weekday: int, table: dict[date, Windows], day_types: tuple[str, ...]) -> Iterator[DayRule]:
    by_parity: dict[Parity, ByNth] = {"odd": {}, "even": {}}
    for day, windows in table.items():
        one, parity, nth = date_marks(day)
        if one == weekday:
            by_parity[parity][nth] = windows
    odd, even = by_parity["odd"], by_parity["even"]
    rule = DayRule((weekday,), (), None, (), day_types)
    if odd == even:
        yield from _nth_rules(odd, rule)
    else:
        yield from _nth_rules(odd, replace(rule, weeks="odd"))
        yield from _nth_rules(even, replace(rule, weeks="even"))


def _nth_rules(by_nth: ByNth, rule: DayRule) -> Iterator[DayRule]:
    usual, exceptions = _usual(by_nth)
    if usual or rule.day_types:  # for a day type even "closed" must be said: it replaces the plain rule
        yield replace(rule, spans=_spans(usual))
    for nth, windows in exceptions:
        yield replace(rule, spans=_spans(windows), nth=(nth,))


def _usual(by_nth: ByNth) -> tuple[Windows, list[tuple[int, Windows]]]:
    """Split into what is usual in a month and the exceptions to it, counted from its start or its end."""
    fourth, fourth_and_last, fifth = by_nth[4,], by_nth[4, -1], by_nth[5, -1]
    starts = [(n, by_nth[n,]) for n in (1, 2, 3)]
    if fourth == fourth_and_last:
        values = [*starts, (4, fourth), (5, fifth)]
        closed = [n for n, windows in values if not windows]
        usual = () if len(closed) > 1 else fourth
        return usual, [(n, windows) for n, windows in values if windows != usual]
    if fourth_and_last == fifth:
        return fourth, [(n, windows) for n, windows in (*starts, (-1, fifth)) if windows != fourth]
    raise UnsupportedHours(
        "the 4th and the last weekday of a month have hours of their own, and both can be one day; "
        "give that weekday's hours by the 1st to 5th only"
    )


def _spans(windows: Windows) -> tuple[Span, ...]:
    return tuple(Span(window.start_min, window.end_min) for window in windows)


def _joined(rules: list[DayRule]) -> Iterator[DayRule]:
    """Join rules that differ in their place in the month alone, then those that differ in weekday alone."""
    nths: dict[DayRule, tuple[int, ...]] = {}
    for rule in rules:
        alike = replace(rule, nth=rule.nth[:1] and (1,))
        nths[alike] = (*nths.get(alike, ()), *rule.nth)
    weekdays: dict[DayRule, tuple[int, ...]] = {}
    for alike, nth in nths.items():
        everywhere = replace(alike, weekdays=EVERY_DAY, nth=nth)
        weekdays[everywhere] = (*weekdays.get(everywhere, ()), *alike.weekdays)
    joined = (replace(rule, weekdays=days) for rule, days in weekdays.items())
    return iter(
        sorted(joined, key=lambda rule: (_type_rank(rule), bool(rule.nth), PARITIES.index(rule.weeks)))
    )


def _type_rank(rule: DayRule) -> int:
    return max((opening.DAY_TYPE_RANKS[name] for name in rule.day_types), default=0)
