"""Pages in a real browser: axe finds nothing, nothing is cut at 320 px, no request leaves the site, the policy holds.

The browser gets its answers from the application in the same process, by the address alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import TimeoutError as TookTooLong

from api.pages.application import declared_pages
from tests.pages import conftest
from tests.pages.chromium import do_without
from tests.pages.conftest import HOME, Site
from tests.pages.desk.conftest import browser
from tests.pages.desk.test_accessibility import AXE, RUN, TAGS
from tests.pages.test_roles import ACCOUNT, HELD, pages
from tests.pages.walking import INSIDE, address

pytestmark = pytest.mark.slow
MOST_NODES = 1500
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}

__all__ = ["browser"]


@dataclass
class Window:
    """A window of the browser, as one person uses it; what the console and the network complained about."""

    page: Any
    person: conftest.Browser
    language: str
    shown: Any = None
    complaints: list[str] = field(default_factory=list)

    def answer(self, route: Any) -> None:
        url = urlsplit(route.request.url)
        if not route.request.url.startswith(HOME):
            self.complaints.append(f"request to {url.netloc}")
            route.abort()
            return
        is_shown = self.shown is not None and route.request.is_navigation_request()
        path = f"{url.path}?{url.query}" if url.query else url.path
        response = self.shown if is_shown else self.person.get(path, **{"accept-language": self.language})
        headers = {
            name: text
            for name, text in response.headers.items()
            if name.lower() not in ("content-length", "content-encoding", "transfer-encoding", "set-cookie")
        }
        route.fulfill(status=response.status_code, headers=headers, body=response.content)

    def open(self, path: str, shown: Any = None) -> None:
        """Open a page, or show an answer at its address."""
        self.shown = shown
        self.page.goto(HOME + path)

    def faults(self, *, axe: bool = True) -> list[str]:
        """What is wrong with the page that is open."""
        found = list(self.complaints)
        self.complaints.clear()
        wide, nodes, headings = self.page.evaluate(
            "[document.documentElement.scrollWidth - innerWidth, document.querySelectorAll('*').length,"
            " document.querySelectorAll('h1').length]"
        )
        found += [f"{wide} px too wide"] if wide > 0 else []
        found += [f"{nodes} nodes"] if nodes > MOST_NODES else []
        found += [f"{headings} h1"] if headings != 1 else []
        dangling = "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.hash.slice(1))"
        missing = self.page.evaluate(f"{dangling}.filter(id => id && !document.getElementById(id))")
        found += [f"link to nothing: {id}" for id in missing]
        if axe:
            self.page.evaluate(AXE.read_text())
            for violation in self.page.evaluate(RUN, TAGS)["violations"]:
                found += [f"{violation['id']}: {node['html'][:200]}" for node in violation["nodes"][:3]]
        return found


@dataclass
class Windows:
    site: Site
    browser: Any
    contexts: list[Any] = field(default_factory=list)

    def of(self, person: conftest.Browser, *, width: int = 1280, language: str = "en") -> Window:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, locale=LANGUAGES[language]
        )
        self.contexts.append(context)
        window = Window(context.new_page(), person, language)
        window.page.route("**/*", window.answer)
        window.page.on("console", lambda said: window.complaints.append(said.text))
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        return window


@pytest.fixture
def windows(site: Site, browser: Any) -> Iterator[Windows]:
    if not AXE.exists():
        do_without("there is no axe-core (make scripts installs it)")
    windows = Windows(site, browser)
    yield windows
    for context in windows.contexts:
        context.close()


def html_pages(person: conftest.Browser) -> list[str]:
    """The addresses of the pages that this person gets, without those that are files."""
    paths = dict.fromkeys(address(page, INSIDE, ACCOUNT) for page in pages("GET"))
    answers = {path: person.get(path) for path in paths}
    return [
        path
        for path, answer in answers.items()
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    ]


def people(site: Site) -> dict[str, conftest.Browser]:
    return {role: site.person((role, within)) for role, within in HELD.items()}


def test_each_page_of_the_administrator_is_sound(site: Site, windows: Windows) -> None:
    administrator = people(site)["administrator"]
    wide, narrow = windows.of(administrator), windows.of(administrator, width=320, language="zh")
    wrong = {}
    paths = html_pages(administrator)
    for path in paths:
        wide.open(path)
        narrow.open(path)
        if faults := [*wide.faults(), *narrow.faults(axe=False)]:
            wrong[path] = faults

    assert len(paths) > 60
    assert wrong == {}


@pytest.mark.parametrize("role", [role for role in HELD if role != "administrator"])
def test_each_list_and_record_is_sound_for_each_role(site: Site, windows: Windows, role: str) -> None:
    person = people(site)[role]
    forms = {page.path for page in declared_pages() if page.method == "POST"}
    own = {address(page, INSIDE, ACCOUNT) for page in pages("GET") if page.path not in forms}
    window = windows.of(person, width=320)
    wrong = {}
    paths = [path for path in html_pages(person) if path in own]
    for path in paths:
        window.open(path)
        if faults := window.faults():
            wrong[path] = faults

    assert len(paths) > 5
    assert wrong == {}


def test_forms_with_errors_are_sound(site: Site, windows: Windows) -> None:
    administrator = people(site)["administrator"]
    window = windows.of(administrator, width=320)
    ends = (
        "/erase",
        "/revoke",
        "/close",
        "/leave",
        "/merge",
        "/steps",
    )  # what ends what the others are about
    wrong, count = {}, 0
    for page in pages("POST"):
        path = address(page, INSIDE, ACCOUNT)
        if path.endswith(ends) or page.takes_files:
            continue
        answer = administrator.send(path, administrator.get(path).text)
        if answer.status_code != 422:
            continue
        count += 1
        window.open(path, answer)
        title = window.page.title()
        focused = "document.activeElement.classList.contains('summary')"
        try:
            window.page.wait_for_function(focused, timeout=5000)  # the focus moves once the page is laid out
        except TookTooLong:
            title = f"no focus on the summary: {title}"
        faults = [each for each in window.faults() if "422" not in each]
        faults += [] if title.startswith("Error:") else [title]
        if faults:
            wrong[path] = faults

    assert count > 15
    assert wrong == {}
