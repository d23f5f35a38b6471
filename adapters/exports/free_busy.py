"""Free/busy calendar (RFC 5545, 3.6.4): when a person or a venue is taken, and not what for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias, get_args
from uuid import UUID, uuid5

from icalendar import FreeBusy, Parameters, vPeriod

from domain.calendar import instant, monday
from domain.diary import Diary
from domain.windows import WEEK_MIN, Window, Windows, difference, intersection, union

Period: TypeAlias = tuple[datetime, datetime]
Taken: TypeAlias = Literal["BUSY", "BUSY-UNAVAILABLE"]
TAKEN: tuple[Taken, ...] = get_args(Taken)


def free_busy(
    about: UUID, weeks: Sequence[tuple[str, Sequence[Diary]]], zone: str, changed: datetime
) -> bytes:
    """The VFREEBUSY of consecutive weeks, each with its diaries.

    Several diaries in a week are those of the rooms of one venue: it is busy when one of them is, and closed when all
    are. `changed` is the instant of the event that it is as new as.
    """
    component = FreeBusy()
    component.add("uid", str(uuid5(about, "free-busy")))
    component.add("dtstamp", changed.astimezone(UTC))
    component.add("dtstart", _utc(weeks[0][0], 0, zone))
    component.add("dtend", _utc(weeks[-1][0], WEEK_MIN, zone))
    for taken in TAKEN:
        for period in _joined(_periods(weeks, zone, taken)):
            component.add("freebusy", _written(period, taken))
    content: bytes = component.to_ical(sorted=False)
    return content


def _written(period: Period, taken: Taken) -> vPeriod:
    value = vPeriod(period)
    value.params = Parameters({"FBTYPE": taken})  # a period is what the property has anyway
    return value


def _periods(weeks: Sequence[tuple[str, Sequence[Diary]]], zone: str, taken: Taken) -> Iterable[Period]:
    for week, diaries in weeks:
        closed = _closed(diaries)
        busy = union(*([booking.window for booking in diary.promises] for diary in diaries))
        for window in closed if taken == "BUSY-UNAVAILABLE" else difference(busy, closed):
            yield _utc(week, window.start_min, zone), _utc(week, window.end_min, zone)


def _closed(diaries: Sequence[Diary]) -> Windows:
    closed: Windows = (Window(-WEEK_MIN, 2 * WEEK_MIN),)
    for diary in diaries:
        closed = intersection(closed, [block.window for block in diary.blocks])
    return closed if diaries else ()


def _utc(week: str, minute: int, zone: str) -> datetime:
    return instant(monday(week), minute, zone).astimezone(UTC)


def _joined(periods: Iterable[Period]) -> list[Period]:
    """The periods in order, adjoining ones merged; those that the clocks skip are left out."""
    joined: list[Period] = []
    for start, end in sorted(period for period in periods if period[0] < period[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
