"""The real site on a free port over the town, planned and released, for browsers that walk over all of its pages."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Error, Page, Request, Response, Route

from adapters.application.application import Lyceum
from adapters.services.bootstrap_admin import make_link
from adapters.store.streams import ACCOUNTS
from api.http.settings import Settings, SignInSettings
from api.pages.application import create_site, declared_pages
from api.pages.routes import DeclaredPage
from domain.account import account_id
from domain.network import area_id
from domain.venue import venue_id
from domain.volunteer import volunteer_id
from tests.adapters.town import town
from tests.pages.conftest import Browser, Site
from tests.pages.desk.conftest import NODE_MODULES
from tests.pages.walking import INSIDE, address
from tests.pages.week_site import WEEK_PATH, plan, send

AXE = NODE_MODULES / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
START_S = 30
# Whom the walk is made as; the account of a host is p-host.
PEOPLE: dict[str, UUID | None] = {
    "administrator": None,
    "auditor": None,
    "coordinator": area_id("town"),
    "community": area_id("river"),
    "host": venue_id("school"),
    "volunteer": volunteer_id("wang"),
}
OF_A_WEEK = {"area": "town", "request": "r-choir", "session": "1", "number": "1", "branch": "alt"}

LISTEN = """
window.violations = [];
document.addEventListener('securitypolicyviolation', event =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
RUN_AXE = """async tags => {
    const found = await axe.run(document, {runOnly: tags, resultTypes: ['violations']});
    return found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)}`));
}"""


@dataclass
class WalkedSite:
    """The running site, and the keys of what is in it."""

    url: str
    app: FastAPI
    lyceum: Lyceum
    keys: dict[str, str]
    states: dict[str, Any] = field(default_factory=dict)

    def address(self, declared: DeclaredPage) -> str:
        values = {**INSIDE, **self.keys}
        if declared.path.startswith("/weeks/"):
            values |= OF_A_WEEK
        return address(declared, values, "p-community")

    def sign_in(self, browser: Chromium, role: str) -> Any:
        """The cookies of a person who has opened their link in a browser."""
        if role not in self.states:
            account = self.lyceum.must_load(ACCOUNTS, account_id(f"p-{role}"))
            service = self.app.state.app_state.sign_in_service
            context = browser.new_context()
            page = context.new_page()
            page.goto(service.link_address(make_link(self.lyceum, account)))
            page.locator("main form button:not([name=language])").first.click()
            page.wait_for_load_state()
            assert context.cookies(), page.content()
            self.states[role] = context.storage_state()
            context.close()
        return self.states[role]


@contextmanager
def walked_site() -> Iterator[WalkedSite]:
    with town("memory:") as lyceum:
        with ExitStack() as stack:
            keys = _filled(Site(lyceum, stack))
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            settings = Settings(public_url=url, sign_in=SignInSettings(secret="x" * 32))
            app = create_site(settings, lyceum=lyceum, clock=lyceum.clock)
            server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
            thread.start()
            until = time.monotonic() + START_S
            while not server.started and time.monotonic() < until:
                time.sleep(0.05)
            try:
                yield WalkedSite(url, app, lyceum, keys)
            finally:
                server.should_exit = True
                server.force_exit = True
                thread.join(START_S)


def _filled(site: Site) -> dict[str, str]:
    """Make what the pages are about: a week planned, released and branched, and a record of each kind."""
    for role, within in PEOPLE.items():
        site.named_person(f"p-{role}", (role, within))
    administrator = site.person(("administrator", None))
    job = plan(site, administrator).removeprefix("/jobs/")
    forms: list[tuple[str, dict[str, str]]] = [
        ("/tokens/new", {"grants__0__role": "auditor", "days": "9"}),
        ("/areas/river/feeds", {}),
        ("/venues/school/close", {"first": "2026-12-24", "last": "2026-12-25", "why": "Repairs"}),
        ("/people/wang/volunteer/new", {"name": "Fang"}),
        ("/accounts/p-community/role-offers", {"role": "auditor"}),
        (
            "/day-types/CN/type",
            {
                "days__0__day": "2027-01-01",
                "days__0__kind": "holiday",
                "status": "official",
                "source": "Repairs",
            },
        ),
    ]
    for path, typed in forms:
        answer = administrator.fill(path, **typed)
        assert answer.status_code in (201, 303), f"{path}: {answer.text}"
    for path, id, names in (
        (f"{WEEK_PATH}/release", "form-release", {"name": "First"}),
        (f"{WEEK_PATH}/branches", "form-start", {"name": "alt"}),
    ):
        assert send(administrator, path, id, **names).status_code == 303
    return {
        "job": job,
        "token": _linked(administrator, "/tokens", r"/tokens/(\w+)/revoke"),
        "feed": _linked(administrator, "/feeds", r"/feeds/([\w-]+)/revoke"),
        "closure": _linked(administrator, "/venues/school", r"/closures/([\w-]+)/lift"),
    }


def _linked(browser: Browser, path: str, pattern: str) -> str:
    match = re.search(pattern, browser.get(path).text)
    assert match is not None, f"{path} has no link {pattern}"
    return match[1]


def get_pages() -> list[DeclaredPage]:
    return [each for each in declared_pages() if each.method == "GET"]


@dataclass
class Walker:
    """Somebody who walks over the site in a browser that notes what it did not like."""

    site: WalkedSite
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    may_be_refused: bool = False

    def note(self, path: str, fault: str) -> None:
        self.faults.append(f"{path}: {fault}")

    def go(self, path: str) -> Response | None:
        """Open a page; None where it is a file to download."""
        self.complaints.clear()
        try:
            response = self.page.goto(self.site.url + path)
        except Error as error:
            if "Download is starting" not in str(error):
                raise
            return None
        assert response is not None
        return response

    def look(self, path: str, response: Response) -> None:
        """What is wrong whatever the page is for: console, policy, size, width."""
        if response.status >= 400 and not self.may_be_refused:
            self.note(path, f"status {response.status}")
        for complaint in [*self.complaints, *self.page.evaluate("window.violations")]:
            self.note(path, complaint)
        nodes = self.page.evaluate("document.querySelectorAll('*').length")
        if nodes > 1500:
            self.note(path, f"{nodes} nodes")
        size = int(response.headers.get("content-length", 0))
        if not 0 < size <= 100_000:
            self.note(path, f"{size} bytes")
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            self.note(path, f"{wide} px too wide at {self.page.evaluate('innerWidth')}")

    def examine(self, path: str) -> None:
        """What axe-core finds."""
        for violation in self.page.evaluate(RUN_AXE, TAGS):
            self.note(path, violation)


@contextmanager
def walker(
    site: WalkedSite,
    browser: Chromium,
    role: str,
    language: str,
    *,
    width: int = 1280,
    axe: bool = False,
    may_be_refused: bool = False,
) -> Iterator[Walker]:
    state = site.sign_in(browser, role) if role else None
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        extra_http_headers={"Accept-Language": language},
        storage_state=state,
        reduced_motion="reduce",
    )
    context.add_init_script(LISTEN)
    if axe:
        context.add_init_script(path=AXE)
    page = context.new_page()
    page.set_default_timeout(30_000)
    walking = Walker(site, context, page, may_be_refused=may_be_refused)

    def said(text: str) -> None:
        if not (walking.may_be_refused and "Failed to load resource" in text):
            walking.complaints.append(text)

    def answered(response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            walking.complaints.append(f"{response.url} answered {response.status}")

    def failed(request: Request) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # of what was left behind for the next page
            walking.complaints.append(f"{request.url} failed: {request.failure}")

    def only_here(route: Route) -> None:
        walking.complaints.append(f"asked {route.request.url}")
        route.abort()

    here = re.escape(urlsplit(site.url).netloc)
    context.route(re.compile(rf"^https?://(?!{here}(?:/|$))"), only_here)
    page.on("console", lambda message: said(message.text))
    page.on("pageerror", lambda error: said(str(error)))
    page.on("response", answered)
    page.on("requestfailed", failed)
    try:
        yield walking
    finally:
        with suppress(Error):
            context.close()
