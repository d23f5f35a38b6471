"""Run the interface as real processes that can be killed all at once, and ask it as real clients do."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO, Any

from bench.sections import ROOT

PATIENCE_S = 60
STARTS_WITHIN_S = 180  # where a machine is busy
PROCESSES = 2
# Whoever sends as many wrong tokens as a fuzz does would soon hear nothing but 429.
LIMITS = ("TOKENS", "SIGN_IN", "LINKS", "LINKS_EACH")
UNLIMITED = {f"LYCEUM_LIMIT_{name}": "1000000/minute" for name in LIMITS}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Running:
    """Processes that answer on one port; `group` is theirs alone, `parent` the one among them that we started."""

    port: int
    group: int
    parent: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """Kill -9 all of them at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.group, signal.SIGKILL)
        if self.parent:
            self.parent.wait(PATIENCE_S)

    def most_memory(self) -> int:
        """The most megabytes that any of the processes has had in memory so far; 0 where the system does not say."""
        megabytes = [0]
        for process in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError, ValueError, IndexError):
                group = int(process.read_text().rpartition(")")[2].split()[2])
                said = process.with_name("status").read_text() if group == self.group else ""
                megabytes += [
                    int(line.split()[1]) // 1024 for line in said.splitlines() if line.startswith("VmHWM")
                ]
        return max(megabytes)


def serve(
    url: str, processes: int = PROCESSES, *, settings: Mapping[str, str] | None = None, workers: int = 1
) -> Running:
    """`lyceum serve` as people run it, ready to answer; `settings` are further variables of its environment."""
    port = free_port()
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--processes", str(processes)]
    command += ["--workers", str(workers)]
    server = subprocess.Popen(  # noqa: S603 - our own words
        command,
        env={**environment(url), **(settings or {})},
        start_new_session=True,
        cwd=ROOT,
        stdout=-3,
        stderr=-3,
    )
    return _ready(Running(port, server.pid, server))


def _ready(running: Running) -> Running:
    try:
        wait(running.port)
    except TimeoutError:
        running.kill()
        raise
    return running


@contextmanager
def serving(url: str, processes: int = PROCESSES) -> Iterator[Running]:
    """The same for a while; whatever is left of it is killed afterwards."""
    running = serve(url, processes)
    try:
        yield running
    finally:
        running.kill()


def environment(url: str) -> dict[str, str]:
    return {**os.environ, **UNLIMITED, "LYCEUM_DATABASE": url}


def wait(port: int) -> None:
    """Until it is ready. Raises TimeoutError where that takes more than three minutes."""
    began = time.monotonic()
    while time.monotonic() - began < STARTS_WITHIN_S:
        client = Client(port, None, timeout_s=5)
        try:
            if client.get("/health/ready").status == 200:
                return
        except (OSError, HTTPException):
            time.sleep(0.02)
        finally:
            client.close()
    raise TimeoutError(f"nobody answers on port {port}")


# ---- Many starts


@dataclass
class Nursery:
    """A process that has read the program once and forks the processes that serve, so that each start is quick."""

    process: subprocess.Popen[str]
    reading: IO[str]
    writing: IO[str]

    def start(
        self,
        url: str,
        processes: int = PROCESSES,
        *,
        settings: Mapping[str, str] | None = None,
        workers: int = 1,
    ) -> Running:
        port = free_port()
        order = {"url": url, "port": port, "processes": processes, "settings": dict(settings or {})}
        self.writing.write(json.dumps({**order, "workers": workers}) + "\n")
        self.writing.flush()
        return _ready(Running(port, int(self.reading.readline())))


@contextmanager
def nursery() -> Iterator[Nursery]:
    command = [sys.executable, "-m", "bench.torture_nursery"]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(  # noqa: S603 - our own words
            command,
            env=environment(""),
            cwd=ROOT,
            stdin=-1,
            stdout=-1,
            stderr=said,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the nursery has no pipes")
        try:
            yield Nursery(process, process.stdout, process.stdin)
        finally:
            process.kill()


# ---- Clients


@dataclass
class Heard:
    """An answer."""

    status: int
    body: bytes
    etag: str | None

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The name of the problem that it tells, "" where it tells none."""
        if self.status < 400:
            return ""
        return str(self.json.get("type", "")).removeprefix("/v1/problems/")


@dataclass
class Client:
    """One connection, kept open, of somebody with a token."""

    port: int
    token: str | None
    timeout_s: float = PATIENCE_S
    connection: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = HTTPConnection("127.0.0.1", self.port, timeout=self.timeout_s)

    def get(self, path: str) -> Heard:
        return self._asked("GET", path, None, {})

    def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Heard:
        """Bytes are sent as CSV, everything else as JSON."""
        is_table = isinstance(body, bytes)
        media = "text/csv" if is_table else "application/json"
        content = body if is_table else json.dumps(body).encode()
        return self._asked("POST", path, content, {"Content-Type": media, **(headers or {})})

    def _asked(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Heard:
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before the end of the body was sent
            self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return Heard(answer.status, answer.read(), answer.getheader("ETag"))

    def close(self) -> None:
        self.connection.close()
