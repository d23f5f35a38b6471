"""Reorganise a network of areas from many clients at the same moment, and read from the bare events what came of it.

Each round founds areas of its own. Then all clients send one command each at once: mergers into each other, moves into
each other, areas dissolved while others are founded in them or move in. Whatever was accepted, an area lies in itself
on no day, lies in no area that has ended, and nobody's successor is the area that it succeeded.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any

from adapters.application.application import Lyceum
from bench.torture_ledger import Raw, plain, read_events
from bench.torture_servers import Client, Heard, Running, serve
from bench.torture_world import Row, imported, tokens

CLIENTS, ROUNDS = 16, 100
FOUNDED, CHANGED = "2020-01-01", "2027-01-01"
REFUSALS = frozenset({404, 409, 412, 422})


@dataclass
class Reorganisations:
    """What came of them: `answers` counts statuses, `wrong` says every fault in a sentence."""

    clients: int
    rounds: int
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def reorganise(
    url: str,
    *,
    clients: int,
    rounds: int,
    seed: int,
    tell: Callable[[str], None],
    start: Callable[[str], Running] = serve,
) -> Reorganisations:
    """All rounds on one database, which must be empty; `start` begins to serve it."""
    result = Reorganisations(clients, rounds)
    chance = random.Random(seed)
    with Lyceum(url, actor="torture") as lyceum:
        imported(lyceum, "network", [_area("root", "")])
        for number in range(rounds):
            imported(lyceum, "network", list(_grove(number, clients, chance)))
        held = tokens(lyceum, clients)
    running = start(url)
    people = [Client(running.port, token) for token in held]
    try:
        _rounds(result, people, chance, tell)
        result.wrong += _unanswered(people[0], rounds, clients)
    finally:
        for client in people:
            client.close()
        running.kill()
    result.wrong += faults(read_events(url))
    return result


def _area(key: str, parent: str) -> Row:
    position = {"lat": 51.75, "lon": -1.25, "zone": "Europe/London", "since": FOUNDED}
    return {"key": key, "level": "ring", "name": key.title(), "language": "en", "parent": parent, **position}


def _key(number: int, area: int) -> str:
    return f"n{number:03}-{area:02}"


def _grove(number: int, size: int, chance: random.Random) -> Iterator[Row]:
    """The areas of one round: some in the root, the others in one that was there before them."""
    for area in range(size):
        parent = _key(number, chance.randrange(area)) if area and chance.random() < 0.3 else "root"
        yield _area(_key(number, area), parent)


def _rounds(
    result: Reorganisations, people: Sequence[Client], chance: random.Random, tell: Callable[[str], None]
) -> None:
    together = Barrier(result.clients)

    def send(client: Client, path: str, body: Mapping[str, Any]) -> Heard:
        together.wait()
        return client.post(path, body)

    with ThreadPoolExecutor(result.clients) as pool:
        for number in range(result.rounds):
            commands = [_command(number, own, result.clients, chance) for own in range(result.clients)]
            answers = list(pool.map(send, people, *zip(*commands, strict=True)))
            result.answers.update(answer.status for answer in answers)
            result.wrong += [
                f"round {number}: {answer.status} {answer.body[:300]!r}"
                for answer in answers
                if answer.status not in REFUSALS and answer.status >= 300
            ]
            if number % 20 == 19:
                tell(f"{number + 1} of {result.rounds} rounds, {len(result.wrong)} faults")


def _command(number: int, own: int, clients: int, chance: random.Random) -> tuple[str, dict[str, Any]]:
    """What one client sends: neighbours in a ring aim at each other, so that whatever can close a circle is tried."""
    target = _key(number, (own + 1) % clients if chance.random() < 0.6 else chance.randrange(clients))
    about = {"on": CHANGED, "why": "a reform"}
    path = f"/v1/areas/{_key(number, own)}"
    match chance.choice(("merge", "merge", "move", "move", "dissolve", "found")):
        case "merge":
            return f"{path}/merge", {"into": target, **about}
        case "move":
            return f"{path}/move", {"parent": target, **about}
        case "dissolve":
            return f"{path}/dissolve", about
    names = [{"language": "en", "name": "New"}]
    return "/v1/areas", {
        "key": f"{_key(number, own)}-new", "level": "ring", "names": names, "parent": target, "on": CHANGED
    }  # fmt: skip


def _unanswered(client: Client, rounds: int, clients: int) -> Iterator[str]:
    """Questions about the areas that do not end, or end in a mistake of the program."""
    for number in range(rounds):
        key = _key(number, number % clients)
        for path in (
            f"/v1/areas/{key}/around?on=2027-06-01",
            f"/v1/weeks/{key}/2027-W20/timetable",
            f"/v1/areas?within={key}",
        ):
            try:
                status = client.get(path).status
            except OSError as error:
                yield f"GET {path}: no answer ({error})"
                return
            if status >= 500:
                yield f"GET {path}: {status}"


# ---- What the bare events say


@dataclass
class _Known:
    """An area as its events tell it: `parents` by the day from which they hold; `ended` is its first day without it."""

    key: str
    parents: dict[str, str | None]
    ended: str | None = None
    into: str | None = None

    def parent_on(self, day: str) -> str | None:
        held = [since for since in self.parents if since <= day]
        return self.parents[max(held)] if held else None

    def exists_on(self, day: str) -> bool:
        return min(self.parents) <= day and (self.ended is None or day < self.ended)


def faults(events: Iterable[Raw]) -> list[str]:
    """Areas that lie in themselves, or in one that has ended, and successors that succeed themselves."""
    areas: dict[str, _Known] = {}
    for event in events:
        _take(areas, event)
    days = sorted({day for area in areas.values() for day in area.parents} | {CHANGED})
    wrong = [
        fault
        for day in days
        for area in areas.values()
        if area.exists_on(day)
        for fault in _path(areas, area, day)
    ]
    return [*wrong, *(fault for id, area in areas.items() for fault in _succession(areas, id, area))]


def _take(areas: dict[str, _Known], event: Raw) -> None:
    state = event.state
    match event.topic:
        case "area.founded":
            areas[event.stream] = _Known(state["key"], {state["on"]: _plain(state["parent"])})
        case "area.moved":
            areas[event.stream].parents[state["on"]] = _plain(state["parent"])
        case "area.merged":
            areas[event.stream].ended, areas[event.stream].into = state["on"], plain(state["into"])
        case "area.dissolved":
            areas[event.stream].ended = state["on"]


def _plain(id: str | None) -> str | None:
    return None if id is None else plain(id)


def _path(areas: Mapping[str, _Known], area: _Known, day: str) -> Iterator[str]:
    passed = [area]
    while (parent := passed[-1].parent_on(day)) is not None:
        around = areas[parent]
        if around in passed:
            yield f"area {area.key} lies in itself on {day}"
            return
        if not around.exists_on(day):
            yield f"area {passed[-1].key} lies in {around.key} on {day}, which does not exist then"
            return
        passed.append(around)


def _succession(areas: Mapping[str, _Known], id: str, area: _Known) -> Iterator[str]:
    passed = {id}
    successor = area.into
    while successor is not None:
        if successor in passed:
            yield f"area {area.key} was merged into an area that was merged into it"
            return
        passed.add(successor)
        successor = areas[successor].into
