"""Measure how fast places are suggested for a session of a district's draft, and have each suggestion judged.

Every question is asked as the interface asks it: facts and problem are read and written anew each time. Cold means a
process and a database that were opened for this one question. `--quick` asks few of a small week.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from uuid import UUID

import scheduler
from adapters.application.application import Lyceum
from adapters.services.planning import Effort, plan_week
from adapters.services.suggesting import Suggested, suggestions
from adapters.week.plan_documents import load_timetable, planned_sessions
from adapters.week.problem_document import assignment_of, write_problem
from adapters.week.week_snapshot import snapshot_of
from bench.districts import load
from bench.problems import Document, judged, made_problem
from bench.sections import give_up, shared, table, timed, write_section
from domain.timetable import Session, draft_sessions

LIMIT_S = 2.0
PLAN_S = 45
DISTRICT = ("--district", "500153", "--seed", "1")
Key = tuple[UUID, int]


@dataclass(frozen=True)
class Asked:
    """One question: what it took, in wall time and of the processor, and what was suggested."""

    key: Key
    seconds: float
    worked_s: float
    suggestions: tuple[Suggested, ...]


@dataclass(frozen=True)
class Week:
    """A district's draft in a database, and the sessions that are asked about: some with a place, some without."""

    url: str
    area: UUID
    week: str
    problem: Document
    placed: tuple[Session, ...]
    waiting: tuple[Key, ...]


def prepared(folder: str, options: tuple[str, ...], seconds: float) -> Week:
    url, source = f"sqlite:///{Path(folder, 'lyceum.db')}", made_problem(*options)
    with Lyceum(url) as lyceum:
        area = load(lyceum, source)
        plan_week(lyceum, area, source["week"], effort=Effort(time_limit_s=seconds, workers=2))
        facts = snapshot_of(lyceum.views, area, source["week"])
        timetable = load_timetable(lyceum, area, source["week"])
        draft = draft_sessions(timetable, planned_sessions(lyceum.store, timetable))
        document = write_problem(lyceum, facts).document
    known = {session.key for session in draft}
    keys = [
        (UUID(request["id"]), number)
        for request in document["requests"]
        for number in range(1, request["sessions"] + 1)
    ]
    return Week(url, area, source["week"], document, draft, tuple(key for key in keys if key not in known))


def ask(lyceum: Lyceum, week: Week, key: Key, moves: int) -> Asked:
    def question() -> tuple[Suggested, ...]:
        facts = snapshot_of(lyceum.views, week.area, week.week)
        return suggestions(lyceum.store, lyceum.views, facts, lyceum.people(), key, moves=moves)

    began = time.process_time()
    suggested, seconds = timed(question)
    return Asked(key, seconds, time.process_time() - began, suggested)


def ask_cold(week: Week, key: Key) -> Asked:
    with Lyceum(week.url) as lyceum:
        return ask(lyceum, week, key, 2)


def row(name: str, answers: list[Asked]) -> tuple[object, ...]:
    times, worked = sorted(answer.seconds for answer in answers), [answer.worked_s for answer in answers]
    pairs = sum(len(suggestion.moves) == 2 for answer in answers for suggestion in answer.suggestions)
    return (
        name,
        len(answers),
        f"{1000 * median(times):,.0f} ms",
        f"{1000 * times[-1 - len(times) // 20]:,.0f} ms",
        f"{1000 * times[-1]:,.0f} ms",
        f"{1000 * median(worked):,.0f} ms",
        f"{1000 * max(worked):,.0f} ms",
        sum(not answer.suggestions for answer in answers),
        sum(len(answer.suggestions) for answer in answers),
        pairs,
    )


def breaches(week: Week, answers: list[Asked]) -> int:
    """How many suggestions, once applied, break a rule by our own check; `whole` is asked of a release only."""
    problem, count = scheduler.read_problem(week.problem), 0
    for suggestion in distinct(answers):
        plan = scheduler.read_plan(applied(week, suggestion), problem)
        count += any(breach.rule != "whole" for breach in scheduler.check(problem, plan.assignments))
    return count


def distinct(answers: list[Asked]) -> list[Suggested]:
    """Each suggestion once, however often it was given."""
    return list(
        {suggestion.moves: suggestion for answer in answers for suggestion in answer.suggestions}.values()
    )


def applied(week: Week, suggestion: Suggested) -> Document:
    sessions = {session.key: session for session in week.placed} | {
        move.after.key: move.after for move in suggestion.moves
    }
    return {
        "format": "plan/1",
        "problem": week.problem["name"],
        "status": "feasible",
        "goals": {},
        "assignments": [assignment_of(session) for session in sessions.values()],
        "unserved": [],
    }


def refused(week: Week, answers: list[Asked], limit: int) -> tuple[int, int]:
    """How many suggestions the reference checker looked at, those of whole courses only, and how many it refused."""
    wholes = [
        suggestion
        for suggestion in distinct(answers)
        if all(breach.rule != "whole" for breach in suggestion.warnings)
    ]
    sample = wholes[:: max(1, len(wholes) // limit)]
    return len(sample), sum(
        not judged(week.problem, applied(week, suggestion))["ok"] for suggestion in sample
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="few questions about four streets; writes nothing down"
    )
    parser.add_argument("--every", type=int, default=3, help="ask about every n-th session")
    options = parser.parse_args()
    shared("bench", "make_problem.py")
    with tempfile.TemporaryDirectory() as folder:
        if options.quick:
            week = prepared(folder, (*DISTRICT, "--streets", "4"), 5)
            report(week, 15, 10)
        else:
            text = report(prepared(folder, DISTRICT, PLAN_S), options.every, 40)
            write_section("bench_suggest", text)


def report(week: Week, every: int, limit: int) -> str:
    with Lyceum(week.url) as lyceum:
        placed = [ask(lyceum, week, session.key, 2) for session in week.placed[::every]]
        alone = [ask(lyceum, week, session.key, 1) for session in week.placed[::every]]
        waiting = [ask(lyceum, week, key, 2) for key in week.waiting[::every]]
    keys = [session.key for session in week.placed[:: 5 * every]]
    with get_context("spawn").Pool(1, maxtasksperchild=1) as processes:
        cold = processes.map(partial(ask_cold, week), keys, chunksize=1)
    everything = [*placed, *alone, *waiting, *cold]
    broken, (looked, bad) = breaches(week, everything), refused(week, everything, limit)
    worst, worked = (
        max(answer.seconds for answer in everything),
        max(answer.worked_s for answer in everything),
    )
    share = sum(answer.worked_s for answer in everything) / sum(answer.seconds for answer in everything)
    header = (
        "question",
        "asked",
        "median",
        "95 of 100 within",
        "worst",
        "processor, median",
        "processor, worst",
        "without answer",
        "suggestions",
        "of two moves",
    )
    rows = [
        row("a placed session, two moves", placed),
        row("a placed session, one move", alone),
        row("a session without a place", waiting),
        row("a placed session, cold", cold),
    ]
    text = (
        f"{len(week.placed)} sessions in the draft, {len(week.waiting)} without a place, 10 suggestions at most.\n\n"
        f"{table(header, rows)}\n\n"
        f"Slowest answer: {worst:.2f} s, {worked:.2f} s of the processor; asked for: {LIMIT_S:g} s. The machine gave "
        f"these questions {share:.0%} of a processor. Applied, {broken} of all suggestions break a hard "
        f"rule by our own check; the reference checker looked at {looked} of them and refused {bad}."
    )
    print(text)
    if worked > LIMIT_S or broken or bad:
        give_up("suggestions are too slow, or break a rule; see above")
    return text


if __name__ == "__main__":
    main()
