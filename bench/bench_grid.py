"""Measure what a finer grid of starts costs: the reference district at 30, 15, 10 and 5 minutes, and with bells."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from typing import Any

import scheduler
from bench.problems import Document, judged, made_problem
from bench.sections import shared, table, timed, write_section

TIME_LIMIT_S = 60
WORKERS = 2
SEED = 0
DISTRICT = ("--district", "500153", "--seed", "1")
BELLS = (
    "08:05",
    "08:55",
    "09:45",
    "10:40",
    "11:30",
    "13:35",
    "14:25",
    "15:15",
    "16:10",
    "17:05",
    "18:00",
    "18:50",
    "19:40",
)


@dataclass(frozen=True)
class Case:
    """`keys` are those of the problem document; with `minutes`, courses are shortened to so many."""

    name: str
    keys: dict[str, Any]
    minutes: int | None = None


CASES = (
    Case("30 minutes", {"grid_minutes": 30}),
    Case("15 minutes", {"grid_minutes": 15}),
    Case("10 minutes", {"grid_minutes": 10}),
    Case("5 minutes", {"grid_minutes": 5}),
    Case("courses of 45 minutes, every 15", {"grid_minutes": 15}, 45),
    Case(f"{len(BELLS)} bells a day", {"grid_minutes": 5, "bell_times": list(BELLS)}, 45),
)


def measured(case: Case) -> tuple[object, ...]:
    problem: Document = {**made_problem(*DISTRICT), **case.keys}
    if case.minutes is not None:
        problem["requests"] = [
            {**request, "duration_minutes": case.minutes} for request in problem["requests"]
        ]
    plan, seconds = timed(
        lambda: scheduler.solve(
            problem, scheduler.SolveOptions(TIME_LIMIT_S, WORKERS, SEED), clock=time.monotonic
        )
    )
    problem_record = scheduler.read_problem(problem)
    broken = len(scheduler.check(problem_record, scheduler.read_plan(plan, problem_record).assignments))
    served = plan["goals"]["served"]
    verdict = "accepted by both" if not broken and judged(problem, plan)["ok"] else "**refused**"
    share = f"{served['value'] / served['bound']:.2%}" if served["bound"] else "no bound"
    sessions = sum(request["sessions"] for request in problem["requests"])
    placed = f"{len(plan['assignments'])} of {sessions}"
    bound = f"{served['bound']:,}" if served["bound"] else "none"
    return case.name, f"{served['value']:,}", bound, share, placed, f"{seconds:.0f} s", verdict


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="the cases whose names begin so; nothing is written")
    only = parser.parse_args().only
    shared("bench", "make_problem.py")
    rows = [measured(case) for case in CASES if case.name.startswith(only or "")]
    header = ("starts every", "served", "own bound", "share of it", "sessions placed", "time", "checks")
    load = os.getloadavg()[0]
    body = (
        f"Time limit {TIME_LIMIT_S} s, {WORKERS} workers, seed {SEED}; the machine's load afterwards was {load:.1f}. "
        "The bound is that of the plan, for its own grid.\n\n"
        f"{table(header, rows)}"
    )
    if only is None:
        write_section("bench_grid", body)
    else:
        print(body)


if __name__ == "__main__":
    main()
