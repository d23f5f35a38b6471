"""Tables go in and out, weeks are reported on, and everything that happened can be read as a feed."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.queries import event_queries
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from domain.network import area_id
from domain.venue import venue_id
from tests.adapters.town import TOWN, WEEK
from tests.api.http.conftest import Person, served, someone

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MUSEUM = b"key,name,kind,area,lat,lon\r\nmuseum,Museum,museum,river,29.4,105.6\r\n"


@pytest.fixture
def released(lyceum: Lyceum) -> Lyceum:
    plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
    release_week(lyceum, TOWN, WEEK, "First")
    return lyceum


# ---- Imports


def test_table_is_imported_whole(everywhere: Lyceum) -> None:
    with served(everywhere) as client:
        administrator = someone(everywhere, client, ("administrator", None))
        tried = administrator.send("/imports/venues?dry_run=true", MUSEUM, CSV)
        before = administrator.get("/venues/museum")
        done = administrator.send("/imports/venues", MUSEUM, CSV)
        again = administrator.send("/imports/venues", MUSEUM, f"{CSV}; charset=utf-8")
        unnamed = administrator.send("/imports/venues", MUSEUM, "application/octet-stream")

        assert (tried.body["new"], tried.body["imported"], before.problem) == (1, False, "not-there")
        assert (done.body["imported"], done.body["events"]) == (True, 1)
        assert (again.body["new"], again.body["unchanged"], again.body["events"]) == (0, 1, 0)
        assert unnamed.body["unchanged"] == 1
        assert administrator.get("/venues/museum").body["name"] == "Museum"


def test_wrong_rows_are_named_and_nothing_changes(lyceum: Lyceum, administrator: Person) -> None:
    position = lyceum.store.position()
    bad = MUSEUM + b"castle,Castle,castle,river,29.4,105.6\r\ninn,Inn,other,nowhere,29.4,105.6\r\n"
    refused = administrator.send("/imports/venues", bad, CSV)

    assert (refused.status, refused.problem) == (422, "rows-wrong")
    assert [(one["in"], one["field"]) for one in refused.body["errors"]] == [
        ("row 3", "kind"),
        ("row 4", "area"),
    ]
    assert lyceum.store.position() == position


def test_odd_rows_wait_until_they_are_accepted(administrator: Person) -> None:
    odd = MUSEUM.replace(b"29.4,105.6", b"0,0")
    refused = administrator.send("/imports/venues", odd, CSV)

    assert (refused.status, refused.problem) == (409, "rows-odd")
    assert refused.body["errors"]
    assert administrator.send("/imports/venues?accept_warnings=true", odd, CSV).body["imported"]


def test_constants_fill_columns_that_the_table_lacks(administrator: Person) -> None:
    rows = b"key,name,lat,lon\r\nmuseum,Museum,29.4,105.6\r\n"
    done = administrator.send("/imports/venues?set=kind=museum&set=area=river", rows, CSV)

    assert (done.status, done.body["imported"]) == (200, True)
    assert administrator.get("/venues/museum").body["kind"] == "museum"


def test_import_refuses_what_is_no_table_of_a_kind(administrator: Person, coordinator: Person) -> None:
    assert administrator.send("/imports/venues", b"", CSV).problem == "unreadable-file"
    assert administrator.send("/imports/venues", b"PK", XLSX).problem == "unreadable-file"
    assert administrator.send("/imports/castles", MUSEUM, CSV).problem == "invalid"
    assert administrator.send("/imports/venues", MUSEUM, "image/png").problem == "wrong-media-type"
    assert administrator.send("/imports/venues?profile=/etc/hostname", MUSEUM, CSV).problem == "invalid"
    assert administrator.send("/imports/venues?set=kind", MUSEUM, CSV).problem == "invalid"
    assert coordinator.send("/imports/venues", MUSEUM, CSV).problem == "not-allowed"


def test_template_is_filled_in_and_imported(administrator: Person) -> None:
    kinds = [one["name"] for one in administrator.get("/imports").body["items"]]
    template = administrator.get("/imports/rooms/template/xlsx")

    assert {"venues", "rooms", "requests"} <= set(kinds)
    assert template.headers["content-type"] == XLSX
    header = next(iter(load_workbook(io.BytesIO(template.body))["rooms"].values))
    assert header[:2] == ("venue", "key")
    for media in (XLSX, "application/octet-stream"):
        wrong = administrator.send("/imports/rooms?dry_run=true", template.body, media)
        assert [one["in"] for one in wrong.body["errors"]] == ["row 2"]


# ---- Exports


def test_what_is_registered_is_exported_in_the_columns_of_the_import(administrator: Person) -> None:
    table = administrator.get("/exports/data/venues/csv")

    assert table.headers["content-type"].startswith(CSV)
    assert administrator.send("/imports/venues", table.body, CSV).body["events"] == 0
    assert administrator.get("/exports/data/castles/csv").problem == "invalid"


def test_export_without_people_holds_no_name(lyceum: Lyceum, administrator: Person) -> None:
    record = {"name": "Qwertz Unmistakable"}
    administrator.post("/people/wang/volunteer", record)

    assert b"Unmistakable" not in administrator.get("/exports/data/volunteers/csv").body
    assert b"Unmistakable" in administrator.get("/exports/people/csv").body


def test_released_week_is_exported_as_one_file_that_stays_the_same(
    released: Lyceum, administrator: Person
) -> None:
    packed = administrator.get(f"/exports/weeks/town/{WEEK}")
    names = zipfile.ZipFile(io.BytesIO(packed.body)).namelist()

    assert packed.headers["content-disposition"] == f'attachment; filename="town-{WEEK}.zip"'
    assert {"index.html", "timetable.csv", "timetable.xlsx"} <= set(names)
    assert administrator.get(f"/exports/weeks/river/{WEEK}").problem == "not-there"


def test_whoever_takes_names_out_is_noted_with_each_person(released: Lyceum, client: TestClient) -> None:
    administrator = someone(released, client, ("administrator", None))
    for key in ("wang", "li"):
        administrator.post(f"/people/{key}/volunteer", {"name": f"Unmistakable {key}"})
    named, plain = (
        zipfile.ZipFile(io.BytesIO(administrator.get(f"/exports/weeks/town/{WEEK}{end}").body)).read(
            "timetable.csv"
        )
        for end in ("/named", "")
    )
    administrator.get("/exports/people/csv")

    assert b"Unmistakable wang" in named
    assert b"Unmistakable" not in plain
    for key in ("wang", "li"):
        looks = administrator.get(f"/people/{key}/volunteer/looks").body["items"]
        assert [one["deed"] for one in looks] == ["written", "read", "read"]
        assert {one["by"] for one in looks} == {"administrator"}


# ---- Reports, diaries, events


def test_week_is_reported_on(released: Lyceum, administrator: Person) -> None:
    report = administrator.get(f"/reports/town/{WEEK}").body
    fairness = administrator.get(f"/reports/town/{WEEK}/fairness").body

    assert (report["state"], report["asked"], report["served"]) == ("released", 4, 3)
    assert {one["name"] for one in fairness["communities"]} == {"river", "hill"}
    assert administrator.get(f"/reports/hill/{WEEK}").problem == "not-there"


def test_diaries_tell_what_is_promised(released: Lyceum, client: TestClient) -> None:
    host = someone(released, client, ("host", venue_id("library")))

    assert len(host.get(f"/diaries/rooms/library/reading/{WEEK}").body["promises"]) == 1
    assert host.get("/diaries/rooms/library/reading/2026-W50").body["version"] == 0
    assert host.get(f"/diaries/rooms/library/attic/{WEEK}").problem == "unknown-room"
    assert host.get(f"/diaries/venues/school/{WEEK}").problem == "not-allowed"


def test_feed_is_walked_to_its_end_in_order(released: Lyceum, administrator: Person) -> None:
    found, after = [], 0
    while page := administrator.get(f"/events?after={after}&limit=7").body["items"]:
        found += page
        after = page[-1]["position"]
    last = administrator.get(f"/events?after={after}")

    assert [one["position"] for one in found] == [one.position for one in released.store.history()]
    assert {one["specversion"] for one in found} == {"1.0"}
    assert len({one["id"] for one in found}) == len(found)
    assert last.body == {"items": [], "next": after}


@pytest.mark.parametrize(
    "query", ["", "&venue=library", f"&area=town&week={WEEK}", "&type=lyceum.venue.room_opened"]
)
def test_newest_events_first_are_the_same_the_other_way_round(
    released: Lyceum, administrator: Person, query: str
) -> None:
    forward = administrator.get(f"/events?limit=500{query}").body["items"]
    backward: list[object] = []
    until: int | None = None
    while until != 0:
        path = f"/events?newest=true&limit=3{query}" + ("" if until is None else f"&until={until}")
        answer = administrator.get(path).body
        backward += answer["items"]
        until = answer["next"]

    assert backward == forward[::-1]
    assert len(forward) > 1


def test_events_are_read_as_a_batch_and_resumed_after_the_last_one(
    released: Lyceum, administrator: Person
) -> None:
    found: list[dict[str, object]] = []
    path = "/events/batch?limit=9&venue=library"
    while (page := administrator.get(path)).body:
        assert page.headers["content-type"] == "application/cloudevents-batch+json"
        found += page.body
        path = page.headers["link"].removeprefix("</v1").removesuffix('>; rel="next"')
    told = administrator.get("/events?limit=500&venue=library").body["items"]
    rest = administrator.get(f"/events/batch?venue=library&after={told[1]['position']}").body

    assert found == told
    assert rest == told[2:]
    for one in found:
        assert {"id", "source", "specversion", "type"} <= one.keys()  # what the specification asks for
        assert all(re.fullmatch("[a-z0-9]+", name) for name in one)
        assert urlsplit(str(one["dataschema"])).scheme
        assert datetime.fromisoformat(str(one["time"])).tzinfo


def test_no_event_tells_who_somebody_is(released: Lyceum, administrator: Person) -> None:
    record = {"name": "Qwertz Unmistakable", "phone": "138-0000-9999", "home": [29.4131927, 105.5998431]}
    administrator.post("/people/wang/volunteer", record)
    text = str(administrator.get("/events?limit=500").body)

    assert not [
        mark for mark in ("Unmistakable", "138-0000-9999", "29.4131927", "105.5998431") if mark in text
    ]


def test_feed_is_filtered_by_type_and_by_what_it_is_about(released: Lyceum, administrator: Person) -> None:
    def types(query: str) -> list[str]:
        return [one["type"] for one in administrator.get(f"/events?{query}").body["items"]]

    assert types("type=lyceum.timetable.released") == ["lyceum.timetable.released"]
    assert types(f"area=town&week={WEEK}") == ["lyceum.timetable.draft_made", "lyceum.timetable.released"]
    assert types("venue=library")[0] == "lyceum.venue.registered"
    assert administrator.get("/events?type=lyceum.castle.built").problem == "invalid"
    assert administrator.get("/events?venue=library&request=r-phone").problem == "invalid"
    assert administrator.get(f"/events?week={WEEK}").problem == "invalid"


def test_feed_reads_so_many_events_for_a_rare_type_and_goes_on(
    released: Lyceum, administrator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_queries, "MAX_READ", 10)
    found: list[object] = []
    after, pages = -1, 0
    while (page := administrator.get(f"/events?type=lyceum.timetable.released&after={max(after, 0)}").body)[
        "next"
    ] > after:
        found += page["items"]
        after, pages = page["next"], pages + 1

    assert (len(found), pages > 2, after) == (1, True, released.store.position())


def test_coordinator_reads_the_events_of_what_is_theirs(released: Lyceum, client: TestClient) -> None:
    river = someone(released, client, ("coordinator", area_id("river")))

    assert river.get("/events?venue=school").status == 200
    assert river.get("/events?venue=library").problem == "not-allowed"
    assert river.get("/events").problem == "not-allowed"
