"""Controlled vocabulary of requests: functions, topics, forms and audiences, each with its dates of validity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeAlias
from uuid import UUID

from domain.calendar import bounded_day
from domain.events import Event, EventMetadata, Refused, following, reason, stream_id
from domain.messages import message
from domain.terms import term
from domain.text import Name, Sentence, clean

EntryKind: TypeAlias = Literal["function", "topic", "form", "audience"]
Names = tuple[tuple[Name, Name], ...]  # (language tag, name)


class NotInCatalogue(Refused):
    """A word that the catalogue does not hold on that date."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A word that may be used from `since` (None: always could) until the day before `until`.

    A topic names the function that it belongs to.
    """

    kind: EntryKind
    code: Name
    names: Names
    function: Name | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAdded(Event):
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRetired(Event):
    kind: EntryKind
    code: Name
    on: date
    why: Sentence


CatalogueEvent: TypeAlias = EntryAdded | EntryRetired


def _words(kind: EntryKind, *pairs: tuple[str, str, str]) -> tuple[Entry, ...]:
    return tuple(Entry(kind, code, (("en", english), ("zh", chinese))) for code, english, chinese in pairs)


FIELD = (
    *_words(
        "function",
        ("civic", "Civic life", "公民素养"),
        ("arts", "Arts", "文化艺术"),
        ("science", "Science", "科学普及"),
        ("health", "Health", "健康养生"),
        ("leisure", "Leisure", "生活休闲"),
        ("vocational", "Vocational", "职业技能"),
        ("early_years", "Early years", "婴幼儿早期教育"),
        ("sport", "Sport", "体育健身"),
    ),
    *_words(
        "form",
        ("class", "Class", "课堂"),
        ("reading_salon", "Reading salon", "读书沙龙"),
        ("study_tour", "Study tour", "研学"),
        ("talent_show", "Talent show", "才艺展示"),
        ("workshop", "Workshop", "工作坊"),
        ("remote", "Remote", "线上"),
    ),
    *_words(
        "audience",
        ("older_people", "Older people", "老年人"),
        ("youth_after_school", "Youth after school", "课后青少年"),
        ("migrant_workers", "Migrant workers", "进城务工人员"),
        ("farmers", "Farmers", "农民"),
        ("job_seekers", "Job seekers", "求职者"),
        ("people_with_disabilities", "People with disabilities", "残疾人"),
        ("everyone", "Everyone", "全体居民"),
    ),
)  # what the field itself uses; a city adds its own words as events


@dataclass(frozen=True, slots=True)
class Catalogue:
    id: UUID
    version: int = 0
    entries: tuple[Entry, ...] = FIELD


CATALOGUE = stream_id("catalogue")


def add_entry(catalogue: Catalogue, metadata: EventMetadata, entry: Entry) -> tuple[EntryAdded, ...]:
    """Add a word; no event where the catalogue has it already, whatever its dates. Raises BadText, OutOfCalendar."""
    entry = clean(entry, message("the {kind}", kind=term(entry.kind)))
    if find(catalogue, entry.kind, entry.code) is not None:
        return ()
    for day in filter(None, (entry.since, entry.until)):
        bounded_day(day)
    return (EntryAdded(**following(catalogue, metadata), entry=entry),)


def retire_entry(
    catalogue: Catalogue, metadata: EventMetadata, *, kind: EntryKind, code: str, on: date, why: str
) -> tuple[EntryRetired, ...]:
    """End a word's use on a day; no event where that is its last day already.

    Raises NotInCatalogue, OutOfCalendar, ReasonMissing, BadText.
    """
    present = find(catalogue, kind, code)
    bounded_day(on)
    if present is not None and present.until == on:
        return ()
    allowed(catalogue, kind, code, on)
    return (
        EntryRetired(
            **following(catalogue, metadata),
            kind=kind,
            code=code,
            on=on,
            why=reason(why, message("retiring a word")),
        ),
    )


def evolve(catalogue: Catalogue | None, event: CatalogueEvent) -> Catalogue:
    """The state after an event; None before the first."""
    catalogue = catalogue or Catalogue(event.originator_id)
    return replace(catalogue, version=event.originator_version, entries=_entries(catalogue, event))


def _entries(catalogue: Catalogue, event: CatalogueEvent) -> tuple[Entry, ...]:
    match event:
        case EntryAdded():
            return (*catalogue.entries, event.entry)
        case EntryRetired():
            return tuple(
                replace(entry, until=event.on)
                if (entry.kind, entry.code) == (event.kind, event.code)
                else entry
                for entry in catalogue.entries
            )


def find(catalogue: Catalogue, kind: EntryKind, code: str) -> Entry | None:
    """The entry of a word, whatever its dates; None where there is none."""
    return next((entry for entry in catalogue.entries if (entry.kind, entry.code) == (kind, code)), None)


def allowed(catalogue: Catalogue, kind: EntryKind, code: str, on: date) -> Entry:
    """The entry, where the word may be used on that date. Raises NotInCatalogue, which lists the words that may."""
    entry = find(catalogue, kind, code)
    if entry and (entry.since is None or entry.since <= on) and (entry.until is None or on < entry.until):
        return entry
    words = codes(catalogue, kind, on) or message("nothing yet")
    raise NotInCatalogue(
        message(
            "{code!r} is no {kind} of the catalogue on {on}; it holds {words}",
            code=code,
            kind=term(kind),
            on=on,
            words=words,
        )
    )


def codes(catalogue: Catalogue, kind: EntryKind, on: date) -> tuple[str, ...]:
    """The words of a kind that may be used on a date, in the order in which they were added."""
    return tuple(
        entry.code
        for entry in catalogue.entries
        if entry.kind == kind
        and (entry.since is None or entry.since <= on)
        and (entry.until is None or on < entry.until)
    )
