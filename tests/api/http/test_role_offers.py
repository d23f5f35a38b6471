"""Roles need consent: they go to accounts that one opened, or their holder accepts them; planted ways lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.access.login_identities import identities_of
from adapters.application.application import Lyceum
from api.http.settings import SignInSettings
from domain.account import RoleGrant, account_id
from domain.network import area_id
from domain.venue import venue_id
from tests.api.http.conftest import Person, an_account, someone
from tests.api.http.signing import (
    Hands,
    Mailbox,
    another,
    ask_for_link,
    browser,
    field_of,
    mailbox,
    press_button,
    stopped,
)
from tests.api.http.test_token_making import Page, made, program

HOST = {"role": "host", "within": "school"}
HILL_HOST = {"role": "host", "within": "library"}
LINK = re.compile(r"https://lyceum\.example/sign-in/open\?link=\S+")


@pytest.fixture
def hands(lyceum: Lyceum) -> Hands:
    return stopped(lyceum)


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


@pytest.fixture
def client(lyceum: Lyceum, hands: Hands, post: Mailbox) -> Iterator[TestClient]:
    with browser(lyceum, with_mail(post)) as found:
        yield found


@pytest.fixture
def hill(lyceum: Lyceum, client: TestClient) -> Person:
    """The coordinator of the other street."""
    return someone(lyceum, client, ("coordinator", area_id("hill")), actor="c-hill")


def opened(person: Person, email: str, *grants: dict[str, Any]) -> str:
    answer = person.post("/accounts", {"email": email, "grants": list(grants)})
    assert answer.status == 201, answer.body
    return str(answer.body["key"])


class Mailed(Page):
    """Somebody who has signed in by a link in a mail, the first in it or another one."""

    def __init__(self, client: TestClient, post: Mailbox, address: str, number: int = 0) -> None:
        Person.__init__(self, another(client), None)
        ask_for_link(self.client, address)
        text = post.mails[-1][1].replace("=\r\n", "").replace("=3D", "=")
        assert press_button(self.client, LINK.findall(text)[number]).status_code == 303
        self.csrf = str(self.get("/sign-in").body["csrf"])


def roles(person: Person) -> list[str]:
    answer = person.get("/me")
    return [one["role"] for one in answer.body["grants"]] if answer.status == 200 else []


# ---- Consent


def test_role_is_given_by_consent_where_somebody_else_opened_the_account(
    client: TestClient, lyceum: Lyceum, coordinator: Person
) -> None:
    page = Page(client, "p-1")
    refused = coordinator.post("/accounts/p-1/grant", HOST)
    assert (refused.status, refused.problem) == (403, "consent-needed")
    assert coordinator.post("/accounts/p-1/role-offers", HOST).body["grants"] == []
    (offer,) = page.get("/role-offers").body["items"]
    assert offer == {"role": "host", "within": str(venue_id("school")), "key": "school"}
    assert roles(page) == []

    assert page.post("/role-offers/accept", HOST).status == 200

    assert roles(page) == ["host"]
    assert page.get("/role-offers").body["items"] == []
    assert page.post("/role-offers/accept", HOST).problem == "no-such-offer"


def test_offering_a_role_shows_nothing_of_the_account(
    client: TestClient, lyceum: Lyceum, coordinator: Person
) -> None:
    an_account(lyceum, "p-boss", RoleGrant("administrator"), RoleGrant("host", venue_id("library")))

    offered = coordinator.post("/accounts/p-boss/role-offers", HOST).body

    assert (offered["grants"], [one["role"] for one in offered["offers"]]) == ([], ["host"])
    assert coordinator.get("/accounts/p-boss").status == 403
    assert coordinator.get("/accounts").body["items"] == []


def test_offer_is_declined_or_taken_back(
    client: TestClient, lyceum: Lyceum, coordinator: Person, hill: Person
) -> None:
    page = Page(client, "p-1")
    for who, path in ((page, "/role-offers/decline"), (coordinator, "/accounts/p-1/role-offers/withdraw")):
        coordinator.post("/accounts/p-1/role-offers", HOST)
        assert hill.post("/accounts/p-1/role-offers/withdraw", HOST).status == 403
        assert who.post(path, HOST).body["offers"] == []
        assert page.post("/role-offers/accept", HOST).problem == "no-such-offer"
    assert roles(page) == []


def test_nobody_agrees_for_the_holder(
    client: TestClient, lyceum: Lyceum, administrator: Person, coordinator: Person, nobody: Person
) -> None:
    page = Page(client, "p-1", RoleGrant("host", venue_id("library")))
    token = program(client, made(page))
    coordinator.post("/accounts/p-1/role-offers", HOST)

    for other in (administrator, coordinator, nobody, token):
        assert other.post("/role-offers/accept", HOST).status in (401, 404)
    assert roles(page) == ["host"]


def test_offer_of_who_may_no_longer_is_over(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    giver, page = Page(client, "p-giver", RoleGrant("coordinator", area_id("river"))), Page(client, "p-1")
    giver.post("/accounts/p-1/role-offers", HOST)
    role = {"role": "coordinator", "within": "river"}
    administrator.post("/accounts/p-giver/withdraw", {**role, "why": "a test"})
    administrator.post("/accounts/p-giver/grant", role)

    assert page.get("/role-offers").body["items"] == []
    assert page.post("/role-offers/accept", HOST).problem == "no-such-offer"


def test_page_shows_what_is_offered_with_two_buttons(
    client: TestClient, lyceum: Lyceum, coordinator: Person
) -> None:
    page = Page(client, "p-1")
    for answer, expected in (("decline", []), ("accept", ["host"])):
        coordinator.post("/accounts/p-1/role-offers", HOST)
        shown = page.client.get("/sign-in").text
        assert "Host of school" in shown
        form = {name: field_of(shown, name) for name in ("csrf", "role", "within")}
        assert (
            page.client.post("/sign-in/offer", data={**form, "csrf": "x", "answer": answer}).status_code
            == 403
        )
        assert page.client.post("/sign-in/offer", data={**form, "answer": answer}).status_code == 303
        assert roles(page) == expected


def test_account_that_one_opened_is_one_s_own_only_while_nobody_gave_it_more(
    client: TestClient, administrator: Person, coordinator: Person
) -> None:
    key = opened(coordinator, "a@example.org", HOST)
    assert coordinator.post(f"/accounts/{key}/grant", {"role": "community", "within": "river"}).status == 200
    administrator.post(f"/accounts/{key}/grant", HILL_HOST)

    refused = coordinator.post(f"/accounts/{key}/grant", {"role": "volunteer", "within": "wang"})

    assert refused.problem == "consent-needed"


def test_administrators_give_directly(client: TestClient, lyceum: Lyceum, administrator: Person) -> None:
    page = Page(client, "p-1")

    assert administrator.post("/accounts/p-1/grant", HOST).status == 200
    assert roles(page) == ["host"]


# ---- Ways that somebody else put in


def test_planted_way_ends_when_the_account_gains_what_its_planter_cannot_give(
    client: TestClient, post: Mailbox, administrator: Person, coordinator: Person
) -> None:
    key = opened(coordinator, "mallory@example.org", HOST)
    assert coordinator.post(f"/accounts/{key}/ways", {"email": "more@example.org"}).status == 403
    mallory = Mailed(client, post, "mallory@example.org")
    token = program(client, made(mallory))
    ask_for_link(client, "mallory@example.org")
    administrator.post(f"/accounts/{key}/ways", {"email": "alice@example.org"})

    given = administrator.post(f"/accounts/{key}/grant", {"role": "administrator"}).body

    ended = given["ended"]
    assert (ended["ways"], ended["sign_ins"], ended["links"], ended["tokens"]) == (1, 1, 1, 1)
    assert mallory.get("/me").status == token.get("/me").status == 401
    assert roles(Mailed(client, post, "alice@example.org")) == ["host", "administrator"]
    before = len(post.mails)
    ask_for_link(client, "mallory@example.org")
    assert len(post.mails) == before


def test_planted_way_does_not_agree_to_more(
    client: TestClient, post: Mailbox, coordinator: Person, hill: Person
) -> None:
    key = opened(coordinator, "mallory@example.org", HOST)
    mallory = Mailed(client, post, "mallory@example.org")
    hill.post(f"/accounts/{key}/role-offers", HILL_HOST)

    refused = mallory.post("/role-offers/accept", HILL_HOST)

    assert (refused.status, refused.problem) == (403, "not-allowed")
    assert len(roles(mallory)) == 1


def test_role_that_the_planter_may_give_leaves_the_way(
    client: TestClient, lyceum: Lyceum, administrator: Person, coordinator: Person
) -> None:
    key = opened(coordinator, "alice@example.org", HOST)

    given = administrator.post(f"/accounts/{key}/grant", {"role": "community", "within": "river"}).body

    assert given["ended"]["ways"] == 0
    assert len(identities_of(lyceum.store, account_id(key))) == 1


# ---- Addresses


def test_coordinator_learns_nothing_of_an_address_and_its_owner_has_both_accounts(
    client: TestClient, post: Mailbox, administrator: Person, coordinator: Person, lyceum: Lyceum
) -> None:
    boss = opened(administrator, "boss@example.org", {"role": "administrator"})
    known = coordinator.post("/accounts", {"email": "boss@example.org", "grants": [HOST]})
    unknown = coordinator.post("/accounts", {"email": "new@example.org", "grants": [HOST]})
    assert (known.status, set(known.body)) == (unknown.status, set(unknown.body))
    assert boss not in repr(known.body)
    for one in (known, unknown):
        path = f"/accounts/{one.body['key']}"
        assert coordinator.get(path).status == 200
        assert len(coordinator.get(f"{path}/ways").body["items"]) == 1
        assert coordinator.post(f"{path}/ways/close", {}).status == 200
        assert coordinator.post(f"{path}/ways", {"email": "boss@example.org"}).status == 200

    sides = [roles(Mailed(client, post, "boss@example.org", number)) for number in range(3)]

    assert sorted(sides) == [["administrator"], ["host"], ["host"]]
    assert administrator.post("/accounts", {"email": "boss@example.org"}).problem == "already-there"
    assert coordinator.post("/accounts", {"subject": "wang-1966", "grants": [HOST]}).status == 403


def test_addresses_with_several_accounts_move_to_a_new_secret(
    lyceum: Lyceum, hands: Hands, post: Mailbox
) -> None:
    with browser(lyceum, with_mail(post)) as client:
        admin = someone(lyceum, client, ("administrator", None))
        coordinator = someone(lyceum, client, ("coordinator", area_id("river")))
        keys = [opened(one, "boss@example.org", HOST) for one in (admin, coordinator)]
    for secret in (f"{'n' * 32} {'x' * 32}", "n" * 32):
        with browser(lyceum, with_mail(post, secret)) as client:
            sides = [Mailed(client, post, "boss@example.org", number) for number in range(2)]
            assert {one.get("/me").body["actor"] for one in sides} == set(keys)
    assert len(lyceum.store.rows("people").select("way")) == 2
    assert an_account(lyceum, "p-9").grants == ()


def with_mail(post: Mailbox, secret: str = "x" * 32) -> SignInSettings:
    from adapters.access.mail import mail_server

    return SignInSettings(
        secret=secret, mail=mail_server(f"smtp://127.0.0.1:{post.port}", "lyceum@example.org")
    )


def test_who_signs_in_at_the_moment_of_a_gain_does_not_have_it(everywhere: Lyceum, post: Mailbox) -> None:
    with browser(everywhere, with_mail(post)) as client:
        admin = someone(everywhere, client, ("administrator", None))
        coordinator = someone(everywhere, client, ("coordinator", area_id("river")))
        for turn in range(3):
            key = opened(coordinator, f"mallory-{turn}@example.org", HOST)
            ask_for_link(client, f"mallory-{turn}@example.org")
            (link,) = LINK.findall(post.mails[-1][1])
            mallory, start = another(client), Barrier(2)

            def comes(mallory: TestClient = mallory, link: str = link, start: Barrier = start) -> None:
                parts = link.partition("/sign-in")
                page = mallory.get(f"/sign-in{parts[2]}").text
                fields = {name: field_of(page, name) for name in ("csrf", "link")}
                start.wait()
                mallory.post("/sign-in/open", data=fields)

            def gains(key: str = key, start: Barrier = start) -> None:
                start.wait()
                assert admin.post(f"/accounts/{key}/grant", {"role": "administrator"}).status == 200

            with ThreadPoolExecutor(2) as pool:
                for done in [pool.submit(comes), pool.submit(gains)]:
                    done.result()
            assert mallory.get("/v1/accounts").status_code == 401
