"""Wording of the exports: English or Chinese, and the city's own words from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from adapters.exports.translations import DAYS, MONTHS, TEXTS
from domain.calendar import wall
from domain.catalogue import Entry
from domain.windows import DAY_MIN, clock


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts, dates and times in one language, "en" or "zh"; `names` holds the catalogue's word for (kind, code)."""

    language: str
    names: Mapping[tuple[str, str], str]

    def __call__(self, key: str, /, **values: object) -> str:
        return TEXTS[self.language][key].format(**values)

    def name(self, kind: str, code: str) -> str:
        """The catalogue's word; a code that it does not hold stands for itself."""
        return self.names.get((kind, code)) or code

    def weekday(self, day: date) -> str:
        return DAYS[self.language][day.weekday()]

    def full_date(self, day: date) -> str:
        """A date with its year: "3 March 2026"."""
        if self.language == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"

    def short_date(self, day: date) -> str:
        """A date without its year: "3 March"."""
        if self.language == "zh":
            return f"{day.month}月{day.day}日"
        return f"{day.day} {MONTHS[day.month - 1]}"

    def instant(self, moment: datetime, zone: str) -> str:
        """The local date and time of an instant."""
        day, minute = wall(moment, zone)
        comma = "," if self.language == "en" else ""
        return f"{self.full_date(day)}{comma} {clock(minute)}"

    def time(self, minute: int) -> str:
        """A minute after midnight as HH:MM; 24:00 is the end of the day, and later times say so."""
        return clock(minute) if minute <= DAY_MIN else self("next_day", time=clock(minute - DAY_MIN))

    def span(self, start_min: int, end_min: int) -> str:
        return f"{self.time(start_min)}–{self.time(end_min)}"


def wording_of(language: str, catalogue: Iterable[Entry]) -> Wording:
    """The wording in a language such as "zh-Hans"; in English where there is no translation."""
    main = language.split("-", maxsplit=1)[0].lower()
    known = main if main in TEXTS else "en"
    names: dict[tuple[str, str], str] = {
        (entry.kind, entry.code): _named(entry, known) for entry in catalogue
    }
    return Wording(known, names)


def _named(entry: Entry, language: str) -> str:
    by_language = {tag.split("-")[0].lower(): name for tag, name in reversed(entry.names)}
    return by_language.get(language) or next((name for _, name in entry.names), entry.code)
