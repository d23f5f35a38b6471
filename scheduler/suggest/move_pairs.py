"""Decide which two moves together make a place: a session goes, and one other makes room for it or goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from domain.windows import Window
from scheduler.explain.cheapest import room_conflicts, volunteer_conflicts
from scheduler.explain.editable_plan import EditablePlan, PlacedSession
from scheduler.instance.instance import Placement
from scheduler.suggest.placements import ANYWHERE, Places, Where
from scheduler.suggest.similarity import nearness

_CLASHES = frozenset({"room_clash", "volunteer_clash"})
_TRIED = 40  # places with somebody in the way that are tried, the nearest first
_TOGETHER = 12  # places tried for a session whose course has another one that goes with it
_LEADS = 8  # sets of leads who may have to be freed at a venue


@dataclass(frozen=True, slots=True)
class Pair:
    """Two moves: the session that was asked about, and another one with where it was (None: nowhere) and goes to."""

    at: Placement
    other: int
    was: Placement | None
    then: Placement


class Chains:
    """Looks for two moves on a board that does not hold the session; the board is left as it was.

    `fixed` are sittings that must stay, such as those that are pinned.
    """

    def __init__(
        self,
        board: EditablePlan,
        request: int,
        near: Placement | None,
        where: Where,
        fixed: frozenset[PlacedSession],
    ) -> None:
        self.board, self.request, self.near, self.where, self.fixed = board, request, near, where, fixed

    def __iter__(self) -> Iterator[Pair]:
        yield from self._made_room()
        yield from self._together()

    # ---- Another session makes room

    def _made_room(self) -> Iterator[Pair]:
        blocked = sorted(
            self._blocked(),
            key=lambda one: (nearness(self.board, self.request, self.near, one[0]), one[1].request),
        )
        for placement, session in blocked[:_TRIED]:
            then = self._after(placement, session)
            if then is not None:
                yield Pair(placement, session.request, session.placement, then)

    def _blocked(self) -> Iterator[tuple[Placement, PlacedSession]]:
        """Places where exactly one session that may move is in the way, of the room or of who leads."""
        places = Places(self.board, self.request, self.near, self.where, _CLASHES)
        free = Places(self.board, self.request, self.near, self.where)
        minutes = places.wanted.duration_min
        for venue in places.venues:
            for leads in islice(places.line_ups(venue), _LEADS):
                mask = places.mask(venue) & places.free(leads, venue)
                for start in self.board.grid.starts(mask):
                    session = Window(start, start + minutes)
                    busy = {
                        one for who in leads for one in volunteer_conflicts(self.board, who, venue, session)
                    }
                    if len(busy) > 1:
                        continue
                    for room in places.rooms(venue, start, leads):
                        sessions = busy.union(room_conflicts(self.board, room, session))
                        if len(sessions) == 1 and self._may_move(*sessions):
                            helpers = free.assistants(venue, start, leads)
                            if helpers is not None:
                                yield Placement(start, room, leads, helpers), next(iter(sessions))

    def _may_move(self, other: PlacedSession) -> bool:
        return other.request != self.request and other not in self.fixed

    def _after(self, at: Placement, other: PlacedSession) -> Placement | None:
        """Where the other one goes once the session stands there."""
        board, mark = self.board, self.board.mark()
        board.take(other.request, other.placement)
        placement = None
        if not board.timetable.clashes(self.request, at):
            board.put(self.request, at)
            placement = self._nearest(other.request, other.placement)
        board.undo(mark)
        return placement

    def _nearest(self, request: int, near: Placement | None) -> Placement | None:
        places = Places(self.board, request, near, ANYWHERE)
        return min(places, key=lambda placement: nearness(self.board, request, near, placement), default=None)

    # ---- Another session of the same course goes with it

    def _together(self) -> Iterator[Pair]:
        """Both sessions of a course get other leads, or both get a place."""
        board, request = self.board, self.board.instance.requests[self.request]
        others = list(board.timetable.placed.get(self.request, ()))
        if request.sessions != 2 or request.partial:
            return
        if self.near is None and not others:
            yield from self._both(None)
        if self.near is None or len(others) != 1 or not request.same_leads or self.where.keep_lead:
            return
        if PlacedSession(self.request, others[0]) not in self.fixed:
            mark = board.mark()
            board.take(self.request, others[0])
            pairs = list(self._both(others[0]))
            board.undo(mark)
            yield from pairs

    def _both(self, was: Placement | None) -> Iterator[Pair]:
        where = self.where if was is None else _led_by_others(self.where)
        places = Places(self.board, self.request, self.near, where)
        order = sorted(places, key=lambda at: nearness(self.board, self.request, self.near, at))
        for placement in order[:_TOGETHER]:
            mark = self.board.mark()
            self.board.put(self.request, placement)
            then = self._nearest(self.request, was)
            self.board.undo(mark)
            if then is not None:
                yield Pair(placement, self.request, was, then)


def _led_by_others(where: Where) -> Where:
    return Where(where.venue, where.day, where.other_day, where.keep_room, where.other_room, other_lead=True)
