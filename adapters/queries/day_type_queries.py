"""Queries about calendars of day types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from adapters.queries.area_queries import network
from adapters.queries.paging import Page, Paging, page
from adapters.store.streams import DAY_TYPES
from adapters.store.views import Views
from domain.day_types import DayKind, DayTypes, WorkdayKind, day_types_id
from domain.events import NotThere
from domain.messages import message
from domain.network import path_on


@dataclass(frozen=True, slots=True)
class DayQuery:
    """Which days of a calendar: from `first` to `last`, both included, and of a kind; None of a filter: all."""

    paging: Paging
    first: date | None = None
    last: date | None = None
    kind: WorkdayKind | None = None


def calendars(views: Views, paging: Paging) -> Page[DayTypes]:
    """All calendars in order of their keys. Raises BadCursor."""
    return page(views.all(DAY_TYPES), {"key": _key}, _key, paging)


def _key(calendar: DayTypes) -> str:
    return calendar.key


def days(views: Views, calendar: str, query: DayQuery) -> Page[tuple[date, DayKind]]:
    """What the tables say of each day. Raises NotThere for an unknown calendar, or BadCursor."""
    known = views.get(DAY_TYPES, day_types_id(calendar))
    if known is None:
        raise NotThere(message("there is no calendar {calendar}; list the calendars", calendar=calendar[:80]))
    matching = (
        (day, kind)
        for day, kind in known.days.items()
        if (query.first is None or query.first <= day)
        and (query.last is None or day <= query.last)
        and query.kind in (None, kind.kind)
    )
    return page(matching, {"day": _day}, _day, query.paging)


def _day(entry: tuple[date, DayKind]) -> str:
    return entry[0].isoformat()


def day_types_around(views: Views, area: UUID, day: date) -> DayTypes | None:
    """The calendar of an area on a day, else that of the nearest area around it; None where nobody names one."""
    areas = network(views)
    key = next((areas[id].calendar for id in path_on(areas, area, day) if areas[id].calendar), None)
    return next((calendar for calendar in views.all(DAY_TYPES) if calendar.key == key), None)
