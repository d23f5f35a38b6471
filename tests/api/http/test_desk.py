"""The coordinator's desk over HTTP: a week at a glance, places of a session, moves from where it was, undo and redo."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from adapters.access.access_log import looks_of
from adapters.application.application import Lyceum
from adapters.people.personal_records import PersonalRecord
from adapters.services.adjusting import find_session, pin
from adapters.services.closures import close_venue, pause_volunteer
from adapters.services.planning import Effort, PlanOptions, plan_week
from adapters.services.releases import release_week
from adapters.week.plan_documents import load_timetable
from domain.network import area_id
from domain.request import request_id
from domain.timetable import Session, latest_release
from domain.venue import Closure, closure_id, venue_id
from domain.volunteer import Pause, volunteer_id
from scheduler import RULES
from tests.adapters.town import TOWN, WEEK
from tests.api.http.conftest import Asked, Person, served, someone

HERE = f"/weeks/town/{WEEK}"
SATURDAY, WEEK_SATURDAY = 5 * 1440, date(2026, 12, 5)
OF_PEOPLE = {"team", "skill", "available", "home", "volunteer_clash", "load", "minors", "same_leads"}


@pytest.fixture
def drafted(lyceum: Lyceum) -> Lyceum:
    plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
    return lyceum


@pytest.fixture
def coordinator(lyceum: Lyceum, client: TestClient) -> Person:
    return someone(lyceum, client, ("coordinator", TOWN), actor="coordinator-7")


@pytest.fixture
def second(lyceum: Lyceum, client: TestClient) -> Person:
    return someone(lyceum, client, ("coordinator", TOWN), actor="coordinator-8")


def desk(person: Person, **headers: str) -> Asked:
    return person.get(f"{HERE}/desk", **headers)


def phone_on(read: dict[str, Any]) -> dict[str, Any]:
    return next(session for session in read["sessions"] if session["request"] == "r-phone")


# ---- A week at a glance


def test_desk_says_what_a_coordinator_works_with(drafted: Lyceum, coordinator: Person) -> None:
    pin(drafted, TOWN, WEEK, find_session(drafted, TOWN, WEEK, request_id("r-phone"), 1), "by the market")
    read = desk(coordinator).body

    assert (read["area"], read["week"], read["zone"], read["draft"]) == ("town", WEEK, "Asia/Shanghai", 1)
    assert [day["date"] for day in read["days"]] == [f"2026-{day}" for day in (
        "11-30", "12-01", "12-02", "12-03", "12-04", "12-05", "12-06",
    )]  # fmt: skip
    assert read["days"][0] == {"date": "2026-11-30", "type": "workday", "name": None}
    assert read["venues"] == [
        {"key": "library", "name": "Library", "street": "hill", "street_name": "Hill"},
        {"key": "school", "name": "School", "street": "river", "street_name": "River"},
    ]
    assert [(room["venue"], room["key"]) for room in read["rooms"]] == [
        (0, "reading"), (1, "hall"), (1, "east"), (1, "west"),
    ]  # fmt: skip
    session = phone_on(read)
    assert {key: session[key] for key in ("title", "community", "function", "learners", "room", "pin")} == {
        "title": "Course r-phone",
        "community": "hill",
        "function": "civic",
        "learners": 15,
        "room": 0,
        "pin": "by the market",
    }
    assert [read["people"][lead]["key"] for lead in session["leads"]] == ["li"]
    (waiting,) = read["unserved"]
    assert (waiting["request"], waiting["missing"], waiting["sessions"]) == ("r-robot", 1, 1)


def test_open_windows_and_places_have_the_same_rooms_and_the_reading_of_one_room_agrees(
    drafted: Lyceum, coordinator: Person
) -> None:
    read = desk(coordinator).body
    places = coordinator.get(f"{HERE}/sessions/r-phone/1/places").body

    assert [(room["venue"], room["room"]) for room in places["rooms"]] == [
        (read["venues"][room["venue"]]["key"], room["key"]) for room in read["rooms"]
    ]
    assert places["step_min"] == read["step_min"]
    for room in read["rooms"]:
        venue = read["venues"][room["venue"]]["key"]
        windows = coordinator.get(f"/venues/{venue}/rooms/{room['key']}/open/{WEEK}").body["windows"]
        assert room["open"] == [[window["start_min"], window["end_min"]] for window in windows]


def test_closure_is_shown_with_its_reason_and_a_lost_room_stays_visible(
    drafted: Lyceum, coordinator: Person, administrator: Person
) -> None:
    close_saturday(drafted)
    reading = desk(coordinator).body["rooms"][0]
    assert reading["closed"] == [[SATURDAY, SATURDAY + 1440, "the heating is out"]]
    assert all(end <= SATURDAY or start >= SATURDAY + 1440 for start, end in reading["open"])

    administrator.post("/venues/library/rooms/reading/withdraw", {"why": "it becomes an office"})
    read = desk(coordinator).body
    room = read["rooms"][phone_on(read)["room"]]
    assert (room["key"], room["open"], room["closed"]) == ("reading", [], [[0, 10080, "no longer lent"]])
    assert read["rooms"][-1] == room


def test_desk_before_the_first_draft_lists_what_waits(lyceum: Lyceum, coordinator: Person) -> None:
    read = desk(coordinator).body

    assert (read["draft"], read["sessions"], read["undo"]) == (0, [], {"label": None, "left": 0})
    assert sorted(waiting["request"] for waiting in read["unserved"]) == [
        "r-brush", "r-choir", "r-phone", "r-robot",
    ]  # fmt: skip


def close_saturday(lyceum: Lyceum) -> None:
    day = WEEK_SATURDAY
    closure = Closure(venue_id("library"), day, day)
    close_venue(
        lyceum,
        "library",
        Closure(closure_id("library", closure), day, day),
        "the heating is out",
        emergency=True,
    )


def test_desk_is_304_until_something_of_it_changes(
    drafted: Lyceum, coordinator: Person, second: Person, administrator: Person
) -> None:
    def tag() -> str:
        return desk(coordinator).headers["etag"]

    tags = [tag()]
    assert desk(coordinator, if_none_match=tags[0]).status == 304
    administrator.post("/catalogue/topic", {"code": "x", "names": {"en": "X"}})
    assert desk(coordinator, if_none_match=tags[0]).status == 304

    move_phone(second)
    tags.append(tag())
    close_saturday(drafted)
    tags.append(tag())
    drafted.remember(volunteer_id("li"), PersonalRecord("Li Na"))
    tags.append(tag())
    assert len(set(tags)) == 4
    assert desk(second, if_none_match=tags[-1]).status == 200


# ---- Names


def test_names_are_told_to_who_may_read_them_and_looking_is_recorded_once_a_day(
    drafted: Lyceum, client: TestClient, coordinator: Person
) -> None:
    drafted.remember(volunteer_id("li"), PersonalRecord("Li Na"))
    drafted.remember(volunteer_id("wang"), PersonalRecord("Wang Li"))
    auditor = someone(drafted, client, ("auditor", None))

    assert {person["name"] for person in desk(auditor).body["people"]} == {None}
    assert looks_of(drafted.store, volunteer_id("li")) == ()
    desk(coordinator)
    names = {person["key"]: person["name"] for person in desk(coordinator).body["people"]}
    assert names == {"li": "Li Na", "wang": "Wang Li"}
    (look,) = looks_of(drafted.store, volunteer_id("li"))
    assert (look.by, look.deed) == ("coordinator-7", "read")


def test_desk_is_for_staff_of_the_area(drafted: Lyceum, client: TestClient, nobody: Person) -> None:
    elsewhere = someone(drafted, client, ("coordinator", area_id("river")))
    host = someone(drafted, client, ("host", venue_id("school")))

    for path in ("desk", "sessions/r-phone/1/places"):
        assert nobody.get(f"{HERE}/{path}").problem == "not-signed-in"
        assert elsewhere.get(f"{HERE}/{path}").problem == "not-allowed"
        assert host.get(f"{HERE}/{path}").problem == "not-allowed"
    assert elsewhere.post(f"{HERE}/undo", {}).problem == "not-allowed"


# ---- Places


def verdict(places: dict[str, Any], room: dict[str, Any], slot: int) -> str:
    runs = zip(room["runs"][::2], room["runs"][1::2], strict=True)
    return str(places["verdicts"][[index for first, index in runs if first <= slot][-1]])


def test_places_are_equal_to_a_try_in_any_cell(drafted: Lyceum, coordinator: Person) -> None:
    close_saturday(drafted)
    pause_volunteer(drafted, "zhao", Pause(date(2026, 12, 1), date(2026, 12, 1)), "a wedding")

    told = equal_verdicts(coordinator, ("r-phone", 1), ("r-choir", 1), ("r-brush", 2))
    assert {"same", "several"} < told


def test_what_another_timetable_has_booked_is_closed_on_the_desk_and_no_place(
    drafted: Lyceum, coordinator: Person
) -> None:
    plan_week(drafted, area_id("river"), WEEK, effort=Effort(5, 1))
    release_week(drafted, area_id("river"), WEEK, "Of the street")
    booked = released_sessions(drafted, area_id("river"))
    plan_week(drafted, TOWN, WEEK, effort=Effort(5, 1), options=PlanOptions(again=True))

    read = desk(coordinator).body
    assert {session["request"] for session in read["sessions"]} == {"r-phone"}
    hall = next(room for room in read["rooms"] if room["key"] == "hall")
    for session in booked:
        start, end = session.window.start_min, session.window.end_min
        assert not any(first < end and start < last for first, last in hall["open"])
        assert any(
            first <= start and end <= last and words == "booked in another timetable"
            for first, last, words in hall["closed"]
        )
    assert "same" in equal_verdicts(coordinator, ("r-phone", 1))
    assert coordinator.get(f"{HERE}/sessions/r-choir/1/places").problem == "not-placed"


def released_sessions(lyceum: Lyceum, area: UUID) -> tuple[Session, ...]:
    release = latest_release(load_timetable(lyceum, area, WEEK))
    return release.sessions if release else ()


def equal_verdicts(person: Person, *sessions: tuple[str, int]) -> set[str]:
    """The verdicts on cells drawn at random, each compared with what a try of the move there says."""
    choose, told = Random(7), set[str]()
    for request, session in sessions:
        places = person.get(f"{HERE}/sessions/{request}/{session}/places").body
        assert set(places["verdicts"]) == (set(RULES) - {"pin", "whole"}) | {
            "same", "others", "unknown", "several",
        }  # fmt: skip
        for _ in range(60):
            room = choose.choice(places["rooms"])
            slot = choose.choice([choose.randrange(places["slots"]), *room["runs"][::2]])
            said = verdict(places, room, slot)
            tried = person.post(
                f"{HERE}/moves/try",
                {
                    "request": request,
                    "session": session,
                    "venue": room["venue"],
                    "room": room["room"],
                    "start_min": slot * places["step_min"],
                },
            ).body
            broken = {breach["rule"] for breach in tried["broken"]}
            told.add(said)
            assert (said == "same") == tried["allowed"]
            if said == "others":
                assert broken <= OF_PEOPLE
            elif said != "same":
                assert {said} == (broken if len(broken) == 1 else {"several"})
    return told


def test_places_of_a_session_that_nobody_asks_for_are_refused(drafted: Lyceum, coordinator: Person) -> None:
    assert coordinator.get(f"{HERE}/sessions/r-phone/2/places").problem == "not-placed"
    assert coordinator.get(f"{HERE}/sessions/r-nothing/1/places").problem == "not-placed"
    assert coordinator.get("/weeks/town/2026-W50/sessions/r-phone/1/places").problem == "no-draft"


# ---- Moves from where it was


def place_of(person: Person, request: str = "r-phone") -> dict[str, Any]:
    read = desk(person).body
    session = next(session for session in read["sessions"] if session["request"] == request)
    room = read["rooms"][session["room"]]
    return {
        "venue": read["venues"][room["venue"]]["key"],
        "room": room["key"],
        "start_min": session["start"],
    }


def move_phone(person: Person, hour: int = 15, **more: Any) -> Asked:
    return person.post(
        f"{HERE}/moves",
        {"request": "r-phone", "start_min": SATURDAY + hour * 60, "why": "the market", **more},
    )


def test_move_is_refused_only_where_the_same_session_was_moved(
    drafted: Lyceum, coordinator: Person, second: Person
) -> None:
    seen = place_of(coordinator)
    second.post(f"{HERE}/drops", {"request": "r-choir", "why": "called off"})
    moved = move_phone(coordinator, moved_from=seen)

    assert (moved.status, moved.body["changed"], moved.body["learners"]) == (200, True, 15)
    assert [(who["key"], who["part"]) for who in moved.body["people"]] == [("li", "moved")]
    late = move_phone(second, 16, moved_from=seen)
    assert late.problem == "session-changed"
    assert late.body["by"] == "coordinator-7"
    assert late.body["now"] == {"venue": "library", "room": "reading", "start_min": SATURDAY + 15 * 60}
    assert late.body["detail"].startswith(
        "session 1 of request r-phone was moved by coordinator-7 on 2026-11-20"
    )
    for command, more in (("drops", {"why": "no"}), ("pins", {"comment": "no"}), ("moves/try", {})):
        body = {"request": "r-phone", "moved_from": seen, **more}
        assert second.post(f"{HERE}/{command}", body).problem == "session-changed"
    assert move_phone(second, 16, moved_from=late.body["now"]).status == 200
    assert move_phone(coordinator, 15).status == 200


def test_session_that_was_taken_out_or_placed_meanwhile_is_changed_too(
    drafted: Lyceum, coordinator: Person, second: Person
) -> None:
    seen = place_of(coordinator)
    dropped = second.post(f"{HERE}/drops", {"request": "r-phone", "why": "called off", "moved_from": seen})
    assert [(who["key"], who["part"]) for who in dropped.body["people"]] == [("li", "freed")]

    late = move_phone(coordinator, moved_from=seen)
    assert (late.problem, late.body["now"]) == ("session-changed", None)
    placed = {**seen, "leads": ["li"], "moved_from": {}}
    assert (
        coordinator.post(f"{HERE}/moves", {"request": "r-phone", "why": "on again", **placed}).status == 200
    )
    again = second.post(f"{HERE}/moves", {"request": "r-phone", "why": "on again", **placed})
    assert again.problem == "session-changed"
    half = move_phone(second, moved_from={"venue": "library", "room": "reading"})
    assert half.problem == "invalid"


def test_session_that_a_new_draft_moved_is_changed_by_who_planned(
    drafted: Lyceum, coordinator: Person
) -> None:
    late = move_phone(coordinator, moved_from={"venue": "school", "room": "hall", "start_min": 1020})

    assert (late.problem, late.body["by"]) == ("session-changed", "coordinator-1")
    assert "was planned anew in draft 1" in late.body["detail"]


# ---- Undo and redo


def draft_of(person: Person) -> dict[str, Any]:
    body = dict(person.get(f"{HERE}/draft").body)
    del body["version"]
    return body


def test_step_is_taken_back_and_done_again_on_each_database(everywhere: Lyceum) -> None:
    plan_week(everywhere, TOWN, WEEK, effort=Effort(5, 1))
    with served(everywhere) as client:
        person = someone(everywhere, client, ("coordinator", TOWN), actor="coordinator-7")
        before = draft_of(person)
        move_phone(person)
        after = draft_of(person)
        label = {
            "request": "r-phone",
            "session": 1,
            "kind": "moved",
            "title": "Course r-phone",
            "why": "the market",
        }

        assert desk(person).body["undo"] == {"label": label, "left": 1}
        version, position = desk(person).body["version"], everywhere.store.position()
        tried = person.post(f"{HERE}/undo", {"dry_run": True}).body
        assert (tried["changed"], tried["version"], tried["undone"]) == (False, version, label)
        assert everywhere.store.position() == position

        undone = person.post(f"{HERE}/undo", {}).body
        assert undone == {
            "changed": True,
            "version": version + 1,
            "undone": label,
            "next_undo": None,
            "next_redo": label,
            "people": undone["people"],
            "learners": 15,
        }
        assert draft_of(person) == before
        assert desk(person).body["redo"] == {"label": label, "left": 1}
        assert person.post(f"{HERE}/undo", {}).problem == "no-step"
        assert person.post(f"{HERE}/redo", {}).body["next_undo"] == label
        assert draft_of(person) == after


def test_undo_is_the_callers_own_and_refused_over_somebody_elses_change(
    drafted: Lyceum, coordinator: Person, second: Person
) -> None:
    move_phone(coordinator)
    assert second.post(f"{HERE}/undo", {}).problem == "no-step"
    move_phone(second, 16)

    refused = coordinator.post(f"{HERE}/undo", {})
    assert (refused.problem, refused.body["by"]) == ("session-changed", "coordinator-8")


def test_undo_against_a_hard_rule_names_it(drafted: Lyceum, coordinator: Person) -> None:
    coordinator.post(f"{HERE}/drops", {"request": "r-phone", "why": "called off"})
    close_saturday(drafted)

    refused = coordinator.post(f"{HERE}/undo", {})
    assert (refused.problem, [one["rule"] for one in refused.body["broken"]]) == ("broken-rules", ["open"])


def test_branch_takes_its_own_changes_back_and_no_steps_by_hand(drafted: Lyceum, coordinator: Person) -> None:
    move_phone(coordinator)
    coordinator.post(f"{HERE}/branches", {"name": "what-if"})
    inside = {"operation": "undo_step", "body": {}}

    assert coordinator.post(f"{HERE}/branches/what-if/changes", inside).problem == "not-in-branch"


# ---- What a recall would break, before it is done


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/venues/library/close", {"first": "2026-12-05", "why": "water", "emergency": True}),
        ("/venues/library/retire", {"on": "2026-12-01", "why": "it moves out"}),
        ("/venues/library/opening-rules", {"osm": "Tu-Fr 09:00-18:00"}),
        ("/volunteers/li/pause", {"first": "2026-12-05", "last": "2026-12-05", "why": "a wedding"}),
    ],
)
def test_dry_run_of_a_recall_names_sessions_people_and_learners_and_does_nothing(
    drafted: Lyceum, administrator: Person, path: str, body: dict[str, Any]
) -> None:
    administrator.post(f"{HERE}/release", {"name": "First"})
    position = drafted.store.position()
    tried = administrator.post(f"{path}?dry_run=true", body)

    (broken,) = tried.body["broken"]
    told = {key: broken[key] for key in ("request", "community", "leads", "learners", "venue", "start")}
    assert told == {
        "request": "r-phone",
        "community": "Hill",
        "leads": ["li"],
        "learners": 15,
        "venue": "library",
        "start": broken["start"],
    }
    assert drafted.store.position() == position
