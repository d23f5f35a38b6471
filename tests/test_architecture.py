"""Architecture tests: who imports whom, what is pinned, what is explained."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

import scheduler
from tests import production

ROOT = Path(__file__).parents[1]

# Each floor may import those before it.
FLOORS = ("domain", "scheduler", "adapters", "api")
# Where a library may be imported; a path that ends with "/" is a folder and all that is in it.
HOMES = {
    "babel": ("adapters/wording/", "api/pages/languages.py"),
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


# The rooms of the scheduler whose names others may use; everything else comes from `scheduler` itself.
OPEN_ROOMS = {"decomposition", "explain", "precheck", "processes", "suggest"}


def test_others_import_only_what_the_scheduler_exports() -> None:
    used = {
        (node.module or "", name.name)
        for source in sources()
        if source.floor in ("adapters", "api")
        for node in ast.walk(ast.parse(source.text, source.path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "scheduler"
        for name in node.names
    }
    exported = {("scheduler", name) for name in dir(scheduler)}
    rooms = {f"scheduler.{room}" for room in OPEN_ROOMS}

    assert len(used) > 20
    assert {(module, name) for module, name in used - exported if module not in rooms} == set()


@pytest.mark.parametrize("room", sorted(OPEN_ROOMS - {"decomposition", "processes"}))
def test_a_room_names_what_it_exports(room: str) -> None:
    assert import_module(f"scheduler.{room}").__all__


def test_a_record_of_the_scheduler_does_not_wait_for_the_solver() -> None:
    program = "import sys, scheduler; scheduler.Problem; print(*{'numpy', 'ortools'} & sys.modules.keys())"

    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert ended.stdout == "\n"


def test_functions_of_the_scheduler_are_not_hidden_by_modules_of_the_same_name() -> None:
    import_module("scheduler.solve")
    import_module("scheduler.repair.repair_report")

    assert callable(scheduler.solve)
    assert callable(scheduler.repair)


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
        (
            "domain/venue.py",
            "from domain.windows import Window\nfrom .events import Event\nfrom . import area",
        ),
        ("scheduler/processes/highs.py", "from ortools.math_opt.python import solve\nimport numpy as np"),
        ("scheduler/precheck/flow_network.py", "from ortools.graph.python import max_flow"),
        (
            "adapters/store.py",
            "from eventsourcing.persistence import Mapper\nfrom domain.events import Event",
        ),
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


# Services

# Of a unit of work, an application or the store.
COMMITTING = frozenset({"commit", "save", "decide", "retrying"})
# What runs and saves the commands of requests: operations, commands in branches, and the branches themselves.
COMMITS = (
    "api/http/framework/operations.py",
    "api/http/framework/branch_commands.py",
    "api/http/resources/branches/",
)


def commits(source: Source) -> list[str]:
    """Name the calls of one module that decide or save, which are the business of a service."""
    return [
        f"{source.path}:{node.lineno}: {ast.unparse(node.func)}"
        for node in ast.walk(ast.parse(source.text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in COMMITTING
    ]


def test_interface_translates_and_leaves_loading_deciding_and_saving_to_services() -> None:
    interface = [source for source in sources() if source.floor == "api"]
    running = [source for source in interface if source.path.startswith(COMMITS)]

    assert [call for source in interface if source not in running for call in commits(source)] == []
    assert {source.path for source in running if commits(source)} >= {COMMITS[0]}


@pytest.mark.parametrize(
    "call", ["unit.commit(())", "store.save(())", "lyceum.retrying(run)", "a.b.decide(c)"]
)
def test_interface_that_saves_is_seen(call: str) -> None:
    assert len(commits(Source("api/http/venues.py", f"def give():\n    {call}\n"))) == 1


def loads_around_units(source: Source) -> list[str]:
    """Name the calls that load a stream from the store, past the unit of work that would note it."""
    return [
        f"{source.path}:{node.lineno}: {ast.unparse(node.func)}"
        for node in ast.walk(ast.parse(source.text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("load", "must_load")
        and ast.unparse(node.func.value).endswith("store")
    ]


def declares_commands(source: Source) -> bool:
    return any(
        isinstance(node, ast.FunctionDef)
        and any(ast.unparse(decorator) == "command" for decorator in node.decorator_list)
        for node in ast.parse(source.text).body
    )


def test_commands_load_streams_through_their_unit_of_work() -> None:
    services = [
        source
        for source in sources()
        if source.path.startswith("adapters/services/") or declares_commands(source)
    ]

    assert len(services) > 20
    assert {"adapters/jobs/job_queue.py", "adapters/branches/lifecycle.py"} < {
        source.path for source in services
    }
    assert [call for source in services for call in loads_around_units(source)] == []


@pytest.mark.parametrize("call", ["unit.store.load(AREAS, id)", "store.must_load(AREAS, id)"])
def test_load_around_the_unit_of_work_is_seen(call: str) -> None:
    assert len(loads_around_units(Source("adapters/services/x.py", f"def f():\n    {call}\n"))) == 1


# Steps that several commands share, which commit for them.
SHARED_STEPS = {"adapters/services/role_changes.py: gain"}
# Who reads and solves for minutes before the one command that keeps what comes of it.
SOLVING = {"adapters/services/planning.py: plan_week", "adapters/services/repairing.py: repair_week"}


def plain_functions(source: Source) -> Iterator[ast.FunctionDef]:
    """The public functions of a module that are no commands."""
    for node in ast.parse(source.text).body:
        if (
            isinstance(node, ast.FunctionDef)
            and not node.name.startswith("_")
            and all(ast.unparse(decorator) != "command" for decorator in node.decorator_list)
        ):
            yield node


def commits_in_unit(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) == "unit"
        and node.func.attr in ("commit", "decide", "create", "remember")
        for node in ast.walk(function)
    )


def takes_application(function: ast.FunctionDef) -> bool:
    first = function.args.args[:1]
    return bool(first and first[0].annotation and "Application" in ast.unparse(first[0].annotation))


def test_services_that_decide_are_commands() -> None:
    services = [source for source in sources() if source.path.startswith("adapters/services/")]
    plain = [(f"{source.path}: {each.name}", each) for source in services for each in plain_functions(source)]

    assert {name for name, function in plain if commits_in_unit(function)} == SHARED_STEPS
    assert {name for name, function in plain if takes_application(function)} == SOLVING


# Who saves without a unit of work, and why it may.
SAVING = {
    # the unit of work itself
    "adapters/application/unit_of_work.py: save",
    # a beat whose race is lost says that the job is lost, so it must not begin again
    "adapters/jobs/job_queue.py: give_beat",
    # an attempt counts, whatever becomes of the request, and after many lost races it counts as one too many
    "adapters/access/rate_limit.py: attempt",
    # when a sign-in was used is noted while somebody only looks, and a race that is lost there needs no second try
    "adapters/access/login_sessions.py: find_sign_in",
}


def saves(source: Source) -> list[str]:
    """Name the functions of one module that save to the store themselves."""
    return [
        f"{source.path}: {function.name}"
        for function in ast.walk(ast.parse(source.text))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "save"
        and ast.unparse(node.func.value).endswith("store")
    ]


def test_units_of_work_save_and_few_others() -> None:
    assert sorted({function for source in sources() for function in saves(source)}) == sorted(SAVING)


def test_save_without_a_unit_of_work_is_seen() -> None:
    assert saves(Source("adapters/x.py", "def f(store):\n    store.save(())")) == ["adapters/x.py: f"]


def test_command_line_knows_http_only_where_it_serves_it() -> None:
    knowing = {
        source.path
        for source in sources()
        if source.path.startswith("api/cli/")
        and any(module.startswith("api.http") for module in source.imports())
    }

    assert knowing == {"api/cli/serving.py", "api/cli/workers.py"}


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


# Circles


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imported(modules: list[Source]) -> dict[str, set[str]]:
    """What each module imports of the others: a module where one is named, else the package."""
    names = {_module(source.path) for source in modules}
    graph: dict[str, set[str]] = {}
    for source in modules:
        own = _module(source.path)
        targets = graph.setdefault(own, set())
        for node in ast.walk(ast.parse(source.text)):
            match node:
                case ast.ImportFrom(module=str(base), names=aliases, level=0):
                    targets |= {
                        f"{base}.{alias.name}" if f"{base}.{alias.name}" in names else base
                        for alias in aliases
                    }
                case ast.Import(names=aliases):
                    targets |= {alias.name for alias in aliases}
        graph[own] = {target for target in targets if target in names and target != own}
    return graph


def _room(module: str) -> str:
    """The folder of a floor that a module stands in; for the interface over HTTP the folder below that."""
    parts = module.split(".")
    depth = 3 if parts[:2] == ["api", "http"] else 2
    return ".".join(parts[:depth])


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """The circles of a graph, each as its nodes: what is left when nodes without successors are taken away."""
    left = {node: set(targets) for node, targets in graph.items()}
    while ends := {node for node, targets in left.items() if not targets & left.keys() - {node}}:
        for node in ends:
            del left[node]
    starts = {node: {one for one, targets in left.items() if node in targets} for node in left}
    while begins := {node for node, sources_of in starts.items() if not sources_of & starts.keys() - {node}}:
        for node in begins:
            del starts[node]
    return [sorted(starts)] if starts else []


def rooms_of(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    rooms: dict[str, set[str]] = {}
    for module, targets in graph.items():
        rooms.setdefault(_room(module), set()).update(_room(target) for target in targets)
    return {room: targets - {room} for room, targets in rooms.items()}


def test_no_circle_among_files() -> None:
    graph = _imported(sources())

    assert len(graph) > 400
    assert sum(map(len, graph.values())) > 2000
    assert circles(graph) == []


def test_no_circle_among_the_folders_of_a_floor() -> None:
    rooms = rooms_of(_imported(sources()))

    assert len(rooms) > 40
    assert circles(rooms) == []


def test_circles_are_seen() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]
    assert circles({"a": {"b"}, "b": set()}) == []


def test_no_file_of_the_scheduler_has_the_name_of_another() -> None:
    stems = Counter(source.path.rsplit("/", 1)[1] for source in sources() if source.floor == "scheduler")
    del stems["__init__.py"]

    assert len(stems) > 80
    assert [stem for stem, count in stems.items() if count > 1] == []


# Names

NO_NAMES = frozenset(
    [
        "one",
        "some",
        "other",
        "at",
        "place",
        "found",
        "told",
        "wanted",
        "given",
        "asked",
        "made",
        "kept",
        "most",
        "worth",
    ]
)
# Fields of stored events, of rows and of documents keep their names: read as attributes, and declared in records.
STORED = frozenset({"at", "made", "asked", "given", "place", "kept"})


def bad_names(source: Source) -> Iterator[str]:
    """Identifiers that say nothing about the thing, with their lines."""
    tree = ast.parse(source.text, source.path)
    fields = {
        statement.target
        for record in ast.walk(tree)
        if isinstance(record, ast.ClassDef)
        for statement in record.body
        if isinstance(statement, ast.AnnAssign)
    }
    for node in ast.walk(tree):
        name = ""
        match node:
            case ast.Name(id=name):
                name = "" if node in fields and name in STORED else name
            case ast.arg(arg=name):
                pass
            case ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                name = "" if name in STORED else name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                pass
            case (
                ast.MatchAs(name=str(name))
                | ast.ExceptHandler(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                pass
        if name == "at" and source.path.startswith("api/http/"):
            continue  # the public parameter of reads, `?at=`
        if name in NO_NAMES:
            yield f"{source.path}:{getattr(node, 'lineno', 0)}: {name}"


def test_every_identifier_names_its_thing() -> None:
    assert [line for source in sources() for line in bad_names(source)] == []


@pytest.mark.parametrize(
    "text",
    ["one = 1", "def told(): ...", "def f(wanted): ...", "x.worth", "f(wanted=1)", "for some in y: ..."],
)
def test_identifier_without_a_thing_is_seen(text: str) -> None:
    assert len(list(bad_names(Source("domain/venue.py", text)))) == 1


# Names of records as the interface shows them beside those that they are made of, and of the planning documents beside
# those of the domain; a page of a list and one of the site; two of a private class that only its own module knows.
SHARED_NAMES = {
    "Account",
    "Breach",
    "Closed",
    "Finding",
    "Goal",
    "Offer",
    "Page",
    "Room",
    "Suggestion",
    "Unserved",
    "VenueRetired",
    "Venue",
    "Volunteer",
    "_Counted",
}


def test_a_name_of_a_class_stands_for_one_thing() -> None:
    names = Counter(
        node.name
        for source in sources()
        for node in ast.parse(source.text, source.path).body
        if isinstance(node, ast.ClassDef)
    )

    assert len(names) > 500
    assert {name for name, count in names.items() if count > 1} == SHARED_NAMES


# Rooms


def sentences_of_rooms() -> dict[str, str]:
    """The first sentence of each room, by its path; the rooms of the interface over HTTP stand one folder deeper."""
    packages = [*(ROOT / "scheduler").glob("*/__init__.py"), *(ROOT / "adapters").glob("*/__init__.py")]
    packages += [ROOT / "api/cli/__init__.py", *(ROOT / "api/http").glob("*/__init__.py")]
    return {
        file.parent.relative_to(ROOT).as_posix(): (
            ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
        )
        .partition("\n\n")[0]
        .replace("\n", " ")
        for file in sorted(packages)
    }


def test_contributing_has_the_sentence_of_each_room() -> None:
    rooms = sentences_of_rooms()
    lines = [f"| `{path}/` | {sentence} |" for path, sentence in rooms.items()]
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")

    assert len(rooms) > 30
    assert all(rooms.values())
    assert [line for line in lines if line not in text] == []
    assert len(re.findall(r"^\| `(?:scheduler|adapters|api)/.+/` \|", text, re.MULTILINE)) == len(lines)
