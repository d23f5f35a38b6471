"""Measure `lyceum serve` with 50 clients at once on a district's released week, on SQLite and on PostgreSQL.

Two processes answer, wrk asks from the same machine. 95 % are reads as residents, hosts, volunteers, communities and
coordinators make them, 5 % commands, each with an Idempotency-Key; then a run of commands alone.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.application.application import Lyceum
from adapters.services.releases import release_week
from bench.bench_store import PROBLEM, drafted
from bench.districts import load
from bench.load_mix import (
    COMMANDS,
    READ_SHARE,
    READS,
    Asked,
    Town,
    commands,
    known,
    reads,
    tokens,
    town_of,
    write_mix,
)
from bench.problems import Document, made_problem
from bench.sections import ROOT, give_up, shared, table, write_section
from bench.servers import postgres
from bench.serving import Server, serving

CONNECTIONS = 50
PROCESSES = 2
WARM_UP_S = 5
MIXED_S = 40
PLANNING_S = 20
WRITES_S = 15
PACED_A_SECOND = 450  # with pauses, so that the rate stays above the target
QUICK_MS = 10  # what an answer takes about when nobody waits; the pauses leave it out
TARGET_A_SECOND = 400
TARGET_P99_MS = 150
TARGET_WRITES_A_SECOND = 60
FINE = {"200", "201", "304", "409"}  # 409: somebody else was faster, or a rule refuses it


@dataclass(frozen=True)
class Load:
    """What wrk saw in one run, and what the processes of the server used."""

    requests: int
    seconds: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float
    lost: int
    statuses: dict[str, int]
    cpu_s: float = 0

    @property
    def a_second(self) -> float:
        return self.requests / self.seconds

    @property
    def failures(self) -> dict[str, int]:
        """Answers that should not be there, and requests that got none."""
        failures = {status: count for status, count in self.statuses.items() if status not in FINE}
        return {**failures, "none": self.lost} if self.lost else failures

    @property
    def conflicts(self) -> int:
        return self.statuses.get("409", 0)


@dataclass(frozen=True)
class Result:
    database: str
    mixed: Load
    paced: Load
    writes: Load
    memory_mb: Sequence[int]
    sessions: int


def wrk(
    address: str, mix: Path, seconds: float, run: str, connections: int = CONNECTIONS, a_second: float = 0
) -> Load:
    """Ask for so long; `a_second` 0: each client asks again as soon as it has its answer."""
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds:g}s",
        "--timeout",
        "30s",
        "-s",
        "bench/load.lua",
        address,
    ]
    environment = {**os.environ, "LYCEUM_MIX": str(mix), "LYCEUM_RUN": run}
    if a_second:
        environment["LYCEUM_PAUSE_MS"] = str(round(1000 * connections / a_second - QUICK_MS))
    done = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        raise RuntimeError(f"wrk told nothing: {done.stdout}{done.stderr}")
    return Load(**json.loads(line.removeprefix("RESULT ")))


def made_week(
    database: str, problem: Document, plan: Document | None, planning_s: float = PLANNING_S
) -> tuple[Town, Document, dict[str, str]]:
    """Fill an empty database with a released week; `plan` spares planning the same problem again."""
    with Lyceum(database, actor="benchmark") as lyceum:
        area = load(lyceum, problem)
        plan = drafted(lyceum, area, problem["week"], plan, planning_s)
        release_week(lyceum, area, problem["week"], "First timetable")
        town = town_of(lyceum, problem, plan)
        return town, plan, tokens(lyceum, town)


def seen(address: str, questions: Iterable[Asked]) -> tuple[dict[str, str], list[Asked]]:
    """The ETags of all reads by their path, and the next pages of lists that have some."""
    etags: dict[str, str] = {}
    more: list[Asked] = []
    for question in questions:
        if question.path in etags:
            continue
        body, etags[question.path] = _read(address, question)
        while "next page" in question.kind and (cursor := json.loads(body)["next"]):
            following = Asked(question.kind, "GET", f"{question.path}&cursor={cursor}", question.token)
            more.append(following)
            body, etags[following.path] = _read(address, following)
    return etags, more


def _read(address: str, question: Asked) -> tuple[bytes, str]:
    headers = {"Authorization": f"Bearer {question.token}"} if question.token else {}
    http_request = urllib.request.Request(address + question.path, headers=headers)  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(http_request) as answer:  # noqa: S310
            return answer.read(), answer.headers.get("ETag", "")
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"GET {question.path}: {error.code} {error.read()[:500]!r}") from error


def mixes(folder: Path, server: Server, town: Town, held: dict[str, str]) -> tuple[Path, Path]:
    """The files of what is asked: mixed, and commands alone."""
    rng = random.Random(1)
    questions, orders = reads(town, held, rng), commands(town, held, rng)
    etags, more = seen(server.address, questions)
    mixed, writes = folder / "mixed.tsv", folder / "writes.tsv"
    write_mix(mixed, [*known([*questions, *more], etags, rng), *orders])
    write_mix(writes, orders, read_share=0)
    return mixed, writes


def driven(server: Server, mix: Path, seconds: float, run: str, a_second: float = 0) -> Load:
    before = server.cpu_s()
    measured_load = wrk(server.address, mix, seconds, run, a_second=a_second)
    return Load(**{**vars(measured_load), "cpu_s": server.cpu_s() - before})


def measured(name: str, database: str, problem: Document, plan: Document | None) -> tuple[Result, Document]:
    town, plan, held = made_week(database, problem, plan)
    with tempfile.TemporaryDirectory() as folder, serving(database, PROCESSES) as server:
        mixed, writes = mixes(Path(folder), server, town, held)
        driven(server, mixed, WARM_UP_S, "warm")
        both = driven(server, mixed, MIXED_S, "mixed")
        paced = driven(server, mixed, MIXED_S, "paced", PACED_A_SECOND)
        memory = server.memory_mb()
        alone = driven(server, writes, WRITES_S, "writes")
    return Result(name, both, paced, alone, memory, len(plan["assignments"])), plan


# ---- The report


def verdict(*, met: bool) -> str:
    return "reached" if met else "**missed**"


def rows(result: Result) -> Iterable[Sequence[object]]:
    for name, run, met in (
        ("95 % reads, without a pause", result.mixed, mixed_kept(result.mixed)),
        ("95 % reads, with pauses", result.paced, mixed_kept(result.paced)),
        ("commands alone", result.writes, writes_kept(result.writes)),
    ):
        yield (
            result.database,
            name,
            f"{run.a_second:,.0f}",
            f"{run.p50_ms:.0f}",
            f"{run.p99_ms:.0f}",
            f"{run.max_ms:.0f}",
            f"{run.cpu_s / run.requests * 1000:.2f}",
            f"{run.conflicts:,}",
            ", ".join(f"{count} x {status}" for status, count in sorted(run.failures.items())) or "none",
            verdict(met=met),
        )


def mixed_kept(run: Load) -> bool:
    return run.a_second >= TARGET_A_SECOND and run.p99_ms <= TARGET_P99_MS and not run.failures


def writes_kept(run: Load) -> bool:
    return run.a_second >= TARGET_WRITES_A_SECOND and not run.failures


def body(problem: Document, results: Sequence[Result]) -> str:
    header = (
        "database",
        "load",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "max ms",
        "processor ms per request",
        "409",
        "failures",
        "verdict",
    )
    sessions = sum(request["sessions"] for request in problem["requests"])
    memory = "; ".join(
        f"{result.database}: {', '.join(f'{mb} MB' for mb in result.memory_mb)}" for result in results
    )
    return (
        f"{sessions:,} sessions asked, {results[0].sessions:,} of them released; {len(problem['venues'])} venues, "
        f"{len(problem['volunteers']):,} volunteers. `lyceum serve --processes {PROCESSES}`, {CONNECTIONS} connections "
        f"of wrk on the same machine, {MIXED_S} s after {WARM_UP_S} s of warming up; each client asks again as soon as "
        f"it has its answer. Then {MIXED_S} s in which each client waits a while before it asks again, so that all "
        f"together ask for about {PACED_A_SECOND} a second; then {WRITES_S} s of commands alone without a pause. "
        f"Targets: at least {TARGET_A_SECOND} requests/s with a p99 of at most {TARGET_P99_MS} ms, at least "
        f"{TARGET_WRITES_A_SECOND} commands/s, and no failure: every answer but 200, 201, 304 and 409 is one. "
        "Processor time is that of the API's processes, without wrk and the database server.\n\n"
        f"{table(header, [row for result in results for row in rows(result)])}\n\n"
        f"Memory of the processes after the mixed load, the largest first: {memory}.\n\n"
        f"Of {READ_SHARE} % reads: {shares(READS)}. A third of them know an ETag already. Of {100 - READ_SHARE} % "
        f"commands: {shares(COMMANDS)}; each has an Idempotency-Key of its own."
    )


def shares(of: Mapping[str, int]) -> str:
    whole = sum(of.values())
    return ", ".join(f"{kind} {share / whole:.0%}" for kind, share in of.items())


def main() -> None:
    shared("bench", "make_problem.py")
    if shutil.which("wrk") is None:
        give_up("this benchmark needs wrk, which is not on this machine: apt-get install wrk, then try again")
    problem = made_problem(*PROBLEM)
    with tempfile.TemporaryDirectory() as folder:
        result, plan = measured("SQLite", f"sqlite:///{Path(folder, 'bench.db')}", problem, None)
    results = [result]
    with postgres() as url:
        if url is None:
            print("there is no PostgreSQL server on this machine, so it is not measured", file=sys.stderr)
        else:
            results.append(measured("PostgreSQL", url, problem, plan)[0])
    write_section("bench_load", body(problem, results))


if __name__ == "__main__":
    main()
