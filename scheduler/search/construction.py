"""Greedy construction of a plan: the weightiest requests first, each where it stands least in the way of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, islice
from random import Random

from scheduler.instance.instance import Instance, Placement
from scheduler.instance.timetable import PartialTimetable

_TEAMS_TRIED = 60  # combinations of people tried for one session or request
Stop = Callable[[], bool]


def fill(timetable: PartialTimetable, requests: Iterable[int], stop: Stop) -> None:
    """Place whatever still can be placed, in the given order, until `stop` says True."""
    for request in requests:
        if stop():
            return
        place_request(timetable, request)


def by_weight(instance: Instance, requests: Iterable[int], rng: Random) -> list[int]:
    """The requests sorted by what they serve per minute of a person, the hardest to place first among equals."""

    def rank(request: int) -> tuple[float, int, float]:
        demand, candidates = instance.requests[request], instance.candidates[request]
        people = max(1, demand.leads + demand.assistants)
        options = sum(len(leads) or 1 for leads in candidates.leads.values())
        return -demand.priority * demand.learners / people, options, rng.random()

    return sorted(requests, key=rank)


def place_request(timetable: PartialTimetable, request: int) -> bool:
    """Place the sessions of a request that are still missing: all of them, or with `partial` as many as can be.

    Returns
    -------
    bool
        Whether anything was placed, or nothing was missing. Otherwise the timetable is as it was.
    """
    demand = timetable.instance.requests[request]
    before = list(timetable.placed[request])
    missing = demand.sessions - len(before)
    if not missing or not timetable.instance.candidates[request].rooms:
        return not missing
    best: list[Placement] = []
    for leads in _lead_sets(timetable, request):
        placements = _sessions_with(timetable, request, leads, missing)
        if len(placements) > len(best):
            best = placements
        if len(best) == missing:
            break
    if len(best) < missing and not demand.partial:
        return False
    for placement in best:
        timetable.put(request, placement)
    return bool(best)


def _lead_sets(timetable: PartialTimetable, request: int) -> Iterator[tuple[int, ...] | None]:
    """The sets of leads to try; None leaves the choice to each session."""
    instance, demand = timetable.instance, timetable.instance.requests[request]
    if not demand.same_leads or demand.sessions == 1 or not demand.leads:
        yield None
        return
    if before := timetable.placed[request]:
        yield before[0].leads
        return
    hours: dict[int, int] = {}
    for leads in instance.candidates[request].leads.values():
        for lead in leads:
            hours[lead] = hours.get(lead, 0) + 1
    able = [
        lead
        for lead in hours
        if _week_left(timetable, lead, demand.duration_min * demand.sessions) or demand.partial
    ]
    able.sort(key=lambda lead: (len(instance.volunteers[lead].skills), -hours[lead], lead))
    yield from islice(combinations(able, demand.leads), _TEAMS_TRIED)


def _week_left(timetable: PartialTimetable, volunteer: int, minutes: int) -> bool:
    limit = timetable.instance.volunteers[volunteer].max_min_week
    return limit is None or timetable.week_load[volunteer] + minutes <= limit


def _sessions_with(
    timetable: PartialTimetable, request: int, leads: tuple[int, ...] | None, missing: int
) -> list[Placement]:
    """Up to `missing` sessions that can stand together; the timetable is left as it was."""
    placements: list[Placement] = []
    for start in _starts(timetable, request):
        if len(placements) == missing:
            break
        while len(placements) < missing and (placement := _best_at(timetable, request, start, leads)):
            timetable.put(request, placement)
            placements.append(placement)
    for placement in placements:
        timetable.take(request, placement)
    return placements


def _starts(timetable: PartialTimetable, request: int) -> list[int]:
    """Preferred starts first, then those that fewest rooms are left for last."""
    instance = timetable.instance
    demand, candidates = instance.requests[request], instance.candidates[request]
    liked = set(instance.grid.starts(instance.grid.mask(demand.preferred, demand.duration_min)))
    return sorted(
        candidates.starts, key=lambda start: (start not in liked, -len(candidates.rooms[start]), start)
    )


def _best_at(
    timetable: PartialTimetable, request: int, start: int, leads: tuple[int, ...] | None
) -> Placement | None:
    """A placement of one session at that start, or None: the tightest room, and the people with the fewest skills."""
    instance = timetable.instance
    demand, candidates = instance.requests[request], instance.candidates[request]
    end = start + demand.duration_min
    if not timetable.day_free(request, start) or not timetable.cohorts_free(request, start):
        return None
    if leads is None:
        able = [person for person in candidates.leads[start] if timetable.volunteer_idle(person, start, end)]
    else:
        able = [lead for lead in leads if lead in candidates.leads[start]]
    if len(able) < demand.leads:
        return None
    able.sort(key=lambda person: (len(instance.volunteers[person].skills), person))
    for room in sorted(candidates.rooms[start], key=lambda room: _room_rank(timetable, request, room)):
        if timetable.room_open_to(room, start, demand.duration_min):
            team = _team(timetable, request, start, room, able)
            if team is not None:
                return Placement(start, room, *team)
    return None


def _room_rank(timetable: PartialTimetable, request: int, room: int) -> tuple[bool, int, int, int]:
    """A place new to the function, then the tightest room with the least equipment."""
    instance = timetable.instance
    function = instance.requests[request].function
    known = timetable.hosted.get((instance.room_venue[room], function), 0) > 0
    details = instance.rooms[room]
    return known, details.capacity, len(details.equipment), room


def _team(
    timetable: PartialTimetable, request: int, start: int, room: int, able: list[int]
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    instance, demand = timetable.instance, timetable.instance.requests[request]
    venue, minutes = instance.room_venue[room], demand.duration_min
    free = [person for person in able if timetable.person_free(person, start, minutes, venue)]
    if len(free) < demand.leads:
        return None
    if not demand.assistants:
        return tuple(free[: demand.leads]), ()
    assistants = [
        person
        for person in instance.candidates[request].assistants[start]
        if timetable.person_free(person, start, minutes, venue)
    ]
    adults_needed = demand.adult_assistants_needed
    assistants.sort(
        key=lambda person: (
            not instance.volunteers[person].minor,
            len(instance.volunteers[person].skills),
            person,
        )
    )
    for leads in islice(combinations(free, demand.leads), _TEAMS_TRIED):
        remaining = [person for person in assistants if person not in leads]
        adults = [person for person in remaining if not instance.volunteers[person].minor][:adults_needed]
        others = [person for person in remaining if person not in adults][: demand.assistants - len(adults)]
        if len(adults) == adults_needed and len(adults) + len(others) == demand.assistants:
            return leads, tuple(adults + others)
    return None
