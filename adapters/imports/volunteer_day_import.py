"""Import of single days and pauses of volunteers: when they are away, or give other hours than usual."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from adapters.imports import columns as read
from adapters.imports.columns import Column, NotRight
from adapters.imports.far_days import OVER, warn_of_day
from adapters.imports.import_kind import ImportKind, Values
from adapters.imports.import_run import Handle, ImportRun
from adapters.opening_hours.osm_syntax import spans_text
from adapters.store.streams import VOLUNTEERS
from domain import absences, volunteer
from domain.messages import message
from domain.volunteer import OfferException, Pause, Volunteer, volunteer_id
from domain.windows import Window, Windows, within_days

MOST_DAYS = 92  # with hours of their own in one row


def _day_hours(text: str) -> Windows:
    """Hours of one day, in minutes after its midnight. Raises NotRight for hours that differ by weekday."""
    by_day: dict[int, list[Window]] = {day: [] for day in range(1, 8)}
    for day, start, end in within_days(read.weekly_hours(text)):
        by_day[day].append(Window(start, end))
    if any(windows != by_day[1] for windows in by_day.values()):
        raise NotRight(message("write times of the day alone, as in 09:00-12:00, 14:00-17:00"))
    return tuple(by_day[1])


@dataclass(frozen=True, slots=True)
class DaysRow:
    row: int
    volunteer: str
    first: date
    last: date | None
    hours: Windows
    why: str

    @property
    def until(self) -> date:
        return self.last or self.first

    @property
    def pause(self) -> Pause:
        return Pause(self.first, self.until)

    def days(self) -> Iterator[date]:
        for number in range((self.until - self.first).days + 1):
            yield self.first + timedelta(days=number)


COLUMNS = (
    Column("volunteer", "key of the volunteer", "v-001", required=True, always=True, key_of="volunteers"),
    Column("first", "first day", "2027-02-01", read.day, required=True, always=True),
    Column("last", "last day; blank: the first", "2027-02-05", read.day, blank=None),
    Column(
        "hours",
        "the hours that they give on each of these days in the place of the weekly ones; blank: away",
        "",
        _day_hours,
        blank=(),
    ),
    Column("why", "the reason of being away, without anything private; blank with hours", "away"),
)


def decide(run: ImportRun, rows: Iterable[Values]) -> None:
    """Pause whoever is away, and block their diaries; except the days that have hours of their own."""
    days: dict[tuple[str, date], DaysRow] = {}
    for values in rows:
        row = DaysRow(**values)
        if _is_said_otherwise(run, row, days):
            continue
        with run.deciding(row.row, "first", str(row.first), f"{row.volunteer} {row.first}"):
            _decide(run, row)


def _is_said_otherwise(run: ImportRun, row: DaysRow, days: dict[tuple[str, date], DaysRow]) -> bool:
    """Whether an earlier row of the file gives other hours for a day of this row, which is noted as an error."""
    if not row.hours or (row.until - row.first).days >= MOST_DAYS:
        return False
    for day in row.days():
        days_row = days.setdefault((row.volunteer, day), row)
        if days_row.hours != row.hours:
            right = message(
                "row {row} gives {volunteer} other hours on {day}; write the hours of a day in one row",
                row=days_row.row,
                volunteer=row.volunteer,
                day=day,
            )
            run.wrong(row.row, "hours", spans_text(row.hours), right)
            return True
    return False


def _known(run: ImportRun, values: Values) -> Values | None:
    """{} for a known pause; the known hours of the days for a row with hours; else None."""
    row = DaysRow(0, **{column.name: values.get(column.name, column.blank) for column in COLUMNS})
    known = run.state(VOLUNTEERS, volunteer_id(row.volunteer))
    if known is None or row.until < row.first:
        return None
    if not row.hours:
        return {} if row.pause in known.pauses else None
    hours = {exception.day: exception.windows for exception in known.exceptions}
    if (row.until - row.first).days >= MOST_DAYS:
        return None
    held = [hours.get(day) for day in row.days()]
    return {"hours": tuple(held)} if any(windows is not None for windows in held) else None


def _decide(run: ImportRun, row: DaysRow) -> None:
    if run.state(VOLUNTEERS, volunteer_id(row.volunteer)) is None:
        right = message("no volunteer has this key; import the volunteers first")
        run.missing(row.row, "volunteer", row.volunteer, right)
        return
    if row.until < row.first:
        run.wrong(
            row.row, "last", str(row.last), message("lies before {first}; swap the two days", first=row.first)
        )
        return
    handle = run.handle(VOLUNTEERS, volunteer_id(row.volunteer), row.volunteer)
    warn_of_day(run, row.row, "first", row.first, before=OVER)
    warn_of_day(run, row.row, "last", row.last, before=None)
    if row.hours:
        _give_hours(run, row, handle)
    elif not row.why:
        run.wrong(row.row, "why", "", message("must not be empty where the hours are, which means away"))
    else:
        _pause(run, row, handle)


def _give_hours(run: ImportRun, row: DaysRow, handle: Handle[Volunteer]) -> None:
    if (row.until - row.first).days >= MOST_DAYS:
        right = message(
            "hours of their own are for {most_days} days at most; change the weekly hours instead",
            most_days=MOST_DAYS,
        )
        run.wrong(row.row, "last", str(row.last), right)
        return
    pauses = (
        pause for pause in handle.present.pauses if pause.first <= row.until and row.first <= pause.last
    )
    pause = next(pauses, None)
    if pause:
        odd = message(
            "{volunteer} is away from {first} to {last}, so these hours do not count then",
            volunteer=row.volunteer,
            first=pause.first,
            last=pause.last,
        )
        run.odd(row.row, "hours", "", odd)
    for day in row.days():
        handle.take(volunteer.except_offer(handle.present, run.metadata, OfferException(day, row.hours)))


def _pause(run: ImportRun, row: DaysRow, handle: Handle[Volunteer]) -> None:
    run.take(
        absences.pause_volunteer(handle.present, run.metadata, row.pause, row.why, promised=run.promised)
    )


VOLUNTEER_DAYS = ImportKind(
    "volunteer-days",
    message(
        "Single days and pauses of volunteers who are there already: away, or with other hours than "
        "those of the week. Released sessions that this breaks stay until the week is planned and "
        "released again."
    ),
    COLUMNS,
    (),
    decide,
    _known,
    named_by=("volunteer", "first"),
)
