"""What a plan states of itself, judged by both checkers: they agree on each document of the tests."""

from __future__ import annotations

import copy
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from scheduler import MalformedDocument, check, check_pins, false_claims, goal_values, read_plan, read_problem
from tests.scheduler.cases import (
    Document,
    plan,
    problem,
    put,
    request,
    shared_checker,
    shared_verdict,
    solved,
    window,
)
from tests.scheduler.test_check import ONE_FAILS_ONE_HOLDS

TEN = [window("10:00", "11:00")]
WEEK = problem(request("a", preferred=TEN), request("b"), goals=["served", "preferred", "travel"])
GOALS = ("served", "functions", "continuity", "preferred", "travel")
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2.5,
    360,
    600,
    10**12,
    float("nan"),
    "",
    "a",
    "optimal",
    [],
    {},
    [{}],
    "10:15",
]


def claim(value: float, bound: float | None = None) -> Document:
    return {"value": value, "bound": bound}


STATED: list[Document] = [
    {},
    {"status": "optimal"},
    {"status": "infeasible"},
    {"goals": {"served": claim(600)}},
    {"goals": {"served": claim(601)}},
    {"goals": {"served": claim(600, 599)}},
    {"goals": {"served": claim(600, 600)}},
    {"goals": {"served": claim(600, 900), "functions": claim(1), "travel": claim(0, 0)}},
    {"goals": {"functions": claim(2)}},
    {"goals": {"fame": claim(7)}},
    {"goals": {"served": claim(600, 900), "preferred": claim(1, 1), "travel": claim(0, 0)}, "status": "optimal"},
    {"goals": {"served": claim(600, 600), "preferred": claim(1, 1), "travel": claim(0, 0)}, "status": "optimal"},
    {"goals": {"served": claim(600, 600), "preferred": claim(1, 1)}, "status": "optimal"},
    {"goals": {"served": claim(600, 600), "preferred": claim(1, 1), "travel": claim(0)}, "status": "optimal"},
]  # fmt: skip


def verdict(document: Document, made: Document) -> list[str] | None:
    """The rules and claims that are broken, by name and how often; None where a document is refused.

    What is said of `unserved` is left out: the shared checker does not read it.
    """
    try:
        read = read_problem(document)
        check_pins(read)
        stated = read_plan(made, read)
    except MalformedDocument:
        return None
    breaches, values = check(read, stated.assignments), goal_values(read, stated.assignments)
    claims = false_claims(read, stated, values, keeps_rules=not breaches)
    wrong = [goal for goal, result in stated.goals.items() if result.value != values[goal]]
    return sorted(
        [*{breach.rule for breach in breaches}, *("claim" for _ in wrong)]
        + ["claim" for sentence in claims if not sentence.startswith("unserved: ")]
    )


def shared(folder: Path, document: Document, made: Document) -> list[str] | None:
    try:
        lines, report = shared_verdict(folder, document, made)
    except shared_checker().Malformed:
        return None
    read = read_problem(document)
    values = goal_values(read, read_plan(made, read).assignments)
    assert report["goals"] == {goal: values[goal] for goal in GOALS}
    names = [line.split(":")[0] for line in lines]
    return sorted([*(set(names) - {"claim"}), *(name for name in names if name == "claim")])


@pytest.mark.parametrize("stated", STATED)
@pytest.mark.parametrize("assignments", [[put("a")], [put("a", leads="")], [put("a", "10:15")]])
def test_both_checkers_agree_on_what_a_plan_states(
    tmp_path: Path, stated: Document, assignments: list[Document]
) -> None:
    made = plan(*assignments, **stated)

    assert verdict(WEEK, made) == shared(tmp_path, WEEK, made)


def test_both_checkers_agree_on_the_cases_of_each_rule(tmp_path: Path) -> None:
    for _, document, broken, kept in ONE_FAILS_ONE_HOLDS:
        for assignments in (broken, kept):
            for status in ("feasible", "infeasible"):
                made = plan(*assignments, status=status, goals={"served": claim(600, 600)})
                assert verdict(document, made) == shared(tmp_path, document, made)


@pytest.mark.parametrize("seed", range(300))
def test_both_checkers_agree_on_plans_with_one_value_changed(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    made = plan(
        put("a", preferred=True), status=rng.choice(["optimal", "feasible"]), unserved=[{"request": "b"}],
        goals={"served": claim(600, 600), "preferred": claim(1, 1), "travel": claim(0, 0)},
    )  # fmt: skip
    made = copy.deepcopy(made)
    holder, key = rng.choice(list(places(made)))
    holder[key] = copy.deepcopy(rng.choice(VALUES))

    assert verdict(WEEK, made) == shared(tmp_path, WEEK, made)


def places(node: Any) -> list[tuple[Any, Any]]:
    """Each container of a document with each of its keys or indices."""
    steps = node.items() if isinstance(node, dict) else enumerate(node)
    own = [(node, key) for key, _ in steps]
    return own + [
        place for holder, key in own if isinstance(holder[key], dict | list) for place in places(holder[key])
    ]


def test_both_checkers_accept_what_the_solver_states(tmp_path: Path) -> None:
    for document in (WEEK, problem(request("a", sessions=9), request("b", partial=True, sessions=8))):
        made = solved(document)

        assert verdict(document, made) == shared(tmp_path, document, made) == []
        read = read_problem(document)
        stated = read_plan(made, read)
        assert false_claims(read, stated, goal_values(read, stated.assignments), keeps_rules=True) == []


def test_both_checkers_accept_the_example_of_the_page(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "format.md").read_text(encoding="utf-8")
    document, made = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL))

    assert verdict(document, made) == shared(tmp_path, document, made) == []
