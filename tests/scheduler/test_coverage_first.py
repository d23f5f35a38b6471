"""Coverage first: with a minimum each community that can have a session gets one before more learners get more."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler import MalformedDocument, check, goal_values, read_plan, read_problem
from scheduler.precheck import precheck
from tests.scheduler.cases import CHECKER, Document, problem, request, shared_verdict, solved, window
from tests.scheduler.test_solve import best_by_full_search, crowd, ranked, small_enough, tiny_problems


def town_and_village(**given: object) -> Document:
    """Ann has one hour: for ten learners in the town, or for four in a village that gets nothing else."""
    hour = {"acceptable": [window("10:00", "11:00")]}
    later = {"acceptable": [window("11:00", "12:00")]}
    asked = [
        request("large", area="town", **hour),
        request("more", area="town", **later),
        request("small", area="village", learners=4, **hour),
    ]
    only_ann: dict[str, Document] = {"bob": {"skills": []}, "cem": {"skills": []}}
    return problem(*asked, patch=only_ann, goals=["served", "preferred"]) | given


def placed(made: Document) -> set[str]:
    return {one["request"] for one in made["assignments"]}


def test_without_a_minimum_the_village_gets_nothing() -> None:
    made = solved(town_and_village())

    assert placed(made) == {"large", "more"}
    assert "communities" not in made["goals"]


def test_with_a_minimum_the_village_gets_its_session_and_the_plan_says_so() -> None:
    made = solved(town_and_village(minimum="area"))

    assert placed(made) == {"small", "more"}
    assert made["goals"]["communities"] == {"value": 2, "bound": 2}
    assert made["goals"]["served"] == {"value": 840, "bound": 840}
    assert made["status"] == "optimal"


def test_a_community_that_nothing_can_serve_is_not_waited_for() -> None:
    document = town_and_village(minimum="area")
    document["requests"][2]["topic"] = "chess"

    made = solved(document)

    assert made["goals"]["communities"] == {"value": 1, "bound": 1}


@pytest.mark.parametrize("wrong", ["audience", 1, True, ["area"], ""])
def test_an_unknown_minimum_is_refused_in_one_sentence(wrong: object) -> None:
    with pytest.raises(MalformedDocument) as refused:
        read_problem(town_and_village(minimum=wrong))

    assert len(refused.value.errors) == 1
    assert refused.value.errors[0].startswith("minimum: must be one of area, is ")


def test_no_minimum_may_be_written_as_null() -> None:
    assert read_problem(town_and_village(minimum=None)).goals == ("served", "preferred")


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=tiny_problems(), areas=st.lists(st.sampled_from("xyz"), min_size=3, max_size=3))
def test_tiny_problems_with_a_minimum_are_solved_as_a_full_search_solves_them(
    document: Document, areas: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    for one, area in zip(document["requests"], areas, strict=False):
        one["area"] = area
    document["minimum"] = "area"

    made = solved(document)

    read = read_problem(document)
    assignments = list(read_plan(made, read).assignments)
    assert check(read, assignments) == ()
    assert made["goals"]["communities"]["value"] == goal_values(read, assignments)["communities"]
    if small_enough(document):
        assert ranked(read, assignments) == best_by_full_search(read)
    if CHECKER.exists():
        assert shared_verdict(tmp_path_factory.mktemp("verdict"), document, made)[0] == []


@pytest.mark.slow
def test_a_longer_search_serves_each_community_and_keeps_its_claims() -> None:
    document = crowd() | {"minimum": "area"}
    for number, one in enumerate(document["requests"]):
        one["area"] = f"a{number % 15}"

    made = solved(document, time_limit_s=5, workers=2)

    goals = made["goals"]
    assert goals["communities"] == {"value": 15, "bound": 15}
    assert goals["served"]["value"] <= goals["served"]["bound"]
    assert check(read_problem(document), read_plan(made, read_problem(document)).assignments) == ()


def winner(names: str, seed: int) -> str:
    """Who gets Ann's only hour, where all ask for the same."""
    hour = {"acceptable": [window("10:00", "11:00")]}
    only_ann: dict[str, Document] = {"bob": {"skills": []}, "cem": {"skills": []}}
    made = solved(problem(*(request(name, area=name, **hour) for name in names), patch=only_ann), seed=seed)
    won: str = made["assignments"][0]["request"]
    return won


@pytest.mark.slow
def test_ties_are_broken_by_the_seed_alone() -> None:
    won = [winner("abc", seed) for seed in range(12)]

    assert set(won) == set("abc")
    assert [winner("cba", seed) for seed in range(12)] == won


def test_check_names_an_unknown_minimum() -> None:
    found = precheck(town_and_village(minimum="audience"))

    assert [one.path for one in found.errors] == ["minimum"]
