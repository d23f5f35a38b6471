"""Cutting planes: rows that cut off a solution that breaks a rule between two free sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

from domain.windows import DAY_MIN
from scheduler.model.columns import Choice, Slot, Unit

_SHORT_MIN = 60  # between two sessions; with more time between them a way rarely takes too long


@dataclass(frozen=True, slots=True)
class _Held:
    """A session of a solution: where its columns are, and what it takes."""

    unit: Unit
    slot: Slot
    start: int
    end: int
    room: int
    venue: int


def cut_breaches(choice: Choice, values: list[bool]) -> int:
    """Add a row for every breach of a solution, a flag for each column, and return how many there were."""
    held = list(_held(choice, values))
    return _cut_ways(choice, held, values) + _cut_halls(choice, held)


def _held(choice: Choice, values: list[bool]) -> Iterator[_Held]:
    instance = choice.timetable.instance
    for unit in choice.units:
        minutes = choice.request(unit).duration_min
        for start, slot in unit.slots.items():
            for room, column in slot.rooms.items():
                if values[column]:
                    yield _Held(unit, slot, start, start + minutes, room, instance.room_venue[room])


def _cut_ways(choice: Choice, held: list[_Held], values: list[bool]) -> int:
    way_min = choice.timetable.instance.way_min
    count = 0
    for person, sessions in _by_volunteer(held, values).items():
        for first, then in combinations(sorted(sessions, key=lambda session: session.start), 2):
            gap = then.start - first.end
            if first.start // DAY_MIN == then.start // DAY_MIN and gap < way_min(first.venue, then.venue):
                _cut_family(choice, person, first, then)
                count += 1
    return count


def _cut_family(choice: Choice, person: int, first: _Held, then: _Held) -> None:
    """The breach itself, and the same two sessions at any other pair of starts: they would only move there."""
    _cut_way(choice, person, first, then)
    for a, b in ((first, then), (then, first)):
        for early, late in product(_starts_with(a, person), _starts_with(b, person)):
            minutes = a.end - a.start
            if early // DAY_MIN == late // DAY_MIN and 0 <= late - early - minutes < _SHORT_MIN:
                for venue in _venues(choice, a.unit.slots[early]):
                    _cut_way(
                        choice,
                        person,
                        _Held(a.unit, a.unit.slots[early], early, early + minutes, -1, venue),
                        _Held(b.unit, b.unit.slots[late], late, late + b.end - b.start, -1, -1),
                    )


def _starts_with(session: _Held, person: int) -> list[int]:
    slots = session.unit.slots.items()
    return [start for start, slot in slots if person in slot.leads or person in slot.assistants]


def _by_volunteer(held: list[_Held], values: list[bool]) -> dict[int, list[_Held]]:
    busy: dict[int, list[_Held]] = defaultdict(list)
    for session in held:
        for people in (session.slot.leads, session.slot.assistants):
            for person, column in people.items():
                if values[column]:
                    busy[person].append(session)
    return busy


def _cut_way(choice: Choice, person: int, first: _Held, then: _Held) -> None:
    """Both sessions with this volunteer, in two sets of venues that are all too far apart: not all four.

    The sets grow from the venue of the first session; where nothing is too far from it there is nothing to cut.
    """
    instance, gap = choice.timetable.instance, then.start - first.end
    far_venues = {venue for venue in _venues(choice, then.slot) if instance.way_min(first.venue, venue) > gap}
    if not far_venues:
        return
    near_venues = {
        venue
        for venue in _venues(choice, first.slot)
        if all(instance.way_min(venue, far) > gap for far in far_venues)
    }
    rooms = [
        *(column for room, column in first.slot.rooms.items() if instance.room_venue[room] in near_venues),
        *(column for room, column in then.slot.rooms.items() if instance.room_venue[room] in far_venues),
    ]
    people = [column for session in (first, then) for column in _person_columns(session, person)]
    sides = sum(_has_choice(session, person) for session in (first, then))
    choice.program.row([(column, 1.0) for column in rooms + people], high=1 + sides)


def _has_choice(session: _Held, person: int) -> bool:
    """Whether the session could be held without this volunteer; if not, its rooms speak for both."""
    return list(session.slot.leads) != [person]


def _person_columns(session: _Held, person: int) -> list[int]:
    """Leading or assisting, never both."""
    if not _has_choice(session, person):
        return []
    return [people[person] for people in (session.slot.leads, session.slot.assistants) if person in people]


def _venues(choice: Choice, slot: Slot) -> set[int]:
    return {choice.timetable.instance.room_venue[room] for room in slot.rooms}


def _cut_halls(choice: Choice, held: list[_Held]) -> int:
    """A whole room and its part with the longer turnaround of the two between them."""
    related = choice.timetable.instance.related
    by_room: dict[int, list[_Held]] = defaultdict(list)
    for session in held:
        by_room[session.room].append(session)
    count = 0
    for room, sessions in by_room.items():
        for second_room, gap in related[room]:
            for session in sessions:
                for second in by_room.get(second_room, ()):
                    if session is not second and session.start <= second.start < session.end + gap:
                        columns = (session.slot.rooms[room], second.slot.rooms[second_room])
                        choice.program.row([(column, 1.0) for column in columns], high=1)
                        count += 1
    return count
