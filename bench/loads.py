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
    for assignment in plan:
        count[assignment.request] = count.get(assignment.request, 0) + 1
    leads = {assignment.request: assignment.leads for assignment in plan}
    opened = open_slots(fitting, plan, load, seed)
    requests = [
        _request(request, leads[request.id], count[request.id])
        for request in problem.requests
        if request.id in count
    ]
    return {
        "format": "problem/1",
        "name": f"{problem.name}, rooms at {load:.0%}",
        "timezone": problem.timezone,
        "week": problem.week,
        "grid_minutes": problem.grid_min,
        "goals": ["served"],
        "venues": [_venue(fitting, opened, problem.requests, leads)],
        "volunteers": _people(problem, leads),
        "requests": requests,
    }


def open_slots(fitting: Fitting, plan: list[Assignment], load: float, seed: int) -> set[Slot]:
    """The slots that the plan uses, with others of the same rooms at random, or without some sessions' slots."""
    grid, rng = fitting.problem.grid_min, random.Random(seed)
    used = {assignment: _slots(fitting, assignment) for assignment in plan}
    opened = {slot for slots in used.values() for slot in slots}
    target = round(sum(map(len, used.values())) / load)
    rooms = sorted({assignment.room for assignment in plan})
    spare = [(room, minute) for room in rooms for minute in _slots_in(fitting.rooms[room].open, grid)]
    spare = [slot for slot in spare if slot not in opened]
    rng.shuffle(spare)
    opened.update(spare[: max(0, target - len(opened))])
    for assignment in rng.sample(plan, len(plan)):
        if len(opened) <= target:
            break
        opened.difference_update(used[assignment])
    return opened


def _slots(fitting: Fitting, assignment: Assignment) -> list[Slot]:
    end = assignment.begin_min + fitting.requests[assignment.request].duration_min
    return [
        (assignment.room, minute) for minute in range(assignment.begin_min, end, fitting.problem.grid_min)
    ]


def _slots_in(windows: Windows, grid_min: int) -> list[int]:
    return [
        minute
        for window in windows
        for minute in range(
            -(-window.start_min // grid_min) * grid_min, window.end_min - grid_min + 1, grid_min
        )
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
            "open": write_windows(
                _windows((minute for name, minute in opened if name == room), fitting.problem)
            ),
        }
        for room, equipment in sorted(welcome.items())
    ]
    return {"id": "all", "name": "All rooms", "kind": "school", "location": [0, 0], "rooms": rooms}


def _windows(starts: Iterable[int], problem: Problem) -> Windows:
    return normal(
        Window(start, min(start + problem.grid_min, (start // DAY_MIN + 1) * DAY_MIN)) for start in starts
    )


def _people(problem: Problem, leads: dict[str, tuple[str, ...]]) -> list[Document]:
    topics: dict[str, set[str]] = {}
    for team in leads.values():
        for name in team:
            topics.setdefault(name, set()).add(_topic(team))
    return [
        {
            "id": volunteer.id,
            "name": volunteer.id,
            "kind": volunteer.kind,
            "location": [0, 0],
            "skills": sorted(topics[volunteer.id]),
            "available": write_windows(volunteer.available),
        }
        for volunteer in problem.volunteers
        if volunteer.id in topics
    ]
