"""A week of a few requests is proven optimal by little work, however far people live from the venues."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler import Progress, read_problem
from scheduler.goals.lexicographic import add_goals
from scheduler.instance.instance import Instance
from scheduler.instance.timetable import PartialTimetable
from scheduler.model.columns import lay_out_columns
from scheduler.model.improve import add_rules
from scheduler.processes.highs import maximise
from tests.scheduler.cases import Document, problem, request, solved, window

APART = {
    "ann": {"location": [50.013, 4.007]},
    "bob": {"location": [49.991, 4.031]},
    "cem": {"location": [50.004, 3.987]},
}
TEAMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a lead each": ({}, {}),
    "an assistant": ({"sessions": 2}, {"assistants": 1}),
    "everybody at once": ({"assistants": 1}, {"leads": 2, "assistants": 1, "partial": True}),
}


def tiny_week(team: str, patch: dict[str, Document]) -> Document:
    """Two requests, five rooms and three volunteers."""
    first, second = TEAMS[team]
    return problem(request("a", **first), request("b", **second), patch=patch)


@pytest.mark.slow
@pytest.mark.parametrize("patch", [{}, APART], ids=["together", "apart"])
@pytest.mark.parametrize("team", TEAMS)
def test_a_tiny_week_is_proven_optimal_by_little_work(team: str, patch: dict[str, Document]) -> None:
    steps: list[Progress] = []

    plan = solved(tiny_week(team, patch), work=2000, on_progress=steps.append)

    assert plan["status"] == "optimal"
    assert steps[-1].share < 1


@pytest.mark.parametrize("team", ["a lead each", "everybody at once"])
def test_the_relaxation_of_travel_is_near_to_its_optimum(team: str) -> None:
    """A gap here is closed start by start: seconds in one call of the engine, whatever limit of work is set."""
    document = tiny_week(team, APART)
    document["requests"][0]["acceptable"] = document["requests"][1]["acceptable"] = [window("09:00", "13:00")]
    instance = Instance(read_problem(document))
    choice = lay_out_columns(PartialTimetable(instance), [0, 1])
    add_rules(choice)
    objective = add_goals(choice, ["served", "functions", "travel"], {"served": 1200, "functions": 2})

    relaxed = maximise(choice.program, objective, limit_s=10, relaxed=True)
    whole = maximise(choice.program, objective, limit_s=10)

    assert whole.proven
    assert relaxed.bound < 0.9 * whole.bound
