"""Personal data of people, kept outside the events so that it can be erased.

An event carries only a person's id, and stays true when the record is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from domain.places import Location
from domain.text import OptionalName, OptionalSentence


@dataclass(frozen=True, slots=True)
class PersonalRecord:
    """`home` in degrees; whatever leaves this table takes the point blurred or the home area's own."""

    name: OptionalName
    phone: OptionalName = ""
    email: OptionalName = ""
    address: OptionalSentence = ""
    home: Location | None = None


class PersonLookup(Protocol):
    """A lookup of personal records by id: a dict of all, or `LazyPeople`."""

    def get(self, id: UUID, /) -> PersonalRecord | None: ...


class LazyPeople:
    """Personal records that are read when they are needed, each once; `read` gives those of many ids in one query."""

    def __init__(self, read: Callable[[Collection[UUID]], Mapping[UUID, PersonalRecord]]) -> None:
        self._read = read
        self._known: dict[UUID, PersonalRecord | None] = {}

    def need(self, ids: Iterable[UUID]) -> None:
        """Say whom `get` will be asked for, so that they are read together."""
        missing = set(ids) - self._known.keys()
        if missing:
            records = self._read(missing)
            self._known |= {id: records.get(id) for id in missing}

    def get(self, id: UUID, /) -> PersonalRecord | None:
        self.need([id])
        return self._known[id]
