"""Jobs as people run them: `lyceum serve` and workers as processes of their own, on a file and on PostgreSQL."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import httpx2
import uvicorn

from adapters.jobs import job_queue
from adapters.jobs.job_records import find_best
from adapters.store.store import DatabaseStore
from api.http.server import create_app
from api.http.settings import Settings
from tests.adapters.test_jobs import a_job
from tests.adapters.town import WEEK, town
from tests.api.http.busy import busy_town
from tests.api.http.conftest import served, someone
from tests.api.http.test_jobs import Event, events_of, planned
from tests.api.http.test_serving import PATIENCE_S, serving, shared, token

__all__ = ["shared"]
LEASE_S = 3
ROOT = Path(__file__).parents[3]


@contextmanager
def worker(database: str, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `lyceum work` beside the server; kill it afterwards."""
    command = [sys.executable, "-m", "api.cli", "work", "--name", name, "--lease", str(LEASE_S)]
    environment = {**os.environ, "LYCEUM_DATABASE": database}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(what: Callable[[], Any]) -> Any:
    """Its first answer that is not empty."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_S:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


class Listener(Thread):
    """Reads the progress of a job from its beginning to its end, as a client does."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.url, self.headers = url, headers
        self.read = b""
        self.start()

    def run(self) -> None:
        with (
            httpx2.Client(timeout=PATIENCE_S) as client,
            client.stream("GET", self.url, headers=self.headers) as told,
        ):
            for part in told.iter_raw():
                self.read += part

    @property
    def events(self) -> list[Event]:
        return events_of(self.read[: self.read.rfind(b"\n\n")])


def test_solve_whose_worker_is_killed_is_taken_up_by_another_and_a_stop_keeps_the_best(shared: str) -> None:
    with busy_town(shared) as lyceum:
        own = token(lyceum, "anna")
    with (
        serving(shared, 1) as address,
        worker(shared, "w-1") as first,
        worker(shared, "w-2") as second,
        httpx2.Client(base_url=f"{address}/v1", timeout=PATIENCE_S, headers=own) as client,
    ):
        asked = client.post(f"/weeks/busy/{WEEK}/plan", json={"seconds": 600, "workers": 1})
        id = asked.json()["id"]
        listener = Listener(f"{address}/v1/jobs/{id}/progress", own)
        store = DatabaseStore(shared)
        job = until(lambda: find_best(store, UUID(id)) and job_queue.find_job(store, UUID(id))[0])
        assert (job.status, job.attempt) == ("running", 1)

        (first if job.worker == "w-1" else second).kill()
        kept = find_best(store, UUID(id)) or []

        again = until(lambda: (found := job_queue.find_job(store, UUID(id))[0]).attempt == 2 and found)
        assert {job.worker, again.worker} == {"w-1", "w-2"}
        taken_up = until(
            lambda: [one for one in listener.events if one.data.get("phase") == "picked up again"]
        )[0]
        until(lambda: values(listener.events, after=int(taken_up.id)))
        client.post(f"/jobs/{id}/stop").raise_for_status()
        listener.join(PATIENCE_S)

        told = listener.events
        states = [(one.data["status"], one.data["attempt"]) for one in told if one.name == "state"]
        numbers = [int(one.id) for one in told if one.id]
        assert states in ([("queued", 0), ("running", 1)], [("running", 1)])
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert (told[-1].name, told[-1].data["status"], told[-1].data["draft"]) == ("result", "stopped", 1)
        result = client.get(f"/jobs/{id}/result").json()
        drafted = client.get(f"/weeks/busy/{WEEK}/draft")
        assert drafted.status_code == 200, drafted.text
        assert (drafted.json()["number"], len(drafted.json()["sessions"])) == (1, result["sessions"])
        problem = client.get(f"/weeks/busy/{WEEK}/draft/documents/problem").json()
        assert result["goals"]["served"]["value"] >= served_by(kept, problem) > 0, "it went on from there"
        assert first.poll() is None or second.poll() is None
        store.close()


def served_by(assignments: list[Any], problem: Any) -> int:
    weight = {
        one["id"]: one["priority"] * one["learners"] * one["duration_minutes"] for one in problem["requests"]
    }
    return sum(weight[one["request"]] for one in assignments)


