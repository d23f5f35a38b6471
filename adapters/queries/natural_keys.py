"""Ids by what a caller writes: a natural key, or the id itself."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID


def ident(text: str, id_of: Callable[[str], UUID]) -> UUID:
    """The id of a natural key; an id is taken as it is."""
    try:
        return UUID(text) if len(text) == 36 else id_of(text)
    except ValueError:
        return id_of(text)
