"""Import of closures: days on which a venue or some of its rooms are not lent after all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.far_days import OVER, warn_of_day
from adapters.imports.import_kind import ImportKind, Values
from adapters.imports.import_run import ImportRun
from adapters.store.streams import AREAS, VENUES
from domain import absences, venue
from domain.calendar import instant
from domain.diary import TooLong
from domain.events import stream_id
from domain.messages import message
from domain.venue import (
    Closure,
    Venue,
    find_room,
    room_id,
    same_closure,
    venue_id,
)
from domain.windows import DAY_MIN


@dataclass(frozen=True, slots=True)
class ClosureRow:
    row: int
    venue: str
    rooms: tuple[str, ...]
    first: date
    last: date | None
    start: int
    end: int
    why: str

    @property
    def closure(self) -> Closure:
        last = self.last or self.first
        parts = (self.venue, *self.rooms, str(self.first), str(last), str(self.start), str(self.end))
        rooms = tuple(room_id(self.venue, key) for key in self.rooms)
        return Closure(stream_id("closure", *parts), self.first, last, rooms, self.start, self.end)


COLUMNS = (
    Column("venue", "key of the venue", "rc-library", required=True, always=True, key_of="venues"),
    Column(
        "rooms",
        "keys of the rooms, separated by commas; blank: all",
        "hall",
        read.words,
        blank=(),
        key_of="rooms",
    ),
    Column("first", "first day", "2027-10-01", read.day, required=True, always=True),
    Column("last", "last day; blank: the first", "2027-10-03", read.day, blank=None),
    Column("start", "time of day from which it is closed; blank: 00:00", "00:00", read.clock_time, blank=0),
    Column(
        "end", "time of day until which it is closed; blank: 24:00", "24:00", read.clock_time, blank=DAY_MIN
    ),
    Column("why", "the reason", "examinations", required=True, always=True),
)


def decide(run: ImportRun, rows: Iterable[Values]) -> None:
    """Close each venue or room, and block the diaries that hold promises."""
    for values in rows:
        row = ClosureRow(**values)
        with run.deciding(row.row, "first", str(row.first), row.venue):
            _decide(run, row)


def _known(run: ImportRun, values: Values) -> Values | None:
    """A closure has no other fields than its key: {} where it is known."""
    row = ClosureRow(0, **{column.name: values.get(column.name, column.blank) for column in COLUMNS})
    known = run.state(VENUES, venue_id(row.venue))
    return {} if known and same_closure(known, row.closure) else None


def _decide(run: ImportRun, row: ClosureRow) -> None:
    known = run.state(VENUES, venue_id(row.venue))
    if known is None:
        run.missing(row.row, "venue", row.venue, message("no venue has this key; import the venues first"))
        return
    lacking = [key for key in row.rooms if find_room(known, room_id(row.venue, key)) is None]
    if lacking:
        keys = ", ".join(room.key for room in known.rooms) or message("none yet")
        run.missing(
            row.row,
            "rooms",
            ", ".join(lacking),
            message("venue {venue} has the rooms {keys}", venue=row.venue, keys=keys),
        )
        return
    closure = row.closure
    try:
        events = absences.close_venue(known, run.metadata, closure, row.why, promised=run.promised)
    except TooLong as error:
        run.wrong(row.row, "last", str(closure.last), str(error))
        return
    _warn_of_notice(run, row, known)
    warn_of_day(run, row.row, "first", row.first, before=OVER)
    warn_of_day(run, row.row, "last", row.last, before=None)
    run.take(events)


def _warn_of_notice(run: ImportRun, row: ClosureRow, present: Venue) -> None:
    """Warn of a closure sooner than the terms allow: it is an emergency, and has to be accepted as one."""
    zone = run.states(AREAS)[present.area].zone
    starts = instant(row.first, row.start, zone).astimezone(UTC)
    try:
        venue.close_venue(present, run.metadata, row.closure, row.why, starts=starts)
    except venue.ShortNotice as error:
        run.odd(row.row, "first", str(row.first), str(error))


CLOSURES = ImportKind(
    "closures",
    message(
        "Days, or times of days, on which a venue or some of its rooms are closed after all. "
        "Released sessions that a closure breaks stay until the week is planned and released again."
    ),
    COLUMNS,
    (),
    decide,
    _known,
    named_by=("venue", "rooms", "first"),
)
