"""How often somebody may try, and who that is: 429 says how long to wait, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from limits import parse
from starlette.requests import Request
from starlette.testclient import TestClient

from adapters.access.mail import MailServer
from adapters.access.rate_limit import attempt, tidy
from adapters.application.application import Lyceum
from adapters.services.bootstrap_admin import make_link
from api.http.settings import SignInLimits, SignInSettings
from api.http.signin.origin import client_of, is_from_here
from domain.account import RoleGrant
from tests.api.http.conftest import Person, an_account, someone
from tests.api.http.signing import (
    Hands,
    another,
    ask_for_link,
    browser,
    house_of,
    press_button,
    stopped,
)

AWAY = MailServer("127.0.0.1", 9, "none", "lyceum@example.org")
FEW = SignInLimits(
    parse("2/hour"), parse("4/hour"), parse("3/10 minutes"), parse("3/minute"), parse("2/minute")
)
SETTINGS = SignInSettings(secret="x" * 32, mail=AWAY, limits=FEW)


@pytest.fixture
def hands(lyceum: Lyceum) -> Hands:
    return stopped(lyceum)


@pytest.fixture
def client(lyceum: Lyceum, hands: Hands) -> Iterator[TestClient]:
    with browser(lyceum, SETTINGS) as found:
        yield found


def test_links_for_one_address_are_few_whoever_asks_and_whether_it_is_known(
    client: TestClient, hands: Hands
) -> None:
    asked = [
        ask_for_link(another(client, f"192.0.2.{number}"), "Somebody@example.org") for number in range(3)
    ]

    assert [one.status_code for one in asked] == [200, 200, 429]
    assert asked[-1].headers["retry-after"] == "3600"
    assert "somebody@example.org" not in asked[-1].text.lower()
    assert ask_for_link(client, "another@example.org").status_code == 200
    hands.on(hours=1, seconds=1)
    assert ask_for_link(client, "somebody@example.org").status_code == 200


def test_links_from_one_address_are_few_however_they_are_spread(client: TestClient) -> None:
    asked = [ask_for_link(client, f"p{number}@example.org").status_code for number in range(5)]

    assert asked == [200, 200, 200, 200, 429]
    assert ask_for_link(another(client, "198.51.100.1"), "p9@example.org").status_code == 200


def test_tries_with_links_are_few_and_programs_hear_a_problem(client: TestClient, hands: Hands) -> None:
    page = [client.get(f"/sign-in/open?link=guess-{number}") for number in range(4)]
    program = client.get("/sign-in/open?link=guess", headers={"accept": "application/json"})

    assert [one.status_code for one in page] == [404, 404, 404, 429]
    assert page[-1].headers["content-type"].startswith("text/html")
    assert program.headers["content-type"] == "application/problem+json"
    assert program.status_code == 429
    assert program.json()["type"] == "/v1/problems/too-many"
    assert program.headers["retry-after"] == page[-1].headers["retry-after"] == "600"
    hands.on(minutes=10, seconds=1)
    assert client.get("/sign-in/open?link=guess").status_code == 404


def test_wrong_tokens_are_few_and_shut_nobody_out_who_has_a_good_one(
    client: TestClient, lyceum: Lyceum
) -> None:
    known = someone(lyceum, client, ("administrator", None))
    stranger = Person(client, "found in the street")
    statuses = [stranger.get("/me").status for _ in range(4)]
    refused = stranger.get("/me")

    assert statuses == [401, 401, 401, 429]
    assert refused.problem == "too-many"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert known.get("/me").status == 200
    assert Person(client, None).get("/areas").status == 200
    assert stranger.get("/me").status == 429


def test_wrong_links_shut_nobody_out_who_has_a_good_one(client: TestClient, lyceum: Lyceum) -> None:
    account = an_account(lyceum, "p-host", RoleGrant("auditor"))
    good = house_of(client).sign_in_service.link_address(make_link(lyceum, account))
    wrong = [client.get(f"/sign-in/open?link=guess-{number}").status_code for number in range(4)]

    assert wrong == [404, 404, 404, 429]
    assert press_button(client, good).status_code == 303


def test_looks_at_the_past_are_few_for_who_does_not_say_who_they_are(
    client: TestClient, lyceum: Lyceum
) -> None:
    nobody, known = Person(client, None), someone(lyceum, client, ("auditor", None))
    statuses = [nobody.get(f"/areas/town?at={number}").status for number in (9, 8, 7)]

    assert statuses == [200, 200, 429]
    assert nobody.get("/areas/town?at=9").problem == "too-many"
    assert nobody.get("/areas/town").status == 200
    assert [known.get(f"/areas/town?at={number}").status for number in (9, 8, 7)] == [200] * 3


def test_worn_out_cookie_counts_like_a_wrong_token(client: TestClient) -> None:
    statuses = []
    for number in range(4):
        client.cookies.set("__Host-lyceum", f"guess-{number}", domain="lyceum.example")
        statuses.append(client.get("/v1/me").status_code)

    assert statuses == [401, 401, 401, 429]


def test_who_asks_for_public_things_is_not_counted(client: TestClient, lyceum: Lyceum) -> None:
    before = lyceum.store.rows("credentials").collections()
    for _ in range(10):
        assert client.get("/v1/areas").status_code == 200

    assert lyceum.store.rows("credentials").collections() == before


def test_of_many_attempts_at_the_same_time_no_more_than_allowed(everywhere: Lyceum) -> None:
    now = everywhere.clock()

    def once(_: int) -> timedelta | None:
        return attempt(everywhere.store, "somebody", now, 5, timedelta(hours=1))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(once, range(16)))

    assert found.count(None) == 5
    assert set(found) <= {None, timedelta(hours=1), timedelta(seconds=1)}


def test_windows_that_are_over_are_erased(lyceum: Lyceum) -> None:
    now = lyceum.clock()
    attempt(lyceum.store, "somebody", now, 5, timedelta(hours=1))

    assert tidy(lyceum.store, now + timedelta(minutes=59)) == 0
    assert tidy(lyceum.store, now + timedelta(hours=2)) == 1
    assert lyceum.store.rows("credentials").select("attempts") == []


# ---- Who asks


def a_request(client: str, **headers: str) -> Request:
    listed = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "client": (client, 1) if client else None, "headers": listed}
    return Request(scope)


@pytest.mark.parametrize(
    ("client", "told", "found"),
    [
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "", "unknown"),
        ("10.0.0.1", "nonsense", "unknown"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "", "192.0.2.7"),
        ("", "", "unknown"),
    ],
)
def test_only_proxies_that_are_trusted_say_for_whom_they_ask(client: str, told: str, found: str) -> None:
    request = a_request(client, x_forwarded_for=told)

    assert client_of(request, (ip_network("10.0.0.0/8"),)) == found


def test_nobody_is_trusted_unless_that_is_said() -> None:
    assert client_of(a_request("127.0.0.1", x_forwarded_for="198.51.100.1"), ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("headers", "url", "here"),
    [
        ({"origin": "http://localhost:8000"}, "http://127.0.0.1:8000", True),
        ({"origin": "http://localhost:8001"}, "http://127.0.0.1:8000", False),
        ({"origin": "http://[::1]:8000"}, "http://127.0.0.1:8000", True),
        ({"origin": "https://lyceum.example.evil.example"}, "https://lyceum.example", False),
        ({"origin": "http://[broken"}, "https://lyceum.example", False),
        ({"sec_fetch_site": "none"}, "https://lyceum.example", False),
        ({"sec_fetch_site": "same-origin", "origin": "null"}, "https://lyceum.example", True),
        ({}, "https://lyceum.example", True),
    ],
)
def test_page_of_this_site_is_told_by_the_browser(headers: dict[str, str], url: str, here: bool) -> None:
    assert is_from_here(a_request("192.0.2.7", **headers), url) is here
