"""Occupancy of people, rooms and learners by request, and what it costs to push a request out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import inf

from domain.windows import DAY_MIN
from scheduler.instance.instance import Placement
from scheduler.instance.timetable import PartialTimetable

NOBODY = -1  # leads what needs no lead
Busy = tuple[int, int, int, int]  # begin, end, venue, request
Placements = tuple[Placement, ...]


class Occupancy:
    """A plan in which every person, room and cohort knows the requests that hold it.

    Only requests with at most one lead move; what is pinned, and any other request, stays where it is.

    Attributes
    ----------
    placed : dict
        The sessions of each request that is in, by its index.
    weight_of : list of float, (n_requests,)
        What all sessions of a request serve.
    value : int
        What the placed sessions serve.
    pairs : int
        Of a venue and a function that it hosts.
    """

    def __init__(self, timetable: PartialTimetable, possible: Iterable[int]) -> None:
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
        self._lead_options: dict[int, list[tuple[int, list[tuple[int, list[int]]]]]] = {}
        self.movable = {r for r in possible if self._moves(r)}
        self.weight_of = [float(request.weight * request.sessions) for request in instance.requests]
        self._stays_until: dict[int, int] = {}
        self.step_number, self.value = 0, 0
        for r, sessions in timetable.placed.items():
            if sessions:
                self._put(r, tuple(sessions))

    def _moves(self, r: int) -> bool:
        request = self.instance.requests[r]
        return request.leads <= 1 and r not in self.timetable.pinned and bool(self.lead_options(r))

    def lead_options(self, r: int) -> list[tuple[int, list[tuple[int, list[int]]]]]:
        """Who could lead all sessions of the request, and when.

        Returns
        -------
        list of (int, list of (int, list of int))
            Each lead (index of a volunteer, `NOBODY` where none is needed) with the days (0 = Monday) and the starts
            on each (minutes since Monday 00:00), ascending.
        """
        if r not in self._lead_options:
            self._lead_options[r] = list(self._find_lead_options(r))
        return self._lead_options[r]

    def _find_lead_options(self, r: int) -> Iterator[tuple[int, list[tuple[int, list[int]]]]]:
        request, candidates = self.instance.requests[r], self.instance.candidates[r]
        by_lead: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for start in candidates.rooms:
            for lead in candidates.leads[start] if request.leads else (NOBODY,):
                by_lead[lead][start // DAY_MIN].append(start)
        for lead, days in by_lead.items():
            if sum(min(len(day), request.max_sessions_per_day) for day in days.values()) >= request.sessions:
                limit = None if lead == NOBODY else self.instance.volunteers[lead].max_min_week
                if limit is None or request.sessions * request.duration_min <= limit:
                    yield lead, list(days.items())

    def _put(self, r: int, sessions: Placements) -> None:
        request, venue_of = self.instance.requests[r], self.instance.room_venue
        minutes = request.duration_min
        for placement in sessions:
            venue, end = venue_of[placement.room], placement.start + minutes
            self.in_room[placement.room].append((placement.start, end, r))
            self.lent[venue] += minutes
            self.hosted[venue, request.function] += 1
            self.pairs += self.hosted[venue, request.function] == 1
            for volunteer in placement.team:
                self.busy[volunteer].append((placement.start, end, venue, r))
                self.load[volunteer] += minutes
            for cohort in request.cohorts:
                self.attended[cohort].append((placement.start, end, r))
        self.placed[r] = sessions
        self.value += request.weight * len(sessions)

    def _take(self, r: int) -> None:
        request, venue_of = self.instance.requests[r], self.instance.room_venue
        minutes, sessions = request.duration_min, self.placed.pop(r)
        for placement in sessions:
            venue, end = venue_of[placement.room], placement.start + minutes
            self.in_room[placement.room].remove((placement.start, end, r))
            self.lent[venue] -= minutes
            self.hosted[venue, request.function] -= 1
            self.pairs -= self.hosted[venue, request.function] == 0
            for volunteer in placement.team:
                self.busy[volunteer].remove((placement.start, end, venue, r))
                self.load[volunteer] -= minutes
            for cohort in request.cohorts:
                self.attended[cohort].remove((placement.start, end, r))
        self.value -= request.weight * len(sessions)

    def price_of(self, r: int) -> float:
        """The weight that is lost where a request is pushed out; infinite where it stays."""
        if r not in self.movable or self._stays_until.get(r, 0) > self.step_number:
            return inf
        return self.weight_of[r]

    def price_of_all(self, requests: Iterable[int]) -> float:
        """The sum of their prices."""
        return sum(map(self.price_of, requests))
