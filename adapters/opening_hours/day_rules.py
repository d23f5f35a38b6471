"""Simplification of opening hours: the plainest day rules for what is open on each sort of date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import product

from adapters.opening_hours.osm_syntax import (
    EVERY_DAY,
    HOLIDAY,
    PARITIES,
    PLAIN,
    SCHOOL_BREAK,
    WEEKS,
    Names,
    UnsupportedHours,
)
from domain import opening
from domain.messages import message
from domain.opening import DateMarks, DayRule, Span
from domain.windows import Windows

HoursOn = Callable[[DateMarks, Names], Windows]
Nth = tuple[int, ...]  # which of its weekday in the month a date is, such as (4, -1)
ByNth = dict[Nth, Windows]
Weeks = tuple[int, ...]  # ISO weeks that no rule tells apart

_NTHS: tuple[Nth, ...] = ((1,), (2,), (3,), (4,), (4, -1), (5, -1))
_ODD, _EVEN = WEEKS[::2], WEEKS[1::2]


def alike_weeks(sets: Iterable[frozenset[int]]) -> tuple[Weeks, ...]:
    """The coarsest partition of a year's weeks in which each class lies in or outside each of the sets."""
    parts: dict[tuple[bool, ...], Weeks] = {}
    listed = tuple(dict.fromkeys(sets))
    for week in WEEKS:
        where = tuple(week in week_set for week_set in listed)
        parts[where] = (*parts.get(where, ()), week)
    return tuple(parts.values())


def day_rules(
    hours_on: HoursOn, special: Names, alike: tuple[Weeks, ...], *, counts: bool
) -> tuple[DayRule, ...]:
    """The plainest rules that open on each sort of date what `hours_on` opens there.

    `special` are the special day types that may matter, `alike` the weeks that are told apart; `counts`: it may matter
    which of its weekday in the month a date is.
    """
    sorts = (PLAIN, SCHOOL_BREAK, HOLIDAY, SCHOOL_BREAK | HOLIDAY)
    tables = {names: _table(hours_on, names, alike, counts) for names in {sort & special for sort in sorts}}
    plain, school, holiday, both = (tables[sort & special] for sort in sorts)
    rules = _table_rules(plain, (), alike)
    if school != plain:
        rules += _table_rules(school, ("school_break",), alike)
    if holiday != plain or both != school:
        if both != holiday:
            raise UnsupportedHours(
                message(
                    "the rule for SH decides public holidays within school holidays too, and here PH goes first; "
                    "write the rule for PH after the one for SH"
                )
            )
        rules += _table_rules(holiday, ("holiday",), alike)
    return tuple(_joined(rules))


def _table(
    hours_on: HoursOn, names: Names, alike: tuple[Weeks, ...], counts: bool
) -> dict[DateMarks, Windows]:
    table: dict[DateMarks, Windows] = {}
    for weekday, weeks in product(EVERY_DAY, alike):
        first = DateMarks(weekday, weeks[0], _NTHS[0])
        table[first] = hours_on(first, names)
        for nth in _NTHS[1:]:
            marks = first._replace(nth=nth)
            table[marks] = hours_on(marks, names) if counts else table[first]
    return table


def _table_rules(
    table: dict[DateMarks, Windows], day_types: tuple[str, ...], alike: tuple[Weeks, ...]
) -> list[DayRule]:
    return [rule for weekday in EVERY_DAY for rule in _weekday_rules(weekday, table, day_types, alike)]


def _weekday_rules(
    weekday: int, table: dict[DateMarks, Windows], day_types: tuple[str, ...], alike: tuple[Weeks, ...]
) -> Iterator[DayRule]:
    rule = DayRule((weekday,), (), None, (), day_types)
    by_weeks = [(weeks, {nth: table[DateMarks(weekday, weeks[0], nth)] for nth in _NTHS}) for weeks in alike]
    if all(by_nth == by_weeks[0][1] for _, by_nth in by_weeks):
        yield from _nth_rules(by_weeks[0][1], rule)
        return
    for weeks, by_nth in by_weeks:
        yield from _nth_rules(by_nth, _in_weeks(rule, weeks))


def _in_weeks(rule: DayRule, weeks: Weeks) -> DayRule:
    if weeks == _ODD:
        return replace(rule, weeks="odd")
    if weeks == _EVEN:
        return replace(rule, weeks="even")
    return replace(rule, week_numbers=weeks)


def _nth_rules(by_nth: ByNth, rule: DayRule) -> Iterator[DayRule]:
    usual, exceptions = _usual(by_nth)
    if usual or rule.day_types:  # for a day type even "closed" must be said: it replaces the plain rule
        yield replace(rule, spans=_spans(usual))
    for nth, windows in exceptions:
        yield replace(rule, spans=_spans(windows), nth=(nth,))


def _usual(by_nth: ByNth) -> tuple[Windows, list[tuple[int, Windows]]]:
    """The usual hours of a month, and the exceptions, counted from its start or its end."""
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
        message(
            "the 4th and the last weekday of a month have hours of their own, and both can be one day; "
            "give that weekday's hours by the 1st to 5th only"
        )
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
        sorted(
            joined,
            key=lambda rule: (
                _type_rank(rule),
                bool(rule.nth),
                PARITIES.index(rule.weeks),
                rule.week_numbers,
            ),
        )
    )


def _type_rank(rule: DayRule) -> int:
    return max((opening.DAY_TYPE_RANKS[name] for name in rule.day_types), default=0)
