"""Required edits: the least change of each key of the problem so that a request may have given placements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from math import ceil

from domain.windows import DAY_MIN, Window, Windows
from scheduler.documents.records import Location, Request, Room, Venue, Volunteer
from scheduler.explain.availability import fit_violations
from scheduler.explain.editable_plan import EditablePlan
from scheduler.explain.edits import Edit, missing_minutes, new_edit, with_window
from scheduler.instance.instance import Placement, kilometres


def edits_for(plan: EditablePlan, request_index: int, placements: list[Placement]) -> list[Edit] | None:
    """The edits that let a request have these placements; None where no edit can.

    Clashes with other sessions are not looked at; minutes that those use of a weekly or daily limit are.

    Parameters
    ----------
    placements : list of Placement
        At least one, for sessions that the plan does not have.
    """
    request = plan.instance.requests[request_index]
    edits: list[Edit] = []
    for edit in chain(
        _of_request(plan, request, request_index, placements),
        _of_rooms(plan, request, placements),
        _of_people(plan, request, placements),
    ):
        if edit is None:
            return None
        edits.append(edit)
    return edits


def _of_request(
    plan: EditablePlan, request: Request, request_index: int, placements: list[Placement]
) -> Iterator[Edit | None]:
    rooms = [plan.instance.rooms[placement.room] for placement in placements]
    seats = min(room.capacity for room in rooms)
    if seats < request.learners:
        yield new_edit("request", request, "learners", seats) if seats else None
    windows = _widened(request.acceptable, request, placements)
    if windows != request.acceptable:
        yield new_edit("request", request, "acceptable", windows)
    venues = [_venue(plan, placement) for placement in placements]
    distance_km = max(kilometres(request.location, venue.location) for venue in venues)
    if request.max_travel_km is not None and distance_km > request.max_travel_km:
        yield new_edit("request", request, "max_travel_km", _rounded_up(distance_km))
    own = [*plan.timetable.placed.get(request_index, ()), *placements]
    days = [placement.start // DAY_MIN for placement in own]
    busiest = max(map(days.count, days))
    if busiest > request.max_sessions_per_day:
        yield new_edit("request", request, "max_sessions_per_day", busiest)
    if request.same_leads and len({frozenset(placement.leads) for placement in own}) > 1:
        yield new_edit("request", request, "same_leads", False)


def _widened(windows: Windows, request: Request, placements: Iterable[Placement]) -> Windows:
    for placement in placements:
        session = Window(placement.start, placement.start + request.duration_min)
        if missing_minutes(windows, session):
            windows = with_window(windows, session)
    return windows


def _venue(plan: EditablePlan, placement: Placement) -> Venue:
    return plan.instance.venues[plan.instance.room_venue[placement.room]]


def _rounded_up(km: float) -> float:
    return ceil(km * 10) / 10


def _of_rooms(plan: EditablePlan, request: Request, placements: list[Placement]) -> Iterator[Edit | None]:
    venue_of = plan.instance.room_venue
    for index in dict.fromkeys(placement.room for placement in placements):
        room = plan.instance.rooms[index]
        yield from _of_fit(request, room)
        windows = _widened(room.open, request, [at_room for at_room in placements if at_room.room == index])
        if windows != room.open:
            yield new_edit("room", room, "open", windows)
    for index, count in Counter(venue_of[placement.room] for placement in placements).items():
        venue = plan.instance.venues[index]
        used = plan.timetable.venue_minutes[index] + request.duration_min * count
        if venue.weekly_cap_min is not None and used > venue.weekly_cap_min:
            yield new_edit("venue", venue, "weekly_cap_minutes", used)


def _of_fit(request: Request, room: Room) -> Iterator[Edit]:
    violations = set(fit_violations(request, room))
    if "equipment" in violations:
        yield new_edit("room", room, "equipment", room.equipment | request.equipment)
    if "access" in violations:
        yield new_edit("room", room, "accessible", True)
    if "welcome" in violations and room.functions is not None:
        yield new_edit("room", room, "functions", room.functions | {request.function})


def _of_people(plan: EditablePlan, request: Request, placements: list[Placement]) -> Iterator[Edit | None]:
    for person in dict.fromkeys(person for placement in placements for person in placement.team):
        volunteer = plan.instance.volunteers[person]
        mine = [placement for placement in placements if person in placement.team]
        yield from _of_role(request, volunteer, leads=any(person in placement.leads for placement in mine))
        windows = _widened(volunteer.available, request, mine)
        if windows != volunteer.available:
            yield new_edit("volunteer", volunteer, "available", windows)
        yield from _of_travel(volunteer, [_venue(plan, placement).location for placement in mine])
        yield from _of_load(plan, request, person, mine)
    for placement in placements:
        adults = sum(not plan.instance.volunteers[person].minor for person in placement.team)
        if placement.team and adults < request.adults_needed:
            yield None


def _of_role(request: Request, volunteer: Volunteer, *, leads: bool) -> Iterator[Edit | None]:
    if leads and (volunteer.minor or request.topic not in volunteer.skills or "lead" not in volunteer.roles):
        yield None  # a person's age is a fact, and a topic is not learnt by next week
    if not leads and "assistant" not in volunteer.roles:
        yield new_edit("volunteer", volunteer, "roles", volunteer.roles | {"assistant"})
    if not request.trusts(volunteer):
        yield new_edit("volunteer", volunteer, "vetted", True)


def _of_travel(volunteer: Volunteer, locations: list[Location]) -> Iterator[Edit]:
    distance_km = max(kilometres(volunteer.location, location) for location in locations)
    if volunteer.max_travel_km is not None and distance_km > volunteer.max_travel_km:
        yield new_edit("volunteer", volunteer, "max_travel_km", _rounded_up(distance_km))


def _of_load(plan: EditablePlan, request: Request, person: int, mine: list[Placement]) -> Iterator[Edit]:
    volunteer, minutes = plan.instance.volunteers[person], request.duration_min
    week = plan.timetable.week_load[person] + minutes * len(mine)
    if volunteer.max_min_week is not None and week > volunteer.max_min_week:
        yield new_edit("volunteer", volunteer, "max_minutes_week", week)
    days = [placement.start // DAY_MIN for placement in mine]
    day_min = max(plan.timetable.day_load.get((person, day), 0) + minutes * days.count(day) for day in days)
    if volunteer.max_min_day is not None and day_min > volunteer.max_min_day:
        yield new_edit("volunteer", volunteer, "max_minutes_day", day_min)
