"""A week is planned from the read side, once for each state of the facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import scheduler
from adapters.application.application import Lyceum
from adapters.services.closures import pause_volunteer
from adapters.services.planning import Effort, NothingToPlan, PlanOptions, plan_week
from adapters.services.releases import release_week
from adapters.store.streams import VENUES
from adapters.week.plan_documents import load_timetable, planned_sessions, read_document
from domain import network, venue
from domain.volunteer import Pause
from tests.adapters.town import TOWN, WEEK

QUICK = Effort(time_limit_s=5, workers=1)


def test_plan_makes_a_draft_whose_documents_are_kept(lyceum: Lyceum) -> None:
    draft = plan_week(lyceum, TOWN, WEEK, effort=QUICK)

    timetable = load_timetable(lyceum, TOWN, WEEK)
    assert (draft.number, draft.made, timetable.drafts) == (1, True, 1)
    assert timetable.origin is not None
    assert read_document(lyceum.store, timetable.origin.problem) == draft.problem.document
    assert read_document(lyceum.store, timetable.origin.plan) == draft.plan
    assert timetable.origin.position == draft.problem.position
    assert len(planned_sessions(lyceum.store, timetable)) == len(draft.plan["assignments"]) == 4


def test_plan_keeps_every_rule_of_the_format(quick: Lyceum) -> None:
    draft = plan_week(quick, TOWN, WEEK, effort=QUICK)

    problem = scheduler.read_problem(draft.problem.document)
    assert scheduler.check(problem, scheduler.read_plan(draft.plan, problem).assignments) == ()


def test_plan_again_without_a_change_does_nothing(lyceum: Lyceum) -> None:
    first = plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    position = lyceum.store.position()

    second = plan_week(lyceum, TOWN, WEEK, effort=QUICK)

    assert (second.number, second.made, second.plan) == (1, False, first.plan)
    assert lyceum.store.position() == position


def test_plan_after_a_change_of_facts_makes_the_next_draft(quick: Lyceum) -> None:
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    school = quick.must_load(VENUES, venue.venue_id("school"))
    smaller = replace(school.rooms[0], capacity=40)
    quick.commit(venue.open_room(school, quick.metadata(), smaller))

    draft = plan_week(quick, TOWN, WEEK, effort=QUICK)

    choir = [one["id"] for one in draft.problem.document["requests"] if one["topic"] == "choir"]
    assert (draft.number, draft.made) == (2, True)
    assert [one["request"] for one in draft.plan["unserved"] if one["request"] in choir] == choir


def test_plan_of_a_street_asks_only_its_own_venues_people_and_requests(quick: Lyceum) -> None:
    draft = plan_week(quick, network.area_id("hill"), WEEK, effort=QUICK)

    document = draft.problem.document
    assert [one["name"] for one in document["venues"]] == ["Library"]
    assert {one["area"] for one in document["requests"]} == {"hill"}


def test_plan_of_a_week_that_nobody_asks_for_is_refused(quick: Lyceum) -> None:
    with pytest.raises(NothingToPlan, match="no accepted request of Town asks for 2027-W20"):
        plan_week(quick, TOWN, "2027-W20", effort=QUICK)


def test_documents_hold_no_personal_record(quick: Lyceum) -> None:
    from adapters.people.personal_records import PersonalRecord
    from domain.volunteer import volunteer_id

    quick.remember(
        volunteer_id("wang"), PersonalRecord("Wang Xiuying", "555-0101", home=(29.412345, 105.612345))
    )

    draft = plan_week(quick, TOWN, WEEK, effort=QUICK)

    wang = next(
        one
        for one in draft.problem.document["volunteers"]
        if "choir" in one["skills"] and len(one["skills"]) == 2
    )
    assert wang["name"] == wang["id"] == str(volunteer_id("wang"))
    assert wang["location"] != [29.412345, 105.612345]
    assert abs(wang["location"][0] - 29.412345) < 0.005
    assert "Xiuying" not in str(draft.problem.document)


def test_plan_of_a_released_week_keeps_what_need_not_change(quick: Lyceum) -> None:
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    release_week(quick, TOWN, WEEK, "First")
    pause_volunteer(quick, "li", Pause(date(2026, 12, 5), date(2026, 12, 5)), "away")

    plan_week(quick, TOWN, WEEK, effort=QUICK)
    second = release_week(quick, TOWN, WEEK, "Second")

    assert sorted(one.change for one in second.changes) == [
        "cancelled",
        "unchanged",
        "unchanged",
        "unchanged",
    ]


def test_plan_keeps_its_tolerance_with_the_problem(quick: Lyceum) -> None:
    draft = plan_week(
        quick, TOWN, WEEK, options=PlanOptions(goal_keys={"tolerance": {"served": 0.1}}), effort=QUICK
    )
    same = plan_week(
        quick, TOWN, WEEK, options=PlanOptions(goal_keys={"tolerance": {"served": 0.1}}), effort=QUICK
    )

    assert draft.problem.document["tolerance"] == {"served": 0.1}
    assert (draft.number, same.number, same.made) == (1, 1, False)
