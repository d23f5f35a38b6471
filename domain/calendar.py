"""ISO weeks, wall-clock time in IANA zones, and the range of dates that are accepted.

The only module that imports pendulum; what it returns are plain `date` and `datetime` with a `ZoneInfo`.

Two rules keep a date at the end of the calendar from stopping anybody. What is taken in lies from 1990 to 2200: each
decision asks `bounded_day` or `bounded_week`, each question about a week or a day does too. What is computed never
leaves the years 1 to 9999: it ends at their first or last day, so that an old record with such a date can be read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

import pendulum
from pendulum.tz.exceptions import AmbiguousTime, NonExistingTime

from domain.messages import message
from domain.windows import DAY_MIN, WEEK_MIN, Window, Windows, intersection

Week: TypeAlias = Annotated[str, "an ISO week, such as 2026-W49"]
FIRST_YEAR, LAST_YEAR = 1990, 2200
FIRST_DAY, LAST_DAY = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
FIRST_WEEK, LAST_WEEK = "1990-W01", "2200-W52"
MOST_YEARS_PLANNED = 2  # that a plan or a release lies ahead
MOST_YEARS_ORDERED = 10  # that a course lies ahead when it is ordered
_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")


class NotAWeek(ValueError):
    """A text that names no ISO week."""


class OutOfCalendar(ValueError):
    """A date or a week that nobody plans for: before 1990, after 2200, or too far ahead of today."""


class NotAZone(ValueError):
    """A text that names no time zone of the IANA list."""


class NaiveInstant(ValueError):
    """A point in time that does not say its offset from UTC."""


_LAST_OF_ALL = "9999-W52"


def check_week(week: str) -> str:
    """Return the week as it is, such as "2026-W49"; refuse what the ISO calendar does not have."""
    monday(week)
    return week


def week_of(day: date) -> str:
    """Return the ISO week of a date: 2027-01-01 is in "2026-W53"."""
    year, number, _ = day.isocalendar()
    return f"{year:04}-W{number:02}"


def monday(week: str) -> date:
    """Return the date on which a week begins."""
    return date_of(week, 1)


@lru_cache(maxsize=4096)
def date_of(week: str, iso_day: int) -> date:
    """Return the date of an ISO weekday (1 = Monday to 7 = Sunday) of a week. Raises NotAWeek."""
    match = _WEEK.fullmatch(week)
    if match is None:
        raise NotAWeek(message("{week!r} is not an ISO week; write year and week as in 2026-W49", week=week))
    year, number = int(match[1]), int(match[2])
    try:
        return date.fromisocalendar(year, number, iso_day)
    except ValueError as error:
        if not 1 <= iso_day <= 7:
            raise NotAWeek(
                message(
                    "{iso_day} is not a day of {week}; days run from 1 (Monday) to 7",
                    iso_day=iso_day,
                    week=week,
                )
            ) from error
        if week == _LAST_OF_ALL:
            return date.max  # its weekend has no date any more
        raise NotAWeek(message("{week} does not exist; {extent}", week=week, extent=_extent(year))) from error


def _extent(year: int) -> str:
    if year == 0:
        return message("years run from 0001 to 9999")
    last = date(year, 12, 28).isocalendar().week  # 28 December is always in the last week of its year
    return message("{year:04} has the weeks W01 to W{last}", year=year, last=last)


def shift_week(week: str, by: int) -> str:
    """Return the week that is `by` weeks later (earlier when negative), the first or last of all where it has none."""
    return week_of(add_days(monday(week), 7 * by))


def add_days(day: date, days: int) -> date:
    """Return the date so many days later (earlier when negative), the first or last of all where there is none."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


# ---- How far dates may lie


