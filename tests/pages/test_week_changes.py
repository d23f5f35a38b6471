"""Changes of a week by forms alone: plan, pin, move, take a suggestion, undo, try a way out, release."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapters.application.application import Lyceum
from api.http.auth.identity import CSRF
from domain.network import area_id
from tests.adapters.town import Ticking, town
from tests.pages.conftest import Browser, Site
from tests.pages.week_site import CHOIR, WEEK_PATH, form, options, plan, send, values, words
from tests.workers import do_one


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town with a planned week, in a file that each test copies."""
    path = tmp_path_factory.mktemp("planned") / "lyceum.db"
    with town(f"sqlite:///{path}") as lyceum, ExitStack() as stack:
        site = Site(lyceum, stack)
        plan(site, site.person(("administrator", None)))
    return path


@pytest.fixture
def lyceum(planned: Path, tmp_path: Path) -> Iterator[Lyceum]:
    """The planned town; the conftest makes the site over it."""
    path = tmp_path / "lyceum.db"
    shutil.copy(planned, path)
    clock = Ticking()
    clock.now += timedelta(hours=1)
    with Lyceum(f"sqlite:///{path}", actor="coordinator-1", clock=clock) as lyceum:
        yield lyceum


@pytest.fixture
def coordinator(site: Site) -> Browser:
    """Of the whole town."""
    site.number = 10  # behind the account that planned
    return site.person(("coordinator", area_id("town")))


def draft_of(browser: Browser) -> Any:
    return browser.client.get(f"/v1{WEEK_PATH}/draft").json()


def move(browser: Browser, index: int = 0, **typed: str) -> Any:
    """Choose an allowed place of another day, look at what it takes, and move there."""
    page = browser.get(f"{CHOIR}/move?day=2").text
    place = options(page, "to")[index]
    shown = browser.get(f"{CHOIR}/move?to={place}")
    return browser.send(f"{CHOIR}/move", form(shown.text, "form-move"), **typed)


def test_plan_move_and_release_by_forms_alone(site: Site, coordinator: Browser) -> None:
    choose = coordinator.get(f"{CHOIR}/move?day=2")
    place = options(choose.text, "to")[0]
    look = coordinator.get(f"{CHOIR}/move?to={place}")
    before = site.events()

    moved = coordinator.send(f"{CHOIR}/move", form(look.text, "form-move"), why="the hall is painted")
    again = coordinator.send(f"{CHOIR}/move", form(look.text, "form-move"), why="the hall is painted")
    released = send(coordinator, f"{WEEK_PATH}/release", "form-release", name="First timetable")

    assert "1 person must be called: wang" in words(look.text)
    assert "50 learners must be told" in words(look.text)
    assert (moved.status_code, again.status_code) == (303, 303)
    card = words(coordinator.get(CHOIR).text)
    assert "Wednesday, 2 December 2026" in card
    assert "the hall is painted" in card
    assert released.headers["location"] == f"{WEEK_PATH}/releases/1?saved=yes"
    assert "Wednesday" in words(coordinator.get(f"{WEEK_PATH}/releases/1").text)
    kinds = [record.event.__class__.__name__ for record in site.lyceum.store.history(before)]
    assert kinds.count("SessionMoved") == 1
    assert kinds.count("TimetableReleased") == 1


def test_move_form_offers_allowed_places_only(coordinator: Browser) -> None:
    pages = [coordinator.get(f"{CHOIR}/move?day={day}").text for day in range(5)]
    places = [place for page in pages for place in options(page, "to")]
    assert len(places) > 10
    for place in places[::3]:
        venue, room, start = place.split("/")
        body = {"request": "r-choir", "venue": venue, "room": room, "start_min": int(start)}
        tried = try_move(coordinator, body)
        assert tried["broken"] == []


def try_move(browser: Browser, body: dict[str, Any]) -> Any:
    page = browser.get("/home").text
    headers = {CSRF: values(page, "csrf")[0]}
    return browser.client.post(f"/v1{WEEK_PATH}/moves/try", json=body, headers=headers).json()


