"""The aggregated week bounds every goal of every plan, given the goals before it."""

from __future__ import annotations

import random
from math import inf

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler import GOALS as DOCUMENT_GOALS
from scheduler import Problem, goal_values, read_problem
from scheduler.documents.records import MINIMUMS
from scheduler.goals import GOALS
from scheduler.instance.geography import kilometres
from scheduler.instance.instance import Instance
from scheduler.processes.highs import maximise
from scheduler.rules.goals import GOAL_VALUES
from scheduler.search.goal_bounds import aggregated_bound
from tests.scheduler import cases
from tests.scheduler.cases import Document, request, volunteer, window
from tests.scheduler.test_solve import small_enough, tiny_problems
from tests.scheduler.test_tolerance import plans

AGGREGATED = [name for name, goal in GOALS.items() if goal.aggregated_terms]
_ORDERS = [AGGREGATED, ["served", "functions", "preferred", "travel"], ["travel", "preferred", "served"]]


def bound(problem: Problem, goal: str, floors: dict[str, int]) -> float:
    instance = Instance(problem)
    requests = list(range(len(instance.requests)))
    return aggregated_bound(instance, requests, goal, floors, maximise, relaxed_s=10, integer_s=10).bound


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=tiny_problems(), order=st.sampled_from(_ORDERS), seed=st.integers(0, 9))
def test_no_plan_passes_the_bound_given_its_earlier_goals(
    document: Document, order: list[str], seed: int
) -> None:
    if not small_enough(document):
        return
    read = read_problem(document)
    known = [goal_values(read, made) for made in plans(read)]

    best = max(known, key=lambda values: [values[goal] for goal in order])
    for values in [best, *random.Random(seed).sample(known, min(3, len(known)))]:
        for place, goal in enumerate(order):
            floors = {before: values[before] for before in order[:place]}
            reached = max(one[goal] for one in known if all(one[held] >= floors[held] for held in floors))
            assert bound(read, goal, floors) >= reached - 1e-6, (goal, floors)


def test_minutes_offered_bound_the_later_goals_too() -> None:
    """Ann gives two hours; three requests of an hour ask for her, each of a function of its own."""
    asked = [request(name, function=name, preferred=[window("09:00", "12:00")]) for name in ("a", "b", "c")]
    ann = volunteer("ann", max_minutes_week=120, location=[50.0, 4.01])
    read = read_problem(cases.problem(*asked, volunteers=[ann]))
    to_either = round(1000 * kilometres((50.0, 4.01), (50.0, 4.0)))

    assert bound(read, "served", {}) == pytest.approx(1200)
    assert bound(read, "functions", {"served": 1200}) == pytest.approx(2)
    assert bound(read, "preferred", {"served": 1200}) == pytest.approx(2)
    assert bound(read, "travel", {"served": 1200}) == pytest.approx(-2 * to_either, abs=2)
    assert bound(read, "travel", {}) == pytest.approx(0)


def test_floors_that_no_plan_reaches_leave_nothing_to_bound() -> None:
    read = read_problem(cases.problem(request("a")))

    assert bound(read, "functions", {"served": 601}) == -inf


def test_a_goal_that_cannot_be_shared_out_is_no_floor() -> None:
    read = read_problem(cases.problem(request("a")))

    assert bound(read, "functions", {"served": 600, "continuity": 5}) == pytest.approx(1)


def test_documents_rules_and_goals_list_the_same_goals() -> None:
    names = (*MINIMUMS.values(), *DOCUMENT_GOALS)

    assert tuple(GOALS) == tuple(GOAL_VALUES) == names
    assert all(goal.name == name and goal.value is GOAL_VALUES[name] for name, goal in GOALS.items())
