"""Run a PostgreSQL server of the benchmark's own, with the settings it is shipped with: every commit is on disk."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "lyceum"


@dataclass(frozen=True)
class Cluster:
    """A running server with an empty database of its own."""

    url: str
    binaries: Path
    home: Path
    account: str | None

    def crash(self) -> None:
        """End all its processes at once, without any tidying; what was committed has to be on disk."""
        self._control("stop", "-m", "immediate", "-w")

    def start(self) -> None:
        """Start it again, with the settings that it had."""
        self._control("start", "-l", self.home / "log", "-w", "-o", (self.home / "settings").read_text())

    def close(self) -> None:
        self._control("stop", "-m", "fast", "-w")

    def _control(self, what: str, *options: Path | str) -> None:
        _run(self.account, self.binaries / "pg_ctl", what, "-D", self.home / "data", *options)


@contextmanager
def cluster() -> Iterator[Cluster | None]:
    """A server that may be crashed and started again; None where this machine has no server programs."""
    binaries = _binaries()
    if binaries is None:
        yield None
        return
    home = Path(tempfile.mkdtemp(prefix="lyceum-bench-"))
    try:
        account = _account(home)
        server = Cluster(_started(binaries, home, account), binaries, home, account)
        try:
            yield server
        finally:
            server.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str | None]:
    """The address of an empty database; None where this machine has no server programs."""
    with cluster() as server:
        yield server.url if server else None


def _binaries() -> Path | None:
    program = shutil.which("pg_ctl")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    candidates = [*([Path(program).resolve().parent] if program else []), *reversed(debian)]
    return next((path for path in candidates if (path / "initdb").exists()), None)


def _account(home: Path) -> str | None:
    """PostgreSQL refuses to run as root, so its folder then belongs to another account."""
    if os.geteuid() != 0:
        return None
    shutil.chown(home, "postgres")
    return "postgres"


def _started(binaries: Path, home: Path, account: str | None) -> str:
    password, secret = secrets.token_hex(16), home / "password"
    secret.write_text(password, encoding="utf-8")
    if account:
        shutil.chown(secret, account)
    options = ("-U", USER, "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--pwfile={secret}")
    _run(account, binaries / "initdb", "-D", home / "data", *options)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    settings = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={home}"
    (home / "settings").write_text(settings, encoding="utf-8")
    _run(account, binaries / "pg_ctl", "start", "-D", home / "data", "-l", home / "log", "-w", "-o", settings)
    return f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"


def _run(account: str | None, *command: Path | str) -> None:
    arguments = [*(["runuser", "-u", account, "--"] if account else []), *map(str, command)]
    subprocess.run(arguments, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words
