"""Decide what placed sessions are worth while searching: the goals, counted on the timetable's indices.

`goals.py` counts the same on documents; a test holds the two side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scheduler.instance.candidates import LazyList
from scheduler.instance.instance import Instance, Placement
from scheduler.instance.numbering import before_of, held_again, pins_of
from scheduler.instance.timetable import Timetable

Worth = dict[str, int]


class ObjectiveEvaluator:
    """Counts the goals of placements, with what is needed for it looked up once."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._returning = {
            instance.request_index[assignment.request]
            for assignment in instance.problem.previous
            if assignment.request in instance.request_index
        }
        self._before, self._pins = before_of(instance), pins_of(instance)
        self._liked: Sequence[frozenset[int]] = LazyList(len(instance.requests), self._liked_starts)

    def _liked_starts(self, request: int) -> frozenset[int]:
        grid, one = self.instance.grid, self.instance.requests[request]
        return frozenset(grid.starts(grid.mask(one.preferred, one.duration_min)))

    def worth(self, timetable: Timetable, requests: Iterable[int] | None = None) -> Worth:
        """The goals' values over all sessions of the requests (of all requests where None).

        `functions` and `communities` are always counted over the whole timetable.
        """
        total = {"communities": self._communities(timetable), "functions": timetable.pairs}
        total |= {"served": 0, "continuity": 0, "preferred": 0, "travel": 0}
        for request in list(timetable.placed) if requests is None else requests:
            placements = timetable.placed.get(request, [])
            total["served"] += len(placements) * self.instance.requests[request].weight
            total["preferred"] += sum(placement.start in self._liked[request] for placement in placements)
            total["travel"] -= sum(self._metres(placement) for placement in placements)
            if placements and request in self._returning:
                pins = self._pins.get(request, [])
                total["continuity"] += held_again(self.instance, request, placements, pins, self._before)
        return total

    def _communities(self, timetable: Timetable) -> int:
        requests = self.instance.requests
        return len({requests[one].area for one, placements in timetable.placed.items() if placements})

    def _metres(self, at: Placement) -> int:
        venue = self.instance.room_venue[at.room]
        return sum(self.instance.metres(one, venue) for one in at.team)
