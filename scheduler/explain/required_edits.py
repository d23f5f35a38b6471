"""Decide what would have to change so that a request could be held at a given place: the least edit of each key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil

from domain.windows import DAY_MIN, Window, Windows
from scheduler.documents.records import Location, Request, Room, Venue, Volunteer
from scheduler.explain.availability import room_lacks
from scheduler.explain.editable_plan import EditablePlan
from scheduler.explain.edits import Edit, edit, missing_minutes, with_window
from scheduler.instance.instance import Placement, kilometres


def edits_for(board: EditablePlan, request: int, places: list[Placement]) -> list[Edit] | None:
    """The edits that let the sessions be there as far as the problem goes; None where no edit can.

    What the rest of the plan takes is not asked here, but limits that it has used up are.
    """
    wanted = board.instance.requests[request]
    sides = (
        _of_request(board, wanted, request, places),
        _of_rooms(board, wanted, places),
        _of_people(board, wanted, places),
    )
    edits: list[Edit] = []
    for side in sides:
        for one in side:
            if one is None:
                return None
            edits.append(one)
    return edits


def _of_request(
    board: EditablePlan, wanted: Request, request: int, places: list[Placement]
) -> Iterator[Edit | None]:
    rooms = [board.instance.rooms[placement.room] for placement in places]
    seats = min(room.capacity for room in rooms)
    if seats < wanted.learners:
        yield edit("request", wanted, "learners", seats) if seats else None
    windows = _grown(wanted.acceptable, wanted, places)
    if windows != wanted.acceptable:
        yield edit("request", wanted, "acceptable", windows)
    far = max(kilometres(wanted.location, _venue(board, placement).location) for placement in places)
    if wanted.max_travel_km is not None and far > wanted.max_travel_km:
        yield edit("request", wanted, "max_travel_km", _up(far))
    own = [*board.timetable.placed.get(request, ()), *places]
    days = [at.start // DAY_MIN for at in own]
    busiest = max(map(days.count, days))
    if busiest > wanted.max_sessions_per_day:
        yield edit("request", wanted, "max_sessions_per_day", busiest)
    if wanted.same_leads and len({frozenset(at.leads) for at in own}) > 1:
        yield edit("request", wanted, "same_leads", False)


def _grown(windows: Windows, wanted: Request, places: Iterable[Placement]) -> Windows:
    for placement in places:
        session = Window(placement.start, placement.start + wanted.duration_min)
        if missing_minutes(windows, session):
            windows = with_window(windows, session)
    return windows


def _venue(board: EditablePlan, at: Placement) -> Venue:
    return board.instance.venues[board.instance.room_venue[at.room]]


def _up(km: float) -> float:
    return ceil(km * 10) / 10


def _of_rooms(board: EditablePlan, wanted: Request, places: list[Placement]) -> Iterator[Edit | None]:
    for number in dict.fromkeys(placement.room for placement in places):
        room = board.instance.rooms[number]
        yield from _of_fit(wanted, room)
        windows = _grown(room.open, wanted, (placement for placement in places if placement.room == number))
        if windows != room.open:
            yield edit("room", room, "open", windows)
    for number in dict.fromkeys(board.instance.room_venue[placement.room] for placement in places):
        venue, here = (
            board.instance.venues[number],
            [placement for placement in places if board.instance.room_venue[placement.room] == number],
        )
        used = board.timetable.venue_minutes[number] + wanted.duration_min * len(here)
        if venue.weekly_cap_min is not None and used > venue.weekly_cap_min:
            yield edit("venue", venue, "weekly_cap_minutes", used)


def _of_fit(wanted: Request, room: Room) -> Iterator[Edit]:
    lacks = set(room_lacks(wanted, room))
    if "equipment" in lacks:
        yield edit("room", room, "equipment", room.equipment | wanted.equipment)
    if "access" in lacks:
        yield edit("room", room, "accessible", True)
    if "welcome" in lacks and room.functions is not None:
        yield edit("room", room, "functions", room.functions | {wanted.function})


def _of_people(board: EditablePlan, wanted: Request, places: list[Placement]) -> Iterator[Edit | None]:
    for fromkey in dict.fromkeys(one for at in places for one in at.team):
        person = board.instance.volunteers[fromkey]
        mine = [at for at in places if fromkey in at.team]
        yield from _of_role(wanted, person, leads=any(fromkey in at.leads for at in mine))
        windows = _grown(person.available, wanted, mine)
        if windows != person.available:
            yield edit("volunteer", person, "available", windows)
        yield from _of_way(person, [_venue(board, at).location for at in mine])
        yield from _of_load(board, wanted, fromkey, mine)
    for placement in places:
        grown = sum(not board.instance.volunteers[one].minor for one in placement.team)
        if placement.team and grown < wanted.adults_needed:
            yield None


def _of_role(wanted: Request, person: Volunteer, *, leads: bool) -> Iterator[Edit | None]:
    if leads and (person.minor or wanted.topic not in person.skills or "lead" not in person.roles):
        yield None  # a person's age is a fact, and a topic is not learnt by next week
    if not leads and "assistant" not in person.roles:
        yield edit("volunteer", person, "roles", person.roles | {"assistant"})
    if not wanted.trusts(person):
        yield edit("volunteer", person, "vetted", True)


def _of_way(person: Volunteer, places: list[Location]) -> Iterator[Edit]:
    far = max(kilometres(person.location, place) for place in places)
    if person.max_travel_km is not None and far > person.max_travel_km:
        yield edit("volunteer", person, "max_travel_km", _up(far))


def _of_load(board: EditablePlan, wanted: Request, one: int, mine: list[Placement]) -> Iterator[Edit]:
    person, minutes = board.instance.volunteers[one], wanted.duration_min
    week = board.timetable.week_load[one] + minutes * len(mine)
    if person.max_min_week is not None and week > person.max_min_week:
        yield edit("volunteer", person, "max_minutes_week", week)
    days = [placement.start // DAY_MIN for placement in mine]
    day = max(board.timetable.day_load.get((one, at), 0) + minutes * days.count(at) for at in days)
    if person.max_min_day is not None and day > person.max_min_day:
        yield edit("volunteer", person, "max_minutes_day", day)
