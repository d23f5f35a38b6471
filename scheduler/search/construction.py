"""Decide a first plan fast: the weightiest requests first, each where it stands least in the way of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, islice
from random import Random

from scheduler.instance.instance import Instance, Placement
from scheduler.instance.timetable import Timetable

_TEAMS_TRIED = 60  # combinations of people tried for one session or request
Stop = Callable[[], bool]


def fill(timetable: Timetable, requests: Iterable[int], stop: Stop) -> None:
    """Place whatever still can be placed, in the given order."""
    for request in requests:
        if stop():
            return
        place(timetable, request)


def by_weight(instance: Instance, requests: Iterable[int], rng: Random) -> list[int]:
    """Requests by what they serve per minute of all their people, the hardest to place first among equals."""

    def rank(request: int) -> tuple[float, int, float]:
        wanted, choices = instance.requests[request], instance.choices[request]
        people = max(1, wanted.leads + wanted.assistants)
        ways = sum(len(leads) or 1 for leads in choices.leads.values())
        return -wanted.priority * wanted.learners / people, ways, rng.random()

    return sorted(requests, key=rank)


def place(timetable: Timetable, request: int) -> bool:
    """Place the sessions of a request that are still missing: all of them, or with `partial` as many as can be."""
    wanted = timetable.instance.requests[request]
    before = list(timetable.placed[request])
    missing = wanted.sessions - len(before)
    if not missing or not timetable.instance.choices[request].rooms:
        return not missing
    best: list[Placement] = []
    for leads in _lead_sets(timetable, request):
        placements = _sessions_with(timetable, request, leads, missing)
        if len(placements) > len(best):
            best = placements
        if len(best) == missing:
            break
    if len(best) < missing and not wanted.partial:
        return False
    for placement in best:
        timetable.put(request, placement)
    return bool(best)


def _lead_sets(timetable: Timetable, request: int) -> Iterator[tuple[int, ...] | None]:
    """The sets of leads to try; None leaves the choice to each session."""
    instance, wanted = timetable.instance, timetable.instance.requests[request]
    if not wanted.same_leads or wanted.sessions == 1 or not wanted.leads:
        yield None
        return
    if before := timetable.placed[request]:
        yield before[0].leads
        return
    hours: dict[int, int] = {}
    for leads in instance.choices[request].leads.values():
        for lead in leads:
            hours[lead] = hours.get(lead, 0) + 1
    able = [
        hour
        for hour in hours
        if _week_left(timetable, hour, wanted.duration_min * wanted.sessions) or wanted.partial
    ]
    able.sort(key=lambda one: (len(instance.volunteers[one].skills), -hours[one], one))
    yield from islice(combinations(able, wanted.leads), _TEAMS_TRIED)


def _week_left(timetable: Timetable, volunteer: int, minutes: int) -> bool:
    limit = timetable.instance.volunteers[volunteer].max_min_week
    return limit is None or timetable.week_load[volunteer] + minutes <= limit


def _sessions_with(
    timetable: Timetable, request: int, leads: tuple[int, ...] | None, missing: int
) -> list[Placement]:
    """Up to `missing` sessions that can stand together; the timetable is left as it was."""
    placements: list[Placement] = []
    for start in _starts(timetable, request):
        if len(placements) == missing:
            break
        while len(placements) < missing and (placement := best_at(timetable, request, start, leads)):
            timetable.put(request, placement)
            placements.append(placement)
    for placement in placements:
        timetable.take(request, placement)
    return placements


def _starts(timetable: Timetable, request: int) -> list[int]:
    """Preferred starts first, then those that fewest rooms are left for last."""
    instance = timetable.instance
    wanted, choices = instance.requests[request], instance.choices[request]
    liked = set(instance.grid.starts(instance.grid.mask(wanted.preferred, wanted.duration_min)))
    return sorted(choices.starts, key=lambda start: (start not in liked, -len(choices.rooms[start]), start))


def best_at(
    timetable: Timetable, request: int, start: int, leads: tuple[int, ...] | None = None
) -> Placement | None:
    """A placement of one session at that start, or None; the tightest room and the least able people that do."""
    instance = timetable.instance
    wanted, choices = instance.requests[request], instance.choices[request]
    end = start + wanted.duration_min
    if not timetable.day_free(request, start) or not timetable.cohorts_free(request, start):
        return None
    if leads is None:
        able = [one for one in choices.leads[start] if timetable.volunteer_idle(one, start, end)]
    else:
        able = [lead for lead in leads if lead in choices.leads[start]]
    if len(able) < wanted.leads:
        return None
    able.sort(key=lambda one: (len(instance.volunteers[one].skills), one))
    for room in sorted(choices.rooms[start], key=lambda room: _room_rank(timetable, request, room)):
        if timetable.room_open_to(room, start, wanted.duration_min):
            team = _team(timetable, request, start, room, able)
            if team is not None:
                return Placement(start, room, *team)
    return None


def _room_rank(timetable: Timetable, request: int, room: int) -> tuple[bool, int, int, int]:
    """A place new to the function, then the tightest room with the least equipment."""
    instance = timetable.instance
    function = instance.requests[request].function
    known = timetable.hosted.get((instance.room_venue[room], function), 0) > 0
    one = instance.rooms[room]
    return known, one.capacity, len(one.equipment), room


def _team(
    timetable: Timetable, request: int, start: int, room: int, able: list[int]
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    instance, wanted = timetable.instance, timetable.instance.requests[request]
    venue, minutes = instance.room_venue[room], wanted.duration_min
    free = [one for one in able if timetable.person_free(one, start, minutes, venue)]
    if len(free) < wanted.leads:
        return None
    if not wanted.assistants:
        return tuple(free[: wanted.leads]), ()
    helpers = [
        one
        for one in instance.choices[request].assistants[start]
        if timetable.person_free(one, start, minutes, venue)
    ]
    adults_needed = wanted.adult_assistants_needed
    helpers.sort(
        key=lambda one: (not instance.volunteers[one].minor, len(instance.volunteers[one].skills), one)
    )
    for leads in islice(combinations(free, wanted.leads), _TEAMS_TRIED):
        left = [helper for helper in helpers if helper not in leads]
        adults = [one for one in left if not instance.volunteers[one].minor][:adults_needed]
        others = [one for one in left if one not in adults][: wanted.assistants - len(adults)]
        if len(adults) == adults_needed and len(adults) + len(others) == wanted.assistants:
            return leads, tuple(adults + others)
    return None
