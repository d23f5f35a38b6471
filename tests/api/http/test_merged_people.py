"""A person with two records that were merged is erased whole, and leaves no way in by either."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.feeds.feed_records import Feed, feed_row, feeds, feeds_about, feeds_moved
from adapters.people.personal_records import PersonalRecord
from adapters.services.erasure import erase_volunteer
from adapters.services.volunteer_merging import merge_volunteers
from adapters.store.store import person_row
from adapters.store.streams import ACCOUNTS, VOLUNTEERS
from domain.account import RoleGrant
from domain.volunteer import volunteer_id
from tests.api.http.conftest import Person, an_account, someone
from tests.api.http.signing import browser
from tests.api.http.test_token_making import Page

LI, ZHAO = volunteer_id("li"), volunteer_id("zhao")
OF_LI = RoleGrant("volunteer", LI)
RECORD = {"name": "Li Zhao"}
MERGE = {"into": "zhao", "why": "registered twice"}


def test_who_is_erased_is_out_under_the_other_record_too(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    own = an_account(lyceum, "p-li", OF_LI)
    program, wider = (
        someone(lyceum, client, ("volunteer", LI), *more)
        for more in ((), (("volunteer", volunteer_id("wang")),))
    )
    assert administrator.post("/volunteers/li/merge", MERGE).status == 200
    assert program.get("/me").status == 200

    assert administrator.post("/people/zhao/volunteer/erase").status == 200

    assert administrator.get(f"/accounts/{own.key}").body["closed"] is True
    assert program.get("/me").status == 401
    assert [one["within"] for one in wider.get("/me").body["grants"]] == [str(volunteer_id("wang"))]


def test_token_of_the_command_line_ends_with_the_volunteer(
    client: TestClient, lyceum: Lyceum, administrator: Person
) -> None:
    program = someone(lyceum, client, ("volunteer", ZHAO))
    address = program.post("/volunteers/zhao/feeds", {}).body["url"].partition("/v1")[2]
    narrower = Person(client, program.post("/tokens", {}).body["token"])
    assert narrower.get("/me").status == 200

    administrator.post("/people/zhao/volunteer/erase")

    assert program.get("/me").status == 401
    assert narrower.get("/me").status == 401
    assert client.get(f"/v1{address}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/people/li/volunteer", "/people/li/volunteer/erase", "/volunteers/li/feeds"]
)
def test_record_that_was_merged_away_is_written_no_more(administrator: Person, path: str) -> None:
    administrator.post("/volunteers/li/merge", MERGE)

    assert administrator.post(path, RECORD if path.endswith("volunteer") else {}).problem == "merged-away"


def test_table_does_not_write_the_record_that_was_merged_away(lyceum: Lyceum, administrator: Person) -> None:
    lyceum.remember(LI, PersonalRecord("Li Zhao", phone="+86 2"))
    administrator.post("/volunteers/li/merge", MERGE)

    table = b"key,name,phone\nli,Li Zhao,+86 9\n"
    answer = administrator.send("/imports/volunteers?accept_warnings=true&why=x", table, "text/csv")

    assert (answer.status, answer.problem) == (422, "rows-wrong")
    assert "was merged into another one" in str(answer.body)
    assert lyceum.person(LI) is None


def interrupted(act: Callable[[], None]) -> Callable[[], UUID]:
    """Ids, of which the first is made while somebody else does something."""
    acts = [act]

    def new() -> UUID:
        while acts:
            acts.pop()()
        return uuid4()

    return new


@pytest.mark.parametrize("erased", [LI, ZHAO], ids=["duplicate", "remaining"])
def test_who_is_erased_during_the_merger_does_not_come_back(lyceum: Lyceum, erased: UUID) -> None:
    lyceum.remember(LI, PersonalRecord("Li Zhao", phone="+86 2"))
    lyceum.remember(ZHAO, PersonalRecord("Zhao Li", phone="", email="zhao@example.org"))
    ids = interrupted(lambda: lyceum.commit((), [person_row(erased, None)]))

    merge_volunteers(lyceum, "li", "zhao", lyceum.clock().date(), "twice", ids)

    left = lyceum.person(ZHAO)
    assert left == (
        PersonalRecord("Zhao Li", email="zhao@example.org")
        if erased == LI
        else PersonalRecord("Li Zhao", phone="+86 2")
    )


def test_feed_that_is_revoked_during_the_merger_stays_revoked(lyceum: Lyceum) -> None:
    made = Feed(UUID(int=7), "volunteer", LI, "li", "calendar", None, "somebody", lyceum.clock())
    lyceum.store.save((), [feed_row("a-secret", made)])
    moving = feeds_moved(lyceum.store, LI, lyceum.must_load(VOLUNTEERS, ZHAO))
    lyceum.store.save((), feeds_about(lyceum.store, LI))

    with pytest.raises(IntegrityError):
        lyceum.store.save((), moving)
    assert list(feeds(lyceum.store)) == []


def test_merger_during_the_erasure_is_not_missed(lyceum: Lyceum) -> None:
    account = an_account(lyceum, "p-li", OF_LI)

    def merge() -> None:
        merge_volunteers(lyceum, "li", "zhao", lyceum.clock().date(), "twice", uuid4)

    lyceum.remember(ZHAO, PersonalRecord("Zhao Li"))
    ids = interrupted(merge)
    lyceum.retrying(lambda: erase_volunteer(lyceum, ZHAO, "zhao", ids))

    now = lyceum.views.get(ACCOUNTS, account.id)
    assert now is not None
    assert now.closed


def test_what_was_made_after_a_link_of_the_command_line_ends_with_all_ways(
    lyceum: Lyceum,
) -> None:
    with browser(lyceum) as client:
        administrator = someone(lyceum, client, ("administrator", None))
        page = Page(client, "p-zhao", RoleGrant("volunteer", ZHAO))
        address = page.post("/volunteers/zhao/feeds", {}).body["url"].partition("/v1")[2]
        assert client.get(f"/v1{address}").status_code == 200

        ended = administrator.post("/accounts/p-zhao/ways/close", {"ids": []}).body["ended"]

        assert ended["feeds"] == 1
        assert client.get(f"/v1{address}").status_code == 404
