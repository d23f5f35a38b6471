"""Decide which requests to free together: those that compete for the same people, places or hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from random import Random

from scheduler.instance.candidates import LazyList
from scheduler.instance.instance import Instance
from scheduler.instance.timetable import Timetable

_ROOMS_COUNTED = 4
Grow = Callable[["Neighbours", int, Random], Iterator[int]]


class Neighbours:
    """Who competes with whom, now."""

    def __init__(self, timetable: Timetable) -> None:
        self.timetable, self.instance = timetable, timetable.instance
        count = len(self.instance.requests)
        self.leads = LazyList(count, self._leads)
        self.venues = LazyList(
            count, lambda request: sorted({self.instance.room_venue[room] for room in self.rooms[request]})
        )
        self.rooms = LazyList(count, self._rooms)

    def _leads(self, request: int) -> list[int]:
        return sorted(
            {person for people in self.instance.choices[request].leads.values() for person in people}
        )

    def _rooms(self, request: int) -> list[int]:
        return sorted({room for rooms in self.instance.choices[request].rooms.values() for room in rooms})

    @cached_property
    def size(self) -> list[int]:
        """About how many columns each request gets."""
        return [_columns(self.instance, request) for request in range(len(self.instance.requests))]

    @cached_property
    def possible(self) -> list[int]:
        return [request for request, columns in enumerate(self.size) if columns]

    @cached_property
    def attended_by(self) -> dict[str, list[int]]:
        """The requests of each cohort."""
        found: dict[str, list[int]] = defaultdict(list)
        for request in self.possible:
            for cohort in sorted(self.instance.requests[request].cohorts):
                found[cohort].append(request)
        return found

    def busy_with(self) -> dict[int, list[int]]:
        """The requests that each volunteer works for."""
        work: dict[int, list[int]] = defaultdict(list)
        for request, placements in self.timetable.placed.items():
            for one in {one for placement in placements for one in placement.team}:
                work[one].append(request)
        return work

    def unserved(self) -> list[int]:
        placed, requests = self.timetable.placed, self.instance.requests
        return [one for one in self.possible if len(placed.get(one, ())) < requests[one].sessions]


def _columns(instance: Instance, request: int) -> int:
    """About how many columns a request gets, with a few rooms at each start."""
    choices = instance.choices[request]
    people = sum(len(some) for group in (choices.leads, choices.assistants) for some in group.values())
    return people + sum(min(_ROOMS_COUNTED, len(rooms)) for rooms in choices.rooms.values())


def around_people(near: Neighbours, seed: int, rng: Random) -> Iterator[int]:
    """Who could lead it, what they lead now, who else could lead that, and so on; learners in common count too."""
    busy, seen, frontier = near.busy_with(), {seed}, [seed]
    yield seed
    while frontier:
        request = frontier.pop(0)
        met = [other for one in near.leads[request] for other in busy.get(one, ())]
        met += [
            other
            for cohort in sorted(near.instance.requests[request].cohorts)
            for other in near.attended_by[cohort]
        ]
        rng.shuffle(met)
        for other in met:
            if other not in seen:
                seen.add(other)
                frontier.append(other)
                yield other


def around_place(near: Neighbours, seed: int, rng: Random) -> Iterator[int]:
    """What is held near one venue that would do, nearest first; asked for but not held too."""
    instance, timetable = near.instance, near.timetable
    venue = rng.choice(near.venues[seed])
    at: dict[int, int] = {}
    for request in near.possible:
        placements = timetable.placed.get(request)
        venues = (
            [instance.room_venue[placement.room] for placement in placements]
            if placements
            else near.venues[request]
        )
        at[request] = min(instance.way_min(venue, other) for other in venues[:12]) if placements else 10**6
    yield seed
    yield from sorted((one for one in near.possible if one != seed), key=lambda one: (at[one], rng.random()))


def around_time(near: Neighbours, seed: int, rng: Random) -> Iterator[int]:
    """What is held at about the same time, the nearest venues first."""
    instance, timetable = near.instance, near.timetable
    start = rng.choice(instance.choices[seed].starts)
    venue = rng.choice(near.venues[seed])

    def rank(request: int) -> tuple[int, float]:
        placements = timetable.placed.get(request)
        if not placements:
            return 10**6, rng.random()
        far = min(abs(placement.start - start) // 180 for placement in placements)
        way = min(instance.way_min(venue, instance.room_venue[placement.room]) for placement in placements)
        return far * 30 + way, rng.random()

    yield seed
    yield from sorted((one for one in near.possible if one != seed), key=rank)


GROWTHS: tuple[Grow, ...] = (around_people, around_place, around_time)


def free_together(
    order: Iterable[int], near: Neighbours, most: int, columns: int, taken: set[int]
) -> list[int]:
    """The first requests of the order that are not taken, up to that many requests and columns."""
    chosen: list[int] = []
    size = 0
    for request in order:
        if request in taken:
            continue
        if chosen and (len(chosen) >= most or size + near.size[request] > columns):
            break
        chosen.append(request)
        size += near.size[request]
    return chosen
