"""Run one planner on one document in a process of its own, so that time and memory are measured apart.

`python bench/runs.py` reads a job as JSON from its standard input and writes the run to its standard output.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import scheduler
from bench.fet import fet_plan
from bench.greedy import greedy_plan
from bench.plain_cpsat import cpsat_plan
from bench.problems import Document, judged, made_problem
from bench.sections import shared
from scheduler.documents.records import Assignment, Problem

WORKERS = 2
GRACE_S = 900.0  # beyond the time limit, for reading, checking and the reference checker


@dataclass(frozen=True)
class Point:
    """How far a plan was after some seconds; `bound` None as long as there was none."""

    seconds: float
    served: int
    bound: int | None


@dataclass(frozen=True)
class Run:
    """What a planner made of a document.

    Attributes
    ----------
    seconds : float
        Wall time from the document to the plan, the planner's own check included, the reference checker's not.
    breaches : int
        By our own check; `accepted` is the reference checker's word.
    memory_mb : int
        Most resident memory of the process, plus that of its largest child for each worker.
    cpu_s : float
        Processor time of the process and its children: far below `seconds` times the workers, either the planner
        had nothing to do or the machine was busy with other things.
    trace : list of Point
        Empty for planners that do not tell.
    """

    status: str
    values: dict[str, int]
    bounds: dict[str, int | None]
    asked: int
    placed: int
    seconds: float
    breaches: int
    accepted: bool
    memory_mb: int
    cpu_s: float = 0.0
    trace: list[Point] = field(default_factory=list)
    note: str = ""

    @property
    def served(self) -> int:
        return self.values["served"]

    @property
    def gap(self) -> float | None:
        """How far its own bound lies above its value, as a share of the bound; None without a bound."""
        bound = self.bounds.get("served")
        return None if bound is None else (bound - self.served) / bound if bound else 0.0

    def first_plan_s(self) -> float | None:
        return next((point.seconds for point in self.trace if point.served > 0), None)

    def proven_s(self) -> float | None:
        """When value and bound of `served` met."""
        return next((point.seconds for point in self.trace if point.served == point.bound), None)

    def reached_s(self, value: float) -> float | None:
        return next((point.seconds for point in self.trace if point.served >= value), None)


def generated(*options: str) -> Document:
    return made_problem(*options)


def instance(name: str) -> Document:
    """One of the reference's competition instances."""
    with gzip.open(shared("bench", "instances", f"{name}.json.gz"), "rt", encoding="utf-8") as file:
        document: Document = json.load(file)
    return document


def sessions_asked(problem: Document) -> int:
    return sum(request.get("sessions", 1) for request in problem["requests"])


def weight_asked(problem: Document) -> int:
    """The value of `served` if every session were placed."""
    return sum(
        request.get("priority", 1)
        * request["learners"]
        * request["duration_minutes"]
        * request.get("sessions", 1)
        for request in problem["requests"]
    )


