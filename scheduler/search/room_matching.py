"""Bipartite matching of an hour's sessions to rooms, kept while sessions come and go.

A session without a free room pushes others on, along an augmenting path (Kuhn 1955; Hopcroft and Karp 1973).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


def bits(mask: int) -> Iterator[int]:
    """The indices of the ones in a mask, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(slots=True)
class RoomMatching:
    """The sessions held in one hour, each in a room of its own.

    Attributes
    ----------
    fit : list of int, (n_sessions,)
        The rooms that would do for each session in this hour, as a mask.
    room : dict
        The room of each session.
    held : dict
        The session in each room in use.
    sessions, taken : int
        The same as masks: the sessions, and the rooms in use.
    """

    fit: list[int]
    room: dict[int, int] = field(default_factory=dict)
    held: dict[int, int] = field(default_factory=dict)
    sessions: int = 0
    taken: int = 0

    def reach(self, session: int, out: int) -> int:
        """The mask of rooms to which a path leads from the session; 0 where one of them is or comes free.

        `out` masks the sessions that would leave, of this hour or others.
        """
        fit, held = self.fit, self.held
        taken = self.taken
        for leaver in bits(out & self.sessions):
            taken &= ~(1 << self.room[leaver])
        seen = fresh = fit[session]
        while True:
            if fresh & ~taken:
                return 0
            reached = 0
            while fresh:
                low = fresh & -fresh
                fresh ^= low
                reached |= fit[held[low.bit_length() - 1]]
            fresh = reached & ~seen
            if not fresh:
                return seen
            seen |= fresh

    def leave(self, session: int) -> None:
        """Free the room of a session that is held."""
        room = self.room.pop(session)
        del self.held[room]
        self.taken &= ~(1 << room)
        self.sessions &= ~(1 << session)

    def join(self, session: int) -> bool:
        """Give the session a room, moving others where they must; False where no path ends in a free room."""
        fit, held = self.fit, self.held
        came: dict[int, int] = {}
        queue = [session]
        seen = 0
        for mover in queue:
            fresh = fit[mover] & ~seen
            free = fresh & ~self.taken
            if free:
                self._shift(mover, (free & -free).bit_length() - 1, came)
                self.sessions |= 1 << session
                return True
            seen |= fresh
            for room in bits(fresh):
                holder = held[room]
                came[holder] = mover
                queue.append(holder)
        return False

    def _shift(self, session: int, room: int, came: dict[int, int]) -> None:
        """Move along the path, from its end to its beginning."""
        self.taken |= 1 << room
        while True:
            before = self.room.get(session)
            self.room[session] = room
            self.held[room] = session
            if before is None:
                return
            room, session = before, came[session]
