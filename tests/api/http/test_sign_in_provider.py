"""Signing in with a provider of OpenID Connect: what it signs is believed when every part of it fits, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from api.http.settings import ProviderSettings, SignInSettings
from domain.account import RoleGrant
from domain.network import area_id
from domain.venue import venue_id
from tests.api.http.conftest import Person, someone
from tests.api.http.signing import (
    HOME,
    Hands,
    Issuer,
    a_key,
    another,
    browser,
    provider,
    stopped,
)

ROLES = {"teachers": (RoleGrant("coordinator", area_id("river")),), "it": (RoleGrant("administrator"),)}


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


def settings(issuer: Issuer, **own: Any) -> SignInSettings:
    named = ProviderSettings(
        issuer.url,
        issuer.client_id,
        issuer.client_secret,
        name="the district",
        roles_claim="realm.groups",
        roles=ROLES,
        **own,
    )
    return SignInSettings(secret="x" * 32, provider=named)


def go(client: TestClient) -> str:
    """Where the browser is sent to."""
    sent = client.get("/sign-in/provider")
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"])


def sign_in(client: TestClient, issuer: Issuer, **changed: str) -> Any:
    return client.get(issuer.consent(go(client), **changed))


def account_in(client: TestClient) -> str:
    return str(client.get("/v1/sign-in").json()["account"])


def bearer(client: TestClient, issuer: Issuer) -> Person:
    """A program with a token of the provider."""
    return Person(another(client), issuer.token())


# ---- Coming in


def test_stranger_comes_in_without_a_role_and_is_told_what_to_do(client: TestClient, issuer: Issuer) -> None:
    assert "Sign in with the district" in client.get("/sign-in").text

    entered = sign_in(client, issuer)

    assert (entered.status_code, entered.headers["location"]) == (303, "/home")
    key = account_in(client)
    page = client.get("/sign-in").text
    assert "Nobody has given you a role yet" in page
    assert f"the number of your account, {key}." in page
    refused = client.get("/v1/venues")
    assert refused.status_code == 403
    assert key in refused.json()["detail"]


def test_same_person_has_the_same_account_and_gets_the_role_that_it_is_given(
    client: TestClient, issuer: Issuer, lyceum: Lyceum
) -> None:
    sign_in(client, issuer)
    key = account_in(client)
    administrator = someone(lyceum, another(client), ("administrator", None))
    administrator.post(f"/accounts/{key}/grant", {"role": "host", "within": "school"})
    assert client.get("/v1/me").json()["grants"] == [{"role": "host", "within": str(venue_id("school"))}]

    second = another(client)
    sign_in(second, issuer)

    assert account_in(second) == key
    assert second.get("/v1/me").json()["actor"] == key


def test_claim_of_the_provider_gives_roles_for_this_sign_in(client: TestClient, issuer: Issuer) -> None:
    issuer.claims = {"realm": {"groups": ["teachers", "chess club"]}}
    sign_in(client, issuer)

    assert client.get("/v1/me").json()["grants"] == [{"role": "coordinator", "within": str(area_id("river"))}]


def test_new_secret_of_the_installation_keeps_the_account(
    client: TestClient, issuer: Issuer, lyceum: Lyceum
) -> None:
    sign_in(client, issuer)
    both = replace(settings(issuer), secret=f"{'n' * 32} {'x' * 32}")
    found = [account_in(client)]
    for one in (both, replace(both, secret="n" * 32)):
        with browser(lyceum, one) as later:
            sign_in(later, issuer)
            found.append(account_in(later))

    assert found == found[:1] * 3


def test_no_name_or_address_of_the_provider_is_kept(
    client: TestClient, issuer: Issuer, lyceum: Lyceum
) -> None:
    issuer.claims = {"name": "Wang Li", "email": "wang@example.org"}
    sign_in(client, issuer)

    told = client.get("/v1/sign-in").text + client.get("/sign-in").text
    rows = [
        row
        for table in ("people", "credentials", "answers")
        for collection in lyceum.store.rows(table).collections()
        for row in lyceum.store.rows(table).select(collection)
    ]
    whole = told + repr(rows) + repr([one.event for one in lyceum.store.history()])
    assert [one for one in ("Wang Li", "wang@example.org", issuer.subject) if one in whole] == []


def test_way_there_has_state_nonce_and_a_proof_key_that_are_new_each_time(client: TestClient) -> None:
    first, second = (parse_qs(urlsplit(go(client)).query) for _ in range(2))

    assert first["redirect_uri"] == [f"{HOME}/sign-in/callback"]
    assert first["scope"] == ["openid"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 43
        assert first[name] != second[name]


# ---- Not coming in


def test_state_of_another_browser_brings_nobody_in(client: TestClient, issuer: Issuer) -> None:
    stolen = issuer.consent(go(client))
    victim = another(client)
    go(victim)

    assert victim.get(stolen).status_code == 401
    assert another(client).get(stolen).status_code == 401
    assert account_in(victim) == "None"


def test_way_back_is_good_once(client: TestClient, issuer: Issuer) -> None:
    """Even where the provider takes its code again, and the browser keeps its cookie."""
    issuer.forgetful = True
    back = issuer.consent(go(client))
    seed = client.cookies["__Host-lyceum-start"]
    assert client.get(back).status_code == 303
    assert "__Host-lyceum-start" not in client.cookies

    assert client.get(back).status_code == 401
    client.cookies.set("__Host-lyceum-start", seed, domain="lyceum.example")
    assert client.get(back).status_code == 401


@pytest.mark.parametrize("began", ["9" * 5000, "9" * 30, "", "-1"])
def test_way_back_that_began_at_no_time_is_refused(client: TestClient, began: str) -> None:
    cookie = {"cookie": f"__Host-lyceum-start={began}.x"}

    assert client.get("/sign-in/callback?state=x", headers=cookie).status_code == 401


def test_way_back_takes_ten_minutes_at_most(client: TestClient, issuer: Issuer, hands: Hands) -> None:
    back = issuer.consent(go(client))
    hands.on(minutes=11)

    assert client.get(back).status_code == 401


def test_nonce_of_another_visit_brings_nobody_in(client: TestClient, issuer: Issuer) -> None:
    earlier = parse_qs(urlsplit(go(client)).query)["nonce"][0]

    assert sign_in(client, issuer, nonce=earlier).status_code == 401


def test_code_without_the_proof_key_brings_nobody_in(client: TestClient, issuer: Issuer) -> None:
    assert sign_in(client, issuer, code_challenge="somebody-else").status_code == 401


def test_provider_that_says_no_or_is_another_brings_nobody_in(client: TestClient, issuer: Issuer) -> None:
    for more in ("&error=access_denied", "&iss=https://evil.example"):
        assert client.get(issuer.consent(go(client)) + more).status_code == 401


def forgeries(issuer: Issuer) -> dict[str, dict[str, Any]]:
    """What must not be believed: what is told, what is said of the signature, and what signs."""
    now = int(issuer.clock().timestamp())
    public = issuer.keys[0].as_pem(private=False)
    return {
        "issuer": {"claims": {"iss": "https://evil.example"}},
        "audience": {"claims": {"aud": "another-program"}},
        "no audience": {"claims": {"aud": None}},
        "expired": {"claims": {"exp": now - 61}},
        "no end": {"claims": {"exp": None}},
        "not yet": {"claims": {"nbf": now + 120}},
        "of tomorrow": {"claims": {"iat": now + 86_400}},
        "nobody": {"claims": {"sub": None}},
        "a number": {"claims": {"sub": 7}},
        "none": {"header": {"alg": "none"}, "secret": b""},
        "secret": {"header": {"alg": "HS256"}, "secret": public},
        "other key": {"signer": a_key("another")},
        "other kind of key": {"header": {"alg": "ES256"}, "signer": ECKey.generate_key("P-256")},
        "unknown key": {"header": {"kid": "two"}},
    }


FORGERIES = (
    "issuer",
    "audience",
    "no audience",
    "expired",
    "no end",
    "not yet",
    "of tomorrow",
    "nobody",
    "a number",
    "none",
    "secret",
    "other key",
    "other kind of key",
    "unknown key",
)


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_token_brings_nobody_in(client: TestClient, issuer: Issuer, name: str) -> None:
    """Neither by the browser nor as a bearer token."""
    assert bearer(client, issuer).get("/me").status == 403
    forged = forgeries(issuer)[name]
    issuer.claims, issuer.header = forged.get("claims", {}), forged.get("header", {})
    issuer.signer, issuer.secret = forged.get("signer"), forged.get("secret")

    refused = sign_in(client, issuer)
    asked = bearer(client, issuer).get("/me")

    assert refused.status_code == 401
    assert "__Host-lyceum" not in client.cookies
    assert (asked.status, asked.problem) == (401, "not-signed-in")


def test_every_forgery_is_tried(issuer: Issuer) -> None:
    assert set(forgeries(issuer)) == set(FORGERIES)


def test_token_for_two_programs_must_have_been_asked_for_by_this_one(
    client: TestClient, issuer: Issuer
) -> None:
    issuer.claims = {"aud": ["lyceum", "other"], "azp": "other"}
    assert sign_in(client, issuer).status_code == 401

    issuer.claims = {"aud": ["lyceum", "other"], "azp": "lyceum"}
    assert sign_in(client, issuer).status_code == 303


# ---- At the same time


def test_stranger_in_two_browsers_at_the_same_time_gets_one_account(everywhere: Lyceum) -> None:
    with provider(everywhere.clock) as issuer, browser(everywhere, settings(issuer)) as client:
        pair = [another(client) for _ in range(2)]
        ways = [issuer.consent(go(one)) for one in pair]
        start = Barrier(2)

        def come(number: int) -> int:
            start.wait()
            return pair[number].get(ways[number]).status_code

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(come, range(2))) == [303, 303]
        assert account_in(pair[0]) == account_in(pair[1]) != "None"


def test_way_back_is_good_once_also_at_the_same_time(everywhere: Lyceum) -> None:
    with provider(everywhere.clock) as issuer, browser(everywhere, settings(issuer)) as client:
        issuer.forgetful = True
        back = issuer.consent(go(client))
        copies = [another(client) for _ in range(4)]
        for one in copies:
            one.cookies.set("__Host-lyceum-start", client.cookies["__Host-lyceum-start"])
        start = Barrier(4)

        def come(number: int) -> int:
            start.wait()
            return copies[number].get(back).status_code

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(come, range(4))) == [303, 401, 401, 401]
