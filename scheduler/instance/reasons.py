"""Reasons why a request is not served: simple facts that are true, told without a search."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from domain.messages import message
from domain.starts import GRIDS
from scheduler.documents.records import Request
from scheduler.instance.instance import Grid, Instance
from scheduler.instance.timetable import PartialTimetable


def reasons(timetable: PartialTimetable, r: int) -> tuple[str, ...]:
    """The first obstacle that stands whatever else is planned; failing that, that others have what is needed."""
    instance, request = timetable.instance, timetable.instance.requests[r]
    fitting = instance.fitting_rooms(request)
    if facts := _about_time(instance, request) or _about_rooms(instance, request, fitting):
        return tuple(facts)
    if facts := _about_people(instance, request):
        return tuple(facts)
    candidates = instance.candidates[r]
    if not candidates.rooms:
        return (
            message(
                "no team and no fitting room are free at one time, near enough to each other, in the asked "
                "windows"
            ),
        )
    days = {start // 1440 for start in candidates.rooms}
    if not request.partial and len(days) * request.max_sessions_per_day < request.sessions:
        return (
            message(
                "its {sessions} sessions need more days than the {count} on which it could be held",
                sessions=request.sessions,
                count=len(days),
            ),
        )
    return (_what_is_taken(timetable, r),)


def _about_time(instance: Instance, request: Request) -> list[str]:
    return [] if instance.grid.acceptable(request) else [no_start(instance.grid, request)]


def no_start(grid: Grid, request: Request) -> str:
    """Why no start lies in the asked windows of a request."""
    starts = request.starts or grid.usual
    if grid.uneven and Grid(grid.grid_min, starts).acceptable(request):
        return message("the clocks change in its asked windows this week, and no session is held across that")
    start = message("bell time") if starts.bells else message("start on the grid")
    finer = next(
        (
            step
            for step in sorted(GRIDS, reverse=True)
            if Grid(step).acceptable(replace(request, grid_min=None, bells=()))
        ),
        0,
    )
    minutes = request.duration_min
    if finer:
        return message(
            "no asked window holds {minutes} minutes from a {start}; on a grid of {finer} minutes one does",
            minutes=minutes,
            start=start,
            finer=finer,
        )
    return message("no asked window holds {minutes} minutes from a {start}", minutes=minutes, start=start)


def _about_rooms(instance: Instance, request: Request, fitting: list[int]) -> list[str]:
    if not any(instance.fits(request, room) for room in instance.rooms):
        return [
            message("no room has the places, equipment and access that it needs and welcomes its function")
        ]
    if not fitting:
        return [message("no fitting room is within {limit:g} km", limit=request.max_travel_km)]
    acceptable = instance.grid.acceptable(request)
    masks = [instance.grid.mask(instance.rooms[room].open, request.duration_min) for room in fitting]
    return (
        []
        if any(acceptable & mask for mask in masks)
        else [message("no fitting room is open in the asked windows within reach")]
    )


def _about_people(instance: Instance, request: Request) -> list[str]:
    if request.team_too_small:
        return [message("it is for minors and asks for one person, where two adults must be there")]
    facts = []
    leads = instance.could_lead(request)
    assistants = instance.could_assist(request) if request.assistants else []
    if len(leads) < request.leads:
        facts.append(_too_few_lead(request, len(leads)))
    elif request.leads and not _free(instance, request, leads, request.leads):
        facts.append(
            message(
                "no vetted volunteer with the topic {topic} is free in the asked windows", topic=request.topic
            )
            if request.minors
            else message(
                "no volunteer with the topic {topic} is free in the asked windows", topic=request.topic
            )
        )
    if len(assistants) < request.assistants or (
        request.assistants and not _free(instance, request, assistants, 1)
    ):
        facts.append(
            message("no vetted volunteer who assists is free in the asked windows")
            if request.minors
            else message("no volunteer who assists is free in the asked windows")
        )
    return facts


def _too_few_lead(request: Request, count: int) -> str:
    topic, leads = request.topic, request.leads
    if not count:
        return (
            message("no vetted volunteer can lead the topic {topic}", topic=topic)
            if request.minors
            else message("no volunteer can lead the topic {topic}", topic=topic)
        )
    if request.minors:
        return message(
            "only {number} of the {leads} wanted vetted volunteers can lead the topic {topic}",
            number=count,
            leads=leads,
            topic=topic,
        )
    return message(
        "only {number} of the {leads} wanted volunteers can lead the topic {topic}",
        number=count,
        leads=leads,
        topic=topic,
    )


def _free(instance: Instance, request: Request, people: list[int], enough: int) -> bool:
    """Whether enough of the people are free in one of the asked windows; a city has too many to ask them all."""
    acceptable = instance.grid.acceptable(request)
    masks = (
        instance.grid.mask(instance.volunteers[person].available, request.duration_min) for person in people
    )
    return len(list(islice((mask for mask in masks if acceptable & mask), enough))) == enough


def _what_is_taken(timetable: PartialTimetable, r: int) -> str:
    """Which of rooms and people are left at the starts that would do."""
    request, candidates = timetable.instance.requests[r], timetable.instance.candidates[r]
    minutes = request.duration_min
    room_left = lead_left = False
    for start in candidates.rooms:
        room_left = room_left or any(
            timetable.room_open_to(room, start, minutes) for room in candidates.rooms[start]
        )
        idle = sum(
            timetable.volunteer_idle(person, start, start + minutes)
            and timetable.load_allows(person, start, minutes)
            for person in candidates.leads[start]
        )
        lead_left = lead_left or idle >= request.leads
    if not lead_left:
        return message(
            "every volunteer with the topic {topic} who could come is taken by other sessions",
            topic=request.topic,
        )
    if not room_left:
        return message("every fitting room is taken by other sessions at the times that would do")
    return message(
        "the people and rooms that could serve it are taken by others at any time when they could meet"
    )
