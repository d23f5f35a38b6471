"""Decide what kind of day a date is: work day, weekend, holiday or make-up work day, and in school or not.

The kinds and the school days come from dated tables with a source and a status, because a state publishes
its holidays one year at a time and schools set their own terms. A date that no table knows is never passed
off as known: its kind follows from the weekday and its status says "unknown".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args
from uuid import UUID

from domain.calendar import week_of
from domain.facts import Fact, Refused, Stamp, stream_id

Kind = Literal["workday", "weekend", "holiday", "makeup_workday"]
SchoolKind = Literal["school_day", "school_break"]
Status = Literal["official", "provisional"]
Certainty = Literal["official", "provisional", "unknown"]

KINDS: tuple[str, ...] = get_args(Kind)
SCHOOL_KINDS: tuple[str, ...] = get_args(SchoolKind)


@dataclass(frozen=True, slots=True)
class TypedDay:
    """What a table says of one date.

    `kind` None: nothing about work and holidays. `school` True: a school day, False: a day of a school break,
    None: nothing about school. `name` is the holiday's or the break's, "" where there is none.
    """

    day: date
    kind: Kind | None
    name: str = ""
    school: bool | None = None


@dataclass(frozen=True, slots=True)
class DayKind:
    """What is known of a date. `school` is None, and its status "unknown", where no table told."""

    kind: Kind
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
class DaysTyped(Fact):
    """A table was read: these days, sorted, are new or differ from what was known."""

    key: str
    days: tuple[TypedDay, ...]
    status: Status
    source: str


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
    """The id of the stream that holds the day types of a key."""
    return stream_id("day-types", key)


def type_days(
    types: DayTypes | None,
    key: str,
    days: Iterable[TypedDay],
    status: Status,
    source: str,
    stamp: Stamp,
) -> tuple[Events, ...]:
    """Take a table over, all or nothing; no event where it says what is known already."""
    table = sorted(days, key=lambda typed: typed.day)
    _check_table(table, source)
    news = tuple(typed for typed in table if _is_news(types, typed, status))
    if not news:
        return ()
    version = types.version if types else 0
    event = DaysTyped(
        originator_id=day_types_id(key),
        originator_version=version + 1,
        at=stamp.at,
        by=stamp.by,
        key=key,
        days=news,
        status=status,
        source=source.strip(),
    )
    return (event,)


def _check_table(table: list[TypedDay], source: str) -> None:
    if not source.strip():
        raise SourceMissing("a table of day types needs its source; name the notice or the file it comes from")
    for before, typed in zip([None, *table], table, strict=False):
        if before is not None and before.day == typed.day:
            raise DayTwice(f"{typed.day} is in the table twice; keep one row for it")
        if typed.kind is None and typed.school is None:
            raise NothingSaid(f"{typed.day} has neither a kind nor a school day; give one or leave it out")


def _is_news(types: DayTypes | None, typed: TypedDay, status: Status) -> bool:
    """Whether the day changes what is known; a provisional row that only repeats an official one does not."""
    known = types.days.get(typed.day) if types else None
    if known is None:
        return True
    said = _merged(known, typed, status)
    if said == known:
        return False
    if status == "provisional":
        return _is_news_to_official(known, said, typed)
    return True


def _is_news_to_official(known: DayKind, said: DayKind, typed: TypedDay) -> bool:
    official = (known.status == "official" and typed.kind is not None, said.kind, known.kind)
    school = (known.school_status == "official" and typed.school is not None, said.school, known.school)
    for is_official, new, old in (official, school):
        if is_official and new != old:
            raise ProvisionalOverOfficial(
                f"{typed.day} is officially {_label(old)} and the provisional table says {_label(new)}; "
                "take the row out, or import the table as official"
            )
    open_kind = typed.kind is not None and known.status != "official"
    return open_kind or (typed.school is not None and known.school_status != "official")


def _label(value: object) -> str:
    if isinstance(value, bool):
        return "a school day" if value else "a school break"
    return repr(value)
