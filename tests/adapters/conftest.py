"""The same application tests on memory, SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.application.application import Lyceum
from tests.adapters.town import town


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    match request.param:
        case "sqlite":
            return f"sqlite:///{tmp_path / 'lyceum.db'}"
        case "postgresql":
            return str(request.getfixturevalue("postgres_url"))
    return "memory:"


@pytest.fixture
def lyceum(database: str) -> Iterator[Lyceum]:
    """The application on it, with a small town."""
    with town(database) as application:
        yield application


@pytest.fixture
def quick() -> Iterator[Lyceum]:
    """The same in memory alone, for what does not touch the database's own ways."""
    with town("memory:") as application:
        yield application
