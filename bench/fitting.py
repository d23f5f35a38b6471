"""What may go where by the rules that concern one session alone, read straight from docs/format.md.

The rival planners of the comparison start from here; nothing of the scheduler's own filters is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, ceil, cos, radians, sin, sqrt

from domain.windows import DAY_MIN, Windows
from scheduler.documents.records import Location, Problem, Request, Room, Venue, Volunteer

EARTH_KM = 6371.0088


def kilometres(a: Location, b: Location) -> float:
    """Great-circle distance."""
    north_a, east_a, north_b, east_b = map(radians, (*a, *b))
    h = sin((north_b - north_a) / 2) ** 2 + cos(north_a) * cos(north_b) * sin((east_b - east_a) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, h)))


def within(begin: int, end: int, windows: Windows) -> bool:
    """Whether a session from `begin` to `end`, minutes since Monday 00:00, lies in one of the windows."""
    return any(window.start_min <= begin and end <= window.end_min for window in windows)


def starts_in(windows: Windows, duration_min: int, grid_min: int) -> list[int]:
    """Every start on the grid from which a session of that length lies in one of the windows and in one day."""
    starts = []
    for window in windows:
        day, first = divmod(window.start_min, DAY_MIN)
        end = min(first + window.minutes, DAY_MIN)
        first = ceil(first / grid_min) * grid_min
        starts += [day * DAY_MIN + start for start in range(first, end - duration_min + 1, grid_min)]
    return sorted(set(starts))


def fits(request: Request, room: Room) -> bool:
    return (
        room.capacity >= request.learners
        and request.equipment <= room.equipment
        and (room.accessible or not request.accessible)
        and (room.functions is None or request.function in room.functions)
    )


def near(origin: Location, venue: Venue, limit_km: float | None) -> bool:
    return limit_km is None or kilometres(origin, venue.location) <= limit_km


@dataclass(frozen=True)
class Options:
    """What one request could have: rooms and people by start, in minutes since Monday 00:00."""

    rooms: dict[int, list[str]]
    leads: dict[int, list[str]]
    assistants: dict[int, list[str]]


class Fitting:
    """A problem with its names looked up, and the options of each request."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.requests = {request.id: request for request in problem.requests}
        self.people = {volunteer.id: volunteer for volunteer in problem.volunteers}
        self.rooms = {room.id: room for venue in problem.venues for room in venue.rooms}
        self.venue_of = {room.id: venue for venue in problem.venues for room in venue.rooms}
        self.homes = {
            volunteer.id: frozenset(
                v.id for v in problem.venues if near(volunteer.location, v, volunteer.max_travel_km)
            )
            for volunteer in problem.volunteers
        }
        self._ways: dict[tuple[str, str], int] = {}

    def way_min(self, here: Venue, there: Venue) -> int:
        """Minutes that a volunteer needs between two venues."""
        key = here.id, there.id
        if key not in self._ways:
            km = kilometres(here.location, there.location)
            self._ways[key] = 0 if here.id == there.id else ceil(60 * km / self.problem.travel_kmh)
        return self._ways[key]

    def turnaround_between(self, room: str, second: str) -> int | None:
        """Minutes between two sessions in these rooms; None where the rooms do not clash."""
        first_room, second_room = self.rooms[room], self.rooms[second]
        if room in (second, second_room.part_of) or first_room.part_of == second:
            return max(first_room.turnaround_min, second_room.turnaround_min)
        return None

    def options(self, request: Request) -> Options:
        """Starts without a room or without enough people of each role are left out."""
        rooms = self._by_start(
            request, ((room, self.rooms[room].open) for room in self.fitting_rooms(request))
        )
        leads = self._people(request, self.possible_leads(request) if request.leads else [])
        assistants = self._people(request, self.possible_assistants(request) if request.assistants else [])
        starts = [
            start
            for start in starts_in(request.acceptable, request.duration_min, self.problem.grid_min)
            if start in rooms
            and len(leads.get(start, ())) >= request.leads
            and len(assistants.get(start, ())) >= request.assistants
        ]
        return Options(
            {start: rooms[start] for start in starts},
            {start: leads.get(start, []) for start in starts},
            {start: assistants.get(start, []) for start in starts},
        )

    def fitting_rooms(self, request: Request) -> list[str]:
        return [
            room.id
            for venue in self.problem.venues
            if near(request.location, venue, request.max_travel_km)
            for room in venue.rooms
            if fits(request, room)
        ]

    def possible_leads(self, request: Request) -> list[Volunteer]:
        return [
            volunteer
            for volunteer in self.problem.volunteers
            if "lead" in volunteer.roles
            and request.topic in volunteer.skills
            and not volunteer.minor
            and (volunteer.vetted or not request.minors)
        ]

    def possible_assistants(self, request: Request) -> list[Volunteer]:
        return [
            volunteer
            for volunteer in self.problem.volunteers
            if "assistant" in volunteer.roles and (volunteer.vetted or not request.minors)
        ]

    def _people(self, request: Request, people: Iterable[Volunteer]) -> dict[int, list[str]]:
        venues = {self.venue_of[room].id for room in self.fitting_rooms(request)}
        useful = (volunteer for volunteer in people if venues & self.homes[volunteer.id])
        return self._by_start(request, ((volunteer.id, volunteer.available) for volunteer in useful))

    def _by_start(self, request: Request, free: Iterable[tuple[str, Windows]]) -> dict[int, list[str]]:
        names: dict[int, list[str]] = {}
        for name, windows in free:
            for start in starts_in(windows, request.duration_min, self.problem.grid_min):
                names.setdefault(start, []).append(name)
        return names
