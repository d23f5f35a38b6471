"""Access log of personal records: who read, wrote or erased one and when, with nothing of the record itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from adapters.store.mapper import json_of
from adapters.store.rows import Row, Table
from adapters.store.store import Store
from domain.events import EventMetadata

COLLECTION = "look"
Deed: TypeAlias = Literal["read", "written", "erased"]


@dataclass(frozen=True, slots=True)
class Look:
    """`person` and `by` are ids."""

    person: UUID
    deed: Deed
    at: datetime
    by: str


def look_row(person: UUID, deed: Deed, metadata: EventMetadata, id: UUID) -> tuple[Table, Row]:
    """The write that records it; `id` is new at each call."""
    look = Look(person, deed, metadata.at, metadata.by)
    return "people", Row(
        COLLECTION, f"{metadata.at.isoformat()} {id}", json_of(Look).dump_json(look), str(person)
    )


def own_look_row(person: UUID, metadata: EventMetadata) -> tuple[Table, Row]:
    """The write that records that somebody read their own record: only the last one is kept."""
    look = Look(person, "read", metadata.at, metadata.by)
    return "people", Row(
        COLLECTION, f"own {person} {metadata.by}", json_of(Look).dump_json(look), str(person)
    )


def looks_of(store: Store, person: UUID) -> tuple[Look, ...]:
    """In order of time."""
    rows = store.rows("people").select(COLLECTION, str(person))
    records = (json_of(Look).validate_json(row.body) for row in rows if row.body is not None)
    return tuple(sorted(records, key=lambda look: look.at))
