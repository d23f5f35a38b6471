"""The week to paint, in a browser: mouse, taps and keys paint the same, and rows, words and saved hours say it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from gettext import NullTranslations
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route

from adapters.application.application import Lyceum
from adapters.services.bootstrap_admin import make_link
from adapters.store.streams import ACCOUNTS, VENUES
from api.http.settings import Settings, SignInSettings
from api.pages.application import create_site
from api.pages.host.hours_form import form_from, hours_from
from api.pages.host.hours_rows import rules_of_rows, spans_by_day, week_rows
from api.pages.host.hours_words import hours_in_words, rows_in_words
from api.pages.languages import Language
from domain.account import RoleGrant, account_id
from domain.opening import open_windows
from domain.venue import own_hours, venue_id
from domain.windows import DAY_MIN, Window, normal
from tests.adapters.town import WEEK, town
from tests.api.http.conftest import an_account
from tests.pages.chromium import do_without
from tests.pages.desk.conftest import NODE_MODULES, browser  # noqa: F401

pytestmark = pytest.mark.slow

ENGLISH = Language("en", NullTranslations())
AXE = NODE_MODULES / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})"


@contextmanager
def running(lyceum: Lyceum) -> Iterator[tuple[str, str]]:
    """The site on a port of its own: its address, and a link for the host of the school and the library."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = Settings(public_url=url, sign_in=SignInSettings(secret="x" * 32))
    app = create_site(settings, lyceum=lyceum, clock=lyceum.clock)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    an_account(
        lyceum, "p-host", RoleGrant("host", venue_id("school")), RoleGrant("host", venue_id("library"))
    )
    account = lyceum.must_load(ACCOUNTS, account_id("p-host"))
    try:
        yield url, f"{url}/sign-in/open?link={make_link(lyceum, account)}"
    finally:
        server.should_exit = True
        thread.join(10)