def bounded_day(day: date) -> date:
    """Return the date as it is; refuse one that nobody plans for. Raises OutOfCalendar."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise OutOfCalendar(message("{day} is too far away; {bounds}", day=day, bounds=_BOUNDS))
    return day


def bounded_week(week: str) -> str:
    """Return the week as it is; refuse one that does not exist, or that nobody plans for.

    Raises NotAWeek, OutOfCalendar.
    """
    if not FIRST_WEEK <= check_week(week) <= LAST_WEEK:
        raise OutOfCalendar(message("{week} is too far away; {bounds}", week=week, bounds=_BOUNDS))
    return week


_BOUNDS = message(
    "dates and weeks run from {first_year} to {last_year}, so check the year",
    first_year=FIRST_YEAR,
    last_year=LAST_YEAR,
)


def bounded_instant(moment: datetime) -> datetime:
    """Return the instant as it is; refuse one of a day that nobody plans for."""
    bounded_day(moment.date())
    return moment


def near_week(week: str, today: date, years: int, what: str) -> str:
    """Return the week as it is; refuse one that begins more than so many years after today.

    Raises NotAWeek, OutOfCalendar.
    """
    if monday(bounded_week(week)) > _years_later(today, years):
        raise OutOfCalendar(
            message(
                "{week} is too far away; {what} at most {years} years ahead, so check the year",
                week=week,
                what=what,
                years=years,
            )
        )
    return week


def _years_later(day: date, years: int) -> date:
    if day.year + years > date.max.year:
        return date.max
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap_day else day.day)


def weeks_between(first: str, last: str) -> int:
    """Count the weeks from `first` to `last`: 0 for one week, negative when `last` is earlier."""
    return (monday(last) - monday(first)).days // 7


def in_week(week: str, day: date) -> bool:
    """Tell whether a date is in a week."""
    return week_of(day) == check_week(week)


def check_zone(name: str) -> str:
    """Return the name of a time zone as it is, such as "Asia/Shanghai"; refuse what IANA does not list.

    Raises NotAZone.
    """
    if name not in pendulum.timezones():
        raise NotAZone(
            message("{name!r} is not a time zone; write an IANA name such as Asia/Shanghai", name=name)
        )
    return name


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(check_zone(name))


def instant(day: date, minute: int, zone: str) -> datetime:
    """Return the instant of a wall-clock minute after midnight of `day` (1,440 and more: a later day).

    A time that the clocks skip becomes the first instant after the gap; of a repeated time it is the first.
    Compare and subtract in UTC: Python subtracts two results of one zone as wall-clock times, and finds a
    repeated time unequal to every other zone's. Raises NotAZone.
    """
    days, rest = divmod(minute, DAY_MIN)
    # Two days from the end of all time no zone's offset leads out of it.
    local_day = min(max(add_days(day, days), _FIRST_INSTANT_ON), _LAST_INSTANT_ON)
    naive = datetime.combine(local_day, time(rest // 60, rest % 60))
    local = _zone(zone)
    if _is_skipped(naive, zone):
        return _after_gap(naive, local)
    return naive.replace(tzinfo=local)


_FIRST_INSTANT_ON, _LAST_INSTANT_ON = date(1, 1, 3), date(9999, 12, 29)


def _is_skipped(naive: datetime, zone: str) -> bool:
    try:
        pendulum.timezone(zone).convert(naive, raise_on_unknown_times=True)
    except NonExistingTime:
        return True
    except AmbiguousTime:
        return False
    return False


def _after_gap(naive: datetime, local: ZoneInfo) -> datetime:
    """Find the first instant with the offset of after the gap; it lies between the two readings."""
    early, late = sorted(naive.replace(tzinfo=local, fold=fold).astimezone(UTC) for fold in (0, 1))
    offset = late.astimezone(local).utcoffset()
    seconds = range(int((late - early).total_seconds()))
    step = bisect_left(
        seconds, True, key=lambda s: (early + timedelta(seconds=s)).astimezone(local).utcoffset() == offset
    )
    return (early + timedelta(seconds=step)).astimezone(local)


def wall(moment: datetime, zone: str) -> tuple[date, int]:
    """Return the local date of an instant and its minute after midnight, 0 to 1,439; seconds are dropped.

    Raises NaiveInstant for one without an offset, NotAZone.
    """
    if moment.utcoffset() is None:
        raise NaiveInstant(
            message(
                "{moment} does not say its time zone; give an offset such as +08:00",
                moment=moment.isoformat(),
            )
        )
    local = moment.astimezone(_zone(zone))
    return local.date(), local.hour * 60 + local.minute


Turns = tuple[tuple[datetime, timedelta], ...]  # (first instant in UTC, offset from UTC then on)


@lru_cache(maxsize=1024)
def _turns(week: str, zone: str) -> Turns:
    """The offset with which a week begins, and each change of it up to the week's end, a day on either side."""
    local = _zone(zone)
    try:
        begin = datetime.combine(monday(week), time(), UTC) - timedelta(hours=26)
        hours = [begin + timedelta(hours=hour) for hour in range(7 * 24 + 2 * 26 + 1)]
        offsets = [_offset(moment, local) for moment in hours]
    except OverflowError:  # the first and the last days that a date can have
        return ()
    turns = [(hours[0], offsets[0])]
    for (early, before), (late, after) in pairwise(zip(hours, offsets, strict=True)):
        if before != after:
            turns.append((_turn(early, late, local), after))
    return tuple(turns)


def _turn(early: datetime, late: datetime, local: ZoneInfo) -> datetime:
    """The first instant, to the second, that has the offset of the later of two."""
    after = _offset(late, local)
    seconds = range(int((late - early).total_seconds()))
    step = bisect_left(seconds, True, key=lambda s: _offset(early + timedelta(seconds=s), local) == after)
    return early + timedelta(seconds=step)


def _offset(moment: datetime, local: ZoneInfo) -> timedelta:
    return moment.astimezone(local).utcoffset() or timedelta()


@lru_cache(maxsize=1024)
def skipped(week: str, zone: str) -> Windows:
    """The wall-clock minutes of a week that never come, because the clocks are put forward over them.

    Whole days are among them where a place crosses the date line. A minute that comes in part counts as skipped.
    """
    return _within_week(Window(was, then) for was, then in _changes(week, zone) if was < then)


@lru_cache(maxsize=1024)
def uneven(week: str, zone: str) -> Windows:
    """The wall-clock minutes of a week that nothing may touch which is to last as long as the clocks say.

    They are those that never come, and the last minute before the clocks are put back: what begins before its end,
    and ends no earlier, lasts as much longer as is then repeated. Of a repeated minute the first one counts, as in
    `instant`, so that what lies within a repeated hour and ends before it does is as long as it says.
    """
    repeated = (Window(was - 1, was) for was, then in _changes(week, zone) if then < was)
    return _within_week((*skipped(week, zone), *repeated))


def _changes(week: str, zone: str) -> Iterator[tuple[int, int]]:
    """What the clocks show when they are changed and what they show then, in minutes since Monday 00:00, outwards."""
    first = datetime.combine(monday(week), time(), UTC)
    for (_, before), (moment, after) in pairwise(_turns(week, zone)):
        was, then = ((moment + offset - first).total_seconds() / 60 for offset in (before, after))
        yield (floor(was), ceil(then)) if was < then else (ceil(was), floor(then))


def _within_week(windows: Iterable[Window]) -> Windows:
    return intersection(windows, [Window(0, WEEK_MIN)])


def same_clock(week: str, zone: str, other_zone: str) -> bool:
    """Whether the clocks of two zones show the same time throughout a week and the nights around it."""
    return zone == other_zone or _turns(week, zone) == _turns(week, other_zone)
