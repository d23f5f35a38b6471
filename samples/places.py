"""Draw points and numbers from a seeded generator."""  # noqa: INP001

from __future__ import annotations

import math
import random

Point = tuple[float, float]  # latitude, longitude in degrees
KM_PER_DEGREE = 111.195


def near(rng: random.Random, centre: Point, km: float) -> Point:
    """A point within `km` of the centre, every part of the circle as likely."""
    distance, angle = km * math.sqrt(rng.random()), rng.uniform(0, 2 * math.pi)
    north = distance * math.sin(angle) / KM_PER_DEGREE
    east = distance * math.cos(angle) / (KM_PER_DEGREE * math.cos(math.radians(centre[0])))
    return round(centre[0] + north, 5), round(centre[1] + east, 5)


def count(rng: random.Random, mean: float) -> int:
    """The mean rounded up or down, so that it holds in the long run."""
    return int(mean) + (rng.random() < mean % 1)
