"""Figures say beside what they are measured, and a missed target says so."""

from __future__ import annotations

from typing import Any

from bench import bench_solve, bench_store

PROBLEM: dict[str, Any] = {"requests": [{"sessions": 2}, {"sessions": 1}]}


def solved(*, value: int, bound: int | None, ok: bool = True, breaches: int = 0) -> bench_solve.Result:
    plan = {"status": "feasible", "assignments": [{}], "goals": {"served": {"value": value, "bound": bound}}}
    case = bench_solve.Case("small", (), 1000)
    return bench_solve.Result(case, PROBLEM, plan, 9.6, breaches, {"ok": ok, "broken": 3})


def test_share_is_of_the_lower_of_both_bounds() -> None:
    assert bench_solve.served_row(solved(value=900, bound=950)) == (
        "small",
        "900",
        "1,000",
        "950",
        "94.74%",
        "3",
        1,
        "10 s",
    )


def test_share_without_a_bound_of_our_own_is_of_the_references() -> None:
    assert bench_solve.served_row(solved(value=900, bound=None))[3:5] == ("none", "90.00%")


def test_plan_that_breaks_a_rule_is_shown_as_such() -> None:
    assert bench_solve.verdict_line(solved(value=1, bound=1, ok=False, breaches=2)) == (
        "small: feasible; our own check: **2 breaches**; reference checker: **refused, 3 lines**"
    )


def test_missed_target_says_so() -> None:
    result = bench_store.Result(
        engine="SQLite",
        events=9_000,
        load_s=1.0,
        sessions=800,
        diaries=900,
        release_s=2.5,
        release_cpu_s=1.5,
        rebuild_s=1.0,
        rebuild_cpu_s=0.5,
        is_same=True,
    )

    assert bench_store.row(result) == (
        "SQLite",
        800,
        900,
        "2.50 s (misses the target)",
        "1.50 s",
        "9,000",
        "9,000 events/s (misses the target)",
        "18,000",
        "yes",
    )
