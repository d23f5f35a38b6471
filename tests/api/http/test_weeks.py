"""A coordinator reads a draft, adjusts it and releases it; everybody reads what is released."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.store.streams import TIMETABLES
from adapters.week.released_timetables import ReleaseEdition
from domain.network import area_id
from domain.timetable import timetable_id
from tests.adapters.town import TOWN, WEEK
from tests.api.http.conftest import Person, served, someone

HERE = f"/weeks/town/{WEEK}"


@pytest.fixture
def drafted(lyceum: Lyceum) -> Lyceum:
    plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
    return lyceum


def sessions(person: Person, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.get(f"{HERE}/sessions{query}").body["items"]
    return found


def test_week_from_nothing_to_released(everywhere: Lyceum) -> None:
    with served(everywhere) as client:
        coordinator = someone(everywhere, client, ("coordinator", TOWN))
        nobody = Person(client, None)
        assert coordinator.get(HERE).body["version"] == 0
        assert coordinator.get(f"{HERE}/draft").problem == "no-draft"
        assert nobody.get(f"{HERE}/sessions").problem == "not-there"

        plan_week(everywhere, TOWN, WEEK, effort=Effort(5, 1))
        draft = coordinator.get(f"{HERE}/draft")
        released = coordinator.post(f"{HERE}/release", {"name": "First"}, if_match=draft.headers["etag"])

        assert released.body["counts"]["new"] == len(draft.body["sessions"]) == len(sessions(nobody))
        assert released.headers["etag"] == nobody.get(HERE).headers["etag"] == '"2"'
        assert [one["name"] for one in nobody.get(HERE).body["releases"]] == ["First"]
        assert coordinator.get(f"{HERE}/releases/1").body["sessions"] == draft.body["sessions"]
        assert coordinator.get(f"{HERE}/releases/2").problem == "no-such-release"
        again = coordinator.post(f"{HERE}/release", {"name": "Second"}).body
        assert (again["made"], again["number"]) == (False, 1)


def test_released_sessions_are_filtered_and_walked_in_order_of_time(drafted: Lyceum, nobody: Person) -> None:
    release_week(drafted, TOWN, WEEK, "First")
    found = sessions(nobody)
    first = nobody.get(f"{HERE}/sessions?limit=2")
    rest = nobody.get(f"{HERE}/sessions?limit=500&cursor={first.body['next']}")

    assert found == sorted(found, key=lambda one: (one["day"], one["start"]))
    assert first.body["items"] + rest.body["items"] == found
    assert sessions(nobody, "?sort=-time") == found[::-1]
    assert {one["request"] for one in sessions(nobody, "?venue=library")} == {"r-phone"}
    assert sessions(nobody, "?function=sport") == []
    assert {one["day"] for one in sessions(nobody, "?day=2026-12-05")} == {"2026-12-05"}


def test_what_is_shown_follows_the_facts_and_the_past_stays(
    drafted: Lyceum, administrator: Person, nobody: Person
) -> None:
    release_week(drafted, TOWN, WEEK, "First")
    before, position = sessions(nobody, "?venue=library"), drafted.store.position()
    place = {"name": "Reading house", "kind": "library", "area": "hill", "location": [29.4, 105.6]}
    administrator.post("/venues/library/describe", place)

    assert {one["venue_name"] for one in sessions(nobody, "?venue=library")} == {"Reading house"}
    assert sessions(nobody, f"?venue=library&at={position}") == before


def test_timetable_is_made_again_only_where_people_would_read_something_else(
    drafted: Lyceum, client: TestClient, administrator: Person, nobody: Person
) -> None:
    release_week(drafted, TOWN, WEEK, "First")
    app_state = client.app.state.app_state  # type: ignore[attr-defined]

    def edition() -> ReleaseEdition:
        sessions(nobody)
        now = app_state.live.snapshot()
        release = now.get(TIMETABLES, timetable_id(TOWN, WEEK)).releases[-1]
        found: ReleaseEdition = app_state.editions.edition(now, TOWN, WEEK, release)
        return found

    first = edition()
    room = {"key": "reading", "name": "Reading", "capacity": 40, "accessible": True}
    administrator.post("/venues/library/rooms", room)
    assert edition() is first
    administrator.post("/venues/library/rooms", {**room, "name": "Quiet"})

    assert edition() is not first
    assert {one["room_name"] for one in sessions(nobody, "?venue=library")} == {"Quiet"}


def test_public_reads_no_draft_and_no_people(drafted: Lyceum, nobody: Person) -> None:
    release_week(drafted, TOWN, WEEK, "First")

    for path in ("draft", "pins", "problem", "warnings", "releases/1", "differences", "draft/documents/plan"):
        assert nobody.get(f"{HERE}/{path}").problem == "not-signed-in"
    assert all("leads" not in one for one in sessions(nobody))


def test_move_is_tried_made_pinned_and_dropped(drafted: Lyceum, administrator: Person) -> None:
    version = administrator.get(HERE).body["version"]
    late = {"request": "r-phone", "start_min": 5 * 1440 + 15 * 60}
    tried = administrator.post(f"{HERE}/moves/try", late)
    moved = administrator.post(f"{HERE}/moves", {**late, "why": "the market"}, if_match=f'"{version}"')
    pinned = administrator.post(f"{HERE}/pins", {"request": "r-phone", "comment": "the market"})

    assert {key: tried.body[key] for key in ("allowed", "broken", "warnings", "learners")} == {
        "allowed": True,
        "broken": [],
        "warnings": [],
        "learners": 15,
    }
    assert (moved.body["changed"], moved.body["session"]["window"]["start_min"]) == (True, late["start_min"])
    assert administrator.get(f"{HERE}/pins").body["items"][0]["comment"] == "the market"
    assert pinned.body["version"] == version + 2
    assert administrator.post(f"{HERE}/pins/r-phone/1/lift").body["changed"]
    assert not administrator.post(f"{HERE}/pins/r-phone/1/lift").body["changed"]
    assert administrator.post(f"{HERE}/drops", {"request": "r-phone", "why": "called off"}).body["changed"]
    assert administrator.post(f"{HERE}/drops", {"request": "r-phone", "why": "again"}).problem == "not-placed"


def test_move_that_breaks_rules_names_each_and_changes_nothing(
    drafted: Lyceum, administrator: Person
) -> None:
    position = drafted.store.position()
    body = {"request": "r-choir", "start_min": 6 * 1440 + 540, "venue": "library", "room": "reading"}
    refused = administrator.post(f"{HERE}/moves", {**body, "why": "why not"})
    tried = administrator.post(f"{HERE}/moves/try", body)

    assert refused.problem == "broken-rules"
    assert {one["rule"] for one in refused.body["broken"]} == {"acceptable", "fit", "available"}
    assert (tried.body["allowed"], tried.body["broken"]) == (False, refused.body["broken"])
    assert all("r-choir#1" in one["sentence"] for one in tried.body["broken"])
    assert drafted.store.position() == position


def test_coordinator_of_one_street_may_not_touch_the_town(drafted: Lyceum, coordinator: Person) -> None:
    assert coordinator.post(f"{HERE}/release", {"name": "First"}).problem == "not-allowed"
    assert coordinator.get(f"{HERE}/draft").problem == "not-allowed"
    assert coordinator.get(f"/weeks/river/{WEEK}/draft").problem == "no-draft"


def test_two_who_release_at_once_do_not_both_win(drafted: Lyceum, administrator: Person) -> None:
    known = administrator.get(f"{HERE}/draft").headers["etag"]

    assert administrator.post(f"{HERE}/release", {"name": "Mine"}, if_match=known).status == 200
    assert (
        administrator.post(f"{HERE}/release", {"name": "Theirs"}, if_match=known).problem
        == "changed-meanwhile"
    )


def test_differences_tell_what_changed_and_whom_it_touches(drafted: Lyceum, administrator: Person) -> None:
    release_week(drafted, TOWN, WEEK, "First")
    late = {"request": "r-phone", "start_min": 5 * 1440 + 15 * 60, "why": "the market"}
    administrator.post(f"{HERE}/moves", {**late, "accept": ["continuity"]})
    administrator.post(f"{HERE}/release", {"name": "Second"})

    told = administrator.get(f"{HERE}/differences").body
    assert (told["before"], told["after"], told["counts"]["moved"]) == (1, 2, 1)
    assert [(one["why"], one["accepted"]) for one in told["adjustments"]] == [("the market", ["continuity"])]
    assert administrator.get(f"{HERE}/differences?room=school/hall").body["counts"]["moved"] == 0
    assert administrator.get(f"{HERE}/differences?volunteer=li").body["counts"]["moved"] == 1
    assert administrator.get(f"{HERE}/differences?before=0").body["counts"]["new"] > 1


def test_documents_and_problem_are_told(drafted: Lyceum, administrator: Person) -> None:
    plan = administrator.get(f"{HERE}/draft/documents/plan")
    problem = administrator.get(f"{HERE}/problem")

    assert plan.body["format"] == "plan/1"
    assert plan.headers["etag"].strip('"') == administrator.get(f"{HERE}/draft").body["origin"]["plan"]
    assert (problem.body["format"], problem.body["week"]) == ("problem/1", WEEK)


def test_what_can_never_be_served_is_known_before_any_plan(administrator: Person) -> None:
    found = administrator.get(f"{HERE}/findings?severity=warning").body["items"]

    assert any("robots" in one["sentence"] for one in found)
    assert administrator.get(f"{HERE}/findings?severity=error").body["items"] == []


def test_warnings_name_what_a_closure_breaks(drafted: Lyceum, administrator: Person) -> None:
    release_week(drafted, TOWN, WEEK, "First")
    calm = administrator.get(f"{HERE}/warnings").body
    administrator.post("/venues/library/close", {"first": "2026-12-05", "why": "water"})
    told = administrator.get(f"{HERE}/warnings").body

    assert (calm["draft"], calm["released"]) == ([], [])
    assert {one["rule"] for one in told["draft"]} >= {"open"}
    assert {(one["venue"], one["room"]) for one in told["released"]} == {("library", "reading")}


def test_week_that_does_not_exist_is_refused(lyceum: Lyceum, client: TestClient, nobody: Person) -> None:
    assert nobody.get("/weeks/town/2025-W53").problem == "not-a-week"
    assert nobody.get("/weeks/town/2026-W99").problem == "invalid"
    assert nobody.get(f"/weeks/nowhere/{WEEK}").problem == "not-there"
    street = someone(lyceum, client, ("coordinator", area_id("hill")))
    assert street.get(f"/weeks/hill/{WEEK}").status == 200
