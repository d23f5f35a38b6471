"""A target that is missed says so; a figure that was measured is kept until it is measured again."""

from __future__ import annotations

from pathlib import Path

from bench import all_targets, compare, measured, verdicts
from bench.runs import Point, Run


def a_run(*, served: int = 90, bound: int | None = 100, asked: int = 3, ok: bool = True, **more: int) -> Run:
    return Run(
        status="feasible",
        values={"served": served, "functions": 8},
        bounds={"served": bound, "functions": 10},
        asked=asked,
        placed=2,
        seconds=9.6,
        breaches=more.get("breaches", 0),
        accepted=ok,
        memory_mb=more.get("memory_mb", 500),
        trace=[Point(0.5, 0, None), Point(1.5, 80, None), Point(3.0, served, bound)],
    )


def one(run: Run, limit_s: float = 60) -> measured.Measured:
    return measured.Measured(run, limit_s, "2026-11-22")


def task(line: str, name: str = "Rongchang", limit_s: float = 60, bound: int | None = 92) -> verdicts.Task:
    return verdicts.Task(line, name, dict, limit_s, bound=bound)


def rows(line: str, run: Run, **more: int) -> list[tuple[str, ...]]:
    asked = task(line, **more)  # type: ignore[arg-type]
    return [one_.row()[1:4] for one_ in verdicts.verdicts([asked], {asked.key: one(run)})]


def test_gap_is_a_share_of_the_bound() -> None:
    assert a_run().gap == 0.1
    assert a_run(bound=None).gap is None


def test_run_says_when_it_had_a_plan_and_when_it_was_proven() -> None:
    run = a_run(served=100)

    assert (run.first_plan_s(), run.proven_s(), run.reached_s(80)) == (1.5, 3.0, 1.5)
    assert a_run().proven_s() is None


def test_district_is_judged_by_both_bounds() -> None:
    found = rows("rongchang", a_run())

    assert (
        "`served` ≥ 98.5% of the reference bound within 60 s",
        "90 of 92: 97.83%",
        "**missed**",
    ) in found
    assert ("own gap ≤ 0.8% (60 s)", "90, bound 100: 10.00%", "**missed**") in found
    assert ("within 2 s", "1.50 s", "reached") in found
    assert ("own gap ≤ 5 %", "8, bound 10: 20.0%", "**missed**") in found


def test_missing_bound_misses_the_target() -> None:
    assert ("own gap ≤ 2.0% (60 s)", "no bound", "**missed**") in rows("districts", a_run(bound=None))


def test_optimum_counts_only_where_it_is_proven_in_time() -> None:
    best = verdicts.OPTIMUM

    assert rows("four-streets", a_run(served=best, bound=best))[0][1:] == (
        "280,050, proven after 3.0 s",
        "reached",
    )
    assert rows("four-streets", a_run(served=best, bound=best + 30))[0][1:] == (
        "280,050, not proven",
        "**missed**",
    )


def test_plan_that_a_check_refuses_is_named() -> None:
    assert ("every plan", "0 of 1 plans; not Rongchang, 60 s", "**missed**") in rows(
        "rongchang", a_run(ok=False)
    )


def test_growth_is_held_against_n_log_n() -> None:
    tasks = [task("sizes", "small"), task("sizes", "large")]
    known = {
        tasks[0].key: one(a_run(served=99, asked=100)),
        tasks[1].key: one(a_run(served=99, asked=1000)),
    }

    said = [verdict for verdict in verdicts.verdicts(tasks, known) if "own bound" in verdict.work]

    assert said[0].result == "100 sessions 3.0 s, 1,000 sessions 3.0 s; n · log n allows 45.0 s"
    assert said[0].hit is True


def test_measured_runs_are_kept_and_replaced(tmp_path: Path) -> None:
    file = tmp_path / "plots" / "measured.json"

    measured.keep("a", a_run(served=1), 10, file)
    measured.keep("b", a_run(), 20, file)
    measured.keep("a", a_run(served=2), 30, file)

    assert {key: (kept.run, kept.limit_s) for key, kept in measured.read(file).items()} == {
        "a": (a_run(served=2), 30),
        "b": (a_run(), 20),
    }


def test_thinned_trace_keeps_both_ends() -> None:
    trace = [Point(float(at), at, None) for at in range(1000)]

    thin = measured.thinned(trace, 10)

    assert (len(thin), thin[0], thin[-1]) == (10, trace[0], trace[-1])


def test_plots_are_written_where_there_are_figures(tmp_path: Path) -> None:
    known = {task.key: one(a_run(served=99, asked=50 + at), 60) for at, task in enumerate(all_targets.TASKS)}

    said = all_targets.draw(known, tmp_path)

    assert len(said) == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["rongchang.svg", "sizes.svg"]
    assert all_targets.draw({}, tmp_path) == []


def test_keys_are_unique() -> None:
    keys = [task.key for task in all_targets.TASKS]

    assert len(set(keys)) == len(keys)


def test_comparison_shows_the_share_of_the_lowest_bound_and_refused_plans() -> None:
    entry = compare.Entry("tiny", "greedy", a_run(ok=False, breaches=2), 120)

    assert compare.whole_row(entry) == (
        "tiny",
        "greedy",
        "90",
        "75.00%",
        "2 of 3",
        "9.6",
        "0",
        "500 MB",
        "**2 breaches**, **refused by the reference checker**",
    )


def test_comparison_says_how_to_get_fet_where_it_is_missing(monkeypatch: object) -> None:
    import pytest

    assert isinstance(monkeypatch, pytest.MonkeyPatch)
    monkeypatch.setattr(compare, "installed", lambda: False)

    text = compare.body([], [(0.8, "Lyceum", a_run())], 30)

    assert "apt-get install fet" in text
    assert "| 80% | Lyceum | 2 of 3 | 66.67% | 9.6 | accepted by both |" in text
