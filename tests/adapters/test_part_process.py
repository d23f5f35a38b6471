"""What a pool of processes promises: plain documents in and out, a lost worker replaced, and nothing left behind."""

import io
import json
import sys
import time
from typing import Any

import pytest

import scheduler
from adapters.processes.part_process import ProcessPool
from scheduler.decomposition import Part
from scheduler.decomposition.part_solving import bound_task, plan_task
from scheduler.decomposition.part_worker import main
from scheduler.processes import Json, Lines
from tests.scheduler.cases import Document, problem, request

_PATIENCE_S = 60


def _asked() -> Document:
    document = problem(request("a"), request("b", learners=5), goals=["served"])
    return plan_task(Part(document, [], frozenset({"a", "b"})), 1.0, 0)


def _next(pool: ProcessPool) -> tuple[Any, Document | None]:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        found = pool.next(1.0)
        if found is not None:
            return found
    raise AssertionError("no answer came")


def test_a_line_is_answered_by_a_line() -> None:
    sink, bound = io.BytesIO(), bound_task(_asked()["problem"], 1.0)

    source = io.BytesIO(b"".join(json.dumps(part).encode() + b"\n" for part in (_asked(), bound)))

    with pytest.raises(EOFError):
        main(Lines(source, sink), Json)

    plan, proof = (json.loads(line) for line in sink.getvalue().splitlines())
    assert {one["request"] for one in plan["assignments"]} == {"a", "b"}
    assert (plan["bound"], proof["assignments"], proof["bound"]) == (None, None, 900)
    assert plan["format"] == proof["format"] == "part-answer/1"


def test_processes_answer_beside_each_other_and_end_when_the_pool_is_closed() -> None:
    pool = ProcessPool(2)
    try:
        pool.send("first", _asked())
        pool.send("second", bound_task(_asked()["problem"], 1.0))
        free = pool.free
        found = dict([_next(pool), _next(pool)])
    finally:
        pool.close()

    assert free == 0
    assert len((found["first"] or {})["assignments"]) == 2
    assert (found["second"] or {})["bound"] == 900
    assert pool.next(0) is None


def test_a_worker_that_ends_is_replaced_and_its_part_comes_back_without_an_answer() -> None:
    pool = ProcessPool(1, (sys.executable, "-c", "import sys; sys.stdin.readline()"))
    try:
        pool.send("part", _asked())
        lost, free = _next(pool), pool.free
    finally:
        pool.close()

    assert lost == ("part", None)
    assert free == 1


def test_closing_a_pool_gives_up_what_is_being_solved() -> None:
    pool = ProcessPool(1, (sys.executable, "-c", "import time; time.sleep(600)"))
    pool.send("part", _asked())
    began = time.monotonic()

    pool.close()

    assert time.monotonic() - began < _PATIENCE_S
    assert pool.free == 0


def test_a_large_week_is_solved_by_the_pool_that_the_caller_brings(monkeypatch: Any) -> None:
    monkeypatch.setattr("scheduler.decomposition.rounds.LARGE", 3)
    made: list[ProcessPool] = []

    def make(workers: int) -> ProcessPool:
        made.append(ProcessPool(workers))
        return made[-1]

    document = problem(*(request(f"r{at}") for at in range(6)), goals=["served"])
    plan = scheduler.solve(document, time_limit_s=6, workers=1, clock=time.monotonic, pool=make)

    assert len(made) == 1
    assert plan["goals"]["served"] == {"value": 3600, "bound": 3600}
    assert plan["status"] == "optimal"