def run(
    planner: str,
    problem: Document,
    limit_s: float,
    *,
    seed: int = 0,
    enough: float | None = None,
    released: Document | None = None,
    plan_to: Path | None = None,
) -> Run:
    """Start a process for it.

    Parameters
    ----------
    enough : float, optional
        The share of its own bound on `served` at which the planner may stop; only Lyceum has one to go by.
    released : dict, optional
        The plan that is repaired, by the planner "repair" alone.
    plan_to : Path, optional
        Where the plan document is kept.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "problem.json")
        file.write_text(json.dumps(problem, ensure_ascii=False), encoding="utf-8")
        job = {
            "planner": planner,
            "problem": str(file),
            "effort": {"limit_s": limit_s, "seed": seed, "enough": enough, "released": released},
        }
        done = subprocess.run(  # noqa: S603 - this very file
            [sys.executable, str(Path(__file__))],
            input=json.dumps(job),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            timeout=limit_s + GRACE_S,
        )
    answer = json.loads(done.stdout.splitlines()[-1])
    plan = answer.pop("plan")
    if plan_to is not None:
        plan_to.write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")
    trace = [Point(**point) for point in answer.pop("trace")]
    return Run(**answer, accepted=bool(judged(problem, plan)["ok"]), trace=trace)


# ---- In the process


@dataclass(frozen=True)
class Effort:
    """What a planner may spend; `enough` is the share of its own bound at which it may stop."""

    limit_s: float
    seed: int
    enough: float | None
    released: Document | None


@dataclass
class Made:
    """A plan document with what its planner said on the way."""

    plan: Document
    trace: list[Point] = field(default_factory=list)
    note: str = ""
    seconds: float | None = None
    """Of another program alone, without writing its file; None for the whole call."""


def by_lyceum(document: Document, effort: Effort) -> Made:
    trace: list[Point] = []

    def tell(now: scheduler.Progress) -> None:
        point = Point(round(now.seconds, 3), now.served, now.bound)
        if not trace or (trace[-1].served, trace[-1].bound) != (point.served, point.bound):
            trace.append(point)

    def is_enough() -> bool:
        now = trace[-1] if trace else None
        return bool(effort.enough and now and now.bound and now.served >= effort.enough * now.bound)

    plan = scheduler.solve(
        document,
        scheduler.SolveOptions(effort.limit_s, WORKERS, effort.seed),
        on_progress=tell,
        should_stop=is_enough,
        clock=time.monotonic,
    )
    return Made(plan, trace)


def by_greedy(document: Document, effort: Effort) -> Made:
    del effort  # it is done at once, and always the same way
    problem = scheduler.read_problem(document)
    return Made(plan_document(problem, greedy_plan(problem), None))


def by_cpsat(document: Document, effort: Effort) -> Made:
    problem = scheduler.read_problem(document)
    outcome = cpsat_plan(problem, effort.limit_s, WORKERS, effort.seed)
    note = f"{outcome.variables:,} variables, {outcome.rounds} rounds"
    return Made(plan_document(problem, outcome.assignments, outcome.bound), note=note)


def by_fet(document: Document, effort: Effort) -> Made:
    problem = scheduler.read_problem(document)
    outcome = fet_plan(problem, effort.limit_s)
    note = f"{outcome.dropped} sessions dropped for it" if outcome.dropped else ""
    return Made(plan_document(problem, outcome.assignments, None), note=note, seconds=outcome.seconds)


def by_repair(document: Document, effort: Effort) -> Made:
    """The seconds are those of the call, which reads and checks; those of starting Python are not in them."""
    plan = scheduler.repair(
        document, effort.released, time_limit_s=effort.limit_s, seed=effort.seed, clock=time.monotonic
    )
    summary = plan["repair"]
    must = summary["unavoidable"]
    changed = ", ".join(f"{len(summary[what])} {what}" for what in ("moved", "dropped", "added"))
    people = f"{len(summary['people'])} people affected"
    note = f"{changed}, {people}; unavoidable: {must['sessions']} sessions, {must['people']} people"
    return Made(plan, note=note)


PLANNERS: dict[str, Callable[[Document, Effort], Made]] = {
    "Lyceum": by_lyceum,
    "plain CP-SAT": by_cpsat,
    "greedy": by_greedy,
    "FET": by_fet,
    "repair": by_repair,
}


def plan_document(problem: Problem, assignments: Iterable[Assignment], bound: int | None) -> Document:
    """A plan that claims `served` alone."""
    assignments = list(assignments)
    value = scheduler.goal_values(problem, assignments)["served"]
    is_best = bound == value and problem.goals == ("served",)
    return {
        "format": "plan/1",
        "problem": problem.name,
        "status": "optimal" if is_best else "feasible",
        "goals": {"served": {"value": value, "bound": bound}},
        "assignments": [scheduler.write_assignment(assignment) for assignment in assignments],
        "unserved": [],
    }


def report(job: dict[str, Any]) -> dict[str, Any]:
    document = json.loads(Path(job["problem"]).read_text(encoding="utf-8"))
    began = time.perf_counter()
    outcome = PLANNERS[job["planner"]](document, Effort(**job["effort"]))
    seconds = time.perf_counter() - began
    problem = scheduler.read_problem(document)
    assignments = scheduler.read_plan(outcome.plan, problem).assignments
    return {
        "status": outcome.plan["status"],
        "values": scheduler.goal_values(problem, assignments),
        "bounds": {goal: goal_result["bound"] for goal, goal_result in outcome.plan["goals"].items()},
        "asked": sessions_asked(document),
        "placed": len(assignments),
        "seconds": seconds if outcome.seconds is None else outcome.seconds,
        "breaches": len(scheduler.check(problem, assignments)),
        "memory_mb": memory_mb(),
        "cpu_s": round(sum(os.times()[:4]), 1),
        "trace": [asdict(point) for point in outcome.trace],
        "note": outcome.note,
        "plan": outcome.plan,
    }


def memory_mb() -> int:
    """An upper estimate: children that run beside each other are counted as large as the largest of them."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    unit = 2**20 if sys.platform == "darwin" else 2**10  # Linux counts KiB
    return round((own + WORKERS * child) / unit)


if __name__ == "__main__":
    print(json.dumps(report(json.load(sys.stdin))))
