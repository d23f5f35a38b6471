"""Measure how good a plan is after a fixed time, on the reference district and on four of its streets."""

from __future__ import annotations

import time
from dataclasses import dataclass

import scheduler
from bench.problems import Document, judged, made_problem
from bench.sections import shared, table, timed, write_section

TIME_LIMIT_S = 100
WORKERS = 2
SEED = 0


@dataclass(frozen=True)
class Case:
    """`bound` on the goal `served` is proven by the reference, in reference.md beside its generator."""

    name: str
    options: tuple[str, ...]
    bound: int


CASES = (
    Case("four streets", ("--district", "500153", "--streets", "4", "--seed", "1"), 281_550),
    Case("Rongchang", ("--district", "500153", "--seed", "1"), 1_302_630),
)


@dataclass(frozen=True)
class Result:
    case: Case
    problem: Document
    plan: Document
    seconds: float
    breaches: int
    """By our own check."""
    verdict: Document
    """Of the reference checker."""

    @property
    def served(self) -> int:
        return int(self.plan["goals"]["served"]["value"])


def measured(case: Case) -> Result:
    problem = made_problem(*case.options)
    plan, seconds = timed(
        lambda: scheduler.solve(
            problem, scheduler.SolveOptions(TIME_LIMIT_S, WORKERS, SEED), clock=time.monotonic
        )
    )
    problem_record = scheduler.read_problem(problem)
    breaches = scheduler.check(problem_record, scheduler.read_plan(plan, problem_record).assignments)
    return Result(case, problem, plan, seconds, len(breaches), judged(problem, plan))


def served_row(result: Result) -> tuple[object, ...]:
    own = result.plan["goals"]["served"].get("bound")
    lowest = min(result.case.bound, own or result.case.bound)
    return (
        result.case.name,
        f"{result.served:,}",
        f"{result.case.bound:,}",
        f"{own:,}" if own else "none",
        f"{result.served / lowest:.2%}",
        f"{sum(request['sessions'] for request in result.problem['requests'])}",
        len(result.plan["assignments"]),
        f"{result.seconds:.0f} s",
    )


def goal_rows(result: Result) -> list[tuple[object, ...]]:
    return [
        (
            result.case.name,
            goal,
            f"{goal_result['value']:,}",
            "none" if goal_result["bound"] is None else f"{goal_result['bound']:,}",
        )
        for goal, goal_result in result.plan["goals"].items()
    ]


def verdict_line(result: Result) -> str:
    ours = "no rule broken" if not result.breaches else f"**{result.breaches} breaches**"
    theirs = "accepted" if result.verdict["ok"] else f"**refused, {result.verdict['broken']} lines**"
    return f"{result.case.name}: {result.plan['status']}; our own check: {ours}; reference checker: {theirs}"


def main() -> None:
    shared("bench", "make_problem.py")
    results = [measured(case) for case in CASES]
    header = (
        "problem",
        "served",
        "bound (reference)",
        "bound (own)",
        "share of the lower bound",
        "sessions asked",
        "placed",
        "time",
    )
    body = (
        f"Time limit {TIME_LIMIT_S} s, {WORKERS} workers, seed {SEED}. `served` is learner-minutes times priority.\n\n"
        f"{table(header, map(served_row, results))}\n\n"
        f"{table(('problem', 'goal', 'value', 'bound'), [row for result in results for row in goal_rows(result)])}\n\n"
    )
    write_section("bench_solve", body + "\n".join(f"- {verdict_line(result)}" for result in results))


if __name__ == "__main__":
    main()
