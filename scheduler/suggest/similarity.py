"""Decide how much a place is like the one that a session has now: what people would notice first comes first."""

from __future__ import annotations

from domain.windows import DAY_MIN
from scheduler.explain.editable_plan import EditablePlan
from scheduler.instance.instance import Placement

Nearness = tuple[int, int, int, int, int, int]


def nearness(board: EditablePlan, request: int, near: Placement | None, at: Placement) -> Nearness:
    """What to compare places by, the nearest first.

    How many people are new; how far it is (0 the same time and venue; 1 for another venue, 1 for another time of the
    day, 2 for another day); 1 where the time is not preferred; minutes between the starts; metres of way of the team;
    seats to spare.
    """
    instance = board.instance
    wanted, venue = instance.requests[request], instance.room_venue[at.room]
    liked = board.mask(wanted.preferred, wanted.duration_min)
    day, minute = divmod(at.start, DAY_MIN)
    bit = 1 << (day * board.grid.per_day + minute // board.grid.grid_min)
    return (
        len(set(at.team) - set(near.team)) if near is not None else 0,
        distance(board, near, at),
        int(not liked & bit),
        abs(at.start - near.start) if near is not None else at.start,
        sum(instance.metres(one, venue) for one in at.team),
        instance.rooms[at.room].capacity - wanted.learners,
    )


def distance(board: EditablePlan, near: Placement | None, at: Placement) -> int:
    """0 the same time and venue; 1 more for another venue, 1 for another time of the day, 2 for another day."""
    if near is None:
        return 0
    venues = board.instance.room_venue
    when = 0 if at.start == near.start else 1 if at.start // DAY_MIN == near.start // DAY_MIN else 2
    return when + (venues[at.room] != venues[near.room])
