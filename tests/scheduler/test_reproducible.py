"""Counting work: the same problem, seed, workers and work give the same plan, byte for byte, in any process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from math import inf
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.clashing import clashing_week
from scheduler import SolveOptions, check, read_plan, read_problem, solve
from scheduler.processes.program import Outcome, Program
from scheduler.processes.progress import WorkBudget
from scheduler.processes.solver_pool import Solver, SolverPool
from scheduler.processes.work_units import Metered, node_limit, step_limit
from tests.scheduler.cases import CHECKER, Document, problem, request, shared_verdict
from tests.scheduler.test_decomposition import _spread
from tests.scheduler.test_solve import crowd, tiny_problems

ROOT = Path(__file__).parents[2]
LONGEST_S = 120  # of any process here, however busy the machine is
RUN = """
import json, sys
import scheduler.decomposition.rounds as rounds
from scheduler import SolveOptions, solve
documents, given, cut = json.load(sys.stdin)
rounds.LARGE = cut or rounds.LARGE
if cut:
    rounds._SIZES, rounds._LEAST_S = (cut // 2,), 0.2
if __name__ == "__main__":
    for document in documents:
        sys.stdout.write(json.dumps(solve(document, SolveOptions(**given), clock=None)))
        sys.stdout.write(chr(10))
"""
BUSY = "while True: pass"


def begun(program: str, hash_seed: int, *arguments: str) -> subprocess.Popen[bytes]:
    """A process whose sets of words are in an order of their own."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)},
    )


@contextmanager
def load() -> Iterator[None]:
    """Something else to do for the machine."""
    busy = begun(BUSY, 0)
    try:
        yield
    finally:
        busy.kill()
        busy.communicate()


def twice(*documents: Document, busy: bool = False, cut: int = 0, **given: Any) -> list[Document]:
    """The plans that two processes beside each other make, one of them late; they are the same to the byte."""
    message = json.dumps([documents, given, cut]).encode()
    with load() if busy else nullcontext():
        processes = [begun(RUN, hash_seed) for hash_seed in (1, 2)]
        try:
            assert processes[0].stdin is not None
            processes[0].stdin.write(message)
            processes[0].stdin.flush()
            second = processes[1].communicate(message, timeout=LONGEST_S)[0]
            first = processes[0].communicate(timeout=LONGEST_S)[0]
        finally:
            for process in processes:
                process.kill()
    assert first == second
    assert first.count(b"\n") == len(documents)
    return [json.loads(line) for line in first.splitlines()]


def no_clock() -> float:
    raise AssertionError("a clock was read")


def worked(document: Document, work: float, **given: Any) -> Document:
    watching = {name: given.pop(name) for name in ("on_progress", "should_stop") if name in given}
    return solve(document, SolveOptions(work=work, **given), clock=no_clock, **watching)


def four_streets() -> Document:
    """Four streets of a district, of the generator that shares no code with us."""
    maker = CHECKER.parent / "make_problem.py"
    if not maker.exists():
        assert not os.environ.get("CI"), f"the shared generator of problems is missing at {maker}"
        pytest.skip("the shared generator of problems is not beside this repository")
    wanted = ["--district", "500153", "--streets", "4", "--seed", "1"]
    made = subprocess.run(
        [sys.executable, str(maker), *wanted], capture_output=True, check=True, timeout=LONGEST_S
    )
    document: Document = json.loads(made.stdout)
    return document


@pytest.mark.slow
def test_four_streets_are_planned_the_same_again(tmp_path: Path) -> None:
    document = four_streets()

    (made,) = twice(document, busy=True, work=1500, seed=3, workers=2)

    assert made["reproducible"] == {"work": 1500, "seed": 3, "workers": 2}
    assert made["goals"]["served"]["value"] >= 0.95 * 280_050
    assert shared_verdict(tmp_path, document, made)[0] == []


@pytest.mark.slow
def test_weeks_of_clashes_are_planned_the_same_again() -> None:
    """Learners who attend many classes, with more than their people and rooms could serve in the second one."""
    clashing, mixed = clashing_week(sessions=180, rooms=4, learners=300), crowd(24)
    for at, one in enumerate(mixed["requests"]):
        one["cohorts"] = [f"group {at % 13}", f"class {at % 11}"]

    first, second = twice(clashing, mixed, work=500, workers=1)

    assert first["goals"]["served"]["value"] > 0
    assert 0 < len(second["unserved"]) < 24


@pytest.mark.slow
def test_a_week_that_is_cut_into_parts_is_planned_the_same_again(tmp_path: Path) -> None:
    document = crowd(16)
    for at, one in enumerate(document["requests"]):
        one["location"] = [50.0, 4.0 + 0.02 * (at % 2)]

    (made,) = twice(document, work=1800, workers=2, cut=14)

    assert made["reproducible"]["work"] == 1800
    assert made["goals"]["served"]["value"] > 0
    assert shared_verdict(tmp_path, document, made)[0] == []


