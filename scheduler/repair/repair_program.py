"""Integer programme that places sessions again with few changes: its rows count what people were told.

After minimal perturbation (Barták, Müller and Rudová 2004; UniTime), with the budget as rows and goals solved in order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import isfinite

from scheduler.documents.records import Assignment
from scheduler.instance.instance import Placement
from scheduler.model.columns import Choice, Slot, Unit, read_placements
from scheduler.model.cuts import cut_breaches
from scheduler.processes.highs import maximise
from scheduler.processes.program import Term
from scheduler.repair.change_budget import ChangeTracker

# One released session kept is worth more than all the people of a neighbourhood, and one person more than all starts.
_SESSION, _PERSON, _START = 5_000, 50, 1
_ROUNDS = 8  # of cutting off breaches and solving again
_SHORTEST_S = 0.01
Level = Callable[[], list[Term]]


@dataclass(slots=True)
class _Counted:
    """Columns that count changes: one for each released session that is held again, one for each person affected."""

    held_again: list[int] = field(default_factory=list)
    affected: dict[str, int] = field(default_factory=dict)
    in_time: list[int] = field(default_factory=list)


def count_changes(choice: Choice, changes: ChangeTracker, free: list[int]) -> list[Term]:
    """Add the rows of the budget, and return the terms that are largest where least changes.

    Parameters
    ----------
    free : list of int
        The requests that are placed again; they must be out of the timetable, but for what is pinned there.
    """
    counted = _Counted()
    units: dict[int, list[Unit]] = defaultdict(list)
    for unit in choice.units:
        units[unit.request].append(unit)
    for request in free:
        assignments = changes.lost(request, choice.timetable.placed.get(request, ()))
        for unit in units[request]:
            _count_held_again(choice, unit, assignments, counted)
            _count_new_duties(choice, unit, assignments, counted)
        _count_lost_duties(choice, units[request], assignments, counted)
    others = changes.total(frozenset(free))
    for name in others.people & counted.affected.keys():
        del counted.affected[name]
    _keep_budget(choice, changes, free, counted)
    return [
        *((column, _SESSION) for column in counted.held_again),
        *((column, -_PERSON) for column in counted.affected.values()),
        *((column, _START) for column in counted.in_time),
    ]


def _person(choice: Choice, counted: _Counted, name: str) -> int:
    if name not in counted.affected:
        counted.affected[name] = choice.program.column()
    return counted.affected[name]


def _count_held_again(choice: Choice, unit: Unit, lost: list[Assignment], counted: _Counted) -> None:
    program = choice.program
    for assignment in lost:
        columns = _columns_of(choice, unit, assignment)
        if columns:
            held_again = program.column()
            for column in columns:
                program.row([(held_again, 1.0), (column, -1.0)], high=0)
            counted.held_again.append(held_again)
    starts = {assignment.begin_min for assignment in lost} & unit.slots.keys()
    counted.in_time += [column for start in sorted(starts) for column in unit.slots[start].held]


def _columns_of(choice: Choice, unit: Unit, assignment: Assignment) -> list[int]:
    """The columns that are all 1 where the unit holds that session again; empty where it cannot."""
    slot, instance = unit.slots.get(assignment.begin_min), choice.timetable.instance
    if slot is None:
        return []
    needed = [slot.rooms.get(instance.room_index.get(assignment.room, -1))]
    needed += [slot.leads.get(instance.volunteer_index.get(name, -1)) for name in assignment.leads]
    needed += [slot.assistants.get(instance.volunteer_index.get(name, -1)) for name in assignment.assistants]
    columns = [column for column in needed if column is not None]
    return columns if len(columns) == len(needed) else []


def _roles(slot: Slot) -> Iterator[tuple[str, int, int]]:
    yield from (("lead", person, column) for person, column in slot.leads.items())
    yield from (("assistant", person, column) for person, column in slot.assistants.items())


def _rooms_before(lost: list[Assignment]) -> dict[tuple[str, str, int], str]:
    """The room in which each person was told to be, by person, role and start."""
    return {
        (name, role, assignment.begin_min): assignment.room
        for assignment in lost
        for role, names in (("lead", assignment.leads), ("assistant", assignment.assistants))
        for name in names
    }


def _count_new_duties(choice: Choice, unit: Unit, lost: list[Assignment], counted: _Counted) -> None:
    """Rows by which a person counts as affected who has a session that they were not told of."""
    instance, rooms = choice.timetable.instance, _rooms_before(lost)
    new: dict[str, list[int]] = defaultdict(list)
    for start, slot in unit.slots.items():
        for role, person, column in _roles(slot):
            name = instance.volunteers[person].id
            room = slot.rooms.get(instance.room_index.get(rooms.get((name, role, start), ""), -1))
            if room is None and unit.count == 1:
                new[name].append(column)
            else:
                terms = [(column, 1.0), (_person(choice, counted, name), -1.0)]
                choice.program.row(terms if room is None else [*terms, (room, -1.0)], high=0)
    for name, columns in new.items():
        terms = [*((column, 1.0) for column in columns), (_person(choice, counted, name), -1.0)]
        choice.program.row(terms, high=0)


def _count_lost_duties(choice: Choice, units: list[Unit], lost: list[Assignment], counted: _Counted) -> None:
    """Rows by which a person counts as affected who was told of a session and does not have it any more."""
    instance, program = choice.timetable.instance, choice.program
    for (name, role, start), room in _rooms_before(lost).items():
        again = []
        for unit in units:
            slot = unit.slots.get(start)
            people = {} if slot is None else slot.leads if role == "lead" else slot.assistants
            column = people.get(instance.volunteer_index.get(name, -1))
            there = None if slot is None else slot.rooms.get(instance.room_index.get(room, -1))
            if column is not None and there is not None:
                held = program.column()
                program.row([(held, 1.0), (column, -1.0)], high=0)
                program.row([(held, 1.0), (there, -1.0)], high=0)
                again.append(held)
        terms = [*((held, 1.0) for held in again), (_person(choice, counted, name), 1.0)]
        program.row(terms, low=1)


def _keep_budget(choice: Choice, changes: ChangeTracker, free: list[int], counted: _Counted) -> None:
    timetable, program = choice.timetable, choice.program
    others = changes.total(frozenset(free))
    cleared = [changes.of(request, timetable.placed.get(request, ())) for request in free]
    held_again = [(column, -1.0) for column in counted.held_again]
    if isfinite(changes.max_sessions):
        now = others.sessions + sum(change.sessions for change in cleared)
        program.row(held_again, high=changes.max_sessions - now)
        held = [
            (column, 1.0)
            for unit in choice.units
            if unit.request in changes.released_of
            for slot in unit.slots.values()
            for column in slot.held
        ]
        now = others.elsewhere + sum(change.elsewhere for change in cleared)
        program.row([*held, *held_again], high=changes.max_elsewhere - now)
    if isfinite(changes.max_people):
        further = [(column, 1.0) for column in counted.affected.values()]
        program.row(further, high=changes.max_people - len(others.people))


def best_in_order(
    choice: Choice, levels: Iterable[Level], left_s: Callable[[], float], least: float, seed: int
) -> dict[int, list[Placement]] | None:
    """Bring one level after the other to its best, those before it held (lexicographic optimisation).

    Parameters
    ----------
    levels : iterable of callable
        Each gives the terms to maximise, once those before it are held.
    left_s : callable
        Seconds that are left.
    least : float
        What the first level must reach.

    Returns
    -------
    dict of list of Placement, or None
        By request; None where nothing was found in time, or the first level is below `least`.
    """
    placements: dict[int, list[Placement]] | None = None
    for level in levels:
        terms = level()
        chosen = _solve(choice, terms, left_s, seed)
        if chosen is None:
            break
        value = sum(coefficient for column, coefficient in terms if chosen[column])
        if placements is None and value < least:
            break
        placements = read_placements(choice, chosen)
        hold(choice, terms, value)
    return placements


def hold(choice: Choice, terms: list[Term], value: float) -> None:
    """Add a row that lets the terms add up to the value at least."""
    merged: dict[int, float] = defaultdict(float)
    for column, coefficient in terms:
        merged[column] += coefficient
    choice.program.row(merged.items(), low=value - 0.5)


def _solve(choice: Choice, terms: list[Term], left_s: Callable[[], float], seed: int) -> list[bool] | None:
    for _ in range(_ROUNDS):
        limit = left_s()
        if limit < _SHORTEST_S:
            return None
        outcome = maximise(choice.program, terms, limit_s=limit, absolute_gap=0.5, seed=seed)
        if outcome.values is None:
            return None
        chosen: list[bool] = (outcome.values > 0.5).tolist()
        if not cut_breaches(choice, chosen):
            return chosen
    return None
