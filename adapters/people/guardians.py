"""The guardian of a minor, as an id."""

from __future__ import annotations

from uuid import UUID

from domain.events import stream_id


def guardian_id(volunteer_key: str) -> UUID:
    """The id of the guardian of a minor."""
    return stream_id("guardian", volunteer_key)
