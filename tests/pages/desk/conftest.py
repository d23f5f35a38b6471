"""A browser for the desk's tests, and pages that fail where the console or the network says something unexpected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pages.chromium import launched_browser  # before Playwright, which may be missing

from playwright.sync_api import Browser  # isort: skip

from tests.pages.desk.desk_screen import DeskScreen
from tests.pages.desk.desk_server import DeskState, desk_server
from tests.pages.desk.invented_week import invented_week

NODE_MODULES = Path(__file__).parent / "node_modules"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched_browser() as browser:
        yield browser


@dataclass(kw_only=True)
class Desk(DeskScreen):
    """A screen, and the state of its server."""

    state: DeskState
    url: str

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
            desk = Desk(page=page, state=state, url=url)
            desks.append(desk)
            desk.watch(url)
            page.goto(f"{url}/desk?who={who}{fragment}")
            page.wait_for_selector("#desk .grid")
            return desk

        yield open_page
        for desk in desks:
            desk.check()