@pytest.mark.slow
def test_small_weeks_of_any_kind_are_planned_the_same_again() -> None:
    documents = [_spread(Random(seed), 7) for seed in range(8)]

    made = twice(*documents, work=500, workers=1)

    assert {one["status"] for one in made} == {"optimal"}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=tiny_problems(), seed=st.integers(0, 3))
def test_any_small_problem_is_planned_by_the_rules_and_the_same_again(document: Document, seed: int) -> None:
    first, second = (worked(document, 200, seed=seed) for _ in range(2))

    read = read_problem(document)
    assert json.dumps(first) == json.dumps(second)
    assert check(read, read_plan(first, read).assignments) == ()
    assert all(one["bound"] is None or one["value"] <= one["bound"] for one in first["goals"].values())


@pytest.mark.slow
@pytest.mark.parametrize("work", [1, 30, 300])
def test_little_work_ends_soon_with_a_plan_that_keeps_every_rule(work: float) -> None:
    document = crowd(30)

    made = worked(document, work)

    read = read_problem(document)
    assert made["assignments"]
    assert check(read, read_plan(made, read).assignments) == ()
    assert made["reproducible"]["work"] == work


@pytest.mark.slow
def test_a_stop_keeps_the_best_plan_which_then_does_not_claim_to_be_the_same_again() -> None:
    seen: list[int] = []

    made = worked(
        crowd(40), 10**9, on_progress=lambda one: seen.append(one.served), should_stop=lambda: len(seen) > 2
    )

    assert made["goals"]["served"]["value"] == max(seen)
    assert "reproducible" not in made


def test_a_plan_within_seconds_does_not_claim_to_be_the_same_again() -> None:
    made = solve(problem(request("a")), clock=time.monotonic)

    assert made["status"] == "optimal"
    assert "reproducible" not in made


def test_results_are_taken_as_they_were_expected_however_long_they_take() -> None:
    budget, crew = WorkBudget(1000), SolverPool(2, in_turn=True)

    def job(seconds: float) -> Any:
        def wait(_: Solver) -> float:
            time.sleep(seconds)
            return seconds

        return wait

    try:
        for tag, expected_s, seconds in (("long", 2.0, 0.0), ("short", 1.0, 0.2)):
            allowance = budget.allow()
            allowance.expected_s = expected_s
            crew.start(tag, job(seconds), allowance)
        assert crew.free == 0
        taken = [crew.next(30), crew.next(30)]
        assert crew.next(0) is None
    finally:
        crew.close()

    assert taken == [("short", 0.2), ("long", 0.0)]
    assert crew.free == 2


def test_work_is_spent_when_a_result_is_taken_and_nothing_is_free() -> None:
    budget = WorkBudget(1000)
    first, second = budget.allow(), budget.allow(0.5)

    first.count(299)
    assert (budget.seconds, second.left_s()) == (0, 0.499)
    first.settle()

    assert budget.seconds == pytest.approx(0.3)
    assert budget.left_s() == pytest.approx(0.7)
    assert second.left_s() == 0.499  # what it was given, whatever happens beside it


def test_a_lost_solver_process_leaves_a_plan_that_does_not_claim_to_be_the_same_again() -> None:
    budget, crew = WorkBudget(1000), SolverPool(1, in_turn=True)
    crew.workers[0].kill()
    program = Program()
    program.row([(program.column(), 1.0)], high=1)

    try:
        crew.start("lost", lambda solver: solver(program, [(0, 1.0)], limit_s=1.0), budget.allow())
        lost, free = crew.next(30), crew.free
    finally:
        crew.close()

    assert lost == ("lost", None)
    assert free == 1
    assert not budget.repeatable


def test_what_would_take_far_longer_than_is_left_is_not_begun() -> None:
    budget, begun_with = WorkBudget(1000), list[Program]()
    large, small = wide(100_000), wide(10)

    def solver(program: Program, *_: Any, **__: Any) -> Outcome:
        begun_with.append(program)
        return Outcome(None, 0.0, proven=True, work=7.0)

    allowance = budget.allow()
    metered = Metered(solver, allowance)
    outcomes = [metered(program, [], limit_s=0.1) for program in (large, small)]

    assert begun_with == [small]
    assert [one.bound for one in outcomes] == [inf, 0.0]
    assert allowance.used_s > 0.007


def wide(columns: int) -> Program:
    """One row with so many columns."""
    program = Program()
    program.row([(program.column(), 1.0) for _ in range(columns)], high=1)
    return program


def test_larger_programmes_get_fewer_steps_for_the_same_work() -> None:
    small, large = wide(100), wide(10_000)

    assert step_limit(small, 1.0) == 10 * step_limit(large, 1.0) == 50_000
    assert node_limit(large, 1.0) < node_limit(small, 1.0) < node_limit(small, 2.0)
    assert step_limit(large, 0.0) == node_limit(large, 0.0) == 1
