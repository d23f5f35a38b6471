"""Columns of the integer programme of a week (time-indexed assignment): leads, assistants and room at every start.

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
from scheduler.instance.timetable import PartialTimetable
from scheduler.processes.program import Program


@dataclass(slots=True)
class Slot:
    """The columns of one unit at one start; each is 1 where the start, person or room is chosen, else 0.

    `held` are columns whose sum is 1 where a session is held then, else 0. `leads` and `assistants` have a column for
    each volunteer's index, `rooms` for each room's. `nearby` says to which venues (indices) each person could come.
    """

    held: list[int]
    leads: dict[int, int]
    assistants: dict[int, int]
    rooms: dict[int, int]
    nearby: dict[int, frozenset[int]]


@dataclass(slots=True)
class Unit:
    """Sessions of one request, `request` its index, that share columns; `slots` are by start, in minutes of the week.

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
class Restriction:
    """The people (`who`), starts (`when`) and rooms (`where`) that come into question, by the index of a request.

    People and rooms are indices, starts are minutes of the week; a request that is not there has no restriction.
    """

    who: Mapping[int, frozenset[int]] = field(default_factory=dict)
    when: Mapping[int, frozenset[int]] = field(default_factory=dict)
    where: Mapping[int, frozenset[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Choice:
    """The programme of the free requests, with what its columns mean; rows are added by `rows`, goals by `goals`.

    `with_rooms` False leaves the rooms out, which only drops rules: its optimum is a bound.
    """

    timetable: PartialTimetable
    units: list[Unit]
    program: Program
    with_rooms: bool = True
    only: Restriction = field(default_factory=Restriction)

    def request(self, unit: Unit) -> Request:
        """The request of a unit."""
        return self.timetable.instance.requests[unit.request]


def lay_out_columns(
    timetable: PartialTimetable,
    requests: Iterable[int],
    *,
    with_rooms: bool = True,
    must: frozenset[int] = frozenset(),
    only: Restriction | None = None,
) -> Choice:
    """Give columns to the missing sessions of the requests, as if all that stands in the timetable were fixed.

    Parameters
    ----------
    requests : iterable of int
        Indices of the free requests.
    with_rooms : bool
        Whether rooms get columns; without them the optimum is a bound.
    must : frozenset of int
        Requests whose sessions have to be placed.
    only : Restriction, optional
        Narrows the people, starts and rooms that come into question.
    """
    choice = Choice(timetable, [], Program(), with_rooms, only or Restriction())
    for r in requests:
        _add_request(choice, r, r in must)
    return choice


def _add_request(choice: Choice, r: int, must: bool) -> None:
    timetable, request = choice.timetable, choice.timetable.instance.requests[r]
    missing = request.sessions - len(timetable.placed.get(r, ()))
    if not missing:
        return
    begun = missing < request.sessions and not request.partial
    units = [missing] if _never_at_once(request) else [1] * missing
    shared: int | None = None
    for count in units:
        unit = Unit(r, count, {}, must=(must or begun) and not request.partial)
        _add_slots(choice, unit)
        if not request.partial and missing > 1:
            shared = choice.program.column() if shared is None else shared
            unit.all_or_none = shared
        choice.units.append(unit)
    if request.same_leads and request.leads and missing > 1 and not timetable.placed.get(r):
        unit = choice.units[-1]
        people = {lead for slot in unit.slots.values() for lead in slot.leads}
        unit.same = {person: choice.program.column() for person in sorted(people)}


def _never_at_once(request: Request) -> bool:
    """Whether two sessions of the request cannot overlap, whatever else happens."""
    led_by_one = request.same_leads and request.leads > 0
    return request.sessions == 1 or request.max_sessions_per_day == 1 or led_by_one or bool(request.cohorts)


def _add_slots(choice: Choice, unit: Unit) -> None:
    instance, timetable = choice.timetable.instance, choice.timetable
    request, candidates = instance.requests[unit.request], instance.candidates[unit.request]
    led_by = _led_by(timetable, unit, request)
    only, r = choice.only, unit.request
    for start, open_rooms in candidates.rooms.items():
        if start not in only.when.get(r, (start,)) or not _may_start(timetable, r, start):
            continue
        leads = candidates.leads[start] if led_by is None else _among(candidates.leads[start], led_by)
        slot = _slot(
            choice,
            request,
            start,
            _among(open_rooms, only.where.get(r)),
            _among(leads, only.who.get(r)),
            _among(candidates.assistants[start], only.who.get(r)),
        )
        if slot is not None:
            unit.slots[start] = slot


def _led_by(timetable: PartialTimetable, unit: Unit, request: Request) -> set[int] | None:
    """Who comes into question as a lead: who has begun, or who has the hours for all sessions; None for anybody.

    A linear relaxation would otherwise let two people with the hours for one session each lead half of both.
    """
    before = timetable.placed.get(unit.request)
    if before and request.same_leads:
        return set(before[0].leads)
    if unit.count == 1 or request.partial or not request.same_leads:
        return None
    starts: Counter[tuple[int, int]] = Counter()
    for start, leads in timetable.instance.candidates[unit.request].leads.items():
        starts.update((lead, start // DAY_MIN) for lead in leads)
    possible: Counter[int] = Counter()
    for (person, _), count in starts.items():
        possible[person] += min(count, request.max_sessions_per_day)
    return {
        person
        for person, count in possible.items()
        if count >= unit.count and _lasts(timetable, person, unit, request)
    }


def _lasts(timetable: PartialTimetable, person: int, unit: Unit, request: Request) -> bool:
    limit = timetable.instance.volunteers[person].max_min_week
    return limit is None or timetable.week_load[person] + unit.count * request.duration_min <= limit


def _may_start(timetable: PartialTimetable, r: int, start: int) -> bool:
    return timetable.day_free(r, start) and timetable.cohorts_free(r, start)


def _among(indices: list[int], allowed: Collection[int] | None) -> list[int]:
    return indices if allowed is None else [index for index in indices if index in allowed]


def _slot(
    choice: Choice, request: Request, start: int, rooms: list[int], leads: list[int], assistants: list[int]
) -> Slot | None:
    """The columns at one start, None where too little is left for a session."""
    timetable, instance = choice.timetable, choice.timetable.instance
    if choice.with_rooms:
        rooms = [room for room in rooms if timetable.room_open_to(room, start, request.duration_min)]
    venues = frozenset(instance.room_venue[room] for room in rooms)
    nearby: dict[int, frozenset[int]] = {}
    for person in {*leads, *assistants}:
        if near := _near(timetable, person, start, request.duration_min, venues):
            nearby[person] = near
    leads, assistants = ([person for person in people if person in nearby] for people in (leads, assistants))
    if not rooms or len(leads) < request.leads or len(assistants) < request.assistants:
        return None
    program = choice.program
    lead_columns = {lead: program.column() for lead in leads}
    assistant_columns = {assistant: program.column() for assistant in assistants}
    room_columns = {room: program.column() for room in rooms} if choice.with_rooms else {}
    held = list(lead_columns.values()) if request.leads == 1 else [program.column()]
    return Slot(held, lead_columns, assistant_columns, room_columns, nearby)


def _near(
    timetable: PartialTimetable, person: int, start: int, minutes: int, venues: frozenset[int]
) -> frozenset[int]:
    """Those of the venues to which the volunteer could come at that start."""
    if not timetable.load_allows(person, start, minutes):
        return frozenset()
    near = venues & timetable.instance.comes_to[person]
    if not any(begin // DAY_MIN == start // DAY_MIN for begin, _, _ in timetable.volunteer_use[person]):
        return near
    return frozenset(venue for venue in near if timetable.can_come(person, start, start + minutes, venue))


def read_placements(choice: Choice, values: list[bool]) -> dict[int, list[Placement]]:
    """The sessions that a solution places, by request; `values` has a flag for each column, rooms included."""
    placements: dict[int, list[Placement]] = {}
    for unit in choice.units:
        for start, slot in unit.slots.items():
            for room in (room for room, column in slot.rooms.items() if values[column]):
                leads = tuple(person for person, column in slot.leads.items() if values[column])
                assistants = tuple(person for person, column in slot.assistants.items() if values[column])
                placements.setdefault(unit.request, []).append(Placement(start, room, leads, assistants))
    return placements
