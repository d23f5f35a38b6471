"""Decide which sessions can never be held together: a week of disjoint hours, as sets of sessions and rooms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from domain.windows import DAY_MIN
from scheduler.instance.instance import Instance, Placement
from scheduler.instance.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Clashes:
    """Sessions to place into hours that do not overlap; sets of rooms and of sessions are bit masks.

    Attributes
    ----------
    request : list of int
        The request of each session; its sessions follow each other.
    team : list of tuple of int
        The leads of each session, who are the only ones that could be.
    starts : list of int
        The hours, in minutes since Monday 00:00, ascending.
    fit : list of list of int
        For each session and hour the rooms that would do; none where the hour would not.
    apart : list of int
        For each session the others with which it has learners or leads in common.
    most : list of int
        How many sessions of its request each session may find on its day, itself counted.
    whole : list of int
        How many sessions of its request each one needs to count, itself among them: all or, with `partial`, 1.
    weight : list of int
        What each session serves.
    """

    instance: Instance
    request: list[int]
    team: list[tuple[int, ...]]
    starts: list[int]
    fit: list[list[int]]
    apart: list[int]
    most: list[int]
    whole: list[int]
    weight: list[int]

    def placement(self, session: int, hour: int, room: int) -> Placement:
        return Placement(self.starts[hour], room, self.team[session])

    def day(self, hour: int) -> int:
        return self.starts[hour] // DAY_MIN


def clashes_of(timetable: Timetable, requests: Iterable[int], most: int = 5_000) -> Clashes | None:
    """The sessions of those requests whose people are settled, beside all that is placed for others.

    None where there are none, or more than that many sessions, or where that form says less than the rules: hours
    overlap, rooms are parts of each other, or people's loads, their ways or a venue's cap could count.
    """
    instance = timetable.instance
    chosen = [one for one in requests if one not in timetable.pinned and _settled(instance, one)]
    count = sum(instance.requests[one].sessions for one in chosen)
    if not 0 < count <= most or not _plain(instance, chosen):
        return None
    before = {request: timetable.clear(request) for request in chosen}
    starts = sorted({start for request in chosen for start in instance.choices[request].rooms})
    rooms = {request: _rooms(timetable, request, starts) for request in chosen}
    for request, placements in before.items():
        for placement in placements:
            timetable.put(request, placement)
    events = [one for one in chosen for _ in range(instance.requests[one].sessions)]
    return Clashes(
        instance,
        events,
        [_team(instance, event) for event in events],
        starts,
        [rooms[event] for event in events],
        _apart(instance, events),
        [instance.requests[event].max_sessions_per_day for event in events],
        [1 if instance.requests[event].partial else instance.requests[event].sessions for event in events],
        [instance.requests[event].weight for event in events],
    )


def _team(instance: Instance, request: int) -> tuple[int, ...]:
    """All who could lead it; none where nobody is asked for."""
    wanted = instance.requests[request]
    return tuple(sorted(instance.could_lead(wanted))) if wanted.leads else ()


def _settled(instance: Instance, request: int) -> bool:
    """Whether there is just one way to staff it, and somewhere to hold it."""
    wanted = instance.requests[request]
    return (
        not wanted.assistants
        and len(_team(instance, request)) == wanted.leads
        and bool(instance.choices[request].rooms)
    )


def _plain(instance: Instance, chosen: list[int]) -> bool:
    choices = [instance.choices[request] for request in chosen]
    rooms = {room for candidates in choices for some in candidates.rooms.values() for room in some}
    venues = {instance.room_venue[room] for room in rooms}
    people = {one for request in chosen for one in _team(instance, request)}
    longest = max(instance.requests[request].duration_min for request in chosen)
    gap = max((instance.rooms[room].turnaround_min for room in rooms), default=0)
    starts = sorted({start for candidates in choices for start in candidates.rooms})
    return (
        all(two - one >= longest + gap for one, two in pairwise(starts))
        and all(len(instance.related[room]) == 1 for room in rooms)
        and all(instance.venues[venue].weekly_cap_min is None for venue in venues)
        and (not people or len(venues) == 1)
        and all(
            instance.volunteers[person].max_min_week is None
            and instance.volunteers[person].max_min_day is None
            for person in people
        )
    )


def _rooms(timetable: Timetable, request: int, starts: list[int]) -> list[int]:
    """For each start the rooms that what is placed leaves to the request."""
    instance = timetable.instance
    minutes, choices = instance.requests[request].duration_min, instance.choices[request]
    team = _team(instance, request)
    found = []
    for start in starts:
        rooms = 0
        if start in choices.rooms and timetable.cohorts_free(request, start):
            end = start + minutes
            for room in choices.rooms[start]:
                venue = instance.room_venue[room]
                if timetable.room_free(room, start, end) and all(
                    timetable.can_come(one, start, end, venue) for one in team
                ):
                    rooms |= 1 << room
        found.append(rooms)
    return found


def _apart(instance: Instance, events: list[int]) -> list[int]:
    """Who shares learners or leads, found through each group's and each person's own set of sessions."""
    attend: dict[str, int] = {}
    people = [[instance.volunteers[who].id for who in _team(instance, one)] for one in events]
    keys = [
        [*(f"cohort {name}" for name in instance.requests[one].cohorts), *team]
        for one, team in zip(events, people, strict=True)
    ]
    for event, some in enumerate(keys):
        for key in some:
            attend[key] = attend.get(key, 0) | 1 << event
    apart = []
    for event, some in enumerate(keys):
        met = 0
        for key in some:
            met |= attend[key]
        apart.append(met & ~(1 << event))
    return apart
