"""Decide the plan of one part from the plan that it has so far, or how good any plan of it could be."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from domain.windows import clock_min
from scheduler.decomposition.cutting import Part
from scheduler.decomposition.lagrangian_bound import bound_by_prices
from scheduler.documents.codec import read_problem, write_assignment
from scheduler.documents.records import Assignment
from scheduler.goals.bounds import counted_bounds
from scheduler.instance.instance import Instance
from scheduler.instance.numbering import assignments
from scheduler.instance.timetable import Timetable
from scheduler.processes.progress import UNITS_PER_S, Budget, WorkBudget
from scheduler.processes.solver_pool import SolverPool
from scheduler.search.ejection_chains import Chains
from scheduler.search.fix_and_optimise import Search
from scheduler.search.strategy import complete_pins, search_in_order

Clock = Callable[[], float]
Document = dict[str, Any]


def plan_wanted(
    part: Part, limit_s: float, seed: int, *, settled: int = 0, in_work: bool = False
) -> Document:
    """The document that asks for a plan of a part.

    Parameters
    ----------
    limit_s : float
        Seconds, which count from when the part is read; with `in_work` each is a thousand units of work.
    settled : int
        So many of the first goals only keep their values.
    """
    asked = {"limit_s": limit_s, "seed": seed, "settled": settled, "in_work": in_work}
    return {"format": "part/1", "ask": "plan", "problem": part.problem, "start": part.start, **asked}


def bound_wanted(problem: Document, limit_s: float, *, in_work: bool = False) -> Document:
    """The document that asks for a bound on `served`."""
    asked = {"limit_s": limit_s, "in_work": in_work}
    return {"format": "part/1", "ask": "bound", "problem": problem, **asked}


def answer(document: Document, clock: Clock, crew: SolverPool | None = None) -> Document:
    """Plan a part, or bound it; the documents are those of `pool`.

    Parameters
    ----------
    crew : Crew, optional
        Solves the integer programmes; None for one that lives as long as this call.

    Raises
    ------
    MalformedDocument
        If the problem is not in the format.
    """
    instance = Instance(read_problem(document["problem"]))
    if document["ask"] == "bound":
        budget = _budget(document, clock)
        allowance = budget.allow()
        bound = bound_by_prices(instance, allowance)
        return _answer(budget, bound=bound, work=UNITS_PER_S * allowance.used_s)
    if not document["settled"] and instance.problem.goals == ("served",):
        return _chained(document, instance, clock)
    bounds = counted_bounds(instance)  # the choices are found by now
    budget = _budget(document, clock)
    timetable = _solved(document, Search(instance, budget, document["seed"], bounds), crew)
    return _answer(budget, timetable, work=UNITS_PER_S * budget.seconds)


def _budget(document: Document, clock: Clock) -> Budget:
    limit_s = document["limit_s"]
    return WorkBudget(UNITS_PER_S * limit_s) if document["in_work"] else Budget(limit_s, clock)


def _answer(
    budget: Budget, timetable: Timetable | None = None, *, bound: int | None = None, work: float
) -> Document:
    plan = None if timetable is None else [write_assignment(one) for one in assignments(timetable)]
    told = {"work": work, "repeatable": budget.repeatable}
    return {"format": "part-answer/1", "assignments": plan, "bound": bound, **told}


def _chained(document: Document, instance: Instance, clock: Clock) -> Document:
    """The first goal alone, which chains of requests better fastest."""
    timetable = Timetable(instance)
    _start(document, timetable)
    possible = [at for at in range(len(instance.requests)) if instance.choices[at].rooms]
    chains = Chains(timetable, possible, Random(document["seed"]))
    budget = _budget(document, clock)  # the choices are found by now
    chains.fill(lambda: False)
    chains.run(budget)
    return _answer(budget, chains.timetable_of_best(), work=UNITS_PER_S * budget.seconds)


def _start(document: Document, timetable: Timetable) -> None:
    instance = timetable.instance
    for placed in document["start"]:
        one = assignment(placed)
        timetable.put(instance.request_index[one.request], instance.placement(one))


def _solved(document: Document, search: Search, crew: SolverPool | None) -> Timetable | None:
    """None where pins leave a request that cannot be completed."""
    _start(document, search.timetable)
    complete_pins(search)
    if search.broken_whole():
        return None
    search.keep()
    for goal in search.goals[: document["settled"]]:
        search.bounds[goal] = search.best_worth[goal]
    search_in_order(search, 1, crew)
    search.restore()
    return search.timetable


def assignment(document: Document) -> Assignment:
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
