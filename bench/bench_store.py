"""Measure a release of some 800 sessions, and a rebuild of the read models, on SQLite and on PostgreSQL."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import scheduler
from adapters.application.application import Lyceum
from adapters.services.releases import release_week
from adapters.store.store import document_row
from adapters.week.plan_documents import canonical
from adapters.week.problem_document import write_problem
from adapters.week.week_snapshot import snapshot_of
from bench.districts import load
from bench.problems import Document, made_problem
from bench.sections import shared, table, timed, write_section
from bench.servers import postgres
from domain.timetable import Origin, make_draft

# Rongchang asks for 797 sessions, and rooms and people for about 500 of them. With half as much again of everything
# that many are placed, and released.
PROBLEM = ("--district", "500153", "--seed", "1", "--requests", "6", "--volunteers", "7", "--rooms", "1.5")
PLANNING_S = 60
REBUILDS = 5
TARGET_RELEASE_S = 2
TARGET_EVENTS_A_SECOND = 10_000


@dataclass(frozen=True)
class Result:
    engine: str
    events: int
    """In the database after the release."""
    load_s: float
    sessions: int
    diaries: int
    release_s: float
    release_cpu_s: float
    """Of it, our own process at work; the rest is waiting for the disk, the server, or other programs."""
    rebuild_s: float
    rebuild_cpu_s: float
    """Both are medians of several."""
    is_same: bool
    """The rebuilt read models have the bytes of those that followed along."""

    @property
    def events_a_second(self) -> float:
        return self.events / self.rebuild_s


def measured(engine: str, url: str, problem: Document, plan: Document | None) -> tuple[Result, Document]:
    """All figures on one database; `plan` spares planning the same problem again."""
    with Lyceum(url, actor="benchmark") as lyceum:
        area, load_s = timed(lambda: load(lyceum, problem))
        plan = drafted(lyceum, area, problem["week"], plan)
        before = lyceum.store.position()
        release_s, release_cpu_s = worked(lambda: release_week(lyceum, area, problem["week"], "benchmark"))
        events = lyceum.store.position()
        digest = lyceum.views.digest()
        rebuilds = [worked(lyceum.views.rebuild) for _ in range(REBUILDS)]
        diaries = sum(
            type(record.event).__name__ == "PromisesChanged" for record in lyceum.store.history(after=before)
        )
        is_same = lyceum.views.digest() == digest
    rebuild_s, rebuild_cpu_s = (statistics.median(column) for column in zip(*rebuilds, strict=True))
    return Result(
        engine=engine,
        events=events,
        load_s=load_s,
        sessions=len(plan["assignments"]),
        diaries=diaries,
        release_s=release_s,
        release_cpu_s=release_cpu_s,
        rebuild_s=rebuild_s,
        rebuild_cpu_s=rebuild_cpu_s,
        is_same=is_same,
    ), plan


def worked(what: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall time, and seconds of processor time of this process."""
    began = time.process_time()
    _, wall_s = timed(what)
    return wall_s, time.process_time() - began


def drafted(
    lyceum: Lyceum, area: UUID, week: str, plan: Document | None, planning_s: float = PLANNING_S
) -> Document:
    """Keep a draft of the week as `lyceum plan` does; without a plan, make one first."""
    facts = snapshot_of(lyceum.views, area, week)
    problem = write_problem(lyceum, facts)
    plan = plan or scheduler.solve(problem.document, scheduler.SolveOptions(planning_s), clock=time.monotonic)
    (problem_digest, problem_row), (plan_digest, plan_row) = (
        document_row(canonical(document)) for document in (problem.document, plan)
    )
    origin = Origin(
        problem=problem_digest,
        plan=plan_digest,
        position=problem.position,
        seed=0,
        engines=(),
        status=plan["status"],
        goals=(),
    )
    lyceum.commit(make_draft(facts.timetable, lyceum.metadata(), origin), [problem_row, plan_row])
    return plan


def row(result: Result) -> tuple[object, ...]:
    return (
        result.engine,
        result.sessions,
        result.diaries,
        verdict(f"{result.release_s:.2f} s", met=result.release_s < TARGET_RELEASE_S),
        f"{result.release_cpu_s:.2f} s",
        f"{result.events:,}",
        verdict(
            f"{result.events_a_second:,.0f} events/s", met=result.events_a_second >= TARGET_EVENTS_A_SECOND
        ),
        f"{result.events / result.rebuild_cpu_s:,.0f}",
        "yes" if result.is_same else "**no**",
    )


def verdict(figure: str, *, met: bool) -> str:
    return figure if met else f"{figure} (misses the target)"


def body(problem: Document, results: list[Result]) -> str:
    header = (
        "database",
        "sessions",
        "diaries written",
        "release",
        "of it processor time",
        "events",
        "rebuild",
        "per second of processor time",
        "same bytes as before",
    )
    sizes = ", ".join(f"{len(problem[what]):,} {what}" for what in ("venues", "volunteers", "requests"))
    return (
        f"`make_problem.py {' '.join(PROBLEM)}`: {sizes}. The release is the whole command: read the draft, judge "
        "every hard rule again, write the timetable's event, every diary and the requests' steps in one transaction, "
        f"and let the read models follow. Targets: under {TARGET_RELEASE_S} s and at least {TARGET_EVENTS_A_SECOND:,} "
        f"events/s (the median of {REBUILDS} rebuilds).\n\n{table(header, map(row, results))}"
    )


def main() -> None:
    shared("bench", "make_problem.py")
    problem = made_problem(*PROBLEM)
    with tempfile.TemporaryDirectory() as folder:
        result, plan = measured("SQLite", f"sqlite:///{Path(folder, 'bench.db')}", problem, None)
    results = [result]
    with postgres() as url:
        if url is None:
            print("there is no PostgreSQL server on this machine, so it is not measured", file=sys.stderr)
        else:
            results.append(measured("PostgreSQL", url, problem, plan)[0])
    write_section("bench_store", body(problem, results))


if __name__ == "__main__":
    main()
