"""The rules of this house that a machine can check: who imports whom, what is pinned, what is explained."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import production

ROOT = Path(__file__).parents[1]

# Each floor may import those before it.
FLOORS = ("domain", "scheduler", "adapters", "api")
# Where a library may be imported; a path that ends with "/" is a folder and all that is in it.
HOMES = {
    "pendulum": ("domain/calendar.py",),
    "eventsourcing": ("adapters/",),
    "fastapi": ("api/",),
    "ortools": ("scheduler/processes/", "scheduler/precheck/"),
    "starlette": ("api/",),
}

DEPENDENCY = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[a-z,]+\])?(?P<range>[<>=!~].*)")
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[0-9][0-9a-z.+]*) \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?P<more> \\)?")
ORIGIN = re.compile(r"    #( via|( via|  ) [a-z0-9-]+( \(pyproject\.toml\))?)")


@dataclass(frozen=True)
class Source:
    """A module's text under its path from the root, `domain/calendar.py`."""

    path: str
    text: str

    @property
    def floor(self) -> str:
        return self.path.split("/")[0]

    def imports(self) -> Iterator[str]:
        """Name every module imported anywhere in the file, also below `TYPE_CHECKING` and in functions."""
        package = self.path.removesuffix(".py").split("/")[:-1]
        for node in ast.walk(ast.parse(self.text, self.path)):
            match node:
                case ast.Import(names=names):
                    yield from (name.name for name in names)
                case ast.ImportFrom(module=module, level=0) if module:
                    yield module
                case ast.ImportFrom(module=module, names=names, level=level):
                    base = package[: len(package) - level + 1]
                    yield from (".".join([*base, *([module] if module else [name.name])]) for name in names)
                case ast.Call(
                    func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
                    args=[ast.Constant(value=str(name)), *_],
                ):
                    yield name


def sources() -> list[Source]:
    files = (file for floor in FLOORS for file in sorted((ROOT / floor).rglob("*.py")))
    return [Source(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")) for file in files]


def breaches(source: Source) -> list[str]:
    """Say which imports of one module the house forbids."""
    return [
        f"{source.path} imports {module}: {why}"
        for module in source.imports()
        if (why := _why_forbidden(source, module.split(".")[0]))
    ]


def _why_forbidden(source: Source, top: str) -> str | None:
    if top in FLOORS:
        upwards = FLOORS.index(top) > FLOORS.index(source.floor)
        return f"{source.floor} stands below {top}" if upwards else None
    homes = HOMES.get(top, ())
    if homes and not any(
        source.path == home or (home.endswith("/") and source.path.startswith(home)) for home in homes
    ):
        return f"{top} is imported in {' and '.join(homes)} only"
    if source.floor == "domain" and not homes and top not in sys.stdlib_module_names:
        return "the domain imports the standard library and itself"
    return None


# Imports


@pytest.mark.parametrize("floor", FLOORS)
def test_contract_looked_at_every_floor(floor: str) -> None:
    modules = [source for source in sources() if source.floor == floor and source.text.strip()]

    assert modules, f"{floor}/ has no module, so the import contract proves nothing about it"


def test_imports_point_inward_and_libraries_stay_in_their_homes() -> None:
    assert [breach for source in sources() for breach in breaches(source)] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("domain/venue.py", "import scheduler.model"),
        ("domain/venue.py", "from api import cli"),
        ("domain/venue.py", "from ..adapters import store"),
        ("domain/venue.py", "def late():\n    import adapters"),
        ("domain/venue.py", "if TYPE_CHECKING:\n    from adapters.store import Store"),
        ("domain/venue.py", "import importlib\nimportlib.import_module('adapters.store')"),
        ("domain/venue.py", "import numpy"),
        ("domain/venue.py", "import pendulum"),
        ("scheduler/model.py", "import adapters.store"),
        ("scheduler/model.py", "from eventsourcing.domain import Aggregate"),
        ("scheduler/model.py", "from ortools.sat.python import cp_model"),
        ("scheduler/model/rows.py", "import ortools"),
        ("adapters/store.py", "from api.cli import main"),
        ("adapters/store.py", "from fastapi import FastAPI"),
        ("adapters/solve.py", "import ortools"),
        ("api/http.py", "import eventsourcing.application"),
    ],
)
def test_forbidden_import_is_caught(path: str, text: str) -> None:
    assert len(breaches(Source(path, text))) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("domain/calendar.py", "import pendulum\nfrom zoneinfo import ZoneInfo"),
        ("domain/venue.py", "from domain.windows import Window\nfrom .facts import Fact\nfrom . import area"),
        ("scheduler/processes/highs.py", "from ortools.math_opt.python import solve\nimport numpy as np"),
        ("scheduler/precheck/flow_network.py", "from ortools.graph.python import max_flow"),
        ("adapters/store.py", "from eventsourcing.persistence import Mapper\nfrom domain.facts import Fact"),
        ("api/http.py", "import fastapi\nfrom adapters import store\nimport scheduler, domain"),
    ],
)
def test_allowed_import_is_let_through(path: str, text: str) -> None:
    assert breaches(Source(path, text)) == []


# Queries

