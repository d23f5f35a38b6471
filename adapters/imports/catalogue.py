"""Bring in the city's own words: functions, topics, forms and audiences beside those of the field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import get_args

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.kinds import Kind, Values
from adapters.imports.work import Work
from adapters.store.streams import CATALOGUE
from domain import catalogue
from domain.catalogue import Entry, Names

KINDS: tuple[catalogue.Kind, ...] = get_args(catalogue.Kind)


@dataclass(frozen=True, slots=True)
class WordRow:
    row: int
    kind: catalogue.Kind
    code: str
    names: Names
    function: str
    since: date | None

    @property
    def entry(self) -> Entry:
        names = self.names or (("en", self.code),)
        return Entry(self.kind, self.code, names, self.function or None, self.since)


COLUMNS = (
    Column("kind", f"one of {', '.join(KINDS)}", "topic", read.choice(*KINDS), required=True),
    Column("code", "the word that requests use", "calligraphy", required=True),
    Column("names", "names by language; blank: the code", "en=Calligraphy; zh=书法", read.names, blank=()),
    Column("function", "for a topic: the function that it belongs to", "arts"),
    Column(
        "since", "first day on which it may be used; blank: always could", "2026-09-01", read.day, blank=None
    ),
)


def decide(work: Work, rows: Iterable[Values]) -> None:
    """Add the words that are new; one that is there already stays as it is."""
    one = work.handle(CATALOGUE, catalogue.CATALOGUE, "catalogue")
    for values in rows:
        row = WordRow(**values)
        with work.deciding(row.row, "code", row.code):
            known = one.state or catalogue.Catalogue(one.id)
            if row.function and row.function not in catalogue.codes(
                known, "function", row.since or work.today
            ):
                codes = ", ".join(catalogue.codes(known, "function", row.since or work.today))
                work.wrong(row.row, "function", row.function, f"write one of {codes}")
            else:
                one.take(catalogue.add_entry(known, work.stamp, row.entry))


WORDS = Kind(
    "catalogue",
    "Words that requests may use beside the field's own: functions, topics, forms and audiences.",
    COLUMNS,
    ("kind", "code"),
    decide,
)
