"""Moving a session: by drag, by click and by keys, all on one path; refusals, reasons, people, undo."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.pages.desk.conftest import Desk, OpenDesk
from tests.pages.desk.desk_server import DeskState
from tests.pages.desk.invented_week import Place, Session, Week, invented_week

pytestmark = pytest.mark.slow

MOST_MUTATIONS = 6

COUNT = """() => {
    window.counted = 0;
    window.observer = new MutationObserver(records => { window.counted += records.length; });
    window.observer.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
}"""
SAVED_OR_ASKED = """() => document.getElementById('desk-live').textContent.includes('Saved')
    || document.querySelector('#desk dialog textarea')"""
TAKEN = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
    const counted = window.counted;
    window.counted = 0;
    done(counted);
})))"""


def a_week() -> Week:
    return invented_week(rooms=60, sessions=160)


def place_with(week: Week, session: Session, verdict: str, soft: bool = False) -> Place:
    """The first place in the first rooms that the server judges so."""
    for room in range(len(week.rooms)):
        for slot, judged in enumerate(week.verdicts(session, room)):
            place = Place(room, slot * 30)
            if judged == verdict and place != session.place and bool(week.soft(session, place)) == soft:
                return place
    raise LookupError(verdict)


def go_to(desk: Desk, session: Session) -> None:
    desk.enter()
    desk.press("f")
    desk.page.keyboard.type(session.request)
    desk.page.locator("#desk dialog .match").first.wait_for()
    desk.press("Enter")
    desk.page.wait_for_function("id => document.activeElement.dataset.cell === id", arg=session.id)


def pick_up(desk: Desk) -> None:
    desk.press("m")
    desk.page.wait_for_selector("#desk .grid.moving")


def point_of(desk: Desk, place: Place) -> tuple[float, float]:
    """Where on the screen a place begins, after it was scrolled to."""
    return tuple(desk.page.evaluate(
        """([row, start]) => {
            const grid = document.querySelector('#desk .grid');
            const canvas = grid.querySelector('.canvas');
            const px = name => parseFloat(canvas.style.getPropertyValue(name));
            const days = [...grid.querySelectorAll('.day')].map(day => parseFloat(day.style.left));
            const first = Number(grid.querySelector('.hour').textContent) * 60;
            const day = Math.floor(start / 1440);
            const x = days[day] + (start - day * 1440 - first) / 60 * px('--hour');
            grid.scrollLeft = x - 500;
            grid.scrollTop = row * 46 - 200;
            const box = grid.getBoundingClientRect();
            return [box.left + x - grid.scrollLeft + 3, box.top + 50 + row * 46 - grid.scrollTop + 20];
        }""",
        [place.room, place.start],
    ))  # fmt: skip


def steady(desk: Desk) -> None:
    desk.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def first_movable(week: Week) -> Session:
    return next(session for session in week.sessions.values() if not session.pin)


def for_others(week: Week) -> tuple[Session, Place]:
    """A session whose lead has another one too, and a place at that time, where other people could teach it."""
    leads = [session.leads for session in week.sessions.values()]
    for session in week.sessions.values():
        if leads.count(session.leads) > 1 and not session.pin:
            try:
                return session, place_with(week, session, "others")
            except LookupError:
                continue
    raise LookupError("others")


# ---- Keys


def test_keys_move_to_the_next_possible_place_by_what_is_heard_alone(open_desk: OpenDesk) -> None:
    desk = open_desk(DeskState(a_week()))
    id = desk.first_session()
    before = desk.state.week.sessions[id]

    desk.press("m")
    heard = [desk.hear(before.title, "picked up")]
    desk.page.wait_for_selector("#desk .grid.moving")
    for _ in range(60):
        desk.press("n")
        heard.append(desk.hear("possible with"))
        desk.page.wait_for_timeout(200)
        if "same people" in desk.live and "learners to tell" in desk.live and "prefers" not in desk.live:
            break
    desk.press("Enter")
    desk.hear("Saved")

    after = desk.state.week.sessions[id]
    assert after.place != before.place
    assert [event["kind"] for event in desk.state.events] == ["moved"]
    assert desk.page.evaluate("document.activeElement.dataset.cell") == id
    assert "moved by hand" in desk.label


def test_escape_returns_with_the_focus_where_it_was(open_desk: OpenDesk) -> None:
    desk = open_desk(DeskState(a_week()))
    id = desk.first_session()
    label = desk.label

    pick_up(desk)
    desk.press("ArrowDown", "ArrowDown", "Shift+ArrowRight", "Shift+ArrowDown", "ArrowLeft", "Escape")
    desk.hear("Cancelled")

    assert desk.label == label
    assert desk.page.evaluate("document.activeElement.dataset.cell") == id
    assert desk.state.events == []