def test_hard_rule_is_said_in_words(coordinator: Browser) -> None:
    placed = draft_of(coordinator)["sessions"][0]
    page = coordinator.get(f"{CHOIR}/move?to={placed['venue']}/{placed['room']}/30")
    assert "The class cannot be there" in words(page.text)
    assert "outside the opening times of school/hall" in words(page.text)
    assert "form-move" not in page.text


def test_move_without_a_reason_names_the_field_and_saves_nothing(site: Site, coordinator: Browser) -> None:
    before = site.events()
    answer = move(coordinator, why=" ")
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert 'href="#move-why"' in answer.text
    assert site.events() == before


def test_soft_rule_asks_for_a_tick_and_passes_with_it(site: Site, coordinator: Browser) -> None:
    assert send(coordinator, CHOIR, "form-pin", comment="the piano").status_code == 303
    refused = move(coordinator, why="the hall is painted")
    assert refused.status_code == 409
    assert "It was held where it is" in words(refused.text)
    assert 'value="the hall is painted"' in refused.text

    passed = coordinator.send(
        f"{CHOIR}/move",
        form(refused.text, "form-move"),
        why="the hall is painted",
        accept__pin="yes",
    )

    assert passed.status_code == 303
    assert "by hand 1 warning" in words(coordinator.get(f"{WEEK_PATH}/list?marks=warnings").text)
    assert "Last reason: the hall is painted" in words(coordinator.get(CHOIR).text)


def test_pin_is_set_and_lifted(coordinator: Browser) -> None:
    assert send(coordinator, CHOIR, "form-pin", comment="the piano").status_code == 303
    assert "Pinned the piano" in words(coordinator.get(CHOIR).text)
    assert coordinator.get(f"{WEEK_PATH}/list?marks=pins").text.count("/sessions/") == 1
    assert send(coordinator, CHOIR, "form-lift").status_code == 303
    assert "Pinned the piano" not in words(coordinator.get(CHOIR).text)
    history = words(coordinator.get(CHOIR).text)
    assert history.index("Pin lifted") < history.index("Class pinned")


def test_pin_of_a_session_that_somebody_has_moved_is_refused_and_keeps_the_words(
    site: Site, coordinator: Browser
) -> None:
    old = coordinator.get(CHOIR).text
    other = site.person(("coordinator", area_id("river")), ("coordinator", area_id("town")))
    assert move(other, why="the hall is painted").status_code == 303
    before = site.events()

    answer = coordinator.send(CHOIR, form(old, "form-pin"), comment="the piano")

    assert answer.status_code == 409
    assert 'value="the piano"' in answer.text
    assert "Wednesday" in words(answer.text)
    assert site.events() == before


def test_class_is_taken_out_and_placed_again_by_hand(coordinator: Browser) -> None:
    assert send(coordinator, CHOIR, "form-drop", why="called off").status_code == 303
    gone = coordinator.get(CHOIR)
    assert "This class has no place in the draft" in words(gone.text)
    assert "Course r-choir" in words(coordinator.get(f"{WEEK_PATH}/unserved").text)

    answer = move(coordinator, why="they come after all")

    assert answer.status_code == 303
    assert "Wednesday" in words(coordinator.get(CHOIR).text)


def test_suggestion_is_taken_with_a_button(coordinator: Browser) -> None:
    page = coordinator.get(f"{CHOIR}/suggestions").text
    placings = values(page, "placing")
    assert "least trouble first" in page

    answer = coordinator.send(
        f"{CHOIR}/suggestions", form(page, "form-suggest"), why="a quieter room", placing=placings[0]
    )

    assert answer.status_code == 303
    moved = next(each for each in draft_of(coordinator)["moves"] if each["number"] == 1)
    assert moved["window"]["start_min"] == orjson.loads(placings[0])["start_min"]


