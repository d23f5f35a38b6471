"""Decide how good a plan could be at most, by counting alone: bounds that need no search."""

from __future__ import annotations

from collections import Counter

from domain.windows import DAY_MIN
from scheduler.instance.instance import Instance


def counted_bounds(instance: Instance) -> dict[str, int]:
    """For each goal a value that no plan can pass, whatever its other goals are."""
    most = [_most_sessions(instance, request) for request in range(len(instance.requests))]
    return {
        "communities": len(
            {request.area for request, count in zip(instance.requests, most, strict=True) if count}
        ),
        "served": sum(count * request.weight for count, request in zip(most, instance.requests, strict=True)),
        "functions": _most_functions(instance, most),
        "continuity": _most_continuity(instance, most),
        "preferred": sum(_most_preferred(instance, request, count) for request, count in enumerate(most)),
        "travel": 0,
    }


def _most_sessions(instance: Instance, request: int) -> int:
    """How many sessions of the request could be placed if it were alone."""
    wanted, choices = instance.requests[request], instance.choices[request]
    days = {start // DAY_MIN for start in choices.rooms}
    count = min(wanted.sessions, len(days) * wanted.max_sessions_per_day)
    return count if count == wanted.sessions or wanted.partial else 0


def _most_functions(instance: Instance, most: list[int]) -> int:
    """Per function: no more places than can host it, and than it has sessions."""
    places: dict[str, set[int]] = {}
    sessions: Counter[str] = Counter()
    for request, count in enumerate(most):
        if count:
            function = instance.requests[request].function
            rooms = {room for at_start in instance.choices[request].rooms.values() for room in at_start}
            places.setdefault(function, set()).update(instance.room_venue[room] for room in rooms)
            sessions[function] += count
    return sum(min(len(venues), sessions[function]) for function, venues in places.items())


def _most_continuity(instance: Instance, most: list[int]) -> int:
    """Per request: sessions of last week that could be held again."""
    again: dict[int, set[int]] = {}
    for assignment in instance.problem.previous:
        request = instance.request_index.get(assignment.request)
        room = instance.room_index.get(assignment.room)
        if request is not None and room in instance.choices[request].rooms.get(assignment.begin_min, ()):
            again.setdefault(request, set()).add(assignment.session)
    return sum(min(len(numbers), most[request]) for request, numbers in again.items())


def _most_preferred(instance: Instance, request: int, count: int) -> int:
    wanted = instance.requests[request]
    liked = instance.grid.mask(wanted.preferred, wanted.duration_min)
    starts = instance.choices[request].rooms.keys() & set(instance.grid.starts(liked))
    return min(count, len({start // DAY_MIN for start in starts}) * wanted.max_sessions_per_day)
