"""What every operation does alike: who is let in, what a bad request is told, and repeated commands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from adapters.access.api_tokens import Credential, RoleGrant, credential_row
from adapters.application.application import Lyceum
from api.http.errors import ALL, KINDS, kind_of
from api.http.framework.idempotency import KEPT_DAYS, forget_old
from domain.events import Refused
from tests.api.http.conftest import PROBLEM, Person, served, someone

NEW = {"key": "museum", "name": "Museum", "kind": "museum", "area": "river", "location": [29.4, 105.6]}


def test_without_a_credential_only_what_the_public_may_do(nobody: Person) -> None:
    assert nobody.get("/problems").status == 200
    refused = nobody.get("/venues")

    assert (refused.status, refused.problem) == (401, "not-signed-in")
    assert refused.headers["www-authenticate"].startswith("Bearer")


def test_wrong_or_expired_token_is_never_taken_for_none(lyceum: Lyceum, client: TestClient) -> None:
    old = Credential("someone", (RoleGrant("administrator"),), lyceum.clock() - timedelta(seconds=1))
    lyceum.store.save((), [credential_row("expired", old)])

    assert Person(client, "wrong").get("/problems").problem == "not-signed-in"
    assert Person(client, "expired").get("/venues").problem == "not-signed-in"


def test_role_without_the_right_is_refused(lyceum: Lyceum, client: TestClient) -> None:
    auditor = someone(lyceum, client, ("auditor", None))

    assert auditor.get("/venues").status == 200
    assert auditor.post("/venues", NEW).problem == "not-allowed"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/venues?limit=0", "limit"),
        ("/venues?limit=many", "limit"),
        ("/venues?sort=size", "sort"),
        ("/venues?cursor=nonsense", "cursor"),
        ("/venues?cursor=WyJrZXkiLDUsNV0", "cursor"),  # ["key",5,5], where keys are words
        ("/venues?sort=-key&cursor=WyIta2V5Iiw1LDVd", "cursor"),
        ("/venues?colour=red", "colour"),
        ("/venues?at=yesterday", "at"),
    ],
)
def test_bad_query_is_told_by_field(administrator: Person, path: str, field: str) -> None:
    refused = administrator.get(path)

    assert (refused.status, refused.problem) == (422, "invalid")
    assert [one["field"] for one in refused.body["errors"]] == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "castle"}, "kind"),
        ({"name": " "}, "name"),
        ({"location": [99, 0]}, "location.0"),
        ({"colour": "red"}, "colour"),
        ({"key": 7}, "key"),
    ],
)
def test_bad_body_is_told_by_field(administrator: Person, change: dict[str, object], field: str) -> None:
    refused = administrator.post("/venues", NEW | change)

    assert (refused.status, refused.problem) == (422, "invalid")
    assert [one["field"] for one in refused.body["errors"]] == [field]


def test_body_that_is_no_json_or_of_another_media_type_is_refused(administrator: Person) -> None:
    assert administrator.send("/venues", b"{", "application/json").problem == "invalid"
    assert administrator.send("/venues", b"key=a", "application/x-www-form-urlencoded").status == 415


def test_if_match_is_never_passed_over(administrator: Person) -> None:
    record = {"name": "Somebody"}

    assert administrator.post("/people/wang/volunteer", record, if_match='"1"').problem == "changed-meanwhile"
    assert administrator.post("/venues/school/lend", {}, if_match="seven").problem == "invalid"
    assert administrator.post("/venues/school/lend", {}, if_match='W/"6"').problem == "changed-meanwhile"
    assert administrator.post("/venues/school/lend", {}, if_match='"5", "6"').status == 200
    assert administrator.post("/venues/school/lend", {}, if_match="*").status == 200
    assert administrator.post("/venues", NEW, if_match="*").problem == "changed-meanwhile"


def test_body_that_is_too_large_is_refused(administrator: Person) -> None:
    assert administrator.send("/venues", b" " * 200_001, "application/json").problem == "too-large"


def test_unknown_path_and_method_are_problems_too(administrator: Person, client: TestClient) -> None:
    assert administrator.get("/castles").problem == "not-found"
    wrong = client.put("/v1/venues/school", json={})

    assert (wrong.status_code, wrong.headers["content-type"]) == (405, PROBLEM)
    assert wrong.headers["allow"] == "GET"
    assert client.put("/v1/venues", json={}).headers["allow"] == "GET, POST"


def test_same_key_and_body_answer_the_same_and_happen_once(everywhere: Lyceum) -> None:
    with served(everywhere) as client:
        administrator = someone(everywhere, client, ("administrator", None))
        first = administrator.post("/venues", NEW, idempotency_key="one")
        position = everywhere.store.position()
        again = administrator.post("/venues", NEW, idempotency_key="one")
        other = administrator.post("/venues", {**NEW, "name": "Other"}, idempotency_key="one")
        neighbour = someone(everywhere, client, ("administrator", None), actor="somebody-else")
        theirs = neighbour.post("/venues", NEW, idempotency_key="one")

    assert (first.status, again.status) == (201, 201)
    assert (again.body, again.headers["etag"]) == (first.body, first.headers["etag"])
    assert again.headers["location"] == "/v1/venues/museum"
    assert (other.status, other.problem) == (422, "key-used-otherwise")
    assert theirs.problem == "already-there"
    assert everywhere.store.position() == position


def test_refusal_is_not_kept_under_the_key(administrator: Person) -> None:
    refused = administrator.post("/venues", {**NEW, "area": "nowhere"}, idempotency_key="two")
    made = administrator.post("/venues", NEW, idempotency_key="two")

    assert (refused.problem, made.status) == ("not-there", 201)


def test_same_command_at_the_same_time_happens_once(everywhere: Lyceum) -> None:
    with served(everywhere) as client, ThreadPoolExecutor(8) as pool:
        administrator = someone(everywhere, client, ("administrator", None))
        before = everywhere.store.position()

        def send(_: int) -> tuple[int, object]:
            found = administrator.post("/venues/school/lend", {"weekly_cap_minutes": 61}, idempotency_key="x")
            return found.status, found.body

        answers = list(pool.map(send, range(8)))

    assert {status for status, _ in answers} == {200}
    assert all(body == answers[0][1] for _, body in answers)
    assert everywhere.store.position() == before + 1


def test_answers_are_forgotten_after_a_week(everywhere: Lyceum) -> None:
    with served(everywhere) as client:
        someone(everywhere, client, ("administrator", None)).post("/venues", NEW, idempotency_key="one")
    today = everywhere.clock().date()

    assert forget_old(everywhere.store, today + timedelta(days=KEPT_DAYS)) == 0
    assert forget_old(everywhere.store, today + timedelta(days=KEPT_DAYS + 1)) == 1
    assert forget_old(everywhere.store, today + timedelta(days=KEPT_DAYS + 1)) == 0


def test_first_command_of_a_day_forgets_old_answers(lyceum: Lyceum, administrator: Person) -> None:
    administrator.post("/venues/school/lend", {}, idempotency_key="old")
    lyceum.clock.now += timedelta(days=KEPT_DAYS + 1)  # type: ignore[attr-defined]
    administrator.post("/venues/school/lend", {}, idempotency_key="new")

    assert len(lyceum.store.rows("answers").select("answer")) == 1


KEEPING = {"NoBackup", "NotEmpty", "InUse"}  # backups are made on the command line alone
ADOPTING = "ChangeRefused"  # over HTTP the problem of the change itself is told


def test_every_rule_has_a_problem_of_its_own_name() -> None:
    def below(cls: type[Exception]) -> set[type[Exception]]:
        return {cls}.union(*(below(one) for one in cls.__subclasses__()))

    silent = {one.__name__ for one in below(Refused) if kind_of(one) is KINDS[Refused]}

    assert silent <= {"Refused", "Damaged", "Usage", "NotAFolder", ADOPTING, *KEEPING}
    assert len(ALL) >= len(set(KINDS))


def test_each_type_of_problem_is_explained_at_its_own_address(nobody: Person) -> None:
    listed = nobody.get("/problems").body["items"]

    assert {one["type"].removeprefix("/v1/problems/") for one in listed} == set(ALL)
    for one in listed:
        assert nobody.get(one["type"].removeprefix("/v1")).body == one


def test_caller_is_told_who_they_are(coordinator: Person) -> None:
    me = coordinator.get("/me").body

    assert me["actor"] == "coordinator"
    assert "venues.write" in me["may"]
    assert "imports.write" not in me["may"]


def test_it_is_live_and_ready(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").json() == {"status": "ready", "events_behind": 0}
