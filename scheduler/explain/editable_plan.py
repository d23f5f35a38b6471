"""A plan that can be edited and brought back: the solver's timetable with an undo journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, replace
from typing import TypeVar

from scheduler.documents.records import Assignment, Problem, Request, Room, Venue, Volunteer
from scheduler.explain.free_starts import FreeStarts
from scheduler.instance.instance import Candidates, Instance, Placement, kilometres
from scheduler.instance.numbering import same_place

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class EditableSession:
    """A session of a plan: the index of its request, and its placement."""

    request: int
    placement: Placement


class BareInstance(Instance):
    """An instance without the solver's candidates, which leave out what the rules forbid; explanations need it."""

    def _candidates(self, request: Request) -> Candidates:
        del request
        return Candidates()


class EditablePlan(FreeStarts):
    """A plan with what is free beside it; every change is journaled, so that `undo` brings back an earlier state.

    Parameters
    ----------
    instance : Instance
        The problem; it is not changed by edits.
    assignments : iterable of Assignment
        The plan. Pins are placed anyway; assignments of unknown requests are left out.

    Attributes
    ----------
    in_room, of_person : dict
        The placed sessions of each room, and of each volunteer, by their indices.
    experts : dict
        For each topic the volunteers who lead it, minors among them.
    numbered : dict
        For each request pairs (number of the session, placement), as `assignments` gave them.
    """

    def __init__(self, instance: Instance, assignments: Iterable[Assignment]) -> None:
        own = copy(instance)
        own.rooms, own.comes_to = list(instance.rooms), instance.all_venues_near()
        super().__init__(own)
        self.in_room: dict[int, list[EditableSession]] = defaultdict(list)
        self.of_person: dict[int, list[EditableSession]] = defaultdict(list)
        self.experts = _experts(instance.volunteers)
        self._journal: list[Callable[[], None]] = []
        self.numbered: dict[int, list[tuple[int, Placement]]] = defaultdict(list)
        for request, placements in self.timetable.placed.items():
            for placement in placements:
                self._list(EditableSession(request, placement))
        for assignment in assignments:
            self._load(assignment)
        self._journal.clear()

    def _load(self, assignment: Assignment) -> None:
        request = self.instance.request_index.get(assignment.request)
        if request is None:
            return
        placement = self.instance.placement(assignment)
        same = [pin for pin in self.timetable.pinned.get(request, ()) if same_place(pin, placement)]
        self.numbered[request].append((assignment.session, same[0] if same else placement))
        if not same:
            self.put(request, placement)

    # ---- Changes

    def put(self, request: int, placement: Placement) -> None:
        """Place a session without looking at rules."""
        self._put(request, placement)
        self._journal.append(lambda: self._take(request, placement))

    def take(self, request: int, placement: Placement) -> None:
        """Take a placed session out."""
        self._take(request, placement)
        self._journal.append(lambda: self._put(request, placement))

    def _put(self, request: int, placement: Placement) -> None:
        self.timetable.put(request, placement)
        self._list(EditableSession(request, placement))

    def _list(self, session: EditableSession) -> None:
        self.in_room[session.placement.room].append(session)
        for person in session.placement.team:
            self.of_person[person].append(session)
        self._forget(session.placement)

    def _take(self, request: int, placement: Placement) -> None:
        self.timetable.take(request, placement)
        session = EditableSession(request, placement)
        self.in_room[placement.room].remove(session)
        for person in placement.team:
            self.of_person[person].remove(session)
        self._forget(placement)

    def _forget(self, placement: Placement) -> None:
        for room, _ in self.instance.related[placement.room]:
            self._free_rooms.pop(room, None)
        for person in placement.team:
            self._idle.pop(person, None)

    def mark(self) -> int:
        """The present state, for `undo`."""
        return len(self._journal)

    def undo(self, mark: int) -> None:
        """Bring back the state that `mark` returned."""
        while len(self._journal) > mark:
            self._journal.pop()()

    def edit_room(self, index: int, room: Room) -> None:
        before = self.instance.rooms[index]

        def change(room: Room) -> None:
            self.instance.rooms[index] = room
            self._looked_up.pop(("open", index), None)

        change(room)
        self._journal.append(lambda: change(before))

    def edit_venue(self, index: int, venue: Venue) -> None:
        before = self.instance.venues
        self.instance.venues = _replaced(before, index, venue)
        self._journal.append(lambda: setattr(self.instance, "venues", before))

    def edit_request(self, index: int, request: Request) -> None:
        before = self.instance.requests[index]

        def change(request: Request) -> None:
            self.instance.requests = _replaced(self.instance.requests, index, request)
            self._looked_up.pop(("reach", index), None)

        change(request)
        self._journal.append(lambda: change(before))

    def edit_volunteer(self, index: int, volunteer: Volunteer) -> None:
        before, near = self.instance.volunteers[index], self.instance.comes_to[index]

        def change(volunteer: Volunteer, venues: frozenset[int]) -> None:
            self.instance.volunteers = _replaced(self.instance.volunteers, index, volunteer)
            self.instance.comes_to[index] = venues
            self._looked_up.pop(("available", index), None)

        change(volunteer, near if volunteer.max_travel_km == before.max_travel_km else self._near(volunteer))
        self._journal.append(lambda: change(before, near))

    def add_volunteer(self, volunteer: Volunteer) -> int:
        """Add a volunteer, and return their index."""
        instance, before, experts = self.instance, self.instance.volunteers, self.experts
        index = len(before)
        instance.volunteers = (*before, volunteer)
        instance.comes_to.append(self._near(volunteer))
        self.timetable.volunteer_use.append([])
        self.timetable.week_load.append(0)
        self.experts = {**experts, **{topic: [*experts.get(topic, ()), index] for topic in volunteer.skills}}

        def back() -> None:
            instance.volunteers, self.experts = before, experts
            for used in (instance.comes_to, self.timetable.volunteer_use, self.timetable.week_load):
                used.pop()
            self._idle.pop(index, None)
            self._looked_up.pop(("available", index), None)

        self._journal.append(back)
        return index

    def _near(self, volunteer: Volunteer) -> frozenset[int]:
        limit = volunteer.max_travel_km
        return frozenset(
            index
            for index, venue in enumerate(self.instance.venues)
            if limit is None or kilometres(volunteer.location, venue.location) <= limit
        )

    # ---- Back to records

    def assignments(self, request: int) -> list[Assignment]:
        """The sessions of a request as they stand now; those that have moved get the lowest free numbers."""
        unnumbered = list(self.timetable.placed.get(request, ()))
        numbered = []
        for number, placement in self.numbered.get(request, ()):
            if placement in unnumbered:
                unnumbered.remove(placement)
                numbered.append((number, placement))
        used = {number for number, _ in numbered}
        free = (number for number in range(1, 10**9) if number not in used)
        unnumbered.sort(key=lambda placement: (placement.start, placement.room, placement.leads))
        numbered += zip(free, unnumbered, strict=False)
        numbered.sort(key=_number)
        return [self.instance.assignment(request, number, placement) for number, placement in numbered]

    def problem_of(self, requests: Iterable[int], venues: Iterable[int], people: Iterable[int]) -> Problem:
        """The edited problem, cut down to some requests, venues and volunteers, with the pins of those requests."""
        instance = self.instance
        rooms: dict[int, list[Room]] = defaultdict(list)
        venue_indices = set(venues)
        for room, venue in zip(instance.rooms, instance.room_venue, strict=True):
            if venue in venue_indices:
                rooms[venue].append(room)
        chosen = tuple(instance.requests[request] for request in sorted(set(requests)))
        ids = {request.id for request in chosen}
        problem = instance.problem
        return replace(
            problem,
            venues=tuple(
                replace(instance.venues[index], rooms=tuple(rooms[index])) for index in sorted(venue_indices)
            ),
            volunteers=tuple(instance.volunteers[person] for person in sorted(set(people))),
            requests=chosen,
            pins=tuple(pin for pin in problem.pins if pin.request in ids),
            previous=tuple(assignment for assignment in problem.previous if assignment.request in ids),
        )


def _replaced(items: tuple[Item, ...], index: int, item: Item) -> tuple[Item, ...]:
    return (*items[:index], item, *items[index + 1 :])


def _number(numbered: tuple[int, Placement]) -> int:
    return numbered[0]


def _experts(volunteers: Iterable[Volunteer]) -> dict[str, list[int]]:
    """Who leads a topic, those who may not because they are minors among them."""
    experts: dict[str, list[int]] = {}
    for index, volunteer in enumerate(volunteers):
        if "lead" in volunteer.roles:
            for topic in volunteer.skills:
                experts.setdefault(topic, []).append(index)
    return experts