def values(told: list[Event], *, after: int = 0, until: int = 10**9) -> list[int]:
    """What was served at the points between two."""
    points = [one.data for one in told if one.name == "progress" and after < int(one.id) < until]
    return [one["value"] for one in points if one["value"]]


def test_server_begins_its_worker_again_and_ends_it_with_itself(tmp_path: Path) -> None:
    database, log = f"sqlite:///{tmp_path / 'lyceum.db'}", tmp_path / "log"
    with town(database) as lyceum:
        own = token(lyceum, "anna")

    def worker_of() -> int | None:
        found = [
            pid
            for pid in _processes()
            if f"{tmp_path}".encode() in _environment(pid) and b"--attached" in _command(pid)
        ]
        return found[0] if found else None

    with serving(database, 1, log, workers=1) as address:
        first = until(worker_of)
        os.kill(first, 9)
        second = until(lambda: (pid := worker_of()) != first and pid)
        with httpx2.Client(base_url=f"{address}/v1", timeout=PATIENCE_S, headers=own) as client:
            id = client.post(f"/weeks/town/{WEEK}/plan", json={"seconds": 5}).json()["id"]
            told = Listener(f"{address}/v1/jobs/{id}/progress", own)
            told.join(PATIENCE_S)
        assert told.events[-1].data["status"] == "done"
        assert os.getpriority(os.PRIO_PROCESS, second) == 5

    assert worker_of() is None
    assert "stopped serving" in log.read_text()
    assert "a worker has died; the next one begins" in log.read_text()


def _processes() -> Iterator[int]:
    yield from (int(one.name) for one in Path("/proc").iterdir() if one.name.isdecimal())


def _command(pid: int) -> bytes:
    return _text(pid, "cmdline")


def _environment(pid: int) -> bytes:
    return _text(pid, "environ")


def _text(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def test_stream_ends_when_its_reader_goes() -> None:
    with town("memory:") as lyceum, served(lyceum) as inside:
        person = someone(lyceum, inside, ("administrator", None))
        id = planned(person).body["id"]
        app = create_app(Settings(), lyceum=lyceum, clock=lyceum.clock)
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
        thread = Thread(target=server.run)
        thread.start()
        until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/v1/jobs/{id}/progress"

        with (
            httpx2.Client() as client,
            client.stream("GET", url, headers={"authorization": f"Bearer {person.token}"}) as told,
        ):
            parts = told.iter_raw()  # which closes the answer when it is given up
            begin = next(parts)
            assert events_of(begin) == [Event("state", "", {"status": "queued", "attempt": 0, "stop": False})]
            assert app.state.app_state.streams.count == 1

        until(lambda: app.state.app_state.streams.count == 0)
        server.should_exit = True
        thread.join()


def test_worker_does_what_waits_and_ends(tmp_path: Path) -> None:
    """As `lyceum work --once` in a nightly timetable of the machine's own."""
    database = f"sqlite:///{tmp_path / 'lyceum.db'}"
    with town(database) as lyceum:
        job = job_queue.ask(lyceum, a_job(lyceum))
        command = [sys.executable, "-m", "api.cli", "work", "--once"]
        environment = {**os.environ, "LYCEUM_DATABASE": database, "LYCEUM_LOG_FORMAT": "json"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)

        assert done.returncode == 0, done.stderr
        assert job_queue.find_job(lyceum.store, job.id)[0].status == "done"
        said = [json.loads(line)["event"] for line in done.stderr.splitlines()]
        assert said == ["working", "job begun", "job ended", "stopped working"]


def test_worker_with_an_unknown_priority_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "api.cli", "--db", f"sqlite:///{tmp_path / 'lyceum.db'}", "work"]
    environment = {**os.environ, "LYCEUM_JOB_PRIORITY": "high"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)

    assert (done.returncode, done.stderr) == (
        1,
        "lyceum: LYCEUM_JOB_PRIORITY='high' is none; use idle or normal\n",
    )


def test_worker_on_a_database_in_memory_is_refused() -> None:
    command = [sys.executable, "-m", "api.cli", "--db", "memory:", "work"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    assert done.returncode == 1
    assert re.search(r"a database in memory lives in one process.*name a file with --db", done.stderr)
