"""A plot is well-formed SVG whose ticks are round and whose points stay on the page."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from bench.svg import HEIGHT, WIDTH, Axis, Series, even_ticks, log_ticks, plot

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 60, [0, 10, 20, 30, 40, 50, 60]),
        (0.5, 1.9, [0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8]),
        (1_158_000, 1_330_000, [1_200_000, 1_250_000, 1_300_000]),
    ],
)
def test_even_ticks_are_round(low: float, high: float, ticks: list[float]) -> None:
    assert even_ticks(low, high) == ticks


def test_log_ticks_thin_out_over_many_powers() -> None:
    assert log_ticks(0.5, 30) == [0.5, 1, 2, 5, 10, 20]
    assert log_ticks(0.01, 9_000) == [0.01, 0.1, 1, 10, 100, 1000]


def test_axis_puts_its_ends_at_both_ends() -> None:
    assert [Axis("n", 10, 1000, log=True).share(value) for value in (10, 100, 1000)] == pytest.approx(
        [0, 0.5, 1]
    )
    assert [Axis("n", 10, 20).share(value) for value in (10, 15, 20)] == [0, 0.5, 1]


def drawn(**more: bool) -> ET.Element:
    line = Series("a < b", [(0, 1), (5, 2), (99, 99)], labels=("first",), **more)
    return ET.fromstring(plot("Title & more", Axis("x", 0, 10), Axis("y", 0, 4), [line]))


def test_plot_is_well_formed_and_names_everything() -> None:
    texts = [one.text for one in drawn().iter(f"{SVG}text")]

    assert {"Title & more", "a < b", "x", "y", "first"} <= set(texts)


def test_points_outside_are_drawn_at_the_edge() -> None:
    dots = list(drawn(marks=True).iter(f"{SVG}circle"))

    assert len(dots) == 3
    assert all(0 < float(one.get("cx", "")) < WIDTH and 0 < float(one.get("cy", "")) < HEIGHT for one in dots)


def test_steps_go_across_before_they_go_up() -> None:
    ways = [one.get("d", "") for one in drawn(steps=True).iter(f"{SVG}path") if one.get("class") == "line s0"]

    assert ways[-1].count("H") == ways[-1].count("V") == 2