def test_an_impossible_place_says_the_rule_and_drops_nothing(open_desk: OpenDesk) -> None:
    week = a_week()
    desk = open_desk(DeskState(week))
    session = first_movable(week)
    busy = place_with(week, session, "room_clash")

    go_to(desk, session)
    pick_up(desk)
    x, y = point_of(desk, busy)
    desk.page.mouse.move(x, y)
    steady(desk)
    note = desk.page.locator("#desk .ghost-note").text_content() or ""
    desk.page.mouse.click(x, y)
    desk.hear("Not possible here")

    assert "the room has another session then" in note
    assert desk.page.locator("#desk .move-bar").is_visible()
    assert desk.state.events == []


# ---- Pointer


def test_click_chooses_the_place_after_move(open_desk: OpenDesk) -> None:
    week = a_week()
    desk = open_desk(DeskState(week))
    session = first_movable(week)
    place = place_with(week, session, "same")

    go_to(desk, session)
    desk.press("Enter")
    desk.page.locator("#desk dialog button.main").click()
    desk.page.wait_for_selector("#desk .grid.moving")
    desk.page.mouse.click(*point_of(desk, place))
    desk.hear("Saved")

    assert desk.state.week.sessions[session.id].place == place


def test_a_finger_taps_the_place(open_desk: OpenDesk) -> None:
    week = a_week()
    desk = open_desk(DeskState(week), has_touch=True, viewport={"width": 768, "height": 1024})
    session = first_movable(week)
    place = place_with(week, session, "same")

    go_to(desk, session)
    desk.page.touchscreen.tap(*point_of(desk, session.place))
    desk.page.locator("#desk dialog button.main").tap()
    desk.page.wait_for_selector("#desk .grid.moving")
    desk.page.touchscreen.tap(*point_of(desk, place))
    desk.hear("Saved")

    assert desk.state.week.sessions[session.id].place == place


def test_a_finger_that_rests_drags(open_desk: OpenDesk) -> None:
    week = a_week()
    desk = open_desk(DeskState(week), has_touch=True, viewport={"width": 768, "height": 1024})
    session = first_movable(week)
    place = place_with(week, session, "same")
    go_to(desk, session)
    x, y = point_of(desk, session.place)
    touch = desk.page.context.new_cdp_session(desk.page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch_points = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touch_points})

    send("touchStart", (x, y))
    desk.page.wait_for_selector("#desk .grid.moving")
    for step in range(1, 6):
        send("touchMove", (x + 9 * step, y + 9 * step))
    target = point_of(desk, place)
    steady(desk)
    send("touchMove", target)
    steady(desk)
    send("touchMove", target)
    steady(desk)
    send("touchEnd")
    desk.hear("Saved")

    assert desk.state.week.sessions[session.id].place == place


def test_drag_goes_in_steps_and_changes_the_page_little(open_desk: OpenDesk) -> None:
    week = a_week()
    desk = open_desk(DeskState(week))
    session = first_movable(week)
    place = place_with(week, session, "same")
    go_to(desk, session)
    x, y = point_of(desk, session.place)

    desk.page.mouse.move(x, y)
    desk.page.mouse.down()
    desk.page.mouse.move(x + 10, y + 2)
    desk.page.wait_for_selector("#desk .grid.moving")
    desk.page.evaluate(COUNT)
    mutations = []
    for step in range(40):
        desk.page.mouse.move(x + 10 + step * 4, y + step * 3)
        mutations.append(desk.page.evaluate(TAKEN))
    target = point_of(desk, place)
    desk.page.mouse.move(*target)
    steady(desk)
    desk.page.mouse.move(*target)
    steady(desk)
    desk.page.mouse.up()
    desk.hear("Saved")

    assert max(mutations) <= MOST_MUTATIONS
    assert desk.state.week.sessions[session.id].place == place


