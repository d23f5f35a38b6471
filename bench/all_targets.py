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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.measured import Measured, keep, read
from bench.problems import Document
from bench.repairs import CHANGES
from bench.runs import WORKERS, Run, generated, instance, run, sessions_asked, weight_asked
from bench.sections import ROOT, shared, table, write_section
from bench.svg import Axis, Series, plot

SECTION = "bench_targets"
PLOTS = ROOT / "docs" / "plots"
OPTIMUM = 280_050  # of four streets, by reference.md
REPAIR = "repair of Rongchang, "
CITY_S = 780  # of search; reading, checking and the reasons of what is not served come on top
CITY_MOST_S = 900
RELEASE_S = 30  # for the plan that is repaired
REACHED = 0.98  # of its own bound, at which a size counts as planned


@dataclass(frozen=True)
class Task:
    """One run: a document, a time limit, and the line of the targets that it belongs to.

    Attributes
    ----------
    bound : int or None
        The reference's proven bound on `served`.
    best_share : float
        The proven best share of what is asked, for competition instances.
    enough : float or None
        The share of its own bound at which the run may stop; None for never.
    """

    line: str
    name: str
    make: Callable[[], Document]
    limit_s: float
    bound: int | None = None
    best_share: float = 1.0
    enough: float | None = None
    quick: bool = False

    @property
    def key(self) -> str:
        return f"{self.name}, {self.limit_s:g} s" + (f", to {self.enough:.0%}" if self.enough else "")


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


# ---- Judging


@dataclass(frozen=True)
class Verdict:
    """A row of the table: what was asked, what came out, and whether that is enough; None where nobody can say."""

    work: str
    target: str
    result: str
    hit: bool | None
    day: str

    def row(self) -> tuple[str, ...]:
        word = {True: "reached", False: "**missed**", None: ""}[self.hit]
        return self.work, self.target, self.result, word, self.day


def verdicts(tasks: Iterable[Task], known: Mapping[str, Measured]) -> Iterator[Verdict]:
    """The rows of all tasks that were measured, in the order of the targets."""
    have = [(task, known[task.key]) for task in tasks if task.key in known]
    for task, one in have:
        for judge in JUDGES.get(task.line, ()):
            yield from judge(task, one)
    for judge in (first_plan, functions_gap):
        for task, one in have:
            if task.line not in ("sizes", "repair"):
                yield from judge(task, one)
    yield from most_whole(have)
    yield from growth(have)
    yield from peak_memory(have)
    yield from all_accepted(have)


def proof(task: Task, one: Measured) -> Iterator[Verdict]:
    seconds, served = one.run.proven_s(), one.run.served
    said = f"{served:,}, " + (f"proven after {seconds:.1f} s" if seconds is not None else "not proven")
    hit = served == OPTIMUM and seconds is not None and seconds <= 10
    yield Verdict(task.name, f"the optimum, {OPTIMUM:,}, proven within 10 s", said, hit, one.day)


def served_share(task: Task, one: Measured, shares: Mapping[float, float]) -> Iterator[Verdict]:
    bound, wanted = task.bound or 1, shares[task.limit_s]
    share = one.run.served / bound
    yield Verdict(
        task.name,
        f"`served` ≥ {wanted:.1%} of the reference bound within {task.limit_s:g} s",
        f"{one.run.served:,} of {bound:,}: {share:.2%}",
        share >= wanted,
        one.day,
    )


def own_gap(task: Task, one: Measured, most: float) -> Iterator[Verdict]:
    gap, bound = one.run.gap, one.run.bounds.get("served")
    said = "no bound" if gap is None else f"{one.run.served:,}, bound {bound:,}: {gap:.2%}"
    target = f"own gap ≤ {most:.1%} ({task.limit_s:g} s)"
    yield Verdict(task.name, target, said, gap is not None and gap <= most, one.day)


def in_time(task: Task, one: Measured) -> Iterator[Verdict]:
    """Plan and bound together, from the document to the plan document."""
    said = f"{one.run.placed:,} of {one.run.asked:,} sessions in {one.run.seconds:.0f} s"
    yield Verdict(task.name, "the plan within 15 minutes", said, one.run.seconds <= CITY_MOST_S, one.day)
    bound = one.run.bounds.get("served")
    first = next((point.seconds for point in one.run.trace if bound and point.bound == bound), None)
    said = "no bound" if first is None else f"{first:.0f} s"
    yield Verdict(
        task.name, "its bound within 30 minutes", said, first is not None and first <= 1800, one.day
    )


def whole_instance(task: Task, one: Measured) -> Iterator[Verdict]:
    """Track 3 is placed as far as can be; of track 2 each has a least share, and `most_whole` counts the whole ones."""
    is_whole, share = everything(task, one)
    is_hard = task.limit_s > 10
    least = "nowhere under 97 %" if is_hard else f"{task.best_share:.2%}, the best there is"
    said = f"{share:.2%}, {one.run.placed} of {one.run.asked} sessions in {one.run.seconds:.1f} s"
    target = f"share of the learner-hours within {task.limit_s:g} s: {least}"
    yield Verdict(task.name, target, said, is_whole or (is_hard and share >= 0.97), one.day)


