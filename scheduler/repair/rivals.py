"""Decide which placed requests stand in the way of one that has no place: those that would be moved for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scheduler.instance.timetable import Timetable

Span = tuple[int, int, int]  # begin, end, request
_LOAD_SHARE = 0.1  # of an overlap: what a session weighs that only fills up somebody's hours


class Rivals:
    """Who holds the people and rooms that others could have, at the moment when it is made."""

    def __init__(self, timetable: Timetable) -> None:
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
                    for one in placement.team:
                        self._people[one].append(span)

    def of(self, request: int, most: int) -> list[int]:
        """Up to that many, those first that stand in the way most often, the lightest first among equals."""
        requests = self.timetable.instance.requests
        counted = self._counted(request)
        return sorted(counted, key=lambda one: (-counted[one], requests[one].weight, one))[:most]

    def _counted(self, request: int) -> dict[int, float]:
        counted: dict[int, float] = defaultdict(float)
        for other, share in self._met(request):
            if other != request:
                counted[other] += share
        return counted

    def _met(self, request: int) -> Iterator[tuple[int, float]]:
        instance = self.timetable.instance
        minutes, choices = instance.requests[request].duration_min, instance.choices[request]
        for start, rooms in choices.rooms.items():
            people = [*choices.leads[start], *choices.assistants[start]]
            for person in people:
                for begin, end, other in self._people.get(person, ()):
                    yield other, 1.0 if begin < start + minutes and start < end else _LOAD_SHARE
            for room in rooms:
                for begin, end, other in self._rooms.get(room, ()):
                    if begin < start + minutes and start < end:
                        yield other, 1.0 / len(rooms)
