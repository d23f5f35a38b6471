"""Decide what a part's requests could use at all: every venue and every volunteer within reach of one of them.

The requests of the whole are shared out among parts, and each part sees all that its requests could use, whatever
else wants the same. Then the parts' bounds add up to a bound for the whole: the sessions that a plan gives to the
requests of a part keep every rule of that part's problem, because leaving the other sessions out breaks no rule and
nothing that they use is missing from it. So the plan is worth no more there than the part's bound; and what it is
worth is the sum over its requests, each of which is in one part. People and rooms near a line are counted on both
sides of it, which makes the sum loose there and never wrong. Pins and requests that share learners may be cut apart
too: to forget them only lets more plans in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scheduler.decomposition.bisection import halve
from scheduler.instance.geography import Points, around

Document = dict[str, Any]
Places = NDArray[np.intp]
_AT_ONCE = 512  # places measured in one step, which bounds the memory


def surrounded(problem: Document, size: int) -> list[Document]:
    """Problem documents whose bounds on `served` add up to one of the whole.

    Parameters
    ----------
    problem : dict
        A problem document; its requests are shared out.
    size : int
        About how many requests a part has at most.
    """
    lines = halve([tuple(one["location"]) for one in problem["requests"]], size)
    shares: list[list[Document]] = [[] for _ in range(lines.count)]
    for one in problem["requests"]:
        shares[lines.piece(one["location"])].append(one)
    venues, people = _points(problem["venues"]), _points(problem["volunteers"])
    return [_with_reach(problem, share, venues, people) for share in shares if share]


def _with_reach(problem: Document, share: list[Document], venues: Points, people: Points) -> Document:
    offered, willing = problem["venues"], problem["volunteers"]
    near = _near(_points(share), [_reach(one) for one in share], venues)
    limits = np.array([_reach(one) for one in willing])
    come = _comers(people, limits, venues.subset(near))
    return problem | {
        "goals": ["served"],
        "requests": share,
        "venues": [offered[at] for at in near.tolist()],
        "volunteers": [willing[at] for at in come.tolist()],
        "pins": [],
        "previous": [],
        "tolerance": {},
    }


def _near(origins: Points, limits: Sequence[float], points: Points) -> Places:
    """The points within the limit of one of the origins."""
    some = around(points, np.arange(len(points.degrees)), origins, max(limits))
    zeros = np.zeros(len(some), dtype=np.bool_)
    chosen = points.subset(some)
    for first in range(0, len(origins.degrees), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        zeros |= chosen.within(origins.degrees[rows], limits[rows]).any(axis=0)
    return np.asarray(some[zeros], dtype=np.intp)


def _comers(people: Points, limits: NDArray[np.float64], venues: Points) -> Places:
    """The people who would come to one of the venues."""
    some = around(people, np.arange(len(people.degrees)), venues, float(limits.max(initial=0)))
    homes, found = people.subset(some), np.zeros(len(some), dtype=np.bool_)
    for first in range(0, len(some), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        within = venues.within(homes.degrees[rows], limits[some[rows]].tolist())
        found[rows] = within.any(axis=1)
    return np.asarray(some[found], dtype=np.intp)


def _points(things: Sequence[Document]) -> Points:
    return Points(tuple(thing["location"]) for thing in things)


def _reach(one: Document) -> float:
    limit = one.get("max_travel_km")
    return float("inf") if limit is None else float(limit)
