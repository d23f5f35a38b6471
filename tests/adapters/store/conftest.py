"""A store on memory, SQLite and PostgreSQL, and its read side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.store.store import DatabaseStore
from adapters.store.views import ReadModels
from tests.conftest import PostgresServer

POSTGRES = pytest.param("postgresql", marks=pytest.mark.postgres)


@pytest.fixture(scope="module")
def kept_url(postgres_server: PostgresServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """One PostgreSQL database for all tests of a module, because making one takes longer than a test."""
    name = request.module.__name__.rpartition(".")[2]
    postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield postgres_server.url(name)
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def emptied_url(kept_url: str) -> str:
    """Its address, after everything in it was dropped."""
    with psycopg.connect(kept_url, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return kept_url


@pytest.fixture(params=["memory", "sqlite", POSTGRES])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    return "memory:" if request.param == "memory" else _address(request, tmp_path)


@pytest.fixture(params=["sqlite", POSTGRES])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database that several programs can open; what is in memory belongs to one."""
    return _address(request, tmp_path)


def _address(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'lyceum.db'}"
    return str(request.getfixturevalue("emptied_url"))


@pytest.fixture
def store(database: str) -> Iterator[DatabaseStore]:
    """An empty store of each kind."""
    kept = DatabaseStore(database)
    yield kept
    kept.close()


@pytest.fixture
def models(store: DatabaseStore) -> ReadModels:
    """Its read side."""
    return ReadModels(store)