def everything(task: Task, one: Measured) -> tuple[bool, float]:
    """Whether all that can be placed is placed, and the share of what is asked."""
    share = one.run.served / weight_asked(task.make())
    return share >= task.best_share or one.run.gap == 0, share


def most_whole(have: Sequence[tuple[Task, Measured]]) -> Iterator[Verdict]:
    hard = [(task, one) for task, one in have if task.line == "itc" and task.limit_s > 10]
    if hard:
        whole = sum(everything(task, one)[0] for task, one in hard)
        said, day = f"{whole} of {len(hard)}", max(one.day for _, one in hard)
        yield Verdict("ITC track 2", "everything placed in 60 s on most", said, 2 * whole > len(hard), day)


def first_plan(task: Task, one: Measured) -> Iterator[Verdict]:
    limits = {"rongchang": 2, "city": 120}
    if task.line in limits:
        seconds, limit = one.run.first_plan_s(), limits[task.line]
        said = "none" if seconds is None else f"{seconds:.2f} s"
        work = f"first feasible plan, {task.name}"
        yield Verdict(work, f"within {limit} s", said, seconds is not None and seconds <= limit, one.day)


def functions_gap(task: Task, one: Measured) -> Iterator[Verdict]:
    bound, value = one.run.bounds.get("functions"), one.run.values["functions"]
    if task.line == "itc" or not value:
        return
    gap = None if not bound else (bound - value) / bound
    said = f"{value}, no bound" if gap is None else f"{value}, bound {bound}: {gap:.1%}"
    work = f"`functions` after `served`, {task.name}, {task.limit_s:g} s"
    yield Verdict(work, "own gap ≤ 5 %", said, gap is not None and gap <= 0.05, one.day)


def peak_memory(have: Sequence[tuple[Task, Measured]]) -> Iterator[Verdict]:
    """The city's, which has a limit, and the greatest of all others."""
    for is_city, target in ((True, "under 8 GB"), (False, "")):
        some = [
            (one.run.memory_mb, task.key, one.day) for task, one in have if (task.line == "city") is is_city
        ]
        if some:
            most, name, day = max(some)
            hit = most < 8_000 if is_city else None
            yield Verdict("peak memory", target, f"at most {most:,} MB ({name})", hit, day)


def growth(have: Sequence[tuple[Task, Measured]]) -> Iterator[Verdict]:
    """Time to 98 % of its own bound, from the smallest district to the largest size measured."""
    sizes = [(one.run.asked, reached_s(one.run), one.day) for task, one in have if task.line == "sizes"]
    known = [(asked, seconds, day) for asked, seconds, day in sizes if seconds is not None]
    if len(known) < 2:
        return
    (small, before, _), (large, after, day) = known[0], known[-1]
    allowed = before * large * math.log(large) / (small * math.log(small))
    said = (
        f"{small} sessions {before:.1f} s, {large:,} sessions {after:.1f} s; n · log n allows {allowed:.1f} s"
    )
    target = "no worse than n · log n from one street to a district"
    yield Verdict(f"time to {REACHED:.0%} of its own bound", target, said, after <= allowed, day)


def reached_s(one: Run) -> float | None:
    """When the value was first known to be within 98 % of a proven bound."""
    return next(
        (point.seconds for point in one.trace if point.bound and point.served >= REACHED * point.bound), None
    )


def repaired(task: Task, one: Measured) -> Iterator[Verdict]:
    target = "a new plan in 1 s, nothing changes that need not"
    said = f"{one.run.seconds:.2f} s; {one.run.note}"
    yield Verdict(task.name, target, said, one.run.seconds <= 1 and one.run.accepted, one.day)


def all_accepted(have: Sequence[tuple[Task, Measured]]) -> Iterator[Verdict]:
    bad = [task.key for task, one in have if one.run.breaches or not one.run.accepted]
    said = f"{len(have) - len(bad)} of {len(have)} plans" + (f"; not {', '.join(bad)}" if bad else "")
    if have:
        day = max(one.day for _, one in have)
        yield Verdict("both checks accept the plan", "every plan", said, not bad, day)


Judge = Callable[[Task, Measured], Iterator[Verdict]]
_DISTRICT: tuple[Judge, ...] = (
    partial(served_share, shares={60: 0.985, 300: 0.992}),
    partial(own_gap, most=0.008),
)
JUDGES: dict[str, tuple[Judge, ...]] = {
    "four-streets": (proof,),
    "rongchang": _DISTRICT,
    "few-rooms": _DISTRICT,
    "wanzhou": (partial(served_share, shares={120: 0.98, 600: 0.99}), partial(own_gap, most=0.015)),
    "districts": (partial(own_gap, most=0.02),),
    "city": (partial(own_gap, most=0.03), in_time),
    "itc": (whole_instance,),
    "repair": (repaired,),
}


