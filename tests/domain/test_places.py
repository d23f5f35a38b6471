"""Places: distances, ways, and points that no longer say which house it was."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.places import EARTH_KM, blurred, km, way_minutes

LOCATIONS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
INHABITED = st.tuples(st.floats(-70, 70), st.floats(-180, 180))


def test_no_way_to_the_same_place() -> None:
    assert (km((29.4, 105.6), (29.4, 105.6)), way_minutes((29.4, 105.6), (29.4, 105.6), 15)) == (0, 0)


def test_quarter_of_a_meridian() -> None:
    assert km((0, 0), (90, 0)) == pytest.approx(EARTH_KM * math.pi / 2)


def test_antipodes_are_half_a_circle_apart() -> None:
    assert km((0, 0), (0, 180)) == pytest.approx(EARTH_KM * math.pi)


def test_degree_of_longitude_shrinks_towards_the_pole() -> None:
    on_equator, at_60 = km((0, 0), (0, 1)), km((60, 0), (60, 1))

    assert at_60 == pytest.approx(on_equator / 2, rel=1e-3)


@pytest.mark.parametrize(("kmh", "minutes"), [(15, 5), (60, 2), (5, 14)])
def test_way_is_rounded_up_to_whole_minutes(kmh: float, minutes: int) -> None:
    """One hundredth of a degree of latitude is 1.112 km."""
    assert way_minutes((0, 0), (0.01, 0), kmh) == minutes


@given(LOCATIONS, LOCATIONS)
def test_distance_is_the_same_both_ways(a: tuple[float, float], b: tuple[float, float]) -> None:
    assert km(a, b) == pytest.approx(km(b, a))
    assert 0 <= km(a, b) <= EARTH_KM * math.pi + 1e-6


@given(INHABITED)
def test_blurred_point_is_near_but_on_a_coarse_grid(home: tuple[float, float]) -> None:
    point = blurred(home)

    assert km(home, point) < 0.4  # half a diagonal of a cell of 500 m, and the rounding
    assert blurred(point) == pytest.approx(point, abs=2e-4)


def test_neighbours_are_blurred_to_one_point() -> None:
    assert blurred((29.40101, 105.60102)) == blurred((29.40110, 105.60110))
