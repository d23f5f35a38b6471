"""The goal `continuity`: sessions that are held as they were in the week before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain

from domain.messages import plural
from scheduler.documents.records import Assignment
from scheduler.goals.goal import Counter, Goal
from scheduler.instance.instance import Instance
from scheduler.instance.numbering import before_of, held_again, pins_of, same_place
from scheduler.instance.timetable import PartialTimetable
from scheduler.model.columns import Choice, Unit
from scheduler.processes.program import Term
from scheduler.rules import goals as values


def _counted_bound(instance: Instance, limits: Sequence[int]) -> int:
    """Per request: sessions of last week that could be held again."""
    again: dict[int, set[int]] = {}
    for assignment in instance.problem.previous:
        request = instance.request_index.get(assignment.request)
        room = instance.room_index.get(assignment.room)
        if request is not None and room in instance.candidates[request].rooms.get(assignment.begin_min, ()):
            again.setdefault(request, set()).add(assignment.session)
    return sum(min(len(numbers), limits[request]) for request, numbers in again.items())


def _counter(instance: Instance) -> Counter:
    before, pins = before_of(instance), pins_of(instance)
    index = instance.request_index
    returning = {
        index[previous.request] for previous in instance.problem.previous if previous.request in index
    }

    def count(timetable: PartialTimetable, requests: Iterable[int]) -> int:
        return sum(
            held_again(instance, request, placements, pins.get(request, []), before)
            for request in requests
            if request in returning and (placements := timetable.placed.get(request))
        )

    return count


def _terms(choice: Choice) -> list[Term]:
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


def _same_again(choice: Choice, unit: Unit, previous: Assignment) -> list[int]:
    """The columns that must all be 1 for the unit to hold that session again; empty where it cannot."""
    instance, request = choice.timetable.instance, choice.request(unit)
    slot, room = unit.slots.get(previous.begin_min), instance.room_index.get(previous.room)
    leads = [instance.volunteer_index.get(name, -1) for name in sorted(set(previous.leads))]
    if slot is None or room not in slot.rooms or len(leads) != request.leads:
        return []
    if not 1 <= previous.session <= request.sessions or _number_is_pinned(
        choice, unit.request, previous.session
    ):
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


GOAL = Goal(
    name="continuity",
    value=values.continuity,
    counted_bound=_counted_bound,
    counter=_counter,
    terms=_terms,
    leave_at=0.91,
    loss=lambda units: plural(
        "{count} session that stayed as last week", "{count} sessions that stayed as last week", count=units
    ),
)
