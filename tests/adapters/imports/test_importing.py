"""An import is all or nothing, says every wrong row, waits at odd values, and done twice changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eventsourcing.persistence import IntegrityError
from openpyxl import load_workbook

from adapters.application.application import Lyceum
from adapters.imports.import_templates import UnknownFormat, write_template
from adapters.imports.importing import KINDS, ImportOptions, UnknownKind, run_import
from adapters.store.streams import CATALOGUE, DAY_TYPES, DIARIES, REQUESTS, VENUES
from adapters.week.blocked_time import with_time_taken
from domain import catalogue
from domain.day_types import day_types_id, kind_on
from domain.diary import blank, diary_id
from domain.opening import open_windows
from domain.request import request_id
from domain.venue import VENUE_KINDS, find_room, hours_of, room_id, venue_id
from domain.windows import Window, minutes
from tests.adapters.imports.conftest import NETWORK, ROOMS, Given, opened
from tests.adapters.imports.conftest import VENUES as VENUE_ROWS

WEEK = "2026-W49"
REQUEST_ROWS = """\
key,area,title,topic,function,learners,first_week,duration_minutes,acceptable,status,why
r1,river,Calligraphy,calligraphy,arts,25,2026-W49,90,Mo-Fr 09:00-17:00,,
r2,South,Yoga,yoga,health,12,2026-W49,60,Sa 09:00-12:00,submitted,
r3,cn-nbs:500101,Chess,chess,leisure,8,2026-W49,60,Su 09:00-12:00,declined,no room far and wide
"""


def test_rooms_stand_in_their_venues_with_their_hours(small: Lyceum) -> None:
    library, school = (small.views.get(VENUES, venue_id(key)) for key in ("lib", "sch"))

    assert library is not None
    assert school is not None
    east = find_room(library, room_id("lib", "east"))
    assert east is not None
    assert (east.name, east.capacity, east.equipment, east.accessible, east.part_of, east.functions) == (
        "East half", 30, ("projector", "piano"), True, room_id("lib", "hall"), None,
    )  # fmt: skip
    assert library.terms.recall_notice_hours == 48
    assert school.location == (29.35, 105.60), "without a point of its own it stands at its area's"
    hours = hours_of(school, room_id("sch", "gym"))
    assert hours is not None
    assert minutes(open_windows(hours, WEEK, None)) == 5 * 180


@pytest.mark.parametrize(("kind", "text"), [("network", NETWORK), ("venues", VENUE_ROWS), ("rooms", ROOMS)])
def test_the_same_file_twice_changes_nothing(small: Lyceum, given: Given, kind: str, text: str) -> None:
    before = small.store.position()

    report = given(kind, text)

    assert (report.imported, report.events, report.new, report.changed) == (True, 0, 0, 0)
    assert report.unchanged > 0
    assert report.text().splitlines()[0].endswith("nothing changed")
    assert small.store.position() == before


def test_a_changed_row_is_said_field_by_field(small: Lyceum, given: Given) -> None:
    report = given("venues", VENUE_ROWS.replace("Library,library", "Old Library,museum"))

    assert [change.text() for change in report.changes] == [
        "changed in venues: lib (name Library → Old Library, kind library → museum)"
    ]
    assert (report.new, report.changed, report.unchanged, report.events) == (0, 1, 1, 1)


def test_dry_run_says_what_would_change_and_changes_nothing(small: Lyceum, tmp_path: Path) -> None:
    before = small.store.position(), small.views.digest()
    (tmp_path / "v.csv").write_text(VENUE_ROWS + "new,New,other,north,,,,\n", encoding="utf-8")

    report = run_import(small, "venues", tmp_path / "v.csv", ImportOptions(dry_run=True))

    assert (report.imported, report.new, report.events) == (False, 1, 1)
    assert "new in venues: new" in report.text()
    assert (small.store.position(), small.views.digest()) == before


def test_bad_file_changes_nothing_and_lists_every_wrong_row(small: Lyceum, given: Given) -> None:
    before = small.store.position()
    bad = """\
