"""A coordinator pins and moves sessions of a draft; hard rules hold whatever the hand wants."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.adjusting import drop, find_session, move, pin, unpin
from adapters.application import Lyceum
from adapters.planning import Effort, plan_week
from adapters.releases import BrokenRules, release_week
from domain.request import request_id
from domain.timetable import NotPlaced
from domain.venue import room_id, venue_id
from domain.windows import on_day
from tests.adapters.town import TOWN, WEEK

QUICK = Effort(time_limit_s=5, workers=1)
PHONE, CHOIR = request_id("r-phone"), request_id("r-choir")


@pytest.fixture
def drafted(lyceum: Lyceum) -> Lyceum:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    return lyceum


def test_moved_session_is_released_where_it_was_moved_to(drafted: Lyceum) -> None:
    session = replace(find_session(drafted, TOWN, WEEK, PHONE, 1), window=on_day(6, "15:00", "16:30"))

    assert move(drafted, TOWN, WEEK, session, "the morning is for the market")
    release_week(drafted, TOWN, WEEK, "First")

    assert find_session(drafted, TOWN, WEEK, PHONE, 1) == session


def test_move_that_breaks_hard_rules_names_each_and_changes_nothing(drafted: Lyceum) -> None:
    position = drafted.store.position()
    session = replace(
        find_session(drafted, TOWN, WEEK, CHOIR, 1),
        window=on_day(7, "09:00", "10:30"),
        venue=venue_id("library"),
        room=room_id("library", "reading"),
    )

    with pytest.raises(BrokenRules) as refused:
        move(drafted, TOWN, WEEK, session, "why not")

    rules = {one.partition(":")[0] for one in refused.value.breaches}
    assert rules == {"acceptable", "fit", "available"}
    assert drafted.store.position() == position


def test_move_to_where_it_is_changes_nothing(drafted: Lyceum) -> None:
    assert not move(drafted, TOWN, WEEK, find_session(drafted, TOWN, WEEK, PHONE, 1), "no reason")


def test_pin_holds_through_the_next_plan(drafted: Lyceum) -> None:
    held = replace(find_session(drafted, TOWN, WEEK, PHONE, 1), window=on_day(6, "11:30", "13:00"))
    move(drafted, TOWN, WEEK, held, "after the market")

    assert pin(drafted, TOWN, WEEK, held, "after the market")
    assert not pin(drafted, TOWN, WEEK, held, "after the market")
    plan_week(drafted, TOWN, WEEK, effort=QUICK)

    assert find_session(drafted, TOWN, WEEK, PHONE, 1) == held
    assert unpin(drafted, TOWN, WEEK, PHONE, 1)
    assert not unpin(drafted, TOWN, WEEK, PHONE, 1)


def test_dropped_session_is_out_of_the_draft(drafted: Lyceum) -> None:
    assert drop(drafted, TOWN, WEEK, PHONE, 1, "called off")

    with pytest.raises(NotPlaced, match="session 1 of request r-phone"):
        find_session(drafted, TOWN, WEEK, PHONE, 1)
    with pytest.raises(NotPlaced):
        drop(drafted, TOWN, WEEK, PHONE, 1, "called off")


def test_release_of_a_request_left_half_placed_is_refused(drafted: Lyceum) -> None:
    drop(drafted, TOWN, WEEK, request_id("r-brush"), 2, "called off")

    with pytest.raises(BrokenRules, match="whole"):
        release_week(drafted, TOWN, WEEK, "First")