def test_drag_forces_no_layout(open_desk: OpenDesk, browser: Browser) -> None:
    desk = open_desk()
    desk.first_session()
    box = desk.page.locator(":focus").bounding_box()
    assert box is not None
    x, y = box["x"] + 4, box["y"] + 10
    desk.page.mouse.move(x, y)
    desk.page.mouse.down()
    desk.page.mouse.move(x + 10, y + 2)
    desk.page.wait_for_selector("#desk .grid.moving")

    def forced(act: Any) -> int:
        session = desk.page.context.new_cdp_session(desk.page)
        events: list[dict[str, Any]] = []
        session.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
        ended: list[bool] = []
        session.on("Tracing.tracingComplete", lambda _: ended.append(True))
        categories = "devtools.timeline,disabled-by-default-devtools.timeline.stack"
        session.send("Tracing.start", {"categories": categories, "transferMode": "ReportEvents"})
        act()
        session.send("Tracing.end")
        while not ended:
            desk.page.wait_for_timeout(50)
        session.detach()
        return sum(
            event["name"] == "Layout" and bool(event.get("args", {}).get("beginData", {}).get("stackTrace"))
            for event in events
        )

    def drag() -> None:
        for step in range(60):
            desk.page.mouse.move(x + 10 + step * 12, min(890, y + step * 11))
        desk.page.wait_for_timeout(600)

    def force() -> None:
        desk.page.evaluate(
            "() => { document.body.style.paddingTop = '1px'; return document.body.offsetHeight; }"
        )

    control = forced(force)
    dragged = forced(drag)
    desk.press("Escape")
    desk.page.mouse.up()

    assert control > 0, "a forced layout is not seen in the trace"
    assert dragged == 0


def test_drag_scrolls_at_the_edge(open_desk: OpenDesk) -> None:
    desk = open_desk(fragment="#zoom=2")
    desk.first_session()
    box = desk.page.locator(":focus").bounding_box()
    grid = desk.page.locator("#desk .grid").bounding_box()
    assert box is not None
    assert grid is not None
    desk.page.mouse.move(box["x"] + 4, box["y"] + 10)
    desk.page.mouse.down()
    desk.page.mouse.move(box["x"] + 20, box["y"] + 20)
    desk.page.wait_for_selector("#desk .grid.moving")

    desk.page.mouse.move(grid["x"] + grid["width"] - 6, grid["y"] + grid["height"] - 120)
    desk.page.wait_for_function("() => document.querySelector('#desk .grid').scrollLeft > 400")
    desk.page.mouse.move(grid["x"] + 600, grid["y"] + grid["height"] - 100)
    desk.page.mouse.move(grid["x"] + 600, grid["y"] + grid["height"] + 40)
    desk.page.wait_for_function("() => document.querySelector('#desk .grid').scrollTop > 400")
    desk.press("Escape")
    desk.page.mouse.up()

    assert desk.state.events == []


def test_dropping_where_it_was_says_nothing_to_the_server(open_desk: OpenDesk) -> None:
    desk = open_desk(DeskState(a_week()))
    desk.first_session()

    pick_up(desk)
    desk.press("Enter")
    desk.hear("stays where it was")

    assert desk.state.events == []


# ---- People and reasons


def test_other_people_are_chosen_where_the_same_cannot(open_desk: OpenDesk) -> None:
    week = a_week()
    session, place = for_others(week)
    desk = open_desk(DeskState(week))

    go_to(desk, session)
    pick_up(desk)
    desk.page.mouse.click(*point_of(desk, place))
    desk.page.locator("#desk dialog .suggestions button").first.click()
    desk.hear("Saved")

    after = desk.state.week.sessions[session.id]
    assert (after.place.start, week.rooms[after.place.room]["venue"]) == (
        place.start,
        week.rooms[place.room]["venue"],
    )
    assert after.leads != session.leads


def test_a_soft_rule_asks_for_a_reason_and_offers_the_last(open_desk: OpenDesk) -> None:
    week = a_week()
    session = first_movable(week)
    first = place_with(week, session, "same", soft=True)
    desk = open_desk(DeskState(week))
    go_to(desk, session)

    pick_up(desk)
    desk.page.mouse.click(*point_of(desk, first))
    dialog = desk.page.locator("#desk dialog")
    dialog.wait_for()
    sentence = dialog.locator(".rules").text_content() or ""
    dialog.locator("button.main").click()
    missing = dialog.locator(".field-error").text_content()
    dialog.locator("textarea").fill("the hall is being painted")
    dialog.locator("button.main").click()
    desk.hear("Saved")
    desk.press("Control+z")
    desk.hear("Taken back")
    desk.page.wait_for_function("id => document.activeElement.dataset.cell === id", arg=session.id)
    pick_up(desk)
    desk.page.mouse.click(*point_of(desk, first))
    desk.page.locator("#desk dialog button", has_text="Use the last reason").click()
    desk.page.locator("#desk dialog button.main").click()
    desk.hear("Saved")

    assert "leaves the days that its community prefers" in sentence
    assert missing == "Write a reason."
    assert [event["kind"] for event in desk.state.events] == ["moved", "undo", "moved"]
    assert desk.state.week.sessions[session.id].place == first


