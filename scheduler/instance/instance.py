"""Instance: a problem turned into numbers, with the candidates of each request.

Rooms, volunteers, requests and venues are indices here. A *start* is the minute since Monday 00:00 at which a
session begins.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass
from math import ceil, gcd

import numpy as np

from domain.windows import DAY_MIN
from scheduler.documents.records import Assignment, Problem, Request, Room, uneven_minutes
from scheduler.instance.candidates import Candidates, CandidateTables, Grid, LazyList
from scheduler.instance.geography import kilometres

__all__ = ["Candidates", "Grid", "Instance", "Placement", "kilometres"]


@dataclass(frozen=True, slots=True)
class Placement:
    """One session in its place; the number of the session is given when the plan is written."""

    start: int
    room: int
    leads: tuple[int, ...]
    assistants: tuple[int, ...] = ()

    @property
    def team(self) -> tuple[int, ...]:
        """Indices of leads, then of assistants."""
        return self.leads + self.assistants


class Instance:
    """A problem as numbers.

    Attributes
    ----------
    rooms, room_venue : list
        The rooms of all venues in the document's order, and the venue of each.
    related : list of list of (room, minutes)
        For each room, the rooms that it clashes with (itself first) and the turnaround that counts between them.
    candidates : sequence of Candidates
        The candidates of each request, worked out when first asked for.
    unit : int
        Every value of `served` is a multiple of it.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.grid = Grid(problem.grid_min, problem.starts, uneven_minutes(problem))
        self.venues, self.volunteers, self.requests = problem.venues, problem.volunteers, problem.requests
        self.rooms: list[Room] = [room for venue in problem.venues for room in venue.rooms]
        self.room_venue = [index for index, venue in enumerate(problem.venues) for _ in venue.rooms]
        self.related = self._related_rooms()
        self.room_index = {room.id: index for index, room in enumerate(self.rooms)}
        self.volunteer_index = {volunteer.id: index for index, volunteer in enumerate(self.volunteers)}
        self.request_index = {request.id: index for index, request in enumerate(self.requests)}
        self._metres: dict[tuple[int, int], int] = {}
        self._ways: dict[tuple[int, int], int] = {}
        self._tables = CandidateTables(problem, self.grid)
        self.comes_to: MutableSequence[frozenset[int]] = LazyList(len(self.volunteers), self._venues_near)
        self.candidates = self._all_candidates()
        self.unit = gcd(*(request.weight for request in problem.requests)) or 1

    def _related_rooms(self) -> list[list[tuple[int, int]]]:
        index_of = {room.id: index for index, room in enumerate(self.rooms)}
        related = [[(index, room.turnaround_min)] for index, room in enumerate(self.rooms)]
        for index, room in enumerate(self.rooms):
            if room.part_of is not None:
                whole = index_of[room.part_of]
                gap = max(room.turnaround_min, self.rooms[whole].turnaround_min)
                related[index].append((whole, gap))
                related[whole].append((index, gap))
        return related

    def _venues_near(self, volunteer: int) -> frozenset[int]:
        come = self._tables.comes_to(np.array([volunteer]))[0]
        return frozenset(np.flatnonzero(come).tolist())

    def all_venues_near(self) -> list[frozenset[int]]:
        """For each volunteer the venues that `comes_to` has, measured together, which is quicker than one by one."""
        everybody = self._tables.comes_to(np.arange(len(self.volunteers)))
        return [frozenset(np.flatnonzero(venues).tolist()) for venues in everybody]

    def _all_candidates(self) -> Sequence[Candidates]:
        return LazyList(len(self.requests), lambda index: self._candidates(self.requests[index]))

    def _candidates(self, request: Request) -> Candidates:
        return self._tables.candidates(request)

    def candidates_once(self, request: int) -> Candidates:
        """The candidates of a request, not kept for the next time: those of a city do not fit in memory."""
        return self._candidates(self.requests[request])

    def metres(self, volunteer: int, venue: int) -> int:
        """Metres from a volunteer's home to a venue, rounded as the goal `travel` rounds."""
        key = volunteer, venue
        if key not in self._metres:
            home, there = self.volunteers[volunteer].location, self.venues[venue].location
            self._metres[key] = round(1000 * kilometres(home, there))
        return self._metres[key]

    def way_min(self, first: int, second: int) -> int:
        """Minutes of way between two venues, rounded up; at most a day, and 0 from a venue to itself."""
        if first == second:
            return 0
        key = first, second
        if key not in self._ways:
            way = (
                60
                * kilometres(self.venues[first].location, self.venues[second].location)
                / self.problem.travel_kmh
            )
            self._ways[key] = ceil(min(way, DAY_MIN))
        return self._ways[key]

    def fits(self, request: Request, room: Room) -> bool:
        """Whether the room has the places, equipment and access, and welcomes the function."""
        return (
            room.capacity >= request.learners
            and room.equipment >= request.equipment
            and (room.accessible or not request.accessible)
            and (room.functions is None or request.function in room.functions)
        )

    def in_reach(self, request: Request, venue: int) -> bool:
        """Whether the venue lies within the request's `max_travel_km`."""
        limit = request.max_travel_km
        return limit is None or kilometres(request.location, self.venues[venue].location) <= limit

    def fitting_rooms(self, request: Request) -> list[int]:
        """Indices of the rooms that fit and lie within the request's `max_travel_km`, whenever open, ascending."""
        return list(map(int, self._tables.fitting_rooms(request)))

    def could_lead(self, request: Request) -> list[int]:
        """Indices of volunteers whom role, age, topic and vetting let lead the request."""
        return list(map(int, self._tables.could_lead(request)))

    def could_assist(self, request: Request) -> list[int]:
        """Indices of volunteers whom role and vetting let assist the request."""
        return list(map(int, self._tables.could_assist(request)))

    def placement(self, assignment: Assignment) -> Placement:
        """An assignment as indices; `KeyError` where it names an unknown room or volunteer."""
        people = self.volunteer_index
        return Placement(
            assignment.begin_min,
            self.room_index[assignment.room],
            tuple(people[name] for name in assignment.leads),
            tuple(people[name] for name in assignment.assistants),
        )

    def assignment(self, request: int, session: int, placement: Placement) -> Assignment:
        """A placement as the document writes it, with a session number from 1."""
        day, start = divmod(placement.start, DAY_MIN)
        return Assignment(
            self.requests[request].id,
            session,
            day + 1,
            start,
            self.rooms[placement.room].id,
            tuple(self.volunteers[lead].id for lead in placement.leads),
            tuple(self.volunteers[assistant].id for assistant in placement.assistants),
        )
