"""Import of opening hours of venues and rooms: the usual ones, seasons with their dates, and single days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from uuid import UUID

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.far_days import warn_of_day
from adapters.imports.import_kind import ImportKind, Values
from adapters.imports.import_run import Handle, ImportRun
from adapters.imports.venue_import import warn_of_hours, warn_of_open_rooms
from adapters.opening_hours import ReadHours
from adapters.store.streams import VENUES
from domain import venue
from domain.messages import message
from domain.opening import OpeningHours, Period, Season
from domain.venue import Venue, find_room, own_hours, room_id, venue_id

# First and last day, and the recurring part of a year; all None: the usual hours.
SeasonKey = tuple[date | None, date | None, Season | None]
USUAL: SeasonKey = (None, None, None)


@dataclass(frozen=True, slots=True)
class HoursRow:
    row: int
    venue: str
    room: str
    hours: ReadHours | OpeningHours
    first: date | None
    last: date | None
    name: str

    @property
    def season(self) -> SeasonKey:
        periods = self.plain.periods
        return self.first, self.last, periods[0].season if len(periods) == 1 else None

    @property
    def plain(self) -> OpeningHours:
        return self.hours.hours if isinstance(self.hours, ReadHours) else self.hours

    @property
    def is_dated(self) -> bool:
        return self.first is not None or self.last is not None

    @property
    def is_season(self) -> bool:
        """Whether it is beside the usual hours: by its dates, or because its text is a season of every year."""
        return self.season != USUAL


AS_VENUE = OpeningHours(
    (Period(message("as the venue"), None, None, ()),)
)  # what the word "venue" is read as


def _hours(text: str) -> ReadHours | OpeningHours:
    return AS_VENUE if text.lower() == "venue" else read.opening_hours(text)


COLUMNS = (
    Column("venue", "key of the venue", "rc-library", required=True, always=True, key_of="venues"),
    Column("room", "key of the room; blank: all rooms without hours of their own", "hall", key_of="rooms"),
    Column(
        "hours",
        "when it is open, in OpenStreetMap's syntax; closed: not at all; venue: as its venue, for a room that is to "
        "have no hours of its own any more",
        "Mo-Fr 18:00-21:00; PH off",
        _hours,
        required=True,
        blank=None,
    ),
    Column(
        "first",
        "first day of a season, such as 2026-07-01; blank in both: the usual hours",
        "",
        read.day,
        blank=None,
    ),
    Column("last", "last day of a season, such as 2026-08-31", "", read.day, blank=None),
    Column("name", "what the season is called, such as summer holidays", "", keeps=True),
)


def decide(run: ImportRun, rows: Iterable[Values]) -> None:
    """Rows of one venue and room together are its hours: they take the place of what was known."""
    listed = sorted((HoursRow(**values) for values in rows), key=_whose)
    for _, group in groupby(listed, key=_whose):
        together = list(group)
        with run.deciding(together[0].row, "venue", together[0].venue):
            _decide(run, together)


def _whose(row: HoursRow) -> tuple[str, str]:
    return row.venue, row.room


def _known(run: ImportRun, values: Values) -> Values | None:
    """The known hours of the row's season; the usual hours hold all that no row gives a season of its own."""
    key, room, season = values["venue"], values.get("room", ""), _season_key_of_row(values)
    hours = _present(run, key, room)
    if hours is None:
        return None
    listed = {
        _season_key_of_row(cells.values)
        for cells in run.rows
        if (cells.values["venue"], cells.values.get("room", "")) == (key, room)
    }
    named = listed - {USUAL} if season == USUAL else set(map(_season_key, hours.periods)) - {season}
    periods = [period for period in hours.periods if _season_key(period) not in named]
    if season == USUAL and len(listed) > 1:
        periods = [period for period in periods if _season_key(period) == USUAL]
    name = next((period.name for period in periods if _season_key(period) == season), "")
    bare = tuple(replace(period, name="", first=None, last=None) for period in periods)
    shown = tuple(periods) if season == USUAL else bare
    return {"hours": OpeningHours(shown), "name": name} if periods else None


def _season_key_of_row(values: Values) -> SeasonKey:
    hours = values.get("hours")
    periods = hours.hours.periods if isinstance(hours, ReadHours) else ()
    return values.get("first"), values.get("last"), periods[0].season if len(periods) == 1 else None


def _season_key(period: Period) -> SeasonKey:
    return period.first, period.last, period.season


def _present(run: ImportRun, venue_key: str, room_key: str) -> OpeningHours | None:
    known = run.state(VENUES, venue_id(venue_key))
    return own_hours(known, room_id(venue_key, room_key) if room_key else None) if known else None


def _decide(run: ImportRun, rows: list[HoursRow]) -> None:
    first = rows[0]
    known = run.state(VENUES, venue_id(first.venue))
    if known is None:
        for row in rows:
            run.missing(
                row.row, "venue", row.venue, message("no venue has this key; import the venues first")
            )
        return
    room = room_id(first.venue, first.room) if first.room else None
    if room is not None and find_room(known, room) is None:
        keys = ", ".join(room.key for room in known.rooms) or message("none yet")
        for row in rows:
            run.missing(
                row.row,
                "room",
                row.room,
                message("venue {venue} has no such room; its rooms are {keys}", venue=row.venue, keys=keys),
            )
        return
    handle = run.handle(VENUES, known.id, first.venue)
    if any(row.hours == AS_VENUE for row in rows):
        _remove(run, rows, handle, room)
        return
    hours = _joined_hours(run, rows)
    if hours is not None:
        present = own_hours(known, room) or OpeningHours()
        taken = venue.set_opening_hours(
            handle.present, run.metadata, room, _replacing(run, rows, present, hours)
        )
        handle.take(taken)
        if taken:
            warn_of_open_rooms(run, first.row, handle.present)


