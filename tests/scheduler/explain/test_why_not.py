"""Why not: blocking facts that a full search confirms, and ways out that both checkers accept."""

from __future__ import annotations

from itertools import chain, islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from scheduler import check, goal_values, read_plan, read_problem
from scheduler.explain import (
    Explainer,
    Remedy,
    UnknownRequest,
    broken_rules,
    serialise,
    why_not,
)
from scheduler.explain.availability import Availability
from tests.scheduler.cases import (
    CHECKER,
    Document,
    plan,
    problem,
    put,
    request,
    shared_verdict,
    volunteer,
    window,
)
from tests.scheduler.explain.weeks import (
    NOT_FACTS,
    all_places,
    broken_facts,
    edited_document,
    small_courses,
    small_weeks,
    smallest_sets,
)


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(week=small_weeks())
def test_blocking_facts_are_minimal_and_the_smallest_as_a_full_search_says(
    week: tuple[Document, Document],
) -> None:
    document, week_plan = week
    request_id = document["requests"][-1]["id"]
    read = read_problem(document)
    expected = smallest_sets(read, list(read_plan(week_plan, read).assignments), request_id)

    answer = why_not(document, week_plan, request_id)

    rule_sets = [frozenset(fact.code for fact in answer.facts), *map(frozenset, answer.others)]
    assert answer.sure
    if not expected:
        assert [fact.code for fact in answer.facts] in (["team"], ["grid"], ["never"])
    elif frozenset() in expected:
        assert answer.facts == ()
        assert [way.kinds for way in answer.ways] == [("nothing",)]
    else:
        assert set(rule_sets) <= expected
        assert len(rule_sets[0]) == min(map(len, expected))


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(week=small_courses())
def test_facts_between_the_sessions_of_a_course_are_minimal_too(week: tuple[Document, Document]) -> None:
    document, week_plan = week
    read = read_problem(document)
    expected = smallest_sets(read, list(read_plan(week_plan, read).assignments), "a")

    answer = why_not(document, week_plan, "a")

    rule_sets = {frozenset(fact.code for fact in answer.facts), *map(frozenset, answer.others)} - {
        frozenset()
    }
    assert answer.sure
    assert rule_sets <= expected
    if frozenset() in expected:
        assert [way.kinds for way in answer.ways] == [("nothing",)]
    else:
        assert min(map(len, rule_sets)) == min(map(len, expected))


def shared_learners() -> tuple[Document, Document]:
    """The learners of “a” are in “b” at noon."""
    both = request("a", cohorts=["k"]), request("b", cohorts=["k"])
    return problem(*both, grid_minutes=720), plan(put("b", "12:00"))


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@example(week=shared_learners(), step=1)
@given(week=st.one_of(small_weeks(), small_courses()), step=st.integers(1, 50))
def test_the_facts_that_places_break_are_the_rules_that_the_check_names(
    week: tuple[Document, Document], step: int
) -> None:
    document, week_plan = week
    explainer = Explainer(document, week_plan)
    others = list(read_plan(week_plan, explainer.problem).assignments)
    assume(explainer.unserved())
    request_id = explainer.unserved()[0]
    availability = Availability(explainer.plan, explainer.index_of(request_id))

    for own in islice(all_places(explainer.problem, request_id), 0, 200 * step, step):
        named = broken_facts(explainer.problem, others, own)
        if not named & NOT_FACTS:
            assert (
                broken_rules.broken_rules(
                    availability, [explainer.instance.placement(assignment) for assignment in own]
                )
                == named
            )


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(week=small_weeks())
def test_ways_out_serve_the_request_and_keep_every_rule(
    week: tuple[Document, Document], tmp_path_factory: pytest.TempPathFactory
) -> None:
    document, week_plan = week
    request_id = document["requests"][-1]["id"]

    answer = why_not(document, week_plan, request_id)

    assume(answer.ways)
    for remedy in answer.ways:
        hold(document, week_plan, remedy, request_id, tmp_path_factory.mktemp("verdict"))


