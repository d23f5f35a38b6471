"""Bring in a calendar of day types: work days, holidays, make-up work days, and days in school or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.kinds import Kind, Values
from adapters.imports.work import Work
from adapters.store.streams import DAY_TYPES
from domain import day_types
from domain.day_types import KINDS, Status, TypedDay, day_types_id


@dataclass(frozen=True, slots=True)
class DayRow:
    row: int
    calendar: str
    date: date
    kind: day_types.Kind | None
    name: str
    school: bool | None
    status: Status
    source: str

    @property
    def whose(self) -> tuple[str, Status, str]:
        return self.calendar, self.status, self.source


COLUMNS = (
    Column("calendar", "key of the calendar, as areas name it", "CN", required=True),
    Column("date", "the day", "2026-10-01", read.day, required=True),
    Column(
        "kind",
        f"one of {', '.join(KINDS)}; blank: nothing is said",
        "holiday",
        read.choice(*KINDS),
        blank=None,
    ),
    Column("name", "of the holiday or break", "National Day"),
    Column(
        "school",
        "yes: a school day, no: in a school break; blank: nothing is said",
        "no",
        read.yes_no,
        blank=None,
    ),
    Column(
        "status",
        "official or provisional; blank: official",
        "official",
        read.choice("official", "provisional"),
        blank="official",
    ),
    Column("source", "the notice or file that it comes from", "State Council notice for 2026", required=True),
)


def decide(work: Work, rows: Iterable[Values]) -> None:
    """Read each calendar's table over what is known."""
    listed = sorted((DayRow(**values) for values in rows), key=lambda row: row.whose)
    for (calendar, status, source), group in groupby(listed, key=lambda row: row.whose):
        together = list(group)
        with work.deciding(together[0].row, "date", str(together[0].date)):
            one = work.handle(DAY_TYPES, day_types_id(calendar), calendar)
            days = [TypedDay(row.date, row.kind, row.name, row.school) for row in together]
            one.take(day_types.type_days(one.state, work.stamp, calendar, days, status=status, source=source))


DAYS = Kind(
    "day-types",
    "What kind of day each date is. Opening rules for holidays, school days and make-up work days ask it.",
    COLUMNS,
    ("calendar", "date"),
    decide,
)
