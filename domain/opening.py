"""Opening hours: on each date the shortest period that contains it decides, and in it the most particular rule.

Two orders of precedence, both total:

* Of the periods that contain a date the shortest alone decides; one that recurs every year is as long as its
  season, another without a first or last date is infinitely long, and of equally long ones the later in the list
  decides.
* In that period, of the rules that match the date the most particular decide. A rule for a day type goes
  before one for the nth weekday of the month, that before one for certain weeks, that before the rest;
  among day types a holiday or make-up work day goes before a school day or break, that before a plain work
  day or weekend. Equally particular rules are united. So "closed on holidays" is one rule without spans.

A date that no period contains, or that no rule of its period matches, is closed. A span that runs past
midnight belongs to the date on which it starts, whatever rules the next date. All times are wall-clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from domain.calendar import add_days, bounded_day, monday
from domain.day_types import DayKind, DayTypes, kind_on
from domain.events import Refused
from domain.messages import message
from domain.text import OptionalName
from domain.windows import (
    DAY_MIN,
    WEEK_MIN,
    NotATime,
    Window,
    Windows,
    clock_min,
    intersection,
    minutes,
    normal,
)

DAY_TYPE_RANKS = {
    "workday": 1,
    "weekend": 1,
    "school_day": 2,
    "school_break": 2,
    "holiday": 3,
    "makeup_workday": 3,
}
NTHS = (1, 2, 3, 4, 5, -1)
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class BadOpening(Refused, ValueError):
    """An opening rule that cannot be kept; each subclass names why."""


class BadSpan(BadOpening):
    """Opening minutes that do not lie within a day and the one after it."""


class BadWeekday(BadOpening):
    """A rule for no weekday, for one twice, or for one that does not exist."""


class BadNth(BadOpening):
    """An nth weekday of the month that no month has."""


class BadWeeks(BadOpening):
    """Weeks that are neither odd nor even, or a number that no week has."""


class BadSeason(BadOpening):
    """A season that begins or ends on a date that no year has."""


class UnknownDayType(BadOpening):
    """A day type that no calendar of day types gives."""


class EndsBeforeStart(BadOpening):
    """A period whose last date lies before its first."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from `start_min` up to, not including, `end_min`, in minutes after midnight of the rule's date.

    An end after 1,440 runs past midnight into the next date; the latest is 2,880.
    """

    start_min: int
    end_min: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_min < DAY_MIN:
            raise BadSpan(
                message(
                    "opening starts from minute 0 to 1,439 after midnight, not at {start_min}",
                    start_min=self.start_min,
                )
            )
        if not self.start_min < self.end_min <= 2 * DAY_MIN:
            raise BadSpan(
                message(
                    "opening from minute {start_min} must end later than that and by minute 2,880, the end of "
                    "the next day, not at {end_min}",
                    start_min=self.start_min,
                    end_min=self.end_min,
                )
            )


@dataclass(frozen=True, slots=True)
class DayRule:
    """Open at these spans on these dates; no span at all: closed on them.

    `weekdays` are ISO weekdays, 1 = Monday. `weeks` keeps to odd or even ISO weeks, None: all. `nth` keeps to
    those weekdays of the month, 1 to 5 and -1 for the last, (): all. `day_types` keeps to dates with at least
    one of these types (the keys of `DAY_TYPE_RANKS`), (): all.
    """

    weekdays: tuple[int, ...]
    spans: tuple[Span, ...]
    weeks: Literal["odd", "even"] | None = None
    nth: tuple[int, ...] = ()
    day_types: tuple[str, ...] = ()
    week_numbers: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _check_weekdays(self.weekdays)
        if self.weeks not in (None, "odd", "even"):
            raise BadWeeks(
                message("a rule is for odd or even weeks or for all, not for {weeks!r}", weeks=self.weeks)
            )
        for week in self.week_numbers:
            if not 1 <= week <= 53:
                raise BadWeeks(
                    message("the weeks of a year have the numbers 1 to 53, not {week!r}", week=week)
                )
        for nth in self.nth:
            if nth not in NTHS:
                raise BadNth(
                    message(
                        "a month has a 1st to 5th and a last (-1) of each weekday, not a {nth!r}", nth=nth
                    )
                )
        for name in self.day_types:
            if name not in DAY_TYPE_RANKS:
                raise UnknownDayType(
                    message(
                        "{name!r} is no day type; known are {day_types}",
                        name=name,
                        day_types=sorted(DAY_TYPE_RANKS),
                    )
                )


def _check_weekdays(weekdays: tuple[int, ...]) -> None:
    if not weekdays:
        raise BadWeekday(message("a rule needs at least one weekday; list all seven for every day"))
    for day in weekdays:
        if not 1 <= day <= 7:
            raise BadWeekday(message("weekdays run from 1 (Monday) to 7, not {day}", day=day))
    if len(set(weekdays)) < len(weekdays):
        raise BadWeekday(message("a rule names a weekday twice: {weekdays}; keep it once", weekdays=weekdays))


@dataclass(frozen=True, slots=True, order=True)
class Season:
    """Dates that recur every year, both ends inclusive; an end before the start lies in the next year.

    29 February may begin or end it: in a year without one, 1 March begins and 28 February ends it.
    """

    first_month: int
    first_day: int
    last_month: int
    last_day: int

    def __post_init__(self) -> None:
        for month, day in (self.first, self.last):
            if not 1 <= month <= 12 or not 1 <= day <= LONGEST_MONTHS[month - 1]:
                raise BadSeason(
                    message(
                        "no year has a day {day} in month {month}; a season has months 1 to 12 and their days",
                        day=day,
                        month=month,
                    )
                )

    @property
    def first(self) -> tuple[int, int]:
        """The month and the day on which it begins."""
        return self.first_month, self.first_day

    @property
    def last(self) -> tuple[int, int]:
        """The month and the day on which it ends."""
        return self.last_month, self.last_day

    def contains(self, day: date) -> bool:
        month_day = day.month, day.day
        if self.first <= self.last:
            return self.first <= month_day <= self.last
        return month_day >= self.first or month_day <= self.last

    @property
    def days(self) -> int:
        """The length in days, in a leap year."""
        first, last = (date(2024, *month_day).timetuple().tm_yday for month_day in (self.first, self.last))
        return last - first + (1 if self.first <= self.last else 367)


@dataclass(frozen=True, slots=True)
class Period:
    """The rules from `first` to `last`, both inclusive; None: without beginning or end.

    With a `season` they hold in that part of each of these years only.
    """

    name: OptionalName
    first: date | None
    last: date | None
    rules: tuple[DayRule, ...]
    season: Season | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.last is not None and self.last < self.first:
            raise EndsBeforeStart(
                message(
                    "{name} ends on {last}, before {first}",
                    name=self.name or message("a period"),
                    last=self.last,
                    first=self.first,
                )
            )

    def contains(self, day: date) -> bool:
        return (
            (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
            and (self.season is None or self.season.contains(day))
        )

    @property
    def days(self) -> float:
        """The length in days, infinite for a period without beginning or end that does not recur."""
        if self.season is not None:
            return min(self.season.days, self._dated_days)
        return self._dated_days

    @property
    def _dated_days(self) -> float:
        if self.first is None or self.last is None:
            return float("inf")
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """All periods of a place; none: never open."""

    periods: tuple[Period, ...] = ()


def check_dates(hours: OpeningHours) -> OpeningHours:
    """Return the hours as they are; refuse a season that begins or ends when nobody plans."""
    for period in hours.periods:
        for day in filter(None, (period.first, period.last)):
            bounded_day(day)
    return hours


def weekly(*rows: tuple[tuple[int, ...], str, str], name: str = "") -> OpeningHours:
    """Build hours without seasons from rows of ISO weekdays, start and end.

    >>> weekly(((1, 2), "09:00", "17:00")).periods[0].rules[0].spans
    (Span(start_min=540, end_min=1020),)
    """
    rules = tuple(DayRule(weekdays, (span(start, end),)) for weekdays, start, end in rows)
    return OpeningHours((Period(name, None, None, rules),))


def span(start: str, end: str) -> Span:
    """Read two clock times; an end that is not after the start lies on the next day. Raises BadSpan."""
    try:
        first, last = clock_min(start), clock_min(end)
    except NotATime as error:
        raise BadSpan(str(error)) from error
    return Span(first, last if last > first else last + DAY_MIN)


def period_on(hours: OpeningHours, day: date) -> Period | None:
    """Return the period that rules a date, or None where there is none."""
    ruling = None
    for period in hours.periods:
        if period.contains(day) and (ruling is None or period.days <= ruling.days):
            ruling = period
    return ruling


def rules_on(hours: OpeningHours, day: date, types: DayTypes | None) -> tuple[DayRule, ...]:
    """Return the equally particular rules that decide a date, () where none does."""
    period = period_on(hours, day)
    if period is None:
        return ()
    kind = kind_on(types, day)
    return most_particular((rule for rule in period.rules if _matches(rule, day, kind)), kind)


def _matches(rule: DayRule, day: date, kind: DayKind) -> bool:
    return is_dated(rule, date_marks(day)) and is_typed(rule, kind)


def is_dated(rule: DayRule, marks: DateMarks) -> bool:
    """Whether a rule holds on such a date, without regard to its day types."""
    if marks.weekday not in rule.weekdays or rule.weeks not in (None, marks.parity):
        return False
    if rule.week_numbers and marks.week not in rule.week_numbers:
        return False
    return not rule.nth or any(nth in marks.nth for nth in rule.nth)


def is_typed(rule: DayRule, kind: DayKind) -> bool:
    """Whether a rule holds on a date of such a kind."""
    return not rule.day_types or not kind.names.isdisjoint(rule.day_types)


class DateMarks(NamedTuple):
    """What a rule can ask of a date: ISO weekday, ISO week, and which of its weekday in the month it is."""

    weekday: int
    week: int
    nth: tuple[int, ...]

    @property
    def parity(self) -> Literal["odd", "even"]:
        return "odd" if self.week % 2 else "even"


@lru_cache(maxsize=4096)
def date_marks(day: date) -> DateMarks:
    """Return the marks of a date; the last of its weekday in the month is also -1."""
    _, week, weekday = day.isocalendar()
    is_last = add_days(day, 7).month != day.month
    nth = (day.day - 1) // 7 + 1
    return DateMarks(weekday, week, (nth, -1) if is_last else (nth,))


def most_particular(rules: Iterable[DayRule], kind: DayKind) -> tuple[DayRule, ...]:
    """Return those of the matching rules that decide: the equally particular ones of the highest rank."""
    ranked = [(_rank(rule, kind), rule) for rule in rules]
    highest = max((rank for rank, _ in ranked), default=None)
    return tuple(rule for rank, rule in ranked if rank == highest)


def _rank(rule: DayRule, kind: DayKind) -> tuple[int, bool, bool]:
    day_type = max((DAY_TYPE_RANKS[name] for name in kind.names & set(rule.day_types)), default=0)
    return day_type, bool(rule.nth), rule.weeks is not None or bool(rule.week_numbers)


def can_open(hours: OpeningHours, day: date) -> bool:
    """Whether a date can be open, whatever kind of day it is."""
    period = period_on(hours, day)
    return period is not None and any(rule.spans and is_dated(rule, date_marks(day)) for rule in period.rules)


def spans_on(hours: OpeningHours, day: date, types: DayTypes | None) -> Windows:
    """Return what opens on a date, in minutes after its midnight; beyond 1,440 lies the next date."""
    return normal(
        Window(span.start_min, span.end_min) for rule in rules_on(hours, day, types) for span in rule.spans
    )


def open_windows(hours: OpeningHours, week: str, types: DayTypes | None) -> Windows:
    """Return when the place is open in an ISO week, in minutes since Monday 00:00, touching windows joined.

    What runs over from the Sunday before is in it; what runs over the end of Sunday belongs to the next week.
    """
    return intersection(_from_sunday_before(hours, week, types), (Window(0, WEEK_MIN),))


def _from_sunday_before(hours: OpeningHours, week: str, types: DayTypes | None) -> Iterator[Window]:
    first = monday(week)
    for offset in range(-1, 7):
        for window in spans_on(hours, add_days(first, offset), types):
            yield window.shifted(offset * DAY_MIN)


def open_minutes(hours: OpeningHours, week: str, types: DayTypes | None) -> int:
    """Count the wall-clock minutes that the place is open in an ISO week."""
    return minutes(open_windows(hours, week, types))


def days_in_doubt(hours: OpeningHours, week: str, types: DayTypes | None) -> tuple[date, ...]:
    """List the dates of a week whose hours turn on a day type that no official table gives.

    They are planned as their weekday says; whoever publishes the week ought to be told.
    """
    first = monday(week)
    days = (add_days(first, offset) for offset in range(7))
    return tuple(day for day in days if _is_in_doubt(hours, day, types))


def _is_in_doubt(hours: OpeningHours, day: date, types: DayTypes | None) -> bool:
    period = period_on(hours, day)
    if period is None:
        return False
    kind = kind_on(types, day)
    rule_types = {name for rule in period.rules if is_dated(rule, date_marks(day)) for name in rule.day_types}
    about_school = {name for name in rule_types if DAY_TYPE_RANKS[name] == 2}
    return (bool(about_school) and kind.school_status != "official") or (
        bool(rule_types - about_school) and kind.status != "official"
    )
