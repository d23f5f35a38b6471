"""Queries about course requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from adapters.queries.area_queries import below, letters, network
from adapters.queries.left_out import those
from adapters.queries.paging import Page, Paging, SortKey, Visible, page, seen
from adapters.store.streams import REQUESTS
from adapters.store.views import Views
from domain.request import TRANSITIONS, CourseRequest, RequestStatus, asks_in


@dataclass(frozen=True, slots=True)
class RequestQuery:
    """Which requests: on `day` from the area of the key `area` or below, asking for `week`; None of a filter: all."""

    paging: Paging
    day: date
    area: str | None = None
    status: RequestStatus | None = None
    week: str | None = None
    topic: str | None = None
    function: str | None = None


_KEYS: dict[str, SortKey[CourseRequest]] = {
    "key": lambda request: request.key,
    "learners": lambda request: request.order.learners,
    "priority": lambda request: request.order.priority,
}


def requests(views: Views, query: RequestQuery, visible: Visible) -> Page[CourseRequest]:
    """Requests that the query names and the caller may see. Raises NotThere for an unknown area, or BadCursor."""
    within = below(views, query.area, query.day)
    areas = network(views)

    def matches(request: CourseRequest) -> bool:
        return (
            request.area in within
            and query.status in (None, request.status)
            and (query.week is None or asks_in(request, query.week, letters(areas, request.area)))
            and query.topic in (None, request.order.topic)
            and query.function in (None, request.order.function)
        )

    matching = those(views.all(REQUESTS), matches, "request")
    return page(seen(matching, visible, "request"), _KEYS, _KEYS["key"], query.paging)


def requests_by_id(views: Views) -> Mapping[UUID, CourseRequest]:
    """All of them in order of id, not to be changed."""
    return views.collection(REQUESTS)


def all_requests(views: Views) -> list[CourseRequest]:
    """In order of their keys."""
    return sorted(views.all(REQUESTS), key=_KEYS["key"])


def open_requests(views: Views, area: UUID) -> int:
    """How many requests of a community can still change their status."""
    return sum(request.area == area and bool(TRANSITIONS[request.status]) for request in views.all(REQUESTS))
