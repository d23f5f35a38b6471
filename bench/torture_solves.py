"""Ask for a plan, so that its worker can be killed in the middle, and see that another brings it to its end, once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.torture_ledger import Raw, plain
from bench.torture_servers import PATIENCE_S, Client
from domain.network import area_id
from domain.timetable import timetable_id

SECONDS = 4  # of search; the worker is killed before


@dataclass(frozen=True)
class Solve:
    """A job that was acknowledged, and the week that it plans."""

    id: str
    week: str
    token: str

    def wait_until_running(self, port: int) -> None:
        self._wait(port, {"running", "done", "stopped", "failed"})

    def wait_until_ended(self, port: int) -> dict[str, Any]:
        return self._wait(port, {"done", "stopped", "failed"})

    def _wait(self, port: int, statuses: set[str]) -> dict[str, Any]:
        """The job once it stands so. Raises TimeoutError, or ValueError where it is not there."""
        client = Client(port, self.token)
        began = time.monotonic()
        try:
            while time.monotonic() - began < PATIENCE_S:
                heard = client.get(f"/v1/jobs/{self.id}")
                if heard.status != 200:
                    raise ValueError(f"job {self.id} is answered {heard.status} {heard.body[:200]!r}")
                job: dict[str, Any] = heard.json
                if job["status"] in statuses:
                    return job
                time.sleep(0.05)
        finally:
            client.close()
        raise TimeoutError(f"job {self.id} is not {' or '.join(sorted(statuses))} after {PATIENCE_S} s")


def ask(port: int, token: str, week: str) -> Solve:
    """Have the crowd's week planned. Raises ValueError where that is refused."""
    client = Client(port, token)
    try:
        heard = client.post(f"/v1/weeks/crowd/{week}/plan", {"seconds": SECONDS, "again": True})
    finally:
        client.close()
    if heard.status != 202:
        raise ValueError(f"a plan is answered {heard.status} {heard.body[:200]!r}")
    return Solve(heard.json["id"], week, token)


def complaints(solve: Solve, job: dict[str, Any], events: Iterable[Raw]) -> Iterator[str]:
    """What is wrong with a job that was cut and has ended."""
    if job["status"] != "done" or job["attempt"] < 2:
        yield f"job {solve.id} is {job['status']} after {job['attempt']} attempts: {job['why']}"
    timetable = plain(str(timetable_id(area_id("crowd"), solve.week)))
    drafts = [
        event for event in events if event.stream == timetable and event.topic == "timetable.draft_made"
    ]
    if len(drafts) != 1 or drafts[0].state["draft"] != job["draft"]:
        yield f"job {solve.id} says draft {job['draft']}, and there are {len(drafts)}"
