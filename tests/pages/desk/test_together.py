"""Two people at two screens, faults of the network, and what is seen of saving."""

from __future__ import annotations

import random
import time

import pytest
from playwright.sync_api import TimeoutError as TookTooLong

from tests.pages.desk.conftest import Desk, OpenDesk
from tests.pages.desk.desk_server import DeskState, Faults
from tests.pages.desk.invented_week import DAY_NAMES, clock, invented_week
from tests.pages.desk.test_grid import SCROLL
from tests.pages.desk.test_moving import a_week, first_movable, go_to, pick_up, place_with, point_of

pytestmark = pytest.mark.slow

COMMANDS = 60
SHOWN = """() => Object.fromEntries([...document.querySelectorAll('#desk .session')].map(block => [
    block.dataset.cell,
    [block.getAttribute('aria-label').replace(/, row .*/, ''), block.dataset.state ?? ''].join('|'),
]))"""


def test_a_change_of_somebody_else_is_shown_and_named(open_desk: OpenDesk) -> None:
    week = a_week()
    state = DeskState(week)
    ann, bo = open_desk(state), open_desk(state, who="bo")
    session = first_movable(week)
    place = place_with(week, session, "same")

    go_to(ann, session)
    pick_up(ann)
    ann.page.mouse.click(*point_of(ann, place))
    ann.hear("Saved")
    heard = bo.hear("ann has moved")
    go_to(bo, session)

    assert session.title in heard
    assert bo.page.locator("#desk .desk-notice.other").text_content() is not None
    assert week.rooms[place.room]["name"] in bo.label
    assert "ann has moved" not in ann.live


def test_only_the_same_session_is_a_conflict_and_it_says_who_and_where(open_desk: OpenDesk) -> None:
    week = a_week()
    state = DeskState(week)
    ann, bo = open_desk(state), open_desk(state, who="bo")
    session = first_movable(week)
    first = place_with(week, session, "same")
    go_to(ann, session)
    go_to(bo, session)
    pick_up(ann)
    bo_place = first
    pick_up(bo)
    bo.page.mouse.click(*point_of(bo, bo_place))
    bo.hear("Saved")
    moved = state.week.sessions[session.id]
    second = place_with(week, moved, "same")
    ann.page.mouse.click(*point_of(ann, second))
    ann.page.locator("#desk .desk-notice.refused").wait_for()
    refusal = ann.page.locator("#desk .desk-notice.refused").text_content() or ""

    assert "changed by bo" in refusal
    assert week.say(moved) in refusal
    assert state.week.sessions[session.id].place == bo_place
    assert [event["who"] for event in state.events] == ["bo"]


def test_a_lost_connection_is_seen_with_the_age_and_comes_back(open_desk: OpenDesk) -> None:
    state = DeskState(a_week())
    session = first_movable(state.week)
    place = place_with(state.week, session, "same")
    desk = open_desk(state)
    go_to(desk, session)
    pick_up(desk)
    x, y = point_of(desk, place)
    desk.page.mouse.move(x, y)

    state.faults.down = True
    desk.page.mouse.click(x, y)
    desk.page.locator("#desk .banner").wait_for(timeout=30_000)
    banner = desk.page.locator("#desk .banner").text_content() or ""
    saving = desk.page.locator("#desk .saving").text_content()
    shown = desk.block(session.id).get_attribute("aria-label") or ""
    state.faults.down = False
    desk.page.locator("#desk .banner").wait_for(state="hidden", timeout=30_000)
    desk.page.wait_for_function(
        "() => /^Saved/.test(document.querySelector('#desk .saving').textContent)", timeout=30_000
    )

    assert "seconds old" in banner
    assert saving == "No answer, trying again …"
    assert "being saved" in shown
    assert [event["kind"] for event in state.events] == ["moved"]
    assert state.week.sessions[session.id].place == place


