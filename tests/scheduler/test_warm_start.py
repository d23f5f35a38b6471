"""Warm start: a solve goes on from an earlier plan: what still keeps every rule stays, and the rest begins anew."""

from __future__ import annotations

import pytest

from scheduler import MalformedDocument, Progress, check, read_plan, read_problem
from tests.scheduler.cases import Document, plan, problem, put, request, solved

MONDAY_MORNING = [{"day": 1, "start": "10:00", "end": "12:00"}]


def begun(document: Document, *start: Document) -> list[Document]:
    """What is planned where there is no time to look for anything, and nothing to fill in greedily."""
    found: list[Document] = solved(document, start=list(start), should_stop=lambda: True)["assignments"]
    return found


def places(assignments: list[Document]) -> dict[str, tuple[int, str, str]]:
    return {one["request"]: (one["day"], one["start"], one["room"]) for one in assignments}


def test_search_begins_from_an_earlier_plan() -> None:
    """Greedily it would not have come to an evening in the smallest hall's half."""
    document = problem(request("choir"), request("band"))

    made = begun(document, put("choir", "18:00", "left", "cem"), put("band", "18:30", "lab", "bob"))

    assert places(made) == {"choir": (1, "18:00", "left"), "band": (1, "18:30", "lab")}


def test_request_that_breaks_a_rule_begins_anew() -> None:
    document = problem(request("choir", acceptable=MONDAY_MORNING), request("band"))

    made = begun(document, put("choir", "18:00", "left", "cem"), put("band", "18:30", "lab", "bob"))

    known = places(made)
    assert known["band"] == (1, "18:30", "lab")
    assert "choir" not in known or known["choir"][1] < "12:00"


def test_what_the_problem_does_not_know_any_more_is_left_out() -> None:
    document = problem(request("choir"))
    strangers = [put("opera"), put("choir", where="cellar"), put("choir", leads="zoe")]

    for one in strangers:
        made = plan(*begun(document, one, put("band", "18:30", "lab", "bob")))
        read = read_problem(document)
        assert check(read, read_plan(made, read).assignments) == ()


def test_pins_come_before_what_a_plan_said() -> None:
    document = problem(request("choir"), request("band"), pins=[put("choir", "18:00", "left", "cem")])

    made = begun(document, put("choir", "09:00", "lab", "bob"), put("band", "18:00", "right", "cem"))

    assert places(made)["choir"] == (1, "18:00", "left")


def test_plan_that_goes_on_is_not_called_reproducible_and_counted_work_begins_anew() -> None:
    document = problem(request("choir"))
    start = [put("choir", "18:00", "left", "cem")]

    anew = solved(document, work=2000)

    assert solved(document, work=2000, start=start) == anew
    assert "reproducible" not in solved(document, time_limit_s=1, start=start)


def test_start_that_is_no_list_of_assignments_is_refused() -> None:
    with pytest.raises(MalformedDocument, match=r"assignments\[0\]\.room"):
        solved(problem(request("choir")), start=[{"request": "choir", "session": 1}])


@pytest.mark.slow
@pytest.mark.parametrize("in_parts", [False, True])
def test_progress_gives_the_best_plan_so_far_and_a_search_goes_on_from_it(
    monkeypatch: pytest.MonkeyPatch, in_parts: bool
) -> None:
    if in_parts:
        monkeypatch.setattr("scheduler.decomposition.rounds.LARGE", 3)
        monkeypatch.setattr("scheduler.decomposition.rounds._SIZES", (2, 2))
    document = problem(*(request(f"r{at}") for at in range(5)), goals=["served"])
    told: list[tuple[int, list[Document]]] = []

    def follow(progress: Progress) -> None:
        told.append((progress.served, progress.plan()))

    made = solved(document, time_limit_s=4 if in_parts else 20, on_progress=follow)

    served, best = told[-1]
    assert served == made["goals"]["served"]["value"]
    read = read_problem(document)
    assert check(read, read_plan(plan(*best), read).assignments) == ()
    assert places(begun(document, *best)) == places(best) == places(made["assignments"])
