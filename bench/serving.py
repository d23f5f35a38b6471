"""Run `lyceum serve` as people run it, and tell what its processes use."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench.sections import ROOT

PATIENCE_S = 60
TICKS_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A server that answers at `address`."""

    address: str
    process: int

    def cpu_s(self) -> float:
        """Processor time of its processes so far."""
        return sum(_cpu_s(process) for process in tree(self.process))

    def memory_mb(self) -> list[int]:
        """The memory of each process that answers, what it shares counted in part (PSS)."""
        return sorted((_memory_kb(process) // 1024 for process in tree(self.process)), reverse=True)


@contextmanager
def serving(database: str, processes: int) -> Iterator[Server]:
    """Run it until it is ready; end it and its processes afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--processes", str(processes)]
    with tempfile.TemporaryFile() as log:
        started = subprocess.Popen(  # noqa: S603 - our own words
            command,
            env={**os.environ, "LYCEUM_DATABASE": database},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(address, started, log)
            yield Server(address, started.pid)
        finally:
            started.terminate()
            started.wait(PATIENCE_S)


def _wait(address: str, started: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_S:
        if started.poll() is not None:
            log.seek(0)
            raise RuntimeError(f"lyceum serve ended by itself: {log.read().decode()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{address}/health/ready") as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError("lyceum serve did not become ready")


def tree(process: int) -> list[int]:
    """A process and all that it has started, as Linux tells."""
    parents = {
        int(folder.name): _parent(folder) for folder in Path("/proc").iterdir() if folder.name.isdecimal()
    }
    processes, more = [process], [process]
    while more:
        more = [child for child, parent in parents.items() if parent in more]
        processes += more
    return processes


def _fields(folder: Path) -> list[str]:
    """Those after the name of the program, which may have spaces."""
    try:
        return (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:  # it has ended
        return ["Z", "0", *["0"] * 50]


def _parent(folder: Path) -> int:
    return int(_fields(folder)[1])


def _cpu_s(process: int) -> float:
    user, system = _fields(Path("/proc", str(process)))[11:13]
    return (int(user) + int(system)) / TICKS_S


def _memory_kb(process: int) -> int:
    try:
        lines = Path("/proc", str(process), "smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
