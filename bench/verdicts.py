"""Judge measured runs against the targets for speed and proof: one small function for each target, the list last."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bench.measured import Measured
from bench.problems import Document
from bench.runs import Run, weight_asked

OPTIMUM = 280_050  # of four streets, by reference.md
CITY_MOST_S = 900
SHARES: dict[str, dict[float, float]] = {
    "rongchang": {60: 0.985, 300: 0.992},
    "few-rooms": {60: 0.985, 300: 0.992},
    "wanzhou": {120: 0.98, 600: 0.99},
}  # of the reference bound, by line and seconds
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
    tasks = list(tasks)
    have = [(task, known[task.key]) for task in tasks if task.key in known]
    for task, measured in have:
        for judge in JUDGES.get(task.line, ()):
            yield from judge(task, measured)
    yield from already(tasks, known)
    for judge in (first_plan, functions_gap):
        for task, measured in have:
            if task.line not in ("sizes", "repair"):
                yield from judge(task, measured)
    yield from most_whole(have)
    yield from growth(have)
    yield from peak_memory(have)
    yield from all_accepted(have)


def proof(task: Task, measured: Measured) -> Iterator[Verdict]:
    seconds, served = measured.run.proven_s(), measured.run.served
    said = f"{served:,}, " + (f"proven after {seconds:.1f} s" if seconds is not None else "not proven")
    hit = served == OPTIMUM and seconds is not None and seconds <= 10
    yield Verdict(task.name, f"the optimum, {OPTIMUM:,}, proven within 10 s", said, hit, measured.day)


def served_share(task: Task, measured: Measured) -> Iterator[Verdict]:
    bound, target = task.bound or 1, SHARES[task.line][task.limit_s]
    share = measured.run.served / bound
    yield Verdict(
        task.name,
        f"`served` ≥ {target:.1%} of the reference bound within {task.limit_s:g} s",
        f"{measured.run.served:,} of {bound:,}: {share:.2%}",
        share >= target,
        measured.day,
    )


def already(tasks: Sequence[Task], known: Mapping[str, Measured]) -> Iterator[Verdict]:
    """What is asked of a longer run that nobody measured, where a shorter one has it: a plan only gets better."""
    for task in tasks:
        shares = SHARES.get(task.line)
        shorter = [
            shorter_task
            for shorter_task in tasks
            if shorter_task.name == task.name and shorter_task.line == task.line and shorter_task.key in known
        ]
        if shares is None or task.key in known or not shorter:
            continue
        before, bound = shorter[-1], task.bound or 1
        measured = known[before.key]
        share = measured.run.served / bound
        if before.limit_s < task.limit_s and share >= shares[task.limit_s]:
            target = f"`served` ≥ {shares[task.limit_s]:.1%} of the reference bound within {task.limit_s:g} s"
            said = f"{share:.2%} in the run of {before.limit_s:g} s"
            yield Verdict(task.name, target, said, True, measured.day)


def own_gap(task: Task, measured: Measured, limit: float) -> Iterator[Verdict]:
    gap, bound = measured.run.gap, measured.run.bounds.get("served")
    said = "no bound" if gap is None else f"{measured.run.served:,}, bound {bound:,}: {gap:.2%}"
    target = f"own gap ≤ {limit:.1%} ({task.limit_s:g} s)"
    yield Verdict(task.name, target, said, gap is not None and gap <= limit, measured.day)


def in_time(task: Task, measured: Measured) -> Iterator[Verdict]:
    """Plan and bound together, from the document to the plan document."""
    said = f"{measured.run.placed:,} of {measured.run.asked:,} sessions in {measured.run.seconds:.0f} s"
    yield Verdict(
        task.name, "the plan within 15 minutes", said, measured.run.seconds <= CITY_MOST_S, measured.day
    )
    bound = measured.run.bounds.get("served")
    first = next((point.seconds for point in measured.run.trace if bound and point.bound == bound), None)
    said = "no bound" if first is None else f"{first:.0f} s"
    yield Verdict(
        task.name, "its bound within 30 minutes", said, first is not None and first <= 1800, measured.day
    )


def whole_instance(task: Task, measured: Measured) -> Iterator[Verdict]:
    """Track 3 is placed as far as can be; of track 2 each has a least share, and `most_whole` counts the whole ones."""
    is_whole, share = everything(task, measured)
    is_hard = task.limit_s > 10
    least = "nowhere under 97 %" if is_hard else f"{task.best_share:.2%}, the best there is"
    said = (
        f"{share:.2%}, {measured.run.placed} of {measured.run.asked} sessions in {measured.run.seconds:.1f} s"
    )
    target = f"share of the learner-hours within {task.limit_s:g} s: {least}"
    yield Verdict(task.name, target, said, is_whole or (is_hard and share >= 0.97), measured.day)


def everything(task: Task, measured: Measured) -> tuple[bool, float]:
    """Whether all that can be placed is placed, and the share of what is asked."""
    share = measured.run.served / weight_asked(task.make())
    return share >= task.best_share or measured.run.gap == 0, share


def most_whole(have: Sequence[tuple[Task, Measured]]) -> Iterator[Verdict]:
    hard = [(task, measured) for task, measured in have if task.line == "itc" and task.limit_s > 10]
    if hard:
        whole = sum(everything(task, measured)[0] for task, measured in hard)
        said, day = f"{whole} of {len(hard)}", max(measured.day for _, measured in hard)
        yield Verdict("ITC track 2", "everything placed in 60 s on most", said, 2 * whole > len(hard), day)


def first_plan(task: Task, measured: Measured) -> Iterator[Verdict]:
    limits = {"rongchang": 2, "city": 120}
    if task.line in limits:
        seconds, limit = measured.run.first_plan_s(), limits[task.line]
        said = "none" if seconds is None else f"{seconds:.2f} s"
        work = f"first feasible plan, {task.name}"
        yield Verdict(work, f"within {limit} s", said, seconds is not None and seconds <= limit, measured.day)


def functions_gap(task: Task, measured: Measured) -> Iterator[Verdict]:
    bound, value = measured.run.bounds.get("functions"), measured.run.values["functions"]
    if task.line in ("itc", "city") or not value:  # asked of districts
        return
    gap = None if not bound else (bound - value) / bound
    said = f"{value}, no bound" if gap is None else f"{value}, bound {bound}: {gap:.1%}"
    work = f"`functions` after `served`, {task.name}, {task.limit_s:g} s"
    yield Verdict(work, "own gap ≤ 5 %", said, gap is not None and gap <= 0.05, measured.day)


def peak_memory(have: Sequence[tuple[Task, Measured]]) -> Iterator[Verdict]:
    """The city's, which has a limit, and the greatest of all others."""
    for is_city, target in ((True, "under 8 GB"), (False, "")):
        peaks = [
            (measured.run.memory_mb, task.key, measured.day)
            for task, measured in have
            if (task.line == "city") is is_city
        ]
        if peaks:
            memory_mb, name, day = max(peaks)
            hit = memory_mb < 8_000 if is_city else None
            yield Verdict("peak memory", target, f"at most {memory_mb:,} MB ({name})", hit, day)


