"""Keyset pagination: so many items of a list from a cursor on, in an order that does not change meanwhile.

A cursor names the last item by its sort key and id, so that what comes or goes in between shifts nothing.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect, bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

import orjson

from adapters.queries.left_out import those
from domain.messages import message

T = TypeVar("T")

SortKey: TypeAlias = Callable[[T], str | int | float]
Ranked: TypeAlias = tuple[Any, Any, T]  # what it is sorted by, its id, the item
Visible: TypeAlias = Callable[[Any], bool]  # whether whoever asks may see a record


def everything(_: Any) -> bool:
    """What whoever may see all records sees."""
    return True


def seen(records: Iterable[T], visible: Visible, kind: str) -> list[T]:
    """The visible records; one whose visibility cannot be said is left out, and noted under its kind."""
    return list(records) if visible is everything else those(records, visible, kind)


class BadCursor(ValueError):
    """A cursor that the list did not give out, in this order."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, and the cursor of those after them; None at the end."""

    items: Sequence[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list: in the order `sort`, with a "-" before it downwards, at most `limit` after `cursor`."""

    sort: str
    limit: int
    cursor: str | None = None


def page(items: Iterable[T], keys: Mapping[str, SortKey[T]], id_of: SortKey[T], paging: Paging) -> Page[T]:
    """The items after the cursor, sorted by one of the keys. Raises BadCursor."""
    return cut(rank(items, keys[paging.sort.removeprefix("-")], id_of), paging)


def rank(items: Iterable[T], key: SortKey[T], id_of: SortKey[T]) -> list[Ranked[T]]:
    """The items upwards, each with what it is sorted by."""
    return sorted(((key(item), id_of(item), item) for item in items), key=lambda row: row[:2])


def cut(ranked: Sequence[Ranked[T]], paging: Paging) -> Page[T]:
    """The page of items that are in order already. Raises BadCursor."""
    down = paging.sort.startswith("-")
    rows = ranked[::-1] if down else ranked
    start = 0
    if paging.cursor is not None:
        start = _after(ranked, _read(paging.cursor, paging.sort), down=down)
    end = start + paging.limit
    shown = rows[start:end]
    following = _write(paging.sort, shown[-1][:2]) if end < len(rows) else None
    return Page([row[2] for row in shown], following)


def _after(ranked: Sequence[Ranked[T]], last: tuple[Any, Any], *, down: bool) -> int:
    """How many rows come before the first that is beyond the last one shown."""
    try:
        if down:
            return len(ranked) - bisect_left(ranked, last, key=lambda row: row[:2])
        return bisect(ranked, last, key=lambda row: row[:2])
    except TypeError:  # a cursor of another list
        raise _bad() from None


def _write(sort: str, last: tuple[Any, Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([sort, *last])).decode().rstrip("=")


def _read(cursor: str, sort: str) -> tuple[Any, Any]:
    try:
        loads = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise _bad() from None
    if not isinstance(loads, list) or len(loads) != 3 or loads[0] != sort:
        raise _bad()
    return loads[1], loads[2]


def _bad() -> BadCursor:
    return BadCursor(message("is not one that this list gave out, in this order"))
