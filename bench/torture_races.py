"""Let many clients want the same room-hour at once: one of them gets it, and the others are told which rule says no.

What promises a room-hour is a release. So there are as many areas as clients, each inside the one before and each
with a draft of its own for the same room at the same hour, and all of them are released at the same moment.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier

from adapters.application.application import Lyceum
from bench.torture_ledger import faults, ledger, read_events
from bench.torture_servers import Client, Heard, Running, serve
from bench.torture_world import FIRST_WEEK, Chain, Placement, tokens
from domain.calendar import shift_week

RULES = frozenset({"broken-rules", "double-booking"})
CLIENTS, ROUNDS = 64, 200
AHEAD = 60  # of the weeks; a week is planned at most two years ahead, so more rounds begin in the past


@dataclass
class Races:
    """What came of them: `answers` counts statuses and problems, `wrong` says every fault in a sentence."""

    clients: int
    rounds: int
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def race(
    url: str,
    *,
    clients: int,
    rounds: int,
    seed: int,
    tell: Callable[[str], None],
    start: Callable[[str], Running] = serve,
) -> Races:
    """All rounds on one database, which must be empty; `start` begins to serve it."""
    outcome = Races(clients, rounds)
    chain = Chain(clients, weeks=rounds, first_week=first_week_of(rounds))
    chance = random.Random(seed)
    with Lyceum(url, actor="torture") as lyceum:
        chain.fill(lyceum)
        problem = chain.problem(lyceum)
        for number in range(rounds):
            day, hour = chance.randint(1, 7), f"{chance.randint(8, 20):02}:00"
            plans = {client: [Placement(client, "room", day, hour, client)] for client in range(clients)}
            chain.draft(lyceum, problem, chain.week(number), plans)
        held = tokens(lyceum, clients)
    running = start(url)
    try:
        people = [Client(running.port, token) for token in held]
        _rounds(outcome, chain, people, tell)
    finally:
        running.kill()
    return looked_through(url, outcome)


def first_week_of(rounds: int) -> str:
    """The week of the first round, such that no round is planned too far ahead."""
    return shift_week(FIRST_WEEK, min(0, AHEAD - rounds))


def _rounds(outcome: Races, chain: Chain, people: Sequence[Client], tell: Callable[[str], None]) -> None:
    together = Barrier(outcome.clients)

    def release(number: int, week: str) -> Heard:
        together.wait()
        return people[number].post(f"/v1/weeks/{chain.area(number)}/{week}/release", {"name": f"Of {number}"})

    with ThreadPoolExecutor(outcome.clients) as pool:
        for number in range(outcome.rounds):
            week = chain.week(number)
            heard = list(pool.map(lambda client, week=week: release(client, week), range(outcome.clients)))
            judge(outcome, week, heard)
            if number % 20 == 19:
                tell(f"{number + 1} of {outcome.rounds} rounds, {len(outcome.wrong)} faults")
    for client in people:
        client.close()


def judge(outcome: Races, week: str, heard: Sequence[Heard]) -> None:
    """Exactly one has it, and everybody else is told 409 with the rule."""
    outcome.answers.update(f"{answer.status} {answer.problem}".strip() for answer in heard)
    won = [answer for answer in heard if answer.status == 200 and answer.json["made"]]
    if len(won) != 1:
        outcome.wrong.append(f"{week}: {len(won)} of {len(heard)} clients won")
    strange = [answer for answer in heard if answer not in won and not is_refused_by_rule(answer)]
    outcome.wrong += [f"{week}: {answer.status} {answer.body[:300]!r}" for answer in strange]


def is_refused_by_rule(answer: Heard) -> bool:
    return answer.status == 409 and answer.problem in RULES and bool(answer.json["detail"])


def looked_through(url: str, outcome: Races) -> Races:
    """What the bare events say afterwards: no overlap, and one release for each round."""
    events = read_events(url)
    outcome.wrong += faults(events)
    released = len(ledger(events).released)
    if released != outcome.rounds:
        outcome.wrong.append(f"{released} timetables are released after {outcome.rounds} rounds")
    return outcome
