"""Integer programmes solved by HiGHS, through OR-Tools' MathOpt (Huangfu and Hall 2018)."""

from __future__ import annotations

from datetime import timedelta
from math import inf

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import model_pb2
from ortools.math_opt.python import model, parameters, result, solve
from ortools.math_opt.solvers import highs_pb2

from scheduler.processes.program import Outcome, Program, Term
from scheduler.processes.work_units import node_limit, step_limit, units

_SOLVED = result.TerminationReason.OPTIMAL
_IMPOSSIBLE = (result.TerminationReason.INFEASIBLE, result.TerminationReason.INFEASIBLE_OR_UNBOUNDED)


def maximise(
    program: Program,
    objective: list[Term],
    *,
    limit_s: float,
    gap: float = 0.0,
    absolute_gap: float = 0.0,
    seed: int = 0,
    relaxed: bool = False,
    in_work: bool = False,
) -> Outcome:
    """Find the best solution of a programme, by branch and bound over the dual simplex method on one thread.

    Parameters
    ----------
    objective
        To be made as large as possible; coefficients of the same column add up.
    limit_s
        Seconds of wall time, at least a hundredth.
    gap, absolute_gap
        Stop at a solution that is proven to be that near to the best: as a share of it, or in its own unit.
    seed
        Any whole number; HiGHS gets it modulo 2**31.
    relaxed
        Solve the linear relaxation instead.
    in_work
        Read no clock: a second of the limit is a thousand units of work, so that the same call always gives the same.

    Returns
    -------
    Outcome
        With `values` of shape `(n_columns,)`, and `duals` of shape `(n_rows,)` where the relaxation was solved.
    """
    # Presolve puts the rooms of a session in place of its people, row by row: a hundred times as many coefficients,
    # and half a minute where the programme itself takes half a second.
    programme = model.Model.from_model_proto(_proto(program, objective, relaxed))
    options = parameters.SolveParameters(
        time_limit=None if in_work else timedelta(seconds=max(0.01, limit_s)),
        iteration_limit=step_limit(program, limit_s, relaxed=True) if in_work and relaxed else None,
        node_limit=node_limit(program, limit_s) if in_work and not relaxed else None,
        random_seed=seed % 2**31,
        relative_gap_tolerance=gap,
        absolute_gap_tolerance=absolute_gap,
        highs=highs_pb2.HighsOptionsProto(
            string_options={"parallel": "off", "presolve": "off"}, int_options={"threads": 1}
        ),
    )
    answer = solve.solve(programme, parameters.SolverType.HIGHS, params=options)
    reason = answer.termination.reason
    work = units(program, answer.solve_stats.simplex_iterations, relaxed=relaxed)
    if reason in _IMPOSSIBLE:
        return Outcome(None, -inf, True, work=work)
    bound = answer.termination.objective_bounds.dual_bound
    duals = _duals(answer, len(program.low)) if relaxed and reason == _SOLVED else None
    return Outcome(_values(answer, len(program.upper)), bound, reason == _SOLVED, duals, work)


def _values(answer: result.SolveResult, size: int) -> NDArray[np.float64] | None:
    if not answer.solutions or answer.solutions[0].primal_solution is None:
        return None
    values = np.zeros(size)
    for variable, value in answer.solutions[0].primal_solution.variable_values.items():
        values[variable.id] = value
    return values


def _duals(answer: result.SolveResult, size: int) -> NDArray[np.float64] | None:
    if not answer.solutions or answer.solutions[0].dual_solution is None:
        return None
    duals = np.zeros(size)
    for row, value in answer.solutions[0].dual_solution.dual_values.items():
        duals[row.id] = value
    return duals


def _proto(program: Program, objective: list[Term], relaxed: bool) -> model_pb2.ModelProto:
    proto = model_pb2.ModelProto()
    size = len(program.upper)
    proto.variables.ids.extend(range(size))
    proto.variables.lower_bounds.extend([0.0] * size)
    proto.variables.upper_bounds.extend(program.upper)
    proto.variables.integers.extend([False] * size if relaxed else program.integer)
    proto.objective.maximize = True
    weights = np.zeros(size)
    for column, coefficient in objective:
        weights[column] += coefficient
    used = np.flatnonzero(weights)
    proto.objective.linear_coefficients.ids.extend(used.tolist())
    proto.objective.linear_coefficients.values.extend(weights[used].tolist())
    _add_rows(proto, program)
    return proto


def _add_rows(proto: model_pb2.ModelProto, program: Program) -> None:
    proto.linear_constraints.ids.extend(range(len(program.low)))
    proto.linear_constraints.lower_bounds.extend(program.low)
    proto.linear_constraints.upper_bounds.extend(program.high)
    rows, columns = np.array(program.row_of, dtype=np.int64), np.array(program.column_of, dtype=np.int64)
    order = np.lexsort((columns, rows))
    matrix = proto.linear_constraint_matrix
    matrix.row_ids.extend(rows[order].tolist())
    matrix.column_ids.extend(columns[order].tolist())
    matrix.coefficients.extend(np.array(program.coefficient, dtype=np.float64)[order].tolist())
