"""Volunteers offer hours and take them back; who they are is read by few, recorded, and erased on request."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from domain.network import area_id
from domain.volunteer import volunteer_id
from tests.adapters.town import TOWN, WEEK, town
from tests.api.http.conftest import Person, served, someone

PROFILE = {"kind": "student", "home_area": "river", "skills": [{"topic": "chess"}], "max_travel_km": 3}
RECORD = {"name": "Qwertz Unmistakable", "phone": "+86 11", "email": "", "address": "", "home": [29.4, 105.6]}


def test_volunteer_is_enrolled_and_offers_hours(administrator: Person) -> None:
    made = administrator.post("/volunteers", {"key": "v-1", "profile": PROFILE})
    administrator.post("/volunteers/v-1/offer", {"windows": [{"start_min": 600, "end_min": 720}]})
    administrator.post(
        "/volunteers/v-1/except", {"day": "2026-12-01", "windows": [{"start_min": 60, "end_min": 90}]}
    )
    offer = administrator.get(f"/volunteers/v-1/offer/{WEEK}")

    assert (made.status, made.headers["location"]) == (201, "/v1/volunteers/v-1")
    assert offer.body["windows"] == [{"start_min": 600, "end_min": 720}, {"start_min": 1500, "end_min": 1530}]
    assert [one["key"] for one in administrator.get("/volunteers?topic=chess").body["items"]] == ["v-1"]
    assert [one["key"] for one in administrator.get("/volunteers?area=hill").body["items"]] == ["li", "zhao"]
    backwards = {"windows": [{"start_min": 720, "end_min": 600}]}
    assert (
        administrator.post("/volunteers/v-1/offer", backwards).body["errors"][0]["field"]
        == "windows.0.end_min"
    )


def test_minor_needs_consent_and_cannot_lead(administrator: Person) -> None:
    minor = {**PROFILE, "minor": True}
    assert administrator.post("/volunteers", {"key": "v-2", "profile": minor}).problem == "bad-profile"
    administrator.post("/volunteers", {"key": "v-2", "profile": {**minor, "roles": ["assistant"]}})
    administrator.post("/volunteers/v-2/offer", {"windows": [{"start_min": 600, "end_min": 720}]})

    assert administrator.get(f"/volunteers/v-2/offer/{WEEK}").body["windows"] == []
    assert administrator.post("/volunteers/v-2/consent", {"given": True}).body["consent"]
    assert administrator.get(f"/volunteers/v-2/offer/{WEEK}").body["windows"] != []


def test_checks_that_run_out_are_listed(administrator: Person) -> None:
    check = {"passed": True, "checked_on": "2026-01-01", "expires": "2026-12-31", "unit": "office"}
    assert administrator.post("/volunteers/wang/check", check).body["check"]["expires"] == "2026-12-31"

    def due(day: str) -> list[str]:
        return [one["volunteer"] for one in administrator.get(f"/checks?expires_before={day}").body["items"]]

    assert due("2026-12-31") == ["li", "zhao"]
    assert due("2027-01-01") == ["li", "wang", "zhao"]
    assert (
        administrator.post("/volunteers/wang/check", {**check, "expires": "2025-01-01"}).problem
        == "bad-profile"
    )


def test_absence_names_the_released_sessions_that_it_breaks(lyceum: Lyceum, administrator: Person) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
    release_week(lyceum, TOWN, WEEK, "First")
    paused = administrator.post("/volunteers/li/pause", {"first": "2026-12-05", "why": "away"})
    left = administrator.post("/volunteers/wang/leave", {"on": "2026-11-30", "why": "moves"})

    assert {who for one in paused.body["broken"] for who in one["leads"]} == {"li"}
    assert left.body["volunteer"]["left"] == "2026-11-30"
    assert left.body["broken"]
    diary = administrator.get(f"/diaries/volunteers/li/{WEEK}").body
    assert (len(diary["promises"]), len(diary["blocks"])) == (1, 1)


def test_volunteer_sees_and_changes_themselves_only(lyceum: Lyceum, client: TestClient) -> None:
    wang = someone(lyceum, client, ("volunteer", volunteer_id("wang")))

    assert [one["key"] for one in wang.get("/volunteers").body["items"]] == ["wang"]
    assert wang.get("/volunteers/li").problem == "not-allowed"
    assert wang.post("/volunteers/wang/pause", {"first": "2026-12-05", "why": "away"}).status == 200
    assert wang.post("/volunteers/li/pause", {"first": "2026-12-05", "why": "away"}).problem == "not-allowed"
    check = {"passed": True, "checked_on": "2026-01-01", "expires": "2026-12-31", "unit": "me"}
    assert wang.post("/volunteers/wang/check", check).problem == "not-allowed"
    assert wang.get(f"/diaries/volunteers/wang/{WEEK}").status == 200
    assert wang.get(f"/diaries/volunteers/li/{WEEK}").problem == "not-allowed"


def test_each_look_at_a_person_is_recorded_and_stays_after_erasure(everywhere: Lyceum) -> None:
    with served(everywhere) as client:
        coordinator = someone(everywhere, client, ("coordinator", area_id("river")))
        auditor = someone(everywhere, client, ("auditor", None))
        kept = coordinator.post("/people/wang/volunteer", RECORD, idempotency_key="p1")
        read = coordinator.get("/people/wang/volunteer")
        erased = coordinator.post("/people/wang/volunteer/erase")

        assert (kept.body["kept"], read.body, erased.body["kept"]) == (True, RECORD, False)
        assert coordinator.get("/people/wang/volunteer").problem == "not-there"
        assert auditor.get("/people/wang/volunteer").problem == "not-allowed"
        assert coordinator.get("/people/li/volunteer").problem == "not-allowed"
        looks = auditor.get("/people/wang/volunteer/looks").body["items"]
        assert [(one["deed"], one["by"]) for one in looks] == [
            (deed, "coordinator") for deed in ("written", "read", "erased")
        ]


def test_nothing_of_an_erased_person_is_in_the_file(tmp_path: Path) -> None:
    with town(f"sqlite:///{tmp_path / 'lyceum.db'}") as lyceum, served(lyceum) as client:
        administrator = someone(lyceum, client, ("administrator", None))
        administrator.post("/people/wang/volunteer", RECORD, idempotency_key="p1")
        assert any(b"Unmistakable" in file.read_bytes() for file in tmp_path.iterdir())
        administrator.post("/people/wang/volunteer/erase", idempotency_key="p2")

        assert not any(b"Unmistakable" in file.read_bytes() for file in tmp_path.iterdir())


def test_hours_of_every_second_week_hold_in_these_and_others_in_the_rest(administrator: Person) -> None:
    offer = {
        "windows": [{"start_min": 540, "end_min": 720}],
        "every_weeks": 2,
        "first_week": "2026-W49",
        "otherwise": [{"start_min": 840, "end_min": 900}],
    }

    assert administrator.post("/volunteers/wang/offer", offer).status == 200

    given = [
        administrator.get(f"/volunteers/wang/offer/{week}").body["windows"]
        for week in ("2026-W53", "2027-W01")
    ]
    assert given == [offer["otherwise"] if week else offer["windows"] for week in (0, 1)]
    assert (
        administrator.post("/volunteers/wang/offer", {**offer, "first_week": None}).problem
        == "bad-recurrence"
    )
