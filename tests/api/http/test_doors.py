"""Every door is shut to who has no key: each operation is walked without a credential and with one of each role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from api.http.auth.roles import TABLE
from tests.adapters.town import WEEK
from tests.api.http.conftest import Person

SAMPLES = {
    "area": "town",
    "week": WEEK,
    "venue": "school",
    "room": "hall",
    "volunteer": "wang",
    "request": "r-brush",
    "format": "csv",
    "who": "volunteer",
    "session": "1",
    "number": "1",
    "closure": "0c7a67b9-3f55-5197-8d77-0c24b56821c5",
    "calendar": "CN",
    "code": "chess",
    "kind": "venues",
    "name": "plan",
    "job": "3b0f7c52-53c1-5f0e-8f0a-0d8f5d0a7c11",
    "account": "p-host",
    "token": "0123456789abcdef",
    "branch": "what-if",
    "feed": "0c7a67b9-3f55-5197-8d77-0c24b5682100",
    "secret": "unguessable",
}


@pytest.fixture
def doors(client: TestClient) -> list[tuple[str, str, dict[str, Any]]]:
    """Each operation: its method, a path below /v1, and its description."""
    document = client.get("/v1/openapi.json").json()
    return list(_doors(document))


def _doors(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        filled = re.sub(r"\{(\w+)\}", lambda found: SAMPLES[found[1]], path).removeprefix("/v1")
        for method, operation in item.items():
            yield method, filled, operation


def knock(person: Person, method: str, path: str) -> int:
    """The status, with an empty body where one is sent: nothing is ever changed by it."""
    return person.get(path).status if method == "get" else person.send(path, b"", "text/plain").status


def test_nobody_enters_where_a_key_is_asked_for(
    doors: list[tuple[str, str, dict[str, Any]]], nobody: Person, lyceum: Lyceum
) -> None:
    position = lyceum.store.position()
    for method, path, operation in doors:
        is_open = {} in operation["security"]

        assert (knock(nobody, method, path) == 401) is not is_open, (method, path)
    assert lyceum.store.position() == position


def test_wrong_key_opens_nothing_at_all(
    doors: list[tuple[str, str, dict[str, Any]]], client: TestClient
) -> None:
    stranger = Person(client, "found in the street")

    assert {knock(stranger, method, path) for method, path, _ in doors} == {401}


def test_auditor_and_public_change_nothing() -> None:
    writing = {name for name, row in TABLE.items() if {"auditor", "public"} & set(row)} - READING - OWN_KEYS

    assert writing == set()


OWN_KEYS = {
    "role-offers.answer",
    "sign-in.end",
    "tokens.write",
}  # how somebody gets in is theirs, and changes nothing of the network
READING = {name for name in TABLE if name.split(".")[-1] in {"read", "looks", "data", "weeks"}}
