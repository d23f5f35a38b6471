"""Write to a running interface as clients do, and remember each command: what was asked, and what was acknowledged.

Each command carries a word of its own where its events keep it (a reason, a name, a key), so that its events can be
found again: all of them belong together, and must be there once or not at all.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.client import HTTPException
from itertools import count
from typing import Any

from bench.torture_servers import Client, Heard
from bench.torture_world import PARTS, Chain
from scheduler.rules.moves import SOFT_RULES

ROOMS = ("hall", "east", "attic")
IMPORTED = 5
SHUT = 503


@dataclass
class Sent:
    """A command. `events` of its own carry its word; `heard` None: nobody knows whether it was done.

    `shut`: the answer was that the database does not answer, which leaves that open, too.
    """

    word: str
    client: int
    path: str
    body: Any
    events: int
    heard: Heard | None = None
    shut: bool = False

    @property
    def done(self) -> bool:
        return self.heard is not None and self.heard.status < 300

    def again(self, port: int, token: str) -> Heard:
        """The same command with the same Idempotency-Key."""
        client = Client(port, token)
        try:
            return client.post(self.path, self.body, {"Idempotency-Key": self.word})
        finally:
            client.close()


@dataclass
class Writers:
    """Clients that write without a pause until their connections break; `log` has every command in order of time."""

    chain: Chain
    tokens: list[str]
    seed: int
    log: list[Sent] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _words: count[int] = field(default_factory=count)
    _lifts: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, port: int) -> Callable[[], None]:
        """Begin to write; the answer waits until all have ended."""
        self.stopping = threading.Event()
        threads = [
            threading.Thread(target=self._write, args=(number, port)) for number in range(len(self.tokens))
        ]
        for thread in threads:
            thread.start()

        def ended() -> None:
            self.stopping.set()
            for thread in threads:
                thread.join()

        return ended

    def _write(self, number: int, port: int) -> None:
        client = Client(port, self.tokens[number])
        while not self.stopping.is_set():
            with self._lock:
                sent = self._next(number)
                self.log.append(sent)
            try:
                heard = client.post(sent.path, sent.body, {"Idempotency-Key": sent.word})
            except (OSError, HTTPException):
                break
            if heard.status == SHUT:
                sent.shut = True
                continue
            sent.heard = heard
            if sent.done and sent.path.endswith("/close"):
                self._lifts.append(heard.json["closure"])
        client.close()

    # ---- What is written

    def _next(self, number: int) -> Sent:
        serial = next(self._words)
        chance = random.Random(f"{self.seed} {serial}")
        kinds = [self._close, self._pause, self._import, self._room, self._move, self._release, self._release]
        if self._lifts:
            kinds.append(self._lift)
        path, body, events = chance.choice(kinds)(f"w{serial:06}", number, chance)
        return Sent(f"w{serial:06}", number, f"/v1{path}", body, events)

    def _close(self, word: str, _: int, __: random.Random) -> tuple[str, Any, int]:
        """The venue's event; nothing is promised that day, so no diary is written."""
        day = date(2029, 1, 1) + timedelta(days=int(word[1:]))
        body = {"first": day.isoformat(), "why": word, "emergency": True}
        return "/venues/place/close", body, 1

    def _lift(self, word: str, _: int, __: random.Random) -> tuple[str, Any, int]:
        closure = self._lifts.pop(0)
        return f"/venues/place/closures/{closure}/lift", {"why": word}, 1

    def _pause(self, word: str, number: int, _: random.Random) -> tuple[str, Any, int]:
        """The volunteer's own event; nothing is promised in those weeks, so no diary is written."""
        first = date(2029, 1, 1) + timedelta(weeks=int(word[1:]))
        body = {"first": first.isoformat(), "last": (first + timedelta(days=8)).isoformat(), "why": word}
        return f"/volunteers/v{number:02}/pause", body, 1

    def _import(self, word: str, _: int, __: random.Random) -> tuple[str, Any, int]:
        """New venues, each a stream of its own."""
        rows = [
            f"{word}-{number},{word},other,{self.chain.area(0)},51.75,-1.25" for number in range(IMPORTED)
        ]
        table = "\r\n".join(["key,name,kind,area,lat,lon", *rows])
        return "/imports/venues?accept_warnings=true", table.encode(), IMPORTED

    def _room(self, word: str, _: int, chance: random.Random) -> tuple[str, Any, int]:
        key = chance.choice(ROOMS)
        body = {"key": key, "name": word, "capacity": 30, "part_of": PARTS.get(key)}
        return "/venues/place/rooms", body, 1

    def _move(self, word: str, number: int, chance: random.Random) -> tuple[str, Any, int]:
        day, hour = chance.randint(0, 6), chance.randint(8, 20)
        start = day * 1440 + hour * 60
        body: dict[str, Any] = {"request": f"r{number:02}", "start_min": start, "room": chance.choice(ROOMS)}
        body |= {"why": word, "accept": list(SOFT_RULES)}
        return f"{self._week(number, chance)}/moves", body, 1

    def _release(self, word: str, number: int, chance: random.Random) -> tuple[str, Any, int]:
        """The timetable's event; those of the diaries have no word, and are compared with it."""
        return f"{self._week(number, chance)}/release", {"name": word}, 1

    def _week(self, number: int, chance: random.Random) -> str:
        return f"/weeks/{self.chain.area(number)}/{self.chain.week(chance.randint(0, 1))}"
