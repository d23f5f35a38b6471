"""The page for operators says what the program does: every setting, every option, and commands that run."""

from __future__ import annotations

import ast
import configparser
import logging
import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import typer
import yaml
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.people.personal_records import PersonalRecord
from adapters.store.store import person_row
from api.cli.main import app
from api.http.observability.metrics import Metrics
from api.http.observability.telemetry import Telemetry
from api.http.server import create_app
from api.http.settings import Settings
from domain.volunteer import volunteer_id
from tests.adapters.town import town as a_town
from tests.api.conftest import ROOT, Run
from tests.conftest import PostgresServer

PAGE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
SIGN_IN = ROOT / "api" / "http" / "settings.py"
TOLD_BY_SERVE = {"LYCEUM_SERVED_AT"}  # from one process to the next, not a setting


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def first_cells(heading: str) -> list[str]:
    """The first cell of each row of the first table under a heading that has a pattern."""
    return re.findall(heading, PAGE, re.MULTILINE)


# ---- Configuration


def settings_of_the_code() -> Iterator[str]:
    """Each name that the code reads: whole, or after the prefixes that the settings of signing in are read without."""
    for file in [*(ROOT / "api").rglob("*.py"), *(ROOT / "adapters").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from re.findall(r"^LYCEUM_[A-Z_]*[A-Z]$", node.value)
    for function in ast.walk(ast.parse(SIGN_IN.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef):
            prefix = "LYCEUM_OIDC_" if function.name == "_provider" else "LYCEUM_"
            texts = [one.value for one in ast.walk(function) if isinstance(one, ast.Constant)]
            names = [one for one in map(str, texts) if re.fullmatch(r"(?!LYCEUM)[A-Z][A-Z_]+[A-Z]", one)]
            yield from (f"{prefix}{name}" for name in names)


def test_every_setting_of_the_code_has_its_row_and_no_row_is_left_over() -> None:
    section = PAGE.partition("## Configuration")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(LYCEUM_[A-Z_]+)` \|", section, re.MULTILINE)

    assert sorted(rows) == sorted(set(settings_of_the_code()) - TOLD_BY_SERVE)


def options(command: str) -> set[str]:
    root: Any = typer.main.get_command(app)
    return {one.opts[0] for one in root.commands[command].params if not one.hidden}


@pytest.mark.parametrize("command", ["serve", "work"])
def test_every_option_of_serving_and_working_has_its_row(command: str) -> None:
    rows = first_cells(rf"^\| `lyceum {command} (--[a-z]+)` \|")

    assert sorted(rows) == sorted(options(command) - {"--help"})


# ---- Examples


def test_commands_of_the_page_run_from_top_to_bottom(released: Run) -> None:
    lines = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]
    assert len(lines) == 4

    failed = [(line, ran.err) for line in lines if (ran := released(line)).code != 0]

    assert failed == []


def test_shell_examples_can_be_read_by_a_shell_and_name_commands_that_there_are() -> None:
    root: Any = typer.main.get_command(app)
    for block in blocks("sh"):
        ended = subprocess.run(["sh", "-n"], input=block, text=True, capture_output=True, check=False)
        assert ended.returncode == 0, ended.stderr
        for line in block.splitlines():
            words = line.replace("sudo -u lyceum ", "").split()
            if words and words[0] in {"lyceum", "/opt/lyceum/bin/lyceum"}:
                assert words[1] in {*root.commands, "--version"}, line


def test_unit_of_the_service_starts_a_command_that_there_is() -> None:
    (unit,) = blocks("ini")
    parsed = configparser.ConfigParser(interpolation=None, comment_prefixes=("#",))
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(unit)

    program, command, *given = parsed["Service"]["ExecStart"].split()

    assert (program, command) == ("/opt/lyceum/bin/lyceum", "serve")
    assert {one for one in given if one.startswith("--")} <= options("serve")
    assert parsed["Service"]["NoNewPrivileges"] == "yes"


def test_metrics_and_alerts_of_the_page_are_those_that_are_told() -> None:
    with a_town("memory:") as lyceum:
        web = create_app(Settings(), lyceum=lyceum, telemetry=Telemetry(metrics=Metrics("a" * 16)))
        with TestClient(web) as client:
            client.get("/v1/areas/nowhere")
            page = client.get("/metrics", headers={"authorization": f"Bearer {'a' * 16}"}).text
    told = set(re.findall(r"^# TYPE (lyceum_\w+) ", page, re.MULTILINE))
    scrape, alerts = (yaml.safe_load(block) for block in blocks("yaml"))
    rules = alerts["groups"][0]["rules"]

    used = {name for rule in rules for name in re.findall(r"lyceum_\w+", rule["expr"])}

    assert set(first_cells(r"^\| `(lyceum_\w+)` \|")) == told
    assert {name.removesuffix("_bucket") for name in used} <= told
    assert first_cells(r"^\| `(Lyceum\w+)` \|") == [rule["alert"] for rule in rules]
    assert scrape["scrape_configs"][0]["job_name"] == "lyceum"


# ---- PostgreSQL


@pytest.fixture
def modest(postgres_server: PostgresServer) -> Iterator[str]:
    """A database as the page makes it, under another name, with the role that it makes."""
    script = "\n".join(blocks("sql")).replace("lyceum", "modest")
    psql = ["psql", "-q", "-v", "ON_ERROR_STOP=1", postgres_server.url("postgres")]
    password = {"PGPASSWORD": postgres_server.password}
    subprocess.run(psql, input=script, text=True, check=True, timeout=60, env={**os.environ, **password})
    url = f"postgresql://modest:choose-a-long-one@{postgres_server.host}:{postgres_server.port}/modest"
    yield url
    for statement in (
        "DROP DATABASE modest WITH (FORCE)",
        "REVOKE ALL ON FUNCTION pg_switch_wal() FROM modest",
    ):
        postgres_server.execute(statement)
    postgres_server.execute("DROP ROLE modest")


@pytest.mark.postgres
def test_role_of_the_page_has_the_rights_to_work_back_up_restore_and_erase(
    modest: str, run: Run, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = volunteer_id("wang")
    with a_town(modest) as lyceum:
        lyceum.remember(person, PersonalRecord("Wang"))

    monkeypatch.setenv("LYCEUM_DATABASE", modest)
    backed = run("lyceum backup town.backup")
    with Lyceum(modest) as lyceum, caplog.at_level(logging.WARNING):
        lyceum.commit((), [person_row(person, None)])
        before = lyceum.views.digest()
    restored = run("lyceum restore town.backup --replace")

    assert (backed.code, restored.code) == (0, 0), backed.err + restored.err
    assert backed.out.endswith("restore it somewhere to be sure of it\n")
    assert caplog.messages == []
    with Lyceum(modest) as lyceum:
        assert lyceum.views.digest() == before
        assert lyceum.person(person) is not None
