"""Text of strangers costs no more than its length: every pattern that reads one is given what would make it slow.

A pattern that looks at a text again from each of its characters takes minutes for these, and its second here is over.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
from collections import deque
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

import adapters
import api
import domain
from adapters.imports.table_reader import LARGEST_CELL, Unreadable, read_table
from adapters.imports.weekly_hours import read_weekly
from adapters.imports.workbook_reader import MOST_CELLS

ROOT = Path(__file__).parents[3]
LENGTH, LONGER = (
    15_000,
    150_000,
)  # characters; of one that comes again and again, which is read at great speed
SECONDS = 2.0  # of processor time; one that is linear takes some thousandths
BODIES = (
    " ",
    "1",
    "a",
    ",",
    "-",
    "\t ",
    "a.",
    "1,",
    "Mo,",
    "a://",
    "a://b?",
    '"',
    '","',
    "(",
    "班 ",
    "PH ",
    "{a",
    "09:00,",
)
BEGINNINGS = ("", "Mo")
SEARCHES = ("search", "sub", "subn", "split", "findall", "finditer")
Found = tuple[str, re.Pattern[Any], bool]  # what it is, and whether it is looked for anywhere in a text


def modules() -> Iterator[Any]:
    for package in (adapters, api, domain):
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not one.name.startswith("api.cli"):
                yield importlib.import_module(one.name)


def compiled() -> Iterator[Found]:
    """Each pattern that a module keeps."""
    for module in modules():
        source = Path(module.__file__).read_text("utf-8")
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                searches = re.search(rf"\b{name}\.(?:{'|'.join(SEARCHES)})\(", source) is not None
                yield f"{module.__name__}.{name}", value, searches


def written() -> Iterator[Found]:
    """Each pattern that stands where it is used."""
    for package in ("adapters", "api", "domain"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
                    first, function = node.args[0], ast.unparse(node.func).removeprefix("re.")
                    if isinstance(first, ast.Constant) and function != "compile":
                        name = f"{file.name}:{node.lineno}"
                        yield name, re.compile(cast("str", first.value)), function in SEARCHES


def profiles() -> Iterator[Found]:
    """Each pattern that a profile of ours matches cells with."""
    for file in (ROOT / "adapters/imports/profiles").glob("*.yaml"):
        for pattern in _matches(yaml.safe_load(file.read_text("utf-8"))):
            yield f"{file.name}: {pattern}", re.compile(pattern), True


def _matches(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            if key == "matches":
                yield from ([value] if isinstance(value, str) else map(str, value.values()))
            else:
                yield from _matches(value)
    elif isinstance(content, list):
        for one in content:
            yield from _matches(one)


FOUND = [*compiled(), *written(), *profiles()]


class TooLong(Exception):
    pass


def _over(*_: object) -> None:
    raise TooLong


def slow_text(pattern: re.Pattern[Any], *, searches: bool) -> str | None:
    """The beginning of a text that takes too long, None where there is none."""
    before = signal.signal(signal.SIGVTALRM, _over)
    text = ""
    try:
        for beginning, body in product(BEGINNINGS, BODIES):
            text = beginning + body * (LENGTH // len(body) if len(body) > 1 else LONGER) + "!x"
            given: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
            pattern.fullmatch(given)
            pattern.match(given)
            if searches:
                deque(pattern.finditer(given), maxlen=0)
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except TooLong:
        return text[:20]
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return None


@pytest.mark.parametrize(("name", "pattern", "searches"), FOUND, ids=[one[0] for one in FOUND])
def test_pattern_reads_any_text_once(name: str, pattern: re.Pattern[Any], searches: bool) -> None:
    assert slow_text(pattern, searches=searches) is None, pattern.pattern


def test_walk_finds_a_pattern_that_reads_again_and_again() -> None:
    again = re.compile(r"(?P<days>[A-Za-z][A-Za-z,\s-]*?)?\s*(?P<spans>\d[\d:]*)")

    assert len(FOUND) > 40
    assert slow_text(again, searches=False) is not None


def test_weekday_that_is_named_a_hundred_times_counts_once() -> None:
    assert read_weekly("Mo," * 100 + "Mo 09:00-10:00") == read_weekly("Mo 09:00-10:00")


def test_cell_that_nobody_can_have_meant_is_refused_by_its_row(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("key,hours\r\nv-1," + "x" * LARGEST_CELL + "\r\nv-2," + "x" * (LARGEST_CELL + 1), "utf-8")

    with pytest.raises(Unreadable, match=r"row 3 of people.csv has a cell of more than 32,767 characters"):
        read_table(file)


def test_table_of_too_many_cells_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("key,name\r\n" + ("," * 999 + "\r\n") * (MOST_CELLS // 1000 + 1), "utf-8")

    with pytest.raises(Unreadable, match=r"people.csv has more than 2,000,000 cells"):
        read_table(file)
