"""Ranking of lists: items in a total order, each with the values that it is sorted by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
SortKey = Callable[[T], str | int | float]
Ranked = tuple[Any, Any, T]  # what it is sorted by, its id, the item


def rank(items: Iterable[T], key: SortKey[T], id_of: SortKey[T]) -> list[Ranked[T]]:
    """The items upwards, each with what it is sorted by."""
    return sorted(((key(item), id_of(item), item) for item in items), key=lambda row: row[:2])
