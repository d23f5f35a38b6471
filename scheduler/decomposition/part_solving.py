"""Tasks of a part, and their answers: a plan that goes on from the plan so far, or a bound of every plan."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from domain.windows import clock_min
from scheduler.decomposition.cutting import Part
from scheduler.decomposition.lagrangian_bound import lagrangian_bound
from scheduler.documents.codec import read_problem, write_assignment
from scheduler.documents.records import Assignment
from scheduler.goals.bounds import counted_bounds
from scheduler.instance.instance import Instance
from scheduler.instance.numbering import assignments
from scheduler.instance.timetable import PartialTimetable
from scheduler.processes.progress import UNITS_PER_S, Budget, WorkBudget
from scheduler.processes.solver_pool import SolverPool
from scheduler.search.ejection_chains import EjectionChains
from scheduler.search.fix_and_optimise import Search
from scheduler.search.strategy import complete_pins, search_in_order

Clock = Callable[[], float]
Document = dict[str, Any]


def plan_task(part: Part, limit_s: float, seed: int, *, settled: int = 0, in_work: bool = False) -> Document:
    """The document that asks for a plan of a part.

    Parameters
    ----------
    limit_s : float
        Seconds, which count from when the part is read; with `in_work` each is a thousand units of work.
    settled : int
        So many of the first goals only keep their values.
    """
    settings = {"limit_s": limit_s, "seed": seed, "settled": settled, "in_work": in_work}
    return {"format": "part/1", "ask": "plan", "problem": part.problem, "start": part.start, **settings}


def bound_task(problem: Document, limit_s: float, *, in_work: bool = False) -> Document:
    """The document that asks for a bound on `served` of any plan of the problem; `limit_s` is as in `plan_task`."""
    settings = {"limit_s": limit_s, "in_work": in_work}
    return {"format": "part/1", "ask": "bound", "problem": problem, **settings}


def answer(document: Document, clock: Clock, pool: SolverPool | None = None) -> Document:
    """Plan a part, or bound it; the documents are those of `scheduler.decomposition.part_pool`.

    Parameters
    ----------
    clock : callable
        Seconds that only go forward; not read where the task counts work.
    pool : SolverPool, optional
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
        bound = lagrangian_bound(instance, allowance)
        return _answer(budget, bound=bound, work=UNITS_PER_S * allowance.used_s)
    if not document["settled"] and instance.problem.goals == ("served",):
        return _plan_by_ejection_chains(document, instance, clock)
    bounds = counted_bounds(instance)  # the choices are found by now
    budget = _budget(document, clock)
    timetable = _plan_by_search(document, Search(instance, budget, document["seed"], bounds), pool)
    return _answer(budget, timetable, work=UNITS_PER_S * budget.seconds)


def _budget(document: Document, clock: Clock) -> Budget:
    limit_s = document["limit_s"]
    return WorkBudget(UNITS_PER_S * limit_s) if document["in_work"] else Budget(limit_s, clock)


def _answer(
    budget: Budget, timetable: PartialTimetable | None = None, *, bound: int | None = None, work: float
) -> Document:
    plan = None if timetable is None else [write_assignment(placed) for placed in assignments(timetable)]
    effort = {"work": work, "repeatable": budget.repeatable}
    return {"format": "part-answer/1", "assignments": plan, "bound": bound, **effort}


def _plan_by_ejection_chains(document: Document, instance: Instance, clock: Clock) -> Document:
    """The first goal alone, which ejection chains better fastest."""
    timetable = PartialTimetable(instance)
    _place_start(document, timetable)
    possible = [request for request in range(len(instance.requests)) if instance.candidates[request].rooms]
    chains = EjectionChains(timetable, possible, Random(document["seed"]))
    budget = _budget(document, clock)  # the choices are found by now
    chains.fill(lambda: False)
    chains.run(budget)
    return _answer(budget, chains.timetable_of_best(), work=UNITS_PER_S * budget.seconds)


def _place_start(document: Document, timetable: PartialTimetable) -> None:
    instance = timetable.instance
    for placed in document["start"]:
        assignment = parse_assignment(placed)
        timetable.put(instance.request_index[assignment.request], instance.placement(assignment))


def _plan_by_search(document: Document, search: Search, pool: SolverPool | None) -> PartialTimetable | None:
    """None where pins leave a request that cannot be completed."""
    _place_start(document, search.timetable)
    complete_pins(search)
    if search.broken_whole():
        return None
    search.keep_as_best()
    for goal in search.goals[: document["settled"]]:
        search.bounds[goal] = search.best_values[goal]
    search_in_order(search, 1, pool)
    search.restore()
    return search.timetable


def parse_assignment(document: Document) -> Assignment:
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
