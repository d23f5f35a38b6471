"""Kill everything that serves, at random points under write load, and look at what is left.

No command that was acknowledged may be lost, none may be half done or done twice, a command of which nobody knows is
sent again with its key, and the read models must be what a fresh rebuild makes of the events.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from adapters.application.application import Lyceum
from adapters.store.engines import MemoryViews
from adapters.store.views import ReadModels
from bench import torture_solves
from bench.servers import Cluster
from bench.torture_ledger import Raw, faults, read_events
from bench.torture_load import ROOMS, Sent, Writers
from bench.torture_servers import Nursery, Running, serve
from bench.torture_solves import Solve
from bench.torture_world import Chain, Crowd, Placement, tokens

POINTS = 200
CLIENTS = 6
LOAD_S = (0.05, 0.7)
LIFE = 20  # points on one database
REAL = 40  # at each such point `lyceum serve` itself is started, elsewhere its processes are forked
SAMPLE = 5  # of so many acknowledged commands one is sent again
CRASH = 10  # at each such point PostgreSQL is stopped without tidying, too
REFUSALS = {409, 412}


@dataclass
class Kills:
    points: int = 0
    crashes: int = 0
    solves: int = 0
    commands: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Killing:
    """`databases` gives a new empty database at each call; `cluster` is the server that may be crashed with it.

    At every `solve_every`th point a solve is cut.
    """

    databases: Callable[[], AbstractContextManager[str]]
    seed: int
    tell: Callable[[str], None]
    cluster: Cluster | None = None
    solve_every: int = 10
    found: Kills = field(default_factory=Kills)
    solve: Solve | None = None

    def run(self, points: int, born: Nursery) -> Kills:
        """All points, on a new database after every few."""
        while self.found.points < points:
            with self.databases() as url:
                self._life(url, born, min(LIFE, points - self.found.points))
            self.tell(f"{self.found.points} of {points} points, {len(self.found.wrong)} faults")
        return self.found

    def _life(self, url: str, born: Nursery, points: int) -> None:
        chain = Chain(CLIENTS, rooms=ROOMS)
        with Lyceum(url, actor="torture") as lyceum:
            chain.fill(lyceum)
            problem = chain.problem(lyceum)
            for week in (0, 1):
                plans = {
                    one: [Placement(one, ROOMS[one % 3], 1 + one // 3, "09:00", one)]
                    for one in range(CLIENTS)
                }
                chain.draft(lyceum, problem, chain.week(week), plans)
            Crowd().fill(lyceum, self.seed)
            held = tokens(lyceum, CLIENTS)
        writers = Writers(chain, held, self.seed + self.found.points)
        unsettled: list[Sent] = []
        for _ in range(points):
            before = len(writers.log)
            self._point(url, born, writers, unsettled)
            unsettled = writers.log[before:]
            self.found.points += 1
            self._look(url, unsettled, "after the kill")
        running = born.start(url)
        try:
            self._settle(url, running, writers, unsettled)
        finally:
            running.kill()

    def _point(self, url: str, born: Nursery, writers: Writers, unsettled: list[Sent]) -> None:
        """Start, settle what the last point left open, write for a while, and kill."""
        number = self.found.points
        crash = self.cluster is not None and number % CRASH == CRASH - 1
        running = serve(url) if number % REAL == REAL - 1 else born.start(url)
        try:
            self._settle(url, running, writers, unsettled)
            if number % self.solve_every == 0:
                week = writers.chain.week(number % LIFE // self.solve_every)
                self.solve = torture_solves.ask(running.port, writers.tokens[0], week)
            ended = writers.start(running.port)
            time.sleep(random.Random(f"{self.seed} {number}").uniform(*LOAD_S))
            if self.solve:
                self.solve.wait_until_running(running.port)
            if crash and self.cluster:
                self.cluster.crash()
                self.found.crashes += 1
        finally:
            running.kill()
        ended()
        if crash and self.cluster:
            self.cluster.start()
        elif shut := [one.word for one in writers.log if one.shut and not one.heard]:
            self._note([f"503 for {shut} though the database was there"], "under load")

    # ---- What is left

    def _look(self, url: str, sent: Iterable[Sent], when: str) -> None:
        """Compare the bare events with each other, and with what the clients know."""
        events = read_events(url)
        self._note(faults(events), when)
        self._note(lost_or_half(sent, carried(events)), when)

    def _settle(self, url: str, running: Running, writers: Writers, sent: list[Sent]) -> None:
        """Send again what nobody knows, and some of what is known; then everything must be there exactly once."""
        self.found.commands.update(_outcome(one) for one in sent)
        for number, one in enumerate(sent):
            if one.heard is None or (one.done and number % SAMPLE == 0):
                self._note(sent_again(one, running.port, writers.tokens[one.client]), "sent again")
        self._look(url, sent, "sent again")
        if self.solve:
            job = self.solve.wait_until_ended(running.port)
            self._note(torture_solves.complaints(self.solve, job, read_events(url)), "the cut solve")
            self.found.solves += 1
            self.solve = None
        self._note(stale(url), "after the start")

    def _note(self, found: Iterable[str], when: str) -> None:
        self.found.wrong += [f"point {self.found.points}, {when}: {one}" for one in found]


def _outcome(one: Sent) -> str:
    if one.heard is None:
        return "unknown"
    return "acknowledged" if one.done else "refused"


def carried(events: Iterable[Raw]) -> Counter[str]:
    """How many events carry each word."""
    found: Counter[str] = Counter()
    for one in events:
        state = one.state
        name = state.get("room") if one.topic == "venue.room_changed" else state
        for text in (state.get("why"), name.get("name") if isinstance(name, dict) else None):
            if text:
                found[text] += 1
    return found


def lost_or_half(log: Iterable[Sent], there: Counter[str]) -> Iterator[str]:
    """What contradicts the clients' own log."""
    for one in log:
        number = there[one.word]
        if one.heard is None:
            allowed = {0, one.events}
        elif one.done:
            allowed = {one.events if _changes(one) else 0}
        else:
            allowed = {0}
        if number not in allowed:
            status = one.heard.status if one.heard else "no answer"
            yield f"{one.word} {one.path} ({status}) has {number} of {one.events} events"
        if one.heard is not None and not one.done and one.heard.status not in REFUSALS:
            yield f"{one.word} {one.path} was answered {one.heard.status} {one.heard.body[:200]!r}"


def _changes(one: Sent) -> bool:
    """Whether the answer says that something happened: a release that says the same as the last does nothing."""
    told = one.heard.json if one.heard else {}
    return bool(told.get("imported", told.get("changed", told.get("made", True))))


def sent_again(sent: Sent, port: int, token: str) -> Iterator[str]:
    """Send it once more under its key: an acknowledged command gives the very same answer, an unknown one its first."""
    heard = sent.again(port, token)
    if sent.heard is None:
        sent.heard = heard
    elif heard != sent.heard:
        yield f"{sent.word} {sent.path} answered {sent.heard} and then {heard}"


def stale(url: str) -> Iterator[str]:
    """Where the read models are not what the events make of them."""
    with Lyceum(url) as lyceum:
        kept = lyceum.views
        fresh = ReadModels(lyceum.store, MemoryViews())
        fresh.catch_up()
        if (there := kept.position) != (last := lyceum.store.position()):
            yield f"they are at {there}, the events at {last}"
        elif kept.digest() != fresh.digest():
            yield "they differ from a fresh rebuild"
