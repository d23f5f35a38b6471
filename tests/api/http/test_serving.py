"""`lyceum serve` as people run it: processes of its own, on a file or on PostgreSQL, with many clients at once."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from adapters.application import Lyceum
from adapters.credentials import Credential, Granted, credential_row
from adapters.planning import Effort, plan_week
from tests.adapters.town import TOWN, WEEK, town

PATIENCE_S = 60
CLIENTS = 16


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that several processes can open."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'lyceum.db'}"
    return str(request.getfixturevalue("postgres_url"))


@contextmanager
def serving(database: str, processes: int) -> Iterator[str]:
    """Run `lyceum serve` until it is ready; end it and its processes afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--processes", str(processes)]
    environment = {**os.environ, "LYCEUM_DATABASE": database}
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(
        command, env=environment, stdout=quiet, stderr=quiet, cwd=Path(__file__).parents[3]
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_S:
        assert server.poll() is None, "the server ended by itself"
        try:
            if httpx2.get(f"{address}/health/ready").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not become ready")


def token(lyceum: Lyceum, actor: str) -> dict[str, str]:
    """Headers of somebody who may do everything."""
    held = Credential(actor, (Granted("administrator"),))
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
