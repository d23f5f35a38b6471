"""Decide when and where the guidance's people meet: a plan from nothing, part by part, beside the best plan.

The parts are requests that lie together. Each is one programme of times and rooms for the people that the guidance
names; what does not go together at the borders of two parts is left out, and filled in afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from scheduler.engine.columns import Only, lay_out_columns
from scheduler.engine.crew import Crew, Solver
from scheduler.engine.improve import Found, add_goals, add_rules, best_sessions
from scheduler.engine.work import expected_s
from scheduler.guide import People
from scheduler.instance import Instance
from scheduler.search import Search
from scheduler.timetable import Timetable

_TOGETHER = 250  # requests of a part
_ROOMS = 12  # of each request
_ROUNDS, _GAP = 6, 2e-3
_SHARE = 0.2  # of the time, for one part at most


@dataclass(slots=True)
class Following:
    """A plan in the making; `open` parts are still to come."""

    search: Search
    who: People
    timetable: Timetable
    open: int


@dataclass(frozen=True, slots=True)
class Part:
    """The tag of one part's programme."""

    following: Following
    requests: list[int]


def follow_in_parts(search: Search, who: People) -> None:
    """Have the parts solved before anything else that waits."""
    parts = list(lie_together(search.instance, sorted(who), _TOGETHER))
    following = Following(search, who, Timetable(search.instance), len(parts))
    search.waiting[:0] = [partial(_start, Part(following, requests)) for requests in parts]


def lie_together(instance: Instance, requests: Sequence[int], most: int) -> Iterator[list[int]]:
    """Cut the requests in halves, across the longer side of where they lie, until there are few enough in each."""
    if len(requests) <= most:
        if requests:
            yield sorted(requests)
        return
    places = [instance.requests[request].location for request in requests]
    sides = [max(axis) - min(axis) for axis in zip(*places, strict=True)]
    longer = sides.index(max(sides))
    order = sorted(requests, key=lambda request: (instance.requests[request].location[longer], request))
    yield from lie_together(instance, order[: len(order) // 2], most)
    yield from lie_together(instance, order[len(order) // 2 :], most)


def _start(part: Part, crew: Crew) -> None:
    following = part.following
    search, who = following.search, following.who
    only = Only(who=who, where=search.some_rooms(part.requests, _ROOMS))
    choice = lay_out_columns(following.timetable, part.requests, only=only)
    add_rules(choice)
    objective = add_goals(choice, ["served"], {})
    allowance = search.budget.allow(_SHARE * search.budget.left_s())
    allowance.expected_s = expected_s(choice.program)
    seed = search.rng.randrange(2**31)

    def job(solver: Solver) -> Found:
        return best_sessions(
            choice, objective, allowance.left_s, solver=solver, gap=_GAP, seed=seed, rounds=_ROUNDS
        )

    crew.start(part, job, allowance)


def take_part(part: Part, found: Found | None) -> None:
    """Put a part's sessions into the new plan; after the last part the new plan competes with the best one."""
    following = part.following
    requests = following.search.instance.requests
    placements = {} if found is None else found.placements or {}
    for request in sorted(placements, key=lambda one: (-requests[one].weight, one)):
        following.timetable.put_all(request, placements[request])
    following.open -= 1
    if not following.open:
        _compete(following)


def _compete(following: Following) -> None:
    """Requests of which the best plan is kept busy by neighbourhoods stay as they are."""
    search = following.search
    for request in search.near.possible:
        search.timetable.clear(request)
    for request, placements in following.timetable.placed.items():
        pinned = search.timetable.pinned.get(request, ())
        search.timetable.put_all(request, [at for at in placements if at not in pinned])
    search.settle()
