"""Import of rooms: how many people they hold, what is in them, and what is welcome there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.import_kind import ImportKind, Values
from adapters.imports.import_run import ImportRun
from adapters.imports.venue_import import set_hours
from adapters.opening_hours import ReadHours
from adapters.store.streams import CATALOGUE, VENUES
from domain import catalogue, venue
from domain.messages import message
from domain.opening import OpeningHours
from domain.venue import Room, find_room, own_hours, room_id, venue_id

LARGE = 2000


@dataclass(frozen=True, slots=True)
class RoomRow:
    row: int
    venue: str
    key: str
    name: str
    capacity: int
    equipment: tuple[str, ...]
    accessible: bool
    turnaround_minutes: int
    part_of: str
    functions: tuple[str, ...]
    hours: ReadHours | OpeningHours | None

    @property
    def room(self) -> Room:
        return Room(
            id=room_id(self.venue, self.key),
            key=self.key,
            name=self.name or self.key,
            capacity=self.capacity,
            equipment=self.equipment,
            accessible=self.accessible,
            turnaround_minutes=self.turnaround_minutes,
            part_of=room_id(self.venue, self.part_of) if self.part_of else None,
            functions=self.functions or None,
        )


COLUMNS = (
    Column("venue", "key of its venue", "rc-library", required=True, always=True, key_of="venues"),
    Column(
        "key",
        "its key within the venue, kept for ever",
        "hall",
        required=True,
        always=True,
        key_of="rooms",
        own_key=True,
    ),
    Column("name", "its name; blank: the key", "Reading hall"),
    Column("capacity", "how many people it holds", "60", read.whole(1), required=True),
    Column("equipment", "words, separated by commas; blank: none", "projector, piano", read.words, blank=()),
    Column("accessible", "yes where a wheelchair gets in; blank: no", "yes", read.yes_no, blank=False),
    Column("turnaround_minutes", "minutes between two sessions; blank: 0", "15", read.whole(0), blank=0),
    Column(
        "part_of",
        "key of the whole room of the same venue that this is a part of, once and for ever; at first none",
        "",
        keeps=True,
        key_of="rooms",
    ),
    Column(
        "functions",
        "codes of the functions that are welcome, separated by commas; blank: all",
        "arts, health",
        read.words,
        blank=(),
    ),
    Column(
        "hours",
        "its own opening hours in OpenStreetMap's syntax; blank: those of the venue; unchanged: as they are",
        "Mo-Fr 18:00-21:00",
        read.or_as_is(read.opening_hours),
        blank=None,
    ),
)


def decide(run: ImportRun, rows: Iterable[Values]) -> None:
    """Open or change each room; whole rooms go before their parts."""
    listed = [RoomRow(**values) for values in rows]
    whole = {(row.venue, row.key): row.part_of for row in listed}
    for row in sorted(listed, key=lambda row: _depth(row, whole)):
        with run.deciding(row.row, "key", row.key, f"{row.venue} {row.key}"):
            _decide(run, row)


def _depth(row: RoomRow, whole: Mapping[tuple[str, str], str]) -> int:
    """The depth of a room in the file's tree of halls and parts; a cycle ends the count."""
    around, seen = row.part_of, {row.key}
    while around and around not in seen:
        seen.add(around)
        around = whole.get((row.venue, around), "")
    return len(seen)


def _known(run: ImportRun, values: Values) -> Values | None:
    known = run.state(VENUES, venue_id(values["venue"]))
    room = find_room(known, room_id(values["venue"], values["key"])) if known else None
    if known is None or room is None:
        return None
    whole = find_room(known, room.part_of) if room.part_of else None
    return {
        "name": room.name,
        "capacity": room.capacity,
        "equipment": room.equipment,
        "accessible": room.accessible,
        "turnaround_minutes": room.turnaround_minutes,
        "part_of": whole.key if whole else "",
        "functions": room.functions or (),
        "hours": own_hours(known, room.id),
    }


def _decide(run: ImportRun, row: RoomRow) -> None:
    id = venue_id(row.venue)
    if run.state(VENUES, id) is None:
        run.missing(row.row, "venue", row.venue, message("no venue has this key; import the venues first"))
        return
    for function in row.functions:
        check_word(run, row.row, "functions", "function", function)
    if row.capacity > LARGE:
        run.odd(
            row.row,
            "capacity",
            str(row.capacity),
            message("is more than {large} people in one room; check the number", large=LARGE),
        )
    handle = run.handle(VENUES, id, row.venue)
    try:
        handle.take(venue.open_room(handle.present, run.metadata, row.room))
    except venue.BadRoom as error:
        if f"{row.venue} {row.part_of}" not in run.unread:  # else that row is listed, and is the trouble
            run.wrong(row.row, "part_of", row.part_of, run.hints.get((row.row, "part_of"), str(error)))
        return
    if row.hours is None:
        handle.take(venue.remove_opening_hours(handle.present, run.metadata, row.room.id))
    else:
        set_hours(run, row.row, handle, row.room.id, row.hours)


def check_word(run: ImportRun, row: int, column: str, kind: catalogue.EntryKind, code: str) -> None:
    """Note an error where today's catalogue does not hold the word."""
    known = run.state(CATALOGUE, catalogue.CATALOGUE) or catalogue.Catalogue(catalogue.CATALOGUE)
    codes = catalogue.codes(known, kind, run.today)
    if code not in codes:
        run.wrong(row, column, code, message("write one of {codes}", codes=tuple(codes)))


ROOMS = ImportKind(
    "rooms",
    message(
        "Rooms of venues that are there already. A room that is there already is changed as the row "
        "says; one that the file does not name stays as it is."
    ),
    COLUMNS,
    ("venue", "key"),
    decide,
    _known,
)
