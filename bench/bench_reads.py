"""Measure how long readers wait while a week is being planned beside them, on SQLite and on PostgreSQL.

Two processes answer and one worker plans, on the same machine. wrk asks what residents, hosts and coordinators read,
before, during and after a solve: many at once, and few, so that processors have time to spare that the solve takes.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.bench_load import Load, made_week, seen, wrk
from bench.bench_store import PROBLEM
from bench.districts import DISTRICT
from bench.load_mix import known, reads, write_mix
from bench.problems import Document, made_problem
from bench.sections import give_up, shared, table, write_section
from bench.servers import postgres
from bench.serving import Server, serving

PROCESSES = 2
MANY, FEW = 50, 4
WARM_UP_S = 3
EACH_S = 10
TARGET_RATIO = 3
PATIENCE_S = 60
FINE = {"200", "304"}


@dataclass(frozen=True)
class Result:
    """What readers saw before, during and after a solve, and how far the solve came meanwhile."""

    database: str
    connections: int
    before: Load
    during: Load
    after: Load
    solve: Document

    @property
    def alone_ms(self) -> float:
        """Of the two runs without a solve the mean p99."""
        return (self.before.p99_ms + self.after.p99_ms) / 2

    @property
    def ratio(self) -> float:
        return self.during.p99_ms / self.alone_ms


class Planner:
    """A coordinator who plans the week while others read."""

    def __init__(self, server: Server, token: str, week: str) -> None:
        self.server, self.token, self.week = server, token, week

    @contextmanager
    def planning(self) -> Iterator[str]:
        """A solve that has found its first plan; it is stopped afterwards."""
        body = {"seconds": 3600, "workers": 2, "again": True}
        job = self.ask(f"/weeks/{DISTRICT}/{self.week}/plan", body)["id"]
        self.until(job, lambda job_state: bool((job_state["progress"] or {}).get("value")))
        yield job
        self.ask(f"/jobs/{job}/stop", {})
        self.until(job, lambda job_state: job_state["status"] == "stopped")

    def until(self, job: str, what: Any) -> Document:
        began = time.monotonic()
        while not what(state := self.ask(f"/jobs/{job}")):
            if time.monotonic() - began > PATIENCE_S:
                raise RuntimeError(f"the solve did not come to that in {PATIENCE_S} s: {state}")
            time.sleep(0.2)
        return state

    def ask(self, path: str, body: Document | None = None) -> Document:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        http_request = urllib.request.Request(f"{self.server.address}/v1{path}", data, headers)  # noqa: S310 - our own address
        with urllib.request.urlopen(http_request) as answer:  # noqa: S310
            document: Document = json.load(answer)
            return document


def measured(
    name: str, database: str, problem: Document, plan: Document | None
) -> tuple[list[Result], Document]:
    town, plan, held = made_week(database, problem, plan)
    with tempfile.TemporaryDirectory() as folder, serving(database, PROCESSES) as server:
        rng, mix = random.Random(1), Path(folder, "reads.tsv")
        questions = reads(town, held, rng)
        etags, more = seen(server.address, questions)
        write_mix(mix, known([*questions, *more], etags, rng), read_share=100)
        planner = Planner(server, held["coordinator"], town.week)
        wrk(server.address, mix, WARM_UP_S, "warm")
        return [beside(name, planner, mix, connections) for connections in (MANY, FEW)], plan


def beside(name: str, planner: Planner, mix: Path, connections: int) -> Result:
    def read(run: str) -> Load:
        return wrk(planner.server.address, mix, EACH_S, run, connections)

    before = read("before")
    with planner.planning() as job:
        during = read("during")
        solve = planner.ask(f"/jobs/{job}")
    return Result(name, connections, before, during, read("after"), solve)


# ---- The report


def row(result: Result) -> Sequence[object]:
    loads = (result.before, result.during, result.after)
    bad = sum(count for load in loads for status, count in load.statuses.items() if status not in FINE)
    lost = bad + sum(load.lost for load in loads)
    runs = result.solve["status"] == "running" and result.solve["attempt"] == 1
    is_met = result.ratio <= TARGET_RATIO and not lost and runs
    point = result.solve["progress"]
    return (
        result.database,
        result.connections,
        *(f"{load.a_second:,.0f}" for load in loads),
        *(f"{load.p99_ms:.1f}" for load in loads),
        f"{result.ratio:.2f}",
        f"{point['seconds']:.0f} s, {point['phase']}" if runs else result.solve["status"],
        lost or "none",
        "reached" if is_met else "**missed**",
    )


def body(problem: Document, results: Sequence[Result]) -> str:
    sessions = sum(request["sessions"] for request in problem["requests"])
    header = (
        "database",
        "connections",
        *(f"requests/s {when}" for when in ("before", "during", "after")),
        *(f"p99 ms {when}" for when in ("before", "during", "after")),
        "ratio",
        "the solve at the end",
        "failures",
        "verdict",
    )
    return (
        f"A week of {sessions:,} sessions asked, planned again (two search processes) while its release is read: "
        f"`lyceum serve --processes {PROCESSES}` with its one worker, wrk on the same machine, {EACH_S} s each. "
        "The ratio is that of the p99 during the solve to the mean of the two without; target: at most "
        f"{TARGET_RATIO}. With {MANY} connections the processors are never idle, and the solve, which gives "
        f"way to everybody, hardly moves; with {FEW} they have time to spare, and the solve takes it.\n\n"
        f"{table(header, map(row, results))}"
    )


def main() -> None:
    shared("bench", "make_problem.py")
    if shutil.which("wrk") is None:
        give_up("this benchmark needs wrk, which is not on this machine: apt-get install wrk, then try again")
    problem = made_problem(*PROBLEM)
    with tempfile.TemporaryDirectory() as folder:
        results, plan = measured("SQLite", f"sqlite:///{Path(folder, 'bench.db')}", problem, None)
    with postgres() as url:
        if url is None:
            print("there is no PostgreSQL server on this machine, so it is not measured", file=sys.stderr)
        else:
            results += measured("PostgreSQL", url, problem, plan)[0]
    write_section("bench_reads", body(problem, results))


if __name__ == "__main__":
    main()
