"""Decide what could be placed where: a problem turned into numbers, with every choice that a rule rules out left out.

Rooms, volunteers, requests and venues are indices here. A *start* is the minute since Monday 00:00 at which a
session begins. Sets of starts are bit masks over the week's grid while they are intersected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import asin, ceil, cos, gcd, radians, sin, sqrt

from domain.windows import DAY_MIN, Windows
from scheduler.records import Assignment, Location, Problem, Request, Room, Volunteer

_EARTH_KM = 6371.0088
_DAYS = 7


@dataclass(frozen=True, slots=True)
class Placement:
    """One session in its place; the number of the session is given when the plan is written."""

    start: int
    room: int
    leads: tuple[int, ...]
    assistants: tuple[int, ...] = ()

    @property
    def team(self) -> tuple[int, ...]:
        return self.leads + self.assistants


@dataclass(slots=True)
class Choices:
    """What one request could have; each list is sorted, and empty where a rule leaves nothing.

    `rooms` maps a start to the rooms that are open and fit; `leads` and `assistants` map a start to the people who
    could come to at least one of these rooms.
    """

    rooms: dict[int, list[int]] = field(default_factory=dict)
    leads: dict[int, list[int]] = field(default_factory=dict)
    assistants: dict[int, list[int]] = field(default_factory=dict)

    @property
    def starts(self) -> list[int]:
        return list(self.rooms)


class Grid:
    """Bit masks over the starts of a week, bit n standing for the n-th start since Monday 00:00."""

    def __init__(self, grid_min: int) -> None:
        self.grid_min = grid_min
        self.per_day = ceil(DAY_MIN / grid_min)
        self._masks: dict[tuple[Windows, int], int] = {}

    def mask(self, windows: Windows, duration_min: int) -> int:
        """The starts from which a session of that length lies wholly in one window."""
        key = windows, duration_min
        if key not in self._masks:
            self._masks[key] = self._fresh_mask(windows, duration_min)
        return self._masks[key]

    def _fresh_mask(self, windows: Windows, duration_min: int) -> int:
        mask = 0
        for window in windows:
            day, start = divmod(window.start_min, DAY_MIN)
            first = ceil(start / self.grid_min)
            last = (start + window.minutes - duration_min) // self.grid_min
            last = min(last, self.per_day - 1)
            if last >= first:
                mask |= ((1 << (last - first + 1)) - 1) << (day * self.per_day + first)
        return mask

    def starts(self, mask: int) -> Iterable[int]:
        while mask:
            low = mask & -mask
            day, place = divmod(low.bit_length() - 1, self.per_day)
            yield day * DAY_MIN + place * self.grid_min
            mask ^= low


def kilometres(a: Location, b: Location) -> float:
    north_a, east_a, north_b, east_b = map(radians, (*a, *b))
    h = sin((north_b - north_a) / 2) ** 2 + cos(north_a) * cos(north_b) * sin((east_b - east_a) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(min(1.0, h)))


class Instance:
    """A problem as numbers.

    Attributes
    ----------
    rooms, room_venue : list
        The rooms of all venues in the document's order, and the venue of each.
    related : list of list of (room, minutes)
        For each room, the rooms that it clashes with (itself first) and the turnaround that counts between them.
    choices : sequence of Choices
        For each request.
    unit : int
        Every value of `served` is a multiple of it.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.grid = Grid(problem.grid_min)
        self.venues, self.volunteers, self.requests = problem.venues, problem.volunteers, problem.requests
        self.rooms: list[Room] = [room for venue in problem.venues for room in venue.rooms]
        self.room_venue = [at for at, venue in enumerate(problem.venues) for _ in venue.rooms]
        self.related = self._related_rooms()
        self.room_index = {room.id: at for at, room in enumerate(self.rooms)}
        self.volunteer_index = {one.id: at for at, one in enumerate(self.volunteers)}
        self.request_index = {one.id: at for at, one in enumerate(self.requests)}
        self._metres: dict[tuple[int, int], int] = {}
        self._ways: dict[tuple[int, int], int] = {}
        self.comes_to = [self._venues_near(one) for one in self.volunteers]
        self._experts = self._leads_by_topic()
        self.choices = self._all_choices()
        self.unit = gcd(*(request.weight for request in problem.requests)) or 1

    def _related_rooms(self) -> list[list[tuple[int, int]]]:
        at = {room.id: place for place, room in enumerate(self.rooms)}
        related = [[(place, room.turnaround_min)] for place, room in enumerate(self.rooms)]
        for place, room in enumerate(self.rooms):
            if room.part_of is not None:
                whole = at[room.part_of]
                gap = max(room.turnaround_min, self.rooms[whole].turnaround_min)
                related[place].append((whole, gap))
                related[whole].append((place, gap))
        return related

    def _venues_near(self, one: Volunteer) -> frozenset[int]:
        limit = one.max_travel_km
        return frozenset(
            at
            for at, venue in enumerate(self.venues)
            if limit is None or kilometres(one.location, venue.location) <= limit
        )

    def _leads_by_topic(self) -> dict[str, list[int]]:
        experts: dict[str, list[int]] = {}
        for at, one in enumerate(self.volunteers):
            if "lead" in one.roles and not one.minor:
                for topic in one.skills:
                    experts.setdefault(topic, []).append(at)
        return experts

    def metres(self, volunteer: int, venue: int) -> int:
        """From home, rounded as the goal `travel` rounds."""
        key = volunteer, venue
        if key not in self._metres:
            home, place = self.volunteers[volunteer].location, self.venues[venue].location
            self._metres[key] = round(1000 * kilometres(home, place))
        return self._metres[key]

    def way_min(self, one: int, other: int) -> int:
        """Minutes of way between two venues, rounded up; a day where it takes longer than that."""
        if one == other:
            return 0
        key = one, other
        if key not in self._ways:
            way = (
                60
                * kilometres(self.venues[one].location, self.venues[other].location)
                / self.problem.travel_kmh
            )
            self._ways[key] = ceil(min(way, DAY_MIN))
        return self._ways[key]

    def fits(self, request: Request, room: Room) -> bool:
        return (
            room.capacity >= request.learners
            and room.equipment >= request.equipment
            and (room.accessible or not request.accessible)
            and (room.functions is None or request.function in room.functions)
        )

    def in_reach(self, request: Request, venue: int) -> bool:
        limit = request.max_travel_km
        return limit is None or kilometres(request.location, self.venues[venue].location) <= limit

    def fitting_rooms(self, request: Request) -> list[int]:
        """Rooms that fit and lie in reach, whenever they are open."""
        reach: dict[int, bool] = {}
        found = []
        for at, room in enumerate(self.rooms):
            if self.fits(request, room):
                venue = self.room_venue[at]
                if venue not in reach:
                    reach[venue] = self.in_reach(request, venue)
                if reach[venue]:
                    found.append(at)
        return found

    def could_lead(self, request: Request) -> list[int]:
        return [
            at
            for at in self._experts.get(request.topic, ())
            if self.volunteers[at].vetted or not request.minors
        ]

    def could_assist(self, request: Request) -> list[int]:
        return [
            at
            for at, one in enumerate(self.volunteers)
            if "assistant" in one.roles and (one.vetted or not request.minors)
        ]

    def _all_choices(self) -> Sequence[Choices]:
        """Those of each request; whoever asks for a few only may find them later."""
        return [self._choices(request) for request in self.problem.requests]

    def _choices(self, request: Request) -> Choices:
        if request.minors and 0 < request.leads + request.assistants < 2:
            return Choices()
        asked = self.grid.mask(request.acceptable, request.duration_min)
        rooms = {room: asked & self._open(room, request) for room in self.fitting_rooms(request)}
        by_venue: dict[int, int] = {}
        for room, mask in rooms.items():
            venue = self.room_venue[room]
            by_venue[venue] = by_venue.get(venue, 0) | mask
        leads = self._people_at(self.could_lead(request) if request.leads else [], request, by_venue)
        assistants = self._people_at(
            self.could_assist(request) if request.assistants else [], request, by_venue
        )
        open_starts = self._by_start(rooms)
        met = {
            start: self._where_met(
                open_starts[start], request, leads.get(start, []), assistants.get(start, [])
            )
            for start in sorted(open_starts)
        }
        starts = [start for start, places in met.items() if places]
        return Choices(
            {start: met[start] for start in starts},
            {start: leads.get(start, []) for start in starts},
            {start: assistants.get(start, []) for start in starts},
        )

    def _where_met(
        self, rooms: list[int], request: Request, leads: list[int], assistants: list[int]
    ) -> list[int]:
        """Those of the rooms to which somebody of each role could come; none where there are too few people."""
        if len(leads) < request.leads or len(assistants) < request.assistants:
            return []
        for needed, people in ((request.leads, leads), (request.assistants, assistants)):
            if needed:
                venues = frozenset[int]().union(*(self.comes_to[one] for one in people))
                rooms = [room for room in rooms if self.room_venue[room] in venues]
        return rooms

    def _open(self, room: int, request: Request) -> int:
        return self.grid.mask(self.rooms[room].open, request.duration_min)

    def _people_at(
        self, people: list[int], request: Request, by_venue: dict[int, int]
    ) -> dict[int, list[int]]:
        masks: dict[int, int] = {}
        for one in people:
            volunteer = self.volunteers[one]
            limits = [limit for limit in (volunteer.max_min_week, volunteer.max_min_day) if limit is not None]
            free = self.grid.mask(volunteer.available, request.duration_min)
            if not free or min(limits, default=request.duration_min) < request.duration_min:
                continue
            near = 0
            for venue, mask in by_venue.items():
                if venue in self.comes_to[one]:
                    near |= mask
            masks[one] = free & near
        return self._by_start(masks)

    def _by_start(self, masks: dict[int, int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for one, mask in masks.items():
            for start in self.grid.starts(mask):
                found.setdefault(start, []).append(one)
        return found

    def placement(self, one: Assignment) -> Placement:
        people = self.volunteer_index
        return Placement(
            one.begin_min,
            self.room_index[one.room],
            tuple(people[name] for name in one.leads),
            tuple(people[name] for name in one.assistants),
        )

    def assignment(self, request: int, session: int, at: Placement) -> Assignment:
        day, start = divmod(at.start, DAY_MIN)
        return Assignment(
            self.requests[request].id,
            session,
            day + 1,
            start,
            self.rooms[at.room].id,
            tuple(self.volunteers[one].id for one in at.leads),
            tuple(self.volunteers[one].id for one in at.assistants),
        )
