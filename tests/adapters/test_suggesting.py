"""Suggestions in the application: many may ask at once, and what is kept of a draft never outlives its facts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from adapters.application.application import Lyceum
from adapters.services.adjusting import drop, find_session, move
from adapters.services.planning import Effort, plan_week
from adapters.services.suggesting import Suggested, suggestions
from adapters.store.streams import VENUES
from adapters.week.week_snapshot import snapshot_of
from domain.request import request_id
from domain.timetable import NoDraft, NotPlaced
from domain.venue import room_id, venue_id, withdraw_room
from tests.adapters.town import TOWN, WEEK

QUICK = Effort(time_limit_s=5, workers=1)
PHONE = request_id("r-phone")


@pytest.fixture
def drafted(quick: Lyceum) -> Lyceum:
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    return quick


def asked(lyceum: Lyceum, request: str = "r-phone", number: int = 1) -> tuple[Suggested, ...]:
    facts = snapshot_of(lyceum.views, TOWN, WEEK)
    return suggestions(lyceum.store, lyceum.views, facts, lyceum.people(), (request_id(request), number))


def test_many_ask_at_once_and_each_is_told_what_one_alone_is_told(drafted: Lyceum) -> None:
    keys = ["r-phone", "r-choir", "r-brush"] * 6
    alone = {key: asked(drafted, key) for key in keys}

    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(lambda key: asked(drafted, key), keys))

    assert together == [alone[key] for key in keys]
    assert all(alone.values())


def test_followed_suggestion_is_where_the_next_ones_start_from(drafted: Lyceum) -> None:
    first = asked(drafted)[0].moves[0]
    move(drafted, TOWN, WEEK, first.after, "painters")

    assert find_session(drafted, TOWN, WEEK, PHONE, 1) == first.after
    assert {one.moves[0].before for one in asked(drafted)} == {first.after}
    drop(drafted, TOWN, WEEK, PHONE, 1, "called off")
    assert {one.moves[0].before for one in asked(drafted)} == {None}


def test_session_whose_room_is_withdrawn_is_suggested_another(drafted: Lyceum) -> None:
    brush = find_session(drafted, TOWN, WEEK, request_id("r-brush"), 1)
    east, west = (replace(brush, room=room_id("school", half)) for half in ("east", "west"))
    move(drafted, TOWN, WEEK, east, "to be alone")
    drafted.decide(
        VENUES, venue_id("school"), lambda known, metadata: withdraw_room(known, metadata, east.room, "damp")
    )
    found = asked(drafted, "r-brush")

    assert {one.moves[0].before for one in found} == {east}
    assert west in [one.moves[0].after for one in found]
    assert all(one.moves[0].after.room != east.room for one in found)


def test_what_has_no_draft_or_is_not_asked_for_gets_no_suggestions(quick: Lyceum) -> None:
    with pytest.raises(NoDraft, match="plan the week first"):
        asked(quick)
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    with pytest.raises(NotPlaced, match="has no session 9 of request r-phone"):
        asked(quick, "r-phone", 9)
