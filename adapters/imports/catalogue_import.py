"""Import of a city's own words: functions, topics, forms and audiences beside those of the built-in catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import get_args

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.far_days import warn_of_day
from adapters.imports.import_kind import ImportKind, Values
from adapters.imports.import_run import ImportRun
from adapters.store.streams import CATALOGUE
from domain import catalogue
from domain.catalogue import Entry, Names
from domain.messages import message

KINDS: tuple[catalogue.EntryKind, ...] = get_args(catalogue.EntryKind)


@dataclass(frozen=True, slots=True)
class WordRow:
    row: int
    kind: catalogue.EntryKind
    code: str
    names: Names
    function: str
    since: date | None

    @property
    def entry(self) -> Entry:
        names = self.names or (("en", self.code),)
        return Entry(self.kind, self.code, names, self.function or None, self.since)


COLUMNS = (
    Column("kind", f"one of {', '.join(KINDS)}", "topic", read.choice(*KINDS), required=True, always=True),
    Column("code", "the word that requests use", "calligraphy", required=True, always=True),
    Column(
        "names",
        "names by language; at first the code",
        "en=Calligraphy; zh=书法",
        read.names,
        blank=(),
        keeps=True,
    ),
    Column("function", "for a topic: the function that it belongs to", "arts", keeps=True),
    Column(
        "since",
        "first day on which it may be used; at first always",
        "2026-09-01",
        read.day,
        blank=None,
        keeps=True,
    ),
)


def _known(run: ImportRun, values: Values) -> Values | None:
    known = run.state(CATALOGUE, catalogue.CATALOGUE) or catalogue.Catalogue(catalogue.CATALOGUE)
    entry = catalogue.find(known, values["kind"], values["code"])
    if entry is None:
        return None
    return {"names": entry.names, "function": entry.function or "", "since": entry.since}


def decide(run: ImportRun, rows: Iterable[Values]) -> None:
    """Add the words that are new; one that is there already stays as it is."""
    handle = run.handle(CATALOGUE, catalogue.CATALOGUE, "catalogue")
    for values in rows:
        row = WordRow(**values)
        with run.deciding(row.row, "code", row.code):
            known = handle.state or catalogue.Catalogue(handle.id)
            present = catalogue.find(known, row.kind, row.code)
            if present and replace(present, until=None) != replace(row.entry, until=None):
                right = message(
                    "this word is there already and says something else, and words stay as they are; take the "
                    "row out, or choose another code"
                )
                run.wrong(row.row, "code", row.code, right)
                continue
            warn_of_day(run, row.row, "since", row.since, before=None)
            if row.function and row.function not in catalogue.codes(
                known, "function", row.since or run.today
            ):
                codes = ", ".join(catalogue.codes(known, "function", row.since or run.today))
                run.wrong(row.row, "function", row.function, message("write one of {codes}", codes=codes))
            else:
                handle.take(catalogue.add_entry(known, run.metadata, row.entry))


WORDS = ImportKind(
    "catalogue",
    message("Words that requests may use beside the field's own: functions, topics, forms and audiences."),
    COLUMNS,
    ("kind", "code"),
    decide,
    _known,
)