def hold(document: Document, week_plan: Document, remedy: Remedy, request_id: str, folder: Path) -> None:
    """The way, done on the documents: no rule is broken, the request is served, the price is right."""
    new_problem = edited_document(document, remedy.edits, remedy.newcomers)
    gone = [serialise(assignment) for assignment in remedy.withdrawn]
    remaining = [assignment for assignment in map(_whole, week_plan["assignments"]) if assignment not in gone]
    new_plan = plan(*remaining, *(serialise(assignment) for assignment in remedy.placed))
    read = read_problem(new_problem)
    assignments = read_plan(new_plan, read).assignments
    assert check(read, assignments) == ()
    assert request_id in {assignment.request for assignment in assignments}
    before = goal_values(read_problem(document), read_plan(week_plan, read).assignments)
    after = goal_values(read, assignments)
    assert remedy.goals == {goal: after[goal] - before[goal] for goal in remedy.goals}
    if CHECKER.exists():
        lines, _ = shared_verdict(folder, new_problem, new_plan)
        assert lines == []


def _whole(session: Document) -> Document:
    return {"assistants": [], **session}


def two_sessions() -> Document:
    return problem(
        request("a", sessions=2, acceptable=[window("10:00", "11:00"), window("10:00", "11:00", 2)]),
        volunteers=[
            volunteer("ann", max_minutes_week=60),
            volunteer("bob", available=[window("10:00", "11:00", 2)]),
        ],
    )


def test_several_sessions_name_the_rule_between_them() -> None:
    answer = why_not(two_sessions(), plan(), "a")

    codes = {tuple(fact.code for fact in answer.facts), *answer.others}
    assert ("load",) in codes
    assert ("same_leads",) in codes
    assert answer.whatever_is_planned == answer.facts


ONLY_ANN: list[Document] = [volunteer("ann")]
MONDAY_TEN = [window("10:00", "11:00")]


def crowded(**keys: object) -> tuple[Document, Document]:
    """Ann leads “b” when “a” is asked for; “b” could be later too."""
    later = [window("10:00", "13:00")]
    document = problem(
        request("a", acceptable=MONDAY_TEN),
        request("b", **{"acceptable": later} | keys),
        volunteers=ONLY_ANN,
    )
    return document, plan(put("b"))


def test_another_session_is_moved_within_its_own_times_and_its_people_are_named() -> None:
    answer = why_not(*crowded(), "a")

    assert [fact.code for fact in answer.facts] == ["volunteer_clash"]
    assert answer.whatever_is_planned == ()
    move = next(way for way in answer.ways if way.kinds == ("move",))
    assert "Move “b” from Monday 10:00–11:00, north, attic, led by ann to Monday 11:00–12:00" in move.sentence
    assert move.goals["served"] == 600


def test_a_lighter_session_may_be_given_up_and_a_heavier_one_may_not() -> None:
    light = why_not(*crowded(acceptable=MONDAY_TEN, learners=4), "a")
    heavy = why_not(*crowded(acceptable=MONDAY_TEN, learners=15), "a")

    drop = next(way for way in light.ways if "drop" in way.kinds)
    assert "ive up “b” (4 learners)" in drop.sentence
    assert drop.price.startswith("serves 10 learners more; costs 4 learners their course")
    assert drop.goals["served"] == 360
    assert not any("drop" in way.kinds for way in heavy.ways)


def test_a_pinned_session_is_never_moved() -> None:
    document, week_plan = crowded()
    document["pins"] = [put("b")]

    answer = why_not(document, week_plan, "a")

    assert not any({"move", "drop"} & set(way.kinds) for way in answer.ways)


