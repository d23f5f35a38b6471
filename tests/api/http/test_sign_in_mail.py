"""Links by mail: for people without an account elsewhere, once, soon, and telling nobody which address is known."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.access.login_identities import identities_of, new_identity, put_identity
from adapters.access.login_sessions import LINKS, SIGN_INS
from adapters.access.mail import MailServer
from adapters.application.application import Lyceum
from adapters.store.streams import ACCOUNTS
from api.http.settings import SignInSettings
from domain.account import Account, RoleGrant, account_id, close_account
from domain.venue import venue_id
from tests.adapters.town import town
from tests.api.http.conftest import an_account
from tests.api.http.signing import (
    HOME,
    Hands,
    Mailbox,
    another,
    ask_for_link,
    browser,
    field_of,
    house_of,
    mailbox,
    press_button,
    stopped,
)

HOST = "Host.Li@Example.org"
STRANGER = "nobody@example.org"
GRANT = RoleGrant("host", venue_id("school"))


@pytest.fixture(scope="module")
def post() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


@pytest.fixture
def settings(post: Mailbox) -> SignInSettings:
    post.mails.clear()
    server = MailServer("127.0.0.1", post.port, "none", "Lyceum <lyceum@example.org>")
    return SignInSettings(secret="x" * 32, mail=server)


@pytest.fixture
def hands(lyceum: Lyceum) -> Hands:
    return stopped(lyceum)


@pytest.fixture
def client(lyceum: Lyceum, hands: Hands, settings: SignInSettings) -> Iterator[TestClient]:
    with browser(lyceum, settings) as found:
        a_host(lyceum, found)
        yield found


def a_host(lyceum: Lyceum, client: TestClient) -> Account:
    """Somebody with a role at the school and a mail address."""
    account = an_account(lyceum, "p-host", GRANT)
    keys = house_of(client).sign_in_service.keys
    way = new_identity(keys, "email", HOST.lower(), account.id, lyceum.clock())
    lyceum.store.save((), put_identity(lyceum.store, keys, HOST.lower(), way))
    return account


def test_link_in_the_mail_signs_in_once(client: TestClient, post: Mailbox) -> None:
    asked = ask_for_link(client, f" {HOST} ")
    ((to, text),) = post.mails
    entered = press_button(client, post.link())
    again = press_button_blindly(another(client), post.link())

    assert asked.status_code == 200
    assert to == [HOST.lower()]
    assert "15 minutes" in text
    assert post.link().startswith(HOME)
    assert (entered.status_code, entered.headers["location"]) == (303, "/home")
    page = client.get("/sign-in").text
    assert "Your account is p-host." in page
    assert "Host of school" in page
    assert client.get("/v1/me").json()["grants"] == [{"role": "host", "within": str(venue_id("school"))}]
    assert again.status_code == 404


def press_button_blindly(client: TestClient, address: str) -> Any:
    """Send the form of a link without having looked at its page."""
    csrf = field_of(client.get("/sign-in").text, "csrf")
    return client.post("/sign-in/open", data={"csrf": csrf, "link": address.partition("=")[2]})


def test_looking_at_the_link_uses_nothing_up(client: TestClient, post: Mailbox) -> None:
    ask_for_link(client, HOST)
    scanner = another(client, "198.51.100.9")
    for _ in range(3):
        looked = scanner.get(post.link().removeprefix(HOME))
        assert looked.status_code == 200
        assert "<button>" in looked.text
        assert "lyceum=" not in looked.headers["set-cookie"].replace("lyceum-form", "")
        assert scanner.head(post.link().removeprefix(HOME)).status_code == 405

    assert press_button(client, post.link()).status_code == 303


def test_answer_is_the_same_for_an_address_that_nobody_knows(client: TestClient, post: Mailbox) -> None:
    known, unknown = ask_for_link(client, HOST), ask_for_link(client, STRANGER)

    assert known.text == unknown.text
    assert known.status_code == unknown.status_code == 200
    assert set(known.headers) == set(unknown.headers)
    assert [to for to, _ in post.mails] == [[HOST.lower()]]


def test_link_is_over_after_a_quarter_of_an_hour(client: TestClient, post: Mailbox, hands: Hands) -> None:
    ask_for_link(client, HOST)
    hands.on(minutes=15)

    assert client.get(post.link().removeprefix(HOME)).status_code == 404
    assert press_button_blindly(client, post.link()).status_code == 404


def test_new_link_takes_the_place_of_the_earlier_one(client: TestClient, post: Mailbox) -> None:
    ask_for_link(client, HOST)
    first = post.link()
    ask_for_link(client, HOST)

    assert client.get(first.removeprefix(HOME)).status_code == 404
    assert press_button(client, post.link()).status_code == 303


def test_closed_account_gets_no_link(client: TestClient, lyceum: Lyceum, post: Mailbox) -> None:
    account = lyceum.must_load(ACCOUNTS, account_id("p-host"))
    lyceum.commit(close_account(account, lyceum.metadata(), "has left", others=0))
    ask_for_link(client, HOST)

    assert post.mails == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "host",
        "a@b",
        "a b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@-x.org",
        "a..b@example.org",
    ],
)
def test_what_is_no_address_is_refused_in_one_sentence(
    client: TestClient, post: Mailbox, address: str
) -> None:
    refused = ask_for_link(client, address)

    assert refused.status_code == 422
    assert "no e-mail address" in refused.text
    assert post.mails == []


def test_mail_server_that_is_away_is_noted_without_the_address(
    lyceum: Lyceum, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    away = MailServer("127.0.0.1", 9, "none", "lyceum@example.org")
    with (
        caplog.at_level(logging.DEBUG),
        browser(lyceum, SignInSettings(secret="x" * 32, mail=away)) as client,
    ):
        a_host(lyceum, client)
        assert ask_for_link(client, HOST).status_code == 200

    told = caplog.text.lower()
    assert "could not be sent: connectionrefusederror" in told
    assert HOST.lower() not in told


def test_server_that_offers_no_tls_is_told_nothing(
    lyceum: Lyceum, hands: Hands, post: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    post.mails.clear()
    bare = MailServer("127.0.0.1", post.port, "starttls", "lyceum@example.org")
    with browser(lyceum, SignInSettings(secret="x" * 32, mail=bare)) as client:
        a_host(lyceum, client)
        ask_for_link(client, HOST)

    assert post.mails == []
    assert "SMTPNotSupportedError" in caplog.text


def test_without_a_mail_server_the_page_offers_no_mail(lyceum: Lyceum) -> None:
    with browser(lyceum, SignInSettings(secret="x" * 32)) as client:
        page = client.get("/sign-in")
        refused = client.post("/sign-in/link", data={"csrf": "", "email": HOST})

    assert 'name="email"' not in page.text
    assert "lyceum link" in page.text
    assert refused.status_code in (403, 409)


def test_new_secret_takes_over_from_the_old_one_as_people_sign_in(
    client: TestClient, lyceum: Lyceum, settings: SignInSettings, post: Mailbox
) -> None:
    ask_for_link(client, HOST)
    both = replace(settings, secret=f"{'n' * 32} {settings.secret}")
    with browser(lyceum, both) as later:
        assert press_button(later, post.link()).status_code == 303
        ask_for_link(another(later), HOST)
    with browser(lyceum, replace(settings, secret="n" * 32)) as new:
        post.mails.clear()
        ask_for_link(new, HOST)
        assert press_button(new, post.link()).status_code == 303
    with browser(lyceum, settings) as old:
        post.mails.clear()
        ask_for_link(old, HOST)

    assert post.mails == []
    assert len(identities_of(lyceum.store, account_id("p-host"))) == 1


# ---- On each kind of database


def test_of_many_clicks_at_the_same_time_one_gets_in(
    everywhere: Lyceum, settings: SignInSettings, post: Mailbox
) -> None:
    many = 8
    with browser(everywhere, settings) as client:
        account = a_host(everywhere, client)
        ask_for_link(client, HOST)
        link = post.link().partition("=")[2]
        others = [another(client) for _ in range(many)]
        forms = [{"csrf": field_of(one.get("/sign-in").text, "csrf"), "link": link} for one in others]
        start = Barrier(many)

        def click(number: int) -> int:
            start.wait()
            return others[number].post("/sign-in/open", data=forms[number]).status_code

        with ThreadPoolExecutor(many) as pool:
            found = sorted(pool.map(click, range(many)))

        rows = everywhere.store.rows("credentials")
        assert found == [303, *[404] * (many - 1)]
        assert len(rows.select(SIGN_INS, str(account.id))) == 1
        assert rows.select(LINKS) == []


def test_nothing_secret_or_personal_is_in_the_files_or_the_log(
    tmp_path: Path, settings: SignInSettings, post: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        town(f"sqlite:///{tmp_path / 'city.db'}") as lyceum,
        browser(lyceum, settings) as client,
    ):
        a_host(lyceum, client)
        ask_for_link(client, HOST)
        press_button(client, post.link())
        cookie = client.cookies["__Host-lyceum"]
        csrf = field_of(client.get("/sign-in").text, "csrf")
        made = client.post("/v1/tokens", json={}, headers={"x-csrf-token": csrf, "idempotency-key": "k1"})
        again = client.post("/v1/tokens", json={}, headers={"x-csrf-token": csrf, "idempotency-key": "k1"})
        secrets = [HOST, HOST.lower(), post.link().partition("=")[2], cookie, csrf, made.json()["token"]]
        secrets += [HOST.lower().partition("@")[0], settings.secret]
        whole = b"".join(file.read_bytes() for file in tmp_path.glob("city.db*")).lower()

    assert made.status_code == again.status_code == 201
    assert again.json()["token"] is None
    assert again.json()["id"] == made.json()["id"]
    assert [one for one in secrets if one.lower().encode() in whole] == []
    theirs = ("httpx", "mail.log", "asyncio")  # what the browser and the mail server of the test say
    log = "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith(theirs))
    assert [one for one in secrets if one in log] == []
