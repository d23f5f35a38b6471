"""Decide whether one person could take part in some sessions in one week, whatever everybody else does.

The person's hours, the loads of a day, sessions a day, overlaps and the ways between the venues that each session
could have are kept; rooms are as good as free, and the rest of each team comes along. A bundle that does not fit is
in no plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from domain.windows import DAY_MIN
from scheduler.timetable import Timetable

_MOST_TRIED = 3_000  # placements, after which a bundle is taken to fit
Task = tuple[int, int]  # a request, and in how many of its sessions the person takes part
Place = tuple[int, frozenset[int]]  # a start, and the venues that would do then


class Bundles:
    """Answers for the people of one problem; what is pinned counts as fixed."""

    def __init__(self, timetable: Timetable) -> None:
        self.timetable, self.instance = timetable, timetable.instance
        self._places: dict[tuple[int, int], list[Place]] = {}
        self._hosts: dict[int, list[tuple[int, frozenset[int], frozenset[int]]]] = {}

    def places(self, person: int, request: int) -> list[Place]:
        """Where the person could take part in a session of the request, earliest first."""
        key = person, request
        if key not in self._places:
            self._places[key] = list(self._find_places(person, request))
        return self._places[key]

    def _find_places(self, person: int, request: int) -> Iterable[Place]:
        near = self.instance.comes_to[person]
        for start, venues, people in self._hosts_of(request):
            if person in people and (there := near & venues):
                yield start, there

    def _hosts_of(self, request: int) -> list[tuple[int, frozenset[int], frozenset[int]]]:
        """The starts of a request, each with its venues and with everybody who could take part."""
        if request not in self._hosts:
            choices, venue_of = self.instance.choices[request], self.instance.room_venue
            self._hosts[request] = [
                (
                    start,
                    frozenset(venue_of[room] for room in choices.rooms[start]),
                    frozenset(choices.leads[start]).union(choices.assistants[start]),
                )
                for start in sorted(choices.rooms)
            ]
        return self._hosts[request]

    def fits(self, person: int, tasks: Iterable[Task]) -> bool:
        """False only where no week of the person has all of the tasks."""
        order = sorted(tasks, key=lambda task: (len(self.places(person, task[0])), task))
        return _Week(self, person, [request for request, times in order for _ in range(times)]).fits()

    def least_unfit(self, person: int, tasks: Sequence[Task]) -> list[Task]:
        """Tasks of a bundle that does not fit which do not fit by themselves, and would with any one less."""
        left = list(tasks)
        for task in tasks:
            fewer = [other for other in left if other != task]
            if fewer and not self.fits(person, fewer):
                left = fewer
        return left


class _Week:
    """A depth-first search for a place for every session of one person."""

    def __init__(self, bundles: Bundles, person: int, sessions: list[int]) -> None:
        self.instance = bundles.instance
        self.requests, self.sessions = bundles.instance.requests, sessions
        self.places = [bundles.places(person, request) for request in sessions]
        timetable = bundles.timetable
        self.busy = list(timetable.volunteer_use[person])
        self.most = self.instance.volunteers[person].max_min_day
        self.load = {day: timetable.day_load.get((person, day), 0) for day in range(8)}
        self.on_day: dict[tuple[int, int], int] = defaultdict(int)
        self.tried = 0

    def fits(self, at: int = 0, after: int = -1) -> bool:
        """Whether the sessions from `at` on find places; those of one request are placed in order of time."""
        if at == len(self.sessions) or self.tried > _MOST_TRIED:
            return True
        request = self.sessions[at]
        wanted = self.requests[request]
        again = at > 0 and self.sessions[at - 1] == request
        for start, venues in self.places[at]:
            day, end = start // DAY_MIN, start + wanted.duration_min
            if (again and start <= after) or self.on_day[request, day] >= wanted.max_sessions_per_day:
                continue
            if self.most is not None and self.load[day] + wanted.duration_min > self.most:
                continue
            if any(begin < end and start < finish for begin, finish, _ in self.busy):
                continue
            self.load[day] += wanted.duration_min
            self.on_day[request, day] += 1
            for venue in self._reached(start, end, venues):
                self.tried += 1
                self.busy.append((start, end, venue))
                found = self.fits(at + 1, start)
                self.busy.pop()
                if found:
                    return True
            self.load[day] -= wanted.duration_min
            self.on_day[request, day] -= 1
        return False

    def _reached(self, start: int, end: int, venues: frozenset[int]) -> list[int]:
        """The venues that leave time for the way from and to what the person does on that day."""
        way_min = self.instance.way_min
        today = [used for used in self.busy if used[0] // DAY_MIN == start // DAY_MIN]
        return [
            venue
            for venue in sorted(venues)
            if all(
                start - finish >= way_min(other, venue)
                if finish <= start
                else begin - end >= way_min(venue, other)
                for begin, finish, other in today
            )
        ]
