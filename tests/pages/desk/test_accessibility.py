"""axe-core finds nothing on the desk, in whatever state it is (WCAG 2.2 AA and best practices)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.chromium import do_without
from tests.pages.desk.conftest import NODE_MODULES, Desk, OpenDesk
from tests.pages.desk.desk_server import DeskState
from tests.pages.desk.invented_week import Week, invented_week
from tests.pages.desk.test_moving import first_movable, go_to, pick_up, place_with, point_of

pytestmark = pytest.mark.slow

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = NODE_MODULES / "axe-core" / "axe.min.js"
RUN = "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})"


def plain(desk: Desk) -> None:
    desk.page.locator("#desk summary").click()


def moving(desk: Desk) -> None:
    desk.first_session()
    pick_up(desk)
    desk.press("n")


def moving_where_it_is_impossible(desk: Desk) -> None:
    session = first_movable(desk.state.week)
    go_to(desk, session)
    pick_up(desk)
    desk.page.mouse.move(*point_of(desk, place_with(desk.state.week, session, "room_clash")))
    desk.page.wait_for_selector("#desk[data-move=not]")


def card(desk: Desk) -> None:
    desk.first_session()
    desk.press("Enter")


def card_of_a_room(desk: Desk) -> None:
    desk.enter()
    desk.press("Control+Home", "Enter")


def reason(desk: Desk) -> None:
    session = first_movable(desk.state.week)
    go_to(desk, session)
    pick_up(desk)
    desk.page.mouse.click(*point_of(desk, place_with(desk.state.week, session, "same", soft=True)))
    desk.page.locator("#desk dialog button.main").click()


def suggestions(desk: Desk) -> None:
    desk.first_session()
    desk.press("s")
    desk.page.locator("#desk .suggestions li").first.wait_for()


def tray(desk: Desk) -> None:
    desk.enter()
    desk.press("t")


def why_not(desk: Desk) -> None:
    tray(desk)
    desk.press("Enter")
    desk.page.locator("#desk dialog .rules").wait_for()


def find(desk: Desk) -> None:
    desk.enter()
    desk.press("f")
    desk.page.keyboard.type("choir")


def keys(desk: Desk) -> None:
    desk.enter()
    desk.press("?")


def messages(desk: Desk) -> None:
    reason(desk)
    desk.press("Escape")
    desk.page.locator("#desk .desk-notice.refused").wait_for()
    desk.state.faults.down = True
    desk.page.locator("#desk .banner").wait_for()


STATES = [
    plain,
    moving,
    moving_where_it_is_impossible,
    card,
    card_of_a_room,
    reason,
    suggestions,
    tray,
    why_not,
    find,
    keys,
    messages,
]


def violations(desk: Desk) -> list[Any]:
    if not AXE.exists():
        do_without("there is no axe-core (make scripts installs it)")
    desk.page.evaluate(AXE.read_text())
    answer = desk.page.evaluate(RUN, TAGS)
    return [
        (violation["id"], node["target"], node["failureSummary"])
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_desk: OpenDesk, state: Callable[[Desk], None], scheme: str) -> None:
    desk = open_desk(DeskState(invented_week(rooms=60, sessions=160)), color_scheme=scheme)

    state(desk)

    assert violations(desk) == []


@pytest.mark.parametrize(
    "options",
    [{"fragment": "#rows=people"}, {"fragment": "#day=2"}, {"viewport": {"width": 320, "height": 640}}],
)
def test_axe_finds_nothing_in_other_views(open_desk: OpenDesk, options: dict[str, Any]) -> None:
    desk = open_desk(DeskState(invented_week(rooms=60, sessions=160)), **options)

    moving(desk)

    assert violations(desk) == []


@pytest.mark.parametrize(
    "week", [Week(), invented_week(rooms=12, sessions=0)], ids=["no rooms", "no sessions"]
)
def test_axe_finds_nothing_on_an_empty_desk(open_desk: OpenDesk, week: Week) -> None:
    desk = open_desk(DeskState(week))

    assert violations(desk) == []
