"""Decide what is still free around a plan: the solver's indexed week, with changes that can be taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from typing import TypeVar

from scheduler.documents.records import Assignment, Problem, Request, Room, Venue, Volunteer
from scheduler.explain.free_starts import Free
from scheduler.instance.instance import Candidates, Instance, Placement, kilometres

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class PlacedSession:
    """A placed session as the board knows it: the index of its request, and its place."""

    request: int
    at: Placement


class Bare(Instance):
    """A problem as numbers without the solver's choices: explanations look beyond what the rules leave."""

    def _choices(self, request: Request) -> Candidates:
        del request
        return Candidates()


class EditablePlan(Free):
    """A week as it is planned, and what is free in it.

    Everything put, taken or edited is written down, so that `undo` brings back an earlier state.
    """

    def __init__(self, instance: Instance, assignments: Iterable[Assignment]) -> None:
        own = copy(instance)
        own.rooms, own.comes_to = list(instance.rooms), list(instance.comes_to)
        super().__init__(own)
        self.in_room: dict[int, list[PlacedSession]] = defaultdict(list)
        self.of_person: dict[int, list[PlacedSession]] = defaultdict(list)
        self.experts = _experts(instance.volunteers)
        self._journal: list[Callable[[], None]] = []
        self.numbered: dict[int, list[tuple[int, Placement]]] = defaultdict(list)
        for request, placements in self.timetable.placed.items():
            for placement in placements:
                self._list(PlacedSession(request, placement))
        for assignment in assignments:
            self._load(assignment)
        self._journal.clear()

    def _load(self, one: Assignment) -> None:
        request = self.instance.request_index.get(one.request)
        if request is None:
            return
        placement = self.instance.placement(one)
        same = [pin for pin in self.timetable.pinned.get(request, ()) if _same(pin, placement)]
        self.numbered[request].append((one.session, same[0] if same else placement))
        if not same:
            self.put(request, placement)

    # ---- Changes

    def put(self, request: int, at: Placement) -> None:
        self._put(request, at)
        self._journal.append(lambda: self._take(request, at))

    def take(self, request: int, at: Placement) -> None:
        self._take(request, at)
        self._journal.append(lambda: self._put(request, at))

    def _put(self, request: int, at: Placement) -> None:
        self.timetable.put(request, at)
        self._list(PlacedSession(request, at))

    def _list(self, sitting: PlacedSession) -> None:
        self.in_room[sitting.at.room].append(sitting)
        for one in sitting.at.team:
            self.of_person[one].append(sitting)
        self._forget(sitting.at)

    def _take(self, request: int, at: Placement) -> None:
        self.timetable.take(request, at)
        sitting = PlacedSession(request, at)
        self.in_room[at.room].remove(sitting)
        for one in at.team:
            self.of_person[one].remove(sitting)
        self._forget(at)

    def _forget(self, at: Placement) -> None:
        for room, _ in self.instance.related[at.room]:
            self._free_rooms.pop(room, None)
        for one in at.team:
            self._idle.pop(one, None)

    def mark(self) -> int:
        return len(self._journal)

    def undo(self, mark: int) -> None:
        """Bring back the state in which `mark` was asked for."""
        while len(self._journal) > mark:
            self._journal.pop()()

    def edit_room(self, at: int, room: Room) -> None:
        before = self.instance.rooms[at]

        def change(room: Room) -> None:
            self.instance.rooms[at] = room
            self._looked_up.pop(("open", at), None)

        change(room)
        self._journal.append(lambda: change(before))

    def edit_venue(self, at: int, venue: Venue) -> None:
        before = self.instance.venues
        self.instance.venues = _with(before, at, venue)
        self._journal.append(lambda: setattr(self.instance, "venues", before))

    def edit_request(self, at: int, request: Request) -> None:
        before = self.instance.requests[at]

        def change(request: Request) -> None:
            self.instance.requests = _with(self.instance.requests, at, request)
            self._looked_up.pop(("reach", at), None)

        change(request)
        self._journal.append(lambda: change(before))

    def edit_volunteer(self, at: int, one: Volunteer) -> None:
        before, near = self.instance.volunteers[at], self.instance.comes_to[at]

        def change(one: Volunteer, venues: frozenset[int]) -> None:
            self.instance.volunteers = _with(self.instance.volunteers, at, one)
            self.instance.comes_to[at] = venues
            self._looked_up.pop(("available", at), None)

        change(one, near if one.max_travel_km == before.max_travel_km else self._near(one))
        self._journal.append(lambda: change(before, near))

    def add_volunteer(self, one: Volunteer) -> int:
        """Let a volunteer join for as long as the change stands; the answer is their index."""
        instance, before, experts = self.instance, self.instance.volunteers, self.experts
        at = len(before)
        instance.volunteers = (*before, one)
        instance.comes_to.append(self._near(one))
        self.timetable.volunteer_use.append([])
        self.timetable.week_load.append(0)
        self.experts = {**experts, **{topic: [*experts.get(topic, ()), at] for topic in one.skills}}

        def back() -> None:
            instance.volunteers, self.experts = before, experts
            for used in (instance.comes_to, self.timetable.volunteer_use, self.timetable.week_load):
                used.pop()
            self._idle.pop(at, None)
            self._looked_up.pop(("available", at), None)

        self._journal.append(back)
        return at

    def _near(self, one: Volunteer) -> frozenset[int]:
        limit = one.max_travel_km
        return frozenset(
            index
            for index, venue in enumerate(self.instance.venues)
            if limit is None or kilometres(one.location, venue.location) <= limit
        )

    # ---- Back to records

    def assignments(self, request: int) -> list[Assignment]:
        """The sessions of a request as they stand now; those that have moved keep a number of their own."""
        left = list(self.timetable.placed.get(request, ()))
        kept = []
        for number, placement in self.numbered.get(request, ()):
            if placement in left:
                left.remove(placement)
                kept.append((number, placement))
        used = {number for number, _ in kept}
        free = (number for number in range(1, 10**9) if number not in used)
        kept += zip(free, sorted(left, key=lambda at: (at.start, at.room, at.leads)), strict=False)
        return [self.instance.assignment(request, number, at) for number, at in sorted(kept, key=_number)]

    def problem_of(self, requests: Iterable[int], venues: Iterable[int], people: Iterable[int]) -> Problem:
        """The problem cut down to what is named, as edited; pins of other requests are left out."""
        instance = self.instance
        rooms: dict[int, list[Room]] = defaultdict(list)
        wanted = set(venues)
        for room, venue in zip(instance.rooms, instance.room_venue, strict=True):
            if venue in wanted:
                rooms[venue].append(room)
        asked = tuple(instance.requests[request] for request in sorted(set(requests)))
        ids = {request.id for request in asked}
        return _cut(
            instance.problem,
            tuple(_furnished(instance.venues[at], rooms[at]) for at in sorted(wanted)),
            tuple(instance.volunteers[person] for person in sorted(set(people))),
            asked,
            tuple(pin for pin in instance.problem.pins if pin.request in ids),
            tuple(assignment for assignment in instance.problem.previous if assignment.request in ids),
        )


