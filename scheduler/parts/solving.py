"""Decide the plan of one part, from the plan that it has so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from domain.windows import clock_min
from scheduler.bounds import counted_bounds
from scheduler.chains import Chains
from scheduler.documents import read_problem, write_assignment
from scheduler.engine.crew import Crew
from scheduler.engine.work import Done
from scheduler.instance import Instance
from scheduler.numbering import assignments
from scheduler.parts.cutting import Part
from scheduler.parts.prices import ROUNDS, bound_by_prices
from scheduler.progress import UNITS_PER_S, Budget, WorkBudget
from scheduler.records import Assignment
from scheduler.search import Search
from scheduler.strategy import complete_pins, search_in_order
from scheduler.timetable import Timetable

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Task:
    """A part to solve; `limit_s` counts from when it is read. The first `settled` goals only keep their values.

    With `in_work` a second is a thousand units of work.
    """

    part: Part
    limit_s: float
    seed: int
    settled: int = 0
    in_work: bool = False

    def answer(self, crew: Crew | None, clock: Clock) -> Done:
        """A plan document with assignments only, None where pins leave a request that cannot be completed."""
        problem = read_problem(self.part.problem)
        instance = Instance(problem)
        if not self.settled and problem.goals == ("served",):
            return self._chained(instance, clock)
        bounds = counted_bounds(instance)  # the choices are found by now
        budget = _budget(self.limit_s, clock, in_work=self.in_work)
        plan = _solved(self, problem.goals, Search(instance, budget, self.seed, bounds), crew)
        return Done(plan, UNITS_PER_S * budget.seconds, budget.repeatable)

    def _chained(self, instance: Instance, clock: Clock) -> Done:
        """Of the first goal alone, which chains of requests better fastest."""
        timetable = Timetable(instance)
        for document in self.part.start:
            one = assignment(document)
            timetable.put(instance.request_index[one.request], instance.placement(one))
        possible = [at for at in range(len(instance.requests)) if instance.choices[at].rooms]
        chains = Chains(timetable, possible, Random(self.seed))
        budget = _budget(self.limit_s, clock, in_work=self.in_work)  # the choices are found by now
        chains.fill(lambda: False)
        chains.run(budget)
        return Done(_plan(chains.timetable_of_best()), UNITS_PER_S * budget.seconds, budget.repeatable)


@dataclass(frozen=True, slots=True)
class Pricing:
    """A problem to bound; `limit_s` counts from when its choices are found."""

    problem: dict[str, Any]
    limit_s: float
    rounds: int = ROUNDS
    in_work: bool = False

    def answer(self, crew: Crew | None, clock: Clock) -> Done:
        """A proven bound on `served`."""
        del crew
        instance = Instance(read_problem(self.problem))
        budget = _budget(self.limit_s, clock, in_work=self.in_work)
        allowance = budget.allow()
        bound = bound_by_prices(instance, allowance, self.rounds)
        return Done(bound, UNITS_PER_S * allowance.used_s, budget.repeatable)


def _budget(limit_s: float, clock: Clock, *, in_work: bool) -> Budget:
    return WorkBudget(UNITS_PER_S * limit_s) if in_work else Budget(limit_s, clock)


def _solved(task: Task, goals: Sequence[str], search: Search, crew: Crew | None) -> dict[str, Any] | None:
    instance = search.instance
    for document in task.part.start:
        one = assignment(document)
        search.timetable.put(instance.request_index[one.request], instance.placement(one))
    complete_pins(search)
    if search.broken_whole():
        return None
    search.keep()
    for goal in goals[: task.settled]:
        search.bounds[goal] = search.best_worth[goal]
    search_in_order(search, 1, crew)
    search.restore()
    return _plan(search.timetable)


def _plan(timetable: Timetable) -> dict[str, Any]:
    return {"format": "plan/1", "assignments": [write_assignment(one) for one in assignments(timetable)]}


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
