"""Each hard rule: a plan that breaks just this one, and a near miss that breaks none, judged by both checkers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scheduler import RULES, MalformedDocument, check, read_plan, read_problem
from tests.scheduler.cases import (
    Document,
    plan,
    problem,
    put,
    request,
    shared_verdict,
    solved,
    volunteer,
    week,
    window,
)

A, B = request("a"), request("b")
TWO = request("a", sessions=2)
NIGHT = {
    "ann": {"available": week("00:00", "24:00")},
    "bob": {"available": week("00:00", "24:00")},
    "hall": {"open": week("00:00", "24:00")},
}
LATE: dict[str, Any] = {"acceptable": week("00:00", "24:00")}
HELPED = request("a", assistants=1)
CHILDREN = request("a", assistants=1, minors=True)
ONE_FAILS_ONE_HOLDS: list[tuple[str, Document, list[Document], list[Document]]] = [
    ("session", problem(A), [put("a"), put("a", day=2)], [put("a")]),
    ("session", problem(A), [put("a"), put("a", day=2, session=2)], [put("a")]),
    ("session", problem(A), [put("a"), put("ghost", day=2)], [put("a")]),
    ("whole", problem(TWO), [put("a")], [put("a"), put("a", day=2, session=2)]),
    ("per_day", problem(TWO), [put("a"), put("a", "14:00", session=2)], [put("a"), put("a", day=2, session=2)]),
    ("grid", problem(A), [put("a", "10:15")], [put("a", "10:30")]),
    ("acceptable", problem(request("a", acceptable=[window("10:00", "11:00")])), [put("a", "10:30")], [put("a")]),
    ("open", problem(A, patch={"attic": {"open": [window("10:00", "11:00")]}}), [put("a", "10:30")], [put("a")]),
    ("fit", problem(A, patch={"lab": {"capacity": 9}}), [put("a", where="lab")], [put("a")]),
    ("fit", problem(request("a", accessible=True), patch={"lab": {"accessible": True}}),
     [put("a")], [put("a", where="lab")]),
    ("fit", problem(A, patch={"lab": {"functions": ["sport"]}}), [put("a", where="lab")], [put("a")]),
    ("fit", problem(request("a", equipment=["piano"]), patch={"hall": {"equipment": ["piano", "mats"]}}),
     [put("a")], [put("a", where="hall")]),
    ("reach", problem(request("a", max_travel_km=1)), [put("a", where="lab")], [put("a")]),
    ("room_clash", problem(A, B), [put("a"), put("b", "10:30", leads="bob")],
     [put("a"), put("b", "11:00", leads="bob")]),
    ("room_clash", problem(A, B), [put("a", where="hall"), put("b", "11:00", "left", "bob")],
     [put("a", where="right"), put("b", where="left", leads="bob")]),
    ("room_clash", problem(A, B), [put("a", where="left"), put("b", "11:00", "hall", "bob")],
     [put("a", where="left"), put("b", "11:30", "hall", "bob")]),
    ("room_clash", problem(request("a", **LATE), request("b", **LATE), patch=NIGHT),
     [put("a", "23:00", "hall"), put("b", "00:00", "hall", "bob", day=2)],
     [put("a", "23:00", "hall"), put("b", "00:30", "hall", "bob", day=2)]),
    ("venue_cap", problem(A, B, patch={"north": {"weekly_cap_minutes": 119}}),
     [put("a"), put("b", day=3)], [put("a"), put("b", day=3, where="lab")]),
    ("team", problem(A), [put("a", leads="")], [put("a")]),
    ("team", problem(HELPED), [put("a")], [put("a", assistants=["bob"])]),
    ("team", problem(HELPED), [put("a", assistants=["ann"])], [put("a", assistants=["bob"])]),
    ("skill", problem(A, patch={"bob": {"skills": []}}), [put("a", leads="bob")], [put("a")]),
    ("skill", problem(A, patch={"bob": {"roles": ["assistant"]}}), [put("a", leads="bob")], [put("a")]),
    ("available", problem(A, patch={"ann": {"available": [window("10:00", "11:00")]}}),
     [put("a", "10:30")], [put("a")]),
    ("home", problem(A, patch={"ann": {"max_travel_km": 1}}), [put("a", where="lab")], [put("a")]),
    ("volunteer_clash", problem(A, B), [put("a"), put("b", "10:30", "left")], [put("a"), put("b", "11:00", "left")]),
    ("volunteer_clash", problem(A, B), [put("a"), put("b", "11:00", "lab")], [put("a"), put("b", "11:30", "lab")]),
    ("load", problem(A, B, patch={"ann": {"max_minutes_week": 119}}),
     [put("a"), put("b", day=2)], [put("a"), put("b", day=2, leads="bob")]),
    ("load", problem(A, B, patch={"ann": {"max_minutes_day": 119}}),
     [put("a"), put("b", "13:00")], [put("a"), put("b", day=2)]),
    ("minors", problem(CHILDREN, patch={"bob": {"vetted": False}}),
     [put("a", assistants=["bob"])], [put("a", assistants=["cem"])]),
    ("minors", problem(CHILDREN, patch={"bob": {"minor": True}}),
     [put("a", assistants=["bob"])], [put("a", assistants=["cem"])]),
    ("minors", problem(A, patch={"bob": {"minor": True}}), [put("a", leads="bob")], [put("a")]),
    ("same_leads", problem(TWO), [put("a"), put("a", day=2, session=2, leads="bob")],
     [put("a"), put("a", day=2, session=2)]),
    ("cohort_clash", problem(request("a", cohorts=["y"]), request("b", cohorts=["x", "y"])),
     [put("a"), put("b", "10:30", "lab", "bob")], [put("a"), put("b", "11:00", "lab", "bob")]),
    ("pin", problem(A, pins=[put("a")]), [put("a", leads="bob")], [put("a")]),
]  # fmt: skip


def rules_broken(document: Document, assignments: list[Document]) -> set[str]:
    read = read_problem(document)
    return {breach.rule for breach in check(read, read_plan(plan(*assignments), read).assignments)}


@pytest.mark.parametrize(("rule", "document", "broken", "_kept"), ONE_FAILS_ONE_HOLDS)
def test_check_names_the_broken_rule_and_no_other(
    rule: str, document: Document, broken: list[Document], _kept: list[Document]
) -> None:
    assert rules_broken(document, broken) == {rule}


@pytest.mark.parametrize(("_rule", "document", "_broken", "kept"), ONE_FAILS_ONE_HOLDS)
def test_check_accepts_the_near_miss(
    _rule: str, document: Document, _broken: list[Document], kept: list[Document]
) -> None:
    assert rules_broken(document, kept) == set()


@pytest.mark.parametrize(("_rule", "document", "broken", "kept"), ONE_FAILS_ONE_HOLDS)
def test_check_agrees_with_the_shared_checker(
    _rule: str, document: Document, broken: list[Document], kept: list[Document], tmp_path: Path
) -> None:
    for assignments in (broken, kept):
        lines, _ = shared_verdict(tmp_path, document, plan(*assignments))
        assert {line.split(":")[0] for line in lines} == rules_broken(document, assignments)


def test_every_rule_has_a_case() -> None:
    assert list(dict.fromkeys(rule for rule, *_ in ONE_FAILS_ONE_HOLDS)) == list(RULES)


def test_check_names_both_sides_of_a_clash() -> None:
    read = read_problem(problem(A, B))
    made = plan(put("a"), put("b", "10:30", leads="bob"))

    (breach,) = check(read, read_plan(made, read).assignments)

    assert breach.sessions == (("a", 1), ("b", 1))
    assert str(breach) == (
        "room_clash: a#1 (attic, Monday 10:00-11:00) and b#1 (attic, Monday 10:30-11:30) need 0 minutes between "
        "them in their room"
    )


def test_pins_that_break_a_rule_are_refused_with_rule_and_sides() -> None:
    document = problem(A, B, pins=[put("a"), put("b", leads="bob")])

    with pytest.raises(MalformedDocument) as refused:
        solved(document)

    assert len(refused.value.errors) == 1
    assert refused.value.errors[0].startswith("pins: room_clash: a#1")
    assert "b#1" in refused.value.errors[0]


def test_pins_of_some_sessions_of_a_whole_request_are_no_breach() -> None:
    made = solved(problem(TWO, pins=[put("a", day=3)]))

    assert len(made["assignments"]) == 2
    assert put("a", day=3, assistants=[]) in made["assignments"]


def test_volunteers_of_the_shared_shape_can_be_read() -> None:
    assert (
        read_problem(problem(A, volunteers=[volunteer("ann", max_minutes_week=None)])).volunteers[0].id
        == "ann"
    )
