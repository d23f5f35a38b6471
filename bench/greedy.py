"""A rival of the comparison: the weightiest request first, each at the first time, room and team that fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, combinations, islice

from bench.fitting import Fitting, Options
from domain.windows import DAY_MIN
from scheduler.documents.records import Assignment, Problem, Request

TEAMS_TRIED = 50  # sets of leads of one request, and sets of assistants of one session
Busy = tuple[int, int, str]  # begin, end, room


class Week:
    """What is taken so far, by room, person, cohort and venue."""

    def __init__(self, fitting: Fitting) -> None:
        self.fitting = fitting
        self.in_room: dict[str, list[Busy]] = defaultdict(list)
        self.of_person: dict[str, list[Busy]] = defaultdict(list)
        self.of_cohort: dict[str, list[Busy]] = defaultdict(list)
        self.used_min: dict[str, int] = defaultdict(int)
        self.clashing = {
            room: [
                (related, gap)
                for related in (room_record.id for room_record in fitting.venue_of[room].rooms)
                if (gap := fitting.turnaround_between(room, related)) is not None
            ]
            for room in fitting.rooms
        }

    def room_free(self, room: str, begin: int, end: int) -> bool:
        venue = self.fitting.venue_of[room]
        if venue.weekly_cap_min is not None and self.used_min[venue.id] + end - begin > venue.weekly_cap_min:
            return False
        return all(
            end + gap <= start or stop + gap <= begin
            for related, gap in self.clashing[room]
            for start, stop, _ in self.in_room[related]
        )

    def person_free(self, name: str, room: str, begin: int, end: int) -> bool:
        person, venue = self.fitting.people[name], self.fitting.venue_of[room]
        if venue.id not in self.fitting.homes[name] or not self._load_left(name, begin, end):
            return False
        for start, stop, where in self.of_person[name]:
            way = (
                self.fitting.way_min(self.fitting.venue_of[where], venue)
                if start // DAY_MIN == begin // DAY_MIN
                else 0
            )
            if begin < stop + way and start < end + way:
                return False
        return any(window.start_min <= begin and end <= window.end_min for window in person.available)

    def _load_left(self, name: str, begin: int, end: int) -> bool:
        person, taken = self.fitting.people[name], self.of_person[name]
        week = sum(stop - start for start, stop, _ in taken) + end - begin
        day = (
            sum(stop - start for start, stop, _ in taken if start // DAY_MIN == begin // DAY_MIN)
            + end
            - begin
        )
        return (person.max_min_week is None or week <= person.max_min_week) and (
            person.max_min_day is None or day <= person.max_min_day
        )

    def cohorts_free(self, request: Request, begin: int, end: int) -> bool:
        return all(
            end <= start or stop <= begin
            for cohort in request.cohorts
            for start, stop, _ in self.of_cohort[cohort]
        )

    def put(self, request: Request, assignment: Assignment) -> None:
        busy = assignment.begin_min, assignment.begin_min + request.duration_min, assignment.room
        for taken in self._lists(request, assignment):
            taken.append(busy)
        self.used_min[self.fitting.venue_of[assignment.room].id] += request.duration_min

    def take_back(self, request: Request, assignment: Assignment) -> None:
        busy = assignment.begin_min, assignment.begin_min + request.duration_min, assignment.room
        for taken in self._lists(request, assignment):
            taken.remove(busy)
        self.used_min[self.fitting.venue_of[assignment.room].id] -= request.duration_min

    def _lists(self, request: Request, assignment: Assignment) -> Iterator[list[Busy]]:
        yield self.in_room[assignment.room]
        yield from (self.of_person[name] for name in (*assignment.leads, *assignment.assistants))
        yield from (self.of_cohort[cohort] for cohort in request.cohorts)


def greedy_plan(problem: Problem) -> list[Assignment]:
    """The pins, then request after request by the weight of all its sessions, heaviest first."""
    fitting = Fitting(problem)
    week, plan = Week(fitting), list(problem.pins)
    for pin in plan:
        week.put(fitting.requests[pin.request], pin)
    pinned = {pin.request for pin in plan}
    for request in sorted(problem.requests, key=lambda candidate: -candidate.weight * candidate.sessions):
        if request.id not in pinned:
            plan += _placed(week, request)
    return plan


def _placed(week: Week, request: Request) -> list[Assignment]:
    """All sessions of a request, or as many as go where it allows that; empty where none does."""
    options = week.fitting.options(request)
    best: list[Assignment] = []
    for leads in _teams(_all_people(options.leads), request.leads):
        placed = _with_leads(week, request, options, leads)
        if len(placed) == request.sessions:
            return placed
        if request.partial and len(placed) > len(best):
            best = placed
        for assignment in placed:
            week.take_back(request, assignment)
    for assignment in best:
        week.put(request, assignment)
    return best


def _all_people(by_start: dict[int, list[str]]) -> list[str]:
    return list(dict.fromkeys(chain.from_iterable(by_start.values())))


def _teams(people: Iterable[str], count: int) -> Iterator[tuple[str, ...]]:
    return islice(combinations(people, count), TEAMS_TRIED)


def _with_leads(week: Week, request: Request, options: Options, leads: tuple[str, ...]) -> list[Assignment]:
    """As many sessions as go with these leads, which it puts into the week."""
    placed: list[Assignment] = []
    on_day: dict[int, int] = defaultdict(int)
    for begin in options.rooms:
        day = begin // DAY_MIN
        if len(placed) == request.sessions:
            break
        if on_day[day] >= request.max_sessions_per_day:
            continue
        assignment = _at(week, request, options, begin, leads, len(placed) + 1)
        if assignment:
            week.put(request, assignment)
            placed.append(assignment)
            on_day[day] += 1
    return placed


def _at(
    week: Week, request: Request, options: Options, begin: int, leads: tuple[str, ...], session: int
) -> Assignment | None:
    end, day = begin + request.duration_min, begin // DAY_MIN
    if not week.cohorts_free(request, begin, end):
        return None
    for room in options.rooms[begin]:
        if not week.room_free(room, begin, end):
            continue
        if not all(week.person_free(name, room, begin, end) for name in leads):
            continue
        helpers = (
            name
            for name in options.assistants[begin]
            if name not in leads and week.person_free(name, room, begin, end)
        )
        for assistants in _teams(helpers, request.assistants):
            if _guarded(week.fitting, request, (*leads, *assistants)):
                return Assignment(request.id, session, day + 1, begin % DAY_MIN, room, leads, assistants)
    return None


def _guarded(fitting: Fitting, request: Request, team: tuple[str, ...]) -> bool:
    """The rule `minors`, so far as it concerns the team as a whole."""
    adults = sum(not fitting.people[name].minor for name in team)
    return not request.minors or not team or adults >= 2
