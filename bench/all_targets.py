"""Measure the scheduler against its targets for speed and proof, line by line, each run in a process of its own.

`python bench/all_targets.py --quick` measures four streets, Rongchang in 60 s, the competition instances and small
sizes; without it everything but the city, which `--city` adds; `--line` chooses some lines. What was measured
before stays in the table with its day. It writes its section of docs/benchmarks.md and two plots.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.measured import Measured, keep, read
from bench.problems import Document
from bench.repairs import CHANGES
from bench.runs import WORKERS, Run, generated, instance, run, sessions_asked
from bench.sections import ROOT, shared, table, write_section
from bench.svg import Axis, Series, plot
from bench.verdicts import REACHED, Task, reached_s, verdicts

SECTION = "bench_targets"
PLOTS = ROOT / "docs" / "plots"
REPAIR = "repair of Rongchang, "
CITY_S = 780  # of search; reading, checking and the reasons of what is not served come on top
RELEASE_S = 30  # for the plan that is repaired


def district(code: str, *more: str, seed: int = 1) -> Callable[[], Document]:
    return partial(generated, "--district", code, "--seed", str(seed), *more)


FOUR_STREETS = district("500153", "--streets", "4")
RONGCHANG = district("500153")
FEW_ROOMS = district("500153", "--rooms", "0.5", seed=2)
WANZHOU = district("500101")
CITY = partial(generated, "--city", "--seed", "1")

TASKS = (
    Task("four-streets", "four streets", FOUR_STREETS, 20, bound=281_550, quick=True),
    Task("rongchang", "Rongchang", RONGCHANG, 60, bound=1_302_630, quick=True),
    Task("rongchang", "Rongchang", RONGCHANG, 300, bound=1_302_630),
    Task("few-rooms", "Rongchang, few rooms", FEW_ROOMS, 60, bound=990_480),
    Task("few-rooms", "Rongchang, few rooms", FEW_ROOMS, 300, bound=990_480),
    Task("wanzhou", "Wanzhou", WANZHOU, 120, bound=5_156_130),
    Task("wanzhou", "Wanzhou", WANZHOU, 600, bound=5_156_130),
    *(
        Task("districts", f"district {code}, seed {seed}", district(code, seed=seed), 120)
        for code, seed in (("500108", 1), ("500112", 1), ("500113", 1), ("500153", 7), ("500116", 3))
    ),
    *(
        Task("itc", f"ITC track 3, {name}", partial(instance, name), 10, best_share=share, quick=True)
        for name, share in (("comp01", 0.9769), ("comp07", 1.0), ("comp12", 1.0))
    ),
    *(
        Task("itc", f"ITC track 2, instance {n}", partial(instance, f"comp-2007-2-{n}"), 60, quick=True)
        for n in (1, 7, 17)
    ),
    *(
        Task(
            "sizes",
            "one street" if count == 1 else f"{count} streets",
            district("500153", "--streets", str(count)),
            120,
            enough=REACHED,
            quick=True,
        )
        for count in (1, 4, 10)
    ),
    Task("sizes", "Rongchang", RONGCHANG, 120, enough=REACHED, quick=True),
    Task("sizes", "Wanzhou", WANZHOU, 300, enough=REACHED),
    *(Task("repair", f"{REPAIR}{change}", RONGCHANG, 0.7, quick=True) for change in CHANGES),
    Task("city", "the city", CITY, CITY_S),
)
LINES = tuple(dict.fromkeys(task.line for task in TASKS))


# ---- Plots


def week_over_time(result: Run, bound: int | None, end: float) -> str:
    """Value and bound of `served` against the seconds; a bound above the page is drawn at its edge."""
    top = 1.02 * max(bound or 0, result.served)
    plan, own = _steps(result, "served", end), _steps(result, "bound", end)
    share = f", {result.served / bound:.2%} of the bound" if bound else ""
    lines = [
        Series("plan", plan, steps=True, labels=[*[""] * (len(plan) - 1), f"{result.served:,}{share}"]),
        Series("own bound", own, steps=True, labels=[f"{b:,.0f}" if b > top else "" for _, b in own[:1]]),
    ]
    if bound:
        lines.append(Series("reference bound", [(0, bound), (end, bound)], dashed=True))
    y = Axis("served (learner-minutes × priority)", 0.9 * result.served, top)
    return plot("Rongchang: value and bound over time", Axis("seconds", 0, end), y, lines)


def _steps(result: Run, field: str, end: float) -> list[tuple[float, float]]:
    points = [(point.seconds, getattr(point, field)) for point in result.trace]
    points = [(seconds, float(value)) for seconds, value in points if value]
    return [*points, (end, points[-1][1])] if points else []


def time_over_size(measured: Sequence[tuple[str, Run]]) -> str:
    """Seconds to 98 % of its own bound against the number of sessions, and what n · log n would be."""
    spots = sorted(
        (result.asked, seconds, name) for name, result in measured if (seconds := reached_s(result))
    )
    points = [(float(sessions), max(seconds, 0.01)) for sessions, seconds, _ in spots]
    labels = [f"{name}: {seconds:.1f} s" for _, seconds, name in spots]
    first, last = points[0], points[-1]
    scale = first[1] / (first[0] * math.log(first[0]))
    curve = [
        (n, scale * n * math.log(n))
        for n in (first[0] * (last[0] / first[0]) ** (step / 20) for step in range(21))
    ]
    top = max(second for _, second in [*points, *curve])
    low = min(second for _, second in points)
    x = Axis("sessions asked", first[0] / 4, last[0] * 1.5, log=True)
    y = Axis(f"seconds to {REACHED:.0%} of its own bound", low / 2, top * 2, log=True)
    lines = [
        Series("measured", points, marks=True, labels=labels),
        Series("n · log n from the smallest", curve, dashed=True),
    ]
    return plot("Time over size", x, y, lines)


def draw(known: Mapping[str, Measured], folder: Path = PLOTS) -> list[str]:
    """Write the plots that there are figures for; what is said about them on the page."""
    said = []
    weeks = [known[task.key] for task in TASKS if task.line == "rongchang" and task.key in known]
    if weeks:
        longest = max(weeks, key=lambda measured: measured.limit_s)
        (folder / "rongchang.svg").write_text(
            week_over_time(longest.run, 1_302_630, longest.limit_s), encoding="utf-8"
        )
        said.append(f"![Value and bound over time on Rongchang, {longest.limit_s:g} s](plots/rongchang.svg)")
    sizes = [(t.name, known[t.key].run) for t in TASKS if t.line == "sizes" and t.key in known]
    if sum(reached_s(result) is not None for _, result in sizes) > 1:
        (folder / "sizes.svg").write_text(time_over_size(sizes), encoding="utf-8")
        said.append("![Time over size, from one street upwards](plots/sizes.svg)")
    return said


# ---- The run


def measure(tasks: Sequence[Task]) -> None:
    for task in tasks:
        document = task.make()
        print(f"{task.key}: {sessions_asked(document):,} sessions", file=sys.stderr, flush=True)
        result = run("Lyceum", document, task.limit_s, enough=task.enough)
        keep(task.key, result, task.limit_s)
        print(f"  {result.served:,}, gap {result.gap}, {result.seconds:.1f} s", file=sys.stderr, flush=True)


def measure_repairs(tasks: Sequence[Task]) -> None:
    """Plan the district once, then repair that plan after each change."""
    document = RONGCHANG()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "released.json")
        run("Lyceum", document, RELEASE_S, plan_to=file)
        released = json.loads(file.read_text(encoding="utf-8"))
    for task in tasks:
        changed = CHANGES[task.name.removeprefix(REPAIR)](document, released)
        result = run("repair", changed, task.limit_s, released=released)
        keep(task.key, result, task.limit_s)
        print(f"{task.key}: {result.seconds:.2f} s, {result.note}", file=sys.stderr, flush=True)


def chosen(args: argparse.Namespace) -> list[Task]:
    lines = args.line or [line for line in LINES if line != "city" or args.city]
    return [task for task in TASKS if task.line in lines and (task.quick or not args.quick)]


def body(known: Mapping[str, Measured], pictures: Sequence[str]) -> str:
    rows = [verdict.row() for verdict in verdicts(TASKS, known)]
    judged = [row for row in rows if row[3]]
    hits = sum(row[3] == "reached" for row in judged)
    runs = [known[task.key].run for task in TASKS if task.key in known]
    got = sum(result.cpu_s for result in runs) / max(1, WORKERS * sum(result.seconds for result in runs))
    intro = (
        f"{WORKERS} workers, seed 0; {hits} of {len(judged)} targets reached, on a machine that gave all these runs "
        f"together {got:.0%} of the processor time of {WORKERS} free cores. A gap is (bound - value) / bound, of "
        "bounds that the scheduler has proven itself in the same run. Memory is that of the process and of its "
        "largest child for each worker, counted as if nothing were shared. Lines that no run has measured yet are "
        "left out. The last column is the day of the run that a line comes from."
    )
    header = ("work", "target", "measured", "verdict", "day")
    return "\n\n".join([intro, table(header, rows), *pictures])


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="only the runs of at most a minute or two")
    parser.add_argument("--city", action="store_true", help="the whole city too: 15 minutes and more")
    parser.add_argument("--line", action="append", choices=LINES, help="only this line; may be repeated")
    parser.add_argument("--write", action="store_true", help="measure nothing, write table and plots anew")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = arguments(argv)
    shared("bench", "make_problem.py")
    if not args.write:
        tasks = chosen(args)
        measure([task for task in tasks if task.line != "repair"])
        if repairs := [task for task in tasks if task.line == "repair"]:
            measure_repairs(repairs)
    known = read()
    PLOTS.mkdir(parents=True, exist_ok=True)
    command = f"python {Path(__file__).relative_to(ROOT)}" + (" --quick" if args.quick else "")
    write_section(SECTION, body(known, draw(known)), command=command)


if __name__ == "__main__":
    main()
