"""Labels of ids in sentences for people: their keys, never anybody's name."""

from __future__ import annotations

import re
from functools import cached_property
from uuid import UUID

from adapters.week.week_snapshot import WeekSnapshot
from domain.messages import alike

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Keys:
    """The keys of all that a week can name; a room is VENUE/ROOM."""

    def __init__(self, snapshot: WeekSnapshot) -> None:
        self._snapshot = snapshot

    def with_labels(self, sentence: str) -> str:
        """A sentence of the scheduler with keys in the place of ids; an id that nobody knows stays."""
        return alike(sentence, lambda text: ID.sub(lambda match: self._key(UUID(match[0])) or match[0], text))

    def key(self, id: UUID) -> str:
        """The key of a request, a volunteer or a venue; of one that the week does not know, the id."""
        return self._key(id) or str(id)

    def room_key(self, room: UUID) -> str:
        """The key of a room at its venue; of one that the week does not know, the id."""
        return self._rooms[room].split("/", 1)[1] if room in self._rooms else str(room)

    def _key(self, id: UUID) -> str | None:
        snapshot = self._snapshot
        for records in (snapshot.requests, snapshot.volunteers, snapshot.venues):
            if id in records:
                return records[id].key
        return self._rooms.get(id)

    @cached_property
    def _rooms(self) -> dict[UUID, str]:
        """Laid out only where a sentence names a room; one that is lent goes before one that was."""
        lists = [
            (venue.key, rooms)
            for venue in self._snapshot.venues.values()
            for rooms in (venue.former, venue.rooms)
        ]
        return {room.id: f"{venue}/{room.key}" for venue, rooms in lists for room in rooms}
