"""Coverage first: a first plan in which as many communities as can be have a session.

Squeaky wheel optimisation (Joslin and Clements 1999): communities are served one after the other, and
those that got nothing come before the others in the next round.
"""

from __future__ import annotations

from collections.abc import Callable

from scheduler.instance.instance import Instance
from scheduler.instance.timetable import PartialTimetable
from scheduler.search.construction import place_request

_ROUNDS = 30


def serve_communities(timetable: PartialTimetable, possible: list[int], stop: Callable[[], bool]) -> None:
    """Place one request of each community, as far as that goes; the timetable must hold pins only.

    Parameters
    ----------
    possible : list of int
        Requests that could be held at all.
    stop : callable
        Asked between rounds; once it says True the best order so far counts.
    """
    areas = _requests_by_area(timetable.instance, possible)
    order = sorted(
        areas,
        key=lambda area: (sum(_option_count(timetable.instance, r) for r in areas[area]), area),
    )
    best, fewest = order, len(order) + 1
    for _ in range(_ROUNDS):
        left = _round(timetable, areas, order)
        if len(left) < fewest:
            best, fewest = order, len(left)
        for r in possible:
            timetable.clear(r)
        if not left or stop():
            break
        order = left + [area for area in order if area not in left]
    _round(timetable, areas, best)


def _requests_by_area(instance: Instance, possible: list[int]) -> dict[str, list[int]]:
    """Each community's requests, those first that take least of people's time."""

    def people_minutes(r: int) -> tuple[int, int]:
        request = instance.requests[r]
        return request.duration_min * request.sessions * (request.leads + request.assistants), -request.weight

    areas: dict[str, list[int]] = {}
    for r in sorted(possible, key=people_minutes):
        areas.setdefault(instance.requests[r].area, []).append(r)
    return areas


def _option_count(instance: Instance, r: int) -> int:
    return sum(len(leads) or 1 for leads in instance.candidates[r].leads.values())


def _round(timetable: PartialTimetable, areas: dict[str, list[int]], order: list[str]) -> list[str]:
    """Serve the communities in that order, and say which got nothing."""
    return [area for area in order if not any(_serve(timetable, r) for r in areas[area])]


def _serve(timetable: PartialTimetable, r: int) -> bool:
    return bool(timetable.placed.get(r)) or place_request(timetable, r)
