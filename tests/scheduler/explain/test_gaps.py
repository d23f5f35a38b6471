"""Gaps: what one more volunteer, hour or seat would serve, as tried out; and fairness between communities."""

from __future__ import annotations

from scheduler.explain import fairness, gaps
from tests.scheduler.cases import plan, problem, put, request, volunteer, window

EVENING = [window("18:00", "20:00", 4)]


def test_a_missing_lead_is_wanted_where_and_when_courses_wait() -> None:
    asked = {"topic": "calligraphy", "acceptable": EVENING}
    document = problem(request("a", learners=20, **asked), request("b", learners=18, **asked), request("c"))

    found = gaps(document, plan(put("c")))

    assert found.waiting == 2
    best = found.volunteers[0]
    assert best.sentence == (
        "Wanted: somebody who can teach calligraphy on Thursday evenings near north; 2 courses with 38 learners wait."
    )
    assert (best.requests, best.learner_hours, best.goals["served"]) == (("a", "b"), 38, 38 * 60)
    assert found.top == [best]


def test_an_hour_and_seats_are_found_where_they_help() -> None:
    late = request("a", acceptable=[window("20:00", "21:00", 7)])
    many = request("b", learners=24)
    people = [volunteer("ann", available=[window("09:00", "22:00", day) for day in range(1, 8)])]

    found = gaps(problem(late, many, volunteers=people), plan())

    assert {gap.requests for gap in found.hours} == {("a",)}
    assert found.hours[0].sentence.endswith("on Sunday until 21:00; one course with 10 learners waits.")
    assert {gap.requests for gap in found.seats} == {("b",)}
    assert found.seats[0].sentence.startswith("Wanted: 4 more seats in ")


def test_no_gap_where_nobody_waits() -> None:
    found = gaps(problem(request("a")), plan(put("a")))

    assert (found.waiting, found.top) == (0, [])


def test_shares_are_told_by_community_and_by_audience_where_it_is_given() -> None:
    document = problem(
        request("a", area="hill", audience="older_people"),
        request("b", area="hill", learners=30, audience="children"),
        request("c", area="mill"),
        request("d", area="dell", topic="art"),
    )

    found = fairness(document, plan(put("a")))

    told = {one.name: (one.asked, one.served, one.share, one.servable) for one in found.communities}
    assert told == {"hill": (2, 1, 0.25, 0), "mill": (1, 0, 0.0, 1), "dell": (1, 0, 0.0, 0)}
    assert [(one.name, one.share) for one in found.audiences] == [("children", 0.0), ("older_people", 1.0)]
    assert found.left_out == ("mill",)
