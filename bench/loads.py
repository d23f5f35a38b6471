"""Documents with a chosen load on their rooms, made from a plan, in which nothing but rooms and times is open.

They are what a school's timetabling program can plan as well: each session's lead is known, nobody needs time for a
way, all sessions count the same. The rooms of the plan are open just where it used them, and for as many more slots
as the load leaves; so up to 100 % there is a plan that places everything.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from bench.fitting import Fitting
from domain.windows import DAY_MIN, Window, Windows, normal
from scheduler.documents.codec import write_windows
from scheduler.documents.records import Assignment, Problem, Request

Document = dict[str, Any]
Slot = tuple[str, int]  # room, minute since Monday 00:00 at which the slot begins
SAME_WEIGHT = 360  # learners x minutes of every session, so that each counts the same


def load_document(problem: Problem, plan: Iterable[Assignment], load: float, seed: int = 0) -> Document:
    """The sessions of a plan over rooms that are open for (their minutes / load).

    Parameters
    ----------
    load : float
        Asked minutes over open minutes; above 1 not everything can be placed.
    """
    fitting, plan = Fitting(problem), list(plan)
    count: dict[str, int] = {}
    for one in plan:
        count[one.request] = count.get(one.request, 0) + 1
    leads = {one.request: one.leads for one in plan}
    opened = open_slots(fitting, plan, load, seed)
    asked = [_request(one, leads[one.id], count[one.id]) for one in problem.requests if one.id in count]
    return {
        "format": "problem/1",
        "name": f"{problem.name}, rooms at {load:.0%}",
        "timezone": problem.timezone,
        "week": problem.week,
        "grid_minutes": problem.grid_min,
        "goals": ["served"],
        "venues": [_venue(fitting, opened, problem.requests, leads)],
        "volunteers": _people(problem, leads),
        "requests": asked,
    }


def open_slots(fitting: Fitting, plan: list[Assignment], load: float, seed: int) -> set[Slot]:
    """The slots that the plan uses, with others of the same rooms at random, or without some sessions' slots."""
    grid, rng = fitting.problem.grid_min, random.Random(seed)
    used = {one: _slots(fitting, one) for one in plan}
    opened = {slot for slots in used.values() for slot in slots}
    wanted = round(sum(map(len, used.values())) / load)
    rooms = sorted({one.room for one in plan})
    spare = [(room, at) for room in rooms for at in _slots_in(fitting.rooms[room].open, grid)]
    spare = [slot for slot in spare if slot not in opened]
    rng.shuffle(spare)
    opened.update(spare[: max(0, wanted - len(opened))])
    for one in rng.sample(plan, len(plan)):
        if len(opened) <= wanted:
            break
        opened.difference_update(used[one])
    return opened


def _slots(fitting: Fitting, one: Assignment) -> list[Slot]:
    end = one.begin_min + fitting.requests[one.request].duration_min
    return [(one.room, at) for at in range(one.begin_min, end, fitting.problem.grid_min)]


def _slots_in(windows: Windows, grid_min: int) -> list[int]:
    return [
        at
        for window in windows
        for at in range(-(-window.start_min // grid_min) * grid_min, window.end_min - grid_min + 1, grid_min)
    ]


def _request(request: Request, leads: tuple[str, ...], sessions: int) -> Document:
    return {
        "id": request.id,
        "title": request.title,
        "area": request.area,
        "location": [0, 0],
        "topic": _topic(leads),
        "function": request.function,
        "learners": max(1, SAME_WEIGHT // request.duration_min),
        "sessions": sessions,
        "duration_minutes": request.duration_min,
        "acceptable": write_windows(request.acceptable),
        "equipment": [f"for {request.id}"],
        "leads": len(leads),
        "cohorts": sorted(request.cohorts),
        "max_sessions_per_day": request.max_sessions_per_day,
        "partial": True,
    }


def _topic(leads: tuple[str, ...]) -> str:
    """A topic that these leads know and nobody else."""
    return "of " + "+".join(sorted(leads))


def _venue(
    fitting: Fitting, opened: set[Slot], requests: Iterable[Request], leads: dict[str, tuple[str, ...]]
) -> Document:
    """All rooms in one place; a room is equipped "for r1" where r1 fits, reaches it and its leads come to it."""
    welcome: dict[str, list[str]] = {room: [] for room, _ in opened}
    for request in requests:
        if request.id not in leads:
            continue
        for room in fitting.fitting_rooms(request):
            venue = fitting.venue_of[room].id
            if room in welcome and all(venue in fitting.homes[name] for name in leads[request.id]):
                welcome[room].append(f"for {request.id}")
    rooms = [
        {
            "id": room,
            "name": room,
            "capacity": SAME_WEIGHT,
            "equipment": equipment,
            "open": write_windows(_windows((at for name, at in opened if name == room), fitting.problem)),
        }
        for room, equipment in sorted(welcome.items())
    ]
    return {"id": "all", "name": "All rooms", "kind": "school", "location": [0, 0], "rooms": rooms}


def _windows(starts: Iterable[int], problem: Problem) -> Windows:
    return normal(Window(at, min(at + problem.grid_min, (at // DAY_MIN + 1) * DAY_MIN)) for at in starts)


def _people(problem: Problem, leads: dict[str, tuple[str, ...]]) -> list[Document]:
    topics: dict[str, set[str]] = {}
    for team in leads.values():
        for name in team:
            topics.setdefault(name, set()).add(_topic(team))
    return [
        {
            "id": one.id,
            "name": one.id,
            "kind": one.kind,
            "location": [0, 0],
            "skills": sorted(topics[one.id]),
            "available": write_windows(one.available),
        }
        for one in problem.volunteers
        if one.id in topics
    ]
