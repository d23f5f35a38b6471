"""A goal with a tolerance gives up a share of its best value where later goals gain by it, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler import Assignment, MalformedDocument, Problem, check, goal_values, read_plan, read_problem
from tests.scheduler.cases import CHECKER, Document, problem, request, shared_verdict, solved, window
from tests.scheduler.test_solve import broken, crowd, slots, small_enough, tiny_problems


def one_or_two() -> Document:
    """Ann can serve eleven learners of one function, or ten of another that nobody else hosts."""
    hour = {"acceptable": [window("10:00", "11:00")]}
    both = [request("more", learners=11, **hour), request("other", learners=10, function="health", **hour)]
    ann_only: dict[str, Document] = {"bob": {"skills": []}, "cem": {"skills": []}}
    near = {"more": {"location": [50.0, 4.02], "max_travel_km": 1}}
    liked = {"other": {"preferred": [window("10:00", "11:00")]}}
    return problem(*both, patch=ann_only | near | liked, goals=["served", "preferred"])


def test_without_a_tolerance_served_comes_first() -> None:
    made = solved(one_or_two())

    assert [one["request"] for one in made["assignments"]] == ["more"]
    assert "given_up" not in made


@pytest.mark.parametrize(("share", "served"), [(0.1, "other"), (0.05, "more")])
def test_a_tolerance_gives_up_its_share_and_no_more(share: float, served: str) -> None:
    made = solved(one_or_two() | {"tolerance": {"served": share}})

    assert [one["request"] for one in made["assignments"]] == [served]
    assert made["given_up"] == {"served": 60 if served == "other" else 0}
    assert made["status"] == ("feasible" if served == "other" else "optimal")


def test_nothing_is_given_up_for_nothing() -> None:
    made = solved(one_or_two() | {"tolerance": {"served": 1}, "goals": ["served", "functions"]})

    assert made["goals"]["served"]["value"] == 660


@pytest.mark.parametrize("wrong", [{"served": 2}, {"served": -0.1}, {"fame": 0.1}, 0.1, {"served": "much"}])
def test_a_tolerance_that_is_no_share_of_a_goal_is_refused(wrong: object) -> None:
    with pytest.raises(MalformedDocument, match="tolerance"):
        read_problem(one_or_two() | {"tolerance": wrong})


@pytest.mark.slow
def test_a_longer_search_gives_up_no_more_than_its_share(tmp_path: Path) -> None:
    document = crowd() | {"tolerance": {"served": 0.05}}

    made = solved(document, time_limit_s=5, workers=2)

    value = made["goals"]["served"]["value"]
    assert made["given_up"]["served"] <= 0.05 * (value + made["given_up"]["served"])
    assert shared_verdict(tmp_path, document, made)[0] == []


def plans(problem: Problem) -> Iterator[list[Assignment]]:
    """All plans that keep the rules."""

    def extended(so_far: list[Assignment], ways: list[list[list[Assignment]]]) -> Iterator[list[Assignment]]:
        if not ways:
            yield so_far
            return
        for way in ways[0]:
            if not (broken(problem, [*so_far, *way]) - {"pin"}):
                yield from extended([*so_far, *way], ways[1:])

    return (made for made in extended([], list(slots(problem))) if not broken(problem, made))


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=tiny_problems(), share=st.sampled_from([0.1, 0.5, 1]))
def test_tiny_problems_reach_what_a_full_search_reaches_within_the_tolerance(
    document: Document, share: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    document |= {"goals": ["served", "preferred", "functions"], "tolerance": {"served": share}}

    made = solved(document)

    read = read_problem(document)
    assert check(read, read_plan(made, read).assignments) == ()
    values = {goal: claim["value"] for goal, claim in made["goals"].items()}
    if small_enough(document):
        known = [goal_values(read, one) for one in plans(read)]
        best = max(one["served"] for one in known)
        left = [one for one in known if one["served"] >= best - int(share * best)]
        assert values["served"] >= best - int(share * best)
        assert values["preferred"] == max(one["preferred"] for one in left)
        left = [one for one in left if one["preferred"] == values["preferred"]]
        assert values["functions"] == max(one["functions"] for one in left)
        given = [one for one in left if one["served"] >= values["served"]]
        bound = made["goals"]["functions"]["bound"]
        assert bound is None or bound >= max(one["functions"] for one in given)
        assert made["status"] != "optimal" or values["served"] == best
    if CHECKER.exists():
        assert shared_verdict(tmp_path_factory.mktemp("verdict"), document, made)[0] == []
