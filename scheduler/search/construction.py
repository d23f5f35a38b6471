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
    for r in requests:
        if stop():
            return
        place_request(timetable, r)


def by_weight(instance: Instance, requests: Iterable[int], rng: Random) -> list[int]:
    """The requests sorted by what they serve per minute of a person, the hardest to place first among equals."""

    def rank(r: int) -> tuple[float, int, float]:
        request, candidates = instance.requests[r], instance.candidates[r]
        people = max(1, request.leads + request.assistants)
        options = sum(len(leads) or 1 for leads in candidates.leads.values())
        return -request.priority * request.learners / people, options, rng.random()

    return sorted(requests, key=rank)


def place_request(timetable: PartialTimetable, r: int) -> bool:
    """Place the sessions of a request that are still missing: all of them, or with `partial` as many as can be.

    Returns
    -------
    bool
        Whether anything was placed, or nothing was missing. Otherwise the timetable is as it was.
    """
    request = timetable.instance.requests[r]
    before = list(timetable.placed[r])
    missing = request.sessions - len(before)
    if not missing or not timetable.instance.candidates[r].rooms:
        return not missing
    best: list[Placement] = []
    for leads in _lead_sets(timetable, r):
        placements = _sessions_with(timetable, r, leads, missing)
        if len(placements) > len(best):
            best = placements
        if len(best) == missing:
            break
    if len(best) < missing and not request.partial:
        return False
    for placement in best:
        timetable.put(r, placement)
    return bool(best)


def _lead_sets(timetable: PartialTimetable, r: int) -> Iterator[tuple[int, ...] | None]:
    """The sets of leads to try; None leaves the choice to each session."""
    instance, request = timetable.instance, timetable.instance.requests[r]
    if not request.same_leads or request.sessions == 1 or not request.leads:
        yield None
        return
    if before := timetable.placed[r]:
        yield before[0].leads
        return
    hours: dict[int, int] = {}
    for leads in instance.candidates[r].leads.values():
        for lead in leads:
            hours[lead] = hours.get(lead, 0) + 1
    able = [
        lead
        for lead in hours
        if _week_left(timetable, lead, request.duration_min * request.sessions) or request.partial
    ]
    able.sort(key=lambda lead: (len(instance.volunteers[lead].skills), -hours[lead], lead))
    yield from islice(combinations(able, request.leads), _TEAMS_TRIED)


def _week_left(timetable: PartialTimetable, volunteer: int, minutes: int) -> bool:
    limit = timetable.instance.volunteers[volunteer].max_min_week
    return limit is None or timetable.week_load[volunteer] + minutes <= limit


def _sessions_with(
    timetable: PartialTimetable, r: int, leads: tuple[int, ...] | None, missing: int
) -> list[Placement]:
    """Up to `missing` sessions that can stand together; the timetable is left as it was."""
    placements: list[Placement] = []
    for start in _starts(timetable, r):
        if len(placements) == missing:
            break
        while len(placements) < missing and (placement := _best_at(timetable, r, start, leads)):
            timetable.put(r, placement)
            placements.append(placement)
    for placement in placements:
        timetable.take(r, placement)
    return placements


def _starts(timetable: PartialTimetable, r: int) -> list[int]:
    """Preferred starts first, then those that fewest rooms are left for last."""
    instance = timetable.instance
    request, candidates = instance.requests[r], instance.candidates[r]
    liked = set(instance.grid.starts(instance.grid.mask(request.preferred, request.duration_min)))
    return sorted(
        candidates.starts, key=lambda start: (start not in liked, -len(candidates.rooms[start]), start)
    )


def _best_at(
    timetable: PartialTimetable, r: int, start: int, leads: tuple[int, ...] | None
) -> Placement | None:
    """A placement of one session at that start, or None: the tightest room, and the people with the fewest skills."""
    instance = timetable.instance
    request, candidates = instance.requests[r], instance.candidates[r]
    end = start + request.duration_min
    if not timetable.day_free(r, start) or not timetable.cohorts_free(r, start):
        return None
    if leads is None:
        able = [person for person in candidates.leads[start] if timetable.volunteer_idle(person, start, end)]
    else:
        able = [lead for lead in leads if lead in candidates.leads[start]]
    if len(able) < request.leads:
        return None
    able.sort(key=lambda person: (len(instance.volunteers[person].skills), person))
    for room in sorted(candidates.rooms[start], key=lambda room: _room_rank(timetable, r, room)):
        if timetable.room_open_to(room, start, request.duration_min):
            team = _team(timetable, r, start, room, able)
            if team is not None:
                return Placement(start, room, *team)
    return None


def _room_rank(timetable: PartialTimetable, r: int, room: int) -> tuple[bool, int, int, int]:
    """A place new to the function, then the tightest room with the least equipment."""
    instance = timetable.instance
    function = instance.requests[r].function
    hosted = timetable.hosted.get((instance.room_venue[room], function), 0) > 0
    details = instance.rooms[room]
    return hosted, details.capacity, len(details.equipment), room


def _team(
    timetable: PartialTimetable, r: int, start: int, room: int, able: list[int]
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    instance, request = timetable.instance, timetable.instance.requests[r]
    venue, minutes = instance.room_venue[room], request.duration_min
    free = [person for person in able if timetable.person_free(person, start, minutes, venue)]
    if len(free) < request.leads:
        return None
    if not request.assistants:
        return tuple(free[: request.leads]), ()
    assistants = [
        person
        for person in instance.candidates[r].assistants[start]
        if timetable.person_free(person, start, minutes, venue)
    ]
    adults_needed = request.adult_assistants_needed
    assistants.sort(
        key=lambda person: (
            not instance.volunteers[person].minor,
            len(instance.volunteers[person].skills),
            person,
        )
    )
    for leads in islice(combinations(free, request.leads), _TEAMS_TRIED):
        remaining = [person for person in assistants if person not in leads]
        adults = [person for person in remaining if not instance.volunteers[person].minor][:adults_needed]
        others = [person for person in remaining if person not in adults][: request.assistants - len(adults)]
        if len(adults) == adults_needed and len(adults) + len(others) == request.assistants:
            return leads, tuple(adults + others)
    return None
