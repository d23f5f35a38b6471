"""The desk on the running site: by keys, by clicks, without JavaScript, two people at once, faults of the network."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pages.chromium import launched_browser  # before Playwright, which may be missing

from playwright.sync_api import Browser, BrowserContext, Route  # isort: skip
from playwright.sync_api import TimeoutError as TookTooLong  # isort: skip

from domain.network import area_id
from tests.adapters.town import town
from tests.pages.conftest import Site
from tests.pages.desk.desk_screen import DeskScreen
from tests.pages.real_site import RealSite, plan_and_release, running_site
from tests.pages.week_site import WEEK_PATH

pytestmark = pytest.mark.slow

CHOIR, BRUSH = "Course r-choir", "Course r-brush"
DESK = f"{WEEK_PATH}/desk"
DRAFT = f"/v1{WEEK_PATH}/draft"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town with a planned and released week, in a file that each test copies."""
    path = tmp_path_factory.mktemp("released") / "lyceum.db"
    with town(f"sqlite:///{path}") as lyceum, ExitStack() as stack:
        plan_and_release(Site(lyceum, stack))
    return path


@pytest.fixture
def running(released: Path, tmp_path: Path) -> Iterator[RealSite]:
    path = tmp_path / "lyceum.db"
    shutil.copy(released, path)
    with running_site(path) as site:
        yield site


