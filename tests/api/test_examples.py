"""Every example in the README and in a command's help runs and succeeds."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from adapters.application.application import Lyceum
from adapters.services.bootstrap_admin import first_link
from adapters.store.streams import ACCOUNTS
from api.cli.main import app
from domain.account import RoleGrant, offer, open_account
from domain.venue import venue_id
from tests.api.conftest import ROOT, TOWN, Run


def test_readme_shows_the_two_commands_first() -> None:
    lines = [line for line in (ROOT / "README.md").read_text().splitlines() if line.strip()]

    assert [line.split("#")[0].strip() for line in lines[1:3]] == ["make demo", "make test"]


def test_readme_walk_runs_from_top_to_bottom(run: Run) -> None:
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    assert len(lines) > 15

    failed = [(line, ran.err) for line in lines if (ran := run(line)).code != 0]

    assert failed == []


def commands() -> Iterator[tuple[str, str]]:
    """Each command's name and help, groups included."""
    root = typer.main.get_command(app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        for sub, one in inner.items() if inner else [("", command)]:
            yield f"{name} {sub}".strip(), one.help or ""


HELP = dict(commands())
EXAMPLES = [
    line
    for text in HELP.values()
    for line in re.findall(r"`(lyceum [^`]*)`", text.partition("Example")[2].replace("\n", " "))
]


@pytest.mark.parametrize("name", sorted(HELP))
def test_help_of_each_command_teaches_by_an_example(name: str) -> None:
    assert name == "kinds" or f"`lyceum {name}" in HELP[name].replace("--db sqlite:///city.db ", "")


@pytest.mark.parametrize(  # serving and working go on until they are told to stop
    "line", [one for one in EXAMPLES if not one.startswith(("lyceum demo", "lyceum serve", "lyceum work"))]
)
def test_help_example_runs(line: str, released: Run, tmp_path: Path) -> None:
    for file in TOWN.iterdir():
        shutil.copy(file, tmp_path)
    if "problem.json" in line:
        released("lyceum export problem --area town --week 2026-W49 --out problem.json")
    if "plan.json" in line and not line.startswith("lyceum solve"):
        released("lyceum solve problem.json --out plan.json --time-limit 5")
    if "restore" in line:
        released("lyceum backup lyceum-2026-11-22.backup")
    if line.startswith("lyceum link"):
        with Lyceum("sqlite:///lyceum.db") as lyceum:
            first_link(lyceum)
    if line.startswith("lyceum reopen"):
        released('lyceum close --venue school --from 2026-12-01 --why "the heating is out"')

    if line.startswith(("lyceum undo", "lyceum redo")):
        released('lyceum pin --area town --week 2026-W49 --request choir --comment "the piano"')
    if line.startswith("lyceum redo"):
        released("lyceum undo town 2026-W49")
    if line.startswith("lyceum merge"):
        (tmp_path / "twice.csv").write_text(
            "key,name,kind,home_area\nanna-2,Anna again,retiree,mill-street\n", encoding="utf-8"
        )
        released("lyceum import volunteers twice.csv --accept-warnings")
    if line.startswith("lyceum branch") and "branch start" not in line:
        released("lyceum branch start --area town --week 2026-W49 school-closed")
    if line.startswith("lyceum branch undo"):
        released(
            "lyceum branch change --area town --week 2026-W49 school-closed -- "
            "retire --venue school --on 2027-01-31 --why 'it moves out'"
        )
    _open_account_of(line)

    ran = released(line)

    assert ran.code == 0, ran.err


def _open_account_of(line: str) -> None:
    """Open the account that an example names; who is to accept or decline a role has been offered it."""
    if "p-3f9c2a7b1d04" not in line:
        return
    with Lyceum("sqlite:///lyceum.db") as lyceum:
        metadata = lyceum.metadata()
        opened = open_account(None, metadata, "p-3f9c2a7b1d04")
        host = RoleGrant("host", venue_id("school"))
        account = ACCOUNTS.fold(opened)
        offered = (
            offer(account, metadata, host) if account and ("accept" in line or "decline" in line) else ()
        )
        lyceum.commit([*opened, *offered])
