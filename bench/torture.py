"""Look for faults at full size, and write what came of it to docs/reliability.md: `make torture`.

make torture ARGS=races                 one part of races, kills, fuzz, machine, imports, network, dates,
                                        texts, accounts
make torture ARGS="kills --share 0.1"   a tenth of it, to try; the page stays as it is
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

from adapters.application.application import Lyceum
from bench import (
    torture_accounts,
    torture_fuzz,
    torture_imports,
    torture_kills,
    torture_machine,
    torture_network,
    torture_races,
    torture_values,
)
from bench.sections import ROOT, give_up, table, write_section
from bench.servers import Cluster, cluster
from bench.torture_servers import Client, Running, nursery, serving
from bench.torture_world import tokens

PAGE = ROOT / "docs" / "reliability.md"
SEED = 20261122
Databases = Callable[[], AbstractContextManager[str]]


@dataclass(frozen=True)
class Stores:
    """New empty databases of each kind."""

    cluster: Cluster

    def all(self) -> tuple[tuple[str, Databases], ...]:
        return ("SQLite", sqlite), ("PostgreSQL", self.postgres)

    @contextmanager
    def postgres(self) -> Iterator[str]:
        name = f"torture_{next(_numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE template0")
        yield f"{self.cluster.url.rpartition('/')[0]}/{name}"
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.cluster.url, autocommit=True) as connection:
            connection.execute(statement.encode())


_numbers = count(1)


@contextmanager
def sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder, 'lyceum.db')}"


@contextmanager
def memory() -> Iterator[str]:
    yield "memory:"


@dataclass(frozen=True)
class Told:
    """What a part came to: the text of its section, and every fault."""

    text: str
    wrong: list[str]


def tell(what: str, began: float) -> Callable[[str], None]:
    """Print how far a part is, with the time that has passed."""
    return lambda said: print(f"{time.monotonic() - began:6.0f} s  {what}: {said}", flush=True)


def _sized(full: int, share: float) -> int:
    return max(1, round(full * share))


def _verdict(wrong: list[str]) -> str:
    return "none" if not wrong else f"**{len(wrong)}**"


# ---- The parts


def races(stores: Stores, share: float, began: float) -> Told:
    rows, wrong = [], []
    for engine, databases in stores.all():
        with databases() as url:
            outcome = torture_races.race(
                url,
                clients=torture_races.CLIENTS,
                rounds=_sized(torture_races.ROUNDS, share),
                seed=SEED,
                tell=tell(f"races on {engine}", began),
            )
        wrong += outcome.wrong
        answers = outcome.answers
        refused = sum(number for name, number in answers.items() if name.startswith("409"))
        rows.append(
            (engine, outcome.rounds, outcome.clients, answers["200"], refused, _verdict(outcome.wrong))
        )
    header = ("store", "rounds", "clients", "won", "refused with the rule (409)", "faults")
    return Told(table(header, rows), wrong)


def kills(stores: Stores, share: float, began: float) -> Told:
    rows, wrong = [], []
    for engine, databases in stores.all():
        server = stores.cluster if engine == "PostgreSQL" else None
        killing = torture_kills.Killing(databases, SEED, tell(f"kills on {engine}", began), server)
        with nursery() as born:
            outcome = killing.run(_sized(torture_kills.POINTS, share), born)
        wrong += outcome.wrong
        commands = outcome.commands
        counts = (commands["acknowledged"], commands["refused"], commands["unknown"])
        rows.append(
            (engine, outcome.points, outcome.crashes, *counts, outcome.solves, _verdict(outcome.wrong))
        )
    header = (
        "store",
        "points",
        "of them the database server too",
        "commands acknowledged",
        "refused",
        "in the air",
        "solves cut and picked up",
        "faults",
    )
    return Told(table(header, rows), wrong)


SINGLE, CHAINS = "examples,coverage,fuzzing", "stateful"
FUZZED = (
    ("SQLite", "administrator", SINGLE, 3),
    ("PostgreSQL", "administrator", SINGLE, 3),
    ("SQLite", "administrator", CHAINS, 400),
    ("PostgreSQL", "administrator", CHAINS, 400),
    ("SQLite", "coordinator", "examples,fuzzing", 5),
    ("PostgreSQL", "nobody", "examples,fuzzing", 5),
)  # store, who asks, phases of schemathesis, most cases for each operation and phase


def fuzz(stores: Stores, share: float, began: float) -> Told:
    rows, wrong = [], []
    databases = dict(stores.all())
    for number, (engine, who, phases, examples) in enumerate(FUZZED):
        with databases[engine]() as url:
            torture_fuzz.fill(url)
            outcome = torture_fuzz.fuzz(
                url, who, examples=_sized(examples, share), seed=SEED + number, phases=phases
            )
        tell(f"fuzz on {engine}", began)(f"{outcome.cases:,} cases as {who}, {len(outcome.wrong)} faults")
        wrong += outcome.wrong
        rows.append((engine, who, phases, outcome.operations, f"{outcome.cases:,}", _verdict(outcome.wrong)))
    return Told(table(("store", "who asks", "phases", "operations", "cases", "faults"), rows), wrong)


def machine(stores: Stores, share: float, began: float) -> Told:
    rows, wrong = [], []
    sizes: tuple[tuple[str, Databases, int], ...] = (
        ("memory", memory, 200),
        *((engine, databases, 40) for engine, databases in stores.all()),
    )
    for engine, databases, full in sizes:
        tally = torture_machine.Tally()
        try:
            torture_machine.explore(databases, examples=_sized(full, share), steps=40, seed=SEED, tally=tally)
            faults = []
        except AssertionError as fault:
            faults = ["\n".join([str(fault), *getattr(fault, "__notes__", ())])]
        count = sum(tally.commands.values())
        tell(f"state machine on {engine}", began)(f"{count:,} commands, {len(faults)} faults")
        wrong += faults
        rows.append((engine, tally.examples, f"{count:,}", tally.between, tally.cuts, _verdict(faults)))
    header = ("store", "orders tried", "commands", "got between decision and save", "power cuts", "faults")
    return Told(table(header, rows), wrong)


def imports(stores: Stores, share: float, began: float) -> Told:
    rows, wrong = [], []
    files = torture_imports.broken_files(SEED, bombs=share == 1)
    for engine, databases in stores.all():
        with databases() as url, Lyceum(url, actor="torture") as lyceum:
            torture_imports.fill(lyceum)
            (token,) = tokens(lyceum, 1)
            before = torture_imports.fingerprint(lyceum)
            with serving(url, 1) as running:
                complaints, longest_s = _import(running, token, files)
                memory_mb = running.most_memory()
            if torture_imports.fingerprint(lyceum) != before:
                complaints.append(f"{engine}: the database is not as it was")
        tell(f"imports on {engine}", began)(f"{len(files)} files, {len(complaints)} faults")
        wrong += complaints
        rows.append((engine, len(files), f"{longest_s:.1f} s", f"{memory_mb} MB", _verdict(complaints)))
    header = ("store", "files", "longest answer", "most memory of a process that answers", "faults")
    return Told(table(header, rows), wrong)


def _import(running: Running, token: str, files: list[torture_imports.Broken]) -> tuple[list[str], float]:
    complaints: list[str] = []
    longest_s = 0.0
    for file in files:
        client = Client(running.port, token)
        began = time.monotonic()
        try:
            heard = client.post(file.path, file.body, {"Content-Type": file.media})
            complaints += torture_imports.complaints(file, heard.status, heard.json)
        except (OSError, ValueError) as error:
            complaints.append(f"{file.name}: no answer ({error})")
        finally:
            client.close()
        longest_s = max(longest_s, time.monotonic() - began)
    return complaints, longest_s


def network(stores: Stores, share: float, began: float) -> Told:
    rows, wrong = [], []
    for engine, databases in stores.all():
        with databases() as url:
            result = torture_network.reorganise(
                url,
                clients=torture_network.CLIENTS,
                rounds=_sized(torture_network.ROUNDS, share),
                seed=SEED,
                tell=tell(f"reorganisations on {engine}", began),
            )
        wrong += result.wrong
        done = sum(number for status, number in result.answers.items() if status < 300)
        refused = sum(result.answers.values()) - done
        rows.append((engine, result.rounds, result.clients, done, refused, _verdict(result.wrong)))
    return Told(table(("store", "rounds", "clients", "done", "refused", "faults"), rows), wrong)


def dates(stores: Stores, share: float, began: float) -> Told:
    return _values("dates", stores, share, began)


def texts(stores: Stores, share: float, began: float) -> Told:
    return _values("texts", stores, share, began)


def _values(subject: torture_values.Subject, stores: Stores, share: float, began: float) -> Told:
    rows, wrong = [], []
    for engine, databases in stores.all():
        with databases() as url:
            every = max(1, round(1 / share))
            result = torture_values.torment(
                url, subject, every=every, tell=tell(f"{subject} on {engine}", began)
            )
        wrong += result.wrong
        answers = sum(result.answers.values())
        rows.append((engine, f"{result.fields:,}", f"{answers:,}", _verdict(result.wrong)))
    return Told(table(("store", "fields with a value", "answers", "faults"), rows), wrong)


def accounts(stores: Stores, share: float, began: float) -> Told:
    rows, wrong = [], []
    for engine, databases in stores.all():
        with databases() as url:
            result = torture_accounts.torment(
                url,
                rounds=_sized(torture_accounts.ROUNDS, share),
                seed=SEED,
                tell=tell(f"accounts on {engine}", began),
            )
        wrong += result.wrong
        doors = result.doors
        ended = sum(result.ended.values())
        rows.append((engine, result.rounds, ended, doors["shut"], doors["open"], _verdict(result.wrong)))
    header = ("store", "rounds", "endings", "ways in that must be shut", "that must be open", "faults")
    return Told(table(header, rows), wrong)


PARTS: dict[str, Callable[[Stores, float, float], Told]] = {
    "races": races,
    "kills": kills,
    "fuzz": fuzz,
    "machine": machine,
    "imports": imports,
    "network": network,
    "dates": dates,
    "texts": texts,
    "accounts": accounts,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Look for faults at full size.")
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the full size; below 1 nothing is written"
    )
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        give_up(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    began, wrong = time.monotonic(), []
    with cluster() as server:
        if server is None:
            give_up("this machine has no PostgreSQL server; install one (on Debian, postgresql)")
        for name in options.parts or PARTS:
            report = PARTS[name](Stores(server), options.share, began)
            wrong += report.wrong
            if options.share == 1:
                took = f"It took {time.monotonic() - began:.0f} s." if options.parts == [name] else ""
                write_section(
                    f"torture_{name}", f"{report.text}\n\n{took}", PAGE, f"make torture ARGS={name}"
                )
            else:
                print(report.text)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
