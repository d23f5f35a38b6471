"""Writer of OpenStreetMap hours: only what reads back as the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from adapters.opening_hours.day_rules import alike_weeks, day_rules
from adapters.opening_hours.hours_comparison import open_alike
from adapters.opening_hours.osm_reader import read_osm
from adapters.opening_hours.osm_syntax import (
    DAYS,
    EVER,
    EVERY_DAY,
    HOLIDAY,
    MONTHS,
    SCHOOL_BREAK,
    WEEKS,
    Names,
    UnsupportedHours,
    spans_text,
)
from domain import opening
from domain.day_types import DayKind
from domain.messages import message
from domain.opening import DateMarks, DayRule, OpeningHours, Period, Season
from domain.windows import DAY_MIN, Window, Windows, normal


def write_osm(hours: OpeningHours) -> str:
    """The hours in OpenStreetMap syntax, the deciding period last; the names of periods are lost.

    Raise `UnsupportedHours` for what the syntax has no word for: day types other than "holiday" and
    "school_break", and hours on these that differ by weekday.
    """
    _refuse_unnamed(hours)
    # A comma lets a night run into a day that has another rule, for readers that cut it after a semicolon.
    for separator in (", ", "; ") if _has_night(hours) else ("; ",):
        text = _text(hours, separator)
        if open_alike(read_osm(text), hours):
            return text
    raise UnsupportedHours(
        message("these hours cannot be shown exactly in OpenStreetMap syntax; show them as a table")
    )


def _has_night(hours: OpeningHours) -> bool:
    return any(
        span.end_min > DAY_MIN for period in hours.periods for rule in period.rules for span in rule.spans
    )


def _refuse_unnamed(hours: OpeningHours) -> None:
    for period in hours.periods:
        for rule in period.rules:
            for name in rule.day_types:
                if name not in HOLIDAY | SCHOOL_BREAK:
                    raise UnsupportedHours(
                        message(
                            "OpenStreetMap syntax has no word for the day type {name!r}; show these hours as a table",
                            name=name,
                        )
                    )


def _text(hours: OpeningHours, separator: str) -> str:
    """Write the longest period first, because in this syntax the later rule decides."""
    text = ""
    for period in sorted(hours.periods, key=lambda period: -period.days):
        for part, joins in _period_texts(period, is_first=not text):
            text += ((separator if joins else "; ") if text else "") + part
    return text or "off"


def _period_texts(period: Period, *, is_first: bool) -> Iterator[tuple[str, bool]]:
    """Give each rule's text, and whether it may be joined to the one before: both for different weekdays."""
    dates = _range_text(period)
    rules = _plainest(period)
    if period.first and period.first == period.last and not any(rule.day_types for rule in rules):
        windows = opening.spans_on(OpeningHours((period,)), period.first, None)
        yield f"{dates} {spans_text(windows)}", False
        return
    if not is_first and not _says_every_day(rules):
        yield f"{dates or '24/7'} off", False
    for number, rule in enumerate(rules):
        yield " ".join(filter(None, (dates, *_rule_words(rule)))), _is_plain(rule) and number > 0


def _is_plain(rule: DayRule) -> bool:
    return not (rule.nth or rule.weeks or rule.week_numbers or rule.day_types)


def _range_text(period: Period) -> str:
    if period.season:
        return _season_text(period, period.season)
    if period.first is None and period.last is None:
        return ""
    first, last = (
        _date_text(day) if day else f"{ever} {edge}"
        for day, ever, edge in zip((period.first, period.last), EVER, ("Jan 1", "Dec 31"), strict=True)
    )
    return first if first == last else f"{first}-{last}"


def _season_text(period: Period, season: Season) -> str:
    if period.first or period.last:
        raise UnsupportedHours(
            message(
                "OpenStreetMap syntax has no word for a season of every year that begins or ends in a "
                "certain one; show these hours as a table"
            )
        )
    first, last = (f"{MONTHS[month - 1]} {day}" for month, day in (season.first, season.last))
    return first if first == last else f"{first}-{last}"


def _date_text(day: date) -> str:
    return f"{day.year} {MONTHS[day.month - 1]} {day.day}"


def _plainest(period: Period) -> tuple[DayRule, ...]:
    """The rules of a period, rewritten so that on each date one rule alone decides."""

    def hours_on(marks: DateMarks, names: Names) -> Windows:
        kind = DayKind(
            "holiday" if "holiday" in names else "workday", school=False if "school_break" in names else None
        )
        held = (
            rule for rule in period.rules if opening.is_dated(rule, marks) and opening.is_typed(rule, kind)
        )
        return normal(
            Window(span.start_min, span.end_min)
            for rule in opening.most_particular(held, kind)
            for span in rule.spans
        )

    special = frozenset(name for rule in period.rules for name in rule.day_types)
    alike = alike_weeks(_weeks(rule) for rule in period.rules)
    return day_rules(hours_on, special, alike, counts=any(rule.nth for rule in period.rules))


def _weeks(rule: DayRule) -> frozenset[int]:
    """The ISO weeks in which a rule holds."""
    weeks = frozenset(rule.week_numbers or WEEKS)
    return weeks if rule.weeks is None else weeks & frozenset(WEEKS[0 if rule.weeks == "odd" else 1 :: 2])


def _says_every_day(rules: tuple[DayRule, ...]) -> bool:
    plain = [rule for rule in rules if _is_plain(rule)]
    return sum(len(rule.weekdays) for rule in plain) == len(EVERY_DAY)


def _rule_words(rule: DayRule) -> Iterator[str]:
    if rule.weeks:
        yield "week 1-53/2" if rule.weeks == "odd" else "week 2-52/2"
    if rule.week_numbers:
        yield f"week {','.join(f'{run[0]}-{run[-1]}' if run[1:] else str(run[0]) for run in _runs(rule.week_numbers))}"
    if rule.day_types:
        yield _holiday_word(rule)
    else:
        yield weekdays_text(rule)
    yield spans_text(Window(span.start_min, span.end_min) for span in rule.spans)


def _holiday_word(rule: DayRule) -> str:
    if rule.weekdays != EVERY_DAY or rule.weeks or rule.week_numbers or rule.nth:
        raise UnsupportedHours(
            message(
                "OpenStreetMap syntax has the same hours for all public holidays (PH) and for all school "
                "holidays (SH), and these differ by weekday; show them as a table"
            )
        )
    return "PH" if rule.day_types == ("holiday",) else "SH"


def weekdays_text(rule: DayRule) -> str:
    if rule.nth:
        nths = ",".join(str(nth) for nth in rule.nth)
        return ",".join(f"{DAYS[day - 1]}[{nths}]" for day in rule.weekdays)
    return ",".join(_run_text(run) for run in _runs(rule.weekdays))


def _runs(numbers: tuple[int, ...]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _run_text(run: list[int]) -> str:
    first, last = DAYS[run[0] - 1], DAYS[run[-1] - 1]
    return first if len(run) == 1 else f"{first}-{last}"
