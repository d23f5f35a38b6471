"""Course requests: what may be ordered, and which step may follow which."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from domain.calendar import NotAWeek
from domain.events import AlreadyThere, ReasonMissing
from domain.request import (
    NEEDS_REASON,
    STATUSES,
    TRANSITIONS,
    BadRequest,
    CourseRequest,
    OrderChanged,
    RequestStatus,
    RequestStepped,
    RequestSubmitted,
    WrongStep,
    asks_in,
    change_order,
    evolve,
    request_id,
    step,
    submit_request,
)
from domain.windows import on_day
from tests.builders import POINT, STAMP, again, an_id, course_request, order, place

STREET = an_id("river-street")
MAY_FOLLOW = {
    ("submitted", "screened"),
    ("submitted", "declined"),
    ("submitted", "withdrawn"),
    ("screened", "accepted"),
    ("screened", "declined"),
    ("screened", "withdrawn"),
    ("screened", "submitted"),
    ("accepted", "scheduled"),
    ("accepted", "submitted"),
    ("accepted", "declined"),
    ("accepted", "withdrawn"),
    ("scheduled", "accepted"),
    ("scheduled", "running"),
    ("scheduled", "withdrawn"),
    ("running", "completed"),
    ("running", "withdrawn"),
}


def submit(known: CourseRequest | None = None, **changes: Any) -> tuple[RequestSubmitted, ...]:
    return submit_request(known, STAMP, key="r-1", area=STREET, location=POINT, order=order(**changes))


# Orders


def test_submitted_request_is_what_its_event_says() -> None:
    events = submit()

    assert events == (
        RequestSubmitted(
            **place(1, request_id("r-1")), key="r-1", area=STREET, location=POINT, order=order()
        ),
    )
    assert evolve(None, events[0]) == CourseRequest(
        request_id("r-1"), 1, "r-1", STREET, POINT, order(), "submitted"
    )


def test_submitting_twice_is_refused() -> None:
    with pytest.raises(AlreadyThere, match=r"^request r-1 was submitted before; change its order instead$"):
        submit(course_request())


@pytest.mark.parametrize(
    ("what", "least"),
    [
        ("learners", 1),
        ("duration_minutes", 1),
        ("sessions", 1),
        ("weeks", 1),
        ("priority", 1),
        ("max_sessions_per_day", 1),
        ("leads", 0),
        ("assistants", 0),
    ],
)
def test_number_below_the_least_is_refused(what: str, least: int) -> None:
    enough: dict[str, Any] = {what: least}
    too_few: dict[str, Any] = {what: least - 1}

    assert submit(**enough)
    with pytest.raises(BadRequest, match=rf"^request r-1: {what} must be at least {least}, is {least - 1}$"):
        submit(**too_few)


def test_order_without_a_window_is_refused() -> None:
    with pytest.raises(
        BadRequest, match=r"^request r-1: no acceptable window holds 90 minutes; widen a window$"
    ):
        submit(acceptable=())


def test_order_whose_windows_are_all_too_short_is_refused() -> None:
    with pytest.raises(BadRequest, match="no acceptable window holds 90 minutes"):
        submit(acceptable=(on_day(1, "09:00", "10:29"), on_day(2, "09:00", "10:00")))


def test_windows_that_touch_act_as_one() -> None:
    halves = (on_day(1, "09:00", "10:00"), on_day(1, "10:00", "11:00"))

    assert submit(acceptable=halves, preferred=(on_day(1, "09:30", "10:30"),))


def test_preferred_window_outside_the_acceptable_ones_is_refused() -> None:
    with pytest.raises(
        BadRequest, match=r"^request r-1: a preferred window lies outside the acceptable ones$"
    ):
        submit(preferred=(on_day(2, "11:00", "12:30"),))


def test_order_from_no_iso_week_is_refused() -> None:
    with pytest.raises(NotAWeek, match="2027-W53 does not exist"):
        submit(first_week="2027-W53")


def test_changed_order_takes_the_place_of_the_first() -> None:
    known = course_request(status="accepted")
    bigger = order(learners=40)
    events = change_order(known, STAMP, area=an_id("south"), location=None, order=bigger)

    assert events == (OrderChanged(**place(2, known.id), area=an_id("south"), location=None, order=bigger),)
    assert evolve(known, events[0]) == CourseRequest(
        known.id, 2, "r-1", an_id("south"), None, bigger, "accepted"
    )


def test_changing_an_order_twice_changes_nothing() -> None:
    known = course_request()

    assert (
        again(
            evolve,
            known,
            lambda one: change_order(one, STAMP, area=STREET, location=None, order=order(learners=40)),
        )
        == ()
    )


@pytest.mark.parametrize("status", STATUSES)
def test_order_can_change_until_the_request_has_ended(status: RequestStatus) -> None:
    known = course_request(status=status)
    ended = status in {"completed", "declined", "withdrawn"}

    if ended:
        with pytest.raises(WrongStep, match=rf"^request r-1 is {status}; submit a new one instead$"):
            change_order(known, STAMP, area=STREET, location=POINT, order=order(learners=40))
    else:
        assert change_order(known, STAMP, area=STREET, location=POINT, order=order(learners=40))


def test_changed_order_must_be_sound() -> None:
    with pytest.raises(BadRequest, match="learners must be at least 1"):
        change_order(course_request(), STAMP, area=STREET, location=POINT, order=order(learners=0))


# Steps


@pytest.mark.parametrize(("before", "then"), list(product(STATUSES, STATUSES)))
def test_step_follows_the_table(before: RequestStatus, then: RequestStatus) -> None:
    known = course_request(status=before)

    if before == then:
        assert step(known, STAMP, then, "why") == ()
    elif (before, then) in MAY_FOLLOW:
        events = step(known, STAMP, then, " why ")
        assert events == (RequestStepped(**place(2, known.id), status=then, why="why"),)
        assert evolve(known, events[0]).status == then
    else:
        with pytest.raises(
            WrongStep, match=f"^request r-1 is {before} and cannot become {then}; it may become "
        ):
            step(known, STAMP, then, "why")


def test_table_holds_nothing_else() -> None:
    assert {(before, then) for before, follows in TRANSITIONS.items() for then in follows} == MAY_FOLLOW
    assert set(TRANSITIONS) == set(STATUSES)


def test_refused_step_names_the_ones_that_are_possible() -> None:
    with pytest.raises(WrongStep, match=r"it may become screened, declined, withdrawn$"):
        step(course_request(), STAMP, "running")
    with pytest.raises(WrongStep, match=r"it may become nothing$"):
        step(course_request(status="completed"), STAMP, "running")


@pytest.mark.parametrize(("before", "then"), sorted(MAY_FOLLOW))
def test_only_the_end_before_completion_needs_a_reason(before: RequestStatus, then: RequestStatus) -> None:
    known = course_request(status=before)

    if then in NEEDS_REASON:
        with pytest.raises(ReasonMissing, match=f"^a request that is {then} needs a reason"):
            step(known, STAMP, then, " ")
    else:
        assert [event.why for event in step(known, STAMP, then)] == [""]


def test_reasons_are_needed_to_decline_and_to_withdraw() -> None:
    assert {"declined", "withdrawn"} == NEEDS_REASON


def test_reason_is_kept_with_the_request() -> None:
    known = course_request()
    declined = evolve(known, step(known, STAMP, "declined", "no room fits 300")[0])

    assert (declined.status, declined.why, declined.version) == ("declined", "no room fits 300", 2)


@pytest.mark.parametrize("known", [None, course_request()])
def test_event_out_of_place_cannot_be_applied(known: CourseRequest | None) -> None:
    event = submit()[0] if known else step(course_request(), STAMP, "screened")[0]

    with pytest.raises(TypeError, match=f"cannot apply {type(event).__name__}"):
        evolve(known, event)


# Weeks


@pytest.mark.parametrize("status", STATUSES)
def test_only_accepted_requests_ask_for_sessions(status: RequestStatus) -> None:
    asks = asks_in(course_request(status=status), "2026-W49")

    assert asks == (status in {"accepted", "scheduled", "running"})


def test_request_asks_in_each_of_its_weeks_across_week_53() -> None:
    known = course_request(status="accepted", first_week="2026-W52", weeks=3)
    weeks = ("2026-W51", "2026-W52", "2026-W53", "2027-W01", "2027-W02")

    assert [week for week in weeks if asks_in(known, week)] == ["2026-W52", "2026-W53", "2027-W01"]
