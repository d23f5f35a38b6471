"""Pairs of moves that together make a place: a session goes, and another makes room for it or goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from domain.windows import Window
from scheduler.explain.cheapest import room_conflicts, volunteer_conflicts
from scheduler.explain.editable_plan import EditablePlan, EditableSession
from scheduler.instance.instance import Placement
from scheduler.suggest.placements import ANYWHERE, PlacementSearch, Where
from scheduler.suggest.similarity import nearness

_CLASHES = frozenset({"room_clash", "volunteer_clash"})
_TRIED = 40  # places with somebody in the way that are tried, the nearest first
_TOGETHER = 12  # places tried for a session whose course has another one that goes with it
_LEADS = 8  # sets of leads who may have to be freed at a venue


@dataclass(frozen=True, slots=True)
class MovePair:
    """Two moves: the session that was asked about, and a session of the request `partner`.

    That one was placed as in `was` (None: not at all) and goes to `then`.
    """

    placement: Placement
    partner: int
    was: Placement | None
    then: Placement


class MovePairs:
    """Iterates over pairs of moves for a session that the plan does not hold; the plan is left as it was.

    Parameters
    ----------
    near : Placement or None
        Where the session was.
    fixed : frozenset of PlacedSession
        Sessions that must stay, such as those that are pinned.
    """

    def __init__(
        self,
        plan: EditablePlan,
        r: int,
        near: Placement | None,
        where: Where,
        fixed: frozenset[EditableSession],
    ) -> None:
        self.plan, self.request, self.near, self.where, self.fixed = plan, r, near, where, fixed

    def __iter__(self) -> Iterator[MovePair]:
        yield from self._made_room()
        yield from self._together()

    # ---- Another session makes room

    def _made_room(self) -> Iterator[MovePair]:
        blocked = sorted(
            self._blocked(),
            key=lambda entry: (nearness(self.plan, self.request, self.near, entry[0]), entry[1].request),
        )
        for placement, session in blocked[:_TRIED]:
            then = self._after(placement, session)
            if then is not None:
                yield MovePair(placement, session.request, session.placement, then)

    def _blocked(self) -> Iterator[tuple[Placement, EditableSession]]:
        """Places where exactly one session that may move is in the way, of the room or of who leads."""
        search = PlacementSearch(self.plan, self.request, self.near, self.where, _CLASHES)
        free = PlacementSearch(self.plan, self.request, self.near, self.where)
        minutes = search.demand.duration_min
        for venue in search.venues:
            for leads in islice(search.line_ups(venue), _LEADS):
                mask = search.mask(venue) & search.free(leads, venue)
                for start in self.plan.grid.starts(mask):
                    session = Window(start, start + minutes)
                    busy = {
                        blocker
                        for who in leads
                        for blocker in volunteer_conflicts(self.plan, who, venue, session)
                    }
                    if len(busy) > 1:
                        continue
                    for room in search.rooms(venue, start):
                        sessions = busy.union(room_conflicts(self.plan, room, session))
                        if len(sessions) == 1 and self._may_move(*sessions):
                            assistants = free.assistants(venue, start, leads)
                            if assistants is None:
                                continue
                            placement = Placement(start, room, leads, assistants)
                            if not search.is_present(placement):
                                yield placement, next(iter(sessions))

    def _may_move(self, session: EditableSession) -> bool:
        return session.request != self.request and session not in self.fixed

    def _after(self, placement: Placement, session: EditableSession) -> Placement | None:
        """Where another session goes once the one that was asked about is placed."""
        plan, mark = self.plan, self.plan.mark()
        plan.take(session.request, session.placement)
        then = None
        if not plan.timetable.clashes(self.request, placement):
            plan.put(self.request, placement)
            then = self._nearest(session.request, session.placement)
        plan.undo(mark)
        return then

    def _nearest(self, r: int, near: Placement | None) -> Placement | None:
        search = PlacementSearch(self.plan, r, near, ANYWHERE)
        return min(search, key=lambda placement: nearness(self.plan, r, near, placement), default=None)

    # ---- Another session of the same course goes with it

    def _together(self) -> Iterator[MovePair]:
        """Both sessions of a course get other leads, or both get a place."""
        plan, request = self.plan, self.plan.instance.requests[self.request]
        others = list(plan.timetable.placed.get(self.request, ()))
        if request.sessions != 2 or request.partial:
            return
        if self.near is None and not others:
            yield from self._both(None)
        if self.near is None or len(others) != 1 or not request.same_leads or self.where.keep_lead:
            return
        if EditableSession(self.request, others[0]) not in self.fixed:
            mark = plan.mark()
            plan.take(self.request, others[0])
            pairs = list(self._both(others[0]))
            plan.undo(mark)
            yield from pairs

    def _both(self, was: Placement | None) -> Iterator[MovePair]:
        where = self.where if was is None else _led_by_others(self.where)
        search = PlacementSearch(self.plan, self.request, self.near, where)
        order = sorted(search, key=lambda placement: nearness(self.plan, self.request, self.near, placement))
        for placement in order[:_TOGETHER]:
            mark = self.plan.mark()
            self.plan.put(self.request, placement)
            then = self._nearest(self.request, was)
            self.plan.undo(mark)
            if then is not None:
                yield MovePair(placement, self.request, was, then)


def _led_by_others(where: Where) -> Where:
    return replace(where, keep_lead=False, other_lead=True)
