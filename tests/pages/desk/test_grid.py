"""The grid: as many rows and nodes as are seen, labels that say everything, keys, filters, and what words there are."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace

import pytest

from tests.pages.chromium import do_without
from tests.pages.desk.conftest import NODE_MODULES, OpenDesk
from tests.pages.desk.desk_server import ASSETS, DeskState
from tests.pages.desk.invented_week import Week, invented_week
from tests.pages.desk.words import ENGLISH

ROW_PX = 46
AXIS_PX = 50
MOST_NODES = 1500

MOUNTED = "document.querySelectorAll('#desk .body > [role=row]').length"
pytestmark = pytest.mark.slow

SCROLL = """top => new Promise(done => {
    document.querySelector('#desk .grid').scrollTop = top;
    requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)));
})"""
NODES = "document.querySelectorAll('*').length"


def test_modules_keep_the_types_that_their_comments_declare() -> None:
    compiler = NODE_MODULES / ".bin" / "tsc"
    if not compiler.exists():
        do_without("there is no tsc (make scripts installs it)")

    done = subprocess.run(
        [compiler, "-p", "."], cwd=NODE_MODULES.parent, capture_output=True, text=True, check=False
    )

    assert done.stdout + done.stderr == ""


def test_every_word_of_the_modules_is_in_the_table_and_no_other() -> None:
    text = "\n".join(file.read_text() for file in sorted((ASSETS / "desk").glob("*.js")))
    quoted = set(re.findall(r'"([a-z_]+)"', text))
    composed = set(re.findall(r"`([a-z]+_)\$\{", text))
    suffixed = set(re.findall(r"\$\{direction\}(_[a-z]+)`", text))

    spoken = set(re.findall(r'say\("([a-z_]+)"', text))
    idle = {
        word
        for word in ENGLISH
        if word not in quoted
        and not any(word.startswith(prefix) for prefix in composed)
        and not any(word.endswith(suffix) for suffix in suffixed)
    }

    assert spoken - set(ENGLISH) == set()
    assert idle == set()


@pytest.mark.parametrize("view", ["", "#day=2", "#rows=people", "#zoom=0", "#busy=yes"])
def test_only_rows_that_are_seen_are_mounted(open_desk: OpenDesk, view: str) -> None:
    desk = open_desk(fragment=view)
    page = desk.page
    visible = page.evaluate(
        f"Math.ceil((document.querySelector('#desk .grid').clientHeight - {AXIS_PX}) / {ROW_PX})"
    )
    height = page.evaluate("document.querySelector('#desk .grid').scrollHeight")
    desk.first_session()
    focused = desk.label

    mounted, nodes = [], []
    for top in range(0, height, height // 12):
        page.evaluate(SCROLL, top)
        mounted.append(page.evaluate(MOUNTED))
        nodes.append(page.evaluate(NODES))

    assert max(mounted) <= visible + 8
    rows = int(page.get_attribute("#desk .grid", "aria-rowcount") or 0) - 1
    assert min(mounted) >= min(visible, rows)
    assert max(nodes) <= MOST_NODES
    assert desk.label == focused


def test_labels_say_what_when_where_and_which_row(open_desk: OpenDesk) -> None:
    desk = open_desk()

    id = desk.first_session()
    session = desk.state.week.sessions[id]
    room = desk.state.week.rooms[session.place.room]["name"]
    label = desk.label

    assert label.startswith(f"{session.title}, ")
    assert f", {room}, row " in label
    assert re.search(r"row \d+ of 247", label)
    assert re.search(r"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d:\d\d–\d\d:\d\d", label)


def test_labels_say_pins_and_warnings(open_desk: OpenDesk) -> None:
    desk = open_desk()
    week = desk.state.week
    pinned = next(session for session in week.sessions.values() if session.pin)
    warned = next(session for session in week.sessions.values() if sum(map(ord, session.id)) % 41 == 0)

    labels = []
    for session in (pinned, warned):
        desk.enter()
        desk.press("f")
        desk.page.keyboard.type(session.request)
        desk.page.locator("#desk dialog .match").first.wait_for()
        desk.press("Enter")
        desk.page.wait_for_function("id => document.activeElement.dataset.cell === id", arg=session.id)
        labels.append(desk.label)

    assert "pinned: needs the piano" in labels[0]
    assert "warning: a longer way for somebody of the team" in labels[1]


def test_tab_enters_the_grid_once_and_leaves_it(open_desk: OpenDesk) -> None:
    desk = open_desk()
    inside = "Boolean(document.activeElement.closest('#desk .grid'))"

    desk.page.locator("#desk button", has_text="Keys").focus()
    desk.press("Tab")
    entered = desk.page.evaluate(inside)
    desk.press("Tab")
    left = desk.page.evaluate(inside)
    desk.press("Shift+Tab")

    assert (entered, left) == (True, False)
    assert desk.page.evaluate(inside)


def test_arrows_go_along_the_row_and_from_row_to_row(open_desk: OpenDesk) -> None:
    desk = open_desk()
    desk.enter()

    desk.press("Control+Home")
    first = desk.label
    desk.press("ArrowDown", "ArrowDown")
    third = desk.label
    desk.press("End")
    last_block = desk.label
    desk.press("Home")
    back = desk.label
    desk.press("Control+End")
    last_row = desk.label

    assert "row 1 of 247" in first
    assert "row 3 of 247" in third
    assert "row 3 of 247" in last_block
    assert last_block != third
    assert back == third
    assert "row 247 of 247" in last_row


def test_filters_leave_the_rows_that_match(open_desk: OpenDesk) -> None:
    desk = open_desk(fragment="#text=choir&busy=yes")
    week = desk.state.week

    rows = int(desk.page.get_attribute("#desk .grid", "aria-rowcount") or 0) - 1

    assert rows == len({session.place.room for session in week.sessions.values() if session.title == "Choir"})


def test_a_street_leaves_its_venues(open_desk: OpenDesk) -> None:
    desk = open_desk()
    week = desk.state.week
    desk.page.locator("#desk summary").click()

    desk.page.locator("#desk-street").select_option("street-3")

    venues = {index for index, venue in enumerate(week.venues) if venue["street"] == "street-3"}
    rooms = [room for room in week.rooms if room["venue"] in venues]
    desk.hear(f"{len(rooms)} rooms")
    assert desk.page.get_attribute("#desk .grid", "aria-rowcount") == str(len(rooms) + 1)
    assert desk.page.locator("#desk-venue option").count() == len(venues) + 1


def test_volunteers_are_rows_of_their_sessions(open_desk: OpenDesk) -> None:
    desk = open_desk(fragment="#rows=people&busy=yes")

    id = desk.first_session()

    lead = desk.state.week.people[desk.state.week.sessions[id].leads[0]]["name"]
    header = "document.activeElement.closest('[role=row]').querySelector('[role=rowheader]').textContent"
    assert lead in desk.page.evaluate(header)


def test_a_week_without_rooms_says_what_to_do_first(open_desk: OpenDesk) -> None:
    desk = open_desk(DeskState(Week()))

    assert desk.page.locator("#desk .grid-box .desk-empty").text_content() == ENGLISH["no_rooms"]


def test_letters_can_be_switched_off(open_desk: OpenDesk) -> None:
    desk = open_desk()
    desk.first_session()
    desk.press("?")
    desk.page.locator("#desk-letters").uncheck()
    desk.press("Escape")

    desk.press("m")

    assert desk.page.locator("#desk .move-bar").is_hidden()


def test_hostile_names_are_text(open_desk: OpenDesk) -> None:
    week = invented_week(rooms=12, sessions=12)
    hostile = "</script><img src=x onerror=alert(1)>\u202e{n} \n" + "long " * 50
    week.rooms[0]["name"] = hostile
    week.people[0]["name"] = hostile
    for id, session in list(week.sessions.items()):
        week.sessions[id] = replace(session, title=hostile)
    desk = open_desk(DeskState(week))

    id = desk.first_session()
    desk.press("Enter")

    assert desk.page.locator("#desk img").count() == 0
    assert desk.page.locator("#desk dialog h2").text_content() == hostile
    assert desk.state.week.sessions[id].title == hostile


def test_nothing_scrolls_sideways_but_the_grid_on_a_small_screen(open_desk: OpenDesk) -> None:
    desk = open_desk(viewport={"width": 320, "height": 640})

    desk.first_session()
    desk.press("m")
    desk.page.locator("#desk .move-bar").wait_for()

    assert desk.page.evaluate("document.documentElement.scrollWidth") == 320
