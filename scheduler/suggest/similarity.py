"""Similarity of a placement to the one that a session has now: what people would notice first comes first."""

from __future__ import annotations

from domain.windows import DAY_MIN
from scheduler.explain.editable_plan import EditablePlan
from scheduler.instance.instance import Placement

Nearness = tuple[int, int, int, int, int, int]


def nearness(plan: EditablePlan, r: int, near: Placement | None, placement: Placement) -> Nearness:
    """Sort key of placements, the nearest to `near` first.

    How many people are new; how far it is (0 the same time and venue; 1 for another venue, 1 for another time of the
    day, 2 for another day); 1 where the time is not preferred; minutes between the starts; metres of the team;
    seats to spare.
    """
    instance = plan.instance
    request, venue = instance.requests[r], instance.room_venue[placement.room]
    liked = plan.mask(request.preferred, request.duration_min)
    day, minute = divmod(placement.start, DAY_MIN)
    bit = 1 << (day * plan.grid.per_day + minute // plan.grid.grid_min)
    return (
        len(set(placement.team) - set(near.team)) if near is not None else 0,
        distance(plan, near, placement),
        int(not liked & bit),
        abs(placement.start - near.start) if near is not None else placement.start,
        sum(instance.metres(person, venue) for person in placement.team),
        instance.rooms[placement.room].capacity - request.learners,
    )


def distance(plan: EditablePlan, near: Placement | None, placement: Placement) -> int:
    """0 for the same time and venue; 1 more for another venue, 1 for another time of the day, 2 for another day."""
    if near is None:
        return 0
    venues = plan.instance.room_venue
    same_day = placement.start // DAY_MIN == near.start // DAY_MIN
    when = 0 if placement.start == near.start else 1 if same_day else 2
    return when + (venues[placement.room] != venues[near.room])
