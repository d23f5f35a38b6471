"""Duals: what one unit more of a row is worth, as a linear relaxation says."""

from __future__ import annotations

import pytest

from scheduler.processes.highs import maximise
from scheduler.processes.program import Program


def two_rows() -> Program:
    """At most 4 of x + 2y and 3 of x, both from 0 to 10."""
    program = Program()
    x, y = program.column(upper=10), program.column(upper=10)
    program.row([(x, 1.0), (y, 2.0)], high=4)
    program.row([(x, 1.0)], high=3)
    return program


def test_a_relaxation_says_what_each_row_is_worth() -> None:
    outcome = maximise(two_rows(), [(0, 5.0), (1, 4.0)], limit_s=5, relaxed=True)

    assert outcome.duals is not None
    assert outcome.duals.tolist() == pytest.approx([2.0, 3.0])


def test_an_integer_programme_has_no_duals() -> None:
    assert maximise(two_rows(), [(0, 5.0), (1, 4.0)], limit_s=5).duals is None