@dataclass
class Screen:
    """A page in a browser, and what its console said."""

    page: Page
    url: str
    lyceum: Lyceum
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        answer = self.page.goto(self.url + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {self.page.inner_text('main')}"

    def cell(self, day: int, minute: int) -> Any:
        return self.page.locator(f'[data-section=usual] [data-cell="{day} {minute}"]')

    def fields(self) -> dict[str, str]:
        """What the form would send, as the server reads it."""
        pairs = self.page.evaluate("[...new FormData(document.getElementById('form')).entries()]")
        fields: dict[str, str] = {}
        for name, text in pairs:
            fields[name] = f"{fields[name]}\n{text}" if name in fields else text
        return fields

    @property
    def words(self) -> list[str]:
        return list(self.page.locator("#in-words p").all_inner_texts())


@pytest.fixture(scope="module")
def site_address() -> Iterator[tuple[str, str, Lyceum]]:
    with town("memory:") as lyceum, running(lyceum) as (url, link):
        yield url, link, lyceum


@pytest.fixture(scope="module")
def state(browser: Chromium, site_address: tuple[str, str, Lyceum], tmp_path_factory: Any) -> Path:  # noqa: F811
    """The cookies of somebody who is signed in."""
    _, link, _ = site_address
    file: Path = tmp_path_factory.mktemp("host") / "state.json"
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.locator("main button").click()
    page.wait_for_url("**/host")
    context.storage_state(path=file)
    context.close()
    return file


@pytest.fixture
def open_screen(browser: Chromium, site_address: tuple[str, str, Lyceum], state: Path) -> Iterator[Any]:  # noqa: F811
    url, _, lyceum = site_address
    screens: list[Screen] = []

    def opened(path: str, **options: Any) -> Screen:
        context = browser.new_context(
            storage_state=state, **{"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options}
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        screen = Screen(page, url, lyceum)
        screens.append(screen)
        page.on("console", lambda message: screen.complaints.append(message.text))
        page.on("pageerror", lambda error: screen.complaints.append(str(error)))

        def only_here(route: Route) -> None:
            if urlsplit(route.request.url).netloc == urlsplit(url).netloc:
                route.continue_()
            else:
                screen.complaints.append(f"asked {route.request.url}")
                route.abort()

        page.route("**/*", only_here)
        screen.open(path)
        return screen

    yield opened
    for screen in screens:
        screen.page.context.close()
        assert screen.complaints == []


# ---- One week in three forms

PAINTED = """async ({base, strokes}) => {
    const {emptyWeek, painted, rowsOf, weekOf} = await import(base + 'week.js');
    const {Words} = await import(base + 'words.js');
    const words = new Words(JSON.parse(document.getElementById('hours-data').textContent));
    return strokes.map(list => {
        let week = emptyWeek();
        for (const {area, open} of list) week = painted(week, area, open);
        const rows = rowsOf(week);
        const same = JSON.stringify(weekOf(rows)) === JSON.stringify(week);
        return {week, rows, same, lines: words.lines(week, null, null)};
    });
}"""
WRITTEN = """async ({base, week}) => {
    const {RowFields} = await import(base + 'rows.js');
    const fields = new RowFields(document.querySelector('[data-section=usual] [data-rows]'), 'usual');
    fields.write(week);
    return JSON.stringify(fields.week()) === JSON.stringify(week);
}"""


def strokes(random: Random) -> list[dict[str, Any]]:
    """Some areas opened and closed, one after the other, on the half hour and beside it."""
    step = random.choice([30, 5])
    areas = []
    for _ in range(random.randint(1, 7)):
        first, last = sorted(random.choices(range(7), k=2))
        start, end = sorted(random.sample(range(0, DAY_MIN + 1, step), 2))
        area = {"firstDay": first, "lastDay": last, "start": start, "end": end}
        areas.append({"area": area, "open": random.random() < 0.7})
    return areas


def painted_windows(strokes: list[dict[str, Any]]) -> set[int]:
    """The open minutes of the week, painted minute by minute."""
    minutes: set[int] = set()
    for stroke in strokes:
        area = stroke["area"]
        for day in range(area["firstDay"], area["lastDay"] + 1):
            span = range(day * DAY_MIN + area["start"], day * DAY_MIN + area["end"])
            minutes = minutes.union(span) if stroke["open"] else minutes.difference(span)
    return minutes


def test_painted_week_its_rows_and_their_windows_are_the_same_hours(open_screen: Any) -> None:
    screen = open_screen("/host/school/hours")
    base = screen.page.evaluate("document.querySelector('script[type=module]').src.replace(/[^/]*$/, '')")
    random = Random(20261129)
    weeks = [strokes(random) for _ in range(200)]

    results = screen.page.evaluate(PAINTED, {"base": base, "strokes": weeks})

    for index, (week, result) in enumerate(zip(weeks, results, strict=True)):
        assert result["same"]
        fields: dict[str, str] = {}
        for number, row in enumerate(result["rows"]):
            fields[f"usual.{number}.weekdays"] = "\n".join(str(day + 1) for day in row["days"])
            for part, minute in (("start", row["span"]["start"]), ("end", row["span"]["end"])):
                fields[f"usual.{number}.{part}"] = f"{minute // 60:02}:{minute % 60:02}"
        hours, errors = hours_from(form_from(fields))
        assert errors == {}
        assert week_rows(spans_by_day(hours.usual)) == hours.usual, (
            "the script has the rows that the server has"
        )
        windows = open_windows(rules_of_rows(hours), WEEK, None)
        assert {minute for window in windows for minute in range(window.start_min, window.end_min)} == (
            painted_windows(week)
        )
        assert result["lines"] == rows_in_words(ENGLISH, hours)
        if index < 25:
            assert screen.page.evaluate(WRITTEN, {"base": base, "week": result["week"]})
            sent, errors = hours_from(form_from(screen.fields()))
            assert errors == {}
            assert sent.usual == hours.usual, "the fields of the form say the painted week"


def test_mouse_taps_and_keys_paint_the_same(open_screen: Any) -> None:
    seen = []
    for way in ("drag", "clicks", "keys", "taps"):
        screen = open_screen("/host/school/hours", has_touch=way == "taps")
        start, end = screen.cell(0, 480), screen.cell(2, 540)
        start.scroll_into_view_if_needed()
        if way == "drag":
            start.hover()
            screen.page.mouse.down()
            end.hover()
            screen.page.mouse.up()
        elif way == "clicks":
            start.click()
            assert "Now choose the end" in screen.page.locator("[data-section=usual] .said").inner_text()
            end.click()
        elif way == "taps":
            start.tap()
            end.tap()
        else:
            screen.page.locator("[data-section=usual] [role=grid] [tabindex='0']").focus()
            for key in ["Home", "ArrowDown", "ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight"]:
                screen.page.keyboard.press(key)
            for key in ["Shift+ArrowDown", "Shift+ArrowDown", "Space"]:
                screen.page.keyboard.press(key)
        said = screen.page.locator("[data-section=usual] .said").inner_text()
        seen.append((screen.words, said, end.get_attribute("aria-label")))

    assert seen == [seen[0]] * 4
    assert seen[0][0] == [
        "Monday to Wednesday 08:00 to 09:30 and 17:00 to 21:00; Thursday, Friday 17:00 to 21:00"
    ]
    assert seen[0][1:] == ("Monday to Wednesday 08:00 to 09:30: open", "Wednesday 09:00, open")


def test_painting_from_an_open_start_closes_and_escape_takes_nothing(open_screen: Any) -> None:
    screen = open_screen("/host/school/hours")
    screen.cell(0, 1020).click()
    screen.page.keyboard.press("Escape")
    assert screen.words == ["Monday to Friday 17:00 to 21:00"]
    screen.cell(0, 1020).click()
    screen.cell(4, 1050).click()
    assert screen.words == ["Monday to Friday 18:00 to 21:00"]


def test_typed_rows_show_in_the_week_and_what_was_painted_is_saved(open_screen: Any) -> None:
    screen = open_screen("/host/library/hours")
    screen.page.fill("[name='usual.0.start']", "10:15")
    assert screen.cell(1, 600).get_attribute("data-state") == "partly"
    assert screen.words == ["Tuesday to Sunday 10:15 to 18:00"]
    screen.cell(0, 720).click()
    screen.cell(0, 750).click()
    screen.page.locator("input[name='holiday.mode'][value=closed]").check()
    assert screen.words == ["Monday 12:00 to 13:00; Tuesday to Sunday 10:15 to 18:00, not on public holidays"]

    screen.page.get_by_role("button", name="Save the hours").click()
    screen.page.wait_for_url("**/host/library?saved=yes")

    hours = own_hours(screen.lyceum.must_load(VENUES, venue_id("library")), None)
    assert hours is not None
    assert hours_in_words(ENGLISH, hours) == [
        "Monday 12:00 to 13:00; Tuesday to Sunday 10:15 to 18:00, not on public holidays"
    ]
    assert open_windows(hours, WEEK, None) == normal(
        [
            Window(720, 780),
            *(Window(day * DAY_MIN + 615, day * DAY_MIN + 1080) for day in range(1, 7)),
        ]
    )


# ---- Small screens, other languages, and who cannot see

PATHS = ["", "/hours", "/rooms", "/rooms/hall", "/rooms/hall/take-back", "/close?first=2026-12-02", "/terms"]
SMALL = """() => [...document.querySelectorAll('main button, main .button, main select, main summary, '
    + 'main input:not([type=hidden]):not([type=checkbox]):not([type=radio]), .day-boxes label, .radios label')]
    .filter(element => element.checkVisibility() && !element.classList.contains('visually-hidden'))
    .filter(element => element.getBoundingClientRect().height < 43.5 || element.getBoundingClientRect().width < 43.5)
    .map(element => element.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("locale", ["es", "zh-CN", "en-GB"])
def test_pages_fit_into_320_pixels_with_targets_to_hit(open_screen: Any, locale: str) -> None:
    screen = open_screen("/host", viewport={"width": 320, "height": 640}, locale=locale, has_touch=True)
    for path in PATHS:
        screen.open(f"/host/school{path}")
        assert screen.page.evaluate("document.documentElement.scrollWidth") == 320, path
        assert screen.page.evaluate(SMALL) == [], path
        assert screen.page.evaluate("document.querySelectorAll('*').length") <= 1500


def test_axe_finds_nothing(open_screen: Any) -> None:
    if not AXE.exists():
        do_without("there is no axe-core (npm ci in tests/pages/desk)")
    screen = open_screen("/host")
    found = {}
    for path in ["", *PATHS]:
        screen.open(f"/host/school{path}" if path else "/host")
        for radio in screen.page.locator("input[value=own]").all():
            radio.check()
        screen.page.evaluate(AXE.read_text(encoding="utf-8"))
        result = screen.page.evaluate(RUN, TAGS)
        found[path] = [
            (violation["id"], violation["nodes"][0]["html"][:200]) for violation in result["violations"]
        ]
    assert {path: rules for path, rules in found.items() if rules} == {}, json.dumps(found, indent=1)


def test_without_script_in_spanish_on_a_phone_a_day_is_closed_opened_and_hours_are_set(
    open_screen: Any,
) -> None:
    screen = open_screen(
        "/host/library",
        viewport={"width": 320, "height": 640},
        locale="es",
        has_touch=True,
        java_script_enabled=False,
    )
    page = screen.page

    def library() -> Any:
        return screen.lyceum.must_load(VENUES, venue_id("library"))

    page.locator("a[href*='close?first=']").tap()
    page.locator("button[name=confirmed]").tap()
    page.wait_for_url("**/host/library?closed=*")
    assert len(library().closures) == 1
    page.locator(".notice form[action$='/lift'] button").tap()
    page.wait_for_url("**/host/library?saved=yes")
    assert library().closures == ()

    page.locator("a[href='/host/library/rooms/reading/hours']").first.tap()
    page.locator("button[value='add usual']").tap()
    rows = page.locator("[data-section=usual] [data-row]")
    page.locator("[name='usual.1.start']").wait_for()
    rows.last.locator(".day-boxes label").first.tap()
    rows.last.locator("input[name$='.start']").fill("20")
    rows.last.locator("input[name$='.end']").fill("22")
    page.locator(".actions.save button").first.tap()
    page.wait_for_url("**/host/library?saved=yes")
    reading = library().rooms[0]
    saved = own_hours(library(), reading.id)
    assert saved is not None
    assert Window(20 * 60, 22 * 60) in open_windows(saved, WEEK, None)
