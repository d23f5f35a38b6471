"""Integer programme: columns, rows, and what a solver answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np
from numpy.typing import NDArray

Term = tuple[int, float]  # column, coefficient


@dataclass(slots=True)
class Program:
    """Columns with bounds from 0 to `upper`, and rows `low ≤ Σ coefficient × column ≤ high`."""

    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    row_of: list[int] = field(default_factory=list)
    column_of: list[int] = field(default_factory=list)
    coefficient: list[float] = field(default_factory=list)

    def column(self, *, upper: float = 1, integer: bool = True) -> int:
        """Add a column from 0 to `upper`; the number that rows and objectives name it by."""
        self.upper.append(upper)
        self.integer.append(integer)
        return len(self.upper) - 1

    def row(self, terms: Iterable[Term], *, low: float = -inf, high: float = inf) -> None:
        """Add `low ≤ Σ terms ≤ high`; a column may be named once only."""
        number = len(self.low)
        for column, coefficient in terms:
            self.row_of.append(number)
            self.column_of.append(column)
            self.coefficient.append(coefficient)
        self.low.append(low)
        self.high.append(high)

    def at_most(self, columns: Sequence[int], high: float = 1) -> None:
        """Let the columns, each at most 1, add up to `high` at most; a row that cannot bind is left out."""
        if len(columns) > high:
            self.row([(column, 1) for column in columns], high=high)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a solver found.

    Attributes
    ----------
    values : array of shape (n_columns,) or None
        One value for each column; None where no solution was found.
    bound : float
        No solution is better; infinite where nothing is known, minus infinite where there is no solution.
    proven : bool
        Whether the solution is best, or its absence proven, within the tolerance asked for.
    duals : array of shape (n_rows,) or None
        For each row what one unit more on its right would be worth, in a linear relaxation solved to the end; None
        otherwise.
    work : float
        Units of work that repeat exactly; see `work_units`.
    """

    values: NDArray[np.float64] | None
    bound: float
    proven: bool
    duals: NDArray[np.float64] | None = None
    work: float = 0.0
