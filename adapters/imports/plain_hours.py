"""Read opening hours of a table's cell or a request, as text."""

from __future__ import annotations

from adapters.opening_hours import ReadHours, read_osm, read_with_questions
from domain.opening import OpeningHours

__all__ = ["ReadHours", "read_hours", "read_with_questions"]


def read_hours(text: str) -> OpeningHours:
    """Raises UnsupportedHours, as `read_osm` does."""
    return read_osm(text)
