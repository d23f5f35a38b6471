"""Bring in opening hours of venues and rooms: the usual ones, seasons with their dates, and single days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.kinds import Kind, Values
from adapters.imports.plain_hours import ReadHours
from adapters.imports.venues import warn_of_hours
from adapters.imports.work import Work
from adapters.store.streams import VENUES
from domain import venue
from domain.opening import OpeningHours, Period
from domain.venue import find_room, room_id, venue_id


@dataclass(frozen=True, slots=True)
class HoursRow:
    row: int
    venue: str
    room: str
    read: ReadHours
    first: date | None
    last: date | None
    name: str

    @property
    def hours(self) -> OpeningHours:
        return self.read.hours

    @property
    def is_dated(self) -> bool:
        return self.first is not None or self.last is not None

    @property
    def is_season(self) -> bool:
        """Whether it is beside the usual hours: by its dates, or because its text is a season of every year."""
        return self.is_dated or (len(self.hours.periods) == 1 and self.hours.periods[0].season is not None)


COLUMNS = (
    Column("venue", "key of the venue", "rc-library", required=True),
    Column("room", "key of the room; blank: all rooms without hours of their own", "hall"),
    Column(
        "hours",
        "when it is open, in OpenStreetMap's syntax; closed: not at all",
        "Mo-Fr 18:00-21:00; PH off",
        read.opening_hours,
        required=True,
    ),
    Column(
        "first", "first day of a season; blank in both: the usual hours", "2026-07-01", read.day, blank=None
    ),
    Column("last", "last day of a season", "2026-08-31", read.day, blank=None),
    Column("name", "what the season is called", "summer holidays"),
)


def decide(work: Work, rows: Iterable[Values]) -> None:
    """Rows of one venue and room together are its hours: they take the place of what was known."""
    listed = sorted((_row(**values) for values in rows), key=_whose)
    for _, group in groupby(listed, key=_whose):
        together = list(group)
        with work.deciding(together[0].row, "venue", together[0].venue):
            _decide(work, together)


def _row(*, hours: ReadHours, **values: Any) -> HoursRow:
    return HoursRow(read=hours, **values)


def _whose(row: HoursRow) -> tuple[str, str]:
    return row.venue, row.room


def _decide(work: Work, rows: list[HoursRow]) -> None:
    first = rows[0]
    known = work.state(VENUES, venue_id(first.venue))
    if known is None:
        for row in rows:
            work.missing(row.row, "venue", row.venue, "no venue has this key; import the venues first")
        return
    room = room_id(first.venue, first.room) if first.room else None
    if room is not None and find_room(known, room) is None:
        keys = ", ".join(one.key for one in known.rooms) or "none yet"
        for row in rows:
            work.wrong(row.row, "room", row.room, f"venue {row.venue} has no such room; its rooms are {keys}")
        return
    hours = _together(work, rows)
    if hours is not None:
        place = work.handle(VENUES, known.id, first.venue)
        place.take(venue.set_opening_hours(place.present, work.stamp, room, hours))


def _together(work: Work, rows: list[HoursRow]) -> OpeningHours | None:
    usual = [row for row in rows if not row.is_season]
    for row in usual[1:]:
        work.wrong(
            row.row, "first", "", f"row {usual[0].row} gives the usual hours already; give this one its dates"
        )
    for row in rows:
        warn_of_hours(work, row.row, row.read)
        if row.is_dated and len(row.hours.periods) > 1:
            work.wrong(
                row.row, "hours", "", "has dates in the hours and beside them; write each season as a row"
            )
    if any(problem.row == row.row for problem in work.errors for row in rows):
        return None
    base = usual[0].hours.periods if usual else ()
    return OpeningHours((*base, *(_period(row) for row in rows if row.is_season)))


def _period(row: HoursRow) -> Period:
    read = row.hours.periods[0] if row.hours.periods else Period("", None, None, ())
    return replace(read, name=row.name or (read.name if read.season else ""), first=row.first, last=row.last)


HOURS = Kind(
    "hours",
    "Opening hours by season. All rows of one venue, or of one room, together replace the hours that were known for "
    "it. The shortest season that holds a day decides on it.",
    COLUMNS,
    (),
    decide,
)
