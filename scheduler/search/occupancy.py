"""Decide what it would cost to push a request out of a plan in which everything knows its owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import inf

from domain.windows import DAY_MIN
from scheduler.instance.instance import Placement
from scheduler.instance.timetable import Timetable

NOBODY = -1  # leads what needs no lead
Busy = tuple[int, int, int, int]  # begin, end, venue, request
Placements = tuple[Placement, ...]


class Owned:
    """A plan in which everything placed knows its owner.

    Only requests with at most one lead move; what is pinned, and any other request, stays where it is.

    Attributes
    ----------
    placed : dict
        The sessions of each request that is in, by its index.
    value : int
        What these serve.
    pairs : int
        Of a venue and a function that it hosts.
    """

    def __init__(self, timetable: Timetable, possible: Iterable[int]) -> None:
        self.timetable, self.instance = timetable, timetable.instance
        instance = self.instance
        self.busy: list[list[Busy]] = [[] for _ in instance.volunteers]
        self.in_room: list[list[tuple[int, int, int]]] = [[] for _ in instance.rooms]
        self.load = [0] * len(instance.volunteers)
        self.lent = [0] * len(instance.venues)
        self.hosted: dict[tuple[int, str], int] = defaultdict(int)
        self.pairs = 0
        self.attended: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        self.placed: dict[int, Placements] = {}
        self._ways: dict[int, list[tuple[int, list[tuple[int, list[int]]]]]] = {}
        self.movable = {one for one in possible if self._moves(one)}
        self.weight = [float(one.weight * one.sessions) for one in instance.requests]
        self._until: dict[int, int] = {}
        self.step_number, self.value = 0, 0
        for request, sessions in timetable.placed.items():
            if sessions:
                self._put(request, tuple(sessions))

    def _moves(self, request: int) -> bool:
        wanted = self.instance.requests[request]
        return wanted.leads <= 1 and request not in self.timetable.pinned and bool(self.ways(request))

    def ways(self, request: int) -> list[tuple[int, list[tuple[int, list[int]]]]]:
        """Who could lead all sessions of the request, on which days, at which starts."""
        if request not in self._ways:
            self._ways[request] = list(self._fresh_ways(request))
        return self._ways[request]

    def _fresh_ways(self, request: int) -> Iterator[tuple[int, list[tuple[int, list[int]]]]]:
        wanted, choices = self.instance.requests[request], self.instance.choices[request]
        by_lead: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for start in choices.rooms:
            for lead in choices.leads[start] if wanted.leads else (NOBODY,):
                by_lead[lead][start // DAY_MIN].append(start)
        for lead, days in by_lead.items():
            if sum(min(len(day), wanted.max_sessions_per_day) for day in days.values()) >= wanted.sessions:
                limit = None if lead == NOBODY else self.instance.volunteers[lead].max_min_week
                if limit is None or wanted.sessions * wanted.duration_min <= limit:
                    yield lead, list(days.items())

    def _put(self, request: int, sessions: Placements) -> None:
        wanted, venue_of = self.instance.requests[request], self.instance.room_venue
        minutes = wanted.duration_min
        for placement in sessions:
            venue, end = venue_of[placement.room], placement.start + minutes
            self.in_room[placement.room].append((placement.start, end, request))
            self.lent[venue] += minutes
            self.hosted[venue, wanted.function] += 1
            self.pairs += self.hosted[venue, wanted.function] == 1
            for one in placement.team:
                self.busy[one].append((placement.start, end, venue, request))
                self.load[one] += minutes
            for cohort in wanted.cohorts:
                self.attended[cohort].append((placement.start, end, request))
        self.placed[request] = sessions
        self.value += wanted.weight * len(sessions)

    def _take(self, request: int) -> None:
        wanted, venue_of = self.instance.requests[request], self.instance.room_venue
        minutes, sessions = wanted.duration_min, self.placed.pop(request)
        for placement in sessions:
            venue, end = venue_of[placement.room], placement.start + minutes
            self.in_room[placement.room].remove((placement.start, end, request))
            self.lent[venue] -= minutes
            self.hosted[venue, wanted.function] -= 1
            self.pairs -= self.hosted[venue, wanted.function] == 0
            for one in placement.team:
                self.busy[one].remove((placement.start, end, venue, request))
                self.load[one] -= minutes
            for cohort in wanted.cohorts:
                self.attended[cohort].remove((placement.start, end, request))
        self.value -= wanted.weight * len(sessions)

    def price(self, request: int) -> float:
        """Of pushing a request out; infinite where it stays."""
        if request not in self.movable or self._until.get(request, 0) > self.step_number:
            return inf
        return self.weight[request]

    def _sum(self, requests: Iterable[int]) -> float:
        return sum(map(self.price, requests))
