"""Conflict graph of sessions whose people are settled, over disjoint hours; sets of sessions and rooms are masks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from domain.windows import DAY_MIN
from scheduler.instance.instance import Instance, Placement
from scheduler.instance.timetable import PartialTimetable

_MAX_SESSIONS = 5_000  # their conflicts are stored as a square


@dataclass(frozen=True, slots=True)
class ConflictGraph:
    """Sessions to place into hours that do not overlap; sets of rooms and of sessions are bit masks.

    Attributes
    ----------
    request : list of int, (n_sessions,)
        The request of each session; its sessions follow each other.
    team : list of tuple of int, (n_sessions,)
        The leads of each session, who are the only ones that could be.
    starts : list of int, (n_hours,)
        The hours, in minutes since Monday 00:00, ascending.
    fit : list of list of int, (n_sessions, n_hours)
        Masks of the rooms that would do; 0 where the hour would not.
    conflicts : list of int, (n_sessions,)
        Masks of the sessions that have learners or leads in common with each one.
    per_day : list of int, (n_sessions,)
        How many sessions of its request each session may find on its day, itself counted.
    whole : list of int, (n_sessions,)
        How many sessions of its request each one needs to count, itself among them: all or, with `partial`, 1.
    weight : list of int, (n_sessions,)
        What each session serves.
    """

    instance: Instance
    request: list[int]
    team: list[tuple[int, ...]]
    starts: list[int]
    fit: list[list[int]]
    conflicts: list[int]
    per_day: list[int]
    whole: list[int]
    weight: list[int]

    def placement(self, session: int, hour: int, room: int) -> Placement:
        """The session with its team in that hour and room, all by index."""
        return Placement(self.starts[hour], room, self.team[session])

    def day(self, hour: int) -> int:
        """The day of an hour, 0 = Monday."""
        return self.starts[hour] // DAY_MIN


def conflict_graph_of(timetable: PartialTimetable, requests: Iterable[int]) -> ConflictGraph | None:
    """Compile the sessions of those requests whose people are settled; what is placed for others stays.

    Returns
    -------
    ConflictGraph or None
        None where there are no such sessions, or more than 5,000, or where that form says less than the
        rules: hours overlap, rooms are parts of each other, or loads, travel or a venue's cap could count.
    """
    instance = timetable.instance
    chosen = [r for r in requests if r not in timetable.pinned and _settled(instance, r)]
    count = sum(instance.requests[r].sessions for r in chosen)
    if not 0 < count <= _MAX_SESSIONS or not _plain(instance, chosen):
        return None
    before = {r: timetable.clear(r) for r in chosen}
    starts = sorted({start for r in chosen for start in instance.candidates[r].rooms})
    rooms = {r: _rooms(timetable, r, starts) for r in chosen}
    for r, placements in before.items():
        for placement in placements:
            timetable.put(r, placement)
    request_of = [r for r in chosen for _ in range(instance.requests[r].sessions)]
    demands = [instance.requests[r] for r in request_of]
    return ConflictGraph(
        instance,
        request_of,
        [_team(instance, r) for r in request_of],
        starts,
        [rooms[r] for r in request_of],
        _conflicts(instance, request_of),
        [request.max_sessions_per_day for request in demands],
        [1 if request.partial else request.sessions for request in demands],
        [request.weight for request in demands],
    )


def _team(instance: Instance, r: int) -> tuple[int, ...]:
    """All who could lead it; none where nobody is asked for."""
    request = instance.requests[r]
    return tuple(sorted(instance.could_lead(request))) if request.leads else ()


def _settled(instance: Instance, r: int) -> bool:
    """Whether there is just one way to staff it, and somewhere to hold it."""
    request = instance.requests[r]
    return (
        not request.assistants
        and len(_team(instance, r)) == request.leads
        and bool(instance.candidates[r].rooms)
    )


def _plain(instance: Instance, chosen: list[int]) -> bool:
    """Whether conflicts and rooms are all that the rules look at."""
    all_candidates = [instance.candidates[r] for r in chosen]
    rooms = {
        room
        for candidates in all_candidates
        for start_rooms in candidates.rooms.values()
        for room in start_rooms
    }
    venues = {instance.room_venue[room] for room in rooms}
    people = {person for r in chosen for person in _team(instance, r)}
    longest = max(instance.requests[r].duration_min for r in chosen)
    gap = max((instance.rooms[room].turnaround_min for room in rooms), default=0)
    starts = sorted({start for candidates in all_candidates for start in candidates.rooms})
    return (
        all(second - first >= longest + gap for first, second in pairwise(starts))
        and all(len(instance.related[room]) == 1 for room in rooms)
        and all(instance.venues[venue].weekly_cap_min is None for venue in venues)
        and (not people or len(venues) == 1)
        and all(
            instance.volunteers[person].max_min_week is None
            and instance.volunteers[person].max_min_day is None
            for person in people
        )
    )


def _rooms(timetable: PartialTimetable, r: int, starts: list[int]) -> list[int]:
    """For each start the mask of rooms that what is placed leaves to the request."""
    instance = timetable.instance
    minutes, candidates = instance.requests[r].duration_min, instance.candidates[r]
    team = _team(instance, r)
    masks = []
    for start in starts:
        rooms = 0
        if start in candidates.rooms and timetable.cohorts_free(r, start):
            end = start + minutes
            for room in candidates.rooms[start]:
                venue = instance.room_venue[room]
                if timetable.room_free(room, start, end) and all(
                    timetable.can_come(person, start, end, venue) for person in team
                ):
                    rooms |= 1 << room
        masks.append(rooms)
    return masks


def _conflicts(instance: Instance, request_of: list[int]) -> list[int]:
    """Who shares learners or leads, by each group's and each person's own set of sessions."""
    attend: dict[str, int] = {}
    people = [[instance.volunteers[who].id for who in _team(instance, r)] for r in request_of]
    keys = [
        [*(f"cohort {name}" for name in instance.requests[r].cohorts), *team]
        for r, team in zip(request_of, people, strict=True)
    ]
    for session, session_keys in enumerate(keys):
        for key in session_keys:
            attend[key] = attend.get(key, 0) | 1 << session
    conflicts = []
    for session, session_keys in enumerate(keys):
        met = 0
        for key in session_keys:
            met |= attend[key]
        conflicts.append(met & ~(1 << session))
    return conflicts
