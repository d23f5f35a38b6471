"""Read OpenStreetMap hours: the library parses, and what the domain can express is translated."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from opening_hours import OpeningHours as Osm
from opening_hours import ParserError  # type: ignore[attr-defined] # its stubs lack the error

from adapters.osm_hours.comparing import verify
from adapters.osm_hours.day_rules import day_rules
from adapters.osm_hours.words import DAYS, EVER, EVERY_DAY, MONTHS, Names, Parity, Range, UnsupportedHours
from domain import opening
from domain.opening import DayRule, OpeningHours, Period, date_marks
from domain.windows import DAY_MIN, Window, Windows, difference, normal, union


@dataclass(frozen=True, slots=True)
class OsmRule:
    """One rule of a text. `ranges` None: at all times; `adds`: it joins earlier rules instead of replacing."""

    ranges: tuple[Range, ...] | None
    parity: Parity | None
    weekdays: tuple[tuple[int, tuple[int, ...]], ...]
    special: Names
    windows: Windows
    closes: bool
    adds: bool

    def holds(self, day: date, names: Names) -> bool:
        weekday, parity, nth = date_marks(day)
        if self.parity not in (None, parity):
            return False
        return bool(self.special & names) or any(
            weekday == one and (not nths or not set(nths).isdisjoint(nth)) for one, nths in self.weekdays
        )


def read_osm(text: str, *, years: Iterable[int] = ()) -> OpeningHours:
    """Translate a text; raise `UnsupportedHours` for what the domain cannot say exactly.

    A season without a year ("Jul-Aug") recurs for ever, which a dated period does not. With `years` it is
    written out for these years, and says nothing about others; without them it is refused.
    """
    return _read(text, tuple(sorted(set(years))))


LONGEST = 4000  # characters; a city's longest text has some hundreds


@lru_cache(maxsize=4096)
def _read(text: str, years: tuple[int, ...]) -> OpeningHours:
    if not text.strip():
        raise UnsupportedHours("the opening hours are empty; write them as in 'Mo-Fr 09:00-17:00', or 'off'")
    if len(text) > LONGEST:
        raise UnsupportedHours(f"the opening hours have {len(text):,} characters; {LONGEST:,} are the most")
    _refuse_ambiguous(text)
    canonical = str(_parsed(text))
    _refuse_known(canonical)
    reader = _Reader(years)
    rules = tuple(reader.rule(part, adds=adds) for part, adds in _rule_texts(canonical))
    hours = OpeningHours(tuple(_periods(rules)))
    verify(hours, canonical, _years_range(years) if reader.used_years else None)
    return hours


_AND_HOLIDAY = re.compile(
    r"\b([PS]H)\s+(?:Mo|Tu|We|Th|Fr|Sa|Su)\b|\b(?:Mo|Tu|We|Th|Fr|Sa|Su)\s+([PS]H)\b", re.IGNORECASE
)


def _refuse_ambiguous(text: str) -> None:
    """By the specification "SH Mo-Fr" is Monday to Friday in school holidays; the library reads "or"."""
    found = _AND_HOLIDAY.search(text)
    if found:
        holiday = (found[1] or found[2]).upper()
        raise UnsupportedHours(
            f"{found[0]!r} in {text!r} is read as 'and' by some programs and as 'or' by others; write "
            f"{holiday} in a rule of its own, such as '{holiday} 10:00-16:00'"
        )


def _parsed(text: str) -> Osm:
    try:
        return Osm(text)
    except ParserError as error:
        place = re.search(r"--> \d+:(\d+)", str(error))
        rest = text[int(place[1]) - 1 :] if place else text
        part = f"from {rest!r} on" if rest else "where it ends"
        raise UnsupportedHours(
            f"{text!r} is not in the opening_hours syntax {part}; write hours as in 'Mo-Fr 09:00-17:00'"
        ) from error


_UNSAYABLE = (
    (r'"[^"]*"', "is a comment; leave it out"),
    (r"\|\|", "begins hours for when the others are unknown; write one set of hours"),
    (r"\bunknown\b", "does not say whether it is open; write the hours or leave the rule out"),
    (r"\(?\b(?:sunrise|sunset|dawn|dusk)\b[^\s,;]*", "depends on the sun; write clock times"),
    (r"\d\d:\d\d\+", "has no end; write the closing time"),
    (r"\d\d:\d\d/\S+", "repeats within the span; write each span"),
    (r"\beaster\b[^;]*", "moves with Easter; write the dates with their year"),
    (r"[PS]H [+-]?\d+ days?", "is a day beside a holiday; write the dates with their year"),
    (r"\d{4}(?:-\d{4})?/\d+", "skips years; write each year"),
)


def _refuse_known(canonical: str) -> None:
    for pattern, why in _UNSAYABLE:
        found = re.search(pattern, canonical)
        if found:
            raise UnsupportedHours(f"{found[0]!r} in {canonical!r} {why}")


def _rule_texts(canonical: str) -> Iterator[tuple[str, bool]]:
    """Cut at the separators, which in canonical form alone are followed by a blank; "," adds."""
    parts = re.split(r"([;,]) ", canonical)
    yield parts[0], False
    for separator, part in zip(parts[1::2], parts[2::2], strict=True):
        yield part, separator == ","


_MONTH = "|".join(MONTHS)
_DATE_RANGE = re.compile(
    rf"(?:(?P<y1>\d{{4}}) )?(?P<m1>{_MONTH}) (?P<d1>\d{{1,2}})(?![\d:])"
    rf"(?:-(?:(?P<y2>\d{{4}}) )?(?P<m2>{_MONTH}) (?P<d2>\d{{1,2}})(?![\d:]))?"
)
_MONTH_RANGE = re.compile(rf"(?:(?P<y1>\d{{4}})(?:-(?P<y2>\d{{4}}))?)?(?P<m1>{_MONTH})(?:-(?P<m2>{_MONTH}))?")
_YEAR_RANGE = re.compile(r"(?P<y1>\d{4})(?:-(?P<y2>\d{4}))?(?![\d:])")
_WEEKS = re.compile(r"week\S+")
_PARITIES: dict[str, Parity | None] = {"week01-53/2": "odd", "week02-52/2": "even", "week01-53": None}
_DAY_ITEM = re.compile(
    r"(?:([PS]H)|(Mo|Tu|We|Th|Fr|Sa|Su)(?:-(Mo|Tu|We|Th|Fr|Sa|Su)|\[([-\d,]+)\])?)(?=[,\s]|$)"
)
_SPAN_ITEM = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)(?=[,\s]|$)")


class _Reader:
    """Reads rules from left to right: dates, weeks, weekdays, times, and whether they close."""

    def __init__(self, years: tuple[int, ...]) -> None:
        self.years = years
        self.used_years = False

    def rule(self, text: str, *, adds: bool) -> OsmRule:
        ranges, rest = self._ranges(text)
        parity, rest = _parity(rest, text)
        days, rest = _items(_DAY_ITEM, rest)
        spans, rest = _items(_SPAN_ITEM, rest)
        if rest.startswith("24/7"):
            rest = rest.removeprefix("24/7").strip()
        if rest not in ("", "closed", "off"):
            raise UnsupportedHours(
                f"{rest!r} in {text!r} has no place in these opening hours; use weekdays, dates with their "
                "year, odd or even weeks, PH, SH and clock times"
            )
        windows = normal(_window(found) for found in spans)
        closes = bool(rest)
        return OsmRule(
            ranges=ranges,
            parity=parity,
            weekdays=_weekdays(days),
            special=frozenset(
                "holiday" if found[1] == "PH" else "school_break" for found in days if found[1]
            ),
            windows=windows if windows or closes else (Window(0, DAY_MIN),),
            closes=closes,
            adds=adds,
        )

    def _ranges(self, text: str) -> tuple[tuple[Range, ...] | None, str]:
        ranges: list[Range] = []
        rest = text
        while found := _DATE_RANGE.match(rest) or _MONTH_RANGE.match(rest) or _YEAR_RANGE.match(rest):
            ranges += self._dated(found, text)
            rest = rest[found.end() :]
            if not rest.startswith(","):
                break
            rest = rest[1:]
        return tuple(ranges) or None, rest.strip()

    def _dated(self, found: re.Match[str], text: str) -> Iterator[Range]:
        parts = found.groupdict()
        first, last = _season(parts)
        if found.re is not _MONTH_RANGE and parts["y1"]:
            start = int(parts["y1"])
            end = int(parts["y2"] or (start + 1 if last < first else start))
            yield _bounded(start, first), _bounded(end, last)
            return
        for year in self._years_of(parts, found[0], text):
            if last < first:
                yield _bounded(year, first), _bounded(year + 1, last)
            elif parts["y1"] or year in self.years:
                yield _bounded(year, first), _bounded(year, last)

    def _years_of(self, parts: dict[str, str | None], season: str, text: str) -> Iterable[int]:
        if parts["y1"]:
            return _few_years(int(parts["y1"]), int(parts["y2"] or parts["y1"]), season, text)
        if not self.years:
            raise UnsupportedHours(
                f"{season!r} in {text!r} recurs every year, and a period here has dates; write the year, "
                "as in '2026 Jul 1-2026 Aug 31'"
            )
        self.used_years = True
        return (self.years[0] - 1, *self.years)  # the year before: its season may run into the first


MonthDay = tuple[int, int]


def _season(parts: dict[str, str | None]) -> tuple[MonthDay, MonthDay]:
    """Return the first and the last month and day; a whole month ends on a 31st, which `_bounded` corrects."""
    if not parts.get("m1"):
        return (1, 1), (12, 31)
    month = MONTHS.index(str(parts["m1"])) + 1
    last_month = MONTHS.index(str(parts["m2"])) + 1 if parts["m2"] else month
    day = parts.get("d1")
    last_day = parts.get("d2") or day
    return (month, int(day or 1)), (last_month, int(last_day or 31))


def _few_years(first: int, last: int, season: str, text: str) -> Iterable[int]:
    if last - first > 20:
        raise UnsupportedHours(f"{season!r} in {text!r} names over twenty seasons; name fewer years")
    return range(first, last + 1)


def _bounded(year: int, month_day: MonthDay) -> date:
    """Return the date; the years 1900 and 9999 stand for "since ever" and "for ever"."""
    month, day = month_day
    if year <= EVER[0]:
        return date.min
    if year >= EVER[1]:
        return date.max
    return date(year, month, min(day, monthrange(year, month)[1]))


def _years_range(years: tuple[int, ...]) -> Range:
    return date(years[0], 1, 1), date(years[-1] + 1, 1, 1)


def _parity(rest: str, text: str) -> tuple[Parity | None, str]:
    found = _WEEKS.match(rest)
    if not found:
        return None, rest
    if found[0] not in _PARITIES:
        raise UnsupportedHours(
            f"{found[0]!r} in {text!r} is neither all odd weeks (week 1-53/2) nor all even ones (week 2-52/2); "
            "write the dates with their year"
        )
    return _PARITIES[found[0]], rest[found.end() :].strip()


def _items(pattern: re.Pattern[str], rest: str) -> tuple[list[re.Match[str]], str]:
    """Take a list that is joined by commas off the front."""
    items: list[re.Match[str]] = []
    while found := pattern.match(rest):
        items.append(found)
        rest = rest[found.end() :]
        if not rest.startswith(","):
            break
        rest = rest[1:]
    return items, rest.strip()


def _weekdays(items: list[re.Match[str]]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    if not items:
        return tuple((day, ()) for day in EVERY_DAY)
    return tuple(pair for found in items if found[2] for pair in _weekday_item(found))


def _weekday_item(found: re.Match[str]) -> Iterator[tuple[int, tuple[int, ...]]]:
    first = DAYS.index(found[2])
    last = DAYS.index(found[3]) if found[3] else first
    nths = tuple(int(nth) for nth in found[4].split(",")) if found[4] else ()
    if any(nth not in opening.NTHS for nth in nths):
        raise UnsupportedHours(
            f"{found[0]!r} counts from the end of the month; only the last, [-1], can be kept"
        )
    for step in range((last - first) % 7 + 1):
        yield (first + step) % 7 + 1, nths


def _window(found: re.Match[str]) -> Window:
    start, end = (int(found[i]) * 60 + int(found[i + 1]) for i in (1, 3))
    return Window(start, end if end > start else end + DAY_MIN)


def _periods(rules: tuple[OsmRule, ...]) -> Iterator[Period]:
    """Cut time where dated rules begin and end: between two cuts the same rules are in force."""
    always = tuple(rule for rule in rules if rule.ranges is None)
    if always:
        yield Period("", None, None, _compiled(always))
    for first, last in _pieces(rules):
        current = tuple(rule for rule in rules if _is_in_force(rule, first, last))
        if current != always:
            yield Period(
                _period_name(first, last),
                None if first == date.min else first,
                None if last == date.max else last,
                _compiled(current),
            )


def _pieces(rules: tuple[OsmRule, ...]) -> Iterator[Range]:
    ranges = [one for rule in rules for one in rule.ranges or ()]
    starts = {date.min, *(first for first, _ in ranges)}
    starts |= {last + timedelta(days=1) for _, last in ranges if last < date.max}
    ordered = sorted(starts)
    for first, after in pairwise(ordered):
        yield first, after - timedelta(days=1)
    yield ordered[-1], date.max


def _is_in_force(rule: OsmRule, first: date, last: date) -> bool:
    return rule.ranges is None or any(start <= first and last <= end for start, end in rule.ranges)


def _period_name(first: date, last: date) -> str:
    if first == last:
        return f"on {first}"
    start = "" if first == date.min else f"from {first} "
    return (start + ("" if last == date.max else f"to {last}")).strip()


def _compiled(rules: tuple[OsmRule, ...]) -> tuple[DayRule, ...]:
    def hours_on(day: date, names: Names) -> Windows:
        open_: Windows = ()
        for rule in rules:
            if rule.holds(day, names):
                open_ = _after(open_, rule)
        return open_

    return day_rules(hours_on, frozenset(name for rule in rules for name in rule.special))


def _after(open_: Windows, rule: OsmRule) -> Windows:
    if rule.closes:
        return difference(open_, rule.windows) if rule.windows else ()
    return union(open_, rule.windows) if rule.adds else rule.windows
