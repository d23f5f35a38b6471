"""Neighbourhoods of a plan: requests that compete for the same people, places or hours, to be freed together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from random import Random

from scheduler.instance.candidates import LazyList
from scheduler.instance.instance import Instance
from scheduler.instance.timetable import PartialTimetable

_ROOMS_COUNTED = 4
Grow = Callable[["Neighbours", int, Random], Iterator[int]]


class Neighbours:
    """Who competes with whom in a timetable, as it is when asked."""

    def __init__(self, timetable: PartialTimetable) -> None:
        self.timetable, self.instance = timetable, timetable.instance
        count = len(self.instance.requests)
        self.leads = LazyList(count, self._leads)
        self.venues = LazyList(
            count, lambda request: sorted({self.instance.room_venue[room] for room in self.rooms[request]})
        )
        self.rooms = LazyList(count, self._rooms)

    def _leads(self, request: int) -> list[int]:
        return sorted(
            {person for people in self.instance.candidates[request].leads.values() for person in people}
        )

    def _rooms(self, request: int) -> list[int]:
        return sorted({room for rooms in self.instance.candidates[request].rooms.values() for room in rooms})

    @cached_property
    def size(self) -> list[int]:
        """About how many columns each request gets."""
        return [_columns(self.instance, request) for request in range(len(self.instance.requests))]

    @cached_property
    def possible(self) -> list[int]:
        """The requests that could be held at all."""
        return [request for request, columns in enumerate(self.size) if columns]

    @cached_property
    def attended_by(self) -> dict[str, list[int]]:
        """The requests of each cohort."""
        requests_of: dict[str, list[int]] = defaultdict(list)
        for request in self.possible:
            for cohort in sorted(self.instance.requests[request].cohorts):
                requests_of[cohort].append(request)
        return requests_of

    def busy_with(self) -> dict[int, list[int]]:
        """The requests that each volunteer works for."""
        work: dict[int, list[int]] = defaultdict(list)
        for request, placements in self.timetable.placed.items():
            for person in {person for placement in placements for person in placement.team}:
                work[person].append(request)
        return work

    def unserved(self) -> list[int]:
        """Possible requests with a session that is not placed."""
        placed, requests = self.timetable.placed, self.instance.requests
        return [
            request for request in self.possible if len(placed.get(request, ())) < requests[request].sessions
        ]


def _columns(instance: Instance, request: int) -> int:
    """About how many columns a request gets, with a few rooms at each start."""
    candidates = instance.candidates[request]
    people = sum(len(able) for group in (candidates.leads, candidates.assistants) for able in group.values())
    return people + sum(min(_ROOMS_COUNTED, len(rooms)) for rooms in candidates.rooms.values())


def around_people(neighbours: Neighbours, seed: int, rng: Random) -> Iterator[int]:
    """Requests that compete with `seed` for leads or share learners with it, breadth first."""
    busy, seen, frontier = neighbours.busy_with(), {seed}, [seed]
    yield seed
    while frontier:
        request = frontier.pop(0)
        met = [rival for lead in neighbours.leads[request] for rival in busy.get(lead, ())]
        met += [
            rival
            for cohort in sorted(neighbours.instance.requests[request].cohorts)
            for rival in neighbours.attended_by[cohort]
        ]
        rng.shuffle(met)
        for rival in met:
            if rival not in seen:
                seen.add(rival)
                frontier.append(rival)
                yield rival


def around_place(neighbours: Neighbours, seed: int, rng: Random) -> Iterator[int]:
    """Requests by travel time from a random venue of `seed`; those without a place come last."""
    instance, timetable = neighbours.instance, neighbours.timetable
    venue = rng.choice(neighbours.venues[seed])

    def rank(request: int) -> tuple[int, float]:
        venues = [instance.room_venue[placement.room] for placement in timetable.placed.get(request, ())[:12]]
        return min((instance.way_min(venue, held) for held in venues), default=10**6), rng.random()

    yield seed
    yield from sorted((request for request in neighbours.possible if request != seed), key=rank)


def around_time(neighbours: Neighbours, seed: int, rng: Random) -> Iterator[int]:
    """Requests by how near they are to a random start of `seed`, in steps of three hours, and by travel time."""
    instance, timetable = neighbours.instance, neighbours.timetable
    start = rng.choice(instance.candidates[seed].starts)
    venue = rng.choice(neighbours.venues[seed])

    def rank(request: int) -> tuple[int, float]:
        placements = timetable.placed.get(request)
        if not placements:
            return 10**6, rng.random()
        far = min(abs(placement.start - start) // 180 for placement in placements)
        way = min(instance.way_min(venue, instance.room_venue[placement.room]) for placement in placements)
        return far * 30 + way, rng.random()

    yield seed
    yield from sorted((request for request in neighbours.possible if request != seed), key=rank)


GROWTHS: tuple[Grow, ...] = (around_people, around_place, around_time)


def free_together(
    order: Iterable[int], neighbours: Neighbours, max_requests: int, columns: int, taken: set[int]
) -> list[int]:
    """The first requests of the order that can be freed together.

    Parameters
    ----------
    max_requests, columns : int
        Limits of the requests and of their columns in an integer programme; the first may exceed that of columns.
    taken : set of int
        Requests that are passed over.
    """
    chosen: list[int] = []
    size = 0
    for request in order:
        if request in taken:
            continue
        if chosen and (len(chosen) >= max_requests or size + neighbours.size[request] > columns):
            break
        chosen.append(request)
        size += neighbours.size[request]
    return chosen
