"""Decide what ids are called in sentences for people: by their keys, never by anybody's name."""

from __future__ import annotations

import re
from functools import cached_property

from adapters.weeks import Facts

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Keys:
    """The keys of all that a week can name; a room is VENUE/ROOM."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def told(self, sentence: str) -> str:
        """A sentence of the scheduler with keys in the place of ids; an id that nobody knows stays."""
        return ID.sub(lambda found: self._known.get(found[0], found[0]), sentence)

    @cached_property
    def _known(self) -> dict[str, str]:
        facts = self._facts
        known = {str(one.id): one.key for one in facts.venues.values()}
        known |= {str(one.id): one.key for one in facts.volunteers.values()}
        known |= {str(one.id): one.key for one in facts.requests.values()}
        for venue in facts.venues.values():
            known |= {str(room.id): f"{venue.key}/{room.key}" for room in (*venue.former, *venue.rooms)}
        return known
