"""Decide along which straight lines a map is halved (recursive coordinate bisection, Berger and Bokhari 1987)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from math import cos, radians, sin

from scheduler.documents.records import Location

Point = tuple[float, float]  # kilometres or any other length, the same in both directions
_KM_PER_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Line:
    """What lies below `at` along the axis is on the one side, the rest on the other."""

    axis: int
    at: float
    below: Line | int
    above: Line | int


@dataclass(frozen=True, slots=True)
class Lines:
    """A map cut into `count` pieces; `middle` is in degrees, `slant` in degrees against the parallels."""

    middle: Location
    slant: float
    first: Line | int
    count: int

    def piece(self, place: Location) -> int:
        """The piece in which a place lies, from 0."""
        node, point = self.first, flat(place, self.middle, self.slant)
        while isinstance(node, Line):
            node = node.below if point[node.axis] < node.at else node.above
        return node


def flat(place: Location, middle: Location, slant: float) -> Point:
    """Kilometres from the middle, on a map that is turned."""
    north = _KM_PER_DEGREE * (place[0] - middle[0])
    east = _KM_PER_DEGREE * (place[1] - middle[1]) * cos(radians(middle[0]))
    turn = radians(slant)
    return north * cos(turn) - east * sin(turn), north * sin(turn) + east * cos(turn)


def halve(places: Sequence[Location], size: int, slant: float = 0.0) -> Lines:
    """Cut until no piece holds more than `size` of the places, unless more than that lie in one point."""
    if not places:
        return Lines((0.0, 0.0), slant, 0, 1)
    middle = (
        sorted(one[0] for one in places)[len(places) // 2],
        sorted(one[1] for one in places)[len(places) // 2],
    )
    numbers = count()
    first = _halve([flat(one, middle, slant) for one in places], size, numbers)
    return Lines(middle, slant, first, next(numbers))


def _halve(points: list[Point], size: int, numbers: count[int]) -> Line | int:
    spans = [max(point[axis] for point in points) - min(point[axis] for point in points) for axis in (0, 1)]
    if len(points) <= size or max(spans) == 0:
        return next(numbers)
    axis = spans.index(max(spans))
    points = sorted(points, key=lambda point: point[axis])
    at = points[len(points) // 2][axis]
    below = [point for point in points if point[axis] < at]
    if not below:  # half of them in the lowest place
        at = next(point[axis] for point in points if point[axis] > at)
        below = [point for point in points if point[axis] < at]
    return Line(axis, at, _halve(below, size, numbers), _halve(points[len(below) :], size, numbers))
