"""Rows of the integer programme: one small function for each rule, the list of them last.

Rules about one choice by itself (`grid`, `acceptable`, `open`, `fit`, `reach`, `skill`, `available`, and whatever a
placed session rules out) need no rows: such a choice has no column. The way between two venues that are chosen in the
end, and rooms of a divided hall with unequal turnarounds, are cut off when a solution breaks them (`cuts`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from domain.windows import DAY_MIN
from scheduler.model.columns import Choice, Slot, Unit
from scheduler.model.load_limits import load
from scheduler.model.travel_rows import way
from scheduler.processes.program import Program

Span = tuple[int, int, int]  # begin, end, column


def exclude_overlaps(program: Program, spans: list[Span]) -> None:
    """At most one of the spans at any minute: a row for each largest set of spans that share one.

    It is enough to look at the minutes at which a span begins after another one ended.
    """
    spans.sort()
    begins = [begin for begin, _, _ in spans]
    ends = sorted({end for _, end, _ in spans})
    longest = max((end - begin for begin, end, _ in spans), default=0)
    for index, end in enumerate(ends):
        last_begin = begins[bisect_left(begins, end) - 1]  # the last span to begin before this end
        if not index or last_begin >= ends[index - 1]:
            around = spans[bisect_left(begins, last_begin - longest) : bisect_right(begins, last_begin)]
            program.at_most([column for _, last, column in around if last > last_begin])


def _slots(choice: Choice) -> Iterator[tuple[Unit, int, Slot]]:
    for unit in choice.units:
        for start, slot in unit.slots.items():
            yield unit, start, slot


def whole(choice: Choice) -> None:
    """All sessions of a request or none; with `partial` no more than there are."""
    for unit in choice.units:
        held = [(column, 1.0) for slot in unit.slots.values() for column in slot.held]
        least = unit.count if unit.must else 0
        if unit.all_or_none is not None:
            choice.program.row([*held, (unit.all_or_none, -unit.count)], low=0, high=0)
            choice.program.row([(unit.all_or_none, 1)], low=least and 1)
        else:
            choice.program.row(held, low=least, high=unit.count)


def per_day(choice: Choice) -> None:
    """No more sessions of a request on a day than it allows, fixed ones counted."""
    days: dict[tuple[int, int], list[int]] = defaultdict(list)
    switch: dict[int, int | None] = {}
    for unit, start, slot in _slots(choice):
        days[unit.request, start // DAY_MIN] += slot.held
        switch[unit.request] = unit.all_or_none
    for (r, day), columns in days.items():
        request = choice.timetable.instance.requests[r]
        before = sum(placement.start // DAY_MIN == day for placement in choice.timetable.placed.get(r, ()))
        limit = request.max_sessions_per_day - before
        column = switch[r]
        if request.sessions > 1 and column is not None:
            choice.program.row([*((held, 1.0) for held in columns), (column, -limit)], high=0)
        elif request.sessions > 1:
            choice.program.at_most(columns, limit)


def one_at_a_start(choice: Choice) -> None:
    """A unit holds one session at a start, and a session has exactly one room and its full team."""
    for unit, _, slot in _slots(choice):
        request = choice.request(unit)
        if request.leads != 1 and request.leads:
            _as_many(choice.program, slot.leads.values(), request.leads, slot.held)
        if request.assistants:
            _as_many(choice.program, slot.assistants.values(), request.assistants, slot.held)
        if slot.rooms:
            _as_many(choice.program, slot.rooms.values(), 1, slot.held)


def _as_many(program: Program, columns: Iterable[int], count: int, held: list[int]) -> None:
    program.row(
        [*((column, 1.0) for column in columns), *((column, -count) for column in held)], low=0, high=0
    )


def room_clash(choice: Choice) -> None:
    """One session in a room at a time, turnaround included; likewise a whole room with each of its parts."""
    instance = choice.timetable.instance
    spans: dict[int, list[Span]] = defaultdict(list)
    for unit, start, slot in _slots(choice):
        end = start + choice.request(unit).duration_min
        for room, column in slot.rooms.items():
            spans[room].append((start, end + instance.rooms[room].turnaround_min, column))
    for room, in_room in list(spans.items()):
        parts = [part for part, _ in instance.related[room][1:] if instance.rooms[room].part_of is None]
        together = [part for part in parts if part in spans]
        for part in together:
            exclude_overlaps(choice.program, in_room + spans[part])
        if not together:
            exclude_overlaps(choice.program, in_room)


def venue_cap(choice: Choice) -> None:
    """The minutes that a venue has left."""
    timetable, instance = choice.timetable, choice.timetable.instance
    minutes: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for unit, _, slot in _slots(choice):
        for room, column in slot.rooms.items():
            minutes[instance.room_venue[room]].append((column, choice.request(unit).duration_min))
    for venue, terms in minutes.items():
        cap = instance.venues[venue].weekly_cap_min
        if cap is not None:
            choice.program.row(terms, high=cap - timetable.venue_minutes[venue])


def home(choice: Choice) -> None:
    """A person comes only where the room is in a venue near enough, seen from home and from fixed sessions."""
    instance = choice.timetable.instance
    for unit, _, slot in _slots(choice):
        venues = {instance.room_venue[room] for room in slot.rooms}
        one_lead = choice.request(unit).leads == 1
        groups: dict[object, tuple[frozenset[int], list[int]]] = {}
        for person, column in slot.leads.items():
            near = slot.nearby[person]
            groups.setdefault(near if one_lead else person, (near, []))[1].append(column)
        for person, column in slot.assistants.items():
            groups[-1 - person] = slot.nearby[person], [column]
        for near, columns in groups.values():
            if slot.rooms and not venues <= near:
                rooms = [column for room, column in slot.rooms.items() if instance.room_venue[room] in near]
                terms = [*((column, 1.0) for column in columns), *((column, -1.0) for column in rooms)]
                choice.program.row(terms, high=0)


def _people(choice: Choice) -> dict[int, list[Span]]:
    spans: dict[int, list[Span]] = defaultdict(list)
    for unit, start, slot in _slots(choice):
        end = start + choice.request(unit).duration_min
        for person, column in chain(slot.leads.items(), slot.assistants.items()):
            spans[person].append((start, end, column))
    return spans


def volunteer_clash(choice: Choice) -> None:
    """A volunteer does one thing at a time."""
    for spans in _people(choice).values():
        exclude_overlaps(choice.program, spans)


def minors(choice: Choice) -> None:
    """Two adults in a team for minors; leads are adults anyway."""
    people = choice.timetable.instance.volunteers
    for unit, _, slot in _slots(choice):
        request = choice.request(unit)
        if missing := request.adult_assistants_needed:
            adults = [(column, 1.0) for person, column in slot.assistants.items() if not people[person].minor]
            choice.program.row([*adults, *((column, -missing) for column in slot.held)], low=0)


def same_leads(choice: Choice) -> None:
    """Who leads one session of a request leads all of them, where it asks for that."""
    for unit in choice.units:
        request = choice.request(unit)
        for person, column in unit.same.items():
            led = [(start, slot.leads[person]) for start, slot in unit.slots.items() if person in slot.leads]
            if unit.all_or_none is not None:
                terms = [*((lead, 1.0) for _, lead in led), (column, -unit.count)]
                choice.program.row(terms, low=0, high=0)
            for day in {start // DAY_MIN for start, _ in led}:
                on_day = [lead for start, lead in led if start // DAY_MIN == day]
                limit = min(len(on_day), request.max_sessions_per_day)
                choice.program.row([*((lead, 1.0) for lead in on_day), (column, -limit)], high=0)
            assisting = [slot.assistants[person] for slot in unit.slots.values() if person in slot.assistants]
            if assisting:  # who leads all of them assists none
                terms = [*((assistant, 1.0) for assistant in assisting), (column, float(unit.count))]
                choice.program.row(terms, high=unit.count)
        if unit.same:
            choice.program.at_most(list(unit.same.values()), request.leads)


def cohort_clash(choice: Choice) -> None:
    """Learners sit in one session at a time."""
    spans: dict[str, list[Span]] = defaultdict(list)
    for unit, start, slot in _slots(choice):
        request = choice.request(unit)
        for cohort in sorted(request.cohorts):
            spans[cohort] += ((start, start + request.duration_min, column) for column in slot.held)
    for of_cohort in spans.values():
        exclude_overlaps(choice.program, of_cohort)


ROWS: tuple[Callable[[Choice], None], ...] = (
    whole,
    per_day,
    one_at_a_start,
    room_clash,
    venue_cap,
    home,
    volunteer_clash,
    way,
    load,
    minors,
    same_leads,
    cohort_clash,
)
