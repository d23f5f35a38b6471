"""Compiler of OpenStreetMap hours: rules in order become periods, and each period the plainest day rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby, pairwise

from adapters.opening_hours.day_rules import Weeks, alike_weeks, day_rules
from adapters.opening_hours.grammar import read_rules
from adapters.opening_hours.osm_rules import OsmRule, opened
from adapters.opening_hours.osm_syntax import EVERY_DAY, Names, Range, UnsupportedHours
from adapters.opening_hours.tokenizer import shortened
from domain.messages import message
from domain.opening import LONGEST_MONTHS, DateMarks, DayRule, OpeningHours, Period, Season
from domain.windows import Windows

_MOST_PERIODS = 400

MonthDay = tuple[int, int]
Rules = tuple[OsmRule, ...]


@dataclass(frozen=True, slots=True)
class ReadHours:
    """Hours as they were read, and questions on what the text may mean otherwise: ask before keeping them."""

    hours: OpeningHours
    questions: tuple[str, ...] = ()
    text: str = ""


def read_osm(text: str) -> OpeningHours:
    """Parse a text; raise `UnsupportedHours` for what the domain cannot express exactly."""
    return read_with_questions(text).hours


@lru_cache(maxsize=8192)
def read_with_questions(text: str) -> ReadHours:
    """Parse a text, with questions on what may be meant otherwise; raise `UnsupportedHours` as `read_osm` does."""
    rules, questions = read_rules(text)
    hours = OpeningHours(tuple(_periods(rules)))
    names_days = any(rule.special or {day for day, _ in rule.weekdays} != set(EVERY_DAY) for rule in rules)
    opens = any(rule.effect == "opens" or not rule.is_always for rule in rules)
    if names_days and not opens and not questions:
        questions = (
            message(
                "{shortened} closes some days and opens none, so it is never open; write off if so",
                shortened=shortened(text),
            ),
        )
    return ReadHours(hours, questions, text)


def _periods(rules: Rules) -> Iterator[Period]:
    """The periods of the rules: time is cut where dates begin and end, so that the same rules hold within each.

    The longest come first: usual hours, then the seasons of every year, then what holds between two dates.
    """
    always = tuple(rule for rule in rules if rule.is_always)
    if always:
        yield Period("", None, None, _compiled(always))
    seasons = _season_pieces(rules)
    pieces = _dated_pieces(rules)
    if len(seasons) * len(pieces) > _MOST_PERIODS:
        raise UnsupportedHours(message("these hours have too many seasons; write fewer dates"))
    undated = {season: _in_force(rules, None, season) for season in seasons}
    for season, current in undated.items():
        if season and current != always:
            yield Period(_season_name(season), None, None, _compiled(current), season)
    for dates in pieces:
        for season in seasons:
            current = _in_force(rules, dates, season)
            if current != undated[season]:
                yield from _dated_periods(dates, season, _compiled(current))


def _dated_periods(dates: Range, season: Season | None, rules: tuple[DayRule, ...]) -> Iterator[Period]:
    """Between two dates a season is cut out of each year; where one end is open it recurs."""
    if season is None:
        yield _dated_period(dates, None, rules)
    elif dates[0] == date.min or dates[1] == date.max:
        yield _dated_period(dates, season, rules)
    else:
        for part in _parts_in(dates, season):
            yield _dated_period(part, None, rules)


def _dated_period(dates: Range, season: Season | None, rules: tuple[DayRule, ...]) -> Period:
    first, last = (None if day in (date.min, date.max) else day for day in dates)
    names = [_period_name(*dates), *([_season_name(season)] if season else [])]
    return Period(", ".join(names), first, last, rules, season)


def _parts_in(dates: Range, season: Season) -> Iterator[Range]:
    days = (dates[0] + timedelta(days=number) for number in range((dates[1] - dates[0]).days + 1))
    for is_in, run in groupby(days, season.contains):
        if is_in:
            first, *others = run
            yield first, others[-1] if others else first


def _in_force(rules: Rules, dates: Range | None, season: Season | None) -> Rules:
    return tuple(rule for rule in rules if _is_in_force(rule, dates, season))


def _is_in_force(rule: OsmRule, dates: Range | None, season: Season | None) -> bool:
    return (
        rule.is_always
        or (dates is not None and any(first <= dates[0] and dates[1] <= last for first, last in rule.ranges))
        or (season is not None and any(_holds(own_season, season.first) for own_season in rule.seasons))
    )


def _holds(season: Season, day: MonthDay) -> bool:
    if season.first <= season.last:
        return season.first <= day <= season.last
    return day >= season.first or day <= season.last


def _dated_pieces(rules: Rules) -> list[Range]:
    ranges = [dates for rule in rules for dates in rule.ranges]
    if not ranges:
        return []
    starts = {date.min, *(first for first, _ in ranges)}
    starts |= {last + timedelta(days=1) for _, last in ranges if last < date.max}
    ordered = sorted(starts)
    return [
        *((first, after - timedelta(days=1)) for first, after in pairwise(ordered)),
        (ordered[-1], date.max),
    ]


def _season_pieces(rules: Rules) -> tuple[Season | None, ...]:
    """The year cut where seasons begin and end; a piece runs over the year's end, so that no season is cut there."""
    seasons = [season for rule in rules for season in rule.seasons]
    if not seasons:
        return (None,)
    starts = sorted({*(season.first for season in seasons), *(_day_after(season.last) for season in seasons)})
    if len(starts) == 1:
        return (Season(*starts[0], *_day_before(starts[0])),)
    return tuple(Season(*first, *_day_before(after)) for first, after in pairwise([*starts, starts[0]]))


def _day_after(day: MonthDay) -> MonthDay:
    month, number = day
    if number < LONGEST_MONTHS[month - 1]:
        return month, number + 1
    return month % 12 + 1, 1


def _day_before(day: MonthDay) -> MonthDay:
    month, number = day
    if number > 1:
        return month, number - 1
    before = (month - 2) % 12 + 1
    return before, LONGEST_MONTHS[before - 1]


def _period_name(first: date, last: date) -> str:
    if first == last:
        return message("on {first}", first=first)
    if first == date.min and last == date.max:
        return ""
    if first == date.min:
        return message("to {last}", last=last)
    if last == date.max:
        return message("from {first}", first=first)
    return message("from {first} to {last}", first=first, last=last)


def _season_name(season: Season) -> str:
    first, last = (f"{month:02}-{day:02}" for month, day in (season.first, season.last))
    return (
        message("every year on {first}", first=first)
        if first == last
        else message("every year from {first} to {last}", first=first, last=last)
    )


def _compiled(rules: Rules) -> tuple[DayRule, ...]:
    def hours_on(marks: DateMarks, names: Names) -> Windows:
        return opened(rules, marks, names)

    special = frozenset(name for rule in rules for name in rule.special)
    counts = any(nths for rule in rules for _, nths in rule.weekdays)
    return day_rules(hours_on, special, _alike(rules), counts=counts)


def _alike(rules: Iterable[OsmRule]) -> tuple[Weeks, ...]:
    return alike_weeks(rule.weeks for rule in rules if rule.weeks is not None)
