"""Accounts: roles are given and taken by who holds as much, and nobody takes over an account that is worth more."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.access.login_identities import identities_of
from adapters.access.rights import administrators
from adapters.application.application import Lyceum
from adapters.services.bootstrap_admin import make_link
from adapters.store.streams import ACCOUNTS
from api.http.auth.roles import ROLES, TABLE, Role
from api.http.settings import ProviderSettings, SignInSettings
from domain.account import PARTS, RoleGrant, account_id, close_account
from domain.network import area_id
from domain.venue import venue_id
from domain.volunteer import volunteer_id
from tests.api.http.conftest import Person, an_account, someone
from tests.api.http.signing import browser

EMAIL = "host@example.org"
HOST = {"role": "host", "within": "school"}
SETTINGS = SignInSettings(secret="x" * 32, provider=ProviderSettings("https://id.example", "lyceum"))


@pytest.fixture
def client(lyceum: Lyceum) -> Iterator[TestClient]:
    with browser(lyceum, SETTINGS) as found:
        yield found


def opened(person: Person, **more: Any) -> str:
    """The key of a new account."""
    made = person.post("/accounts", {"email": EMAIL, "grants": [HOST], **more})
    assert made.status == 201, made.body
    return str(made.body["key"])


def test_account_is_opened_with_a_role_and_an_address_that_nobody_can_read(
    administrator: Person, lyceum: Lyceum
) -> None:
    made = administrator.post("/accounts", {"email": EMAIL, "grants": [HOST]})
    key = made.body["key"]

    assert made.headers["location"] == f"/v1/accounts/{key}"
    assert {**administrator.get(f"/accounts/{key}").body, "detail": made.body["detail"]} == made.body
    assert made.body["grants"] == [{"role": "host", "within": str(venue_id("school"))}]
    (way,) = administrator.get(f"/accounts/{key}/ways").body["items"]
    assert way["kind"] == "email"
    told = repr([administrator.get("/accounts").body, way, *lyceum.store.history()])
    assert EMAIL not in told
    assert EMAIL.encode() not in repr(lyceum.store.rows("people").select("way")).encode()


def test_address_leads_to_one_account_alone(administrator: Person) -> None:
    key = opened(administrator)

    again = administrator.post("/accounts", {"email": EMAIL.upper(), "grants": []})

    assert (again.status, again.problem) == (409, "already-there")
    assert key in again.body["detail"]


def test_subject_of_the_provider_is_a_way_in(administrator: Person) -> None:
    made = administrator.post("/accounts", {"subject": "wang-1966"})
    again = administrator.post("/accounts", {"subject": "wang-1966"})

    assert made.status == 201
    assert again.status == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"email": EMAIL, "subject": "x"}, 422),
        ({"email": "nonsense"}, 422),
        ({"email": EMAIL, "grants": [{"role": "host"}]}, 422),
        ({"email": EMAIL, "grants": [{"role": "administrator", "within": "school"}]}, 422),
        ({"email": EMAIL, "grants": [{"role": "king"}]}, 422),
        ({"email": EMAIL, "grants": [{"role": "host", "within": "castle"}]}, 404),
    ],
)
def test_account_that_cannot_be_is_refused(administrator: Person, body: Any, status: int) -> None:
    refused = administrator.post("/accounts", body)

    assert refused.status == status
    assert EMAIL not in repr(refused.body)


def test_role_is_given_once_and_taken_with_a_reason(administrator: Person) -> None:
    key = opened(administrator, grants=[])
    given = administrator.post(f"/accounts/{key}/grant", HOST)
    same = administrator.post(f"/accounts/{key}/grant", HOST)
    stale = administrator.post(f"/accounts/{key}/grant", HOST, if_match='"1"')
    taken = administrator.post(f"/accounts/{key}/withdraw", {**HOST, "why": "moved away"})

    assert same.body == given.body
    assert stale.status == 412
    assert taken.body["grants"] == []
    assert administrator.post(f"/accounts/{key}/withdraw", HOST).status == 422


# ---- Coordinators


def test_coordinator_gives_out_what_lies_below(coordinator: Person, administrator: Person) -> None:
    key = opened(coordinator)

    for allowed in (
        {"role": "volunteer", "within": "wang"},
        {"role": "community", "within": "river"},
    ):
        assert coordinator.post(f"/accounts/{key}/grant", allowed).status == 200
    for refused in (
        {"role": "host", "within": "library"},
        {"role": "volunteer", "within": "li"},
        {"role": "community", "within": "town"},
        {"role": "coordinator", "within": "river"},
        {"role": "administrator"},
        {"role": "auditor"},
    ):
        assert coordinator.post(f"/accounts/{key}/grant", refused).status == 403, refused
    assert coordinator.post("/accounts", {"email": "a@example.org", "grants": []}).status == 403
    assert len(administrator.get(f"/accounts/{key}").body["grants"]) == 3


def test_coordinator_takes_over_no_account_that_is_worth_more(
    coordinator: Person, administrator: Person, lyceum: Lyceum
) -> None:
    chief = an_account(lyceum, "p-chief", RoleGrant("administrator"), RoleGrant("host", venue_id("school")))
    elsewhere = an_account(lyceum, "p-hill", RoleGrant("host", venue_id("library")))
    stranger = an_account(lyceum, "p-new")

    for account in (chief, elsewhere, stranger):
        for path, body in (
            ("ways", {"email": "mine@example.org"}),
            ("ways/close", {}),
            ("close", {"why": "I say so"}),
        ):
            asked = coordinator.post(f"/accounts/{account.key}/{path}", body)
            assert asked.status == 403, (account.key, path)
        assert identities_of(lyceum.store, account.id) == ()
    assert administrator.post("/accounts/p-hill/ways", {"email": "mine@example.org"}).status == 200


def test_coordinator_sees_the_accounts_of_the_own_area(
    coordinator: Person, administrator: Person, lyceum: Lyceum
) -> None:
    an_account(lyceum, "p-river", RoleGrant("host", venue_id("school")))
    an_account(lyceum, "p-hill", RoleGrant("host", venue_id("library")))
    an_account(lyceum, "p-new")

    assert [one["key"] for one in coordinator.get("/accounts").body["items"]] == ["p-river"]
    assert coordinator.get("/accounts/p-river").status == 200
    assert coordinator.get("/accounts/p-hill").status == 403
    assert coordinator.get("/accounts/p-new").status == 403
    assert len(administrator.get("/accounts").body["items"]) == 3


@pytest.mark.parametrize(
    ("giver", "roles"),
    [("administrator", set(ROLES)), ("coordinator", {"host", "volunteer", "community"})],
)
def test_who_gives_a_role_may_do_all_that_it_may(giver: Role, roles: set[Role]) -> None:
    """So nobody gives more than they hold."""
    more = [
        (name, role)
        for name, row in TABLE.items()
        for role in roles & set(row)
        if giver not in row or (row[role] == "all" and row[giver] == "own" and role == "administrator")
    ]

    assert more == []
    assert set(PARTS) == set(ROLES) - {"public"}


# ---- The end


def test_closed_account_is_forgotten_but_for_its_key(administrator: Person, lyceum: Lyceum) -> None:
    key = opened(administrator)
    closed = administrator.post(f"/accounts/{key}/close", {"why": "has left"})

    assert closed.body["closed"] is True
    assert identities_of(lyceum.store, account_id(key)) == ()
    assert administrator.post(f"/accounts/{key}/grant", HOST).problem == "account-closed"
    assert administrator.post(f"/accounts/{key}/ways", {"email": EMAIL}).problem == "account-closed"
    assert opened(administrator) != key


def test_ways_are_closed_one_by_one_or_all(administrator: Person, lyceum: Lyceum) -> None:
    key = opened(administrator)
    added = administrator.post(f"/accounts/{key}/ways", {"subject": "wang-1966"}).body["items"]
    (first,) = [one["id"] for one in added if one["kind"] == "email"]

    left = administrator.post(f"/accounts/{key}/ways/close", {"ids": [first]}).body["items"]

    assert [one["kind"] for one in left] == ["provider"]
    assert administrator.post(f"/accounts/{key}/ways/close", {}).body["items"] == []
    (kept,) = identities_of(lyceum.store, account_id(key))
    assert (kept.kind, kept.closed is None) == ("provider", False)


def test_erasing_a_volunteer_erases_the_way_in(administrator: Person, lyceum: Lyceum) -> None:
    key = opened(administrator, grants=[{"role": "volunteer", "within": "wang"}])
    assert len(identities_of(lyceum.store, account_id(key))) == 1
    administrator.post("/people/wang/volunteer", {"name": "Wang Li"})
    make_link(lyceum, lyceum.must_load(ACCOUNTS, account_id(key)), "email")

    assert administrator.post("/people/wang/volunteer/erase").status == 200

    assert lyceum.store.rows("people").select("way") == []
    assert lyceum.store.rows("credentials").select("link") == []


def test_last_administrator_stays(client: TestClient, lyceum: Lyceum, administrator: Person) -> None:
    an_account(lyceum, "p-1", RoleGrant("administrator"))
    an_account(lyceum, "p-2", RoleGrant("administrator"))

    first = administrator.post("/accounts/p-1/withdraw", {"role": "administrator", "why": "retires"})
    last = administrator.post("/accounts/p-2/withdraw", {"role": "administrator", "why": "retires"})
    closed = administrator.post("/accounts/p-2/close", {"why": "retires"})

    assert first.status == 200
    assert (last.status, last.problem) == (409, "last-administrator")
    assert closed.problem == "last-administrator"


def test_two_administrators_who_dismiss_each_other_leave_one(everywhere: Lyceum) -> None:
    with browser(everywhere, SETTINGS) as client:
        person = someone(everywhere, client, ("administrator", None))
        for turn in range(3):
            keys = [f"p-{turn}-{number}" for number in range(2)]
            for key in keys:
                an_account(everywhere, key, RoleGrant("administrator"))
            start = Barrier(2)

            def dismiss(key: str, start: Barrier = start) -> int:
                start.wait()
                body = {"role": "administrator", "why": "a quarrel"}
                return person.post(f"/accounts/{key}/withdraw", body).status

            with ThreadPoolExecutor(2) as pool:
                assert sorted(pool.map(dismiss, keys)) == [200, 409]
            everywhere.views.catch_up()
            (left,) = administrators(everywhere.store, everywhere.views)
            assert left.key in keys
            everywhere.commit(close_account(left, everywhere.metadata(), "the end of a round", others=1))


# ---- What events say


def test_feed_tells_who_gave_which_role_to_whom(administrator: Person, lyceum: Lyceum) -> None:
    key = opened(administrator)
    told = administrator.get("/events?type=lyceum.account.role_granted").body["items"]

    assert [(one["subject"], one["actor"]) for one in told] == [(str(account_id(key)), "administrator")]
    assert told[0]["data"]["granted"] == {"role": "host", "within": str(venue_id("school"))}
    assert told[0]["data"]["authority"]["account"] is None
    assert len(told[0]["data"]["authority"]["token"]) == 64
    assert area_id("river") != volunteer_id("wang")
