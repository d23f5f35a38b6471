"""Read and write opening hours in OpenStreetMap's `opening_hours` syntax, exactly or not at all.

The library knows the whole syntax; the domain knows less. So a text is parsed by the library, the part of its
canonical form that the domain can express is translated, and the result is compared with the library's own
evaluation, day by day. Public holidays (PH) and school holidays (SH) become the day types "holiday" and
"school_break": which dates those are is the business of the calendar of day types, never of the library.

Syntax: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import pairwise, zip_longest
from typing import Literal
from uuid import UUID

from opening_hours import OpeningHours as Osm
from opening_hours import ParserError, State  # type: ignore[attr-defined] # its stubs lack the error

from domain import opening
from domain.day_types import DayKind, DayTypes, kind_on
from domain.opening import DayRule, OpeningHours, Period, Span, date_marks
from domain.windows import DAY_MIN, Window, Windows, clock, difference, normal, union

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
# Two years with an ISO week 53 and a 29 February in them.
CHECKED = (date(2026, 6, 1), date(2028, 6, 1))
LONG_MIN = 16 * 60
EVER = (1900, 9999)
PARITIES = (None, "odd", "even")

Names = frozenset[str]  # the special day types of a date: none, "holiday", "school_break", or both
PLAIN: Names = frozenset()
HOLIDAY: Names = frozenset({"holiday"})
SCHOOL_BREAK: Names = frozenset({"school_break"})
Parity = Literal["odd", "even"]
Range = tuple[date, date]  # both inclusive; date.min and date.max: without beginning or end


class UnsupportedHours(ValueError):
    """Opening hours that one of the two sides cannot say; the text names the part and what would be right."""


# ---- Reading


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


@lru_cache(maxsize=4096)
def _read(text: str, years: tuple[int, ...]) -> OpeningHours:
    if not text.strip():
        raise UnsupportedHours("the opening hours are empty; write them as in 'Mo-Fr 09:00-17:00', or 'off'")
    _refuse_ambiguous(text)
    canonical = str(_parsed(text))
    _refuse_known(canonical)
    reader = _Reader(years)
    rules = tuple(reader.rule(part, adds=adds) for part, adds in _rule_texts(canonical))
    hours = OpeningHours(tuple(_periods(rules)))
    _verify(hours, canonical, _years_range(years) if reader.used_years else None)
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


# ---- The plainest day rules for what is open on each sort of date

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


# ---- Comparing with the library


@dataclass(frozen=True, slots=True)
class Difference:
    """The first date on which the two sides differ, and what each opens on it, in minutes after midnight."""

    day: date
    here: Windows
    there: Windows


def _verify(hours: OpeningHours, canonical: str, within: Range | None) -> None:
    found = _difference(hours, canonical, within, _night_min(hours))
    if found is None:
        return
    raise UnsupportedHours(
        f"{canonical!r} cannot be kept exactly: {found.day:%A}, {found.day} would be {_open_text(found.here)} "
        f"and should be {_open_text(found.there)}; enter these hours row by row"
    )


def _open_text(windows: Windows) -> str:
    return f"open {_spans_text(windows)}" if windows else "closed"


def _night_min(hours: OpeningHours) -> int:
    """Return how far after midnight a night may run, in minutes; 0 where none does.

    A night belongs to the day on which it starts: that is what people mean who write "Tu 18:00-02:00; We
    09:00-17:00". The specification cuts such a night at midnight, because the semicolon gives Wednesday a rule
    of its own (https://github.com/opening-hours/opening_hours.js/issues/261), so where hours run past midnight
    the minutes up to the latest closing stand outside the comparison.
    """
    return max((one.end_min - DAY_MIN for _, one in _rule_spans(hours) if one.end_min > DAY_MIN), default=0)


def _rule_spans(hours: OpeningHours) -> Iterator[tuple[DayRule, Span]]:
    return ((rule, one) for period in hours.periods for rule in period.rules for one in rule.spans)


def _difference(hours: OpeningHours, text: str, within: Range | None, night_min: int) -> Difference | None:
    """Compare on ordinary days, and then with a year's public holidays as PH and, alone, as SH."""
    views: list[tuple[Osm, DayTypes | None]] = [(Osm(text), None)]
    if "PH" in text:
        views.append((Osm(text, country="GB"), _marked(DayKind("holiday"))))
    elif "SH" in text:  # the library knows no school holidays, so public ones take their part
        views.append((Osm(text.replace("SH", "PH"), country="GB"), _marked(DayKind("workday", school=False))))
    for osm, types in views:
        for first, end in _checked(hours, within):
            found = _difference_between(hours, osm, types, (first, end), night_min)
            if found:
                return found
    return None


@cache
def _marked(kind: DayKind) -> DayTypes:
    """Give this kind to the dates that the library has for public holidays in England."""
    spans = Osm("PH", country="GB").intervals(datetime(2020, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001
    days = [
        start.date() + timedelta(days=n)
        for start, end, state, _ in spans
        if state == State.OPEN
        for n in range((end - start).days)
    ]
    return DayTypes(UUID(int=0), 0, "", dict.fromkeys(days, kind))


def _checked(hours: OpeningHours, within: Range | None) -> Iterator[Range]:
    """Every day of two years, and the days around each beginning and end of a period."""
    if within:
        yield within
        return
    yield CHECKED
    for period in hours.periods:
        for edge in (period.first, period.last):
            if edge and not CHECKED[0] < edge < CHECKED[1] and EVER[0] < edge.year < EVER[1] - 1:
                yield edge - timedelta(days=10), edge + timedelta(days=10)


def _difference_between(
    hours: OpeningHours, osm: Osm, types: DayTypes | None, dates: Range, night_min: int
) -> Difference | None:
    first, end = dates
    last_min = (end - first).days * DAY_MIN
    here = [
        piece for piece in _pieces_of_days(_here(hours, types, dates), night_min) if 0 <= piece[0] < last_min
    ]
    there = _pieces_of_days(_there(osm, dates), night_min)
    if here == there:
        return None
    found = next(pair for pair in zip_longest(here, there) if pair[0] != pair[1])
    number = min(piece[0] for piece in found if piece) // DAY_MIN
    return Difference(first + timedelta(days=number), _of_day(here, number), _of_day(there, number))


Piece = tuple[int, int]  # start and end in minutes since the first date; a plain pair, because there are many


def _here(hours: OpeningHours, types: DayTypes | None, dates: Range) -> Iterator[Piece]:
    """Open by the domain's rules, with the day before for what runs over from it."""
    first, end = dates
    seen: dict[object, Windows] = {}  # dates alike in all that a rule can ask for are open alike
    for offset in range(-1, (end - first).days):
        day = first + timedelta(days=offset)
        names = kind_on(types, day).names if types else None
        sort = (id(opening.period_on(hours, day)), date_marks(day), names)
        if sort not in seen:
            seen[sort] = opening.spans_on(hours, day, types)
        for window in seen[sort]:
            yield offset * DAY_MIN + window.start_min, offset * DAY_MIN + window.end_min


def _there(osm: Osm, dates: Range) -> Iterator[Piece]:
    start, end = (datetime.combine(day, time()) for day in dates)
    for begins, ends, state, _ in osm.intervals(start, end):
        if state == State.OPEN:
            yield _minutes(begins - start), _minutes(ends - start)


def _minutes(passed: timedelta) -> int:
    return passed.days * DAY_MIN + passed.seconds // 60


def _pieces_of_days(pieces: Iterable[Piece], night_min: int) -> list[Piece]:
    """Cut at midnight, leave out the night after it, and join what touches within a day."""
    cut: list[Piece] = []
    for begins, end in sorted(pieces):
        start = begins
        while start < end:
            midnight = start // DAY_MIN * DAY_MIN
            stop = min(end, midnight + DAY_MIN)
            morning = max(start, midnight + night_min)
            if cut and midnight <= cut[-1][0] and morning <= cut[-1][1]:
                cut[-1] = (cut[-1][0], max(cut[-1][1], stop))
            elif morning < stop:
                cut.append((morning, stop))
            start = stop
    return cut


def _of_day(pieces: list[Piece], number: int) -> Windows:
    midnight = number * DAY_MIN
    return tuple(
        Window(start - midnight, end - midnight)
        for start, end in pieces
        if midnight <= start < midnight + DAY_MIN
    )


# ---- Writing


def write_osm(hours: OpeningHours) -> str:
    """Show hours in OpenStreetMap syntax, in the library's normal form; the names of periods are lost.

    Raise `UnsupportedHours` for what the syntax has no word for: day types other than "holiday" and
    "school_break", and hours on these that differ by weekday.
    """
    _refuse_unnamed(hours)
    texts = [str(Osm(_text(hours, separator)).normalize()) for separator in ("; ", ", ")]
    # A comma lets a night run into a day that has another rule, for readers that cut it after a semicolon.
    for night_min in sorted({0, _night_min(hours)}):
        for text in texts:
            if _difference(hours, text, None, night_min) is None:
                return text
    raise UnsupportedHours(
        "these hours cannot be shown exactly in OpenStreetMap syntax; show them as a table"
    )


def _refuse_unnamed(hours: OpeningHours) -> None:
    for period in hours.periods:
        for rule in period.rules:
            for name in rule.day_types:
                if name not in HOLIDAY | SCHOOL_BREAK:
                    raise UnsupportedHours(
                        f"OpenStreetMap syntax has no word for the day type {name!r}; show these hours as a table"
                    )


def _text(hours: OpeningHours, separator: str) -> str:
    """Write the longest period first, because in this syntax the later rule decides."""
    text = ""
    for period in sorted(hours.periods, key=lambda one: -one.days):
        for part, joins in _period_texts(period, is_first=not text):
            text += ((separator if joins else "; ") if text else "") + part
    return text or "off"


def _period_texts(period: Period, *, is_first: bool) -> Iterator[tuple[str, bool]]:
    """Give each rule's text, and whether it may be joined to the one before: both for different weekdays."""
    dates = _range_text(period)
    rules = _plainest(period)
    if period.first and period.first == period.last and not any(rule.day_types for rule in rules):
        windows = opening.spans_on(OpeningHours((period,)), period.first, None)
        yield f"{dates} {_spans_text(windows)}", False
        return
    if not is_first and not _says_every_day(rules):
        yield f"{dates or '24/7'} off", False
    for number, rule in enumerate(rules):
        is_plain = not (rule.nth or rule.weeks or rule.day_types)
        yield " ".join(filter(None, (dates, *_rule_words(rule)))), is_plain and number > 0


def _range_text(period: Period) -> str:
    if period.first is None and period.last is None:
        return ""
    first, last = (
        _date_text(day) if day else f"{ever} {edge}"
        for day, ever, edge in zip((period.first, period.last), EVER, ("Jan 1", "Dec 31"), strict=True)
    )
    return first if first == last else f"{first}-{last}"


def _date_text(day: date) -> str:
    return f"{day.year} {MONTHS[day.month - 1]} {day.day}"


def _plainest(period: Period) -> tuple[DayRule, ...]:
    """Rewrite the rules of a period so that no two are united on one date."""
    alone = OpeningHours((replace(period, first=None, last=None),))

    def hours_on(day: date, names: Names) -> Windows:
        kind: Literal["holiday", "workday"] = "holiday" if "holiday" in names else "workday"
        school = False if "school_break" in names else None
        types = DayTypes(UUID(int=0), 0, "", {day: DayKind(kind, school=school)})
        return opening.spans_on(alone, day, types)

    return day_rules(hours_on, frozenset(name for rule in period.rules for name in rule.day_types))


def _says_every_day(rules: tuple[DayRule, ...]) -> bool:
    plain = [rule for rule in rules if not (rule.nth or rule.weeks or rule.day_types)]
    return sum(len(rule.weekdays) for rule in plain) == len(EVERY_DAY)


def _rule_words(rule: DayRule) -> Iterator[str]:
    if rule.weeks:
        yield "week 1-53/2" if rule.weeks == "odd" else "week 2-52/2"
    if rule.day_types:
        yield _holiday_word(rule)
    else:
        yield _weekdays_text(rule)
    yield _spans_text(Window(one.start_min, one.end_min) for one in rule.spans)


def _holiday_word(rule: DayRule) -> str:
    if rule.weekdays != EVERY_DAY or rule.weeks or rule.nth:
        raise UnsupportedHours(
            "OpenStreetMap syntax has the same hours for all public holidays (PH) and for all school holidays "
            "(SH), and these differ by weekday; show them as a table"
        )
    return "PH" if rule.day_types == ("holiday",) else "SH"


def _weekdays_text(rule: DayRule) -> str:
    if rule.nth:
        nths = ",".join(str(nth) for nth in rule.nth)
        return ",".join(f"{DAYS[day - 1]}[{nths}]" for day in rule.weekdays)
    return ",".join(_run_text(run) for run in _runs(rule.weekdays))


def _runs(weekdays: tuple[int, ...]) -> list[list[int]]:
    runs: list[list[int]] = []
    for day in sorted(weekdays):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _run_text(run: list[int]) -> str:
    first, last = DAYS[run[0] - 1], DAYS[run[-1] - 1]
    return first if len(run) == 1 else f"{first}-{last}"


def _spans_text(windows: Iterable[Window]) -> str:
    return ",".join(f"{clock(one.start_min)}-{_end_text(one)}" for one in windows) or "off"


def _end_text(window: Window) -> str:
    """Write an end past midnight as the clock shows it, unless the span is longer than a day."""
    if DAY_MIN < window.end_min <= window.start_min + DAY_MIN:
        return clock(window.end_min - DAY_MIN)
    return clock(window.end_min)


# ---- Judging


def implausible(hours: OpeningHours | str) -> tuple[str, ...]:
    """List what is possible but rarely meant: opening or closing at midnight, and over 16 hours on end."""
    known = read_osm(hours) if isinstance(hours, str) else hours
    found = ((rule, one, " and ".join(_oddities(one))) for rule, one in _rule_spans(known))
    sentences = [
        f"{_weekdays_text(rule)} {_spans_text([Window(one.start_min, one.end_min)])} {odd}; check the times"
        for rule, one, odd in found
        if odd
    ]
    return tuple(dict.fromkeys(sentences))


def _oddities(one: Span) -> Iterator[str]:
    if one.start_min == 0:
        yield "opens at midnight"
    if one.end_min % DAY_MIN == 0:
        yield "closes at midnight"
    if one.end_min - one.start_min > LONG_MIN:
        yield f"is open for {(one.end_min - one.start_min) / 60:g} hours"
