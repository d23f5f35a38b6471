"""Areas change from a day on, words come and go, and calendars of days are taken over."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from domain.network import area_id
from tests.api.http.conftest import Person, someone

LAKE = {"key": "lake", "level": "street", "names": [{"language": "en", "name": "Lake"}], "on": "2026-01-01"}


def keys(person: Person, query: str) -> list[str]:
    return [one["key"] for one in person.get(f"/areas{query}").body["items"]]


def test_area_is_founded_renamed_moved_and_dissolved_from_a_day_on(administrator: Person) -> None:
    founded = administrator.post("/areas", {**LAKE, "parent": "town"})
    names = [{"language": "en", "name": "Lakeside"}]
    renamed = administrator.post("/areas/lake/rename", {"names": names, "on": "2026-06-01", "why": "decree"})
    moved = administrator.post("/areas/lake/move", {"parent": "hill", "on": "2026-07-01", "why": "decree"})

    assert (founded.status, founded.headers["location"]) == (201, "/v1/areas/lake")
    assert (founded.body["zone"], renamed.status, moved.status) == ("Asia/Shanghai", 200, 200)

    def around(day: str) -> list[str]:
        return [one["name"] for one in administrator.get(f"/areas/lake/around?on={day}").body["items"]]

    assert around("2026-05-01") == ["Lake", "Town"]
    assert around("2026-08-01") == ["Lakeside", "Hill", "Town"]
    refused = administrator.post("/areas/hill/dissolve", {"on": "2026-09-01", "why": "decree"})
    assert refused.problem == "area-in-use"
    ended = administrator.post("/areas/lake/dissolve", {"on": "2026-09-01", "why": "decree"})
    assert ended.body["ended"] == "2026-09-01"


def test_areas_are_found_by_level_code_name_and_place(administrator: Person, nobody: Person) -> None:
    codes = {"codes": [{"scheme": "cn-nbs", "code": "500153001"}], "on": "2026-01-01", "why": "list"}
    administrator.post("/areas/river/recode", codes)

    assert keys(nobody, "?level=street") == ["hill", "river"]
    assert keys(nobody, "?code=500153001") == keys(nobody, "?code=cn-nbs:500153001") == ["river"]
    assert keys(nobody, "?name=Hill") == ["hill"]
    assert keys(nobody, "?within=town&sort=-key") == ["town", "river", "hill"]
    assert keys(nobody, "?on=2019-01-01") == []


def test_merger_moves_what_lies_inside_and_its_coordinator_follows(
    lyceum: Lyceum, client: TestClient, administrator: Person
) -> None:
    administrator.post("/areas", {**LAKE, "parent": "river"})
    merged = administrator.post("/areas/river/merge", {"into": "hill", "on": "2026-02-01", "why": "decree"})
    hill = someone(lyceum, client, ("coordinator", area_id("hill")))

    assert merged.body["merged_into"] == str(area_id("hill"))
    assert hill.post("/venues/school/lend", {}).status == 200
    assert (
        administrator.post("/areas/hill/move", {"parent": "lake", "on": "2026-03-01", "why": "x"}).problem
        == "area-cycle"
    )


def test_coordinator_founds_inside_their_area_only(coordinator: Person) -> None:
    assert coordinator.post("/areas", {**LAKE, "parent": "river"}).status == 201
    assert coordinator.post("/areas", {**LAKE, "key": "wood", "parent": "hill"}).problem == "not-allowed"
    assert coordinator.post("/areas", {**LAKE, "key": "wood"}).problem == "not-allowed"
    moved = coordinator.post("/areas/lake/move", {"parent": "hill", "on": "2026-03-01", "why": "x"})
    assert moved.problem == "not-allowed"
    located = coordinator.post("/areas/river/locate", {"location": [29.5, 105.5]})
    assert (located.body["location"], located.body["zone"]) == ([29.5, 105.5], "Asia/Shanghai")
    assert coordinator.post("/areas/river/locate", {"zone": "Moon/Crater"}).problem == "not-a-zone"


def test_starts_and_letters_hold_from_a_day_on_and_in_the_areas_below(
    administrator: Person, nobody: Person
) -> None:
    bells = {"bell_times": ["08:55", "08:05"], "on": "2026-11-30", "why": "the bells of the school"}
    set_ = administrator.post("/areas/town/starts", bells)
    lettered = administrator.post("/areas/town/letter", {"week": "2026-W52", "letter": "B", "why": "term"})

    assert (set_.status, lettered.status) == (200, 200)
    assert nobody.get("/areas/river/times/2026-W53").body == {
        "week": "2026-W53", "grid_minutes": 5, "bell_times": ["08:05", "08:55"], "letter": "A",
    }  # fmt: skip
    assert nobody.get("/areas/hill/times/2026-W48").body["grid_minutes"] == 30
    administrator.post(
        "/areas/river/starts", {"grid_minutes": 15, "on": "2026-11-30", "why": "short courses"}
    )
    assert nobody.get("/areas/river/times/2026-W53").body["grid_minutes"] == 15
    administrator.post("/areas/river/starts", {"on": "2026-12-07", "why": "as the town"})
    assert nobody.get("/areas/river/times/2026-W53").body["bell_times"] == ["08:05", "08:55"]


def test_starts_that_no_day_has_are_refused(administrator: Person, coordinator: Person) -> None:
    both = {"grid_minutes": 15, "bell_times": ["08:05"], "on": "2026-11-30", "why": "x"}

    assert administrator.post("/areas/town/starts", both).status == 422
    assert administrator.post("/areas/town/starts", both | {"grid_minutes": 7}).status == 422
    assert (
        administrator.post(
            "/areas/town/starts", {**both, "grid_minutes": None, "bell_times": ["24:00"]}
        ).status
        == 422
    )
    assert administrator.post(
        "/areas/town/letter", {"week": "2025-W53", "letter": "A", "why": "x"}
    ).problem == ("not-a-week")
    assert coordinator.post(
        "/areas/hill/starts", {"grid_minutes": 15, "on": "2026-11-30", "why": "x"}
    ).problem == ("not-allowed")


def test_word_is_added_and_retired(administrator: Person, nobody: Person) -> None:
    word: dict[str, Any] = {"kind": "topic", "code": "taiji", "names": [{"language": "en", "name": "Taiji"}]}
    added = administrator.post("/catalogue", {**word, "function": "health"})
    retired = administrator.post("/catalogue/topic/taiji/retire", {"on": "2027-01-01", "why": "renamed"})

    assert (added.status, added.headers["location"]) == (201, "/v1/catalogue/topic/taiji")
    assert retired.body["until"] == "2027-01-01"
    assert nobody.get("/catalogue/topic/taiji").body == retired.body
    assert [one["code"] for one in nobody.get("/catalogue?kind=topic").body["items"]] == ["taiji"]
    assert nobody.get("/catalogue?kind=topic&on=2027-01-01").body["items"] == []
    assert (
        administrator.post("/catalogue/topic/chess/retire", {"on": "2027-01-01", "why": "x"}).problem
        == "not-in-catalogue"
    )
    assert nobody.get("/catalogue/topic/chess").problem == "not-there"


def test_table_of_days_is_taken_over_and_names_the_weeks_that_it_touches(
    administrator: Person, nobody: Person
) -> None:
    days = [
        {"day": "2026-10-01", "kind": "holiday", "name": "National Day"},
        {"day": "2026-10-10", "kind": "makeup_workday"},
    ]
    typed = administrator.post("/day-types/CN/type", {"days": days, "status": "official", "source": "notice"})
    other = {"days": [{"day": "2026-10-01", "kind": "workday"}], "status": "provisional", "source": "guess"}

    assert typed.body["weeks"] == ["2026-W40", "2026-W41"]
    assert nobody.get("/day-types").body["items"] == [typed.body["calendar"]]
    assert [one["day"] for one in nobody.get("/day-types/CN/days?kind=holiday").body["items"]] == [
        "2026-10-01"
    ]
    assert nobody.get("/day-types/CN/days?first=2026-10-02&last=2026-10-09").body["items"] == []
    assert administrator.post("/day-types/CN/type", other).problem == "provisional-over-official"
    assert nobody.get("/day-types/XX/days").problem == "not-there"
