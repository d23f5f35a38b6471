"""Compare planners side by side in one run: the same documents, the same seconds, two workers, every plan checked.

`python bench/compare.py --seconds 30` measures Lyceum, a plain CP-SAT model and a greedy fill on whole weeks, and
with them FET on documents whose leads are known; `--document` chooses some of the documents. It writes its section
of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import scheduler
from bench.fet import MISSING, installed
from bench.loads import load_document
from bench.problems import Document
from bench.runs import WORKERS, Run, generated, instance, run, weight_asked
from bench.sections import ROOT, shared, table, write_section

SECTION = "bench_compare"
LOADS = (0.80, 0.95, 1.05)
WHOLE = ("Lyceum", "plain CP-SAT", "greedy")
PACKING = ("Lyceum", "FET", "plain CP-SAT", "greedy")
RONGCHANG = "Rongchang"


@dataclass(frozen=True)
class Case:
    """A document; `bound` is the reference's on `served`, None where everything that is asked bounds it."""

    name: str
    make: Callable[[], Document]
    bound: int | None = None
    best_share: float = 1.0
    """Of what is asked, proven by the reference."""


CASES = (
    Case(
        "four streets", partial(generated, "--district", "500153", "--streets", "4", "--seed", "1"), 281_550
    ),
    Case(RONGCHANG, partial(generated, "--district", "500153", "--seed", "1"), 1_302_630),
    Case(
        "Rongchang, few rooms",
        partial(generated, "--district", "500153", "--seed", "2", "--rooms", "0.5"),
        990_480,
    ),
    Case("ITC track 3, comp01", partial(instance, "comp01"), best_share=0.9769),
    Case("ITC track 2, instance 17", partial(instance, "comp-2007-2-17")),
)


@dataclass(frozen=True)
class Entry:
    """One planner on one document; `bound` is the lowest that the reference or any planner has proven."""

    document: str
    planner: str
    run: Run
    bound: int


def whole_weeks(cases: Sequence[Case], limit_s: float, plan_to: Path) -> Iterator[Entry]:
    """All planners on each document; Lyceum's plan of Rongchang is kept in a file for the second part."""
    for case in cases:
        document = case.make()
        runs = {}
        for planner in WHOLE:
            keep = plan_to if (case.name, planner) == (RONGCHANG, "Lyceum") else None
            runs[planner] = run(planner, document, limit_s, plan_to=keep)
            said(case.name, planner, runs[planner])
        bound = lowest_bound(case, document, runs["Lyceum"])
        yield from (Entry(case.name, planner, result, bound) for planner, result in runs.items())


def lowest_bound(case: Case, document: Document, ours: Run) -> int:
    """The plain model's own bound is left out: it may forbid what the rules allow."""
    weight = weight_asked(document)
    known = case.bound if case.bound is not None else round(weight * case.best_share)
    own = ours.bounds.get("served")
    return min(known, weight if own is None else own)


def packing(limit_s: float, document: Document, plan: Document) -> Iterator[tuple[float, str, Run]]:
    """The plan's sessions with their leads, over fewer and fewer open hours."""
    problem = scheduler.read_problem(document)
    assignments = scheduler.read_plan(plan, problem).assignments
    for load in LOADS:
        loaded = load_document(problem, assignments, load)
        for planner in PACKING:
            if planner == "FET" and not installed():
                continue
            result = run(planner, loaded, limit_s)
            said(f"rooms at {load:.0%}", planner, result)
            yield load, planner, result


def said(document: str, planner: str, result: Run) -> None:
    """Something to see while it runs."""
    share = f"{result.placed} of {result.asked} in {result.seconds:.1f} s"
    line = f"{document}, {planner}: {result.served:,}, {share}, {verdict(result)}"
    print(line, file=sys.stderr, flush=True)


def verdict(result: Run) -> str:
    ours = "" if not result.breaches else f"**{result.breaches} breaches**"
    theirs = "" if result.accepted else "**refused by the reference checker**"
    return ", ".join(filter(None, (ours, theirs))) or "accepted by both"


# ---- What is said about it


def whole_table(entries: Sequence[Entry]) -> str:
    header = (
        "document",
        "planner",
        "served",
        "share of the lowest bound",
        "sessions",
        "seconds",
        "of processors",
        "memory",
        "checks",
    )
    return table(header, map(whole_row, entries))


