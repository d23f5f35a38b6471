"""Hosts open rooms, say when they are open, take them back, and close for a while."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.application.application import Lyceum
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from tests.adapters.town import TOWN, WEEK
from tests.api.http.conftest import Person, served, someone


def test_room_is_opened_described_anew_and_withdrawn(administrator: Person) -> None:
    opened = administrator.post("/venues/library/rooms", {"key": "attic", "name": "Attic", "capacity": 8})
    administrator.post("/venues/library/rooms", {"key": "attic", "name": "Attic", "capacity": 9})

    assert opened.status == 200
    assert administrator.get("/venues/library/rooms/attic").body["capacity"] == 9
    withdrawn = administrator.post("/venues/library/rooms/attic/withdraw", {"why": "it leaks"})
    assert [room["key"] for room in withdrawn.body["rooms"]] == ["reading"]
    assert administrator.get("/venues/library/rooms/attic").problem == "unknown-room"


def test_part_of_a_part_is_refused(administrator: Person) -> None:
    room = {"key": "corner", "name": "Corner", "capacity": 8, "part_of": "east"}

    assert administrator.post("/venues/school/rooms", room).problem == "bad-room"
    assert administrator.post("/venues/school/rooms", {**room, "part_of": "attic"}).problem == "unknown-room"


SHUT = {"first": "2026-11-30", "last": "2026-12-04", "why": "heating"}
SEASON = {"first_month": 3, "first_day": 1, "last_month": 11, "last_day": 30}
PERIOD = {"rules": [{"weekdays": [1, 2], "spans": [{"start_min": 540, "end_min": 600}]}]}


@pytest.mark.parametrize("body", [{"osm": "Mo-Tu 09:00-10:00"}, {"periods": [PERIOD]}])
def test_opening_rules_make_the_windows_of_a_week(administrator: Person, body: dict[str, Any]) -> None:
    administrator.post("/venues/library/opening-rules", body)
    week = administrator.get(f"/venues/library/rooms/reading/open/{WEEK}").body

    assert week["windows"] == [{"start_min": 540, "end_min": 600}, {"start_min": 1980, "end_min": 2040}]
    assert week["zone"] == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "invalid"),
        ({"osm": "whenever"}, "invalid"),
        ({"osm": "Mo-Fr 09:00-17:00; Sa"}, "hours-odd"),
        ({"osm": "Mo-Fr 9:00-6:00"}, "hours-odd"),
        ({"osm": "Mo-Fr 08:00-12:00; 13:00-17:30"}, "hours-odd"),
        ({"periods": [{**PERIOD, "season": dict.fromkeys(SEASON, 2) | {"last_day": 30}}]}, "bad-opening"),
        ({"osm": "Mo 09:00-10:00", "room": "attic"}, "unknown-room"),
        ({"periods": [{**PERIOD, "first": "2026-02-01", "last": "2026-01-01"}]}, "bad-opening"),
    ],
)
def test_opening_rules_that_cannot_be_are_refused(
    administrator: Person, body: dict[str, Any], problem: str
) -> None:
    assert administrator.post("/venues/library/opening-rules", body).problem == problem


def test_odd_opening_hours_are_kept_once_they_are_accepted(administrator: Person) -> None:
    body = {"osm": "Fr 22:00-02:00", "accept_warnings": True}

    assert administrator.post("/venues/library/opening-rules", body).status == 200


def test_a_season_of_every_year_and_numbers_of_weeks_are_told_as_they_were_given(
    administrator: Person,
) -> None:
    rules = [{**PERIOD["rules"][0], "week_numbers": [10, 49]}]
    administrator.post("/venues/library/opening-rules", {"periods": [{"season": SEASON, "rules": rules}]})

    (told,) = administrator.get("/venues/library/opening-rules").body["items"]

    (period,) = told["hours"]["periods"]
    assert period["season"] == SEASON
    assert period["rules"][0]["week_numbers"] == [10, 49]


def test_closure_names_the_released_sessions_that_it_breaks(everywhere: Lyceum) -> None:
    plan_week(everywhere, TOWN, WEEK, effort=Effort(5, 1))
    release_week(everywhere, TOWN, WEEK, "First")
    with served(everywhere) as client:
        administrator = someone(everywhere, client, ("administrator", None))
        closed = administrator.post("/venues/school/close", SHUT)
        listed = administrator.get("/venues/school/closures").body["items"]
        path = f"/venues/school/closures/{closed.body['closure']}/lift"
        lifted = administrator.post(path, {"why": "warm again"})

        assert {one["week"] for one in closed.body["broken"]} == {WEEK}
        assert [one["id"] for one in listed] == [closed.body["closure"]]
        assert lifted.body["closures"] == []
        assert administrator.post(path, {"why": "warm again"}).problem == "not-there"


def test_closure_without_the_notice_of_the_terms_is_refused_unless_urgent(administrator: Person) -> None:
    administrator.post("/venues/school/lend", {"recall_notice_hours": 2000})
    body = {"first": "2026-12-02", "why": "heating"}

    assert administrator.post("/venues/school/close", body).problem == "short-notice"
    assert administrator.post("/venues/school/close", {**body, "emergency": True}).status == 200
    assert administrator.post("/venues/school/close", {**body, "last": "2026-12-01"}).problem == "bad-closure"
