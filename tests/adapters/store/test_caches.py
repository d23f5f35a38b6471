"""Derived values: made once while what they rest on is the same; each application of a process has its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.application.application import Lyceum
from adapters.services.planning import Effort, plan_week
from adapters.store.caches import CacheKind, DerivedValues
from adapters.week.plan_documents import planned_sessions
from adapters.week.week_snapshot import snapshot_of
from tests.adapters.town import TOWN, WEEK

ROOT = Path(__file__).parents[3]
# Pure functions of texts, zones and other immutable values: nothing of any application is in what they remember.
PURE = {
    "adapters/branches/branch_commands.py: parameters",
    "adapters/exports/hours_export.py: _written",
    "adapters/exports/html_pages.py: _environment",
    "adapters/exports/vtimezones.py: timezone",
    "adapters/feeds/ready_feeds.py: _words",
    "adapters/imports/columns.py: weekly_hours",
    "adapters/opening_hours/hour_languages.py: meanings_of",
    "adapters/opening_hours/osm_reader.py: read_with_questions",
    "adapters/store/mapper.py: _adapter",
    *(
        "adapters/wording/catalogues.py: locale_of",
        "adapters/wording/catalogues.py: translations",
    ),  # of files that
    *("api/pages/assets.py: assets", "api/pages/assets.py: release"),  # are installed with the program
}
CACHES = {"cache", "cached", "lru_cache", "LRUCache", "FIFOCache", "TTLCache", "LFUCache", "DerivedValues"}


def name_of(node: ast.expr) -> str:
    """The last part of what is called, or subscripted and called, or named."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return ast.unparse(node).rpartition(".")[2]


def outside_of_functions(tree: ast.AST) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported, those of its classes too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from outside_of_functions(node)


def caches_of_modules(path: str, text: str) -> Iterator[str]:
    """Caches that a module would hold for all applications of the process."""
    for node in outside_of_functions(ast.parse(text)):
        match node:
            case ast.FunctionDef(name=name, decorator_list=decorators):
                if any(name_of(decorator) in CACHES for decorator in decorators):
                    yield f"{path}: {name}"
            case ast.Assign(value=ast.Call() as value) | ast.AnnAssign(value=ast.Call() as value):
                if name_of(value) in CACHES:
                    yield f"{path}: {ast.unparse(node).partition('=')[0].strip()}"


def test_no_module_of_adapters_or_api_holds_a_cache_but_of_pure_functions() -> None:
    files = [file for floor in ("adapters", "api") for file in (ROOT / floor).rglob("*.py")]

    assert len(files) > 100
    held = {
        cache
        for file in files
        for cache in caches_of_modules(file.relative_to(ROOT).as_posix(), file.read_text("utf-8"))
    }
    assert held == PURE


@pytest.mark.parametrize(
    "text",
    [
        "HELD = DerivedValues()",
        "HELD: LRUCache[str, int] = cachetools.LRUCache(3)",
        "HELD = LRUCache[str, int](3)",
        "@functools.cache\ndef look(): ...",
        "@lru_cache(maxsize=3)\ndef look(): ...",
        "@cachetools.cached(cache={})\ndef look(): ...",
        "class Service:\n    held = LRUCache(3)",
        "if True:\n    HELD = DerivedValues()",
    ],
)
def test_cache_of_a_module_is_seen(text: str) -> None:
    assert len(list(caches_of_modules("adapters/x.py", text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "class Store:\n    def __init__(self):\n        self.derived = DerivedValues()",
        "PLANNED = Kind[int](16)",
    ],
)
def test_cache_of_an_instance_is_let_through(text: str) -> None:
    assert list(caches_of_modules("adapters/x.py", text)) == []


def test_value_is_made_once_while_it_is_among_the_last_that_were_used() -> None:
    derived, kind, makings = DerivedValues(), CacheKind[str](2), list[str]()

    def look(key: str) -> str:
        def make() -> str:
            makings.append(key)
            return key.upper()

        return derived.get(kind, (), key, make)

    assert [look(key) for key in "abacab"] == list("ABACAB")
    assert makings == ["a", "b", "c", "b"]


def test_dropped_value_is_made_again() -> None:
    derived, kind = DerivedValues(), CacheKind[int](2)
    derived.drop(kind, "before the first")
    derived.put(kind, (), "a", 1)
    derived.drop(kind, "a")
    derived.drop(kind, "never there")

    assert derived.find(kind, (), "a") is None
    assert derived.get(kind, (), "a", lambda: 2) == 2


def test_value_that_rests_on_a_record_lasts_while_it_is_the_same_object() -> None:
    derived, kind, makings = DerivedValues(), CacheKind[int](10), list[int]()
    record, its_twin = ["held"], ["held"]

    def look(record: object, key: str = "") -> int:
        def make() -> int:
            makings.append(len(makings))
            return makings[-1]

        return derived.get(kind, (record,), key, make)

    assert [look(record), look(record), look(its_twin), look(record, "x"), look(record)] == [0, 0, 1, 2, 0]


def test_kinds_do_not_push_each_other_out() -> None:
    derived, small, large = DerivedValues(), CacheKind[int](1), CacheKind[int](10)
    derived.put(small, (), "a", 1)
    for key in range(10):
        derived.put(large, (), key, key)

    assert derived.find(small, (), "a") == 1
    assert derived.find(large, (), 0) == 0


def test_applications_of_one_process_share_nothing(quick: Lyceum) -> None:
    plan_week(quick, TOWN, WEEK, effort=Effort(time_limit_s=5, workers=1))
    snapshot = snapshot_of(quick.views, TOWN, WEEK)
    assert snapshot.derived is quick.store.derived

    with Lyceum("memory:") as second:
        assert second.views.derived is not quick.views.derived
    sessions = planned_sessions(quick.store, snapshot.timetable)
    assert planned_sessions(quick.store, snapshot.timetable) is sessions
