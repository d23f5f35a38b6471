"""Check before solve: what is known without search, each finding with its code, its place and a true sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.precheck import precheck
from scheduler.precheck.flow_network import SINK, SOURCE, FlowNetwork
from tests.scheduler.cases import Document, problem, put, request, solved, volunteer, window
from tests.scheduler.test_solve import tiny_problems


def test_a_problem_in_order_has_no_findings() -> None:
    assert precheck(problem(request("a"))).all == ()


def test_every_error_of_a_malformed_document_is_found() -> None:
    found = precheck(problem(request("a", learners=0, topic=3), week="soon"))

    assert [(one.code, one.path) for one in found.errors] == [
        ("malformed", "week"), ("malformed", "requests[0].topic"), ("malformed", "requests[0].learners"),
    ]  # fmt: skip
    assert precheck([]).errors[0].path == "document"  # type: ignore[arg-type]


def test_pins_that_contradict_each_other_are_named_with_both_sides() -> None:
    document = problem(request("a"), request("b"), pins=[put("a"), put("b", leads="bob")])

    (found,) = precheck(document).errors

    assert (found.code, found.path) == ("pins_break_room_clash", "pins[0], pins[1]")
    assert "a#1" in found.sentence
    assert "b#1" in found.sentence


def test_pins_beside_one_that_cannot_be_read_are_looked_at_too() -> None:
    pins = [put("a", where="nowhere"), put("a"), put("b", leads="bob"), put("c")]

    found = precheck(problem(request("a"), request("b"), pins=pins)).errors

    assert [(one.code, one.path) for one in found] == [
        ("malformed", "pins[0].room"), ("pins_break_session", "pins[3]"),
        ("pins_break_room_clash", "pins[1], pins[2]"),
    ]  # fmt: skip


def test_other_errors_beside_a_pin_that_cannot_be_read_are_found_too() -> None:
    document = problem(request("a"), request("a"), pins=[put("a", day=9), put("a", where="nowhere")])

    found = precheck(document).errors

    assert [one.path for one in found] == ["pins[0].day", "requests", "pins[1].room"]


EVERYBODY = ("ann", "bob", "cem")
FAR = {"location": [51.0, 4.0], "max_travel_km": 2}


@pytest.mark.parametrize(
    ("given", "patch", "code", "key"),
    [
        ({"acceptable": [window("10:00", "10:45")]}, {}, "no_asked_time", "acceptable"),
        ({"acceptable": [window("10:00", "12:00")], "sessions": 2}, {}, "too_few_days", "sessions"),
        ({"learners": 21}, {}, "room_too_small", "learners"),
        ({"equipment": ["piano"]}, {}, "no_equipment", "equipment"),
        ({"accessible": True}, {}, "no_access", "accessible"),
        ({"function": "sport"}, {name: {"functions": ["arts"]} for name in ("attic", "hall", "left", "right", "lab")},
         "not_welcome", "function"),
        ({"equipment": ["piano"], "accessible": True},
         {"attic": {"equipment": ["piano"]}, "lab": {"accessible": True}}, "no_fitting_room", "learners"),
        (FAR, {}, "no_room_in_reach", "max_travel_km"),
        ({"acceptable": [window("20:30", "22:00")]},
         {name: {"available": [window("20:00", "23:00")]} for name in EVERYBODY}, "no_open_room", "acceptable"),
        ({"topic": "art"}, {}, "no_lead", "topic"),
        ({"leads": 4}, {}, "too_few_people", "leads"),
        ({"minors": True}, {}, "two_adults", "leads"),
        ({"minors": True, "assistants": 1}, {name: {"vetted": False} for name in EVERYBODY},
         "no_vetted_lead", "minors"),
        ({"acceptable": [window("10:00", "12:00")]},
         {name: {"available": [window("11:30", "20:00")]} for name in EVERYBODY}, "no_lead_in_time", "acceptable"),
        ({"assistants": 1}, {name: {"roles": ["lead"]} for name in EVERYBODY}, "no_team", "assistants"),
        ({}, {name: {"available": [window("12:00", "20:00")]} for name in EVERYBODY}
         | {name: {"open": [window("08:00", "12:00")]} for name in ("attic", "hall", "left", "right", "lab")},
         "no_common_time", "acceptable"),
    ],
)  # fmt: skip
def test_a_request_that_can_never_be_served_is_found(given: Any, patch: Any, code: str, key: str) -> None:
    found = precheck(problem(request("a", **given), patch=patch)).warnings

    assert [(one.code, one.path) for one in found] == [(code, f"requests[0].{key}")]
    assert "“a” can never be held" in found[0].sentence


def test_topics_that_share_too_few_hours_are_found_together() -> None:
    art = [request(f"art{number}", topic="art", duration_minutes=90) for number in range(2)]
    music = [request("music", duration_minutes=90)]
    people = [volunteer("ann", skills=["art", "music"], available=[window("10:00", "14:00")])]

    (found,) = precheck(problem(*art, *music, volunteers=people)).warnings

    assert found.code == "too_few_hours"
    assert found.sentence == (
        "3 requests for art and music ask for 270 minutes of leads; the one volunteer who could lead them can give "
        "180 at the times that would do."
    )


def test_more_sessions_at_one_hour_than_leads_are_found_though_their_days_are_long() -> None:
    at_ten = [request(name, acceptable=[window("10:00", "11:30")]) for name in "abcd"]
    elsewhere = request("e", acceptable=[window("14:00", "16:00")])

    (found,) = precheck(problem(*at_ten, elsewhere)).warnings

    assert (found.code, found.path) == ("too_few_hours", "requests[0].topic")
    assert found.sentence == (
        "4 requests for music ask for 240 minutes of leads; the 3 volunteers who could lead them can give 180 at the "
        "times that would do."
    )


def test_the_cut_of_a_network_is_the_one_nearest_to_the_source() -> None:
    network = FlowNetwork()
    network.add_arc(SOURCE, "a", 5)
    network.add_arc("a", "b", 1)
    network.add_arc("a", "b", 2)  # one arc of 3
    network.add_arc("b", SINK, 3)
    network.add_arc(SOURCE, "c", 2)
    network.add_arc("c", SINK, 4)

    assert network.solve() == 5
    assert (network.flow(SOURCE, "a"), network.flow("a", "b"), network.flow(SOURCE, "c")) == (3, 3, 2)
    assert network.source_side() == {SOURCE, "a"}


def test_nothing_flows_through_an_empty_network() -> None:
    assert FlowNetwork().solve() == 0


@pytest.mark.parametrize(
    ("people", "code", "fact"),
    [
        ({"ann": [window("10:00", "11:00")], "bob": [window("10:00", "11:00", 2)]}, "no_lead_for_all",
         "nobody can lead all of its 2 sessions"),
        ({"ann": [window("10:00", "12:00")]}, "too_few_days", "there are not days enough"),
        ({"ann": [window("10:00", "11:00")]}, "no_team", "can come for all of its 2 sessions"),
    ],
)  # fmt: skip
def test_what_stands_between_the_sessions_of_a_course_is_told(
    people: dict[str, list[Document]], code: str, fact: str
) -> None:
    course = request("a", sessions=2)
    leads = [volunteer(name, available=offer) for name, offer in people.items()]

    (found,) = precheck(problem(course, volunteers=leads)).warnings

    assert found.code == code
    assert fact in found.sentence


def test_too_few_minutes_for_a_course_are_told() -> None:
    people = [volunteer("ann", max_minutes_week=90)]

    (found,) = precheck(problem(request("a", sessions=2), volunteers=people)).warnings

    assert (found.code, found.path) == ("too_few_minutes", "requests[0].sessions")


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=tiny_problems(), topics=st.lists(st.sampled_from(["music", "art"]), min_size=3, max_size=3))
def test_what_is_found_is_true_of_the_best_plan(document: Document, topics: list[str]) -> None:
    document["goals"] = ["served"]
    for one, topic in zip(document["requests"], topics, strict=False):
        one["topic"] = topic

    found = precheck(document).warnings

    made = solved(document)
    assert made["status"] == "optimal"
    served = {one["request"] for one in made["assignments"]}
    names = [one["id"] for one in document["requests"]]
    whole = {name for name, one in zip(names, document["requests"], strict=True) if not one["partial"]}
    for one in found:
        if one.code == "too_few_hours":
            assert not set(names) <= served or whole != set(names)
        elif one.code != "too_few_days":
            assert names[int(one.path.split("[")[1].split("]")[0])] not in served
