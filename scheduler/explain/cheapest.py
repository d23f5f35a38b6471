"""Decide which places for a request would take the least to make: candidates, each with an effort to compare them by.

Efforts are rough prices of asking somebody for something, in minutes of theirs; they only order what is tried first.
What a candidate really costs in goals is reckoned after it has been tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from itertools import combinations, islice

from domain.windows import DAY_MIN, Window
from scheduler.explain.availability import NOTHING, OF_PEOPLE, Known, Left, RelaxedRules, room_lacks
from scheduler.explain.course_rules import Together
from scheduler.explain.editable_plan import EditablePlan, PlacedSession
from scheduler.explain.edits import missing_minutes
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.instance.instance import Placement, kilometres

_ASK, _ITEM, _ACCESS, _SEAT, _KM, _VET, _MOVE = 20, 60, 300, 15, 15, 120, 30
_TEAMS, _BEST = 40, 12


@dataclass(frozen=True, slots=True)
class Candidate:
    """Places for the missing sessions of a request, and the effort of making them possible."""

    effort: float
    places: tuple[Placement, ...]


class Cheapest:
    """Reckons the efforts of one request's places, the facts `aside` being what may be asked for.

    `near` is the place that a session comes from, where one is being moved: it goes elsewhere, but not far.
    """

    def __init__(
        self,
        board: EditablePlan,
        request: int,
        aside: RelaxedRules = NOTHING,
        near: Placement | None = None,
        known: Known | None = None,
    ) -> None:
        self.board, self.instance, self.near = board, board.instance, near
        known = known or Known(board, request)
        self.seeker = FeasibilitySearch(board, request, aside, known)
        self.left, self.wanted = self.seeker.left, self.seeker.wanted
        self.seeker.effort = self._unfree
        self.liked = board.mask(self.wanted.preferred, self.wanted.duration_min)
        self.minutes = self.wanted.duration_min
        self.free = Left(board, request, aside - set(OF_PEOPLE), known)
        self._rooms: dict[tuple[int, int], list[tuple[float, int]]] = {}
        self._people: dict[tuple[int, int, int], float] = {}

    def candidates(self, most: int = _BEST) -> list[Candidate]:
        """The best few, least effort first."""
        if self.seeker.need <= 0 or not self.left.at_venue:
            return []
        found = (candidate for team in islice(self._teams(), _TEAMS) for candidate in self._with(team))
        best = nsmallest(most, found, key=lambda candidate: (candidate.effort, candidate.places[0].start))
        if not best:
            places = self.seeker.find()
            best = [] if places is None else [Candidate(float(_VET), tuple(places))]
        return best

    def _teams(self) -> Iterator[tuple[int, ...]]:
        if self.left.own and self.wanted.same_leads and "same_leads" not in self.left.aside:
            return iter([self.left.own[0].leads])
        return combinations(self.left.leads, self.wanted.leads)

    def _with(self, leads: tuple[int, ...]) -> Iterator[Candidate]:
        """Candidates with one set of leads: the best of each day for a single session, else the days together."""
        best: dict[tuple[int, int], tuple[float, Placement]] = {}
        for venue, mask in self.seeker.starts_of(leads).items():
            for start in self.board.grid.starts(mask):
                made = self._best_at(venue, start, leads)
                if made is not None:
                    key = start // DAY_MIN, start if self.seeker.need > 1 or self.near is not None else 0
                    best[key] = min(best.get(key, made), made, key=_effort)
        options = sorted(best.values(), key=_effort)
        if self.seeker.need == 1:
            yield from (Candidate(effort, (at,)) for effort, at in options)
            return
        chosen: list[Placement] = []
        total = 0.0
        for effort, placement in options:
            if len(chosen) < self.seeker.need and Together(self.left, chosen).allows(placement):
                chosen.append(placement)
                total += effort
        if len(chosen) == self.seeker.need:
            yield Candidate(total, tuple(sorted(chosen, key=lambda at: at.start)))

    def _best_at(self, venue: int, start: int, leads: tuple[int, ...]) -> tuple[float, Placement] | None:
        team = self.seeker.team_at(venue, start, leads)
        if team is None:
            return None
        effort = self._when(start) + sum(self._person(one, start, venue) for one in (*team[0], *team[1]))
        for room_effort, room in self._rooms_at(venue, start):
            if not self._is_near(Placement(start, room, *team)):
                return effort + room_effort, Placement(start, room, *team)
        return None

    def _rooms_at(self, venue: int, start: int) -> list[tuple[float, int]]:
        """The rooms that will do, least effort first."""
        if (venue, start) not in self._rooms:
            bit = self.left.bit(start)
            rooms = [room for room, mask in self.left.rooms[venue] if mask & bit]
            self._rooms[venue, start] = sorted((self._room(room, start), room) for room in rooms)
        return self._rooms[venue, start]

    def _is_near(self, at: Placement) -> bool:
        """Whether it is the place that the session comes from, if only with others who assist."""
        near = self.near
        return near is not None and (at.start, at.room, at.leads) == (near.start, near.room, near.leads)

    def _when(self, start: int) -> float:
        session = Window(start, start + self.wanted.duration_min)
        bit = self.left.bit(start)
        effort = 0.0 if self.liked & bit or not self.liked else 1.0
        if (
            "acceptable" in self.left.aside
            and not self.board.mask(self.wanted.acceptable, self.minutes) & bit
        ):
            effort += _asked(missing_minutes(self.wanted.acceptable, session))
        if self.near is not None and start != self.near.start:
            effort += 5 if start // DAY_MIN == self.near.start // DAY_MIN else 10
        return effort

    def _room(self, number: int, start: int) -> float:
        aside, room, request = self.left.aside, self.instance.rooms[number], self.wanted
        session = Window(start, start + request.duration_min)
        effort = 0.01 * room.capacity + (2.0 if self.near is not None and number != self.near.room else 0)
        effort += self._fit(number) if aside else 0
        if "open" in aside and not self.board.open(number, self.minutes) & self.left.bit(start):
            effort += _asked(missing_minutes(room.open, session))
        if "room_clash" in aside:
            effort += sum(map(self._moving, in_the_way_of_room(self.board, number, session)))
        return effort

    def _fit(self, number: int) -> float:
        room, request, venue = self.instance.rooms[number], self.wanted, self.instance.room_venue[number]
        lacks = set(room_lacks(request, room))
        effort = _SEAT * (request.learners - room.capacity) if "capacity" in lacks else 0.0
        effort += _ITEM * len(request.equipment - room.equipment)
        effort += (_ACCESS if "access" in lacks else 0) + (_ITEM if "welcome" in lacks else 0)
        if not self.board.in_reach(self.left.request, venue):
            far = kilometres(request.location, self.instance.venues[venue].location)
            effort += _ASK + _KM * (far - (request.max_travel_km or 0))
        if not self.board.timetable.venue_has(venue, request.duration_min):
            effort += _ASK + request.duration_min
        return effort

    def _person(self, one: int, start: int, venue: int) -> float:
        key = one, start, venue
        if key not in self._people:
            self._people[key] = self._effort_of(one, start, venue)
        return self._people[key]

    def _effort_of(self, one: int, start: int, venue: int) -> float:
        aside, person = self.left.aside, self.instance.volunteers[one]
        session = Window(start, start + self.wanted.duration_min)
        effort = 0.1 * len(person.skills) + (
            3.0 if self.near is not None and one not in self.near.team else 0
        )
        if "available" in aside and not self.board.available(one, self.minutes) & self.left.bit(start):
            effort += _asked(missing_minutes(person.available, session))
        if "home" in aside and venue not in self.instance.comes_to[one]:
            far = kilometres(person.location, self.instance.venues[venue].location)
            effort += _ASK + _KM * (far - (person.max_travel_km or 0))
        if "load" in aside and not self.board.load_left(one, self.wanted.duration_min) & self.left.bit(start):
            effort += _ASK + self.wanted.duration_min
        if "minors" in aside and not self.wanted.trusts(person):
            effort += _VET
        if "volunteer_clash" in aside:
            effort += sum(map(self._moving, in_the_way_of_person(self.board, one, venue, session)))
        return effort

    def _unfree(self, one: int, start: int, venue: int) -> float:
        """0 for somebody who could assist there as things are."""
        person, request = self.instance.volunteers[one], self.wanted
        able = request.may_assist(person)
        return 0.0 if able and self.free.person(one, venue) & self.left.bit(start) else 1.0

    def _moving(self, sitting: PlacedSession) -> float:
        return _MOVE + self.instance.requests[sitting.request].weight / 100


def _asked(minutes: int) -> float:
    return _ASK + minutes if minutes else 0


def _effort(option: tuple[float, Placement]) -> float:
    return option[0]


def in_the_way_of_room(board: EditablePlan, room: int, session: Window) -> list[PlacedSession]:
    """The sessions in a room, its whole or its parts, that stand too close to another one's time."""
    return [
        sitting
        for other, gap in board.instance.related[room]
        for sitting in board.in_room.get(other, ())
        if session.start_min < _end(board, sitting) + gap and sitting.at.start < session.end_min + gap
    ]


