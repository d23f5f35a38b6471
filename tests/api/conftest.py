"""The command line as a person runs it, in a folder of its own."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
TOWN = ROOT / "samples" / "town"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Run = Callable[[str], Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command line, such as `lyceum init`, in an empty folder that has the samples in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LYCEUM_DATABASE", "sqlite:///lyceum.db")
    monkeypatch.setenv("LYCEUM_ACTOR", "coordinator-1")
    monkeypatch.setenv("PYTHONSAFEPATH", "1")  # as `main` sets it, taken back afterwards
    shutil.copytree(TOWN, tmp_path / "samples" / "town")

    def run_one(line: str) -> Ran:
        monkeypatch.setattr(sys, "argv", shlex.split(line))
        code = 0
        try:
            main()
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        written = capsys.readouterr()
        return Ran(code, written.out, written.err)

    return run_one


@pytest.fixture
def town(run: Run) -> Run:
    """The same, with the tiny town imported."""
    for line in (
        "lyceum init",
        *(f"lyceum import {kind} samples/town/{kind}.csv --accept-warnings" for kind in
          ("network", "venues", "rooms", "hours", "volunteers", "requests")),
    ):  # fmt: skip
        assert run(line).code == 0
    return run


@pytest.fixture
def released(town: Run) -> Run:
    """The same, with a first release."""
    for line in (
        "lyceum plan --area town --week 2026-W49 --time-limit 5",
        "lyceum release --area town --week 2026-W49 --name First",
    ):
        assert town(line).code == 0
    return town
