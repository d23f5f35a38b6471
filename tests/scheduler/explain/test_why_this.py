"""Why this: what a placed session competes with, and what another place would cost."""

from __future__ import annotations

import pytest

from scheduler import check, goal_values, read_plan, read_problem
from scheduler.explain import UnknownRequest, serialise, why_this
from tests.scheduler.cases import Document, plan, problem, put, request, volunteer, window

TEN = [window("10:00", "11:00")]


def rivals() -> tuple[Document, Document]:
    """Ann leads “b” at ten, when “a” would have her; “c” is asked for by people whom nobody leads."""
    document = problem(
        request("a", acceptable=TEN),
        request("b", acceptable=[window("10:00", "12:00")], preferred=TEN),
        request("c", topic="art"),
        volunteers=[volunteer("ann")],
    )
    return document, plan(put("b"))


def test_competitors_are_those_who_would_fit_in_its_place() -> None:
    answer = why_this(*rivals(), "b")

    assert [rival.request for rival in answer.competitors] == ["a"]


def test_another_place_is_priced_with_who_comes_in() -> None:
    document, week_plan = rivals()

    answer = why_this(document, week_plan, "b")

    best = answer.elsewhere[0]
    assert best.sentence.startswith("Monday 11:00–12:00")
    assert best.price == "serves 10 learners more; costs 1 session at a preferred time"
    read = read_problem(document)
    gone = [serialise(session) for session in best.withdrawn]
    remaining = [session for session in week_plan["assignments"] if {"assistants": [], **session} not in gone]
    moved = read_plan(plan(*remaining, *(serialise(session) for session in best.placed)), read).assignments
    before, after = (goal_values(read, many) for many in (read_plan(week_plan, read).assignments, moved))
    assert check(read, moved) == ()
    assert best.goals == {goal: after[goal] - before[goal] for goal in best.goals}


def test_another_assistant_may_be_all_that_lets_somebody_in() -> None:
    """Bob assists “b” and is the only lead of “a”; each has one room that will do."""
    document = problem(
        request("a", acceptable=TEN, topic="song"),
        request("b", acceptable=TEN, assistants=1, learners=15),
        volunteers=[volunteer("ann"), volunteer("bob", skills=["song"]), volunteer("cem", skills=["art"])],
        patch={"lab": {"capacity": 10}, "hall": {"open": []}, "left": {"open": []}, "right": {"open": []}},
    )

    (best,) = why_this(document, plan(put("b", assistants=["bob"])), "b").elsewhere

    assert best.sentence.startswith("Monday 10:00–11:00, north, attic, led by ann with cem")
    assert best.goals["served"] > 0


def test_a_pin_stays() -> None:
    document, week_plan = rivals()
    document["pins"] = [put("b")]

    answer = why_this(document, week_plan, "b")

    assert answer.pinned
    assert answer.elsewhere == ()


def test_a_session_that_is_not_placed_is_refused() -> None:
    with pytest.raises(UnknownRequest, match="b#2"):
        why_this(*rivals(), "b", 2)