def in_the_way_of_person(board: EditablePlan, one: int, venue: int, session: Window) -> list[PlacedSession]:
    """The sessions of a volunteer that leave no time for another one, the way between them counted."""
    sessions = []
    for sitting in board.of_person.get(one, ()):
        same_day = sitting.at.start // DAY_MIN == session.start_min // DAY_MIN
        way = board.instance.way_min(board.instance.room_venue[sitting.at.room], venue) if same_day else 0
        if session.start_min < _end(board, sitting) + way and sitting.at.start < session.end_min + way:
            sessions.append(sitting)
    return sessions


def in_the_way_of_learners(board: EditablePlan, request: int, session: Window) -> list[PlacedSession]:
    """The sessions at which learners of the request are at that time."""
    cohorts = board.instance.requests[request].cohorts
    if not cohorts:
        return []
    return [
        PlacedSession(other, placement)
        for other, placed in board.timetable.placed.items()
        if placed and cohorts & board.instance.requests[other].cohorts
        for placement in placed
        if session.start_min < placement.start + board.instance.requests[other].duration_min
        and placement.start < session.end_min
    ]


def in_the_way(board: EditablePlan, request: int, at: Placement) -> list[PlacedSession]:
    """Every session that would have to leave for this one, each once."""
    session = Window(at.start, at.start + board.instance.requests[request].duration_min)
    venue = board.instance.room_venue[at.room]
    sessions = in_the_way_of_room(board, at.room, session) + in_the_way_of_learners(board, request, session)
    for one in at.team:
        sessions += in_the_way_of_person(board, one, venue, session)
    return [sitting for index, sitting in enumerate(sessions) if sitting not in sessions[:index]]


def _end(board: EditablePlan, sitting: PlacedSession) -> int:
    return sitting.at.start + board.instance.requests[sitting.request].duration_min
