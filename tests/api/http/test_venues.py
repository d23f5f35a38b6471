"""Hosts and coordinators register venues, describe them, and say on what terms they lend."""

from __future__ import annotations

from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from domain.venue import venue_id
from tests.api.http.conftest import Person, served, someone

NEW = {"key": "museum", "name": "Museum", "kind": "museum", "area": "river", "location": [29.4, 105.6]}


def test_registered_venue_is_read_back_with_its_tag(everywhere: Lyceum) -> None:
    with served(everywhere) as client:
        administrator = someone(everywhere, client, ("administrator", None))
        made = administrator.post("/venues", NEW)
        read = administrator.get(made.headers["location"].removeprefix("/v1"))

    assert (made.status, made.headers["etag"]) == (201, '"1"')
    assert read.body == made.body
    assert (read.body["name"], read.headers["etag"]) == ("Museum", '"1"')


def test_key_that_is_taken_is_a_conflict(administrator: Person) -> None:
    refused = administrator.post("/venues", {**NEW, "key": "school"})

    assert (refused.status, refused.problem) == (409, "already-there")
    assert refused.body["detail"].startswith("venue school is registered already")


def test_venues_are_listed_by_area_and_kind(administrator: Person) -> None:
    def keys(query: str) -> list[str]:
        return [one["key"] for one in administrator.get(f"/venues{query}").body["items"]]

    assert keys("") == ["library", "school"]
    assert keys("?sort=-name") == ["school", "library"]
    assert keys("?kind=school") == ["school"]
    assert keys("?area=hill") == ["library"]
    assert keys("?area=town") == ["library", "school"]


def test_list_is_walked_page_by_page(administrator: Person) -> None:
    first = administrator.get("/venues?limit=1")
    second = administrator.get(f"/venues?limit=1&cursor={first.body['next']}")

    assert [one["key"] for one in first.body["items"] + second.body["items"]] == ["library", "school"]
    assert second.body["next"] is None


def test_description_and_terms_change_and_the_past_stays(lyceum: Lyceum, administrator: Person) -> None:
    before = administrator.get("/venues/school")
    position, instant = lyceum.store.position(), lyceum.clock().isoformat().replace("+00:00", "Z")
    described = administrator.post(
        "/venues/school/describe",
        {**{name: NEW[name] for name in NEW if name != "key"}, "name": "New school"},
    )
    lent = administrator.post("/venues/school/lend", {"weekly_cap_minutes": 60})

    assert described.body["name"] == "New school"
    assert lent.body["terms"]["weekly_cap_minutes"] == 60
    assert administrator.get("/venues/school").body == lent.body
    for then in (position, instant):
        assert administrator.get(f"/venues/school?at={then}").body == before.body


def test_command_on_an_old_version_is_refused(administrator: Person) -> None:
    known = administrator.get("/venues/school").headers["etag"]
    first = administrator.post("/venues/school/lend", {"weekly_cap_minutes": 60}, if_match=known)
    second = administrator.post("/venues/school/lend", {"weekly_cap_minutes": 90}, if_match=known)

    assert first.status == 200
    assert (second.status, second.problem) == (412, "changed-meanwhile")
    assert administrator.get("/venues/school").body["terms"]["weekly_cap_minutes"] == 60


def test_known_version_is_not_sent_again(administrator: Person) -> None:
    for path in ("/venues/school", "/venues"):
        known = administrator.get(path).headers["etag"]
        again = administrator.get(path, if_none_match=known)

        assert (again.status, again.body, again.headers["etag"]) == (304, b"", known)


def test_coordinator_writes_in_their_own_area_only(
    lyceum: Lyceum, client: TestClient, coordinator: Person
) -> None:
    assert coordinator.post("/venues/school/lend", {}).status == 200
    assert coordinator.post("/venues/library/lend", {}).problem == "not-allowed"
    assert coordinator.post("/venues", NEW).status == 201
    assert coordinator.post("/venues", {**NEW, "key": "other", "area": "hill"}).problem == "not-allowed"
    moved = {name: NEW[name] for name in NEW if name != "key"} | {"area": "hill"}
    assert coordinator.post("/venues/school/describe", moved).problem == "not-allowed"


def test_host_writes_their_own_venue_only(lyceum: Lyceum, client: TestClient) -> None:
    host = someone(lyceum, client, ("host", venue_id("school")))

    assert host.post("/venues/school/lend", {}).status == 200
    assert host.post("/venues/library/lend", {}).problem == "not-allowed"
    assert host.post("/venues", NEW).problem == "not-allowed"