@pytest.mark.parametrize(
    ("keys", "patch", "code", "words"),
    [
        ({"acceptable": [window("18:00", "21:00", 7)], "duration_minutes": 150}, {}, "open", "on Sunday until 20:30"),
        ({"learners": 25}, {}, "capacity", "5 fewer learners (20 instead of 25)"),
        ({"equipment": ["piano"]}, {}, "equipment", "Bring piano to"),
        ({"accessible": True}, {}, "access", "accessible"),
        ({"location": [50.0, 4.1], "max_travel_km": 1}, {}, "reach", "The learners go"),
        ({"topic": "art"}, {}, "skill", "One more lead for art"),
        ({}, {name: {"available": [window("07:00", "08:30", 7)]} for name in ("ann", "bob", "cem")},
         "available", "gives time on"),
        ({}, {name: {"max_minutes_week": 45} for name in ("ann", "bob", "cem")}, "load", "15 minutes more in the week"),
        ({}, {"north": {"weekly_cap_minutes": 30}, "south": {"weekly_cap_minutes": 30}}, "venue_cap",
         "lends 30 minutes more"),
    ],
)  # fmt: skip
def test_each_fact_has_its_way_out(
    keys: Document, patch: dict[str, Document], code: str, words: str, tmp_path: Path
) -> None:
    document = problem(request("a", **keys), patch=patch)

    answer = why_not(document, plan(), "a")

    assert code in {fact.code for fact in answer.facts} | set(chain(*answer.others))
    assert any(words in way.sentence for way in answer.ways), [way.sentence for way in answer.ways]
    for number, way in enumerate(answer.ways):
        folder = tmp_path / str(number)
        folder.mkdir()
        hold(document, plan(), way, "a", folder)


def test_somebody_whose_week_is_full_hands_a_session_over(tmp_path: Path) -> None:
    people = [volunteer("ann", skills=["art", "music"], max_minutes_week=60), volunteer("bob")]
    document = problem(request("a", topic="art"), request("b"), volunteers=people)
    week_plan = plan(put("b"))

    answer = why_not(document, week_plan, "a")

    assert "load" in {fact.code for fact in answer.facts}
    way = next(way for way in answer.ways if way.kinds == ("move",))
    assert "led by bob" in way.sentence
    hold(document, week_plan, way, "a", tmp_path)


def test_opening_hours_grow_by_the_least() -> None:
    late = request("a", acceptable=[window("18:00", "22:00")], duration_minutes=90)
    evenings = {
        name: {"open": [window("08:00", "19:00")]} for name in ("attic", "hall", "left", "right", "lab")
    }
    people = {name: {"available": [window("18:00", "22:00")]} for name in ("ann", "bob", "cem")}

    answer = why_not(problem(late, patch=evenings | people), plan(), "a")

    assert answer.ways[0].sentence.startswith(
        "Open north, attic on Monday until 19:30: then Monday 18:00–19:30"
    )


def test_questions_leave_the_week_as_it_was() -> None:
    explainer = Explainer(*crowded())

    first, again = explainer.why_not("a"), explainer.why_not("a")

    assert first == again


def test_unknown_request_and_broken_plan_are_refused() -> None:
    document, week_plan = crowded()
    with pytest.raises(UnknownRequest, match="no request 'z'"):
        why_not(document, week_plan, "z")
    with pytest.raises(ValueError, match="breaks a rule"):
        why_not(document, plan(put("b", leads="")), "a")


def test_session_that_only_needs_another_assistant_stays_in_its_room() -> None:
    """Bob assists “b” and is the only lead of “a”; cem could assist in his stead."""
    document = problem(
        request("a", acceptable=[window("10:00", "11:00")], topic="song"),
        request("b", acceptable=[window("10:00", "11:00")], assistants=1),
        volunteers=[volunteer("ann"), volunteer("bob", skills=["song"]), volunteer("cem", skills=["art"])],
    )

    (way, *_) = why_not(document, plan(put("b", assistants=["bob"])), "a").ways

    moved = next(place for place in way.placed if place.request == "b")
    assert (moved.room, moved.leads, moved.assistants) == ("attic", ("ann",), ("cem",))
