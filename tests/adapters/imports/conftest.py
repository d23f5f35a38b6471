"""A database with a small network, files written for one test, and the real files beside the repository."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn, Protocol

import pytest

from adapters.application.application import Lyceum
from adapters.imports.import_report import ImportReport
from adapters.imports.importing import ImportOptions, run_import

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
NETWORK = """\
key,level,name,names,parent,scheme,code,zone,lat,lon,since
city,city,Rongcheng,zh=荣城,,,,Asia/Shanghai,29.40,105.60,2020-01-01
north,district,North,,city,cn-nbs,500101,,29.45,105.60,2020-01-01
south,district,South,,city,cn-nbs,500102,,29.35,105.60,2020-01-01
river,street,River Street,,north,cn-nbs,500101001,,,,2020-01-01
"""
VENUES = """\
key,name,kind,area,lat,lon,hours,recall_notice_hours
lib,Library,library,river,29.41,105.60,Mo-Fr 09:00-17:00; PH off,48
sch,School,school,cn-nbs:500102,,,,
"""
ROOMS = """\
venue,key,name,capacity,equipment,accessible,part_of,functions,hours
lib,east,East half,30,"projector, piano",yes,hall,,
lib,hall,Hall,70,,yes,,"arts, health",
sch,gym,Gym,100,,,,,Mo-Fr 18:00-21:00
"""


class Given(Protocol):
    """Imports a text of one kind."""

    def __call__(self, kind: str, text: str, *, accept: bool = False) -> ImportReport: ...


def shared(name: str) -> Path:
    """A real file; without it the test is skipped, and fails in CI."""
    path = SHARED / name
    return (
        path if path.exists() else _do_without(f"there is no {name} in the shared data beside the repository")
    )


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(f"In CI every test runs, but {reason}.", pytrace=False)
    pytest.skip(f"Needs real input, and {reason}.")


def opened(url: str = "memory:") -> Lyceum:
    return Lyceum(url, actor="importer-1", clock=lambda: NOW)


@pytest.fixture
def empty() -> Iterator[Lyceum]:
    with opened() as lyceum:
        yield lyceum


@pytest.fixture
def given(empty: Lyceum, tmp_path: Path) -> Given:
    """Import a text of one kind into the database `empty`."""

    def command(kind: str, text: str, *, accept: bool = False) -> ImportReport:
        path = tmp_path / f"{kind}.csv"
        path.write_text(text, encoding="utf-8")
        return run_import(empty, kind, path, ImportOptions(accept_warnings=accept))

    return command


@pytest.fixture
def small(empty: Lyceum, given: Given) -> Lyceum:
    """With a network, two venues and their rooms."""
    for kind, text in (("network", NETWORK), ("venues", VENUES), ("rooms", ROOMS)):
        assert given(kind, text).imported
    return empty
