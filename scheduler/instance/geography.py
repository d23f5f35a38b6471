"""Great-circle distances: what lies within reach of what, for many points at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import asin, cos, radians, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from scheduler.documents.records import Location

_EARTH_KM = 6371.0088
_DOUBT_KM = 1e-6  # nearer to a limit than this, the exact formula decides
_AT_ONCE = 256  # points measured against all others in one step, which bounds the memory
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]


def kilometres(a: Location, b: Location) -> float:
    """Great-circle distance by the haversine formula, on docs/format.md's sphere."""
    north_a, east_a, north_b, east_b = map(radians, (*a, *b))
    h = sin((north_b - north_a) / 2) ** 2 + cos(north_a) * cos(north_b) * sin((east_b - east_a) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(min(1.0, h)))


class Points:
    """Points on the sphere to measure to, as `degrees` (latitude, longitude) and as `radians` (shape `(n, 2)`)."""

    def __init__(self, locations: Iterable[Location]) -> None:
        self.degrees: list[Location] = list(locations)
        self.radians: Numbers = np.radians(np.array(self.degrees, dtype=np.float64).reshape(-1, 2))

    def subset(self, indices: NDArray[np.intp]) -> Points:
        """Those of the points, in the order of the indices."""
        chosen = Points(())
        chosen.degrees, chosen.radians = (
            [self.degrees[index] for index in indices.tolist()],
            self.radians[indices],
        )
        return chosen

    def within(self, origins: Sequence[Location], limits_km: Sequence[float | None]) -> Flags:
        """Which points lie within each origin's limit (None: all do), shape `(n_origins, n_points)`."""
        within_reach = np.ones((len(origins), len(self.degrees)), dtype=np.bool_)
        for first in range(0, len(origins), _AT_ONCE):
            rows = slice(first, first + _AT_ONCE)
            within_reach[rows] = self._within(origins[rows], limits_km[rows])
        return within_reach

    def kilometres_from(self, origins: Sequence[Location]) -> Numbers:
        """Kilometres from each origin to every point, shape `(n_origins, n_points)`, right to a millimetre."""
        return self._km(np.radians(np.array(origins, dtype=np.float64).reshape(-1, 2)))

    def _within(self, origins: Sequence[Location], limits_km: Sequence[float | None]) -> Flags:
        limits = np.array([np.inf if limit is None else limit for limit in limits_km])[:, None]
        km = self.kilometres_from(origins)
        near = km <= limits
        for row, column in np.argwhere(np.abs(km - limits) < _DOUBT_KM).tolist():
            near[row, column] = kilometres(origins[row], self.degrees[column]) <= limits[row, 0]
        return near

    def _km(self, origins: Numbers) -> Numbers:
        north, east = origins[:, :1], origins[:, 1:]
        to_north, to_east = self.radians[:, 0], self.radians[:, 1]
        h = (
            np.sin((to_north - north) / 2) ** 2
            + np.cos(north) * np.cos(to_north) * np.sin((to_east - east) / 2) ** 2
        )
        return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(np.minimum(1.0, h))), dtype=np.float64)


def around(points: Points, indices: NDArray[np.intp], centres: Points, km: float) -> NDArray[np.intp]:
    """Those of the indexed points in the box around the centres, `km` kilometres wider on each side.

    Every point within `km` of a centre is among them; all are where `km` is infinite or there is no centre.
    """
    if not len(indices) or not len(centres.degrees) or not np.isfinite(km):
        return indices
    low, high = centres.radians.min(axis=0), centres.radians.max(axis=0)
    north = km / _EARTH_KM * 1.001
    widest = max(0.01, float(np.cos(max(abs(low[0]), abs(high[0])) + north)))
    margin = np.array([north, north / widest * 1.01])
    inside = ((points.radians[indices] >= low - margin) & (points.radians[indices] <= high + margin)).all(
        axis=1
    )
    return np.asarray(indices[inside], dtype=np.intp)
