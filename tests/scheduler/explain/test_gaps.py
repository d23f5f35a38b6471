"""Gaps: what one more volunteer, hour or seat would serve, as tried out; and fairness between communities."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler import goal_values, read_plan, read_problem
from scheduler.explain import fairness, gaps
from scheduler.explain.shadow_prices import shadow_prices
from tests.scheduler.cases import Document, plan, problem, put, request, solved, volunteer, window
from tests.scheduler.explain.weeks import edited_document
from tests.scheduler.test_solve import tiny_problems

EVENING = [window("18:00", "20:00", 4)]


def test_a_missing_lead_is_wanted_where_and_when_courses_wait() -> None:
    course = {"topic": "calligraphy", "acceptable": EVENING}
    document = problem(request("a", learners=20, **course), request("b", learners=18, **course), request("c"))

    report = gaps(document, plan(put("c")))

    assert report.waiting == 2
    best = report.volunteers[0]
    assert best.sentence == (
        "Wanted: somebody who can teach calligraphy on Thursday evenings near north; 2 courses with 38 learners wait."
    )
    assert (best.requests, best.learner_hours, best.goals["served"]) == (("a", "b"), 38, 38 * 60)
    assert report.top == [best]


def test_an_hour_and_seats_are_found_where_they_help() -> None:
    late = request("a", acceptable=[window("20:00", "21:00", 7)])
    many = request("b", learners=24)
    people = [volunteer("ann", available=[window("09:00", "22:00", day) for day in range(1, 8)])]

    report = gaps(problem(late, many, volunteers=people), plan())

    assert {gap.requests for gap in report.hours} == {("a",)}
    assert report.hours[0].sentence.endswith("on Sunday until 21:00; one course with 10 learners waits.")
    assert {gap.requests for gap in report.seats} == {("b",)}
    assert report.seats[0].sentence.startswith("Wanted: 4 more seats in ")


def test_a_room_is_asked_for_no_more_seats_than_it_may_have() -> None:
    report = gaps(problem(request("a", learners=25), request("b", learners=26)), plan())

    assert [gap.requests for gap in report.seats] == [("a",)]
    assert report.seats[0].sentence.endswith(
        "so that “a” can be held there; one course with 25 learners waits."
    )


def test_a_second_lead_is_wanted_where_one_is_missing() -> None:
    two = request("a", topic="art", leads=2)

    report = gaps(problem(two, volunteers=[volunteer("ann", skills=["art"]), volunteer("bob")]), plan())

    assert {gap.what for gap in report.volunteers} == {"art"}
    assert report.volunteers[0].goals["served"] == 600


def one_teacher(*requests: Document) -> Document:
    return problem(*requests, volunteers=[volunteer("ann", available=[window("10:00", "11:00")])])


def test_duals_price_what_a_lead_and_a_room_are_worth() -> None:
    busy = read_problem(one_teacher(request("a", learners=12), request("b"), request("c", learners=30)))

    prices = shadow_prices(busy, ["music"], 10)

    ten = 600
    assert prices.leads[1][ten] == 600  # “b” waits, and takes nothing from anybody but the new lead
    assert 600 <= prices.leads[0][ten] <= 720  # “a” is led already, by somebody whose hour is worth that
    assert prices.rooms.get(1, {}) == {}  # nobody is left to lead “b”, so a room alone helps nobody
    assert 2 not in prices.leads or not prices.leads[2]  # “c” fits no room, whoever leads
    assert prices.rooms[2][ten] == pytest.approx(
        1800 - 720, abs=120
    )  # “c” in a larger room would cost “a” her lead


def test_nothing_is_worth_anything_where_all_are_served() -> None:
    prices = shadow_prices(read_problem(problem(request("a"), request("b"))), ["music"], 10)

    assert not any(prices.leads.values())
    assert not any(prices.rooms.values())


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    document=tiny_problems(),
    learners=st.sampled_from([10, 24]),
    opening=st.sampled_from([[window("08:00", "10:30")], [window("10:00", "11:00")]]),
)
def test_what_a_gap_promises_is_there_when_the_week_is_solved_again(
    document: Document, learners: int, opening: list[Document]
) -> None:
    document["goals"] = ["served"]
    for person in document["volunteers"]:
        person["max_minutes_week"] = person["max_minutes_day"] = None
    document["requests"][0] |= {"learners": learners, "cohorts": [], "max_travel_km": None}
    for room in (room for venue in document["venues"] for room in venue["rooms"]):
        room["open"] = opening
    solution = solved(document)
    before = _served(document, solution)

    report = gaps(document, solution)

    for gap in (*report.volunteers[:2], *report.hours[:2], *report.seats[:2]):
        again = edited_document(document, gap.edits, gap.newcomers)
        assert _served(again, solved(again)) >= before + gap.goals["served"] > before


def _served(document: Document, solution: Document) -> int:
    read = read_problem(document)
    return goal_values(read, read_plan(solution, read).assignments)["served"]


def test_no_gap_where_nobody_waits() -> None:
    report = gaps(problem(request("a")), plan(put("a")))

    assert (report.waiting, report.top) == (0, [])


def test_shares_are_told_by_community_and_by_audience_where_it_is_given() -> None:
    document = problem(
        request("a", area="hill", audience="older_people"),
        request("b", area="hill", learners=30, audience="children"),
        request("c", area="mill"),
        request("d", area="dell", topic="art"),
    )

    shares = fairness(document, plan(put("a")))

    communities = {
        share.name: (share.asked, share.served, share.share, share.servable) for share in shares.communities
    }
    assert communities == {"hill": (2, 1, 0.25, 0), "mill": (1, 0, 0.0, 1), "dell": (1, 0, 0.0, 0)}
    assert [(share.name, share.share) for share in shares.audiences] == [
        ("children", 0.0),
        ("older_people", 1.0),
    ]
    assert shares.left_out == ("mill",)
