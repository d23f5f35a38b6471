"""Decide the plan of one part, from the plan that it has so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.windows import clock_min
from scheduler.bounds import counted_bounds
from scheduler.documents import read_problem, write_assignment
from scheduler.engine.crew import Crew
from scheduler.instance import Instance
from scheduler.numbering import assignments
from scheduler.parts.cutting import Part
from scheduler.parts.prices import Prices
from scheduler.progress import Budget
from scheduler.records import Assignment
from scheduler.search import Search
from scheduler.strategy import complete_pins, search_in_order

_HOPE = 0.97  # of the bound so far: about what a plan can reach, which sets the length of the steps


@dataclass(frozen=True, slots=True)
class Task:
    """A part to solve; `limit_s` counts from when it is read. The first `settled` goals only keep their values."""

    part: Part
    limit_s: float
    seed: int
    settled: int = 0

    def answer(self, crew: Crew | None, clock: Callable[[], float]) -> dict[str, Any] | None:
        return solve_part(self, crew, clock)


@dataclass(frozen=True, slots=True)
class Pricing:
    """A whole problem to bound; `limit_s` counts from when its choices are found."""

    problem: dict[str, Any]
    limit_s: float
    rounds: int = 400

    def answer(self, crew: Crew | None, clock: Callable[[], float]) -> int | None:
        """A proven bound on `served`."""
        del crew
        prices, began = Prices(Instance(read_problem(self.problem))), clock()
        prices.step(0.0)
        for _ in range(self.rounds):
            if clock() - began > self.limit_s:
                break
            prices.step(_HOPE * prices.bound)
        return prices.proven()


def solve_part(task: Task, crew: Crew | None, clock: Callable[[], float]) -> dict[str, Any] | None:
    """A plan document with assignments only, None where pins leave a request that cannot be completed."""
    problem = read_problem(task.part.problem)
    instance = Instance(problem)
    bounds = counted_bounds(instance)
    search = Search(instance, Budget(task.limit_s, clock), task.seed, bounds)  # the choices are found by now
    for document in task.part.start:
        one = assignment(document)
        search.timetable.put(instance.request_index[one.request], instance.placement(one))
    complete_pins(search)
    if search.broken_whole():
        return None
    search.keep()
    for goal in problem.goals[: task.settled]:
        search.bounds[goal] = search.best_worth[goal]
    search_in_order(search, 1, crew)
    search.restore()
    return {
        "format": "plan/1",
        "assignments": [write_assignment(one) for one in assignments(search.timetable)],
    }


def assignment(document: dict[str, Any]) -> Assignment:
    """Read an assignment of a document that was checked before."""
    return Assignment(
        document["request"],
        document["session"],
        document["day"],
        clock_min(document["start"]),
        document["room"],
        tuple(document["leads"]),
        tuple(document.get("assistants", ())),
    )
