"""The interface over the small town, on memory, SQLite and PostgreSQL, asked by people of each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from adapters.access.api_tokens import Credential, RoleGrant, credential_row
from adapters.application.application import Lyceum
from adapters.store.streams import ACCOUNTS
from api.http.server import create_app
from api.http.settings import Settings
from domain.account import Account, account_id, grant, open_account
from domain.network import area_id
from tests.adapters.town import town

PROBLEM = "application/problem+json"


@dataclass
class Asked:
    """An answer as tests look at it."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def problem(self) -> str:
        """The name of the problem, which must be one."""
        assert self.headers["content-type"] == PROBLEM, (self.status, self.body)
        assert self.body["status"] == self.status
        return str(self.body["type"]).removeprefix("/v1/problems/")


class Person:
    """Somebody who asks, with a token of their own or none."""

    def __init__(self, client: TestClient, token: str | None) -> None:
        self.client, self.token = client, token

    def get(self, path: str, **headers: str) -> Asked:
        return self._asked(self.client.get(f"/v1{path}", headers=self._headers(headers)))

    def post(self, path: str, body: Any = None, **headers: str) -> Asked:
        return self._asked(self.client.post(f"/v1{path}", json=body, headers=self._headers(headers)))

    def send(self, path: str, content: bytes, media: str, **more: str) -> Asked:
        headers = self._headers({"content-type": media, **more})
        return self._asked(self.client.post(f"/v1{path}", content=content, headers=headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        own = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return own | {name.replace("_", "-"): value for name, value in more.items()}

    @staticmethod
    def _asked(response: Any) -> Asked:
        text = response.headers.get("content-type", "").endswith("json")
        body = response.json() if text and response.content else response.content
        return Asked(response.status_code, body, dict(response.headers))


Someone = Callable[..., Person]


@pytest.fixture
def everywhere(database: str) -> Iterator[Lyceum]:
    """The town on each kind of database."""
    with town(database) as lyceum:
        yield lyceum


@pytest.fixture
def lyceum() -> Iterator[Lyceum]:
    """The town in memory, for what does not touch the database's own ways."""
    with town("memory:") as lyceum:
        yield lyceum


@pytest.fixture
def client(lyceum: Lyceum) -> Iterator[TestClient]:
    with served(lyceum) as client:
        yield client


def served(lyceum: Lyceum) -> TestClient:
    """The interface over an application; use it in a `with`."""
    return TestClient(create_app(Settings(most_bytes=200_000), lyceum=lyceum, clock=lyceum.clock))


def someone(lyceum: Lyceum, client: TestClient, *grants: tuple[str, UUID | None], actor: str = "") -> Person:
    """A person with these roles, each with the part of the network that it holds in."""
    token = f"token-{grants}-{actor}"
    held = Credential(actor or grants[0][0], tuple(RoleGrant(role, within) for role, within in grants))
    lyceum.store.save((), [credential_row(token, held)])
    return Person(client, token)


def an_account(lyceum: Lyceum, key: str, *grants: RoleGrant) -> Account:
    """An account with these roles."""
    lyceum.commit(open_account(None, lyceum.metadata(), key))
    for one in grants:
        lyceum.decide(ACCOUNTS, account_id(key), partial(grant, role_grant=one))
    return lyceum.must_load(ACCOUNTS, account_id(key))


@pytest.fixture
def administrator(lyceum: Lyceum, client: TestClient) -> Person:
    return someone(lyceum, client, ("administrator", None))


@pytest.fixture
def coordinator(lyceum: Lyceum, client: TestClient) -> Person:
    """Of one of the two streets, the one that the school is in."""
    return someone(lyceum, client, ("coordinator", area_id("river")))


@pytest.fixture
def nobody(client: TestClient) -> Person:
    return Person(client, None)
