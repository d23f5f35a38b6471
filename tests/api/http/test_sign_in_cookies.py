"""Cookies: out of reach of scripts and other sites, over when they should be, and no help to who forges a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.access.api_tokens import hash_of
from adapters.access.login_sessions import LINKS, SIGN_INS, ended, find_sign_in
from adapters.access.mail import MailServer
from adapters.application.application import Lyceum
from adapters.services.bootstrap_admin import first_link, make_link
from adapters.store.streams import ACCOUNTS
from api.http.settings import SignInSettings
from domain.account import RoleGrant, account_id
from tests.api.http.conftest import Person, an_account, someone
from tests.api.http.signing import (
    HOME,
    Hands,
    another,
    browser,
    field_of,
    house_of,
    press_button,
    stopped,
)

NAME = "__Host-lyceum"
SETTINGS = SignInSettings(secret="x" * 32, mail=MailServer("127.0.0.1", 9, "none", "lyceum@example.org"))
AREA = {"key": "quay", "level": "street", "names": [{"language": "en", "name": "Quay"}], "parent": "town"}


@pytest.fixture
def hands(lyceum: Lyceum) -> Hands:
    return stopped(lyceum)


@pytest.fixture
def client(lyceum: Lyceum, hands: Hands) -> Iterator[TestClient]:
    with browser(lyceum, SETTINGS) as found:
        an_account(lyceum, "p-1", RoleGrant("administrator"))
        yield found


def enter(client: TestClient, key: str = "p-1") -> Any:
    """Sign in to an account with a link."""
    app_state = house_of(client)
    account = app_state.lyceum.must_load(ACCOUNTS, account_id(key))
    return press_button(client, app_state.sign_in_service.link_address(make_link(app_state.lyceum, account)))


def csrf_of(client: TestClient) -> str:
    return str(client.get("/v1/sign-in").json()["csrf"])


def found_quay(client: TestClient, **headers: str) -> Any:
    return client.post("/v1/areas", json=AREA | {"on": "2026-01-01"}, headers=_dashed(headers))


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def cookie_of(answer: Any, name: str) -> str:
    (found,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
    return str(found)


# ---- What the browser is told


def test_cookie_is_for_this_site_alone_and_no_script_reads_it(client: TestClient) -> None:
    told = cookie_of(enter(client), NAME)
    attributes = {one.strip().lower().partition("=")[0] for one in told.split(";")[1:]}

    assert {"httponly", "secure", "samesite", "path", "max-age"} == attributes
    assert "samesite=lax" in told.lower()
    assert "path=/;" in told.lower() + ";"
    assert "max-age=604800" in told.lower()


def test_cookie_on_this_machine_works_without_https(lyceum: Lyceum) -> None:
    with browser(lyceum, SETTINGS, "http://127.0.0.1:8000") as client:
        an_account(lyceum, "p-1", RoleGrant("administrator"))
        told = cookie_of(enter(client), "lyceum")

        assert "secure" not in told.lower()
        assert "httponly" in told.lower()
        assert client.get("/v1/me").status_code == 200


def test_each_sign_in_has_a_new_secret_and_ends_the_one_before(client: TestClient, lyceum: Lyceum) -> None:
    enter(client)
    before = client.cookies[NAME]
    enter(client)

    assert client.cookies[NAME] != before
    assert [row.key for row in lyceum.store.rows("credentials").select(SIGN_INS)] == [
        hash_of(client.cookies[NAME])
    ]


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/open?link=x", "/sign-in/callback"])
def test_pages_are_kept_nowhere_framed_nowhere_and_run_nothing(client: TestClient, path: str) -> None:
    headers = client.get(path).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in client.get(path).text


def test_what_is_shown_is_escaped(client: TestClient) -> None:
    csrf = field_of(client.get("/sign-in").text, "csrf")
    refused = client.post("/sign-in/open", data={"csrf": csrf, "link": "<b>bold</b>"})
    looked = client.get("/sign-in/open", params={"link": '"><script>alert(1)</script>'})

    assert "<b>" not in refused.text
    assert "<script" not in looked.text


# ---- How long


def test_sign_in_is_over_when_it_was_not_used_for_half_a_day(client: TestClient, hands: Hands) -> None:
    enter(client)
    for _ in range(3):
        hands.on(hours=11)
        assert client.get("/v1/me").status_code == 200
    hands.on(hours=12, minutes=1)

    assert client.get("/v1/me").status_code == 401


def test_sign_in_is_over_after_a_week_however_much_it_is_used(client: TestClient, hands: Hands) -> None:
    enter(client)
    for _ in range(15):
        hands.on(hours=11)
        assert client.get("/v1/me").status_code == 200
    hands.on(hours=4)

    assert client.get("/v1/me").status_code == 401


def test_reading_writes_nothing_but_now_and_then_that_somebody_is_there(
    client: TestClient, lyceum: Lyceum, hands: Hands
) -> None:
    enter(client)
    rows = lyceum.store.rows("credentials")
    before = rows.select(SIGN_INS)
    for _ in range(5):
        hands.on(minutes=10)
        client.get("/v1/venues")
    assert rows.select(SIGN_INS) == before

    hands.on(minutes=11)
    client.get("/v1/venues")
    assert rows.select(SIGN_INS) != before


def test_cookie_that_is_over_is_taken_away_so_that_public_pages_work_again(client: TestClient) -> None:
    client.cookies.set(NAME, "worn-out", domain="lyceum.example")

    refused = client.get("/v1/areas")

    assert refused.status_code == 401
    assert "Max-Age=0" in cookie_of(refused, NAME)
    assert client.get("/v1/areas").status_code == 200


def test_door_takes_a_worn_out_cookie_away(client: TestClient) -> None:
    client.cookies.set(NAME, "worn-out", domain="lyceum.example")

    assert "Max-Age=0" in cookie_of(client.get("/sign-in"), NAME)


def test_what_is_over_is_erased_and_the_first_link_waits(
    client: TestClient, lyceum: Lyceum, hands: Hands
) -> None:
    enter(client)
    first_link(lyceum)
    account = lyceum.must_load(ACCOUNTS, account_id("p-1"))
    make_link(lyceum, account, "email")
    make_link(lyceum, an_account(lyceum, "p-2"), "first")
    rows = lyceum.store.rows("credentials")
    assert (len(rows.select(SIGN_INS)), len(rows.select(LINKS)), len(rows.select("attempts"))) == (1, 2, 0)

    hands.on(days=9)
    client.get("/sign-in/open?link=x")

    assert rows.select(SIGN_INS) == []
    assert [row.scope for row in rows.select(LINKS)] == [str(account_id("p-2"))]
    assert len(rows.select("attempts")) == 1


# ---- Signing out


def test_sign_out_ends_this_device_and_everywhere_ends_all(client: TestClient) -> None:
    second, third = another(client), another(client)
    for one in (client, second, third):
        enter(one)
    assert "Host of" not in client.get("/sign-in").text

    stolen = client.cookies[NAME]
    csrf = field_of(client.get("/sign-in").text, "csrf")
    out = client.post("/sign-out", data={"csrf": csrf})
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert NAME not in client.cookies
    assert second.get("/v1/me").status_code == 200
    client.cookies.set(NAME, stolen, domain="lyceum.example")
    assert client.get("/v1/me").status_code == 401

    csrf = field_of(second.get("/sign-in").text, "csrf")
    second.post("/sign-out", data={"csrf": csrf, "everywhere": "yes"})
    assert third.get("/v1/me").status_code == 401


def test_program_in_a_page_signs_out_by_the_interface(client: TestClient) -> None:
    second = another(client)
    enter(client)
    enter(second)

    ended = client.post(
        "/v1/sign-in/end", json={"everywhere": True}, headers={"x-csrf-token": csrf_of(client)}
    )

    assert ended.json() == {"ended": 2}
    assert second.get("/v1/me").status_code == 401
    assert client.get("/v1/me").status_code == 401


def test_use_does_not_bring_back_a_sign_in_that_has_ended(
    client: TestClient, lyceum: Lyceum, hands: Hands
) -> None:
    enter(client)
    secret = client.cookies[NAME]
    hands.on(hours=2)
    rows = lyceum.store.rows("credentials")
    read = rows.get

    def ended_meanwhile(collection: str, key: str) -> bytes | None:
        body = read(collection, key)
        lyceum.store.save((), [ended(secret)])
        return body

    rows.get = ended_meanwhile  # type: ignore[method-assign]
    find_sign_in(lyceum.store, secret, hands.at, house_of(client).sign_in_service.settings.lasting.idle)
    del rows.get

    assert rows.select(SIGN_INS) == []


# ---- Requests that another site forges


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_csrf_token": "guessed"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": "https://evil.lyceum.example"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://lyceum.example"},
    ],
)
def test_forged_command_is_refused_and_changes_nothing(
    client: TestClient, lyceum: Lyceum, headers: dict[str, str]
) -> None:
    enter(client)
    token = {} if not headers or "x_csrf_token" in headers else {"x_csrf_token": csrf_of(client)}
    position = lyceum.store.position()

    refused = found_quay(client, **token, **headers)

    assert refused.status_code == 403
    assert refused.json()["type"] == "/v1/problems/not-from-here"
    assert lyceum.store.position() == position


@pytest.mark.parametrize(
    "headers", [{}, {"sec_fetch_site": "same-origin"}, {"origin": HOME}, {"origin": f"{HOME}:443"}]
)
def test_command_of_a_page_of_this_site_is_obeyed(client: TestClient, headers: dict[str, str]) -> None:
    enter(client)

    made = found_quay(client, x_csrf_token=csrf_of(client), **headers)

    assert made.status_code == 201, made.text


def test_forged_form_signs_nobody_in_or_out(client: TestClient) -> None:
    """Not even into an account of who forges it."""
    app_state = house_of(client)
    account = app_state.lyceum.must_load(ACCOUNTS, account_id("p-1"))
    link = make_link(app_state.lyceum, account)
    own = another(client)
    forged = {"csrf": field_of(own.get("/sign-in").text, "csrf"), "link": link}

    assert client.post("/sign-in/open", data=forged).status_code == 403
    client.get("/sign-in")
    assert client.post("/sign-in/open", data=forged).status_code == 403
    cross = own.post("/sign-in/open", data=forged, headers={"sec-fetch-site": "cross-site"})
    assert cross.status_code == 403
    enter(client)
    assert client.post("/sign-out", data={"csrf": forged["csrf"]}).status_code == 403
    assert client.get("/v1/me").status_code == 200


def test_token_of_one_sign_in_is_no_good_for_another(client: TestClient) -> None:
    enter(client)
    old = csrf_of(client)
    enter(client)

    assert found_quay(client, x_csrf_token=old).status_code == 403


def test_bearer_goes_before_the_cookie_and_needs_no_token_of_a_page(
    client: TestClient, lyceum: Lyceum
) -> None:
    enter(client)
    program = someone(lyceum, client, ("auditor", None), actor="auditor-1")

    assert program.get("/me").body["actor"] == "auditor-1"
    assert program.post("/areas", AREA).status == 403
    assert program.post("/areas", AREA).problem == "not-allowed"


# ---- Caches


def test_what_a_cookie_shows_is_private_and_caches_ask_for_both(client: TestClient) -> None:
    public = client.get("/v1/areas")
    enter(client)
    own = client.get("/v1/areas")
    refused = another(client).get("/v1/me")

    assert public.headers["cache-control"] == "no-cache"
    assert own.headers["cache-control"] == "private, no-cache"
    assert public.headers["vary"] == own.headers["vary"] == "Authorization, Cookie, Accept-Encoding"
    assert refused.headers["cache-control"] == "no-store"
    assert client.get("/v1/sign-in").headers["cache-control"] == "no-store"


def test_nobody_is_signed_in_without_a_cookie(client: TestClient) -> None:
    told = Person(client, None).get("/sign-in")

    assert told.body == {"account": None, "by": None, "expires": None, "csrf": None}
