"""Documents of a chosen load, and what is written for FET and read from it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

import scheduler
from bench import fet
from bench.greedy import greedy_plan
from bench.loads import load_document
from domain.windows import minutes
from scheduler.documents.records import Assignment, Problem
from tests.bench.weeks import tiny


def loaded(load: float) -> tuple[Problem, list[Assignment]]:
    given = scheduler.read_problem(tiny())
    plan = greedy_plan(given)
    return scheduler.read_problem(load_document(given, plan, load)), plan


def asked_min(problem: Problem) -> int:
    return sum(one.duration_min * one.sessions for one in problem.requests)


def open_min(problem: Problem) -> int:
    return sum(minutes(room.open) for venue in problem.venues for room in venue.rooms)


@pytest.mark.parametrize("load", [0.5, 0.8, 1.0])
def test_load_is_asked_minutes_over_open_minutes(load: float) -> None:
    problem, plan = loaded(load)

    assert asked_min(problem) == 60 * len(plan)
    assert asked_min(problem) / open_min(problem) == pytest.approx(load, rel=0.2)


def test_plan_that_a_document_was_made_from_fits_a_full_one() -> None:
    problem, plan = loaded(1.0)
    alone = [
        Assignment(one.request, one.session, one.day, one.start_min, one.room, one.leads) for one in plan
    ]

    assert scheduler.check(problem, alone) == ()


def test_overload_closes_the_rooms_of_whole_sessions() -> None:
    problem, plan = loaded(1.5)

    assert asked_min(problem) > open_min(problem)
    assert len(greedy_plan(problem)) < len(plan)


def test_activity_at_which_fet_got_stuck_is_the_next_in_its_order() -> None:
    order = "\ufeffThis is the order\nNo: 1, Id: 7, Duration: 2\nNo: 2, Id: 3, Duration: 4\nNo: 3, Id: 5, Duration: 2\n"
    reached = "At time 0 s, FET reached 1 activities placed\nAt time 0 s, FET reached 2 activities placed\n"

    assert fet.stuck_at(order, reached) == 5
    assert fet.stuck_at(order, "") == 7


def test_only_its_own_lead_knows_a_session() -> None:
    problem, plan = loaded(0.8)
    leads = {one.request: set(one.leads) for one in plan}

    found = {
        one.id: {person.id for person in problem.volunteers if one.topic in person.skills}
        for one in problem.requests
    }

    assert found == leads


def test_every_session_counts_the_same() -> None:
    problem, _ = loaded(0.8)

    assert {one.weight for one in problem.requests} == {360}


def test_fet_file_says_lengths_teachers_times_and_rooms() -> None:
    problem, plan = loaded(1.0)

    root = fet.written(problem)

    first = root.find("Activities_List/Activity")
    assert first is not None
    assert [(child.tag, child.text) for child in first if child.tag in {"Teacher", "Duration", "Id"}] == [
        ("Teacher", "ann"),
        ("Duration", "2"),
        ("Id", "1"),
    ]
    assert len(root.findall("Activities_List/Activity")) == len(plan)
    assert [one.findtext("Name") for one in root.findall("Hours_List/Hour")] == ["09:00", "09:30"]
    assert len(root.findall(".//ConstraintRoomNotAvailableTimes")) == len(root.findall("Rooms_List/Room"))


def test_times_away_are_the_slots_outside_of_every_window() -> None:
    problem, _ = loaded(1.0)

    root = fet.written(problem)

    away = next(
        rule for rule in root.iter("ConstraintTeacherNotAvailableTimes") if rule.findtext("Teacher") == "ann"
    )
    assert {slot.findtext("Day") for slot in away.iter("Not_Available_Time")} == {"3", "4", "5", "6", "7"}


def test_timetable_of_fet_is_read_as_assignments() -> None:
    problem, _ = loaded(1.0)
    request, session = fet.activities(problem)[2]
    root = ET.Element("Activities_Timetable")
    for number, day, hour, place in ((1, "", "", ""), (2, "1", "10:00", "hall")):
        one = ET.SubElement(root, "Activity")
        for tag, text in (("Id", number), ("Day", day), ("Hour", hour), ("Room", place)):
            ET.SubElement(one, tag).text = str(text)

    found = list(fet.read(ET.tostring(root, encoding="unicode"), problem))

    assert found == [Assignment(request.id, session, 1, 600, "hall", ("ann",))]


@pytest.mark.skipif(not fet.installed(), reason=fet.MISSING)
def test_fet_places_everything_where_everything_fits() -> None:
    problem, plan = loaded(0.8)

    outcome = fet.fet_plan(problem, 10)

    assert (len(outcome.assignments), outcome.dropped) == (len(plan), 0)
    assert scheduler.check(problem, outcome.assignments) == ()
