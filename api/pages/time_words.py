"""Times in words of a page's language: hours of a week, days, weekdays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from api.pages.form_fields import clock
from api.pages.labels import choice_of, marked
from api.pages.page import MONDAY, Page
from domain.calendar import add_days
from domain.windows import DAY_MIN

ALL_DAYS = tuple(range(7))


def hours_words(page: Page, windows: Iterable[Mapping[str, int]]) -> str:
    """Hours of a week, in minutes from Monday 00:00, such as `Mon–Fri 17:00–21:00; Sat 09:00–12:00`."""
    by_day: dict[int, list[str]] = {}
    for window in windows:
        day, start = divmod(window["start_min"], DAY_MIN)
        by_day.setdefault(day, []).append(span_words(start, window["end_min"] - day * DAY_MIN))
    alike: dict[str, list[int]] = {}
    for day, spans in sorted(by_day.items()):
        alike.setdefault(", ".join(spans), []).append(day)
    return "; ".join(f"{days_words(page, days)} {spans}" for spans, days in alike.items())


def span_words(start_min: int, end_min: int) -> str:
    """A stretch of a day; an end after midnight is that of the next day."""
    end = end_min - DAY_MIN if end_min > DAY_MIN else end_min
    return f"{clock(start_min)}–{clock(end)}"


def days_words(page: Page, days: Sequence[int]) -> str:
    """Days of the week from 0 for Monday, such as `Mon–Fri, Sun`."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_run_words(page, run) for run in runs)


def _run_words(page: Page, run: Sequence[int]) -> str:
    names = [page.language.weekday(add_days(MONDAY, day), "short") for day in run]
    return ", ".join(names) if len(names) < 3 else f"{names[0]}–{names[-1]}"


def day_words(page: Page, day: str | None, form: str = "medium") -> str:
    """A date of the interface in words; "" for none."""
    return page.language.day(date.fromisoformat(day), form) if day else ""


def days_between(page: Page, first: str, last: str | None) -> str:
    """From a day to a day, both included; one day alone is said once."""
    if last == first:
        return day_words(page, first)
    return f"{day_words(page, first)} – {day_words(page, last) or '…'}"


def rule_words(page: Page, rule: Mapping[str, Any]) -> str:
    """An opening rule, such as `Mon–Fri 17:00–21:00 (School day)`."""
    words = page.language.gettext
    spans = ", ".join(span_words(span["start_min"], span["end_min"]) for span in rule["spans"])
    days = tuple(day - 1 for day in rule["weekdays"])
    named = words(marked("every day")) if set(days) == set(ALL_DAYS) else days_words(page, days)
    limits = [words(choice_of(kind)) for kind in rule["day_types"]]
    if rule["weeks"]:
        limits.append(words(marked("odd weeks")) if rule["weeks"] == "odd" else words(marked("even weeks")))
    limits += [words(marked("the last of the month")) if nth == -1 else f"{nth}." for nth in rule["nth"]]
    limits += [words(marked("week {number}"), number=number) for number in rule["week_numbers"]]
    return f"{named} {spans or words('closed')}" + (f" ({', '.join(limits)})" if limits else "")


def period_words(page: Page, period: Mapping[str, Any]) -> str:
    """When the rules of a period hold."""
    parts = [period["name"]] if period["name"] else []
    if period["first"] or period["last"]:
        parts.append(f"{day_words(page, period['first']) or '…'} – {day_words(page, period['last']) or '…'}")
    if season := period["season"]:
        first = f"{season['first_month']}/{season['first_day']}"
        parts.append(f"{first} – {season['last_month']}/{season['last_day']}")
    return ", ".join(parts) or page.language.gettext("always")