def _remove(run: ImportRun, rows: list[HoursRow], handle: Handle[Venue], room: UUID | None) -> None:
    row = rows[0]
    if room is None:
        run.wrong(row.row, "hours", "venue", message("is for rooms; write the hours of the venue, or closed"))
    elif len(rows) > 1:
        run.wrong(row.row, "hours", "venue", message("stands alone; leave the other rows of this room out"))
    else:
        handle.take(venue.remove_opening_hours(handle.present, run.metadata, room))


def _replacing(
    run: ImportRun, rows: list[HoursRow], present: OpeningHours, hours: OpeningHours
) -> OpeningHours:
    """The hours to set: the new ones; known seasons that they do not name are kept or noted as removed."""
    named = set(map(_season_key, hours.periods))
    others = tuple(period for period in present.periods if _season_key(period) not in named)
    if run.keep_others:
        return OpeningHours((*_undated(others), *hours.periods, *_dated(others)))
    lost = [period for period in others if period.last is None or period.last >= run.today]
    for period in others:
        run.remove(" ".join(filter(None, _whose(rows[0]))), _season_text(period))
    if lost:
        seasons = [_season_text(period) for period in lost[:3]]
        what = message("{seasons: and }", seasons=seasons)
        if len(lost) > 3:
            what = message("{seasons: and } and others", seasons=seasons)
        run.odd(
            rows[0].row,
            "hours",
            "",
            message(
                "{what} of {filter: } would go, because all rows of the file together take the place of what "
                "is known; add a row for what stays, or import with keep-others to keep it",
                what=what,
                filter=tuple(filter(None, _whose(rows[0]))),
            ),
            rests_on=("venue",),  # what goes does not depend on what the row says of its own season
        )
    return hours


def _undated(periods: Iterable[Period]) -> tuple[Period, ...]:
    return tuple(period for period in periods if _season_key(period) == USUAL)


def _dated(periods: Iterable[Period]) -> tuple[Period, ...]:
    return tuple(period for period in periods if _season_key(period) != USUAL)


def _season_text(period: Period) -> str:
    if _season_key(period) == USUAL:
        return message("the usual hours")
    if period.season and period.first is None and period.last is None:
        return message("the season {period}", period=period.name or "of every year")
    dates = message("{first} to {last}", first=period.first or "the beginning", last=period.last or "the end")
    return (
        message("the season {period} ({dates})", period=period.name, dates=dates)
        if period.name
        else message("the season {dates}", dates=dates)
    )


def _joined_hours(run: ImportRun, rows: list[HoursRow]) -> OpeningHours | None:
    seasons: dict[SeasonKey, HoursRow] = {}
    known = _present(run, rows[0].venue, rows[0].room)
    for row in rows:
        first = seasons.setdefault(row.season, row)
        if first is not row and row.is_season:
            run.wrong(
                row.row,
                "first",
                str(row.first or ""),
                message("row {row} has the same dates; keep one", row=first.row),
            )
        elif first is not row:
            right = message("row {row} gives the usual hours already; give this one its dates", row=first.row)
            run.wrong(row.row, "first", "", right)
        if isinstance(row.hours, ReadHours) and _is_new(row, known):
            warn_of_hours(run, row.row, row.hours)
        _check_season(run, row)
    if any(problem.row == row.row for problem in run.errors for row in rows):
        return None
    base = seasons[USUAL].plain.periods if USUAL in seasons else ()
    return OpeningHours((*base, *(_period(row) for row in rows if row.is_season)))


def _is_new(row: HoursRow, known: OpeningHours | None) -> bool:
    """Whether the row changes the known rules; questions about unchanged hours were answered before."""
    rules = {_season_key(period): period.rules for period in known.periods} if known else {}
    return any(
        rules.get(row.season if row.is_season else _season_key(period)) != period.rules
        for period in row.plain.periods
    )


def _check_season(run: ImportRun, row: HoursRow) -> None:
    if row.is_dated and len(row.plain.periods) > 1:
        right = message("has dates in the hours and beside them; write each season as a row")
        run.wrong(row.row, "hours", "", right)
    if row.first and row.last and row.last < row.first:
        right = message("the season ends before it starts on {first}; swap the two days", first=row.first)
        run.wrong(row.row, "last", str(row.last), right)
    warn_of_day(run, row.row, "first", row.first)
    warn_of_day(run, row.row, "last", row.last)


def _period(row: HoursRow) -> Period:
    read = row.plain.periods[0] if row.plain.periods else Period("", None, None, ())
    return replace(read, name=row.name or (read.name if read.season else ""), first=row.first, last=row.last)


HOURS = ImportKind(
    "hours",
    message(
        "Opening hours by season. All rows of one venue, or of one room, together replace the hours "
        "that were known for it: seasons that are not over and that no row names are warned of "
        "first, and stay with `--keep-others`. The shortest season that holds a day decides on it. A "
        "room with hours of its own does not follow the seasons of its venue: give it rows for them "
        "too, or use the table of closures."
    ),
    COLUMNS,
    (),
    decide,
    _known,
    named_by=("venue", "room", "first"),
)