def growth(have: Sequence[tuple[Task, Measured]]) -> Iterator[Verdict]:
    """Time to 98 % of its own bound, from the smallest district to the largest size measured."""
    sizes = [
        (measured.run.asked, reached_s(measured.run), measured.day)
        for task, measured in have
        if task.line == "sizes"
    ]
    known = [(sessions, seconds, day) for sessions, seconds, day in sizes if seconds is not None]
    if len(known) < 2:
        return
    (small, before, _), (large, after, day) = known[0], known[-1]
    allowed = before * large * math.log(large) / (small * math.log(small))
    said = (
        f"{small} sessions {before:.1f} s, {large:,} sessions {after:.1f} s; n · log n allows {allowed:.1f} s"
    )
    target = "no worse than n · log n from one street to a district"
    yield Verdict(f"time to {REACHED:.0%} of its own bound", target, said, after <= allowed, day)


def reached_s(result: Run) -> float | None:
    """When the value was first known to be within 98 % of a proven bound."""
    return next(
        (point.seconds for point in result.trace if point.bound and point.served >= REACHED * point.bound),
        None,
    )


def repaired(task: Task, measured: Measured) -> Iterator[Verdict]:
    target = "a new plan in 1 s, nothing changes that need not"
    said = f"{measured.run.seconds:.2f} s; {measured.run.note}"
    yield Verdict(task.name, target, said, measured.run.seconds <= 1 and measured.run.accepted, measured.day)


def all_accepted(have: Sequence[tuple[Task, Measured]]) -> Iterator[Verdict]:
    bad = [task.key for task, measured in have if measured.run.breaches or not measured.run.accepted]
    said = f"{len(have) - len(bad)} of {len(have)} plans" + (f"; not {', '.join(bad)}" if bad else "")
    if have:
        day = max(measured.day for _, measured in have)
        yield Verdict("both checks accept the plan", "every plan", said, not bad, day)


Judge = Callable[[Task, Measured], Iterator[Verdict]]
_DISTRICT: tuple[Judge, ...] = (served_share, partial(own_gap, limit=0.008))
JUDGES: dict[str, tuple[Judge, ...]] = {
    "four-streets": (proof,),
    "rongchang": _DISTRICT,
    "few-rooms": _DISTRICT,
    "wanzhou": (served_share, partial(own_gap, limit=0.015)),
    "districts": (partial(own_gap, limit=0.02),),
    "city": (partial(own_gap, limit=0.03), in_time),
    "itc": (whole_instance,),
    "repair": (repaired,),
}
