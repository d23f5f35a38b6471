"""Query models: what a list takes from the query string, as pydantic declares and checks it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from adapters.queries.paging import Paging
from api.http.framework.parameters import At

MAX_LIMIT = 500

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="At most so many.")]
Cursor = Annotated[
    str | None, Query(max_length=400, description="Go on from here: `next` of the page before.")
]
_LAST = ("limit", "cursor", "at")


class QueryModel(BaseModel):
    """Exactly the parameters of a list. Where a filter is null, nothing is left out by it."""

    model_config = {"extra": "forbid", "frozen": True}


class ListQuery(QueryModel):
    """A list that is read page by page; one that can be sorted has a field `sort`."""

    limit: Limit = 50
    cursor: Cursor = None

    def paging(self, sort: str = "") -> Paging:
        """The page; `sort` is the order of a list that has only one."""
        return Paging(getattr(self, "sort", sort), self.limit, self.cursor)


class PastListQuery(ListQuery):
    """Query parameters of a list that can also be read as it was at an earlier moment."""

    at: At = None


def in_order(names: Iterable[str]) -> list[str]:
    """The parameters of a list as they are described: its own first, then those that all lists have."""
    return sorted(names, key=lambda name: _LAST.index(name) if name in _LAST else -1)
