"""Recursive coordinate bisection of a map by straight lines (Berger and Bokhari 1987)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from math import cos, radians, sin

from scheduler.documents.records import Location

Point = tuple[float, float]  # kilometres or any other length, the same in both directions
_KM_PER_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Split:
    """A line across an axis: points below `threshold` are on its one side, the rest on the other.

    Each side is split again or is a piece, named by its number.
    """

    axis: int
    threshold: float
    below: Split | int
    above: Split | int


@dataclass(frozen=True, slots=True)
class Bisection:
    """A map cut into `count` pieces; `middle` is in degrees, `slant` in degrees against the parallels."""

    middle: Location
    slant: float
    root: Split | int
    count: int

    def piece(self, location: Location) -> int:
        """The number of the piece in which a location (latitude, longitude) lies, from 0."""
        node, point = self.root, project(location, self.middle, self.slant)
        while isinstance(node, Split):
            node = node.below if point[node.axis] < node.threshold else node.above
        return node


def project(location: Location, middle: Location, slant: float) -> Point:
    """Kilometres from the middle (equirectangular), on a map turned by `slant` degrees."""
    north = _KM_PER_DEGREE * (location[0] - middle[0])
    east = _KM_PER_DEGREE * (location[1] - middle[1]) * cos(radians(middle[0]))
    turn = radians(slant)
    return north * cos(turn) - east * sin(turn), north * sin(turn) + east * cos(turn)


def bisect(locations: Sequence[Location], size: int, slant: float = 0.0) -> Bisection:
    """Halve until no piece holds more than `size` of the locations, unless more than that lie in one point.

    Parameters
    ----------
    locations : sequence of (latitude, longitude)
        In degrees; without any there is one piece.
    slant : float
        Degrees by which the lines are turned.
    """
    if not locations:
        return Bisection((0.0, 0.0), slant, 0, 1)
    middle = (
        sorted(location[0] for location in locations)[len(locations) // 2],
        sorted(location[1] for location in locations)[len(locations) // 2],
    )
    numbers = count()
    root = _split([project(location, middle, slant) for location in locations], size, numbers)
    return Bisection(middle, slant, root, next(numbers))


def _split(points: list[Point], size: int, numbers: count[int]) -> Split | int:
    spans = [max(point[axis] for point in points) - min(point[axis] for point in points) for axis in (0, 1)]
    if len(points) <= size or max(spans) == 0:
        return next(numbers)
    axis = spans.index(max(spans))
    points = sorted(points, key=lambda point: point[axis])
    threshold = points[len(points) // 2][axis]
    below = [point for point in points if point[axis] < threshold]
    if not below:  # half of them in the lowest point
        threshold = next(point[axis] for point in points if point[axis] > threshold)
        below = [point for point in points if point[axis] < threshold]
    above = points[len(below) :]
    return Split(axis, threshold, _split(below, size, numbers), _split(above, size, numbers))
