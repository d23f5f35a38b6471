"""Decide what is known about a person beside the events, and how it is forgotten.

An event carries a person's id alone. The record here can be erased; the events stay true without it.
"""

from __future__ import annotations

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


class Homes(Protocol):
    """Where personal records are looked up: all of them in a dict, or one by one."""

    def get(self, id: UUID, /) -> PersonalRecord | None: ...
