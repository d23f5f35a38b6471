"""Fixtures for every test: how Hypothesis searches, and a private PostgreSQL server."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings

os.environ["LYCEUM_JOB_PRIORITY"] = "normal"  # other tests keep the processors busy
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

# No deadlines: a shared machine pauses when it likes. In CI a failure must be the change's fault, so the
# search is the same every time; at a desk it goes on finding new examples.
settings.register_profile("lyceum", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("lyceum-ci", settings.get_profile("lyceum"), derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "lyceum-ci" if IN_CI else "lyceum"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that asks for a database by name, so that `-m 'not postgres'` leaves it out."""
    for item in items:
        if {"postgres_server", "postgres_url"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("postgres")


@pytest.fixture(autouse=True)
def environment_is_left_as_it_was() -> Iterator[None]:
    """What a test sets for its own process must not reach those that run after it, in whatever order."""
    before = _environment()
    yield
    assert _environment() == before


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "PYTEST_CURRENT_TEST"}


@dataclass(frozen=True)
class PostgresServer:
    """A running server that listens on the loopback address only and trusts nobody without its password."""

    port: int
    sockets: Path
    """Directory of the Unix socket."""
    password: str = field(repr=False)
    user: str = "lyceum"
    host: str = "127.0.0.1"

    def url(self, database: str) -> str:
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one statement outside a transaction, as creating a database asks for."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server with an empty cluster from the machine's own binaries; remove both at the end.

    Every worker of a parallel run starts its own. Where there are no binaries the test is skipped; in CI
    it fails.
    """
    binaries = _postgres_binaries()
    if binaries is None:
        _do_without("this machine has no PostgreSQL server: install one (on Debian, postgresql) to run it")
    # Not pytest's own temporary folder: a socket's path has room for about 100 characters, and the server's
    # account may not enter what belongs to root.
    home = Path(tempfile.mkdtemp(prefix="lyceum-pg-"))
    account = _server_account(home)
    try:
        server = _start(binaries, home, account)
        try:
            yield server
        finally:
            _run(binaries / "pg_ctl", "stop", "-D", home / "data", "-m", "immediate", "-w", account=account)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Give the address of a database that is new and empty, `postgresql://...`, and drop it afterwards."""
    database = f"test_{next(_numbers)}"
    postgres_server.execute(f"CREATE DATABASE {database} TEMPLATE template0")
    yield postgres_server.url(database)
    postgres_server.execute(f"DROP DATABASE {database} WITH (FORCE)")


_numbers = itertools.count(1)


def _do_without(reason: str) -> NoReturn:
    if IN_CI:
        pytest.fail(f"In CI every test runs, but {reason}.", pytrace=False)
    pytest.skip(f"Needs PostgreSQL, and {reason}.")


def _postgres_binaries() -> Path | None:
    """Find the folder with `initdb`, `pg_ctl` and `postgres`; the newest version wins among Debian's."""
    found = shutil.which("pg_ctl")
    config = shutil.which("pg_config")
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    candidates = [
        *([Path(found).resolve().parent] if found else []),
        *([Path(_run(config, "--bindir").strip())] if config else []),
        *sorted(debian, key=lambda path: float(path.parent.name), reverse=True),
    ]
    programs = ("initdb", "pg_ctl", "postgres")
    return next((path for path in candidates if all((path / name).exists() for name in programs)), None)


def _server_account(home: Path) -> str | None:
    """Hand `home` to the account that shall run the server; PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    account = "postgres"
    try:
        shutil.chown(home, account)
    except LookupError:
        account = "nobody"
        shutil.chown(home, account)
    return account


def _start(binaries: Path, home: Path, account: str | None) -> PostgresServer:
    data, log = home / "data", home / "log"
    password = secrets.token_hex(16)
    secret = home / "password"
    secret.write_text(password)
    if account:
        shutil.chown(secret, account)
    options = ("--encoding=UTF8", "--locale=C", "--no-sync", "--auth=scram-sha-256", f"--pwfile={secret}")
    _run(binaries / "initdb", "-D", data, "-U", PostgresServer.user, *options, account=account)
    start = ("start", "-D", data, "-l", log, "-w")
    server = PostgresServer(_free_port(), home, password)
    try:
        _run(binaries / "pg_ctl", *start, "-o", _settings(server), account=account)
    except RuntimeError:  # somebody else may have taken the port in between
        server = PostgresServer(_free_port(), home, password)
        try:
            _run(binaries / "pg_ctl", *start, "-o", _settings(server), account=account)
        except RuntimeError as error:
            error.add_note(log.read_text() if log.exists() else "It wrote no log.")
            raise
    return server


def _settings(server: PostgresServer) -> str:
    """Choose speed over safety, since nothing here outlives the tests."""
    chosen = {
        "listen_addresses": server.host,
        "port": server.port,
        "unix_socket_directories": server.sockets,
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "shared_buffers": "32MB",
        "max_connections": 100,
        "timezone": "UTC",
    }
    return " ".join(f"-c {name}={value}" for name, value in chosen.items())


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _run(program: Path | str, *arguments: Path | str, account: str | None = None) -> str:
    command = [str(part) for part in (program, *arguments)]
    if account:
        command = ["runuser", "-u", account, "--", *command]
    # The server inherits the streams of `pg_ctl`, so a pipe would stay open for as long as it runs.
    with tempfile.TemporaryFile("w+") as output:
        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
        ended = subprocess.run(command, **quiet, cwd="/", check=False, timeout=120)
        output.seek(0)
        said = output.read()
    if ended.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {ended.returncode}:\n{said}")
    return said


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    match request.param:
        case "sqlite":
            return f"sqlite:///{tmp_path / 'lyceum.db'}"
        case "postgresql":
            return str(request.getfixturevalue("postgres_url"))
    return "memory:"
