"""The same application tests on memory, SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.application.application import Lyceum
from tests.adapters.town import town


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
