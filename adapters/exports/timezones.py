"""Decide how a calendar file describes a time zone: the years it is about, with each change of the clocks.

The calendar library can make this component too, but writes the start of summer time as the clocks show it after the
change, where RFC 5545 (3.6.5) asks for the time before it: the first hour of that day would be an hour off.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def timezone(name: str, first_year: int, last_year: int) -> Timezone:
    """The VTIMEZONE of an IANA zone from 1 January of the first year to 31 December of the last."""
    zone = ZoneInfo(name)
    made = Timezone()
    made.add("tzid", name)
    start = datetime(first_year, 1, 1, tzinfo=zone).astimezone(UTC)
    made.add_component(_observance(zone, start, start))
    for before, after in _changes(zone, start, datetime(last_year + 1, 1, 1, tzinfo=zone).astimezone(UTC)):
        made.add_component(_observance(zone, before, after))
    return made


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The last minute before each change of the clocks, and the first after it, in UTC."""
    day = start
    while day < end:
        if _kept(zone, day) != _kept(zone, day + _DAY):
            yield _narrowed(zone, day, day + _DAY)
        day += _DAY


def _narrowed(zone: ZoneInfo, before: datetime, after: datetime) -> tuple[datetime, datetime]:
    while after - before > _MINUTE:
        middle = before + (after - before) // _MINUTE // 2 * _MINUTE
        if _kept(zone, middle) == _kept(zone, before):
            before = middle
        else:
            after = middle
    return before, after


def _kept(zone: ZoneInfo, at: datetime) -> tuple[timedelta, bool, str]:
    local = at.astimezone(zone)
    return local.utcoffset() or timedelta(), bool(local.dst()), local.tzname() or ""


def _observance(zone: ZoneInfo, before: datetime, after: datetime) -> TimezoneDaylight | TimezoneStandard:
    offset, daylight, name = _kept(zone, after)
    earlier = _kept(zone, before)[0]
    made = TimezoneDaylight() if daylight else TimezoneStandard()
    made.add("dtstart", (after + earlier).replace(tzinfo=None))
    made.add("tzoffsetfrom", earlier)
    made.add("tzoffsetto", offset)
    made.add("tzname", name)
    return made