key,area,title,topic,function,learners,first_week,duration_minutes,acceptable,minors,status
ok,river,Good,yoga,health,10,2026-W49,60,Mo 09:00-12:00,,
a,nowhere,Lost,yoga,health,10,2026-W49,60,Mo 09:00-12:00,,
b,river,,yoga,health,0,2026-W60,60,Mo 09:00-12:00,perhaps,
c,river,Long,yoga,health,10,2026-W49,600,Mo 09:00-12:00,,
d,river,Odd,yoga,magic,10,2026-W49,60,never,,
ok,river,Again,yoga,health,10,2026-W49,60,Mo 09:00-12:00,,
e,river,No,yoga,health,10,2026-W49,60,Mo 09:00-12:00,,declined
"""

    report = given("requests", bad)

    assert not report.imported
    assert not report.imported
    assert [(one.row, one.column, one.value) for one in report.errors] == [
        (3, "area", "nowhere"),
        (4, "first_week", "2026-W60"),
        (4, "learners", "0"),
        (4, "minors", "perhaps"),
        (4, "title", ""),
        (5, "acceptable", "Mo 09:00-12:00"),
        (6, "acceptable", "never"),
        (7, "key", "ok"),
        (8, "why", ""),
    ]
    assert report.errors[2].text() == "row 4 (b), learners: '0': write a whole number from 1, such as 1"
    assert small.store.position() == before


@pytest.mark.parametrize("heading", ["capcity", "Capacity", "CAPACITY"])
def test_unknown_and_missing_columns_are_named_with_what_is_meant(
    small: Lyceum, given: Given, heading: str
) -> None:
    report = given("rooms", f"venue,key,{heading}\nlib,a,10\n")

    assert {(one.row, one.column, one.right) for one in report.errors} == {
        (1, "capacity", "this column is missing; how many people it holds"),
        (1, heading, "is no column of rooms; did you mean capacity?"),
    }


def test_constants_fill_blank_cells_and_missing_columns(small: Lyceum, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("key,name,kind\nx,X,other\n", encoding="utf-8")

    report = run_import(small, "venues", tmp_path / "v.csv", ImportOptions(constants={"area": "north"}))

    assert report.imported


def test_odd_values_wait_until_they_are_accepted_and_only_once(small: Lyceum, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("venue,key,capacity,hours\nlib,arena,3000,Sa 00:00-17:00\n", encoding="utf-8")
    before = small.store.position()

    refused = run_import(small, "rooms", path)

    assert (refused.imported, small.store.position()) == (False, before)
    assert [one.text() for one in refused.warnings] == [
        "row 2 (lib arena), capacity: '3000': is more than 2000 people in one room; check the number",
        (
            "row 2 (lib arena), hours: 'Sa 00:00-17:00': opens at midnight and is open for 17 hours, which is "
            "rarely meant; check the times"
        ),
    ]
    assert "accept-warnings" in refused.text()
    assert run_import(small, "rooms", path, ImportOptions(accept_warnings=True)).imported
    again = run_import(small, "rooms", path)
    assert (again.imported, again.warnings, again.events) == (True, (), 0)


def test_point_in_the_sea_and_point_far_away_are_odd(small: Lyceum, given: Given) -> None:
    report = given("venues", "key,name,kind,area,lat,lon\na,A,other,river,0,0\nb,B,other,river,39.9,116.4\n")

    assert [(one.row, one.column) for one in report.warnings] == [(2, "lat"), (3, "lat")]
    assert "from the point of area river" in report.warnings[1].right


def test_requests_come_as_far_as_their_status(small: Lyceum, given: Given) -> None:
    assert given("requests", REQUEST_ROWS).imported

    found = {key: small.views.get(REQUESTS, request_id(key)) for key in ("r1", "r2", "r3")}
    assert {key: one.status for key, one in found.items() if one} == {
        "r1": "accepted",
        "r2": "submitted",
        "r3": "declined",
    }
    before = small.store.position()
    assert given("requests", REQUEST_ROWS).imported
    assert small.store.position() == before


def test_closure_blocks_the_diaries_of_every_room_it_touches(small: Lyceum, given: Given) -> None:
    rows = "venue,rooms,first,last,start,end,why\nlib,east,2026-12-01,2026-12-01,,,painting\n"

    assert given("closures", rows).imported

    day, library = Window(1440, 2880), small.must_load(VENUES, venue_id("lib"))
    for key in ("east", "hall"):
        id = room_id("lib", key)
        diary = with_time_taken(small.load(DIARIES, diary_id(id, WEEK)) or blank("room", id, WEEK), library)
        assert [block.window for block in diary.blocks] == [day]
    assert given("closures", rows).events == 0


def test_closure_sooner_than_the_terms_allow_waits_for_acceptance(small: Lyceum, given: Given) -> None:
    report = given("closures", "venue,first,why\nlib,2026-11-21,flood\n")

    assert not report.imported
    assert [(one.row, one.column, one.value) for one in report.warnings] == [(2, "first", "2026-11-21")]
    assert "48 hours ahead" in report.warnings[0].right


def test_seasons_together_are_the_hours_of_a_room(small: Lyceum, given: Given) -> None:
    rows = """\
