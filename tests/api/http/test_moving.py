"""At the telephone: the hall is being painted, where can the class go? Suggestions, moves, reasons that are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from api.http.server import create_app
from api.http.settings import Settings
from domain.timetable import SessionMoved
from scheduler.rules.moves import SOFT_RULES, SoftRuleName
from tests.adapters.town import TOWN, WEEK, town
from tests.api.http.conftest import Person, served, someone

HERE = f"/weeks/town/{WEEK}"
EVERY_SOFT_RULE = list(SOFT_RULES)


@pytest.fixture
def drafted(lyceum: Lyceum) -> Lyceum:
    plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
    return lyceum


def suggested(person: Person, request: str, query: str = "", session: int = 1) -> list[dict[str, Any]]:
    told = person.get(f"{HERE}/sessions/{request}/{session}/suggestions{query}")
    assert told.status == 200, told.body
    found: list[dict[str, Any]] = told.body["items"]
    return found


def test_names_of_soft_rules_are_those_of_the_scheduler() -> None:
    assert list(get_args(SoftRuleName)) == EVERY_SOFT_RULE


def test_suggestion_is_followed_as_it_is_told(everywhere: Lyceum) -> None:
    plan_week(everywhere, TOWN, WEEK, effort=Effort(5, 1))
    with served(everywhere) as client:
        coordinator = someone(everywhere, client, ("coordinator", TOWN), actor="coordinator-7")
        (first, *_) = suggested(coordinator, "r-phone", "?limit=3")
        tag = coordinator.get(f"{HERE}/draft").headers["etag"]
        moved = coordinator.post(
            f"{HERE}/moves", {**first["command"], "why": "the hall is being painted"}, if_match=tag
        )
        draft = coordinator.get(f"{HERE}/draft").body

        assert (moved.status, moved.body["changed"]) == (200, True)
        assert moved.body["session"] == first["moves"][0]["after"]
        assert first["moves"][0]["after"] in draft["sessions"]
        (noted,) = draft["adjustments"]
        assert (noted["kind"], noted["why"], noted["by"]) == (
            "moved",
            "the hall is being painted",
            "coordinator-7",
        )


def test_it_is_judged_beside_as_it_is_here(tmp_path: Path) -> None:
    with town(f"sqlite:///{tmp_path / 'lyceum.db'}") as lyceum:
        plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
        beside = Settings(database=lyceum.store.url, beside=True)
        with (
            served(lyceum) as here,
            TestClient(create_app(beside, lyceum=lyceum, clock=lyceum.clock)) as there,
        ):
            one, other = (someone(lyceum, client, ("coordinator", TOWN)) for client in (here, there))
            found = suggested(other, "r-phone")
            assert found == suggested(one, "r-phone")
            late = {"request": "r-choir", "session": 1, "start_min": 1410}
            tried = other.post(f"{HERE}/moves/try", late)
            assert (tried.status, tried.body["allowed"]) == (200, False)
            assert tried.body == one.post(f"{HERE}/moves/try", late).body
            refused = other.post(f"{HERE}/moves", {**late, "why": "why not"})
            assert (refused.status, refused.problem) == (409, "broken-rules")

            moved = other.post(f"{HERE}/moves", {**found[0]["command"], "why": "the hall is being painted"})
            assert (moved.status, moved.body["changed"]) == (200, True)
            assert other.get(f"{HERE}/sessions/r-opera/1/suggestions").problem == "not-placed"


def test_every_suggestion_would_be_allowed(drafted: Lyceum, administrator: Person) -> None:
    for request in ("r-phone", "r-choir", "r-brush"):
        for one in suggested(administrator, request):
            body = {key: value for key, value in one["command"].items() if key != "accept"}
            tried = administrator.post(f"{HERE}/moves/try", body).body

            assert (tried["allowed"], tried["warnings"]) == (True, one["warnings"])


def test_sentences_name_keys_and_no_ids(drafted: Lyceum, administrator: Person) -> None:
    (first, *_) = suggested(administrator, "r-phone")

    assert first["sentence"].endswith("Library, Reading, led by li.")
    assert [(one["key"], one["part"]) for one in first["people"]] == [("li", "moved")]


def test_soft_rules_need_a_reason_that_is_recorded(drafted: Lyceum, administrator: Person) -> None:
    release_week(drafted, TOWN, WEEK, "First")
    position = drafted.store.position()
    late = {"request": "r-phone", "start_min": 5 * 1440 + 15 * 60, "why": "the market"}
    refused = administrator.post(f"{HERE}/moves", late)
    tried = administrator.post(f"{HERE}/moves/try", {key: late[key] for key in ("request", "start_min")})

    assert refused.problem == "soft-rules-need-a-reason"
    assert [one["rule"] for one in refused.body["warnings"]] == ["continuity"]
    assert "r-phone#1" in refused.body["warnings"][0]["sentence"]
    concerned = {"people": tried.body["people"], "learners": 15}
    assert tried.body == {
        "allowed": True,
        "broken": [],
        "warnings": refused.body["warnings"],
        **concerned,
    }
    assert [(one["key"], one["part"]) for one in tried.body["people"]] == [("li", "moved")]
    assert administrator.post(f"{HERE}/moves", {**late, "accept": ["travel"]}).problem == refused.problem
    assert drafted.store.position() == position

    moved = administrator.post(f"{HERE}/moves", {**late, "accept": EVERY_SOFT_RULE})
    assert moved.body["accepted"] == ["continuity"]
    assert {key: moved.body[key] for key in concerned} == concerned
    (noted,) = administrator.get(f"{HERE}/draft").body["adjustments"]
    assert (noted["why"], noted["accepted"]) == ("the market", ["continuity"])


def test_nobody_passes_a_hard_rule(drafted: Lyceum, administrator: Person) -> None:
    sunday = {"request": "r-choir", "start_min": 6 * 1440 + 540, "why": "I say so", "accept": EVERY_SOFT_RULE}

    assert administrator.post(f"{HERE}/moves", sunday).problem == "broken-rules"
    assert administrator.post(f"{HERE}/moves", {**sunday, "accept": ["open"]}).problem == "invalid"


def test_move_that_nobody_minds_needs_no_acceptance_but_a_reason(
    drafted: Lyceum, administrator: Person
) -> None:
    late = {"request": "r-phone", "start_min": 5 * 1440 + 15 * 60}

    assert administrator.post(f"{HERE}/moves", late).problem == "invalid"
    assert administrator.post(f"{HERE}/moves", {**late, "why": "the market"}).body["accepted"] == []


def test_pin_is_lifted_by_a_move_that_accepts_it(drafted: Lyceum, administrator: Person) -> None:
    administrator.post(f"{HERE}/pins", {"request": "r-phone", "comment": "the market"})
    late = {"request": "r-phone", "start_min": 5 * 1440 + 15 * 60, "why": "painters"}

    assert [one["rule"] for one in administrator.post(f"{HERE}/moves", late).body["warnings"]] == ["pin"]
    assert administrator.post(f"{HERE}/moves", {**late, "accept": ["pin"]}).body["changed"]
    assert administrator.get(f"{HERE}/pins").body["items"] == []
    assert administrator.post(f"{HERE}/release", {"name": "First"}).body["made"]


def test_two_moves_are_one_command(drafted: Lyceum, administrator: Person) -> None:
    position, version = drafted.store.position(), administrator.get(HERE).body["version"]
    sessions = administrator.get(f"{HERE}/draft").body["sessions"]
    chain = next(
        one
        for request in ("r-choir", "r-brush")
        for one in suggested(administrator, request, "?limit=50")
        if len(one["moves"]) == 2
    )
    alone = {key: value for key, value in chain["command"].items() if key not in ("also", "accept")}
    tried = administrator.post(f"{HERE}/moves/try", alone)
    moved = administrator.post(f"{HERE}/moves", {**chain["command"], "why": "painters"})

    assert not tried.body["allowed"]
    assert (moved.status, moved.body["version"]) == (200, version + 2)
    assert [moved.body["session"], *moved.body["also"]] == [one["after"] for one in chain["moves"]]
    news = drafted.store.page(position, 10)
    assert [type(one.event) for one in news] == [SessionMoved, SessionMoved]
    assert len(administrator.get(f"{HERE}/draft").body["sessions"]) == len(sessions)


def test_one_session_in_two_places_is_refused(drafted: Lyceum, administrator: Person) -> None:
    here = {"request": "r-phone", "start_min": 5 * 1440 + 15 * 60}
    there = {"request": "r-phone", "start_min": 5 * 1440 + 10 * 60}

    found = administrator.post(f"{HERE}/moves", {**here, "also": [there], "why": "both"})
    assert found.problem == "moved-twice"


def test_session_without_a_place_is_given_one(drafted: Lyceum, administrator: Person) -> None:
    administrator.post(f"{HERE}/drops", {"request": "r-phone", "why": "called off"})
    (first, *_) = suggested(administrator, "r-phone")

    assert first["moves"][0]["before"] is None
    assert [(one["key"], one["part"]) for one in first["people"]] == [("li", "asked")]
    half = {"request": "r-phone", "start_min": first["command"]["start_min"], "why": "called on again"}
    assert administrator.post(f"{HERE}/moves", half).problem == "not-placed"
    placed = administrator.post(f"{HERE}/moves", {**first["command"], "why": "called on again"})
    assert placed.body["session"] in administrator.get(f"{HERE}/draft").body["sessions"]
    (noted,) = administrator.get(f"{HERE}/draft").body["adjustments"]
    assert (noted["kind"], noted["why"]) == ("moved", "called on again")


def test_filters_say_what_is_wanted(drafted: Lyceum, administrator: Person) -> None:
    saturday = suggested(administrator, "r-phone", "?day=2026-12-05&keep_room=true&keep_lead=true&moves=1")

    assert {one["moves"][0]["after"]["window"]["start_min"] // 1440 for one in saturday} == {5}
    assert suggested(administrator, "r-phone", "?other_day=true") == []
    assert suggested(administrator, "r-phone", "?venue=school") == []
    assert len(suggested(administrator, "r-phone", "?limit=1")) == 1


def test_one_room_and_start_are_asked_for_and_all_is_named_by_keys(
    drafted: Lyceum, administrator: Person
) -> None:
    start = 5 * 1440 + 15 * 60
    there = f"?venue=library&room=reading&start_min={start}"
    (found,) = suggested(administrator, "r-phone", there)
    command = found["command"]

    assert {name: command[name] for name in ("request", "venue", "room", "start_min", "leads", "also")} == {
        "request": "r-phone",
        "venue": "library",
        "room": "reading",
        "start_min": start,
        "leads": ["li"],
        "also": [],
    }
    assert suggested(administrator, "r-phone", f"{there[:-1]}7") == []
    assert suggested(administrator, "r-phone", "?venue=library&room=attic") == []
    refused = administrator.get(f"{HERE}/sessions/r-phone/1/suggestions?room=reading")
    assert (refused.status, refused.problem) == (422, "invalid")
    wrong = administrator.get(f"{HERE}/sessions/r-phone/1/suggestions?day=2026-12-12")
    assert (wrong.problem, wrong.body["errors"][0]["field"]) == ("invalid", "day")


def test_what_cannot_be_asked_is_refused(lyceum: Lyceum, administrator: Person) -> None:
    assert administrator.get(f"{HERE}/sessions/r-phone/1/suggestions").problem == "no-draft"
    plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
    assert administrator.get(f"{HERE}/sessions/r-none/1/suggestions").problem == "not-placed"
    assert administrator.get(f"{HERE}/sessions/r-phone/7/suggestions").problem == "not-placed"
    assert administrator.get(f"{HERE}/sessions/r-phone/1/suggestions?moves=3").problem == "invalid"


def test_suggestions_follow_the_facts_and_the_past_stays(drafted: Lyceum, administrator: Person) -> None:
    position = drafted.store.position()
    before = suggested(administrator, "r-phone")
    administrator.post("/venues/library/close", {"first": "2026-12-05", "why": "painters"})

    assert before
    assert suggested(administrator, "r-phone") == []
    assert suggested(administrator, "r-phone", f"?at={position}") == before


def test_auditor_reads_suggestions_and_moves_nothing(
    drafted: Lyceum, client: TestClient, coordinator: Person, nobody: Person
) -> None:
    auditor = someone(drafted, client, ("auditor", None))
    (first, *_) = suggested(auditor, "r-phone")
    path = f"{HERE}/sessions/r-phone/1/suggestions"

    assert auditor.post(f"{HERE}/moves", {**first["command"], "why": "audit"}).problem == "not-allowed"
    assert nobody.get(path).problem == "not-signed-in"
    assert coordinator.get(path).problem == "not-allowed"  # of one street, not of the town


def test_move_is_tried_once_though_the_draft_changes_meanwhile(
    drafted: Lyceum, client: TestClient, administrator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging, asked = client.app.state.app_state.judging, []  # type: ignore[attr-defined]
    judge = judging.judged

    def judged_while_somebody_pins(*given: Any) -> Any:
        asked.append(given)
        answer = judge(*given)
        pinned = administrator.post(
            f"{HERE}/pins", {"request": "r-choir", "session": 1, "comment": f"{len(asked)}"}
        )
        assert pinned.status == 200
        return answer

    monkeypatch.setattr(judging, "judged", judged_while_somebody_pins)
    late = {"request": "r-phone", "start_min": 5 * 1440 + 15 * 60}
    tried = administrator.post(f"{HERE}/moves/try", late, idempotency_key="once")

    assert tried.status == 200
    assert len(asked) == 1
