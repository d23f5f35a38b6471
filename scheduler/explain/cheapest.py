"""Cheapest placements of a request under relaxed rules, and the placed sessions that conflict with a placement.

An effort is a rough price of asking somebody for something, in minutes of their time. It only orders what is tried
first; what an option costs in goals is computed after it has been tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain, combinations, islice

from domain.windows import DAY_MIN, Window
from scheduler.explain.availability import (
    NOTHING,
    OF_PEOPLE,
    Availability,
    AvailabilityCache,
    RelaxedRules,
    fit_violations,
)
from scheduler.explain.course_rules import CourseRules
from scheduler.explain.editable_plan import EditablePlan, EditableSession
from scheduler.explain.edits import missing_minutes
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.instance.instance import Placement, kilometres
from scheduler.instance.numbering import same_place

_ASK, _ITEM, _ACCESS, _SEAT, _KM, _VET, _MOVE = 20, 60, 300, 15, 15, 120, 30
_TEAMS, _BEST = 40, 12


@dataclass(frozen=True, slots=True)
class Option:
    """Placements of a request's missing sessions, and the effort in minutes of making them possible."""

    effort: float
    placements: tuple[Placement, ...]


class CheapestOptions:
    """Search for the placements of one request that take the least effort.

    Parameters
    ----------
    relaxed : frozenset of str
        The rules that may be broken at the price of an effort.
    near : Placement, optional
        Where a session that is being moved comes from: no option leaves it there, and nearer ones are cheaper.
    cache : AvailabilityCache, optional
        Shared by searches for the same request in the same plan.
    """

    def __init__(
        self,
        plan: EditablePlan,
        request_index: int,
        relaxed: RelaxedRules = NOTHING,
        near: Placement | None = None,
        cache: AvailabilityCache | None = None,
    ) -> None:
        self.plan, self.instance, self.relaxed, self.near = plan, plan.instance, relaxed, near
        cache = cache or AvailabilityCache(plan, request_index)
        self.search = FeasibilitySearch(plan, request_index, relaxed, cache)
        self.availability, self.request = self.search.availability, self.search.request
        self.bit = self.availability.bit
        self.search.effort = self._unfree
        self.liked = plan.mask(self.request.preferred, self.request.duration_min)
        self.minutes = self.request.duration_min
        self.free = Availability(plan, request_index, relaxed - set(OF_PEOPLE), cache)
        self._rooms: dict[tuple[int, int], list[tuple[float, int]]] = {}
        self._people: dict[tuple[int, int, int], float] = {}

    def options(self, limit: int = _BEST) -> list[Option]:
        """At most `limit` options, the least effort first; where none is found cheaply, any that exists."""
        if self.search.need <= 0 or not self.availability.at_venue:
            return []
        options = (option for team in islice(self._teams(), _TEAMS) for option in self._with(team))
        best = nsmallest(limit, options, key=lambda option: (option.effort, option.placements[0].start))
        if not best:
            placements = self.search.find()
            is_new = placements is not None and not any(map(self._is_present, placements))
            best = [Option(float(_VET), tuple(placements))] if placements is not None and is_new else []
        return best

    def _teams(self) -> Iterator[tuple[int, ...]]:
        if self.availability.own and self.request.same_leads and "same_leads" not in self.relaxed:
            return iter([self.availability.own[0].leads])
        return combinations(self.availability.leads, self.request.leads)

    def _with(self, leads: tuple[int, ...]) -> Iterator[Option]:
        """Options with one set of leads: the best of each day for a single session, else the days together."""
        best: dict[tuple[int, int], tuple[float, Placement]] = {}
        for venue, mask in self.search.starts_of(leads).items():
            for start in self.plan.grid.starts(mask):
                option = self._best_at(venue, start, leads)
                if option is not None:
                    key = start // DAY_MIN, start if self.search.need > 1 or self.near is not None else 0
                    best[key] = min(best.get(key, option), option, key=_effort)
        options = sorted(best.values(), key=_effort)
        if self.search.need == 1:
            yield from (Option(effort, (placement,)) for effort, placement in options)
            return
        chosen: list[Placement] = []
        total = 0.0
        for effort, placement in options:
            if len(chosen) < self.search.need and CourseRules(self.availability, chosen).allows(placement):
                chosen.append(placement)
                total += effort
        if len(chosen) == self.search.need:
            yield Option(total, tuple(sorted(chosen, key=lambda placement: placement.start)))

    def _best_at(self, venue: int, start: int, leads: tuple[int, ...]) -> tuple[float, Placement] | None:
        # Only one place is excluded, so a second team is needed only where one room is left: with other assistants.
        for team in islice(self.search.teams_at(venue, start, leads), 2):
            effort = self._when(start) + sum(self._person(person, start, venue) for person in chain(*team))
            for room_effort, room in self._rooms_at(venue, start):
                placement = Placement(start, room, *team)
                if not self._is_present(placement):
                    return effort + room_effort, placement
        return None

    def _rooms_at(self, venue: int, start: int) -> list[tuple[float, int]]:
        """Pairs of effort and room, the least effort first."""
        if (venue, start) not in self._rooms:
            bit = self.bit(start)
            rooms = [room for room, mask in self.availability.rooms[venue] if mask & bit]
            self._rooms[venue, start] = sorted((self._room(room, start), room) for room in rooms)
        return self._rooms[venue, start]

    def _is_present(self, placement: Placement) -> bool:
        """Whether the session would stay where it comes from, with the same people."""
        return self.near is not None and same_place(placement, self.near)

    def _when(self, start: int) -> float:
        window, bit = Window(start, start + self.minutes), self.bit(start)
        effort = 0.0 if self.liked & bit or not self.liked else 1.0
        if "acceptable" in self.relaxed and not self.plan.mask(self.request.acceptable, self.minutes) & bit:
            effort += _asking(missing_minutes(self.request.acceptable, window))
        if self.near is not None and start != self.near.start:
            effort += 5 if start // DAY_MIN == self.near.start // DAY_MIN else 10
        return effort

    def _room(self, room_index: int, start: int) -> float:
        relaxed, room = self.relaxed, self.instance.rooms[room_index]
        window = Window(start, start + self.minutes)
        effort = 0.01 * room.capacity + (2.0 if self.near is not None and room_index != self.near.room else 0)
        effort += self._fit(room_index) if relaxed else 0
        if "open" in relaxed and not self.plan.open(room_index, self.minutes) & self.bit(start):
            effort += _asking(missing_minutes(room.open, window))
        if "room_clash" in relaxed:
            effort += sum(map(self._moving, room_conflicts(self.plan, room_index, window)))
        return effort

    def _fit(self, room_index: int) -> float:
        request, room = self.request, self.instance.rooms[room_index]
        venue = self.instance.room_venue[room_index]
        violations = set(fit_violations(request, room))
        effort = _SEAT * (request.learners - room.capacity) if "capacity" in violations else 0.0
        effort += _ITEM * len(request.equipment - room.equipment)
        effort += (_ACCESS if "access" in violations else 0) + (_ITEM if "welcome" in violations else 0)
        if not self.plan.in_reach(self.availability.request_index, venue):
            distance_km = kilometres(request.location, self.instance.venues[venue].location)
            effort += _ASK + _KM * (distance_km - (request.max_travel_km or 0))
        if not self.plan.timetable.venue_has(venue, self.minutes):
            effort += _ASK + self.minutes
        return effort

    def _person(self, person: int, start: int, venue: int) -> float:
        key = person, start, venue
        if key not in self._people:
            self._people[key] = self._effort_of(person, start, venue)
        return self._people[key]

    def _effort_of(self, person: int, start: int, venue: int) -> float:
        relaxed, volunteer = self.relaxed, self.instance.volunteers[person]
        window, bit = Window(start, start + self.minutes), self.bit(start)
        is_new = self.near is not None and person not in self.near.team
        effort = 0.1 * len(volunteer.skills) + (3.0 if is_new else 0)
        if "available" in relaxed and not self.plan.available(person, self.minutes) & bit:
            effort += _asking(missing_minutes(volunteer.available, window))
        if "home" in relaxed and venue not in self.instance.comes_to[person]:
            distance_km = kilometres(volunteer.location, self.instance.venues[venue].location)
            effort += _ASK + _KM * (distance_km - (volunteer.max_travel_km or 0))
        if "load" in relaxed and not self.plan.load_left(person, self.minutes) & bit:
            effort += _ASK + self.minutes
        if "minors" in relaxed and not self.request.trusts(volunteer):
            effort += _VET
        if "volunteer_clash" in relaxed:
            effort += sum(map(self._moving, volunteer_conflicts(self.plan, person, venue, window)))
        return effort

    def _unfree(self, person: int, start: int, venue: int) -> float:
        """0 for somebody who could assist there as things are."""
        volunteer, request = self.instance.volunteers[person], self.request
        able = request.may_assist(volunteer)
        return 0.0 if able and self.free.person_starts(person, venue) & self.bit(start) else 1.0

    def _moving(self, session: EditableSession) -> float:
        return _MOVE + self.instance.requests[session.request].weight / 100


