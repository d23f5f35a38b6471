"""New databases, and processes that serve them, for whoever looks for faults."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from bench.torture_servers import Nursery, nursery
from tests.conftest import PostgresServer

Databases = Callable[[], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def born() -> Iterator[Nursery]:
    """Starts processes that serve, quickly."""
    with nursery() as made:
        yield made


@pytest.fixture
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """A new empty database at each call, of the kind that the test names."""
    numbers = itertools.count()

    @contextmanager
    def memory() -> Iterator[str]:
        yield "memory:"

    @contextmanager
    def sqlite() -> Iterator[str]:
        yield f"sqlite:///{tmp_path / f'{next(numbers)}.db'}"

    @contextmanager
    def postgresql() -> Iterator[str]:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        name = f"faults_{uuid4().hex[:12]}"
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield server.url(name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")

    found: Databases = {"memory": memory, "sqlite": sqlite, "postgresql": postgresql}[request.param]
    return found
