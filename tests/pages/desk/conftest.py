"""A browser for the desk's tests, and pages that fail where the console or the network says something unexpected."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="the tests of pages need Playwright")
from playwright.sync_api import Browser, Page, Route, sync_playwright  # noqa: E402

from tests.pages.desk.desk_server import DeskState, desk_server  # noqa: E402
from tests.pages.desk.invented_week import invented_week  # noqa: E402

NODE_MODULES = Path(__file__).parent / "node_modules"
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def do_without(reason: str) -> None:
    """A missing program is a failure in CI, where it was asked for."""
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        do_without("there is no chromium (Debian: apt-get install chromium fonts-wqy-microhei)")
    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@dataclass
class Desk:
    """A page with the desk, the state of its server, and what the console said."""

    page: Page
    state: DeskState
    url: str
    complaints: list[str] = field(default_factory=list)

    @property
    def live(self) -> str:
        return self.page.locator("#desk-live").text_content() or ""

    @property
    def label(self) -> str:
        """Of the element that has the focus."""
        return str(
            self.page.evaluate(
                "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
            )
        )

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def hear(self, *words: str) -> str:
        """Wait until the live region has said all of these words; what it says then."""
        self.page.wait_for_function(
            "words => words.every(word => document.getElementById('desk-live').textContent.includes(word))",
            arg=list(words),
        )
        return self.live

    def block(self, id: str) -> Any:
        return self.page.locator(f'#desk [data-cell="{id}"]').first

    def enter(self) -> None:
        """Put the focus into the grid, as Tab does."""
        self.page.locator("#desk .grid [tabindex='0']").first.focus()

    def first_session(self) -> str:
        """Go to the first session by keys; its id."""
        self.enter()
        self.press("Control+Home")
        for _ in range(40):
            self.press("ArrowRight")
            if self.page.evaluate("document.activeElement.classList.contains('session')"):
                break
            self.press("ArrowDown", "Home")
        return str(self.page.evaluate("document.activeElement.dataset.cell"))

    def settled(self) -> None:
        """Wait until everything is saved and the screen shows the server's version."""
        self.page.wait_for_function(
            "() => !document.querySelector('#desk [data-state=saving], #desk [data-state=retrying]')"
        )


OpenDesk = Callable[..., Desk]


@pytest.fixture
def open_desk(browser: Browser) -> Iterator[OpenDesk]:
    """Open the desk of a state: the same state twice is two people at two screens."""
    with ExitStack() as stack:
        addresses: dict[int, str] = {}
        desks: list[Desk] = []

        def open_page(
            state: DeskState | None = None, *, who: str = "ann", fragment: str = "", **options: Any
        ) -> Desk:
            state = state or DeskState(invented_week())
            if id(state) not in addresses:
                addresses[id(state)] = stack.enter_context(desk_server(state))
            url = addresses[id(state)]
            context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(15_000)
            desk = Desk(page, state, url)
            desks.append(desk)
            page.on("console", lambda message: desk.complaints.append(message.text))
            page.on("pageerror", lambda error: desk.complaints.append(str(error)))

            def only_here(route: Route) -> None:
                if urlsplit(route.request.url).netloc == urlsplit(url).netloc:
                    route.continue_()
                else:
                    desk.complaints.append(f"asked {route.request.url}")
                    route.abort()

            page.route("**/*", only_here)
            page.goto(f"{url}/desk?who={who}{fragment}")
            page.wait_for_selector("#desk .grid")
            return desk

        yield open_page
        for desk in desks:
            lost = [text for text in desk.complaints if "Failed to load resource" not in text]
            assert lost == [], "the console has complaints"
