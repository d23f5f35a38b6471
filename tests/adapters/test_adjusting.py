"""A coordinator pins and moves sessions of a draft; hard rules hold whatever the hand wants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from adapters.application.application import Lyceum
from adapters.services.adjusting import SoftRulesBroken, drop, find_session, move, pin, try_move, unpin
from adapters.services.closures import retire_venue
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import BrokenRules, release_week
from adapters.services.repairing import repair_week
from adapters.store.streams import VENUES
from adapters.week.plan_documents import load_timetable
from domain.request import request_id
from domain.timetable import NotPlaced
from domain.venue import room_id, venue_id, withdraw_room
from domain.windows import on_day
from scheduler import Breach, MalformedDocument
from scheduler.rules.moves import Judgement
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


# ---- Soft rules


def test_move_of_what_people_were_told_needs_its_rule_accepted(drafted: Lyceum) -> None:
    release_week(drafted, TOWN, WEEK, "First")
    late = replace(find_session(drafted, TOWN, WEEK, PHONE, 1), window=on_day(6, "15:00", "16:30"))
    position = drafted.store.position()

    with pytest.raises(SoftRulesBroken, match=r"accept continuity$") as refused:
        move(drafted, TOWN, WEEK, late, "the market")
    assert refused.value.rules == ("continuity",)
    assert drafted.store.position() == position
    assert move(drafted, TOWN, WEEK, late, "the market", accept=["continuity", "travel"])

    (noted,) = load_timetable(drafted, TOWN, WEEK).adjustments
    assert (noted.why, noted.accepted, noted.by) == ("the market", ("continuity",), "coordinator-1")


def test_pin_that_can_hold_no_longer_is_told_by_keys_with_what_to_do(drafted: Lyceum) -> None:
    release_week(drafted, TOWN, WEEK, "First")
    pin(drafted, TOWN, WEEK, find_session(drafted, TOWN, WEEK, PHONE, 1), "by the market")
    retire_venue(drafted, "library", date(2026, 12, 1), "it burned down")

    for again in (plan_week, repair_week):
        with pytest.raises(
            MalformedDocument, match=r"pins: open: r-phone#1 \(library/reading.*; unpin it, or mend"
        ):
            again(drafted, TOWN, WEEK, effort=QUICK)


def test_pinned_session_leaves_a_room_that_is_lent_no_more(drafted: Lyceum) -> None:
    """A pin to a room that is gone must not stand in the way of every other move."""
    brush = request_id("r-brush")
    east = replace(find_session(drafted, TOWN, WEEK, brush, 1), room=room_id("school", "east"))
    west = replace(east, room=room_id("school", "west"))
    move(drafted, TOWN, WEEK, east, "to be alone")
    pin(drafted, TOWN, WEEK, east, "to be alone")
    drafted.decide(
        VENUES, venue_id("school"), lambda known, metadata: withdraw_room(known, metadata, east.room, "damp")
    )

    assert rules(try_move(drafted, TOWN, WEEK, east).broken) == []
    assert try_move(drafted, TOWN, WEEK, west) == Judgement((), ())
    assert move(drafted, TOWN, WEEK, west, "the damp")
    assert load_timetable(drafted, TOWN, WEEK).pins == ()
    (gone,) = try_move(drafted, TOWN, WEEK, east).broken
    assert str(gone) == "unknown: r-brush#1: no room school/east is lent in this week"


def rules(found: Iterable[Breach]) -> list[str]:
    return [one.rule for one in found]
