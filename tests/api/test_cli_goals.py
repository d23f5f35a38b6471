"""Goals from the command line: what later goals may cost, and a minimum for each community."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Run
from tests.scheduler.cases import problem, request, volunteer, window

TEN = [window("10:00", "11:00")]


@pytest.fixture
def asked(run: Run, tmp_path: Path) -> Run:
    """A folder with a problem in which Ann's hour is worth most for the town, liked in the village alone."""
    document = problem(
        request("large", area="town", acceptable=TEN),
        request("small", area="village", learners=9, acceptable=TEN, preferred=TEN),
        request("later", area="town", acceptable=[window("11:00", "12:00")]),
        volunteers=[volunteer("ann")],
        goals=["served", "preferred"],
    )
    (tmp_path / "problem.json").write_text(json.dumps(document))
    return run


def solved(run: Run, folder: Path, options: str) -> Any:
    ran = run(f"lyceum solve problem.json --out plan.json --time-limit 5 {options}")
    assert ran.code == 0, ran.err
    return json.loads((folder / "plan.json").read_text())


@pytest.mark.parametrize(
    ("options", "placed"),
    [
        ("", {"large", "later"}),
        ("--tolerance served=0.04", {"large", "later"}),
        ("--tolerance served=0.06", {"small", "later"}),
        ("--minimum", {"small", "later"}),
    ],
)
def test_solve_follows_the_goals_as_the_options_say(
    options: str, placed: set[str], asked: Run, tmp_path: Path
) -> None:
    made = solved(asked, tmp_path, options)

    assert {one["request"] for one in made["assignments"]} == placed


def test_solve_says_what_a_tolerance_has_given_up(asked: Run, tmp_path: Path) -> None:
    assert solved(asked, tmp_path, "--tolerance served=0.06")["given_up"] == {"served": 60}


def test_solve_reports_how_many_communities_have_a_session(asked: Run, tmp_path: Path) -> None:
    ran = asked("lyceum solve problem.json --out plan.json --time-limit 5 --minimum")

    assert "communities: 2, bound 2 (100.00%)" in ran.err


def test_plan_keeps_both_options_with_the_problem(town: Run) -> None:
    week = "--area town --week 2026-W49"
    told = json.loads(town(f"lyceum plan {week} --time-limit 5 --minimum --tolerance served=0.01 --json").out)
    assert town(f"lyceum export problem {week} --out problem.json").code == 0

    assert list(told["goals"])[:2] == ["communities", "served"]
    assert told["goals"]["communities"]["value"] == told["goals"]["communities"]["bound"] > 0
