"""Import of day types: work days, holidays, make-up work days, and days in school or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.far_days import warn_of_day
from adapters.imports.import_kind import ImportKind, Values
from adapters.imports.import_run import Handle, ImportRun
from adapters.store.streams import DAY_TYPES
from domain import day_types
from domain.day_types import KINDS, DayTypes, TableStatus, TypedDay, day_types_id
from domain.messages import message


@dataclass(frozen=True, slots=True)
class DayRow:
    row: int
    calendar: str
    date: date
    kind: day_types.WorkdayKind | None
    name: str
    school: bool | None
    status: TableStatus
    source: str

    @property
    def typed(self) -> TypedDay:
        return TypedDay(self.date, self.kind, self.name, self.school)

    @property
    def whose(self) -> tuple[str, TableStatus, str]:
        return self.calendar, self.status, self.source


COLUMNS = (
    Column(
        "calendar",
        "key of the calendar, as areas name it",
        "CN",
        required=True,
        always=True,
        key_of="calendars",
        own_key=True,
    ),
    Column("date", "the day", "2026-10-01", read.day, required=True, always=True),
    Column(
        "kind",
        f"one of {', '.join(KINDS)}; blank: nothing is said",
        "holiday",
        read.choice(*KINDS),
        blank=None,
        keeps=True,
    ),
    Column("name", "of the holiday or break", "National Day", keeps=True),
    Column(
        "school",
        "yes: a school day, no: in a school break; blank: nothing is said",
        "no",
        read.yes_no,
        blank=None,
        keeps=True,
    ),
    Column(
        "status",
        "official or provisional; at first official",
        "official",
        read.choice("official", "provisional"),
        blank="official",
        keeps=True,
    ),
    Column("source", "the notice or file that it comes from", "State Council notice for 2026", required=True),
)


def decide(run: ImportRun, rows: Iterable[Values]) -> None:
    """Read each calendar's table over what is known."""
    listed = sorted((DayRow(**values) for values in rows), key=lambda row: row.whose)
    for (calendar, status, source), group in groupby(listed, key=lambda row: row.whose):
        together = list(group)
        handle = run.handle(DAY_TYPES, day_types_id(calendar), calendar)
        if not _is_sound(run, handle, together):
            continue
        with run.deciding(together[0].row, "date", str(together[0].date)):
            days = [row.typed for row in together]
            stated = source or run.why
            handle.take(
                day_types.type_days(handle.state, run.metadata, calendar, days, status=status, source=stated)
            )


def _is_sound(run: ImportRun, calendar: Handle[DayTypes], rows: list[DayRow]) -> bool:
    """Whether every day can be typed so; each that cannot is noted under its own row."""
    before = len(run.errors)
    for row in rows:
        with run.deciding(row.row, "date", str(row.date), f"{row.calendar} {row.date}"):
            source = row.source or run.why
            day_types.type_days(
                calendar.state, run.metadata, row.calendar, [row.typed], status=row.status, source=source
            )
        warn_of_day(run, row.row, "date", row.date, before=timedelta(days=20 * 366))
    return len(run.errors) == before


def _known(run: ImportRun, values: Values) -> Values | None:
    """The known type of the row's day; None where no table has typed it."""
    types = run.state(DAY_TYPES, day_types_id(values["calendar"]))
    day = types.days.get(values["date"]) if types else None
    if day is None:
        return None
    certain = [status for status in (day.status, day.school_status) if status != "unknown"]
    return {
        "kind": None if day.status == "unknown" else day.kind,
        "name": day.name or day.school_name,
        "school": day.school,
        "status": "provisional" if "provisional" in certain else "official",
    }


DAYS = ImportKind(
    "day-types",
    message(
        "What kind of day each date is. Opening rules for holidays, school days and make-up work days ask it."
    ),
    COLUMNS,
    ("calendar", "date"),
    decide,
    _known,
)