def _asking(minutes: int) -> float:
    return _ASK + minutes if minutes else 0


def _effort(option: tuple[float, Placement]) -> float:
    return option[0]


def room_conflicts(plan: EditablePlan, room: int, window: Window) -> list[EditableSession]:
    """Sessions in a room, its whole or its parts, that overlap a window once turnaround times are added."""
    return [
        session
        for related, gap in plan.instance.related[room]
        for session in plan.in_room.get(related, ())
        if window.start_min < _end(plan, session) + gap and session.placement.start < window.end_min + gap
    ]


def volunteer_conflicts(plan: EditablePlan, person: int, venue: int, window: Window) -> list[EditableSession]:
    """Sessions of a volunteer that leave no time for another one at the venue, once travel is added."""
    sessions = []
    for session in plan.of_person.get(person, ()):
        start, end = session.placement.start, _end(plan, session)
        same_day = start // DAY_MIN == window.start_min // DAY_MIN
        venue_there = plan.instance.room_venue[session.placement.room]
        travel_min = plan.instance.way_min(venue_there, venue) if same_day else 0
        if window.start_min < end + travel_min and start < window.end_min + travel_min:
            sessions.append(session)
    return sessions


def cohort_conflicts(plan: EditablePlan, request: int, window: Window) -> list[EditableSession]:
    """Sessions in the window that share learners with the request."""
    cohorts = plan.instance.requests[request].cohorts
    if not cohorts:
        return []
    return [
        EditableSession(rival, placement)
        for rival, placed in plan.timetable.placed.items()
        if placed and cohorts & plan.instance.requests[rival].cohorts
        for placement in placed
        if window.start_min < placement.start + plan.instance.requests[rival].duration_min
        and placement.start < window.end_min
    ]


def conflicts(plan: EditablePlan, request: int, placement: Placement) -> list[EditableSession]:
    """The placed sessions that would have to leave for a placement of the request, each once."""
    window = Window(placement.start, placement.start + plan.instance.requests[request].duration_min)
    venue = plan.instance.room_venue[placement.room]
    sessions = room_conflicts(plan, placement.room, window) + cohort_conflicts(plan, request, window)
    for person in placement.team:
        sessions += volunteer_conflicts(plan, person, venue, window)
    return [session for index, session in enumerate(sessions) if session not in sessions[:index]]


def _end(plan: EditablePlan, session: EditableSession) -> int:
    return session.placement.start + plan.instance.requests[session.request].duration_min