venue,room,hours,first,last,name
sch,gym,Mo-Fr 18:00-21:00,,,
sch,gym,Mo-Su 08:00-12:00,2026-12-01,2026-12-06,holidays
sch,gym,closed,2026-12-05,2026-12-05,party
"""

    assert given("hours", rows).imported

    school = small.views.get(VENUES, venue_id("sch"))
    assert school is not None
    hours = hours_of(school, room_id("sch", "gym"))
    assert hours is not None
    assert [period.name for period in hours.periods] == ["", "holidays", "party"]
    assert minutes(open_windows(hours, WEEK, None)) == 180 + 5 * 240
    assert given("hours", rows).events == 0


@pytest.mark.parametrize(
    ("kind", "text", "errors"),
    [
        (
            "hours",
            "venue,room,hours\nnone,,Mo 09:00-10:00\nlib,cellar,Mo 09:00-10:00\n",
            [(2, "venue"), (3, "room")],
        ),
        ("hours", "venue,hours\nlib,Mo 09:00-10:00\nlib,Tu 09:00-10:00\n", [(3, "first")]),
        ("hours", "venue,hours\nlib,open when the sun shines\n", [(2, "hours")]),
        (
            "closures",
            "venue,rooms,first,why\nlib,cellar,2026-12-01,x\nno,,2026-12-01,x\n",
            [(2, "rooms"), (3, "venue")],
        ),
        ("closures", "venue,first,last,why\nlib,2026-12-01,2026-11-01,x\n", [(2, "first")]),
        ("rooms", "venue,key,capacity,part_of\nlib,x,10,cellar\nno,x,10,\n", [(2, "part_of"), (3, "venue")]),
        ("rooms", "venue,key,capacity,functions\nlib,x,10,magic\n", [(2, "functions")]),
        ("day-types", "calendar,date,kind,source\nCN,2026-02-30,holiday,s\n", [(2, "date")]),
        ("catalogue", "kind,code,function\ntopic,x,magic\n", [(2, "function")]),
    ],
)
def test_what_does_not_fit_is_named(
    small: Lyceum, given: Given, kind: str, text: str, errors: list[tuple[int, str]]
) -> None:
    before = small.store.position()

    report = given(kind, text)

    assert [(one.row, one.column) for one in report.errors] == errors
    assert small.store.position() == before


def test_words_and_day_types_come_in_too(small: Lyceum, given: Given) -> None:
    assert given("catalogue", "kind,code,names,function\ntopic,taiji,en=Tai chi; zh=太极,health\n").imported
    assert given(
        "day-types", "calendar,date,kind,name,source\nCN,2026-10-01,holiday,National Day,notice\n"
    ).imported

    words = small.views.get(CATALOGUE, catalogue.CATALOGUE)
    days = small.views.get(DAY_TYPES, day_types_id("CN"))
    assert words is not None
    assert days is not None
    taiji = catalogue.find(words, "topic", "taiji")
    assert taiji is not None
    assert taiji.names == (("en", "Tai chi"), ("zh", "太极"))
    (october,) = days.days
    assert kind_on(days, october).kind == "holiday"


def test_lost_race_is_run_again_from_the_start(small: Lyceum, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text(VENUE_ROWS.replace("Library,", "Old Library,"), encoding="utf-8")
    save, calls = small.store.save, []

    def slow_save(events: object, writes: object = (), condition: object = None) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise IntegrityError("somebody was faster")
        return save(events, writes, condition)  # type: ignore[arg-type]

    small.store.save = slow_save  # type: ignore[method-assign]

    report = run_import(small, "venues", tmp_path / "v.csv")

    assert (report.imported, len(calls)) == (True, 2)
    library = small.load(VENUES, venue_id("lib"))
    assert library is not None
    assert library.name == "Old Library"


def test_progress_ends_at_the_number_of_rows(small: Lyceum, tmp_path: Path) -> None:
    rows = "".join(f"v{number},V{number},other,river,29.4,105.6\n" for number in range(250))
    (tmp_path / "v.csv").write_text("key,name,kind,area,lat,lon\n" + rows, encoding="utf-8")
    seen: list[tuple[int, int]] = []

    run_import(small, "venues", tmp_path / "v.csv", progress=lambda done, total: seen.append((done, total)))

    assert seen == [(100, 250), (200, 250), (250, 250)]


def test_report_is_json(small: Lyceum, given: Given) -> None:
    report = given("venues", "key,name,kind,area\nx,X,castle,river\n")

    content = json.loads(json.dumps(report.as_json()))

    assert content["errors"] == [
        {
            "row": 2,
            "column": "kind",
            "value": "castle",
            "right": f"write one of {', '.join(VENUE_KINDS)}",
            "subject": "x",
        }
    ]
    assert (content["imported"], content["new"], content["kind"]) == (False, 0, "venues")


def test_unknown_kind_is_one_sentence(empty: Lyceum, tmp_path: Path) -> None:
    with pytest.raises(UnknownKind, match="'venue' is no kind of import; did you mean venues"):
        run_import(empty, "venue", tmp_path / "v.csv")


# Templates


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_templates_of_all_kinds_import_one_after_the_other(tmp_path: Path, ending: str) -> None:
    """The example rows refer to one another."""
    with opened() as lyceum:
        for kind in TEMPLATE_ORDER:
            path = tmp_path / f"{kind}.{ending}"
            write_template(kind, path)
            report = run_import(lyceum, kind, path)
            assert (kind, report.imported, report.errors, report.warnings) == (kind, True, (), ())
            assert run_import(lyceum, kind, path).events == 0


TEMPLATE_ORDER = (
    "network",
    "day-types",
    "catalogue",
    "venues",
    "rooms",
    "hours",
    "closures",
    "volunteers",
    "volunteer-days",
    "requests",
)


def test_workbook_template_explains_its_columns(tmp_path: Path) -> None:
    write_template("rooms", tmp_path / "rooms.xlsx")

    book = load_workbook(tmp_path / "rooms.xlsx")

    assert book.sheetnames == ["rooms", "columns"]
    assert [cell.value for cell in book["rooms"][1]] == list(KINDS["rooms"].column_names)
    assert book["columns"].max_row == 1 + len(KINDS["rooms"].columns)


def test_template_of_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match=r"cannot end in \.txt; use \.csv or \.xlsx"):
        write_template("rooms", tmp_path / "rooms.txt")
