"""Decide which choices an integer programme has: who leads, who assists and which room, at every start.

The requests that are *free* get columns; all others stand in the timetable, and a choice that would meet one of
them gets no column. The sessions of a request are alike, so they share columns (a `Unit`); only where two sessions
of one request may be held at the same time does each need its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from domain.windows import DAY_MIN
from scheduler.documents.records import Request
from scheduler.instance.instance import Placement
from scheduler.instance.timetable import Timetable
from scheduler.processes.program import Program


@dataclass(slots=True)
class Slot:
    """The columns of one unit at one start.

    `held` are columns whose sum is 1 where a session is held then, else 0. `nearby` says to which venues each
    person could come.
    """

    held: list[int]
    leads: dict[int, int]
    assistants: dict[int, int]
    rooms: dict[int, int]
    nearby: dict[int, frozenset[int]]


@dataclass(slots=True)
class Unit:
    """Sessions of one request that share columns.

    `count` of them are still to be placed; `all_or_none` is the column that says so, None where any number up to
    `count` will do. `same` has a column for each lead who would lead all of them.
    """

    request: int
    count: int
    slots: dict[int, Slot]
    all_or_none: int | None = None
    must: bool = False
    same: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Only:
    """The people, starts and rooms that come into question for some requests; all do for the others."""

    who: Mapping[int, frozenset[int]] = field(default_factory=dict)
    when: Mapping[int, frozenset[int]] = field(default_factory=dict)
    where: Mapping[int, frozenset[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Choice:
    """A programme's columns and what they mean.

    `with_rooms` False leaves the rooms out, which only drops rules: its optimum is a bound.
    """

    timetable: Timetable
    units: list[Unit]
    program: Program
    with_rooms: bool = True
    only: Only = field(default_factory=Only)

    def request(self, unit: Unit) -> Request:
        return self.timetable.instance.requests[unit.request]


def lay_out_columns(
    timetable: Timetable,
    requests: Iterable[int],
    *,
    with_rooms: bool = True,
    must: frozenset[int] = frozenset(),
    only: Only | None = None,
) -> Choice:
    """Give columns to the missing sessions of the requests; those in `must` have to be placed.

    `only` narrows the people, starts and rooms that come into question.
    """
    choice = Choice(timetable, [], Program(), with_rooms, only or Only())
    for request in requests:
        _add_request(choice, request, request in must)
    return choice


def _add_request(choice: Choice, request: int, must: bool) -> None:
    timetable, wanted = choice.timetable, choice.timetable.instance.requests[request]
    missing = wanted.sessions - len(timetable.placed.get(request, ()))
    if not missing:
        return
    begun = missing < wanted.sessions and not wanted.partial
    units = [missing] if _never_at_once(wanted) else [1] * missing
    shared: int | None = None
    for count in units:
        unit = Unit(request, count, {}, must=(must or begun) and not wanted.partial)
        _add_slots(choice, unit)
        if not wanted.partial and missing > 1:
            shared = choice.program.column() if shared is None else shared
            unit.all_or_none = shared
        choice.units.append(unit)
    if wanted.same_leads and wanted.leads and missing > 1 and not timetable.placed.get(request):
        unit = choice.units[-1]
        people = {lead for slot in unit.slots.values() for lead in slot.leads}
        unit.same = {person: choice.program.column() for person in sorted(people)}


def _never_at_once(wanted: Request) -> bool:
    """Whether two sessions of the request cannot overlap, whatever else happens."""
    led_by_one = wanted.same_leads and wanted.leads > 0
    return wanted.sessions == 1 or wanted.max_sessions_per_day == 1 or led_by_one or bool(wanted.cohorts)


def _add_slots(choice: Choice, unit: Unit) -> None:
    instance, timetable = choice.timetable.instance, choice.timetable
    wanted, choices = instance.requests[unit.request], instance.choices[unit.request]
    led_by = _led_by(timetable, unit, wanted)
    only, request = choice.only, unit.request
    for start, open_rooms in choices.rooms.items():
        if start not in only.when.get(request, (start,)) or not _may_start(timetable, request, start):
            continue
        leads = choices.leads[start] if led_by is None else _kept(choices.leads[start], led_by)
        slot = _slot(
            choice,
            wanted,
            start,
            _kept(open_rooms, only.where.get(request)),
            _kept(leads, only.who.get(request)),
            _kept(choices.assistants[start], only.who.get(request)),
        )
        if slot is not None:
            unit.slots[start] = slot


def _led_by(timetable: Timetable, unit: Unit, wanted: Request) -> set[int] | None:
    """Who comes into question as a lead: who has begun, or who has the hours for all sessions; None for anybody.

    A linear relaxation would otherwise let two people with the hours for one session each lead half of both.
    """
    before = timetable.placed.get(unit.request)
    if before and wanted.same_leads:
        return set(before[0].leads)
    if unit.count == 1 or wanted.partial or not wanted.same_leads:
        return None
    starts: Counter[tuple[int, int]] = Counter()
    for start, leads in timetable.instance.choices[unit.request].leads.items():
        starts.update((lead, start // DAY_MIN) for lead in leads)
    most: Counter[int] = Counter()
    for (one, _), count in starts.items():
        most[one] += min(count, wanted.max_sessions_per_day)
    return {
        one for one, count in most.items() if count >= unit.count and _lasts(timetable, one, unit, wanted)
    }


def _lasts(timetable: Timetable, one: int, unit: Unit, wanted: Request) -> bool:
    limit = timetable.instance.volunteers[one].max_min_week
    return limit is None or timetable.week_load[one] + unit.count * wanted.duration_min <= limit


def _may_start(timetable: Timetable, request: int, start: int) -> bool:
    return timetable.day_free(request, start) and timetable.cohorts_free(request, start)


def _kept(some: list[int], wanted: Collection[int] | None) -> list[int]:
    return some if wanted is None else [one for one in some if one in wanted]


def _slot(
    choice: Choice, wanted: Request, start: int, rooms: list[int], leads: list[int], assistants: list[int]
) -> Slot | None:
    """The columns at one start, None where too little is left for a session."""
    timetable, instance = choice.timetable, choice.timetable.instance
    if choice.with_rooms:
        rooms = [room for room in rooms if timetable.room_open_to(room, start, wanted.duration_min)]
    venues = frozenset(instance.room_venue[room] for room in rooms)
    nearby: dict[int, frozenset[int]] = {}
    for one in {*leads, *assistants}:
        if near := _near(timetable, one, start, wanted.duration_min, venues):
            nearby[one] = near
    leads, assistants = ([person for person in people if person in nearby] for people in (leads, assistants))
    if not rooms or len(leads) < wanted.leads or len(assistants) < wanted.assistants:
        return None
    program = choice.program
    lead_columns = {lead: program.column() for lead in leads}
    helper_columns = {assistant: program.column() for assistant in assistants}
    room_columns = {room: program.column() for room in rooms} if choice.with_rooms else {}
    held = list(lead_columns.values()) if wanted.leads == 1 else [program.column()]
    return Slot(held, lead_columns, helper_columns, room_columns, nearby)


def _near(timetable: Timetable, one: int, start: int, minutes: int, venues: frozenset[int]) -> frozenset[int]:
    """Those of the venues to which the volunteer could come at that start."""
    if not timetable.load_allows(one, start, minutes):
        return frozenset()
    near = venues & timetable.instance.comes_to[one]
    if not any(begin // DAY_MIN == start // DAY_MIN for begin, _, _ in timetable.volunteer_use[one]):
        return near
    return frozenset(venue for venue in near if timetable.can_come(one, start, start + minutes, venue))


def read_placements(choice: Choice, values: list[bool]) -> dict[int, list[Placement]]:
    """The sessions that a solution places, by request; needs rooms."""
    found: dict[int, list[Placement]] = {}
    for unit in choice.units:
        for start, slot in unit.slots.items():
            for room in (room for room, column in slot.rooms.items() if values[column]):
                leads = tuple(one for one, column in slot.leads.items() if values[column])
                helpers = tuple(one for one, column in slot.assistants.items() if values[column])
                found.setdefault(unit.request, []).append(Placement(start, room, leads, helpers))
    return found
