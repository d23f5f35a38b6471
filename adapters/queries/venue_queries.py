"""Queries about venues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from adapters.queries.area_queries import below
from adapters.queries.paging import Page, Paging, SortKey, Visible, page, seen
from adapters.store.streams import VENUES
from adapters.store.views import Views
from domain.venue import Venue, VenueKind


@dataclass(frozen=True, slots=True)
class VenueQuery:
    """Which venues: on `day` in the area of the key `area` or below, and of one kind; None: all."""

    paging: Paging
    day: date
    area: str | None = None
    kind: VenueKind | None = None


_KEYS: dict[str, SortKey[Venue]] = {"key": lambda venue: venue.key, "name": lambda venue: venue.name}


def venues(views: Views, query: VenueQuery, visible: Visible) -> Page[Venue]:
    """Venues that the query names and the caller may see. Raises NotThere for an unknown area, or BadCursor."""
    within, kind = below(views, query.area, query.day), query.kind
    matching = (venue for venue in views.all(VENUES) if venue.area in within and kind in (None, venue.kind))
    return page(seen(matching, visible, "venue"), _KEYS, _KEYS["key"], query.paging)


def venues_by_id(views: Views) -> Mapping[UUID, Venue]:
    """All of them in order of id, not to be changed."""
    return views.collection(VENUES)


def all_venues(views: Views) -> list[Venue]:
    """In order of their keys."""
    return sorted(views.all(VENUES), key=_KEYS["key"])
