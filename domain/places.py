"""Distances and travel times between points in a straight line."""

from __future__ import annotations

import math

EARTH_KM = 6371.0088
Location = tuple[float, float]  # latitude, longitude in degrees


def km(a: Location, b: Location) -> float:
    """Great-circle distance in kilometres (haversine formula, mean Earth radius of the IUGG)."""
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (*a, *b))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def way_minutes(a: Location, b: Location, kmh: float) -> int:
    """Travel time in whole minutes, rounded up, in a straight line at `kmh` kilometres an hour (above 0)."""
    return math.ceil(60 * km(a, b) / kmh)


def blurred(location: Location) -> Location:
    """The point (degrees) moved onto a grid of about 500 m, so that it no longer identifies a home."""
    lat = round(location[0] / 0.0045) * 0.0045
    step = 0.0045 / max(0.1, math.cos(math.radians(lat)))
    return round(lat, 4), round(round(location[1] / step) * step, 4)
