"""Parts with all that their requests could use, whose bounds add up: every venue and volunteer within reach.

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

from scheduler.decomposition.bisection import bisect
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
    bisection = bisect([tuple(request["location"]) for request in problem["requests"]], size)
    shares: list[list[Document]] = [[] for _ in range(bisection.count)]
    for request in problem["requests"]:
        shares[bisection.piece(request["location"])].append(request)
    venues, people = _points(problem["venues"]), _points(problem["volunteers"])
    return [_with_reach(problem, share, venues, people) for share in shares if share]


def _with_reach(problem: Document, share: list[Document], venues: Points, people: Points) -> Document:
    offered, willing = problem["venues"], problem["volunteers"]
    near = _near(_points(share), [_reach(record) for record in share], venues)
    limits = np.array([_reach(record) for record in willing])
    come = _comers(people, limits, venues.subset(near))
    return problem | {
        "goals": ["served"],
        "requests": share,
        "venues": [offered[index] for index in near.tolist()],
        "volunteers": [willing[index] for index in come.tolist()],
        "pins": [],
        "previous": [],
        "tolerance": {},
    }


def _near(origins: Points, limits: Sequence[float], points: Points) -> Places:
    """The indices of points within the limit (km) of one of the origins."""
    candidates = around(points, np.arange(len(points.degrees)), origins, max(limits))
    within_reach = np.zeros(len(candidates), dtype=np.bool_)
    chosen = points.subset(candidates)
    for first in range(0, len(origins.degrees), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        within_reach |= chosen.within(origins.degrees[rows], limits[rows]).any(axis=0)
    return np.asarray(candidates[within_reach], dtype=np.intp)


def _comers(people: Points, limits: NDArray[np.float64], venues: Points) -> Places:
    """The indices of people who would come to one of the venues, by their limits (km)."""
    candidates = around(people, np.arange(len(people.degrees)), venues, float(limits.max(initial=0)))
    homes, comes = people.subset(candidates), np.zeros(len(candidates), dtype=np.bool_)
    for first in range(0, len(candidates), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        within = venues.within(homes.degrees[rows], limits[candidates[rows]].tolist())
        comes[rows] = within.any(axis=1)
    return np.asarray(candidates[comes], dtype=np.intp)


def _points(records: Sequence[Document]) -> Points:
    return Points(tuple(record["location"]) for record in records)


def _reach(record: Document) -> float:
    limit = record.get("max_travel_km")
    return float("inf") if limit is None else float(limit)
