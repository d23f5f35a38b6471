"""Export of opening hours: reading them gives the very same rules, not only the same times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from adapters.opening_hours import UnsupportedHours, read_osm, write_osm
from domain.events import Refused
from domain.messages import message
from domain.opening import OpeningHours, Period
from domain.venue import RoomHours, Venue, find_room


class HoursNotWritten(Refused):
    """OpenStreetMap's syntax cannot express these hours."""


def whole_hours(venue: Venue, room: UUID | None) -> str:
    """The hours in one text; "" where there are none, or where one text cannot say them: the file of hours does."""
    hours = next((room_hours.hours for room_hours in venue.hours if room_hours.room == room), None)
    text = _written(hours) if hours else None
    return text if text is not None and hours == read_osm(text) else ""


def hours_rows(venue: Venue) -> Iterator[Mapping[str, Any]]:
    """A row for each season of the venue and of each room with hours of its own."""
    for room_hours in sorted(venue.hours, key=lambda hour: str(_key(venue, hour))):
        for text, period in _seasons(venue, room_hours):
            dated = {"first": period.first, "last": period.last, "name": period.name} if period else {}
            yield {"venue": venue.key, "room": _key(venue, room_hours), "hours": text, **dated}


def _key(venue: Venue, room_hours: RoomHours) -> str:
    room = find_room(venue, room_hours.room) if room_hours.room else None
    return room.key if room else ""


def _seasons(venue: Venue, room_hours: RoomHours) -> Iterator[tuple[str, Period | None]]:
    """One text for all seasons where that says the same, else a text for each."""
    text = _written(room_hours.hours)
    if text is not None and read_osm(text) == room_hours.hours:
        yield text, None
        return
    for period in room_hours.hours.periods:
        is_dated = period.first is not None or period.last is not None
        alone = _written(OpeningHours((replace(period, name="", first=None, last=None),)))
        if alone is None:
            where = f"{venue.key} {_key(venue, room_hours)}".strip()
            raise HoursNotWritten(
                message(
                    "the hours of {where} use day types that OpenStreetMap's syntax has no word for; see them on "
                    "its pages",
                    where=where,
                )
            )
        yield alone, period if is_dated else None


@lru_cache(maxsize=1024)  # writing compares years of days; many venues keep the same hours
def _written(hours: OpeningHours) -> str | None:
    try:
        return write_osm(hours)
    except UnsupportedHours:
        return None
