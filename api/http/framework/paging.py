"""Decide which part of a list is shown: so many from a cursor on, in an order that does not change meanwhile.

A cursor names the last item by its sort key and id, so that what comes or goes in between shifts nothing.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect, bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Query

from adapters.queries.ranking import Ranked, SortKey, rank
from api.http.errors import invalid

T = TypeVar("T")
MOST = 500

Limit = Annotated[int, Query(ge=1, le=MOST, description="At most so many.")]
Cursor = Annotated[
    str | None, Query(max_length=400, description="Go on from here: `next` of the page before.")
]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    next: str | None


def page(
    found: Iterable[T],
    *,
    sort: str,
    keys: dict[str, SortKey[T]],
    id_of: SortKey[T],
    limit: int,
    cursor: str | None,
) -> Page[T]:
    """The items after the cursor, sorted by the key named `sort`; with a "-" before it, downwards."""
    return cut(rank(found, keys[sort.removeprefix("-")], id_of), sort=sort, limit=limit, cursor=cursor)


def cut(ranked: Sequence[Ranked[T]], *, sort: str, limit: int, cursor: str | None) -> Page[T]:
    """The page of items that are in order already; with a "-" before `sort` it is walked downwards."""
    down = sort.startswith("-")
    rows = ranked[::-1] if down else ranked
    start = 0
    if cursor is not None:
        start = _after(ranked, _read(cursor, sort), down=down)
    shown = rows[start : start + limit]
    more = start + limit < len(rows)
    return Page([row[2] for row in shown], _write(sort, shown[-1][:2]) if more else None)


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


def _bad() -> Exception:
    return invalid("query", "cursor", "is not one that this list gave out, in this order")
