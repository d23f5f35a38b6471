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
    tally: Kills = field(default_factory=Kills)
    solve: Solve | None = None

    def run(self, points: int, born: Nursery) -> Kills:
        """All points, on a new database after every few."""
        while self.tally.points < points:
            with self.databases() as url:
                self._life(url, born, min(LIFE, points - self.tally.points))
            self.tell(f"{self.tally.points} of {points} points, {len(self.tally.wrong)} faults")
        return self.tally

    def _life(self, url: str, born: Nursery, points: int) -> None:
        chain = Chain(CLIENTS, rooms=ROOMS)
        with Lyceum(url, actor="torture") as lyceum:
            chain.fill(lyceum)
            problem = chain.problem(lyceum)
            for week in (0, 1):
                plans = {
                    client: [Placement(client, ROOMS[client % 3], 1 + client // 3, "09:00", client)]
                    for client in range(CLIENTS)
                }
                chain.draft(lyceum, problem, chain.week(week), plans)
            Crowd().fill(lyceum, self.seed)
            held = tokens(lyceum, CLIENTS)
        writers = Writers(chain, held, self.seed + self.tally.points)
        unsettled: list[Sent] = []
        for _ in range(points):
            before = len(writers.log)
            self._point(url, born, writers, unsettled)
            unsettled = writers.log[before:]
            self.tally.points += 1
            self._look(url, unsettled, "after the kill")
        running = born.start(url)
        try:
            self._settle(url, running, writers, unsettled)
        finally:
            running.kill()

    def _point(self, url: str, born: Nursery, writers: Writers, unsettled: list[Sent]) -> None:
        """Start, settle what the last point left open, write for a while, and kill."""
        number = self.tally.points
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
                self.tally.crashes += 1
        finally:
            running.kill()
        ended()
        if crash and self.cluster:
            self.cluster.start()
        elif shut := [command.word for command in writers.log if command.shut and not command.heard]:
            self._note([f"503 for {shut} though the database was there"], "under load")

    # ---- What is left

    def _look(self, url: str, sent: Iterable[Sent], when: str) -> None:
        """Compare the bare events with each other, and with what the clients know."""
        events = read_events(url)
        self._note(faults(events), when)
        self._note(lost_or_half(sent, carried(events)), when)

    def _settle(self, url: str, running: Running, writers: Writers, sent: list[Sent]) -> None:
        """Send again what nobody knows, and some of what is known; then everything must be there exactly once."""
        self.tally.commands.update(_outcome(command) for command in sent)
        for number, command in enumerate(sent):
            if command.heard is None or (command.done and number % SAMPLE == 0):
                self._note(sent_again(command, running.port, writers.tokens[command.client]), "sent again")
        self._look(url, sent, "sent again")
        if self.solve:
            job = self.solve.wait_until_ended(running.port)
            self._note(torture_solves.complaints(self.solve, job, read_events(url)), "the cut solve")
            self.tally.solves += 1
            self.solve = None
        self._note(stale(url), "after the start")

    def _note(self, complaints: Iterable[str], when: str) -> None:
        self.tally.wrong += [f"point {self.tally.points}, {when}: {complaint}" for complaint in complaints]


def _outcome(sent: Sent) -> str:
    if sent.heard is None:
        return "unknown"
    return "acknowledged" if sent.done else "refused"


def carried(events: Iterable[Raw]) -> Counter[str]:
    """How many events carry each word."""
    counts: Counter[str] = Counter()
    for event in events:
        state = event.state
        name = state.get("room") if event.topic == "venue.room_changed" else state
        for text in (state.get("why"), name.get("name") if isinstance(name, dict) else None):
            if text:
                counts[text] += 1
    return counts


def lost_or_half(log: Iterable[Sent], there: Counter[str]) -> Iterator[str]:
    """What contradicts the clients' own log."""
    for sent in log:
        number = there[sent.word]
        if sent.heard is None:
            allowed = {0, sent.events}
        elif sent.done:
            allowed = {sent.events if _changes(sent) else 0}
        else:
            allowed = {0}
        if number not in allowed:
            status = sent.heard.status if sent.heard else "no answer"
            yield f"{sent.word} {sent.path} ({status}) has {number} of {sent.events} events"
        if sent.heard is not None and not sent.done and sent.heard.status not in REFUSALS:
            yield f"{sent.word} {sent.path} was answered {sent.heard.status} {sent.heard.body[:200]!r}"


def _changes(sent: Sent) -> bool:
    """Whether the answer says that something happened: a release that says the same as the last does nothing."""
    answer = sent.heard.json if sent.heard else {}
    return bool(answer.get("imported", answer.get("changed", answer.get("made", True))))


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
        views = lyceum.views
        fresh = ReadModels(lyceum.store, MemoryViews())
        fresh.catch_up()
        if (there := views.position) != (last := lyceum.store.position()):
            yield f"they are at {there}, the events at {last}"
        elif views.digest() != fresh.digest():
            yield "they differ from a fresh rebuild"
