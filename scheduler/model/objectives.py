"""Decide what each goal counts in an integer programme: one function for each goal, the list of them last.

Each returns the terms that add up to the goal's value over the free requests; those that need columns and rows of
their own add them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from math import inf

from scheduler.documents.records import Assignment
from scheduler.instance.numbering import same_place
from scheduler.model.columns import Choice, Slot, Unit
from scheduler.processes.program import Program, Term


def communities(choice: Choice) -> list[Term]:
    """A column for each community that has no fixed session."""
    timetable, requests = choice.timetable, choice.timetable.instance.requests
    have = {requests[one].area for one, placements in timetable.placed.items() if placements}
    held: dict[str, list[int]] = defaultdict(list)
    for unit in choice.units:
        if choice.wanted(unit).area not in have:
            held[choice.wanted(unit).area] += (column for slot in unit.slots.values() for column in slot.held)
    terms: list[Term] = []
    for columns in held.values():
        served_once = choice.program.column()
        choice.program.row([(served_once, 1.0), *((column, -1.0) for column in columns)], high=0)
        terms.append((served_once, 1.0))
    return terms


def served(choice: Choice) -> list[Term]:
    return [
        (column, choice.wanted(unit).weight)
        for unit in choice.units
        for slot in unit.slots.values()
        for column in slot.held
    ]


def functions(choice: Choice) -> list[Term]:
    """A column for each venue and function that no fixed session brings together."""
    timetable, instance = choice.timetable, choice.timetable.instance
    hosts: dict[tuple[int, str], list[int]] = defaultdict(list)
    for unit in choice.units:
        function = choice.wanted(unit).function
        for slot in unit.slots.values():
            for room, column in slot.rooms.items():
                pair = instance.room_venue[room], function
                if not timetable.hosted.get(pair):
                    hosts[pair].append(column)
    terms: list[Term] = []
    for columns in hosts.values():
        hosted = choice.program.column()
        choice.program.row([(hosted, 1.0), *((column, -1.0) for column in columns)], high=0)
        terms.append((hosted, 1.0))
    return terms


def continuity(choice: Choice) -> list[Term]:
    """A column for each session of last week that a unit may hold again; a number and a place count once."""
    before: dict[int, dict[object, Assignment]] = defaultdict(dict)
    instance = choice.timetable.instance
    for assignment in instance.problem.previous:
        if assignment.request in instance.request_index:
            before[instance.request_index[assignment.request]][assignment.continuity_key] = assignment
    units: dict[int, list[Unit]] = defaultdict(list)
    for unit in choice.units:
        units[unit.request].append(unit)
    return [
        (column, 1.0)
        for request, alike in units.items()
        if request in before
        for column in _again(choice, alike, list(before[request].values()))
    ]


def _again(choice: Choice, units: list[Unit], before: list[Assignment]) -> list[int]:
    by_number: dict[int, list[int]] = defaultdict(list)
    by_place: dict[tuple[int, object], list[int]] = defaultdict(list)
    for assignment in before:
        for index, unit in enumerate(units):
            parts = _same_again(choice, unit, assignment)
            if parts:
                column = choice.program.column()
                for part in parts:
                    choice.program.row([(column, 1.0), (part, -1.0)], high=0)
                by_number[assignment.session].append(column)
                by_place[index, assignment.continuity_key[2:]].append(column)
    for columns in chain(by_number.values(), by_place.values()):
        choice.program.at_most(columns)
    return [column for columns in by_number.values() for column in columns]


def _same_again(choice: Choice, unit: Unit, one: Assignment) -> list[int]:
    """The columns that must all be 1 for the unit to hold that session again; empty where it cannot."""
    instance, request = choice.timetable.instance, choice.wanted(unit)
    slot, room = unit.slots.get(one.begin_min), instance.room_index.get(one.room)
    leads = [instance.volunteer_index.get(name, -1) for name in sorted(set(one.leads))]
    if slot is None or room not in slot.rooms or len(leads) != request.leads:
        return []
    if not 1 <= one.session <= request.sessions or _number_is_pinned(choice, unit.request, one.session):
        return []
    columns = [slot.leads.get(lead, -1) for lead in leads] + [slot.rooms[room]]
    return [] if -1 in columns else columns


def _number_is_pinned(choice: Choice, request: int, number: int) -> bool:
    """Whether that number belongs to a session that stays where it was pinned."""
    instance = choice.timetable.instance
    name, placed = instance.requests[request].id, choice.timetable.placed.get(request, ())
    return any(
        pin.request == name
        and pin.session == number
        and any(same_place(instance.placement(pin), placement) for placement in placed)
        for pin in instance.problem.pins
    )


def preferred(choice: Choice) -> list[Term]:
    grid, terms = choice.timetable.instance.grid, []
    for unit in choice.units:
        request = choice.wanted(unit)
        liked = set(grid.starts(grid.mask(request.preferred, request.duration_min)))
        terms += [(column, 1.0) for start in liked & unit.slots.keys() for column in unit.slots[start].held]
    return terms


def travel(choice: Choice) -> list[Term]:
    """A column for each person and venue at a start: the person's own column, split by where the room is."""
    return [
        term
        for unit in choice.units
        for slot in unit.slots.values()
        if slot.rooms
        for term in _way_terms(choice, unit, slot)
    ]


def _way_terms(choice: Choice, unit: Unit, slot: Slot) -> list[Term]:
    """The ways of a team.

    As many people come to a venue as the sessions in its rooms need, and each of them once. Without these rows the
    relaxation sends halves of two people to the venue near to both while half of the session is held elsewhere, and
    the tree of a tiny week goes through all its starts.
    """
    instance, program, request = choice.timetable.instance, choice.program, choice.wanted(unit)
    rooms: dict[int, list[int]] = defaultdict(list)
    for room, column in slot.rooms.items():
        rooms[instance.room_venue[room]].append(column)
    terms: list[Term] = []
    visits: dict[tuple[int, int], list[int]] = defaultdict(list)
    for people, needed in ((slot.leads, request.leads), (slot.assistants, request.assistants)):
        coming: dict[int, list[int]] = {venue: [] for venue in rooms} if needed else {}
        for person, column in people.items():
            parts = {
                venue: program.column(integer=False) for venue in sorted(slot.nearby[person] & rooms.keys())
            }
            program.row([*((part, 1.0) for part in parts.values()), (column, -1.0)], low=0, high=0)
            for venue, part in parts.items():
                coming[venue].append(part)
                visits[person, venue].append(part)
                terms.append((part, -instance.metres(person, venue)))
        for venue, columns in coming.items():
            _bind(program, columns, rooms[venue], needed, low=0)
    for (_, venue), columns in visits.items():
        if len(columns) > 1 or request.leads > 1 or request.assistants > 1:
            _bind(program, columns, rooms[venue], 1)
    return terms


def _bind(program: Program, people: list[int], rooms: list[int], needed: int, low: float = -inf) -> None:
    """No more of the people than that many for each session in the rooms; with `low` 0 no fewer either."""
    program.row(
        [*((column, 1.0) for column in people), *((room, -float(needed)) for room in rooms)], low=low, high=0
    )


OBJECTIVES: dict[str, Callable[[Choice], list[Term]]] = {
    "communities": communities,
    "served": served,
    "functions": functions,
    "continuity": continuity,
    "preferred": preferred,
    "travel": travel,
}
