"""Tokens over HTTP: shown once, never wider than who makes them, and over with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.access.api_tokens import Credential, RoleGrant, credential_row
from adapters.application.application import Lyceum
from adapters.services.bootstrap_admin import make_link
from domain.network import area_id
from domain.venue import venue_id
from tests.api.http.conftest import Person, an_account, someone
from tests.api.http.signing import Hands, another, browser, house_of, press_button, stopped

RIVER = RoleGrant("coordinator", area_id("river"))


@pytest.fixture
def hands(lyceum: Lyceum) -> Hands:
    return stopped(lyceum)


@pytest.fixture
def client(lyceum: Lyceum, hands: Hands) -> Iterator[TestClient]:
    with browser(lyceum) as found:
        yield found


class Page(Person):
    """A page of this site, in which somebody is signed in with a cookie."""

    def __init__(self, client: TestClient, key: str, *grants: RoleGrant) -> None:
        super().__init__(another(client), None)
        app_state = house_of(client)
        account = an_account(app_state.lyceum, key, *grants)
        entered = press_button(
            self.client, app_state.sign_in_service.link_address(make_link(app_state.lyceum, account))
        )
        assert entered.status_code == 303
        self.csrf = str(self.get("/sign-in").body["csrf"])

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        own = {"x-csrf-token": self.csrf} if hasattr(self, "csrf") else {}
        return own | super()._headers(more)


def made(person: Person, **form: Any) -> dict[str, Any]:
    answer = person.post("/tokens", form)
    assert answer.status == 201, answer.body
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.body
    return body


def program(client: TestClient, token: dict[str, Any]) -> Person:
    return Person(another(client), token["token"])


def test_token_acts_for_who_made_it_and_is_shown_once(client: TestClient) -> None:
    page = Page(client, "p-1", RIVER)
    token = made(page)

    assert token["token"].startswith("lyc_")
    assert program(client, token).get("/me").body["actor"] == "p-1"
    (listed,) = page.get("/tokens").body["items"]
    assert listed["id"] == token["id"]
    assert token["token"] not in repr(listed)
    assert "token" not in listed


def test_same_key_makes_one_token_and_keeps_no_secret(client: TestClient, lyceum: Lyceum) -> None:
    page = Page(client, "p-1", RIVER)
    first = page.post("/tokens", {}, idempotency_key="once")
    again = page.post("/tokens", {}, idempotency_key="once")

    assert again.body == {**first.body, "token": None}
    assert again.headers["cache-control"] == "no-store"
    assert len(page.get("/tokens").body["items"]) == 1
    kept = repr(lyceum.store.rows("answers").select("answer"))
    assert first.body["token"] not in kept
    assert first.body["id"] in kept


def test_token_is_narrower_where_that_is_asked_for(client: TestClient) -> None:
    page = Page(client, "p-1", RIVER)
    token = made(page, grants=[{"role": "host", "within": "school"}], days=1)

    assert program(client, token).get("/me").body["grants"] == [
        {"role": "host", "within": str(venue_id("school"))}
    ]
    assert program(client, token).get("/requests").status == 403


@pytest.mark.parametrize(
    "wider",
    [
        {"role": "coordinator", "within": "town"},
        {"role": "coordinator", "within": "hill"},
        {"role": "host", "within": "library"},
        {"role": "administrator"},
        {"role": "auditor"},
    ],
)
def test_token_is_never_wider_than_who_makes_it(client: TestClient, wider: dict[str, str]) -> None:
    page = Page(client, "p-1", RIVER)

    refused = page.post("/tokens", {"grants": [wider]})

    assert (refused.status, refused.problem) == (403, "not-allowed")
    assert page.get("/tokens").body["items"] == []


def test_token_narrows_with_its_maker_and_ends_with_the_account(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    page = Page(client, "p-1", RIVER, RoleGrant("auditor"))
    whole = program(client, made(page))
    hosting = program(client, made(page, grants=[{"role": "host", "within": "school"}]))
    why = {"why": "has moved"}

    administrator.post("/accounts/p-1/withdraw", {"role": "coordinator", "within": "river", **why})
    assert whole.get("/me").body["grants"] == [{"role": "auditor", "within": None}]
    assert hosting.get("/me").status == 403

    administrator.post("/accounts/p-1/close", why)
    assert whole.get("/me").status == 401
    assert page.get("/me").status == 401


def test_token_is_over_in_time_or_when_it_is_revoked(client: TestClient, hands: Hands) -> None:
    page = Page(client, "p-1", RIVER)
    short, other = made(page, days=1), made(page, days=30)

    hands.on(days=1)
    assert program(client, short).get("/me").status == 401
    assert program(client, other).get("/me").status == 200
    revoked = program(client, other).post(f"/tokens/{other['id']}/revoke").body
    assert (revoked["id"], revoked["revoked"], revoked["ended"]["tokens"]) == (other["id"], True, 1)
    assert program(client, other).get("/me").status == 401


def test_others_tokens_are_out_of_sight_but_for_administrators(
    client: TestClient, administrator: Person
) -> None:
    one, two = Page(client, "p-1", RIVER), Page(client, "p-2", RIVER)
    token = made(one)

    assert two.get("/tokens").body["items"] == []
    assert two.post(f"/tokens/{token['id']}/revoke").status == 404
    assert program(client, token).get("/me").status == 200
    assert token["id"] in repr(administrator.get("/tokens").body)
    assert administrator.post(f"/tokens/{token['id']}/revoke").status == 200
    assert program(client, token).get("/me").status == 401


def test_token_made_with_a_token_ends_with_it_and_makes_no_more(
    client: TestClient, lyceum: Lyceum, hands: Hands
) -> None:
    first = someone(lyceum, client, ("administrator", None), actor="by-hand")
    child = made(first, grants=[{"role": "coordinator", "within": "river"}])
    using = program(client, child)

    assert using.get("/me").body["actor"] == "by-hand"
    assert using.post("/tokens", {}).status == 403
    (parent,) = [one for one in first.get("/tokens").body["items"] if one["id"] != child["id"]]
    assert first.post(f"/tokens/{parent['id']}/revoke").status == 200
    assert using.get("/me").status == 401


def test_tokens_of_one_actor_do_not_see_each_other(client: TestClient, lyceum: Lyceum) -> None:
    """The command line calls every coordinator so, unless it is told otherwise."""
    river = someone(lyceum, client, ("coordinator", area_id("river")), actor="coordinator")
    hill = someone(lyceum, client, ("coordinator", area_id("hill")), actor="coordinator")
    child = made(river, grants=[{"role": "host", "within": "school"}])

    assert child["id"] in repr(river.get("/tokens").body)
    assert len(hill.get("/tokens").body["items"]) == 1
    assert hill.post(f"/tokens/{child['id']}/revoke").status == 404
    assert len(program(client, child).get("/tokens").body["items"]) == 1


def test_token_of_an_account_signs_nobody_out(client: TestClient) -> None:
    page = Page(client, "p-1", RIVER)

    ended = program(client, made(page)).post("/sign-in/end", {"everywhere": True})

    assert ended.body == {"ended": 0}
    assert page.get("/me").status == 200


def test_token_made_with_one_that_expires_holds_no_longer(
    client: TestClient, lyceum: Lyceum, hands: Hands
) -> None:
    short = Credential("by-hand", (RoleGrant("administrator"),), hands.at + timedelta(days=2))
    lyceum.store.save((), [credential_row("short", short)])
    child = program(client, made(Person(client, "short"), days=300))

    assert child.get("/me").status == 200
    hands.on(days=2)
    assert child.get("/me").status == 401


def test_account_without_a_role_makes_no_token(client: TestClient) -> None:
    page = Page(client, "p-1")

    assert page.post("/tokens", {}).status == 403
