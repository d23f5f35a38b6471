"""A store on memory, SQLite and PostgreSQL, and its read side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.store.store import Store
from adapters.store.views import ReadModels


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """An empty store of each kind."""
    kept = Store(database)
    yield kept
    kept.close()


@pytest.fixture
def models(store: Store) -> ReadModels:
    """Its read side."""
    return ReadModels(store)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database that several programs can open; what is in memory belongs to one."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'lyceum.db'}"
    return str(request.getfixturevalue("postgres_url"))
