"""Tokens and keys of the provider: bearers are taken as long as the provider stands by the key that signed them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from api.http.settings import ProviderSettings, SignInSettings
from domain.network import area_id
from tests.api.http.conftest import Person, someone
from tests.api.http.signing import Hands, Issuer, another, browser, provider, stopped
from tests.api.http.test_sign_in_provider import account_in, bearer, settings, sign_in


@pytest.fixture
def hands(lyceum: Lyceum) -> Hands:
    return stopped(lyceum)


@pytest.fixture
def issuer(hands: Hands) -> Iterator[Issuer]:
    with provider(hands) as found:
        yield found


@pytest.fixture
def client(lyceum: Lyceum, hands: Hands, issuer: Issuer) -> Iterator[TestClient]:
    with browser(lyceum, settings(issuer)) as found:
        yield found


# ---- Keys


def test_new_key_is_fetched_and_an_old_one_is_no_longer_believed(
    client: TestClient, issuer: Issuer, hands: Hands
) -> None:
    old = issuer.token()
    assert Person(client, old).get("/me").status == 403
    hands.on(seconds=61)
    issuer.rotate("two")

    assert bearer(client, issuer).get("/me").status == 403
    assert Person(client, old).get("/me").status == 401


def test_unknown_keys_make_the_keys_be_fetched_once_a_minute_at_most(
    client: TestClient, issuer: Issuer, hands: Hands
) -> None:
    bearer(client, issuer).get("/me")
    before = issuer.fetched.count("/keys")
    issuer.header = {"kid": "made up"}
    for _ in range(5):
        assert bearer(client, issuer).get("/me").status == 401
    assert issuer.fetched.count("/keys") == before

    hands.on(seconds=61)
    for _ in range(5):
        assert bearer(client, issuer).get("/me").status == 401
    assert issuer.fetched.count("/keys") == before + 1


def test_key_that_was_taken_back_is_forgotten_within_the_hour(
    client: TestClient, issuer: Issuer, hands: Hands
) -> None:
    stolen = issuer.keys[0]
    assert bearer(client, issuer).get("/me").status == 403
    issuer.rotate("two")
    hands.on(hours=1)
    issuer.signer, issuer.header = stolen, {"kid": "one"}

    assert bearer(client, issuer).get("/me").status == 401


def test_provider_that_is_away_stops_new_sign_ins_and_not_what_it_signed(
    client: TestClient, issuer: Issuer, lyceum: Lyceum, hands: Hands
) -> None:
    with browser(lyceum, settings(issuer)) as other:
        issuer.silent = True
        away = [other.get("/sign-in/provider") for _ in range(3)]
        assert [one.status_code for one in away] == [503] * 3
        assert "does not" in away[0].text
        assert len(issuer.fetched) == 1
        issuer.silent = False
        hands.on(seconds=5)
        assert bearer(other, issuer).get("/me").status == 403
        issuer.silent = True
        assert bearer(other, issuer).get("/me").status == 403


def test_provider_that_calls_itself_otherwise_is_not_believed(lyceum: Lyceum, issuer: Issuer) -> None:
    named = settings(issuer).provider
    assert named is not None
    wrong = ProviderSettings(f"{issuer.url}/", named.client_id, named.client_secret)
    with browser(lyceum, SignInSettings(secret="x" * 32, provider=wrong)) as client:
        assert client.get("/sign-in/provider").status_code == 503


# ---- Bearer tokens


def test_bearer_has_the_roles_of_the_account_and_of_the_claim(
    client: TestClient, issuer: Issuer, lyceum: Lyceum
) -> None:
    program = bearer(client, issuer)
    refused = program.get("/venues")
    own = refused.body["detail"].rpartition(" ")[2]
    assert (refused.status, refused.problem) == (403, "not-allowed")

    issuer.claims = {"realm": {"groups": "it"}}
    assert bearer(client, issuer).get("/me").body["actor"] == own

    issuer.claims = {}
    sign_in(client, issuer)
    assert account_in(client) == own
    administrator = someone(lyceum, another(client), ("administrator", None))
    administrator.post(f"/accounts/{own}/grant", {"role": "community", "within": "hill"})
    assert program.get("/me").body["grants"] == [{"role": "community", "within": str(area_id("hill"))}]

    administrator.post(f"/accounts/{own}/close", {"why": "has left"})
    assert program.get("/me").status == 401


def test_bearer_for_another_audience_is_not_for_us(lyceum: Lyceum, hands: Hands, issuer: Issuer) -> None:
    with browser(lyceum, settings(issuer, audience="https://lyceum.example/v1")) as client:
        assert bearer(client, issuer).get("/me").status == 401
        issuer.claims = {"aud": "https://lyceum.example/v1"}
        assert bearer(client, issuer).get("/me").status == 403


def test_bearer_needs_no_token_of_a_page(client: TestClient, issuer: Issuer) -> None:
    issuer.claims = {"realm": {"groups": "it"}}

    ended = bearer(client, issuer).post(
        "/sign-in/end", {"everywhere": True}, origin="https://elsewhere.example"
    )

    assert ended.body == {"ended": 0}
