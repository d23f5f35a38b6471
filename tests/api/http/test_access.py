"""Whoever may no longer, cannot: everything that an account can be used by ends with what it rests on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from adapters.access.login_identities import identities_of
from adapters.application.application import Lyceum
from adapters.feeds import feed_records
from adapters.jobs.job_queue import RIGHT_IS_OVER
from adapters.services.account_uses import EVENTS, OTHERS, USES
from adapters.services.bootstrap_admin import make_link
from adapters.store.rows import COLLECTIONS, Row, UnknownCollection
from adapters.store.store import DatabaseStore
from adapters.store.streams import ACCOUNTS
from domain.account import Account, RoleGrant, account_id, withdraw
from domain.network import area_id
from domain.venue import venue_id
from domain.volunteer import volunteer_id
from tests.adapters.town import WEEK
from tests.api.http.conftest import Person, an_account, someone
from tests.api.http.signing import Hands, Issuer, another, browser, provider, stopped
from tests.api.http.test_sign_in_provider import account_in, bearer, settings, sign_in
from tests.api.http.test_token_making import Page, made, program
from tests.workers import do_one

RIVER = RoleGrant("coordinator", area_id("river"))
HOST = {"role": "host", "within": "school"}
VOLUNTEER = {"role": "volunteer", "within": "wang"}
WHY = {"why": "a test"}
FEED = "/areas/town/feeds"
PLAN = f"/weeks/river/{WEEK}/plan"


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


class Comer(Person):
    """Somebody who has signed in at the provider."""

    def __init__(self, client: TestClient, issuer: Issuer) -> None:
        super().__init__(another(client), None)
        self.entered = sign_in(self.client, issuer)
        self.key = account_in(self.client)
        self.csrf = str(self.get("/sign-in").body["csrf"])

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        own = {"x-csrf-token": self.csrf} if hasattr(self, "csrf") else {}
        return own | super()._headers(more)


def opened(person: Person, email: str, *grants: dict[str, Any]) -> str:
    answer = person.post("/accounts", {"email": email, "grants": list(grants)})
    assert answer.status == 201, answer.body
    return str(answer.body["key"])


def feed_of(person: Person) -> str:
    answer = person.post(FEED, {})
    assert answer.status == 201, answer.body
    return str(answer.body["url"]).partition("/v1")[2]


# ---- One list


def test_every_shelf_says_how_it_ends_with_an_account() -> None:
    """A new collection must be in COLLECTIONS before it is written, and there only with a line in one of the lists."""
    assert USES.keys() | OTHERS.keys() == COLLECTIONS
    assert USES.keys() & OTHERS.keys() == set()
    assert {one.name for one in dataclasses.fields(Account)} == EVENTS.keys()


def test_shelf_that_nobody_has_named_is_not_written(lyceum: Lyceum) -> None:
    with pytest.raises(UnknownCollection, match=r"account_uses\.py"):
        lyceum.store.save((), [("credentials", Row("pass", "a", b"1"))])


def in_use(lyceum: Lyceum, account: UUID) -> set[tuple[str, str]]:
    """The shelves of the list that hold something by which the account can be used."""
    return {
        (table, collection)
        for table, collection in USES
        for row in lyceum.store.rows(table).select(collection)
        if str(account) in f"{row.scope} {row.key} {row.body!r}" and not _is_shut(row)
    }


def _is_shut(row: Row) -> bool:
    """A way of the provider that is kept so that its owner stays out."""
    return row.collection == "way" and b'"closed":null' not in (row.body or b"")


def a_full_account(client: TestClient, lyceum: Lyceum, administrator: Person) -> str:
    """An account p-full with something on every shelf of the list but one; the address of its feed."""
    page = Page(client, "p-full", RIVER)
    for way in ({"email": "one@example.org"}, {"subject": "wang-1966"}):
        assert administrator.post("/accounts/p-full/ways", way).status == 200
    token = made(page)
    made(program(client, token))
    assert page.post(PLAN, {"seconds": 1}).status == 202
    make_link(lyceum, lyceum.must_load(ACCOUNTS, account_id("p-full")), "email")
    return feed_of(page)


def test_closed_account_is_used_by_nothing(client: TestClient, lyceum: Lyceum, administrator: Person) -> None:
    address, account = a_full_account(client, lyceum, administrator), account_id("p-full")
    assert in_use(lyceum, account) == USES.keys() - {("people", "way-also")}

    ended = administrator.post("/accounts/p-full/close", WHY).body["ended"]

    assert in_use(lyceum, account) == set()
    assert [ended[name] > 0 for name in ("ways", "sign_ins", "links", "tokens", "feeds", "jobs")] == [
        True
    ] * 6
    assert client.get(f"/v1{address}").status_code == 404
    (job,) = administrator.get("/jobs").body["items"]
    assert (job["status"], job["why"]) == ("failed", RIGHT_IS_OVER)


def test_further_account_of_an_address_leaves_nothing_behind(
    client: TestClient, lyceum: Lyceum, administrator: Person, coordinator: Person
) -> None:
    opened(administrator, "two@example.org", {"role": "auditor"})
    key = opened(coordinator, "two@example.org", HOST)
    assert in_use(lyceum, account_id(key)) == {("people", "way"), ("people", "way-also")}

    assert coordinator.post(f"/accounts/{key}/close", WHY).status == 200

    assert in_use(lyceum, account_id(key)) == set()
    assert len(lyceum.store.rows("people").select("way")) == 1


# ---- Rights that are over


def test_withdrawn_role_ends_what_it_led_to_and_nothing_else(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    page = Page(client, "p-1", RIVER, RoleGrant("auditor"))
    token, job = made(page), page.post(PLAN, {"seconds": 1}).body["id"]
    theirs = opened(page, "host@example.org", HOST)
    assert page.post("/accounts/p-1/grant", VOLUNTEER).status == 200
    assert page.get("/people/wang/volunteer/looks").status == 200

    taken = administrator.post("/accounts/p-1/withdraw", {"role": "coordinator", "within": "river", **WHY})

    assert [one["role"] for one in taken.body["grants"]] == ["auditor"]
    assert [(one["account"], one["granted"]["role"]) for one in taken.body["ended"]["roles"]] == [
        (theirs, "host")
    ]
    assert administrator.get(f"/accounts/{theirs}").body["grants"] == []
    assert [one["role"] for one in program(client, token).get("/me").body["grants"]] == ["auditor"]
    assert page.get("/me").status == 200
    assert administrator.get(f"/jobs/{job}").body["status"] == "failed"


def test_who_withdraws_may_keep_what_the_account_gave(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    page = Page(client, "p-1", RIVER)
    theirs = opened(page, "host@example.org", HOST)
    page.post("/accounts/p-1/grant", VOLUNTEER)

    taken = administrator.post(
        "/accounts/p-1/withdraw", {"role": "coordinator", "within": "river", "keep": True, **WHY}
    )

    assert (taken.body["grants"], taken.body["ended"]["roles"]) == ([], [])
    assert [one["role"] for one in administrator.get(f"/accounts/{theirs}").body["grants"]] == ["host"]


def test_right_that_comes_back_brings_back_nothing(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    page = Page(client, "p-1", RIVER)
    theirs, address = opened(page, "host@example.org", HOST), feed_of(page)
    role = {"role": "coordinator", "within": "river"}
    token = program(client, made(page))
    administrator.post("/accounts/p-1/withdraw", {**role, **WHY})

    administrator.post("/accounts/p-1/grant", role)

    assert administrator.get(f"/accounts/{theirs}").body["grants"] == []
    assert client.get(f"/v1{address}").status_code == 404
    assert token.get("/me").status == 403
    assert program(client, made(page)).get("/me").body["grants"] != []


def test_job_is_not_begun_after_its_right_whoever_takes_it(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    """Also where nothing has looked for it: the worker asks when its turn comes."""
    page = Page(client, "p-1", RIVER)
    job = page.post(PLAN, {"seconds": 1}).body["id"]
    lyceum.decide(
        ACCOUNTS, account_id("p-1"), lambda one, metadata: withdraw(one, metadata, RIVER, "a test", others=1)
    )

    assert not do_one(lyceum)

    told = administrator.get(f"/jobs/{job}").body
    assert (told["status"], told["why"], told["draft"]) == ("failed", RIGHT_IS_OVER, None)


def test_revoked_token_takes_along_what_was_done_with_it(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    coordinator = someone(lyceum, client, ("coordinator", area_id("river")), actor="c-river")
    key, address = opened(coordinator, "host@example.org", HOST), feed_of(coordinator)
    coordinator.post(PLAN, {"seconds": 1})
    (own,) = coordinator.get("/tokens").body["items"]

    ended = administrator.post(f"/tokens/{own['id']}/revoke").body["ended"]

    assert [one["account"] for one in ended["roles"]] == [key]
    assert (ended["tokens"], ended["feeds"], ended["jobs"]) == (1, 1, 1)
    assert administrator.get(f"/accounts/{key}").body["grants"] == []
    assert client.get(f"/v1{address}").status_code == 404


def test_token_that_made_every_administrator_is_not_revoked(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    opened(administrator, "boss@example.org", {"role": "administrator"})
    (own,) = administrator.get("/tokens").body["items"]

    refused = administrator.post(f"/tokens/{own['id']}/revoke")

    assert (refused.status, refused.problem) == (409, "last-administrator")


# ---- Ways in


def test_closed_way_stays_closed_however_its_owner_comes(
    client: TestClient, issuer: Issuer, administrator: Person
) -> None:
    comer = Comer(client, issuer)
    administrator.post(f"/accounts/{comer.key}/grant", {"role": "coordinator", "within": "river"})
    assert bearer(client, issuer).get("/requests").status == 200

    administrator.post(f"/accounts/{comer.key}/ways/close", {})

    assert comer.get("/me").status == 401
    assert bearer(client, issuer).get("/me").status == 401
    again = another(client)
    assert sign_in(again, issuer).headers["location"] == "/sign-in?closed=yes"
    assert "was closed here" in again.get("/sign-in?closed=yes").text
    assert again.get("/v1/me").status_code == 401

    added = administrator.post(f"/accounts/{comer.key}/ways", {"subject": issuer.subject})
    assert [one["closed"] for one in added.body["items"]] == [None]
    assert bearer(client, issuer).get("/requests").status == 200


def test_number_of_a_new_account_is_not_made_from_its_subject(
    client: TestClient, issuer: Issuer, lyceum: Lyceum
) -> None:
    one = bearer(client, issuer)
    first = one.get("/requests").body["detail"].rpartition(" ")[2]
    (way,) = identities_of(lyceum.store, account_id(first))

    assert way.own
    assert bearer(client, issuer).get("/requests").body["detail"].endswith(first)
    issuer.subject = "somebody else"
    assert first not in bearer(client, issuer).get("/requests").body["detail"]


def test_word_that_the_provider_takes_back_is_over_in_every_sign_in(
    client: TestClient, issuer: Issuer, lyceum: Lyceum, administrator: Person
) -> None:
    issuer.claims = {"realm": {"groups": ["teachers"]}}
    comer = Comer(client, issuer)
    theirs = opened(comer, "host@example.org", HOST)
    assert comer.get("/requests").status == 200

    issuer.claims = {}
    Comer(client, issuer)

    assert comer.get("/requests").status == 403
    assert administrator.get(f"/accounts/{theirs}").body["grants"] == []


def test_older_token_of_the_provider_brings_no_role_back(
    client: TestClient, issuer: Issuer, hands: Hands, administrator: Person
) -> None:
    issuer.claims = {"realm": {"groups": ["teachers"]}}
    comer, older = Comer(client, issuer), bearer(client, issuer)
    theirs = opened(comer, "host@example.org", HOST)
    assert older.get("/requests").status == 200
    hands.on(seconds=90)
    issuer.claims = {}
    Comer(client, issuer)

    assert older.get("/requests").status == comer.get("/requests").status == 403
    assert administrator.get(f"/accounts/{theirs}").body["grants"] == []


def test_way_that_is_closed_takes_along_what_came_by_it(
    client: TestClient, issuer: Issuer, lyceum: Lyceum, administrator: Person
) -> None:
    comer = Comer(client, issuer)
    administrator.post(f"/accounts/{comer.key}/grant", HOST)
    token = made(comer)
    administrator.post(f"/accounts/{comer.key}/ways", {"email": "other@example.org"})
    (way,) = [one for one in identities_of(lyceum.store, account_id(comer.key)) if one.kind == "provider"]

    left = administrator.post(f"/accounts/{comer.key}/ways/close", {"ids": [way.id]}).body

    assert [one["kind"] for one in left["items"]] == ["email"]
    assert (left["ended"]["sign_ins"], left["ended"]["tokens"]) == (1, 1)
    assert program(client, token).get("/me").status == 401


# ---- Erasing


def test_erased_volunteer_is_out_whatever_they_had(
    client: TestClient, issuer: Issuer, lyceum: Lyceum, administrator: Person
) -> None:
    comer = Comer(client, issuer)
    administrator.post(f"/accounts/{comer.key}/grant", VOLUNTEER)
    token, address = made(comer), feed_of(comer)

    assert administrator.post("/people/wang/volunteer/erase").status == 200

    assert comer.get("/me").status == 401
    assert program(client, token).get("/me").status == 401
    assert bearer(client, issuer).get("/me").status == 401
    assert another(client).get(f"/v1{address}").status_code == 404
    assert "closed" in sign_in(another(client), issuer).headers["location"]


@pytest.mark.parametrize("other", [RoleGrant("administrator"), RoleGrant("host", venue_id("library"))])
def test_erasing_a_volunteer_takes_the_role_alone_from_who_has_another(
    client: TestClient, lyceum: Lyceum, administrator: Person, coordinator: Person, other: RoleGrant
) -> None:
    page = Page(client, "p-1", other)
    administrator.post("/accounts/p-1/ways", {"email": "boss@example.org"})
    administrator.post("/accounts/p-1/grant", VOLUNTEER)

    assert coordinator.post("/people/wang/volunteer/erase").status == 200

    assert [one["role"] for one in page.get("/me").body["grants"]] == [other.role]
    assert len(identities_of(lyceum.store, account_id("p-1"))) == 1


def test_coordinator_who_erases_closes_no_account_of_the_provider(
    client: TestClient, issuer: Issuer, lyceum: Lyceum, administrator: Person, coordinator: Person
) -> None:
    """Whatever the provider says of it tomorrow is not theirs to lock out."""
    comer = Comer(client, issuer)
    administrator.post(f"/accounts/{comer.key}/grant", VOLUNTEER)

    assert coordinator.post("/people/wang/volunteer/erase").status == 200

    assert comer.get("/me").status == 403
    assert administrator.get(f"/accounts/{comer.key}").body["closed"] is False


def test_erasing_closes_the_account_that_was_the_volunteers_before_the_role_was_taken(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    page = Page(client, "p-1", RoleGrant("volunteer", volunteer_id("wang")))
    administrator.post("/accounts/p-1/withdraw", {**VOLUNTEER, "why": "leaves"})

    assert administrator.post("/people/wang/volunteer/erase").status == 200

    assert administrator.get("/accounts/p-1").body["closed"] is True
    assert page.get("/me").status == 401


def test_erasing_leaves_an_account_that_waits_for_another_role(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    page = Page(client, "p-1", RoleGrant("volunteer", volunteer_id("wang")))
    administrator.post("/accounts/p-1/withdraw", {**VOLUNTEER, "why": "leaves"})
    administrator.post("/accounts/p-1/role-offers", {"role": "host", "within": "library"})

    assert administrator.post("/people/wang/volunteer/erase").status == 200

    assert page.get("/me").status != 401
    assert administrator.get("/accounts/p-1").body["closed"] is False


def test_volunteer_erases_themselves(
    client: TestClient, issuer: Issuer, lyceum: Lyceum, administrator: Person
) -> None:
    comer = Comer(client, issuer)
    administrator.post(f"/accounts/{comer.key}/grant", VOLUNTEER)

    assert comer.post("/people/wang/volunteer/erase").status == 200

    assert comer.get("/me").status == 401
    assert administrator.get(f"/accounts/{comer.key}").body["closed"] is True


def test_erasing_takes_back_what_was_only_offered(
    client: TestClient, lyceum: Lyceum, coordinator: Person, administrator: Person
) -> None:
    an_account(lyceum, "p-1", RoleGrant("host", venue_id("library")))
    assert coordinator.post("/accounts/p-1/role-offers", VOLUNTEER).status == 200

    coordinator.post("/people/wang/volunteer/erase")

    assert administrator.get("/accounts/p-1").body["offers"] == []


# ---- Answers that are kept


def test_kept_answer_is_for_the_credential_that_got_it(client: TestClient, lyceum: Lyceum) -> None:
    wang = someone(lyceum, client, ("volunteer", volunteer_id("wang")))
    li = someone(lyceum, client, ("volunteer", volunteer_id("li")))
    body = {"windows": [{"start_min": 600, "end_min": 900}]}

    first = wang.post("/volunteers/wang/offer", body, idempotency_key="1")
    again = wang.post("/volunteers/wang/offer", body, idempotency_key="1")

    assert (first.status, again.body) == (200, first.body)
    assert li.post("/volunteers/wang/offer", body, idempotency_key="1").status == 403


def test_kept_answer_is_not_given_after_its_right(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    page = Page(client, "p-1", RIVER, RoleGrant("volunteer", volunteer_id("li")))
    body = {"windows": [{"start_min": 600, "end_min": 900}]}
    first = page.post("/volunteers/wang/offer", body, idempotency_key="1")
    assert first.status == 200

    administrator.post("/accounts/p-1/withdraw", {"role": "volunteer", "within": "li", **WHY})
    assert page.post("/volunteers/wang/offer", body, idempotency_key="1").body == first.body
    administrator.post("/accounts/p-1/grant", {"role": "volunteer", "within": "li"})
    administrator.post("/accounts/p-1/withdraw", {"role": "coordinator", "within": "river", **WHY})

    assert page.post("/volunteers/wang/offer", body, idempotency_key="1").status == 403


def test_feed_that_is_made_as_the_ways_in_close_is_not_made(
    client: TestClient, lyceum: Lyceum, administrator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(client, "p-1", RIVER)
    closed: list[int] = []
    save = DatabaseStore.save

    def close_first(store: DatabaseStore, facts: Any, writes: Any = (), condition: Any = None) -> int:
        if not closed and any(row.collection == feed_records.COLLECTION for _, row in writes):
            closed.append(0)
            closed.append(administrator.post("/accounts/p-1/ways/close", {}).status)
        return save(store, facts, writes, condition)

    monkeypatch.setattr(DatabaseStore, "save", close_first)
    answer = page.post("/areas/river/feeds", {})

    assert closed == [0, 200]
    assert answer.status == 401
    assert list(feed_records.feeds(lyceum.store)) == []
