"""The running site on a port of its own, over a copy of the planned and released town, and people at its pages."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn
from playwright.sync_api import Browser, BrowserContext

from adapters.application.application import Lyceum
from adapters.services.bootstrap_admin import make_link
from adapters.store.streams import ACCOUNTS
from api.http.settings import Settings, SignInSettings
from api.pages.application import create_site
from domain.account import RoleGrant, account_id
from tests.api.http.conftest import an_account
from tests.pages.conftest import Site
from tests.pages.week_site import WEEK_PATH, plan, send

PATIENCE_S = 30
AFTER_TOWN = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(slots=True)
class RunningClock:
    """Goes as clocks do, from some hours after the town was made."""

    begun: float = field(default_factory=time.monotonic)

    def __call__(self) -> datetime:
        return AFTER_TOWN + timedelta(seconds=time.monotonic() - self.begun)


def plan_and_release(site: Site) -> None:
    """The first draft and the first release of the town's week, by the forms."""
    administrator = site.person(("administrator", None))
    plan(site, administrator)
    answer = send(administrator, f"{WEEK_PATH}/release", "form-release", name="First timetable")
    assert answer.status_code == 303, answer.text


@dataclass
class RealSite:
    """The address of the running site, and its application."""

    lyceum: Lyceum
    site: Any
    url: str

    def person(
        self, browser: Browser, key: str, *grants: tuple[str, UUID | None], **options: Any
    ) -> BrowserContext:
        """The browser of somebody with these roles, signed in by a link."""
        an_account(self.lyceum, key, *(RoleGrant(role, within) for role, within in grants))
        account = self.lyceum.must_load(ACCOUNTS, account_id(key))
        address = self.site.state.app_state.sign_in_service.link_address(make_link(self.lyceum, account))
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto(address)
        page.locator("main form button").click()
        page.wait_for_url(lambda url: "/sign-in/open" not in url)
        page.close()
        return context


@contextmanager
def running_site(database: Path) -> Iterator[RealSite]:
    """The site over this file, until the end."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Lyceum(f"sqlite:///{database}", actor="coordinator-1", clock=RunningClock()) as lyceum,
    ):
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(public_url=url, sign_in=SignInSettings(secret="x" * 32))
        site = create_site(settings, lyceum=lyceum, clock=lyceum.clock)
        server = uvicorn.Server(uvicorn.Config(site, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            _wait_for(server, thread)
            yield RealSite(lyceum, site, url)
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)


def _wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    end = time.monotonic() + PATIENCE_S
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < end
        time.sleep(0.01)