@dataclass(kw_only=True)
class Coordinator(DeskScreen):
    """Somebody's page with the desk."""

    url: str

    def open(self, path: str = DESK) -> None:
        self.page.goto(f"{self.url}{path}")
        if path == DESK:
            self.page.wait_for_selector("#desk .grid")

    def tab_to(self, *words: str, key: str = "Tab") -> str:
        """Press Tab until the label of what has the focus, up to its first comma, is one of these."""
        for _ in range(120):
            self.press(key)
            if self.label.split(",")[0] in words:
                return self.label
        raise LookupError(f"Tab does not reach {words}")

    def draft(self) -> Any:
        """What the server says of the draft, but for versions."""
        draft = self.page.request.get(f"{self.url}{DRAFT}").json()
        return {name: value for name, value in draft.items() if name not in {"version", "at"}}

    def placed(self, title: str) -> tuple[str, str, int]:
        """Where the server has the first session of a title."""
        desk = self.desk()
        session = next(session for session in desk["sessions"] if session["title"] == title)
        return place_in(desk, session)

    def desk(self) -> Any:
        return self.page.request.get(f"{self.url}/v1{DESK}").json()

    def find(self, title: str) -> None:
        """Go to a session by keys."""
        self.press("f")
        assert self.label == "Find a session"
        self.page.keyboard.type(title)
        self.press("Enter")
        self.heed(lambda: self.label.startswith(title))

    def heed(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        for _ in range(200):
            if holds():
                return
            self.page.wait_for_timeout(50)
        raise TookTooLong(f"it did not come to hold: {self.label!r}, {self.live!r}")


def place_in(desk: Any, session: Any) -> tuple[str, str, int]:
    room = desk["rooms"][session["room"]]
    return desk["venues"][room["venue"]]["key"], room["key"], session["start"]


SignIn = Callable[..., Coordinator]


@pytest.fixture
def sign_in(running: RealSite, browser: Browser) -> Iterator[SignIn]:
    """Sign a coordinator of the town in, and open the desk."""
    people: list[Coordinator] = []
    contexts: list[BrowserContext] = []

    def open_page(key: str, path: str = DESK, **options: Any) -> Coordinator:
        context = running.person(browser, key, ("coordinator", area_id("town")), **options)
        contexts.append(context)
        somebody = Coordinator(page=context.new_page(), url=running.url)
        people.append(somebody)
        somebody.watch(running.url)
        somebody.open(path)
        return somebody

    yield open_page
    for context in contexts:
        context.close()
    for somebody in people:
        somebody.check()


# ---- By keys, by clicks, without JavaScript


WHY = "the hall is being painted"


def by_keys_to_a_place(desk: Coordinator) -> str:
    """Go to the next place of the same people, and wait for all that is said of it: the exact sentences come last."""
    for _ in range(20):
        desk.press("n")
        said = desk.hear("possible with")
        if "same people" in said:
            break
    return desk.hear("asks for a reason", "learners to tell")


def give_reason(desk: Coordinator) -> None:
    """In the dialog that opens by itself, by keys."""
    desk.heed(lambda: desk.label == "Reason")
    desk.page.keyboard.type(WHY)
    desk.tab_to("Move with this reason")
    desk.press("Enter")


def test_by_keys_alone(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    before, place = ann.draft(), ann.placed(CHOIR)

    ann.tab_to("School", "Hall", "East", "West", "Reading")
    ann.find(CHOIR)
    ann.press("Enter")
    assert ann.label == "Move"
    ann.press("Enter")
    ann.hear(CHOIR, "picked up")
    said = by_keys_to_a_place(ann)
    ann.press("Enter")
    give_reason(ann)
    ann.hear("Saved", CHOIR)
    ann.heed(lambda: "moved by hand" in ann.label)
    moved = ann.placed(CHOIR)
    after = ann.draft()
    ann.press("Control+z")
    ann.hear("Taken back: moving")
    ann.heed(lambda: "moved by hand" not in ann.label)
    undone = ann.draft()
    ann.press("Control+Shift+Z")
    ann.hear("Done again: moving")
    ann.heed(lambda: "moved by hand" in ann.label)
    redone = ann.draft()
    ann.press("Enter")
    ann.tab_to("Pin")
    ann.press("Enter")
    assert ann.label == "Why it has to stay"
    ann.page.keyboard.type("the choir has invited its families")
    ann.tab_to("Pin")
    ann.press("Enter")
    ann.hear("Saved", "is pinned")
    ann.heed(lambda: "pinned: the choir has invited its families" in ann.label)
    ann.tab_to("Release", key="Shift+Tab")
    ann.press("Enter")
    ann.page.wait_for_url("**/release")
    ann.tab_to("Name")
    ann.page.keyboard.type("Second timetable")
    ann.tab_to("Release")
    ann.press("Enter")
    ann.page.wait_for_url("**/releases/2**")

    assert "To call: wang" in said or "To call: zhao" in said
    assert moved != place
    assert undone == before
    assert redone == after
    released = ann.page.request.get(f"{ann.url}/v1{WEEK_PATH}/releases/2").json()
    assert any(session["window"]["start_min"] == moved[2] for session in released["sessions"])


def test_by_clicks_alone(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    page, before = ann.page, ann.draft()

    page.locator("#desk .session", has_text=CHOIR).first.click()
    page.locator("#desk dialog button", has_text="Move").click()
    page.wait_for_selector("#desk .grid.moving")
    page.get_by_role("button", name="Next possible place").click()
    ann.hear("same people")
    page.locator("#desk .move-bar button", has_text="Drop here").click()
    page.locator("#desk dialog textarea").fill(WHY)
    page.locator("#desk dialog button.main").click()
    ann.hear("Saved", CHOIR)
    after = ann.draft()
    page.locator("#desk .desk-top button", has_text="Undo").click()
    ann.hear("Taken back: moving")
    undone = ann.draft()
    page.locator("#desk .desk-top button", has_text="Redo").click()
    ann.hear("Done again: moving")
    redone = ann.draft()
    page.locator("#desk .session", has_text=CHOIR).first.click()
    page.locator("#desk dialog button", has_text="Pin").click()
    page.locator("#desk dialog textarea").fill("families are invited")
    page.locator("#desk dialog button.main").click()
    ann.hear("is pinned")
    page.get_by_role("link", name="Release", exact=True).click()
    page.locator("#form-release input[name=name]").fill("Second timetable")
    page.locator("#form-release button").click()
    page.wait_for_url("**/releases/2**")

    assert before == undone
    assert after == redone != before


def test_list_without_javascript(sign_in: SignIn) -> None:
    ann = sign_in("ann", f"{WEEK_PATH}/list", java_script_enabled=False)
    page, before, place = ann.page, ann.draft(), ann.placed(CHOIR)

    page.locator("table a", has_text=CHOIR).click()
    page.locator("main a", has_text="Move to another place").click()
    page.locator("form.stack button", has_text="See what that takes").click()
    page.locator("#form-move input[name=why]").fill(WHY)
    for box in page.locator("#form-move input[type=checkbox]").all():
        box.check()
    page.locator("#form-move button").click()
    moved, after = ann.placed(CHOIR), ann.draft()
    page.locator("#form-undo button").click()
    undone = ann.draft()
    page.locator("#form-redo button").click()
    redone = ann.draft()
    page.get_by_role("link", name="Release", exact=True).click()
    page.locator("#form-release input[name=name]").fill("Second timetable")
    page.locator("#form-release button").click()
    page.wait_for_url("**/releases/2**")

    assert moved != place
    assert undone == before
    assert redone == after


# ---- Two people


def pick_up_by_keys(desk: Coordinator, title: str) -> None:
    desk.enter()
    desk.find(title)
    desk.press("m")
    desk.hear(title, "picked up")
    desk.page.wait_for_selector("#desk .grid.moving")


def move_by_keys(desk: Coordinator, title: str) -> None:
    """To the next possible place, with a reason."""
    pick_up_by_keys(desk, title)
    by_keys_to_a_place(desk)
    desk.press("Enter")
    give_reason(desk)


def test_a_change_of_the_other_is_shown_and_named(sign_in: SignIn) -> None:
    ann, bo = sign_in("ann"), sign_in("bo")

    move_by_keys(ann, CHOIR)
    ann.hear("Saved", CHOIR)
    moved = bo.hear("ann has moved", CHOIR)
    ann.press("Control+z")
    bo.hear("ann has moved", CHOIR, "Monday")

    venue, room, start = ann.placed(CHOIR)
    assert room.title() in moved
    assert "has moved" not in ann.live
    assert bo.block("r-choir#1").get_attribute("aria-label").startswith(f"{CHOIR}, Monday")
    assert start // 1440 == 0, (venue, room)


def test_who_moves_the_same_session_second_is_told(sign_in: SignIn) -> None:
    ann, bo = sign_in("ann"), sign_in("bo")
    pick_up_by_keys(ann, CHOIR)
    by_keys_to_a_place(ann)
    ann.press("n")
    held = ann.page
    held.route("**/desk", lambda route: route.abort())  # so that nothing is seen of what the other does

    move_by_keys(bo, CHOIR)
    bo.hear("Saved", CHOIR)
    there = bo.placed(CHOIR)
    ann.press("Enter")
    refusal = ann.page.locator("#desk .desk-notice.refused .notice-text")
    refusal.wait_for()
    told = refusal.text_content() or ""
    held.unroute("**/desk")

    assert "moved by bo" in told
    assert f"{there[0]}/{there[1]}" in told
    assert ann.placed(CHOIR) == there
    bo_label = bo.block("r-choir#1").get_attribute("aria-label")
    ann.heed(lambda: ann.block("r-choir#1").get_attribute("aria-label") == bo_label)


# ---- Undo and redo


def move_somewhere(desk: Coordinator, title: str) -> None:
    """To the next place of the same people; a reason is given where one is asked for."""
    version = desk.desk()["version"]
    pick_up_by_keys(desk, title)
    for _ in range(20):
        desk.press("n")
        if "same people" in desk.hear("possible with"):
            break
    desk.press("Enter")
    desk.heed(lambda: desk.label == "Reason" or desk.desk()["version"] > version)
    if desk.label == "Reason":
        give_reason(desk)
    desk.heed(lambda: desk.desk()["version"] > version)


def turn(desk: Coordinator, key: str) -> None:
    """Undo or redo, and wait until it is done."""
    version = desk.desk()["version"]
    desk.press(key)
    desk.heed(lambda: desk.desk()["version"] > version)


def test_mixed_steps_of_undo_and_redo_give_the_draft_back(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    drafts = [ann.draft()]
    for title in (CHOIR, BRUSH, CHOIR, BRUSH, CHOIR):
        move_somewhere(ann, title)
        drafts.append(ann.draft())
    depth, rng = len(drafts) - 1, random.Random(3)

    for _ in range(20):
        back = depth == len(drafts) - 1 or (depth > 0 and rng.random() < 0.5)
        depth += -1 if back else 1
        turn(ann, "Control+z" if back else "Control+Shift+Z")
        assert ann.draft() == drafts[depth]
    for _ in range(depth):
        turn(ann, "Control+z")

    assert ann.draft() == drafts[0]


# ---- What is drawn


def test_places_drawn_are_those_that_a_try_allows(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    rng = random.Random(5)
    pick_up_by_keys(ann, CHOIR)
    ann.page.wait_for_selector("#desk .shade .same")
    desk, token = (
        ann.desk(),
        ann.page.evaluate("JSON.parse(document.getElementById('desk-data').textContent).csrf"),
    )
    cells = [
        (room, day, minute) for room in desk["rooms"] for day in range(7) for minute in range(540, 1260, 30)
    ]
    drawn_same = 0
    for room, day, minute in rng.sample(cells, 60):
        key, venue = room["key"], desk["venues"][room["venue"]]["key"]
        start = day * 1440 + minute
        body = {"request": "r-choir", "session": 1, "venue": venue, "room": key, "start_min": start}
        tried = ann.page.request.post(
            f"{ann.url}/v1{WEEK_PATH}/moves/try", data=body, headers={"X-CSRF-Token": token}
        ).json()
        drawn = ann.page.evaluate(DRAWN, [desk["rooms"].index(room), start])
        drawn_same += drawn
        assert drawn == (not tried["broken"]), (key, start, tried)

    assert drawn_same > 0


# ---- Faults of the network

COMMANDS = 15
SHOWN = """() => Object.fromEntries([...document.querySelectorAll('#desk .session')].map(block => [
    block.dataset.cell,
    [block.getAttribute('aria-label').replace(/, row .*/, ''), block.dataset.state ?? ''].join('|'),
]))"""
DRAWN = """([row, start]) => {
    const grid = document.querySelector('#desk .grid');
    const days = [...grid.querySelectorAll('.day')].map(day => parseFloat(day.style.left));
    const first = Number(grid.querySelector('.hour').textContent) * 60;
    const hour = parseFloat(grid.querySelector('.canvas').style.getPropertyValue('--hour'));
    const day = Math.floor(start / 1440);
    const x = days[day] + (start - day * 1440 - first) / 60 * hour + 2;
    const path = grid.querySelectorAll('.body > [role=row]')[row].querySelector('.shade path.same');
    return path !== null && path.isPointInFill(new DOMPoint(x, 20));
}"""


def test_chaos_leaves_both_screens_as_the_server_has_it(sign_in: SignIn, running: RealSite) -> None:
    before = running.lyceum.store.position()
    desks = [sign_in(who) for who in ("ann", "bo")]
    rng = random.Random(7)
    acknowledged: list[str] = []
    faults = {"share": 0.3}

    def unreliable(route: Route) -> None:
        """Lost on the way there, or on the way back."""
        if rng.random() >= faults["share"]:
            answer = route.fetch()
            if is_command(route) and answer.ok:
                acknowledged.append(route.request.headers["idempotency-key"])
            route.fulfill(response=answer)
            return
        if rng.random() < 0.5:
            route.fetch()
        route.abort()

    for desk in desks:
        desk.enter()
        desk.page.route("**/v1/**", unreliable)
    for _ in range(COMMANDS):
        for desk in desks:
            random_command(desk, rng)
    faults["share"] = 0.0
    for desk in desks:
        finish(desk)

    by_hand = [
        record.event
        for record in running.lyceum.store.history(before)
        if type(record.event).__name__ in BY_HAND
    ]
    assert len(set(acknowledged)) == len(acknowledged) == len(by_hand), "lost, or done twice"
    assert len(by_hand) > COMMANDS // 2
    assert {event.by for event in by_hand} == {"ann", "bo"}
    for desk in desks:
        assert desk.page.evaluate(SHOWN) == shown_by_server(desk)


BY_HAND = {"SessionMoved", "SessionPinned", "SessionUnpinned", "SessionDropped", "StepUndone", "StepRedone"}


def is_command(route: Route) -> bool:
    return route.request.method == "POST" and "idempotency-key" in route.request.headers


def random_command(desk: Coordinator, rng: random.Random) -> None:
    """By keys, as a hasty person gives them; a dialog is answered or cancelled."""
    page = desk.page
    page.wait_for_timeout(rng.randint(0, 300))
    if page.locator("#desk dialog").count():
        if page.locator("#desk dialog textarea").count() and rng.random() < 0.8:
            page.locator("#desk dialog textarea").fill(WHY)
            page.locator("#desk dialog button.main").click()
        else:
            desk.press("Escape")
        return
    desk.enter()
    if rng.random() < 0.25:
        desk.press(rng.choice(["Control+z", "Control+Shift+Z"]))
        return
    desk.press("f")
    page.keyboard.type(rng.choice([CHOIR, BRUSH, "Course r-phone"]))
    desk.press("Enter", "m")
    try:
        page.wait_for_selector("#desk .grid.moving", timeout=6000)
    except TookTooLong:  # what a person does who does not want to wait any longer
        desk.press("Escape", "Escape")
        return
    desk.press(*["n"] * rng.randint(1, 8), "Enter")
    page.wait_for_timeout(400)


def finish(desk: Coordinator) -> None:
    """Answer what is open, and wait until nothing is on its way."""
    for _ in range(120):
        desk.press("Escape")
        state = desk.page.evaluate("() => document.querySelector('#desk .saving').dataset.state")
        if state in {"saved", None} and not desk.page.locator("#desk dialog").count():
            break
        desk.page.wait_for_timeout(300)
    desk.page.wait_for_timeout(2500)


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def shown_by_server(desk: Coordinator) -> dict[str, str]:
    """What a screen ought to show, from the server's answer."""
    document, shown = desk.desk(), {}
    for session in document["sessions"]:
        start, end = (divmod(session[name] % 1440, 60) for name in ("start", "end"))
        times = f"{start[0]:02}:{start[1]:02}–{end[0]:02}:{end[1]:02}"
        day, room = DAYS[session["start"] // 1440], document["rooms"][session["room"]]["name"]
        shown[f"{session['request']}#{session['session']}"] = f"{session['title']}, {day}, {times}, {room}|"
    return shown