def test_an_answer_that_was_lost_is_asked_for_with_the_same_key(open_desk: OpenDesk) -> None:
    state = DeskState(a_week())
    session = first_movable(state.week)
    place = place_with(state.week, session, "same")
    desk = open_desk(state)
    go_to(desk, session)
    pick_up(desk)
    x, y = point_of(desk, place)
    state.lose_answers = 5
    desk.page.mouse.click(x, y)
    desk.hear("Saved")

    assert len(state.received) == 6
    assert len(set(state.received)) == 1
    assert [event["kind"] for event in state.events] == ["moved"]


def test_chaos_leaves_both_screens_as_the_server_has_it(open_desk: OpenDesk) -> None:
    state = DeskState(invented_week(rooms=24, sessions=60))
    desks = [open_desk(state, who=who) for who in ("ann", "bo")]
    for desk in desks:
        desk.enter()
    state.faults = Faults(share=0.3, longest_s=2.0)
    rng = random.Random(7)

    for _ in range(COMMANDS):
        for desk in desks:
            _random_command(desk, rng)
    state.faults = Faults()
    for desk in desks:
        _finish(desk)

    saved_once = [(event["who"], event["key"]) for event in state.events]
    assert len(saved_once) == len(set(saved_once)), "a command was done twice"
    assert set(state.acknowledged) >= set(saved_once), "a command was done and never acknowledged"
    assert len(state.events) > COMMANDS // 2
    for desk in desks:
        assert _shown(desk) == _of_server(state)


def _random_command(desk: Desk, rng: random.Random) -> None:
    """By keys, as a hasty person gives them; a dialog is answered or cancelled."""
    page = desk.page
    page.wait_for_timeout(rng.randint(0, 300))
    if page.locator("#desk dialog").count():
        if page.locator("#desk dialog textarea").count() and rng.random() < 0.7:
            page.locator("#desk dialog textarea").fill("a good reason")
            page.locator("#desk dialog button.main").click()
        else:
            desk.press("Escape")
        return
    action = rng.random()
    if action < 0.15:
        desk.press("Control+z")
    elif action < 0.2:
        desk.press("Control+Shift+z")
    elif action < 0.3:
        desk.press("Enter")
    else:
        desk.press(
            *rng.choices(["ArrowDown", "ArrowUp", "ArrowRight", "ArrowRight", "End"], k=rng.randint(1, 6))
        )
        for _ in range(30):
            if page.evaluate("() => document.activeElement.classList.contains('session')"):
                break
            desk.press(*(("Home", "ArrowDown", "ArrowRight") if rng.random() < 0.8 else ("Control+Home",)))
        desk.press("m")
        try:
            page.wait_for_selector("#desk .grid.moving", timeout=6000)
        except TookTooLong:  # what a person does who does not want to wait any longer
            desk.press("Escape")
            return
        desk.press(*["n"] * rng.randint(1, 8), "Enter")


def _finish(desk: Desk) -> None:
    """Answer what is open, and wait until nothing is on its way."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        desk.press("Escape")
        for _ in range(3):
            if desk.page.locator("#desk dialog").count():
                desk.press("Escape")
        waiting = desk.page.evaluate("() => document.querySelector('#desk .saving').dataset.state")
        if waiting in {"saved", None} and not desk.page.locator("#desk dialog").count():
            break
        desk.page.wait_for_timeout(300)
    desk.page.wait_for_timeout(2500)


def _shown(desk: Desk) -> dict[str, str]:
    """All sessions on the screen, read row by row."""
    shown: dict[str, str] = {}
    height = desk.page.evaluate("() => document.querySelector('#desk .grid').scrollHeight")
    for top in range(0, height, 400):
        desk.page.evaluate(SCROLL, top)
        shown |= desk.page.evaluate(SHOWN)
    return shown


def _of_server(state: DeskState) -> dict[str, str]:
    """The same from the server's week."""
    answer = {}
    for session in state.week.sessions.values():
        start = session.place.start
        end = start + session.minutes
        room = state.week.rooms[session.place.room]["name"]
        answer[session.id] = (
            f"{session.title}, {DAY_NAMES[start // 1440]}, {clock(start)}–{clock(end)}, {room}|"
        )
    return answer