def test_without_a_reason_it_goes_back(open_desk: OpenDesk) -> None:
    week = a_week()
    session = first_movable(week)
    place = place_with(week, session, "same", soft=True)
    desk = open_desk(DeskState(week))
    go_to(desk, session)

    pick_up(desk)
    desk.page.mouse.click(*point_of(desk, place))
    desk.page.locator("#desk dialog").wait_for()
    desk.press("Escape")
    desk.hear("is back where it was")

    assert desk.state.week.sessions[session.id].place == session.place
    assert desk.page.locator("#desk .desk-notice.refused").count() == 1
    desk.page.wait_for_function("id => document.activeElement.dataset.cell === id", arg=session.id)


# ---- Pins, taking out, undo


def test_pin_lift_and_take_out_are_taken_back_one_by_one(open_desk: OpenDesk) -> None:
    week = a_week()
    session = first_movable(week)
    before = dict(week.sessions)
    desk = open_desk(DeskState(week))
    go_to(desk, session)

    def act(button: str, text: str | None) -> None:
        desk.press("Enter")
        desk.page.locator("#desk dialog button", has_text=button).click()
        if text is not None:
            desk.page.locator("#desk dialog textarea").fill(text)
            desk.page.locator("#desk dialog button.main").click()
        desk.hear("Saved")
        desk.settled()

    act("Pin", "needs the piano")
    act("Lift the pin", None)
    act("Take out", "the community called it off")
    taken_out = session.id not in desk.state.week.sessions
    for done in ("taking out", "lifting", "pinning"):
        desk.enter()
        desk.press("Control+z")
        desk.hear("Taken back", done)
        desk.settled()
    undone = dict(desk.state.week.sessions)
    desk.press("Control+Shift+z")
    desk.hear("Done again", "pinning")

    assert taken_out
    assert undone == before
    assert desk.state.week.sessions[session.id].pin == "needs the piano"


def test_undo_survives_a_reload(open_desk: OpenDesk) -> None:
    week = a_week()
    session = first_movable(week)
    desk = open_desk(DeskState(week))
    go_to(desk, session)
    pick_up(desk)
    desk.page.mouse.click(*point_of(desk, place_with(week, session, "same")))
    desk.hear("Saved")

    desk.page.reload()
    button = desk.page.locator("#desk button", has_text="Undo")
    title = button.get_attribute("title")
    button.click()
    desk.hear("Taken back")

    assert title == f"Take back: moving {session.title}"
    assert desk.state.week.sessions[session.id].place == session.place


# ---- Tray and suggestions


def test_tray_tells_why_and_places_a_request(open_desk: OpenDesk) -> None:
    week = a_week()
    desk = open_desk(DeskState(week))
    weights = sorted((request["weight"] for request in week.unserved), reverse=True)
    heaviest = next(request for request in week.unserved if request["weight"] == weights[0])

    desk.enter()
    desk.press("t")
    first = desk.page.locator("#desk .tray-item").first
    first.wait_for()
    focused = desk.page.evaluate("document.activeElement.textContent")
    desk.press("Enter")
    desk.page.locator("#desk dialog", has_text="These are in the way").wait_for()
    why = desk.page.locator("#desk dialog .rules").text_content() or ""
    way = desk.page.locator("#desk dialog .suggestions a").get_attribute("href")
    desk.page.locator("#desk dialog button", has_text="Place").first.click()
    desk.page.wait_for_selector("#desk .grid.moving")
    desk.press("n")
    desk.hear("possible with other people")
    desk.press("Enter")
    desk.page.locator("#desk dialog .suggestions button").first.click()
    desk.page.wait_for_function(SAVED_OR_ASKED)

    assert heaviest["title"] in focused
    assert "Those who lead it have other sessions" in why
    assert way == f"/branches/new?request={heaviest['request']}&way=0"


def test_a_suggestion_is_taken(open_desk: OpenDesk) -> None:
    week = a_week()
    session = first_movable(week)
    desk = open_desk(DeskState(week))
    go_to(desk, session)

    desk.press("s")
    item = desk.page.locator("#desk dialog .suggestions li").first
    item.wait_for()
    sentence = item.locator(".sentence").text_content() or ""
    item.locator("button").click()
    desk.page.wait_for_function(SAVED_OR_ASKED)
    if desk.page.locator("#desk dialog textarea").count():
        desk.page.locator("#desk dialog textarea").fill("it suits everybody")
        desk.page.locator("#desk dialog button.main").click()
        desk.hear("Saved")

    after = desk.state.week.sessions[session.id]
    assert after.place != session.place
    assert sentence.startswith(week.say(after))
