"""Day types: whether a date is a work day, weekend, holiday or make-up work day, and a school day or not.

The kinds and the school days come from dated tables with a source and a status, because a state publishes
its holidays one year at a time and schools set their own terms. A date that no table knows is never passed
off as known: its kind follows from the weekday and its status says "unknown".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal, get_args
from uuid import UUID

from domain.calendar import bounded_day, week_of
from domain.events import Event, EventMetadata, Refused, stream_id
from domain.messages import message
from domain.text import Name, OptionalName, Sentence, clean, tidy

WorkdayKind = Literal["workday", "weekend", "holiday", "makeup_workday"]
SchoolKind = Literal["school_day", "school_break"]
TableStatus = Literal["official", "provisional"]
Certainty = Literal["official", "provisional", "unknown"]

KINDS: tuple[str, ...] = get_args(WorkdayKind)


@dataclass(frozen=True, slots=True)
class TypedDay:
    """What a table says of one date.

    `kind` None: nothing about work and holidays. `school` True: a school day, False: a day of a school break,
    None: nothing about school. `name` is the holiday's or the break's, "" where there is none.
    """

    day: date
    kind: WorkdayKind | None
    name: OptionalName = ""
    school: bool | None = None


@dataclass(frozen=True, slots=True)
class DayKind:
    """What is known of a date. `school` is None, and its status "unknown", where no table told."""

    kind: WorkdayKind
    name: str = ""
    status: Certainty = "unknown"
    school: bool | None = None
    school_name: str = ""
    school_status: Certainty = "unknown"

    @property
    def names(self) -> frozenset[str]:
        """The names a rule can ask for, such as "holiday" and "school_break"."""
        if self.school is None:
            return frozenset((self.kind,))
        return frozenset((self.kind, "school_day" if self.school else "school_break"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysTyped(Event):
    """A table was read: these days, sorted, are new or differ from what was known."""

    key: Name
    days: tuple[TypedDay, ...]
    status: TableStatus
    source: Sentence


Events = DaysTyped


@dataclass(frozen=True, slots=True)
class DayTypes:
    """All that is known under one key, such as "CN" or the name of a school's calendar."""

    id: UUID
    version: int
    key: str
    days: Mapping[date, DayKind]


class DayTwice(Refused):
    """A table with two rows for one date."""


class NothingSaid(Refused):
    """A row that gives neither a kind of day nor a school day."""


class SourceMissing(Refused):
    """A table of days without the document it comes from."""


class ProvisionalOverOfficial(Refused):
    """A provisional table that contradicts an official one."""


def day_types_id(key: str) -> UUID:
    """Return the id of the stream that holds the day types of a key."""
    return stream_id("day-types", key)


def type_days(
    types: DayTypes | None,
    metadata: EventMetadata,
    key: str,
    days: Iterable[TypedDay],
    *,
    status: TableStatus,
    source: str,
) -> tuple[Events, ...]:
    """Take a table over, all or nothing; no event where it says what is known already.

    Raises
    ------
    DayTwice, NothingSaid, SourceMissing, ProvisionalOverOfficial, BadText, OutOfCalendar
    """
    key = clean(key, message("the key of a calendar"), Name)
    table = sorted((clean(typed, str(typed.day)) for typed in days), key=lambda typed: typed.day)
    _check_table(table, source)
    new_days = tuple(typed for typed in table if _is_news(kind_on(types, typed.day), typed, status))
    if not new_days:
        return ()
    version = types.version if types else 0
    event = DaysTyped(
        originator_id=day_types_id(key),
        originator_version=version + 1,
        at=metadata.at,
        by=metadata.by,
        key=key,
        days=new_days,
        status=status,
        source=clean(source, message("the source of a table of days"), Sentence),
    )
    return (event,)


def _check_table(table: list[TypedDay], source: str) -> None:
    if not tidy(source):
        raise SourceMissing(
            message("a table of day types needs its source; name the notice or the file it comes from")
        )
    for before, typed in pairwise(table):
        if before.day == typed.day:
            raise DayTwice(message("{day} is in the table twice; keep one row for it", day=typed.day))
    for typed in table:
        bounded_day(typed.day)
        if typed.kind is None and typed.school is None:
            raise NothingSaid(
                message("{day} has neither a kind nor a school day; give one or leave it out", day=typed.day)
            )


def _is_news(known: DayKind, typed: TypedDay, status: TableStatus) -> bool:
    if status == "provisional":
        _check_official(known, typed)
    return _after(known, typed, status) != known


def _check_official(known: DayKind, typed: TypedDay) -> None:
    """Refuse a provisional row that says something else than an official one did."""
    kind = known.status == "official" and typed.kind not in (None, known.kind)
    school = known.school_status == "official" and typed.school not in (None, known.school)
    if kind or school:
        raise ProvisionalOverOfficial(
            message(
                "the provisional table contradicts the official one on {day}, officially {described}; take "
                "that row out, or import the table as official",
                day=typed.day,
                described=_described(known),
            )
        )


def _described(known: DayKind) -> str:
    names = sorted(known.names)
    if known.name:
        return message("{names: and } ({name})", names=names, name=known.name)
    return message("{names: and }", names=names)


def evolve(types: DayTypes | None, event: Events) -> DayTypes:
    """The state after an event; None before the first."""
    before = types.days if types else {}
    changed = {
        typed.day: _after(before.get(typed.day) or _by_weekday(typed.day), typed, event.status)
        for typed in event.days
    }
    return DayTypes(event.originator_id, event.originator_version, event.key, {**before, **changed})


def _after(known: DayKind, typed: TypedDay, status: TableStatus) -> DayKind:
    """Read a row; an official word outlasts a provisional one."""
    after = known
    if typed.kind is not None and _outranks(status, known.status):
        after = replace(after, kind=typed.kind, name=typed.name, status=status)
    if typed.school is not None and _outranks(status, known.school_status):
        name = typed.name if typed.kind is None else ""  # beside a kind, the name is the kind's
        after = replace(after, school=typed.school, school_name=name, school_status=status)
    return after


def _outranks(status: TableStatus, known: Certainty) -> bool:
    return status == "official" or known != "official"


def _by_weekday(day: date) -> DayKind:
    return DayKind("weekend" if day.isoweekday() >= 6 else "workday")


def kind_on(types: DayTypes | None, day: date) -> DayKind:
    """Return what is known of a date; where nothing is, its weekday's kind with the status "unknown"."""
    known = types.days.get(day) if types else None
    return known or _by_weekday(day)


def weeks_touched(event: Events) -> tuple[str, ...]:
    """List the ISO weeks in which a table changed a day."""
    return tuple(sorted({week_of(typed.day) for typed in event.days}))
