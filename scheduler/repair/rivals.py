"""Rivals of a request that has no place: placed requests that hold the people and rooms that it could have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scheduler.instance.timetable import PartialTimetable

Span = tuple[int, int, int]  # begin, end, request
_LOAD_SHARE = 0.1  # of an overlap: what a session weighs that only fills up somebody's hours


class Rivals:
    """Who holds which people and rooms, as the timetable is when this is made."""

    def __init__(self, timetable: PartialTimetable) -> None:
        self.timetable = timetable
        self._people: dict[int, list[Span]] = defaultdict(list)
        self._rooms: dict[int, list[Span]] = defaultdict(list)
        for request, placements in timetable.placed.items():
            minutes = timetable.instance.requests[request].duration_min
            pinned = timetable.pinned.get(request, ())
            for placement in placements:
                if placement not in pinned:
                    span = placement.start, placement.start + minutes, request
                    self._rooms[placement.room].append(span)
                    for person in placement.team:
                        self._people[person].append(span)

    def of(self, request: int, limit: int) -> list[int]:
        """Up to `limit` rivals, those first that stand in the way most often, the lightest first among equals."""
        requests = self.timetable.instance.requests
        counted = self._counted(request)
        return sorted(counted, key=lambda rival: (-counted[rival], requests[rival].weight, rival))[:limit]

    def _counted(self, request: int) -> dict[int, float]:
        counted: dict[int, float] = defaultdict(float)
        for rival, share in self._met(request):
            if rival != request:
                counted[rival] += share
        return counted

    def _met(self, request: int) -> Iterator[tuple[int, float]]:
        instance = self.timetable.instance
        minutes, candidates = instance.requests[request].duration_min, instance.candidates[request]
        for start, rooms in candidates.rooms.items():
            people = [*candidates.leads[start], *candidates.assistants[start]]
            for person in people:
                for begin, end, rival in self._people.get(person, ()):
                    yield rival, 1.0 if begin < start + minutes and start < end else _LOAD_SHARE
            for room in rooms:
                for begin, end, rival in self._rooms.get(room, ()):
                    if begin < start + minutes and start < end:
                        yield rival, 1.0 / len(rooms)
