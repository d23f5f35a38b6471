"""The rows about people's minutes and ways: they cut off what no plan has, and nothing that a plan could have."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler import read_problem
from scheduler.instance.instance import Instance
from scheduler.instance.timetable import PartialTimetable
from scheduler.model.load_limits import Piece, within
from scheduler.model.teams import lay_out_teams
from scheduler.model.travel_rows import cliques
from scheduler.processes.highs import maximise
from scheduler.processes.program import Program
from tests.scheduler.cases import Document, problem, request, solved, volunteer
from tests.scheduler.test_solve import tiny_problems


def keeps(program: Program, values: list[float]) -> bool:
    sums = [0.0] * len(program.low)
    for row, column, coefficient in zip(program.row_of, program.column_of, program.coefficient, strict=True):
        sums[row] += coefficient * values[column]
    return all(low <= total <= high for low, total, high in zip(program.low, sums, program.high, strict=True))


# ---- Minutes


@given(
    minutes=st.lists(st.sampled_from([30, 45, 60, 90, 120, 180, 240]), min_size=1, max_size=7),
    most=st.integers(-30, 500),
)
def test_pieces_are_taken_together_where_they_fit_and_never_otherwise(minutes: list[int], most: int) -> None:
    program = Program()
    columns = [program.column() for _ in minutes]
    within(program, [Piece(each, (column,)) for each, column in zip(minutes, columns, strict=True)], most)

    for taken in product([0.0, 1.0], repeat=len(minutes)):
        total = sum(each for each, one in zip(minutes, taken, strict=True) if one)
        assert keeps(program, list(taken)) == (total <= max(0, most)), taken


def test_a_piece_of_several_columns_counts_once_for_each_that_is_chosen() -> None:
    program = Program()
    columns = tuple(program.column() for _ in range(3))
    other = program.column()
    within(program, [Piece(60, columns), Piece(60, (other,))], 60)

    outcome = maximise(program, [(column, 1.0) for column in (*columns, other)], limit_s=10)

    assert outcome.values is not None
    assert sum(outcome.values[: other + 1]) == pytest.approx(1)


def test_half_of_two_large_pieces_is_not_worth_more_than_one_of_them() -> None:
    """The knapsack alone would let 1.5 pieces of 120 minutes into 180 minutes."""
    program = Program()
    columns = [program.column() for _ in range(3)]
    within(program, [Piece(120, (column,)) for column in columns], 180)

    relaxed = maximise(program, [(column, 1.0) for column in columns], limit_s=10, relaxed=True)

    assert relaxed.bound == pytest.approx(1)


# ---- Ways


@given(data=st.data(), size=st.integers(2, 8))
def test_cliques_hold_every_pair_that_is_too_far_apart_and_no_pair_that_goes_together(
    data: Any, size: int
) -> None:
    pairs = list(combinations(range(size), 2))
    kinds = data.draw(st.lists(st.sampled_from("-of"), min_size=len(pairs), max_size=len(pairs)))
    overlaps, far = [0] * size, [0] * size
    for (one, other), kind in zip(pairs, kinds, strict=True):
        for masks, letter in ((overlaps, "o"), (far, "f")):
            if kind == letter:
                masks[one] |= 1 << other
                masks[other] |= 1 << one

    found = [set(clique) for clique in cliques(overlaps, far)]

    for pair, kind in zip(pairs, kinds, strict=True):
        together = any(set(pair) <= clique for clique in found)
        assert together or kind != "f", pair
        assert not (together and kind == "-"), pair


# ---- Who leads what


@pytest.mark.slow
@given(document=tiny_problems())
def test_who_alone_bounds_what_a_plan_can_serve(document: Document) -> None:
    document["goals"] = ["served"]
    best = solved(document)["goals"]["served"]
    instance = Instance(read_problem(document))
    timetable = PartialTimetable(instance)
    pinned = sum(instance.requests[at].weight * len(placed) for at, placed in timetable.placed.items())

    teams = lay_out_teams(timetable, range(len(instance.requests)))
    outcome = maximise(teams.program, teams.objective, limit_s=10, relaxed=True)

    assert best["value"] == best["bound"]
    assert outcome.bound + pinned >= best["value"] - 1e-6


def test_who_alone_sees_that_one_lead_has_hours_for_one_course_only() -> None:
    asked = [request(name, duration_minutes=120, topic="art") for name in ("a", "b", "c")]
    week = problem(*asked)
    week["volunteers"].append(volunteer("dan", skills=["art"], max_minutes_week=180))
    teams = lay_out_teams(PartialTimetable(Instance(read_problem(week))), range(3))

    outcome = maximise(teams.program, teams.objective, limit_s=10, relaxed=True)

    assert outcome.bound == pytest.approx(solved(week)["goals"]["served"]["value"])