def _cut(
    problem: Problem,
    venues: tuple[Venue, ...],
    volunteers: tuple[Volunteer, ...],
    requests: tuple[Request, ...],
    pins: tuple[Assignment, ...],
    previous: tuple[Assignment, ...],
) -> Problem:
    return Problem(
        problem.name, problem.timezone, problem.week, venues, volunteers, requests, problem.grid_min,
        problem.travel_kmh, problem.goals, pins, previous, bells=problem.bells,
    )  # fmt: skip


def _furnished(venue: Venue, rooms: list[Room]) -> Venue:
    return Venue(venue.id, venue.name, venue.kind, venue.location, tuple(rooms), venue.weekly_cap_min)


def _with(many: tuple[Thing, ...], at: int, one: Thing) -> tuple[Thing, ...]:
    return (*many[:at], one, *many[at + 1 :])


def _same(one: Placement, other: Placement) -> bool:
    return (one.start, one.room, set(one.leads), set(one.assistants)) == (
        other.start, other.room, set(other.leads), set(other.assistants),
    )  # fmt: skip


def _number(numbered: tuple[int, Placement]) -> int:
    return numbered[0]


def _experts(volunteers: Iterable[Volunteer]) -> dict[str, list[int]]:
    """Who leads a topic, those who may not because they are minors among them."""
    found: dict[str, list[int]] = {}
    for index, volunteer in enumerate(volunteers):
        if "lead" in volunteer.roles:
            for topic in volunteer.skills:
                found.setdefault(topic, []).append(index)
    return found