def whole_row(entry: Entry) -> tuple[object, ...]:
    result = entry.run
    return (
        entry.document,
        entry.planner + (f" ({result.note})" if result.note else ""),
        f"{result.served:,}",
        f"{result.served / entry.bound:.2%}" if entry.bound else "",
        f"{result.placed} of {result.asked}",
        f"{result.seconds:.1f}",
        f"{result.cpu_s:.0f}",
        f"{result.memory_mb:,} MB",
        verdict(result),
    )


def packing_table(rows: Sequence[tuple[float, str, Run]]) -> str:
    header = ("room load", "planner", "sessions placed", "share", "seconds", "checks")
    return table(header, map(packing_row, rows))


def packing_row(row: tuple[float, str, Run]) -> tuple[object, ...]:
    load, planner, result = row
    return (
        f"{load:.0%}",
        planner + (f" ({result.note})" if planner == "FET" and result.note else ""),
        f"{result.placed} of {result.asked}",
        f"{result.placed / result.asked:.2%}",
        f"{result.seconds:.1f}",
        verdict(result),
    )


INTRO = """Each planner is a process of its own with {workers} workers and {seconds:g} s; seconds are wall time
with reading, building and checking (FET's without). The seconds of processors are those that all its processes
really got: far below {workers} times the seconds, the planner had nothing to do or the machine was busy with other
work. Every plan was judged by the reference checker and by our own. The plain CP-SAT model
(`bench/plain_cpsat.py`) is the one that one would write first from the format: a boolean for every request with a
start, a room, a lead or an assistant that fit; it maximises `served` alone, while Lyceum divides its time among
all the goals and ends early only where all of them are proven. The greedy fill (`bench/greedy.py`) takes the
weightiest request first and the first place that fits."""

PACKING_INTRO = """**With FET.** FET takes an activity's teacher as given, drops nothing and has no goal, so it
takes part where nothing is left but times and rooms: the sessions of Lyceum's plan of Rongchang, each with its
lead fixed, over the rooms that the plan uses, open for so many slots that the asked minutes are 80, 95 or 105 % of
the open ones. Ways, turnarounds, parts of rooms and assistants are left out, rooms within reach and the rest of
the rules are kept, and all sessions count the same. Up to 100 % everything can be placed. At 105 % something has
to be dropped, which FET leaves to its user: here it is not given the sessions for which no spot is left at all,
and after a quarter of the time it has to drop, second by second, the activity at which it got stuck; its row shows
the fullest timetable of all these attempts."""

PUBLISHED = """**Published elsewhere, not measured here** (other machines, other problems):

- UniTime, on Purdue University: about 9,000 classes, 570 rooms and 259,000 course requests of students in a term, cut
  into one central problem of some 800 classes and about 70 of departments with 10 to 500 classes each
  ([UniTime, problem description](https://www.unitime.org/uct_description.php)).
- Timefold advises to cut data sets "usually above 5000 planning entities" into parts, which it does in its paid
  edition ([Timefold Solver, partitioned search][partitioned]).

[partitioned]: https://docs.timefold.ai/timefold-solver/0.8.x/partitioned-search/partitioned-search"""


def body(entries: Sequence[Entry], packed: Sequence[tuple[float, str, Run]], limit_s: float) -> str:
    parts = [INTRO.format(workers=WORKERS, seconds=limit_s), whole_table(entries)]
    if packed:
        parts += [PACKING_INTRO, packing_table(packed)]
        parts += [] if installed() else [MISSING]
    return "\n\n".join([*parts, PUBLISHED])


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=30, help="time limit of each planner (default 30)")
    names = [case.name for case in CASES]
    parser.add_argument("--document", action="append", choices=names, help="only this one; may be repeated")
    parser.add_argument("--print", action="store_true", help="print the section and leave the page as it is")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = arguments(argv)
    shared("bench", "make_problem.py")
    cases = [case for case in CASES if not args.document or case.name in args.document]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "plan.json")
        entries = list(whole_weeks(cases, args.seconds, file))
        packed = []
        if file.exists():
            document = next(case for case in cases if case.name == RONGCHANG).make()
            packed = list(packing(args.seconds, document, json.loads(file.read_text(encoding="utf-8"))))
    text = body(entries, packed, args.seconds)
    if args.print:
        print(text)
    else:
        command = f"python {Path(__file__).relative_to(ROOT)} --seconds {args.seconds:g}"
        write_section(SECTION, text, command=command)


if __name__ == "__main__":
    main()
