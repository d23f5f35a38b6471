"""The pages over the small town: browsers without a screen, signed in as people of each role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.services.bootstrap_admin import make_link
from adapters.store.streams import ACCOUNTS
from api.http.settings import Settings, SignInSettings
from api.pages.application import create_site
from domain.account import RoleGrant, account_id
from tests.adapters.town import town
from tests.api.http.conftest import an_account
from tests.api.http.signing import field_of, house_of, press_button

HOME = "https://lyceum.example"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


class Browser:
    """A browser that keeps cookies and sends forms as they stand in a page."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def send(self, path: str, page: str, **typed: str) -> Any:
        """POST the form of a page: its hidden fields and what is typed; `__` stands for a dot in a name."""
        fields = {name: unescape(text) for name, text in HIDDEN.findall(page) if name != "back"}
        fields |= {name.replace("__", "."): text for name, text in typed.items()}
        return self.client.post(path, data=fields)

    def fill(self, path: str, **typed: str) -> Any:
        """Open a form and send it filled in."""
        return self.send(path, self.get(path).text, **typed)


class Site:
    """The running site over the town."""

    def __init__(self, lyceum: Lyceum, stack: ExitStack) -> None:
        self.lyceum, self.stack = lyceum, stack
        settings = Settings(public_url=HOME, sign_in=SignInSettings(secret="x" * 32))
        self.app = create_site(settings, lyceum=lyceum, clock=lyceum.clock)
        self.first = stack.enter_context(self._client())
        self.number = 0

    def _client(self) -> TestClient:
        client = TestClient(self.app, base_url=HOME, follow_redirects=False)
        client.headers.update({"accept": "text/html,application/xhtml+xml", "accept-language": "en"})
        return client

    def nobody(self) -> Browser:
        return Browser(self._client())

    def person(self, *grants: tuple[str, UUID | None]) -> Browser:
        """Somebody with these roles, signed in."""
        self.number += 1
        return self.named_person(f"p-{self.number}", *grants)

    def named_person(self, key: str, *grants: tuple[str, UUID | None]) -> Browser:
        """Somebody whose account has this key, signed in."""
        an_account(self.lyceum, key, *(RoleGrant(role, within) for role, within in grants))
        client = self._client()
        account = self.lyceum.must_load(ACCOUNTS, account_id(key))
        address = house_of(self.first).sign_in_service.link_address(make_link(self.lyceum, account))
        press_button(client, address)
        return Browser(client)

    def events(self) -> int:
        return self.lyceum.store.position()


@pytest.fixture
def lyceum() -> Iterator[Lyceum]:
    with town("memory:") as lyceum:
        yield lyceum


@pytest.fixture
def site(lyceum: Lyceum) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(lyceum, stack)


__all__ = ["Browser", "Site", "field_of"]
