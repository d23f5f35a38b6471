"""Starts, time zones and changes of the clocks: what a plan may hold, through every door to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from adapters.application.application import Lyceum
from adapters.services.adjusting import find_session, move, new_session, pin
from adapters.services.planning import Effort, NothingToPlan, plan_week
from adapters.services.releases import BrokenRules, release_week
from adapters.services.suggesting import suggested
from adapters.store.streams import AREAS, REQUESTS, VOLUNTEERS
from adapters.week.problem_document import write_problem
from adapters.week.week_snapshot import snapshot_of
from domain.area_times import letter_week, set_starts
from domain.network import area_id, locate_area
from domain.recurrence import Rhythm
from domain.request import change_order, leave_out, request_id
from domain.starts import Starts
from domain.venue import room_id, venue_id
from domain.volunteer import offer_hours, volunteer_id
from domain.windows import Window, on_day
from tests.adapters.town import TOWN, WEEK

QUICK = Effort(time_limit_s=5, workers=1)
PHONE, CHOIR, BRUSH = (request_id(key) for key in ("r-phone", "r-choir", "r-brush"))
ON = date(2026, 11, 30)


def in_zone(lyceum: Lyceum, street: str, zone: str) -> None:
    lyceum.decide(
        AREAS,
        area_id(street),
        lambda one, metadata: locate_area(
            one, metadata, location=one.location, zone=zone, calendar=one.calendar
        ),
    )
    lyceum.views.catch_up()


def starting(lyceum: Lyceum, street: str, starts: Starts | None) -> None:
    lyceum.decide(
        AREAS,
        area_id(street),
        lambda one, metadata: set_starts(one, metadata, starts=starts, on=ON, why="bells"),
    )


def ordered(lyceum: Lyceum, key: str, **changes: Any) -> None:
    def change(one: Any, metadata: Any) -> Any:
        order = replace(one.order, **changes)
        return change_order(one, metadata, area=one.area, location=one.location, order=order)

    lyceum.decide(REQUESTS, request_id(key), change)


def document(lyceum: Lyceum, area: str = "town", week: str = WEEK) -> dict[str, Any]:
    lyceum.views.catch_up()
    return write_problem(lyceum, snapshot_of(lyceum.views, area_id(area), week)).document


# Time zones


def test_what_keeps_other_clocks_is_left_out_of_a_plan_in_one_sentence(lyceum: Lyceum) -> None:
    in_zone(lyceum, "hill", "Asia/Tokyo")

    draft = plan_week(lyceum, TOWN, WEEK, effort=QUICK)

    told = [one for one in draft.problem.warnings if "Asia/Tokyo" in one]
    assert told == [
        (
            "1 venue (first library) and 2 volunteers (first li) and 2 requests (first r-phone) are left out, because "
            "their area is in the time zone Asia/Tokyo and this plan is in Asia/Shanghai; plan their area by itself, "
            "or correct its zone"
        )
    ]
    assert {one["area"] for one in draft.problem.document["requests"]} == {"river"}
    assert [one["name"] for one in draft.problem.document["venues"]] == ["School"]


def test_each_zone_is_planned_by_itself(lyceum: Lyceum) -> None:
    in_zone(lyceum, "hill", "Asia/Tokyo")

    draft = plan_week(lyceum, area_id("hill"), WEEK, effort=QUICK)

    assert draft.problem.document["timezone"] == "Asia/Tokyo"
    assert draft.problem.warnings == ()
    assert [one["request"] for one in draft.plan["assignments"]] == [str(PHONE)]


def test_zones_whose_clocks_show_the_same_go_together(lyceum: Lyceum) -> None:
    in_zone(lyceum, "hill", "Asia/Singapore")

    assert len(document(lyceum)["requests"]) == 4


def test_a_plan_of_nothing_but_another_zone_says_so(lyceum: Lyceum) -> None:
    in_zone(lyceum, "town", "Asia/Tokyo")

    with pytest.raises(NothingToPlan, match="Asia/Shanghai and this plan is in Asia/Tokyo"):
        plan_week(lyceum, TOWN, WEEK, effort=QUICK)


def test_a_draft_that_has_come_to_join_two_zones_is_not_released(lyceum: Lyceum) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    in_zone(lyceum, "hill", "Asia/Tokyo")

    with pytest.raises(BrokenRules, match="joins the time zones Asia/Shanghai and Asia/Tokyo"):
        release_week(lyceum, TOWN, WEEK, "First")


def test_pins_that_no_plan_can_keep_are_left_out_in_a_sentence_each(lyceum: Lyceum) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    for request in (PHONE, CHOIR):
        pin(lyceum, TOWN, WEEK, find_session(lyceum, TOWN, WEEK, request, 1), "a sample")
    in_zone(lyceum, "hill", "Asia/Tokyo")
    lyceum.decide(REQUESTS, CHOIR, lambda one, metadata: leave_out(one, metadata, week=WEEK))

    draft = plan_week(lyceum, TOWN, WEEK, effort=QUICK)

    assert draft.problem.document["pins"] == []
    assert sorted(one for one in draft.problem.warnings if "pin" in one) == [
        "a pin is left out: session 1 of request r-phone joins the time zones Asia/Shanghai and Asia/Tokyo",
        "the pin of session 1 of request r-choir is left out, for this week asks for 0",
    ]


# Changes of the clocks

SUNDAY = "2027-W12"  # London leaves out 01:00 to 02:00 on Sunday 28 March


@pytest.fixture
def nightly(lyceum: Lyceum) -> Lyceum:
    """The course about telephones by night in London, in the week in which the clocks are put forward."""
    for area in ("town", "river", "hill"):
        in_zone(lyceum, area, "Europe/London")
    night = tuple(on_day(day, "00:00", "24:00") for day in (6, 7))
    ordered(lyceum, "r-phone", acceptable=night, first_week=SUNDAY, duration_minutes=60)
    lyceum.decide(VOLUNTEERS, volunteer_id("li"), lambda one, metadata: offer_hours(one, metadata, night))
    return lyceum


def test_no_session_is_planned_moved_or_suggested_into_time_that_is_skipped(
    nightly: Lyceum, open_round_the_clock: Callable[[Lyceum], None]
) -> None:
    open_round_the_clock(nightly)
    plan_week(nightly, TOWN, SUNDAY, effort=QUICK)
    placed = find_session(nightly, TOWN, SUNDAY, PHONE, 1)

    for start in range(8640, 8820, 30):
        there = replace(placed, window=Window(start, start + 60))
        if start in (8640, 8760, 8790):
            move(nightly, TOWN, SUNDAY, there, "a sample", accept=("continuity",))
            release_week(nightly, TOWN, SUNDAY, f"at {start}")
        else:
            with pytest.raises(BrokenRules, match="while the clocks change"):
                move(nightly, TOWN, SUNDAY, there, "a sample")
    nightly.views.catch_up()
    found = suggested(nightly, TOWN, SUNDAY, PHONE, 1, moves=1, limit=100)
    begun = {one.moves[0].after.window.start_min for one in found}
    assert begun
    assert not begun & {8670, 8700, 8730}


@pytest.fixture
def open_round_the_clock() -> Callable[[Lyceum], None]:
    from adapters.store.streams import VENUES
    from domain.opening import weekly
    from domain.venue import set_opening_hours

    def always(lyceum: Lyceum) -> None:
        hours = weekly(((1, 2, 3, 4, 5, 6, 7), "00:00", "24:00"))
        lyceum.decide(
            VENUES, venue_id("library"), lambda one, metadata: set_opening_hours(one, metadata, None, hours)
        )

    return always


# Starts off the half hour


def test_a_grid_of_the_planned_area_is_that_of_its_plan(lyceum: Lyceum) -> None:
    before = document(lyceum)
    starting(lyceum, "town", Starts(10))

    assert document(lyceum) == before | {"grid_minutes": 10}
    assert document(lyceum, week="2026-W48")["grid_minutes"] == 30


def test_each_request_starts_as_the_area_that_asks_says(lyceum: Lyceum) -> None:
    starting(lyceum, "river", Starts(bells=(1025, 1130)))

    written = document(lyceum)

    own = {one["title"]: (one.get("grid_minutes"), one.get("bell_times")) for one in written["requests"]}
    assert written["grid_minutes"] == 5
    assert own == {
        "Course r-brush": (5, ["17:05", "18:50"]),
        "Course r-choir": (5, ["17:05", "18:50"]),
        "Course r-phone": (30, []),
        "Course r-robot": (30, []),
    }


def test_a_course_that_no_half_hour_fits_starts_as_its_own_times_ask(lyceum: Lyceum) -> None:
    ordered(lyceum, "r-choir", duration_minutes=40, acceptable=(on_day(3, "17:10", "17:50"),), preferred=())

    written = document(lyceum)
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    placed = find_session(lyceum, TOWN, WEEK, CHOIR, 1)
    release_week(lyceum, TOWN, WEEK, "First")

    own = {one["title"][7:]: one.get("grid_minutes") for one in written["requests"]}
    assert written["grid_minutes"] == 10
    assert own == {"r-brush": 30, "r-choir": None, "r-phone": 30, "r-robot": 30}
    assert (placed.window.start_min % 1440, placed.window.minutes) == (1030, 40)


def test_a_grid_that_an_area_has_set_stands_against_the_times_of_a_course(lyceum: Lyceum) -> None:
    ordered(lyceum, "r-choir", duration_minutes=40, acceptable=(on_day(3, "17:10", "17:50"),), preferred=())
    starting(lyceum, "town", Starts(30))

    assert document(lyceum)["grid_minutes"] == 30


def test_sessions_ring_in_with_the_bells_wherever_they_are_put(lyceum: Lyceum) -> None:
    starting(lyceum, "river", Starts(bells=(1025, 1130)))
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    placed = [find_session(lyceum, TOWN, WEEK, *key) for key in ((BRUSH, 1), (BRUSH, 2), (CHOIR, 1))]

    assert {one.window.start_min % 1440 for one in placed} <= {1025, 1130}
    early = replace(placed[0], window=placed[0].window.shifted(-(placed[0].window.start_min % 1440) + 1020))
    with pytest.raises(BrokenRules, match=r"when the bell rings \(17:05, 18:50\)"):
        move(lyceum, TOWN, WEEK, early, "a sample")
    release_week(lyceum, TOWN, WEEK, "First")
    lyceum.views.catch_up()
    found = suggested(lyceum, TOWN, WEEK, BRUSH, 1, limit=100)
    assert {one.moves[0].after.window.start_min % 1440 for one in found} <= {1025, 1130}


@pytest.mark.parametrize(("grid", "minutes"), [(15, 45), (10, 50), (5, 35), (30, 40)])
def test_courses_need_not_be_as_long_as_the_grid_is_wide(lyceum: Lyceum, grid: int, minutes: int) -> None:
    starting(lyceum, "town", Starts(grid))
    ordered(lyceum, "r-choir", duration_minutes=minutes)

    plan_week(lyceum, TOWN, WEEK, effort=QUICK)

    window = find_session(lyceum, TOWN, WEEK, CHOIR, 1).window
    assert (window.start_min % grid, window.minutes) == (0, minutes)


def test_a_draft_off_the_new_grid_is_not_released(lyceum: Lyceum) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    starting(lyceum, "town", Starts(bells=(1025,)))

    with pytest.raises(BrokenRules, match="when the bell rings"):
        release_week(lyceum, TOWN, WEEK, "First")


def test_a_session_without_a_place_is_put_on_the_grid_too(lyceum: Lyceum) -> None:
    starting(lyceum, "town", Starts(15))
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    placed = find_session(lyceum, TOWN, WEEK, CHOIR, 1)
    unplaced = new_session(lyceum, TOWN, WEEK, CHOIR, 1, placed.window.start_min + 5)
    there = replace(unplaced, venue=placed.venue, room=room_id("school", "hall"), leads=placed.leads)

    with pytest.raises(BrokenRules, match="at a multiple of 15 minutes"):
        move(lyceum, TOWN, WEEK, there, "a sample")


# Weeks of a course and of an offer


def test_a_plan_asks_for_what_is_held_in_its_week(lyceum: Lyceum) -> None:
    lyceum.decide(
        REQUESTS, CHOIR, lambda one, metadata: leave_out(one, metadata, week=WEEK, instead="2026-W51")
    )
    days = (date(2026, 12, 3), date(2026, 12, 4), date(2026, 12, 14))
    ordered(lyceum, "r-robot", on_dates=days)

    def asked(week: str) -> dict[str, int]:
        return {one["title"][9:]: one["sessions"] for one in document(lyceum, week=week)["requests"]}

    assert asked(WEEK) == {"brush": 2, "phone": 1, "robot": 2}
    assert asked("2026-W51") == {"brush": 2, "choir": 2, "phone": 1, "robot": 1}
    robot = next(one for one in document(lyceum)["requests"] if one["title"] == "Course r-robot")
    assert [one["day"] for one in robot["acceptable"]] == [4, 5]


def test_a_and_b_weeks_are_those_of_the_area_and_asked_for_where_there_are_none(lyceum: Lyceum) -> None:
    ordered(lyceum, "r-choir", week_letter="B")
    lyceum.decide(
        VOLUNTEERS,
        volunteer_id("wang"),
        lambda one, metadata: offer_hours(one, metadata, one.offer, Rhythm(week_letter="A")),
    )

    def seen(week: str) -> tuple[bool, bool]:
        written = document(lyceum, week=week)
        wang = next(one for one in written["volunteers"] if one["id"] == str(volunteer_id("wang")))
        return "Course r-choir" in [one["title"] for one in written["requests"]], bool(wang["available"])

    assert seen(WEEK) == (False, False)
    warned = write_problem(lyceum, snapshot_of(lyceum.views, TOWN, WEEK)).warnings
    assert any("request r-choir and 1 more speak of A or B weeks" in one for one in warned)
    lyceum.decide(
        AREAS, TOWN, lambda one, metadata: letter_week(one, metadata, letter="A", on=ON, why="term")
    )
    assert [seen(week) for week in (WEEK, "2026-W50", "2026-W51")] == [
        (False, True),
        (True, False),
        (False, True),
    ]
    assert not any(
        "speak of" in one for one in write_problem(lyceum, snapshot_of(lyceum.views, TOWN, WEEK)).warnings
    )
