"""Fixtures of the exports: towns in two time zones, and a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.exports.town import Town, town


@pytest.fixture(params=["America/Toronto", "Asia/Shanghai"])
def any_town(request: pytest.FixtureRequest) -> Iterator[Town]:
    made = town(request.param)
    yield made
    made.lyceum.close()


@pytest.fixture
def toronto() -> Iterator[Town]:
    made = town("America/Toronto")
    yield made
    made.lyceum.close()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"