# Who may look at all states of a kind; a path that ends with "/" is a folder and all that is in it.
WALKERS = (
    "adapters/store/",  # the read side itself
    "adapters/application/read_set.py",  # a read side on top of another one, as the next two are
    "adapters/branches/overlay.py",
    "adapters/week/release_validity/projected_read_side.py",
    "adapters/queries/",
    "adapters/week/week_snapshot.py",  # holds all that is known of a week
    "adapters/imports/import_run.py",  # all records of the kind that a table is about, with its own events on top
    "adapters/access/rights.py",  # the queries about jobs rest on rights
)


def walks(source: Source) -> list[str]:
    """Say where a module takes all states of a kind from a read side."""
    return [
        f"{source.path}:{node.lineno}"
        for node in ast.walk(ast.parse(source.text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("all", "collection")
        and node.args
    ]


def test_queries_alone_walk_over_all_states() -> None:
    looked_at = [source for source in sources() if source.floor in ("adapters", "api")]
    walkers = {source.path for source in looked_at if walks(source)}
    allowed = {
        home: [path for path in walkers if path == home or (home.endswith("/") and path.startswith(home))]
        for home in WALKERS
    }

    assert sorted(walkers - {path for paths in allowed.values() for path in paths}) == []
    assert [home for home, paths in allowed.items() if not paths] == []


def test_walk_over_all_states_is_caught() -> None:
    assert walks(Source("api/x.py", "def f(views):\n    return views.all(VENUES)")) == ["api/x.py:2"]
    assert walks(Source("api/x.py", "states = context.now.collection(VENUES)")) == ["api/x.py:1"]
    assert walks(Source("api/x.py", "states = venues(views, query)")) == []


# Text


def test_every_module_begins_with_a_docstring() -> None:
    silent = [
        source.path
        for source in sources()
        if not ast.get_docstring(ast.parse(source.text))
        and not (source.path.endswith("/__init__.py") and not source.text.strip())
    ]

    assert silent == []


# Dependencies


def direct_dependencies() -> list[str]:
    """Name what pyproject.toml asks for, to run and to develop, in the registry's spelling."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    found = [DEPENDENCY.fullmatch(line) for line in wanted]
    assert all(found), f"a dependency has no name or no range: {wanted}"
    return [_canonical(match["name"]) for match in found if match]


def pins() -> dict[str, int]:
    """Count the hashes of every pinned distribution; a line that is no pin, hash or origin is an error."""
    counts: dict[str, int] = {}
    name = ""
    for number, line in enumerate((ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines(), 1):
        if pin := PIN.fullmatch(line):
            name = pin["name"]
            counts[name] = 0
        elif HASH.fullmatch(line):
            counts[name] += 1
        else:
            known = ORIGIN.fullmatch(line) or line in UNSAFE or not line
            assert known, f"constraints.txt:{number} is neither a pin, a hash nor its origin: {line!r}"
    return counts


# What the compiler writes above the packaging tools that it pins last.
UNSAFE = {"# The following packages are considered to be unsafe in a requirements file:"}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_constraints_hold_nothing_but_pins_with_hashes() -> None:
    counts = pins()

    assert counts
    assert [name for name, hashes in counts.items() if hashes == 0] == []


def test_constraints_pin_every_direct_dependency() -> None:
    assert sorted(set(direct_dependencies()) - set(pins())) == []


def test_every_direct_dependency_has_its_line_of_reasons_and_none_is_left_over() -> None:
    document = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    first_cell = r"^\| `([^`\[]+)(?:\[[a-z,]+\])?` \|"
    explained = [_canonical(name) for name in re.findall(first_cell, document, re.MULTILINE)]

    assert sorted(explained) == sorted(direct_dependencies())


def test_production_has_what_runs_and_builds_with_the_same_pins_and_no_tool_of_development() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tools = {production.canonical(one) for one in project["optional-dependencies"]["dev"]}
    pinned = set(production.blocks(production.FILE.read_text(encoding="utf-8")))

    assert production.FILE.read_text(encoding="utf-8") == production.production()
    assert production.wanted() <= pinned
    assert pinned & tools == {"hatchling"}


def test_documented_installation_is_pinned_to_the_last_file() -> None:
    text = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    commands = re.findall(r"pip install ([^`\n&]*)", text)

    assert commands
    for command in commands:
        assert command.startswith(
            (
                "--require-hashes --requirement constraints-production.txt",
                "--no-deps --no-build-isolation .",
            )
        ), command


# Package


def test_wheel_holds_the_four_packages_and_their_data(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    ended = subprocess.run(build, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (wheel,) = tmp_path.glob("lyceum_scheduler-*.whl")

    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]

    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *FLOORS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if tracked.returncode == 0:
        present = {name for name in tracked.stdout.splitlines() if (ROOT / name).exists()}
        assert set(names) == present
    assert {name.split("/")[0] for name in names} == set(FLOORS)


def test_the_command_line_writes_by_its_shell_alone() -> None:
    """`say` and `errors` escape what others wrote; a line that is written past them could steer a terminal."""
    files = [file for file in sorted((ROOT / "api" / "cli").glob("*.py")) if file.name != "shell.py"]
    past = {
        f"{file.name}: {ast.unparse(node)[:60]}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and re.fullmatch(
            r"print|(rich\.)?print|Console|(typer|click)\.(s?echo|secho)|sys\.std(out|err)\..*|os\.write",
            ast.unparse(node.func),
        )
    }

    assert len(files) > 10
    assert past == {"main.py: typer.echo(f\"lyceum {version_of('lyceum-scheduler')}\")"}
