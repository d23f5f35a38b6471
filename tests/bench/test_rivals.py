"""The planners that Lyceum is compared with keep every rule, and know their own bound."""

from __future__ import annotations

import pytest

import scheduler
from bench.fitting import Fitting, starts_in
from bench.greedy import greedy_plan
from bench.plain_cpsat import PlainModel, cpsat_plan, cut_off, way_clashes, without_clashes
from bench.runs import plan_document
from domain.windows import Window
from scheduler.documents.records import Assignment, Problem
from tests.bench.weeks import request, tiny, volunteer, window


def problem(**changes: object) -> Problem:
    return scheduler.read_problem({**tiny(), **changes})


def served(given: Problem, plan: list[Assignment]) -> int:
    return scheduler.goal_values(given, plan)["served"]


def test_starts_are_on_the_grid_and_end_in_the_window() -> None:
    assert starts_in((Window(550, 680), Window(1440, 1530)), 60, 30) == [570, 600, 1440, 1470]


def test_options_leave_out_starts_without_a_lead() -> None:
    given = problem()
    fitting = Fitting(given)

    options = fitting.options(fitting.requests["chess"])

    assert options.rooms == {}


def test_greedy_plan_keeps_every_rule() -> None:
    given = problem()

    plan = greedy_plan(given)

    assert scheduler.check(given, plan) == ()
    assert served(given, plan) > 0


def test_plain_model_reaches_its_bound_within_every_rule() -> None:
    given = problem()

    outcome = cpsat_plan(given, 20)

    assert scheduler.check(given, outcome.assignments) == ()
    assert outcome.bound == served(given, outcome.assignments)
    assert served(given, greedy_plan(given)) <= outcome.bound


def test_pins_are_kept() -> None:
    pin = {
        "request": "piano",
        "session": 2,
        "day": 1,
        "start": "10:00",
        "room": "attic",
        "leads": ["ann"],
    }
    given = problem(pins=[pin])

    assert scheduler.check(given, cpsat_plan(given, 20).assignments) == ()


def test_way_between_venues_is_cut_off() -> None:
    given = problem(
        volunteers=[volunteer("ann", "piano")],
        requests=[request("first", "piano"), request("second", "piano", learners=20)],
    )
    clash = [
        Assignment("first", 1, 1, 540, "hall", ("ann",)),
        Assignment("second", 1, 1, 600, "attic", ("ann",)),
    ]
    plain = PlainModel(given)

    clashes = list(way_clashes(plain.fitting, clash))
    rows = len(plain.model.proto.constraints)
    cut_off(plain, clashes)

    assert clashes == [("ann", *clash)]
    assert len(plain.model.proto.constraints) == rows + 1
    assert without_clashes(plain, clash) == clash[1:]


@pytest.mark.parametrize("sessions", [1, 2])
def test_partial_request_is_served_as_far_as_it_goes(sessions: int) -> None:
    asked = request(
        "tea",
        "tea",
        sessions=3,
        partial=True,
        max_sessions_per_day=3,
        acceptable=[window(1, "09:00", "12:00")],
    )
    helper = volunteer("bob", "tea", max_minutes_week=60 * sessions)
    given = problem(volunteers=[helper], requests=[asked])

    assert len(greedy_plan(given)) == sessions
    assert len(cpsat_plan(given, 20).assignments) == sessions


def test_plan_document_is_optimal_only_at_its_bound_and_for_served_alone() -> None:
    given = problem(goals=["served"])
    plan = cpsat_plan(given, 20)
    value = served(given, plan.assignments)

    assert plan_document(given, plan.assignments, value)["status"] == "optimal"
    assert plan_document(given, plan.assignments, value + 1)["status"] == "feasible"
    assert plan_document(problem(), plan.assignments, value)["status"] == "feasible"