def test_forged_placing_is_judged_like_any_other(site: Site, coordinator: Browser) -> None:
    page = form(coordinator.get(f"{CHOIR}/suggestions").text, "form-suggest")
    before = site.events()
    forged = orjson.dumps({"start_min": 30, "accept": ["pin"], "request": "r-phone"}).decode()
    for placing in (forged, "{", "[]", '{"start_min": "x"}'):
        answer = coordinator.send(f"{CHOIR}/suggestions", page, why="x", placing=placing)
        assert answer.status_code in (200, 409, 422)
    assert site.events() == before


def test_undo_and_redo_give_the_draft_back(coordinator: Browser) -> None:
    start = draft_of(coordinator)["sessions"]
    move(coordinator, why="first")
    moved = draft_of(coordinator)["sessions"]

    undone = send(coordinator, f"{WEEK_PATH}/list", "form-undo")
    after_undo = draft_of(coordinator)["sessions"]
    redone = send(coordinator, CHOIR, "form-redo")

    assert (undone.status_code, redone.status_code) == (303, 303)
    assert after_undo == start != moved
    assert draft_of(coordinator)["sessions"] == moved
    assert "Step taken back" in words(coordinator.get(CHOIR).text)


def test_undo_of_what_somebody_has_changed_since_is_refused_in_words(
    site: Site, coordinator: Browser
) -> None:
    move(coordinator, why="mine")
    page = coordinator.get(CHOIR).text
    other = site.person(("coordinator", area_id("town")))
    assert send(other, CHOIR, "form-drop", why="theirs").status_code == 303

    answer = coordinator.send(CHOIR, form(page, "form-undo"))

    assert answer.status_code == 409
    assert "<title>Error: " in answer.text


def test_why_not_is_explained_and_a_way_out_tried_in_a_branch(site: Site, coordinator: Browser) -> None:
    started = send(coordinator, f"{WEEK_PATH}/unserved", "form-ask", request="r-robot#1")
    card = started.headers["location"]
    running = coordinator.get(card)
    assert do_one(site.lyceum)
    explained = coordinator.get(card)
    before = draft_of(coordinator)

    tried = coordinator.send(f"{WEEK_PATH}/unserved/r-robot", form(explained.text, "form-try"), way="0")

    assert running.headers["refresh"]
    assert "refresh" not in explained.headers
    assert "Nobody leads robots." in words(explained.text)
    branch = tried.headers["location"].removesuffix("?saved=yes")
    compared = words(coordinator.get(f"{branch}?with=").text)
    assert "1 New" in compared
    assert draft_of(coordinator) == before
    adopted = send(coordinator, branch, "form-adopt")
    assert adopted.status_code == 303
    assert len(draft_of(coordinator)["sessions"]) == len(before["sessions"]) + 1


def test_language_is_switched_on_a_refused_form_and_what_was_typed_stays(
    site: Site, coordinator: Browser
) -> None:
    refused = send(coordinator, CHOIR, "form-drop", why="")
    before = site.events()
    answer = coordinator.send(CHOIR, form(refused.text, "form-drop"), why="kept", language="es")
    assert '<html lang="es">' in answer.text
    assert 'value="kept"' in answer.text
    assert site.events() == before


def test_form_from_elsewhere_is_refused(site: Site, coordinator: Browser) -> None:
    page = form(coordinator.get(CHOIR).text, "form-drop")
    other = site.person(("coordinator", area_id("town")))
    before = site.events()
    answer = other.send(CHOIR, page, why="forged")
    assert answer.status_code == 403
    assert site.events() == before


def test_coordinator_of_another_part_changes_nothing(site: Site, coordinator: Browser) -> None:
    other = site.person(("coordinator", area_id("hill")))
    page = other.get("/home").text
    before = site.events()
    for path, action in (
        (CHOIR, "drop"),
        (f"{CHOIR}/move", "move"),
        (f"{WEEK_PATH}/plan", "plan"),
        (f"{WEEK_PATH}/release", "release"),
        (f"{WEEK_PATH}/list", "undo"),
        (f"{WEEK_PATH}/branches", "start"),
        (f"{WEEK_PATH}/unserved", "ask"),
    ):
        answer = other.client.post(path, data={"csrf": values(page, "csrf")[0], "action": action, "why": "x"})
        assert answer.status_code == 403, path
    assert site.events() == before
