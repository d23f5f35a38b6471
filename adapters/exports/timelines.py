"""Timeline of a venue's week: a line for each day and room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import gcd

from adapters.exports.edition import WeekEdition
from adapters.exports.printed_lines import Line, lines, opened_spans
from domain.calendar import date_of
from domain.venue import Room, Venue
from domain.windows import DAY_MIN, clock

HOUR = 60


@dataclass(frozen=True, slots=True)
class TimelineBlock:
    """A bar from column `first` up to column `last`, counted from 1; `line` None: open hours without a session."""

    first: int
    last: int
    line: Line | None = None
    part: bool = False


@dataclass(frozen=True, slots=True)
class TimelineRow:
    room: str
    blocks: tuple[TimelineBlock, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class DayRows:
    weekday: str
    date: str
    rows: tuple[TimelineRow, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A week on `columns` of equal width; `hours` are the labels of the axis, with the columns that they span."""

    columns: int
    hours: tuple[tuple[str, int], ...]
    days: tuple[DayRows, ...]


@dataclass(frozen=True, slots=True)
class _Lane:
    """One room on one day, in minutes after midnight."""

    room: Room
    opened: list[tuple[int, int]]
    lines: list[tuple[Line, bool]]


def timeline(edition: WeekEdition, venue: Venue) -> Timeline:
    """A week of a venue: halls before their parts; a row shows what takes its room, itself or through hall or part."""
    lanes: dict[int, list[_Lane]] = {number: [] for number in range(1, 8)}
    for room in in_order(venue.rooms):
        spans = opened_spans(edition, venue, room)
        own = [
            (drawn, occasion.session_view.room.id != room.id)
            for drawn, occasion in lines(edition, ("room", room.id))
            if not occasion.entry.cancelled
        ]
        for number, day_lanes in lanes.items():
            today = [pair for pair in own if pair[0].day == date_of(edition.snapshot.week, number)]
            day_lanes.append(_Lane(room, spans[number], today))
    return _drawn(edition, lanes)


def in_order(rooms: Iterable[Room]) -> list[Room]:
    """Rooms by name, each hall followed by its parts."""
    rooms = sorted(rooms, key=lambda room: (room.name, room.key))
    wholes = [room for room in rooms if room.part_of is None]
    return [
        room for whole in wholes for room in (whole, *(part for part in rooms if part.part_of == whole.id))
    ]


def _drawn(edition: WeekEdition, lanes: dict[int, list[_Lane]]) -> Timeline:
    marks = [mark for day_lanes in lanes.values() for lane in day_lanes for mark in _marks(lane)] or [
        9 * HOUR,
        17 * HOUR,
    ]
    first = min(marks) // HOUR * HOUR
    last = -(-max(marks) // HOUR) * HOUR
    step = gcd(HOUR, *(mark - first for mark in marks))
    labels = tuple((clock(hour % DAY_MIN), HOUR // step) for hour in range(first, last, HOUR))
    days = tuple(_day(edition, number, lane, first, step) for number, lane in lanes.items())
    return Timeline((last - first) // step, labels, days)


def _marks(lane: _Lane) -> list[int]:
    spans = lane.opened + [(line.start_min, line.end_min) for line, _ in lane.lines]
    return [mark for span in spans for mark in span]


def _day(edition: WeekEdition, number: int, lanes: list[_Lane], first: int, step: int) -> DayRows:
    day = date_of(edition.snapshot.week, number)
    rows = tuple(TimelineRow(lane.room.name, _blocks(lane, first, step), bool(lane.opened)) for lane in lanes)
    if not any(row.blocks for row in rows):
        rows = (TimelineRow(edition.wording("all_rooms"), (), open=False),)
    return DayRows(edition.wording.weekday(day), edition.wording.short_date(day), rows)


def _blocks(lane: _Lane, first: int, step: int) -> tuple[TimelineBlock, ...]:
    def column(minute: int) -> int:
        return (minute - first) // step + 1

    opened = [TimelineBlock(column(start), column(end)) for start, end in lane.opened]
    held = [
        TimelineBlock(column(line.start_min), column(line.end_min), line, part) for line, part in lane.lines
    ]
    return (*opened, *held)
