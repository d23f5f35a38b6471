"""Queries about timetables."""

from __future__ import annotations

from uuid import UUID

from adapters.store.streams import TIMETABLES
from adapters.store.views import Views
from domain.timetable import Timetable, blank, timetable_id


def timetable_of(views: Views, area: UUID, week: str) -> Timetable:
    """The timetable of an area and a week, blank where nothing was planned."""
    return views.get(TIMETABLES, timetable_id(area, week)) or blank(area, week)


def timetables_of(views: Views, week: str) -> list[Timetable]:
    """The timetables of all areas in a week."""
    return views.all(TIMETABLES, week)
