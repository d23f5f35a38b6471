"""docs/format.md and its JSON Schemas say what the program reads."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from scheduler import GOALS, RULES, MalformedDocument, check, goal_values, read_plan, read_problem
from scheduler.documentation.format_page import filled
from scheduler.documentation.schemas import KINDS, written
from tests.scheduler.cases import plan, problem, put, request, window

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "format.md").read_text(encoding="utf-8")
BEHIND = "is behind the declarations: run python -m scheduler.documentation"
FULL = request(
    "a", preferred=[window("10:00", "11:00")], equipment=["piano"], max_travel_km=5, cohorts=["c"], grid_minutes=60,
    bell_times=["10:00"], partial=True,
)  # fmt: skip
WEEK = problem(
    FULL, request("b"), pins=[put("a")], previous=[put("b")], tolerance={"served": 0.1}, minimum="area"
)
VALUES: list[Any] = [
    None, True, 0, -1, 8, 1.5, 1e301, "", "24:00", "9:00", "2026-W49", "lead", [], ["served"], [91, 0], [1, 2], {},
    {"served": 0.1}, {"joy": 1},
]  # fmt: skip


def valid(kind: str, document: Any) -> bool:
    schema = json.loads((DOCS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(schema).is_valid(document)


def test_tables_of_the_page_are_up_to_date() -> None:
    assert filled(PAGE) == PAGE, f"docs/format.md {BEHIND}"


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_up_to_date(kind: str) -> None:
    there = (DOCS / f"{kind}.schema.json").read_text(encoding="utf-8")

    assert there == written(kind), f"docs/{kind}.schema.json {BEHIND}"


def test_page_has_every_rule_and_goal_with_a_sentence() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+\.) \|$", PAGE, re.MULTILINE))

    assert [name for name in rows if name in RULES] == list(RULES)
    assert rows.keys() == {*RULES, *GOALS, "communities"}


def test_every_record_of_the_schemas_has_its_table() -> None:
    records = {name for kind in KINDS for name in json.loads(written(kind))["$defs"]}

    assert {*records, *KINDS, "rules", "goals"} == set(re.findall(r"<!-- (\w+) -->", PAGE)) - {"end"}


def test_example_of_the_page_keeps_every_rule_and_is_worth_what_it_states() -> None:
    week, made = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))

    read = read_problem(week)
    stated = read_plan(made, read)

    assert valid("problem", week)
    assert valid("plan", made)
    assert check(read, stated.assignments) == ()
    values = goal_values(read, stated.assignments)
    assert {goal: claim.value for goal, claim in stated.goals.items()} == {
        goal: values[goal] for goal in stated.goals
    }


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Each container of a document with each of its keys or indices."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield node, key
        if isinstance(value, dict | list):
            yield from places(value)


def changed(document: Any, seed: int) -> Any:
    """The document with one value at random taken away or put in the place of another."""
    rng = random.Random(seed)
    new = copy.deepcopy(document)
    holder, key = rng.choice(list(places(new)))
    if isinstance(holder, dict) and rng.random() < 0.2:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(rng.choice(VALUES))
    return new


def only_between_places(error: str) -> bool:
    """Whether an error is one that no schema can see, or a week that its year does not have."""
    return not re.search(r": must be .*, is |: must be a list of different", error) or "ISO week" in error


@pytest.mark.parametrize("seed", range(400))
def test_schema_and_reader_refuse_the_same_documents(seed: int) -> None:
    week = changed(WEEK, seed)
    made = changed(plan(put("a"), goals={"served": {"value": 1}}, unserved=[{"request": "b"}]), seed)

    for kind, document in (("problem", week), ("plan", made)):
        try:
            read_problem(document) if kind == "problem" else read_plan(document, read_problem(WEEK))
            errors: tuple[str, ...] = ()
        except MalformedDocument as malformed:
            errors = malformed.errors
        if not errors or any(not only_between_places(error) for error in errors):
            assert valid(kind, document) == (not errors), (errors, document)
