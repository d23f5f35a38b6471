"""Effective dating: values that take effect on a day and hold until the next one does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Since(Generic[T]):
    """A value that holds from the start of a day, until a later one takes its place."""

    day: date
    value: T


History = tuple[Since[T], ...]  # in order of day; a later entry of the same day corrects the earlier one


def with_entry(history: Iterable[Since[T]], day: date, value: T) -> History[T]:
    """The history with one more entry, which may lie in the past."""
    entries = [entry for entry in history if entry.day != day]
    return tuple(sorted([*entries, Since(day, value)], key=lambda entry: entry.day))


def held_on(history: Iterable[Since[T]], day: date) -> T | None:
    """What held on the day; None before the first entry."""
    value = None
    for entry in history:
        if entry.day > day:
            break
        value = entry.value
    return value
