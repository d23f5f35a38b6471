"""Quotas over HTTP: what who is not staff may write has an end, and a sentence that says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.access.callers import Caller
from adapters.application.application import Lyceum
from api.http.errors import HttpProblem
from api.http.limits.command_rate import Pace
from api.http.state import AppState
from domain import quotas
from domain.account import RoleGrant
from domain.network import area_id
from domain.venue import venue_id
from domain.volunteer import volunteer_id
from tests.adapters.town import Ticking
from tests.api.http.conftest import someone
from tests.api.http.test_guarded import ORDER

HOST = Caller("host-1", (RoleGrant("host", venue_id("school")),))
STAFF = Caller("c-1", (RoleGrant("coordinator", area_id("river")),))


def test_commands_of_an_hour_have_an_end_but_for_staff() -> None:
    pace, clock = Pace(limit=3), Ticking()
    for _ in range(3):
        pace.count(HOST, clock())

    with pytest.raises(HttpProblem, match=r"^you have given 3 commands within an hour") as refused:
        pace.count(HOST, clock())
    for _ in range(10):
        pace.count(STAFF, clock())
        pace.count(Caller(), clock())

    assert 3500 < int(refused.value.headers["Retry-After"]) <= 3600
    clock.now += timedelta(hours=1)
    pace.count(HOST, clock())


def test_one_command_too_many_is_told_and_changes_nothing(lyceum: Lyceum, client: TestClient) -> None:
    app_state: AppState = client.app.state.app_state  # type: ignore[attr-defined]
    app_state.pace = Pace(limit=1)
    host = someone(lyceum, client, ("host", venue_id("school")))
    room: dict[str, Any] = {"key": "new", "name": "New", "capacity": 9}
    assert host.post("/venues/school/rooms", room).status == 200
    position = lyceum.store.position()

    answer = host.post("/venues/school/rooms", {**room, "capacity": 8})

    assert (answer.status, answer.problem) == (429, "too-many")
    assert lyceum.store.position() == position
    assert host.get("/venues/school").status == 200


def test_open_requests_of_a_community_have_an_end(
    lyceum: Lyceum, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.services.requests.MOST_OPEN_REQUESTS", 3)
    river = someone(lyceum, client, ("community", area_id("river")))
    body = {"area": "river", "order": ORDER}
    assert river.post("/requests", {"key": "r-1", **body}).status == 201

    refused = river.post("/requests", {"key": "r-2", **body})

    assert (refused.status, refused.problem) == (409, "quota-reached")
    assert river.post("/requests/r-1/withdraw", {"why": "not needed"}).status == 200
    assert river.post("/requests", {"key": "r-2", **body}).status == 201


def test_feeds_and_tokens_of_an_account_have_an_end(lyceum: Lyceum, client: TestClient) -> None:
    wang = someone(lyceum, client, ("volunteer", volunteer_id("wang")), actor="wang")
    cases: tuple[tuple[str, dict[str, Any], int], ...] = (
        ("/volunteers/wang/feeds", {}, quotas.MOST_FEEDS),
        ("/tokens", {"grants": []}, quotas.MOST_TOKENS - 1),  # the one that asks counts too
    )
    for path, body, most in cases:
        answers = [wang.post(path, body) for _ in range(most + 1)]
        assert [one.status for one in answers] == [201] * most + [409]
        assert answers[-1].problem == "quota-reached"


def test_looks_at_one_s_own_record_are_one(lyceum: Lyceum, client: TestClient) -> None:
    wang = someone(lyceum, client, ("volunteer", volunteer_id("wang")), actor="wang")
    river = someone(lyceum, client, ("coordinator", area_id("river")), actor="c-river")
    assert wang.post("/people/wang/volunteer", {"name": "Wang"}).status == 200
    for person in (wang, river, wang, river, wang):
        assert person.get("/people/wang/volunteer").status == 200

    looks = wang.get("/people/wang/volunteer/looks").body["items"]

    assert [(one["deed"], one["by"]) for one in looks] == [
        ("written", "wang"),
        ("read", "c-river"),
        ("read", "c-river"),
        ("read", "wang"),
    ]
    first = wang.get("/people/wang/volunteer/looks?limit=3").body
    assert (len(first["items"]), first["next"] is None) == (3, False)
