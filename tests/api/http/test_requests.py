"""Communities order courses; each request moves along its life one step at a time."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from domain.network import area_id
from tests.adapters.town import WEEK
from tests.api.http.conftest import Person, someone

ORDER: dict[str, Any] = {
    "title": "Chess",
    "topic": "chess",
    "function": "leisure",
    "learners": 12,
    "duration_minutes": 60,
    "acceptable": [{"start_min": 600, "end_min": 720}],
    "first_week": WEEK,
}
NEW = {"key": "r-chess", "area": "river", "order": ORDER}


def test_request_is_submitted_screened_and_accepted(administrator: Person) -> None:
    made = administrator.post("/requests", NEW)
    steps = [
        administrator.post(f"/requests/r-chess/{step}", {}).body["status"] for step in ("screen", "accept")
    ]

    assert (made.status, made.body["status"]) == (201, "submitted")
    assert steps == ["screened", "accepted"]
    assert administrator.post("/requests/r-chess/screen", {}).problem == "wrong-step"
    assert administrator.post("/requests/r-chess/withdraw", {"why": ""}).problem == "invalid"
    assert (
        administrator.post("/requests/r-chess/withdraw", {"why": "nobody came"}).body["why"] == "nobody came"
    )


def test_order_is_changed_whole(administrator: Person) -> None:
    administrator.post("/requests", NEW)
    changed = administrator.post(
        "/requests/r-chess/change", {"area": "river", "order": {**ORDER, "learners": 20}}
    )

    assert (changed.body["order"]["learners"], changed.body["version"]) == (20, 2)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"duration_minutes": 600}, "bad-request"),
        ({"preferred": [{"start_min": 0, "end_min": 60}]}, "bad-request"),
        ({"first_week": "2025-W53"}, "not-a-week"),
        ({"learners": 0}, "invalid"),
        ({"acceptable": []}, "invalid"),
    ],
)
def test_order_that_nothing_fulfils_is_refused(
    administrator: Person, change: dict[str, Any], problem: str
) -> None:
    assert administrator.post("/requests", {**NEW, "order": ORDER | change}).problem == problem


def test_requests_are_filtered_and_sorted(administrator: Person) -> None:
    administrator.post("/requests", NEW)

    def keys(query: str) -> list[str]:
        return [one["key"] for one in administrator.get(f"/requests{query}").body["items"]]

    assert keys("?status=submitted") == ["r-chess"]
    assert keys("?area=hill") == ["r-phone", "r-robot"]
    assert keys("?sort=-learners&limit=2") == ["r-choir", "r-brush"]
    assert keys(f"?week={WEEK}&function=civic") == ["r-phone"]
    assert keys("?week=2027-W10") == []


def test_course_of_a_weeks_is_held_and_made_up_as_often_as_it_was_ordered(administrator: Person) -> None:
    administrator.post("/areas/town/letter", {"week": WEEK, "letter": "A", "why": "term"})
    administrator.post(
        "/requests", {**NEW, "order": {**ORDER, "weeks": 3, "sessions": 2, "week_letter": "A"}}
    )
    for step in ("screen", "accept"):
        administrator.post(f"/requests/r-chess/{step}", {})

    def held() -> list[tuple[str, int]]:
        items = administrator.get("/requests/r-chess/weeks").body["items"]
        return [(one["week"][-3:], one["sessions"]) for one in items]

    def asking(week: str) -> bool:
        return "r-chess" in [one["key"] for one in administrator.get(f"/requests?week={week}").body["items"]]

    assert held() == [("W49", 2), ("W51", 2), ("W53", 2)]
    assert (asking("2026-W50"), asking("2026-W51")) == (False, True)
    administrator.post("/requests/r-chess/leave-out", {"week": "2026-W51", "instead": "2026-W52"})
    assert held() == [("W49", 2), ("W52", 2), ("W53", 2)]
    administrator.post("/requests/r-chess/leave-out", {"week": "2026-W53", "extend": True})
    assert held() == [("W49", 2), ("W52", 2), ("W02", 2)]
    assert (asking("2026-W53"), asking("2027-W02")) == (False, True)


@pytest.mark.parametrize(
    "change",
    [
        {"every_weeks": 2, "week_letter": "A"},
        {"on_weeks": [WEEK], "on_dates": ["2026-12-02"]},
        {"make_up_weeks": ["2026-W52"]},
    ],
)
def test_weeks_that_contradict_each_other_are_refused(administrator: Person, change: dict[str, Any]) -> None:
    assert administrator.post("/requests", {**NEW, "order": ORDER | change}).problem == "bad-recurrence"


def test_community_orders_for_itself_only(lyceum: Lyceum, client: TestClient) -> None:
    river = someone(lyceum, client, ("community", area_id("river")))

    assert river.post("/requests", NEW).status == 201
    assert river.post("/requests", {**NEW, "key": "r-x", "area": "hill"}).problem == "not-allowed"
    assert {one["area"] for one in river.get("/requests").body["items"]} == {str(area_id("river"))}
    assert river.get("/requests/r-phone").problem == "not-allowed"
    assert river.post("/requests/r-chess/accept", {}).problem == "not-allowed"
    assert river.post("/requests/r-chess/withdraw", {"why": "too few"}).status == 200
