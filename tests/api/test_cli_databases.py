"""Every command on what is no database of this program ends with exit code 5 and one sentence."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.store.test_database_addresses import contents, unusable
from tests.api.conftest import ROOT, Run
from tests.api.test_examples import EXAMPLES

# They set up the log of the whole process, so they run in one of their own.
SERVING = ("run", "serve", "work")
WITHOUT = ("template", "kinds", "solve", "check", "check-plan", "explain", "gaps", "fairness")
LINES = sorted(
    line
    for example in EXAMPLES
    if (line := example.replace("--db sqlite:///city.db ", "")).split()[1]
    not in (*WITHOUT, *SERVING, "restore")
)
URLS = ("sqlite:///random.db", "sqlite:///folder", "sqlite:///shop.db", "postgresql://host:port/name")


def test_commands_are_found() -> None:
    assert len(LINES) > 50
    assert {"backup", "link", "token", "demo"} <= {line.split()[1] for line in LINES}


@pytest.mark.parametrize("line", LINES)
def test_command_on_no_database_ends_with_5_and_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    unusable(tmp_path)
    before = contents(tmp_path)

    for url in URLS:
        monkeypatch.setenv("LYCEUM_DATABASE", url)
        ran = run(line)
        assert (ran.code, ran.out, ran.err.count("\n")) == (5, "", 1), (url, ran)
        assert ran.err.startswith("lyceum: "), ran
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", SERVING)
def test_server_on_no_database_does_not_start(tmp_path: Path, name: str) -> None:
    unusable(tmp_path)
    before = contents(tmp_path)

    for url in URLS:
        ran = subprocess.run(
            [sys.executable, "-m", "api.cli", "--db", url, name],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (5, "", 1), (url, ran)
        assert ran.stderr.startswith("lyceum: "), ran
    assert contents(tmp_path) == before


@pytest.mark.parametrize("url", URLS)
def test_restore_into_no_database_ends_with_5(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    unusable(tmp_path)
    assert run("lyceum init").code == 0
    assert run("lyceum backup town.backup").code == 0
    monkeypatch.setenv("LYCEUM_DATABASE", url)

    ran = run("lyceum restore town.backup")

    assert (ran.code, ran.err.count("\n")) == ((1, 1) if url.startswith("postgresql") else (5, 1)), ran


def test_restore_with_replace_takes_the_place_of_a_damaged_database_but_of_no_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unusable(tmp_path)
    assert run("lyceum init").code == 0
    assert run("lyceum backup town.backup").code == 0

    for url, code in (("sqlite:///folder", 5), ("sqlite:///random.db", 0)):
        monkeypatch.setenv("LYCEUM_DATABASE", url)
        assert run("lyceum restore town.backup --replace").code == code
    assert run("lyceum rebuild").code == 0


@pytest.mark.parametrize("file", ["random.db", "folder", "shop.db", "text.txt"])
def test_restore_of_what_is_no_backup_is_refused_and_changes_nothing(
    run: Run, tmp_path: Path, file: str
) -> None:
    unusable(tmp_path)
    assert run("lyceum init").code == 0
    shutil.copy(tmp_path / "lyceum.db", tmp_path / "before.db")

    ran = run(shlex.join(["lyceum", "restore", file, "--replace"]))

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert file in ran.err
    assert (tmp_path / "lyceum.db").read_bytes() == (tmp_path / "before.db").read_bytes()
