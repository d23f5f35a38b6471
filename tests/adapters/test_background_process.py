"""The background process: the same answers as in this process, a stop that keeps the best, and ends that are told."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from typing import Any

import pytest

import scheduler
from adapters.application.application import Lyceum
from adapters.processes import background_process
from adapters.services.planning import Effort, plan_week
from scheduler import MalformedDocument, Progress
from scheduler.explain import UnknownRequest
from scheduler.processes import Mistake, ProcessLost
from tests.adapters.town import TOWN, WEEK
from tests.scheduler.cases import problem, request

OPTIONS = scheduler.SolveOptions(10, 1, 3)


def test_plan_is_the_one_that_is_made_here() -> None:
    document = problem(request("choir"), request("band"))
    told: list[Progress] = []

    made = background_process.solve(document, replace(OPTIONS, work=2000), on_progress=told.append)

    assert made == scheduler.solve(document, replace(OPTIONS, work=2000), clock=time.monotonic)
    best = max(told, key=lambda one: one.served)
    assert {one["request"] for one in best.plan()} == {"choir", "band"}


def test_week_is_planned_in_background(quick: Lyceum) -> None:
    draft = plan_week(quick, TOWN, WEEK, effort=Effort(5, 1, in_background=True))

    assert (draft.made, draft.plan["status"], len(draft.plan["assignments"])) == (True, "optimal", 4)


def test_stop_that_comes_with_the_question_is_heard() -> None:
    document = problem(request("choir"))

    made = background_process.solve(document, OPTIONS, should_stop=lambda: True)

    assert made["status"] in ("feasible", "optimal")


def test_refusals_are_those_of_the_scheduler() -> None:
    with pytest.raises(MalformedDocument, match="format"):
        background_process.solve({}, OPTIONS)
    document = problem(request("choir"))
    plan = scheduler.solve(document, OPTIONS, clock=time.monotonic)
    with pytest.raises(UnknownRequest, match="opera"):
        background_process.call(
            "explain", {"problem": document, "plan": plan, "request": "opera", "session": 1}
        )


def test_mistake_is_told_by_its_kind() -> None:
    with pytest.raises(Mistake, match=r"^KeyError$"):
        background_process.call("solve", {})


def test_what_a_callback_raises_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started = seen(monkeypatch)

    with pytest.raises(ZeroDivisionError):
        background_process.solve(problem(request("choir")), OPTIONS, should_stop=lambda: bool(1 // 0))

    assert started[0].returncode is not None


def test_lost_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    started = seen(monkeypatch)

    def kill() -> bool:
        started[0].kill()
        return False

    with pytest.raises(ProcessLost):
        background_process.solve(problem(request("choir")), OPTIONS, should_stop=kill)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have no such policy")
def test_process_runs_only_where_a_processor_is_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(background_process.PRIORITY)
    started, policies = seen(monkeypatch), set[int]()

    def look() -> bool:
        policies.add(os.sched_getscheduler(started[0].process.pid))
        return False

    background_process.solve(problem(request("choir")), OPTIONS, should_stop=look)

    assert os.SCHED_IDLE in policies
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def seen(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes that are started."""
    found: list[Any] = []
    start = background_process._started

    def started() -> Any:
        found.append(start())
        return found[-1]

    monkeypatch.setattr(background_process, "_started", started)
    return found
