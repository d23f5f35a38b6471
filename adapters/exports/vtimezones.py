"""Time zone components of calendars (VTIMEZONE): the years they are about, with each change of the clocks.

The calendar library can make this component too, but writes the start of summer time as the clocks show it after the
change, where RFC 5545 (3.6.5) asks for the time before it: the first hour of that day would be an hour off.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAYS_COME_ROUND = 28  # years, after which each date has its weekday again
LATEST_YEAR = 9998
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def timezone(name: str, first_year: int, last_year: int) -> Timezone:
    """The VTIMEZONE of an IANA zone from 1 January of the first year to 31 December of the last.

    Where the zone changes its clocks by one rule, the two changes of the first year say it as an RRULE, and what held
    before them stands first, as one time of the same rule. So whoever reads one observance of each kind alone, as
    [MS-OXCICAL] (2.1.3.1.1.19.2) lets Outlook do, reads the rule; whoever passes over rules reads the first year right.
    Else each change of those years stands by itself.
    """
    zone = ZoneInfo(name)
    component = Timezone()
    component.add("tzid", name)
    start = _new_year(zone, first_year)
    if ruled := _ruled(zone, first_year):
        for observance in ruled:
            component.add_component(observance)
        return component
    component.add_component(_observance(zone, start, start))
    for before, after in _changes(zone, start, _new_year(zone, last_year + 1)):
        component.add_component(_observance(zone, before, after))
    return component


def _new_year(zone: ZoneInfo, year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=zone).astimezone(UTC)


def _ruled(zone: ZoneInfo, year: int) -> list[TimezoneDaylight | TimezoneStandard]:
    """The observances of a zone with one rule for each of its two changes a year; none where it has no such rules."""
    last = min(year + WEEKDAYS_COME_ROUND, LATEST_YEAR)
    changes = list(_changes(zone, _new_year(zone, year - 1), _new_year(zone, last)))
    if len(changes) != 2 * (last - year + 1):
        return []
    observances = []
    for change, recurring, until in (
        (changes[1], changes[1::2], True),
        (changes[2], changes[2::2], False),
        (changes[3], changes[3::2], False),
    ):
        rule = _rule([_onset(zone, *change) for change in recurring])
        if rule is None:
            return []
        observance = _observance(zone, *change)
        observance.add("rrule", {**rule, "UNTIL": change[1]} if until else rule)
        observances.append(observance)
    return observances


def _onset(zone: ZoneInfo, before: datetime, after: datetime) -> tuple[datetime, timedelta, timedelta]:
    """The local time of a change, as clocks show it before, and the offsets before and after."""
    earlier = _clock_of(zone, before)[0]
    return (after + earlier).replace(tzinfo=None), earlier, _clock_of(zone, after)[0]


def _rule(onsets: list[tuple[datetime, timedelta, timedelta]]) -> dict[str, object] | None:
    """The RRULE that gives these onsets, one a year; None where no rule does."""
    times = [moment for moment, _, _ in onsets]
    same = {
        (moment.month, moment.weekday(), moment.time(), earlier, later) for moment, earlier, later in onsets
    }
    years = [moment.year for moment in times]
    if len(same) != 1 or years != list(range(years[0], years[0] + len(years))):
        return None
    weekday, month, days = WEEKDAYS[times[0].weekday()], times[0].month, {moment.day for moment in times}
    first = min(days)
    if len(days) != 7 or max(days) != first + 6:
        return None
    rule: dict[str, object] = {"FREQ": "YEARLY", "BYMONTH": month}
    if max(days) == monthrange(2025, month)[1]:
        return {**rule, "BYDAY": f"-1{weekday}"}
    if first % 7 == 1:
        return {**rule, "BYDAY": f"{first // 7 + 1}{weekday}"}
    return {**rule, "BYDAY": weekday, "BYMONTHDAY": sorted(days)}


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The last minute before each change of the clocks, and the first after it, in UTC."""
    day = start
    while day < end:
        if _clock_of(zone, day) != _clock_of(zone, day + _DAY):
            yield _narrowed(zone, day, day + _DAY)
        day += _DAY


def _narrowed(zone: ZoneInfo, before: datetime, after: datetime) -> tuple[datetime, datetime]:
    while after - before > _MINUTE:
        middle = before + (after - before) // _MINUTE // 2 * _MINUTE
        if _clock_of(zone, middle) == _clock_of(zone, before):
            before = middle
        else:
            after = middle
    return before, after


def _clock_of(zone: ZoneInfo, moment: datetime) -> tuple[timedelta, bool, str]:
    local = moment.astimezone(zone)
    return local.utcoffset() or timedelta(), bool(local.dst()), local.tzname() or ""


def _observance(zone: ZoneInfo, before: datetime, after: datetime) -> TimezoneDaylight | TimezoneStandard:
    offset, daylight, name = _clock_of(zone, after)
    earlier = _clock_of(zone, before)[0]
    component = TimezoneDaylight() if daylight else TimezoneStandard()
    component.add("dtstart", (after + earlier).replace(tzinfo=None))
    component.add("tzoffsetfrom", earlier)
    component.add("tzoffsetto", offset)
    component.add("tzname", name)
    return component
