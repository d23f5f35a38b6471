"""`lyceum serve` as people run it: processes of its own, on a file or on PostgreSQL, with many clients at once."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from adapters.access.api_tokens import Credential, RoleGrant, credential_row
from adapters.application.application import Lyceum
from adapters.services.planning import Effort, plan_week
from api.http.server import create_app
from api.http.settings import Settings
from tests.adapters.town import TOWN, WEEK, town
from tests.conftest import PostgresServer

PATIENCE_S = 60
STARTS_WITHIN_S = 180  # where other tests need the processors
CLIENTS = 16


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that several processes can open."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'lyceum.db'}"
    return str(request.getfixturevalue("postgres_url"))


@contextmanager
def serving(
    database: str, processes: int, log: Path | None = None, workers: int = 0, **settings: Any
) -> Iterator[str]:
    """Run `lyceum serve` until it is ready, with its log in a file; end it and its processes afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    counts = ["--processes", str(processes), "--workers", str(workers)]
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), *counts]
    environment = {**os.environ, "LYCEUM_DATABASE": database, **settings}
    root = Path(__file__).parents[3]
    with (log or Path(os.devnull)).open("wb") as told:
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=told, cwd=root)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    while time.monotonic() - began < STARTS_WITHIN_S:
        assert server.poll() is None, "the server ended by itself"
        try:
            if httpx2.get(f"{address}/health/ready").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not become ready")


def token(lyceum: Lyceum, actor: str) -> dict[str, str]:
    """Headers of somebody who may do everything."""
    held = Credential(actor, (RoleGrant("administrator"),))
    lyceum.store.save((), [credential_row(actor, held)])
    return {"authorization": f"Bearer {actor}"}


def test_many_clients_of_two_processes_get_one_release_and_nobody_reads_what_is_old(shared: str) -> None:
    with town(shared) as lyceum:
        plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
        people = [token(lyceum, f"coordinator-{number}") for number in range(CLIENTS)]
        # a connection of its own for each request, so that either process may answer
        apart = httpx2.Limits(max_keepalive_connections=0)
        with serving(shared, 2) as address, httpx2.Client(limits=apart, timeout=PATIENCE_S) as client:

            def release(own: dict[str, str]) -> httpx2.Response:
                url = f"{address}/v1/weeks/town/{WEEK}/release"
                return client.post(url, json={"name": own["authorization"]}, headers=own)

            with ThreadPoolExecutor(CLIENTS) as pool:
                answers = list(pool.map(release, people))
            assert {one.status_code for one in answers} <= {200, 409}
            assert sum(one.status_code == 200 and one.json()["made"] for one in answers) == 1
            assert len(client.get(f"{address}/v1/weeks/town/{WEEK}").json()["releases"]) == 1

            for capacity in range(30, 50):
                room = {"key": "reading", "name": "Reading", "capacity": capacity}
                client.post(
                    f"{address}/v1/venues/library/rooms", json=room, headers=people[0]
                ).raise_for_status()
                read = client.get(f"{address}/v1/venues/library/rooms/reading", headers=people[0]).json()
                assert read["capacity"] == capacity


def test_log_and_metrics_are_those_of_all_processes_and_outlive_one_of_them(tmp_path: Path) -> None:
    database, log = f"sqlite:///{tmp_path / 'lyceum.db'}", tmp_path / "log"
    town(database).close()
    apart = httpx2.Limits(max_keepalive_connections=0)
    settings: dict[str, Any] = {"LYCEUM_METRICS_TOKEN": "a-token-of-the-metrics", "LYCEUM_LOG_FORMAT": "json"}

    def lines(event: str) -> list[dict[str, Any]]:
        written = (
            log.read_text().splitlines()
        )  # two lines of text at the first start: the link of the administrator
        found = [json.loads(line) for line in written if line.startswith("{")]
        assert len(written) - len(found) <= 2
        return [one for one in found if one["event"] == event]

    def counted() -> float:
        page = client.get(f"{address}/metrics", headers={"authorization": "Bearer a-token-of-the-metrics"})
        name = 'lyceum_http_requests_total{method="GET",route="/v1/areas/{area}",status="200"}'
        return next(float(row.split()[-1]) for row in page.text.splitlines() if row.startswith(name))

    with serving(database, 2, log, **settings) as address, httpx2.Client(limits=apart) as client:
        for _ in range(30):
            assert client.get(f"{address}/v1/areas/river").status_code == 200
        _until(lambda: counted() == 30)  # a request is counted after its last byte has left
        before = {counted() for _ in range(6)}
        os.kill(lines("started")[0]["pid"], signal.SIGKILL)
        _until(lambda: len(lines("started")) == 3)
        for _ in range(10):
            assert client.get(f"{address}/v1/areas/river?x=13800138000").status_code == 422
        after = {counted() for _ in range(6)}

    assert (before, after) == ({30}, {30})
    assert len(lines("request")) == 40
    assert len({one["request"] for one in lines("request")}) == 40
    assert [one["processes"] for one in lines("serving")] == [2]
    assert (len(lines("stopped")), len(lines("stopped serving"))) == (2, 1)
    assert any(one["logger"] == "uvicorn.error" for one in lines("Application startup complete."))
    assert "13800138000" not in log.read_text()


def _until(true: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < PATIENCE_S
        time.sleep(0.1)


def test_a_server_that_is_set_up_wrongly_does_not_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--workers", "0"]
    environment = {
        **os.environ, "LYCEUM_DATABASE": f"sqlite:///{tmp_path / 'lyceum.db'}", "LYCEUM_METRICS_TOKEN": "short"
    }  # fmt: skip

    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    assert ended.returncode == 1
    assert ended.stderr.startswith("lyceum: LYCEUM_METRICS_TOKEN is too short to be a secret;")
    assert not (tmp_path / "lyceum.db").exists()


@pytest.mark.postgres
def test_ready_says_503_while_the_database_does_not_answer_and_then_200_again(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    with (
        town(f"{postgres_url}?connect_timeout=1") as lyceum,
        TestClient(create_app(Settings(), lyceum=lyceum)) as client,
    ):
        postgres_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        postgres_server.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        gone = client.get("/health/ready")
        alive = client.get("/health/live")
        postgres_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        _until(lambda: client.get("/health/ready").status_code == 200)

    assert (gone.status_code, gone.json()["type"]) == (503, "/v1/problems/unavailable")
    assert alive.status_code == 200


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks the system for children")
def test_process_that_the_machine_keeps_waiting_is_not_taken_for_lost(tmp_path: Path) -> None:
    """Where others need the processors a process may give no sign for many seconds; the one that starts, too."""
    log = tmp_path / "log"

    def started() -> list[int]:
        lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
        return [
            int(line["event"].split("[")[1].split("]")[0])
            for line in lines
            if line["event"].startswith("Started server process")
        ]

    with serving(f"sqlite:///{tmp_path / 'lyceum.db'}", 2, log, LYCEUM_LOG_FORMAT="json"):
        waiting = started()[0]
        os.kill(waiting, signal.SIGSTOP)
        time.sleep(8)
        os.kill(waiting, signal.SIGCONT)
        time.sleep(1)

        assert "died" not in log.read_text()
        os.kill(waiting, 0)