# ---- Plots


def week_over_time(one: Run, bound: int | None, end: float) -> str:
    """Value and bound of `served` against the seconds; a bound above the page is drawn at its edge."""
    top = 1.02 * max(bound or 0, one.served)
    plan, own = _steps(one, "served", end), _steps(one, "bound", end)
    share = f", {one.served / bound:.2%} of the bound" if bound else ""
    lines = [
        Series("plan", plan, steps=True, labels=[*[""] * (len(plan) - 1), f"{one.served:,}{share}"]),
        Series("own bound", own, steps=True, labels=[f"{b:,.0f}" if b > top else "" for _, b in own[:1]]),
    ]
    if bound:
        lines.append(Series("reference bound", [(0, bound), (end, bound)], dashed=True))
    y = Axis("served (learner-minutes × priority)", 0.9 * one.served, top)
    return plot("Rongchang: value and bound over time", Axis("seconds", 0, end), y, lines)


def _steps(one: Run, field: str, end: float) -> list[tuple[float, float]]:
    points = [(point.seconds, getattr(point, field)) for point in one.trace]
    points = [(seconds, float(value)) for seconds, value in points if value]
    return [*points, (end, points[-1][1])] if points else []


def time_over_size(measured: Sequence[tuple[str, Run]]) -> str:
    """Seconds to 98 % of its own bound against the number of sessions, and what n · log n would be."""
    spots = sorted((one.asked, seconds, name) for name, one in measured if (seconds := reached_s(one)))
    points = [(float(asked), max(seconds, 0.01)) for asked, seconds, _ in spots]
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
        one = max(weeks, key=lambda one: one.limit_s)
        (folder / "rongchang.svg").write_text(
            week_over_time(one.run, 1_302_630, one.limit_s), encoding="utf-8"
        )
        said.append(f"![Value and bound over time on Rongchang, {one.limit_s:g} s](plots/rongchang.svg)")
    sizes = [(t.name, known[t.key].run) for t in TASKS if t.line == "sizes" and t.key in known]
    if sum(reached_s(one) is not None for _, one in sizes) > 1:
        (folder / "sizes.svg").write_text(time_over_size(sizes), encoding="utf-8")
        said.append("![Time over size, from one street upwards](plots/sizes.svg)")
    return said


# ---- The run


def measure(tasks: Sequence[Task]) -> None:
    for task in tasks:
        document = task.make()
        print(f"{task.key}: {sessions_asked(document):,} sessions", file=sys.stderr, flush=True)
        one = run("Lyceum", document, task.limit_s, enough=task.enough)
        keep(task.key, one, task.limit_s)
        print(f"  {one.served:,}, gap {one.gap}, {one.seconds:.1f} s", file=sys.stderr, flush=True)


def measure_repairs(tasks: Sequence[Task]) -> None:
    """Plan the district once, then repair that plan after each change."""
    document = RONGCHANG()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "released.json")
        run("Lyceum", document, RELEASE_S, plan_to=file)
        released = json.loads(file.read_text(encoding="utf-8"))
    for task in tasks:
        changed = CHANGES[task.name.removeprefix(REPAIR)](document, released)
        one = run("repair", changed, task.limit_s, released=released)
        keep(task.key, one, task.limit_s)
        print(f"{task.key}: {one.seconds:.2f} s, {one.note}", file=sys.stderr, flush=True)


def chosen(args: argparse.Namespace) -> list[Task]:
    lines = args.line or [line for line in LINES if line != "city" or args.city]
    return [task for task in TASKS if task.line in lines and (task.quick or not args.quick)]


def body(known: Mapping[str, Measured], pictures: Sequence[str]) -> str:
    rows = [one.row() for one in verdicts(TASKS, known)]
    judged = [row for row in rows if row[3]]
    hits = sum(row[3] == "reached" for row in judged)
    runs = [known[task.key].run for task in TASKS if task.key in known]
    got = sum(one.cpu_s for one in runs) / max(1, WORKERS * sum(one.seconds for one in runs))
    intro = (
        f"{WORKERS} workers, seed 0; {hits} of {len(judged)} targets reached, on a machine that gave all these runs "
        f"together {got:.0%} of the processor time of {WORKERS} free cores. A gap is (bound - value) / bound, of "
        "bounds that the scheduler has proven itself in the same run. Memory is that of the process and of its "
        "largest child for each worker, counted as if nothing were shared. Lines that no run has measured yet are "
        "left out. The last column is the day of the run that a line comes from."
    )
    header = ("work", "target", "measured", "verdict", "day")
    return "\n\n".join([intro, table(header, rows), *pictures])


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="only the runs of at most a minute or two")
    parser.add_argument("--city", action="store_true", help="the whole city too: 15 minutes and more")
    parser.add_argument("--line", action="append", choices=LINES, help="only this line; may be repeated")
    parser.add_argument("--write", action="store_true", help="measure nothing, write table and plots anew")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> None:
    args = arguments(given)
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
