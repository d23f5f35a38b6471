"""What a table says without meaning it is asked about first, and every sentence leads on."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from adapters.application.application import Lyceum
from adapters.imports.importing import ImportOptions, run_import
from adapters.imports.table_reader import Unreadable, read_table
from adapters.imports.workbook_reader import cell_text
from adapters.store.streams import DIARIES, VENUES, VOLUNTEERS
from domain.diary import diary_id
from domain.venue import own_hours, room_id, venue_id
from domain.volunteer import OfferException, Pause, available, volunteer_id
from domain.windows import Window
from tests.adapters.imports.conftest import Given

# ---- Lines above the headings


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("sep=;\nkey;name\na;b\n", 3), ('"sep=;"\r\nkey;name\r\na;b\r\n', 3), ("SEP=|\nkey|name\na|b\n", 3),
        ("sep=\t\nkey\tname\na\tb\n", 3), ("\ufeffsep=,\nkey,name\na,b\n", 3),
        ("Houses that lend rooms, 2026\n\nkey,name\na,b\n", 4), ("Houses; 2026;;\nkey;name\na;b\n", 3),
        ("Title\nby the office\nkey\tname\na\tb\n", 4),
    ],
)  # fmt: skip
def test_headings_are_found_below_titles_and_the_line_of_excel(tmp_path: Path, text: str, first: int) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")

    table = read_table(tmp_path / "a.csv", expected=("key", "name"))

    assert table.header == ("key", "name")
    assert [(row.number, row.cells) for row in table.rows] == [(first, {"key": "a", "name": "b"})]


def test_headings_are_found_below_a_title_of_a_workbook(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Houses 2026"], [], ["key", "name"], ["a", "b"]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")

    table = read_table(tmp_path / "a.xlsx", expected=("key", "name"))

    assert (table.header_row, table.rows[0].cells) == (3, {"key": "a", "name": "b"})


def test_title_over_headings_that_are_not_ours_is_named_as_the_trouble(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Houses 2026\nSchlüssel,Name\na,b\n", encoding="utf-8")

    with pytest.raises(
        Unreadable, match="row 1 should name the columns, and has 'Houses 2026': take title lines"
    ):
        read_table(tmp_path / "a.csv", expected=("key", "name"))


# ---- Counts


def test_rows_are_counted_and_not_what_they_touch(small: Lyceum, given: Given) -> None:
    room = given("rooms", "venue,key,capacity\nlib,annex,20\nlib,hall,71\n")
    closure = given("closures", "venue,first,last,why\nlib,2026-12-01,2026-12-31,roof\n")
    again = given("closures", "venue,first,last,why\nlib,2026-12-01,2026-12-31,roof\n")

    assert (room.rows, room.new, room.changed, room.unchanged) == (2, 1, 1, 0)
    assert (closure.rows, closure.new, closure.changed, closure.unchanged) == (1, 1, 0, 0)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)


# ---- Hours


USUAL = "venue,room,hours,first,last,name\nlib,,Mo-Fr 09:00-17:00,,,\n"
YULE = "lib,,closed,2026-12-24,2027-01-03,Yule\n"
HEADER = USUAL.splitlines()[0] + "\n"


def test_table_of_one_season_asks_before_the_usual_hours_go(
    small: Lyceum, given: Given, tmp_path: Path
) -> None:
    given("hours", USUAL)
    (tmp_path / "yule.csv").write_text(HEADER + YULE, encoding="utf-8")

    asked = run_import(small, "hours", tmp_path / "yule.csv")
    kept = run_import(small, "hours", tmp_path / "yule.csv", ImportOptions(keep_others=True))

    assert not asked.imported
    assert [one.text() for one in asked.changes if one.what == "removed"] == [
        "removed in hours: lib (the usual hours)"
    ]
    assert "the usual hours of lib would go" in asked.warnings[0].right
    assert "keep-others" in asked.warnings[0].right
    assert (kept.imported, kept.new, kept.removed) == (True, 1, 0)
    venue = small.views.get(VENUES, venue_id("lib"))
    assert venue is not None
    hours = own_hours(venue, None)
    assert hours is not None
    assert [period.name for period in hours.periods] == ["", "Yule"]


def test_season_that_is_over_may_go_with_a_note_alone(small: Lyceum, given: Given) -> None:
    given("hours", USUAL + "lib,,closed,2026-08-01,2026-08-31,summer\n")

    report = given("hours", USUAL)

    assert (report.imported, report.removed) == (True, 1)
    assert "1 removed" in report.text()


@pytest.mark.parametrize("kind", ["hours", "rooms", "room hours"])
def test_room_that_stays_open_in_a_closed_season_is_warned_of(small: Lyceum, given: Given, kind: str) -> None:
    own = "lib,east,Mo-Su 18:00-21:00,,,\n"
    if kind == "hours":
        report = given("hours", USUAL + YULE + own)
    else:
        given("hours", USUAL + YULE)
        report = (
            given("rooms", "venue,key,hours\nlib,east,Mo-Su 18:00-21:00\n")
            if kind == "rooms"
            else given("hours", HEADER + own)
        )

    assert not report.imported
    assert ["its room east has hours of its own" in one.right for one in report.warnings] == [True]


def test_own_hours_of_a_room_go_by_either_table(small: Lyceum, given: Given) -> None:
    for kind, text in (
        ("rooms", "venue,key,hours\nsch,gym,\n"),
        ("hours", "venue,room,hours\nsch,gym,venue\n"),
    ):
        given("rooms", "venue,key,hours\nsch,gym,Sa 10:00-12:00\n")

        report = given(kind, text)

        assert (report.imported, report.changed) == (True, 1), report.text()
        venue = small.views.get(VENUES, venue_id("sch"))
        assert venue is not None
        assert own_hours(venue, room_id("sch", "gym")) is None
        assert given(kind, text).events == 0


# ---- Days


ORDER = """\
key,area,title,topic,function,learners,first_week,weeks,duration_minutes,acceptable
a,river,A,chess,arts,5,{},8,60,Mo 09:00-12:00
"""


@pytest.mark.parametrize(
    ("kind", "text", "column"),
    [
        ("requests", ORDER.format("2016-W49"), "first_week"), ("requests", ORDER.format("2029-W49"), "first_week"),
        ("closures", "venue,first,why\nlib,2096-12-02,x\n", "first"),
        ("closures", "venue,first,why\nlib,2016-12-02,x\n", "first"),
        ("hours", "venue,hours,first,last\nlib,Mo 09:00-10:00,,\nlib,closed,2062-12-24,2062-12-31\n", "first"),
        ("volunteer-days", "volunteer,first,why\nv1,2062-12-02,away\n", "first"),
        ("volunteer-days", "volunteer,first,why\nv1,2016-12-02,away\n", "first"),
        ("day-types", "calendar,date,kind,source\nCN,2062-10-01,holiday,s\n", "date"),
        ("network", "key,level,name,parent,since\nx,street,X,north,2062-01-01\n", "since"),
    ],
)  # fmt: skip
def test_wrong_year_is_asked_about(small: Lyceum, given: Given, kind: str, text: str, column: str) -> None:
    given("volunteers", "key,name,kind,home_area\nv1,Ann,retiree,river\n")

    report = given(kind, text)

    assert (report.imported, report.errors) == (False, ())
    assert column in {one.column for one in report.warnings}


# ---- Sentences


@pytest.mark.parametrize(
    ("kind", "text", "row", "sentence"),
    [
        ("requests", "key,first_week\na,2025-W53\n", 2, "2025 has 52 weeks, so its last is 2025-W52"),
        ("requests", "key,first_week\na,2026-W5\n", 2, "write the ISO week as 2026-W05"),
        ("requests", 'key,learners\na,"1,200"\n', 2, "without a sign between the thousands"),
        ("requests", "key,learners\na,25.0\n", 2, "such as 25"),
        ("requests", 'key,max_travel_km\na,"7,5"\n', 2, "with a point, such as 7.5"),
        ("closures", "venue,first,why\nlib,12/02/2026,x\n", 2, "2026-02-12 or 2026-12-02"),
        ("closures", "venue,first,why\nlib,2026-02-30,x\n", 2, "there is no such day"),
        ("closures", "venue,first,why\nlib,46358,x\n", 2, "a spreadsheet stores 2026-12-02 as this number"),
        ("closures", "venue,first,start,why\nlib,2026-12-01,0.375,x\n", 2, "stores 09:00 as this number"),
        ("hours", "venue,hours,first,last\nlib,Mo 09:00-12:00,,\nlib,closed,2027-01-03,2026-12-24\n", 3, "swap"),
        ("rooms", "venue,key,capacity,part_of\nlib,g1,30,g12\nlib,g12,60,g\nlib,g,90,\n", 2, "halls divide once"),
        ("rooms", "venue,key,capacity,part_of\nlib,x,30,x\n", 2, "cannot be a part of itself"),
        ("day-types", "calendar,date,kind,source\nCN,2026-10-01,holiday,s\nCN,2026-10-02,,s\n", 3, "neither a kind"),
        ("network", "key,level,name\nriver,district,River Street\n", 2, "river is a street, and a level stays"),
        ("venues", "key,name,kind,area,lat\nx,X,other,river,29.4\n", 2, "give both latitude and longitude"),
        ("volunteer-days", "volunteer,first,hours\nv1,2026-12-01,Mo 09:00-12:00\n", 2, "times of the day alone"),
        ("volunteer-days", "volunteer,first\nv1,2026-12-01\n", 2, "must not be empty where the hours are"),
    ],
)  # fmt: skip
def test_sentence_leads_to_what_is_right(
    small: Lyceum, given: Given, kind: str, text: str, row: int, sentence: str
) -> None:
    given("volunteers", "key,name,kind,home_area\nv1,Ann,retiree,river\n")

    report = given(kind, text)

    assert [one.row for one in report.errors if sentence in one.right] == [row], report.text()


# ---- Times of spreadsheets


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("PT24H00M00S", "24:00"), ("PT09H30M00S", "09:30"), ("PT24H00M", "24:00"), (timedelta(days=1), "24:00"),
        ("PT13H", "13:00"), ("P1DT0H", "24:00"), ("P0DT13H5M0S", "13:05"), ("P1D", "P1D"), ("PT9", "PT9"),
        (timedelta(hours=9, seconds=-1), "09:00"), (time(8, 59, 59), "09:00"), (time(9, 30), "09:30"),
        (datetime(1900, 1, 1), "24:00"),  # noqa: DTZ001 - a cell has no zone
        (datetime(1899, 12, 31, 9, 30), "09:30"),  # noqa: DTZ001
        (date(2026, 12, 1), "2026-12-01"),
    ],
)  # fmt: skip
def test_time_is_read_however_a_spreadsheet_stores_it(value: object, text: str) -> None:
    assert cell_text(value) == text


# ---- Single days and pauses


def test_days_and_pauses_of_volunteers_come_by_table(small: Lyceum, given: Given) -> None:
    given("volunteers", "key,name,kind,home_area,hours\nv1,Ann,retiree,river,Mo-Fr 09:00-12:00\n")
    text = """\
volunteer,first,last,hours,why
v1,2026-12-01,2026-12-02,,away
v1,2026-12-03,,"14:00-16:00, 17:00-18:00",
"""

    report = given("volunteer-days", text)

    assert (report.imported, report.rows, report.new) == (True, 2, 2), report.text()
    one = small.views.get(VOLUNTEERS, volunteer_id("v1"))
    assert one is not None
    assert one.pauses == (Pause(date(2026, 12, 1), date(2026, 12, 2)),)
    assert one.exceptions == (OfferException(date(2026, 12, 3), (Window(840, 960), Window(1020, 1080))),)
    # What nobody was promised needs no block: the pause is read from the volunteer.
    assert small.load(DIARIES, diary_id(one.id, "2026-W49")) is None
    assert available(one, "2026-W49") == (
        Window(540, 720),
        Window(5160, 5280),
        Window(5340, 5400),
        Window(6300, 6480),
    )
    assert given("volunteer-days", text).events == 0


def test_hours_on_a_day_of_a_pause_are_asked_about(small: Lyceum, given: Given) -> None:
    given("volunteers", "key,name,kind,home_area\nv1,Ann,retiree,river\n")
    given("volunteer-days", "volunteer,first,why\nv1,2026-12-01,away\n")

    report = given("volunteer-days", "volunteer,first,hours\nv1,2026-12-01,09:00-12:00\n")

    assert "away from 2026-12-01 to 2026-12-01" in report.warnings[0].right


def test_two_rows_with_other_hours_for_one_day_are_both_named(small: Lyceum, given: Given) -> None:
    given("volunteers", "key,name,kind,home_area\nv1,Ann,retiree,river\n")
    header = "volunteer,first,last,hours\n"

    report = given(
        "volunteer-days", f"{header}v1,2026-12-01,2026-12-03,09:00-12:00\nv1,2026-12-02,,13:00-14:00\n"
    )

    assert [(one.row, one.right) for one in report.errors] == [
        (3, "row 2 gives v1 other hours on 2026-12-02; write the hours of a day in one row")
    ]
    alike = given("volunteer-days", f"{header}v1,2026-12-01,2026-12-03,09:00-12:00\nv1,2026-12-02,,9-12\n")
    assert (alike.imported, alike.events) == (True, 3), alike.text()


# ---- Warnings about what a row changes without saying it


def test_season_that_is_known_does_not_take_the_usual_hours_away_in_silence(
    small: Lyceum, empty: Lyceum, tmp_path: Path
) -> None:
    (tmp_path / "hours.csv").write_text("venue,hours,first,last\nlib,off,2026-12-24,2027-01-02\n")
    assert run_import(empty, "hours", tmp_path / "hours.csv", ImportOptions(keep_others=True)).imported
    (tmp_path / "hours.csv").write_text("venue,first,last\nlib,2026-12-24,2027-01-02\n")

    report = run_import(empty, "hours", tmp_path / "hours.csv")

    assert not report.imported
    assert ["the usual hours of lib would go" in one.right for one in report.warnings] == [True]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("venues", "key,lon\nlib,15.6\n"),
        ("venues", "key,lat\nlib,9.4\n"),
        ("network", "key,lon\nnorth,15.6\n"),
        ("network", "key,lat\nnorth,9.4\n"),
    ],
)
def test_odd_record_is_asked_about_whichever_of_its_columns_made_it_so(
    small: Lyceum, given: Given, kind: str, text: str
) -> None:
    report = given(kind, text)

    assert [one.column for one in report.warnings] == ["lat"], report.text()


# ---- Times of day


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("13:00", "24:00"),
        ("13:00:00", "24:00:00"),
        ("1 pm", "5:00 PM"),
        ("13：00", "１７：００"),
        ("13.00", "17.00"),
    ],
)
def test_times_of_day_are_read_in_all_spellings(small: Lyceum, given: Given, start: str, end: str) -> None:
    report = given("closures", f"venue,first,start,end,why\nlib,2026-12-24,{start},{end},eve\n")

    assert report.imported, report.text()
    place = small.views.get(VENUES, venue_id("lib"))
    assert place is not None
    assert [(one.start_min, one.end_min) for one in place.closures] == [(780, 1440 if "24" in end else 1020)]


def test_closure_that_ends_before_it_starts_names_its_times(small: Lyceum, given: Given) -> None:
    report = given("closures", "venue,first,start,end,why\nlib,2026-12-24,13:00,00:00,eve\n")

    assert "ends at 00:00, which is not after its start at 13:00; write 24:00" in report.errors[0].right


# ---- What a spreadsheet left in a cell


@pytest.mark.parametrize(
    "cell", ["#N/A", "#REF!", "#NV", "########", "Err:502", "3.58401E+11", '"3,58401E+11"']
)
def test_what_a_spreadsheet_shows_in_the_place_of_a_value_is_asked_about(
    small: Lyceum, given: Given, cell: str
) -> None:
    given("volunteers", "key,name,phone,kind,home_area\nv1,Ann,123,retiree,river\n")

    report = given("volunteers", f"key,phone\nv1,{cell}\n")

    assert not report.imported
    assert [(one.column, "spreadsheet" in one.right) for one in report.warnings] == [("phone", True)]


# ---- What stands in no report


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("name", "Matti MÃ¤kelÃ¤"),
        ("name", "Matti \u202eMattila"),
        ("phone", "Matti \x1b[2K"),
        ("home_lat", '"60,17345"'),
        ("home_lon", "Matti"),
        ("email", "#N/A"),
    ],
)
def test_report_does_not_show_what_stands_in_personal_cells(
    small: Lyceum, given: Given, column: str, cell: str
) -> None:
    given("volunteers", "key,name,kind,home_area\nv1,Ann,retiree,river\n")

    report = given("volunteers", f"key,{column}\nv1,{cell}\n")

    assert [one.column for one in (*report.errors, *report.warnings)] == [column]
    assert not any(part in str(report) for part in ("Matti", "60.17", "60,17")), report.text()


@pytest.mark.parametrize("key", ["ann@example.org", "358401234567", "Ann Young"])
def test_key_that_says_who_somebody_is_is_asked_about(small: Lyceum, given: Given, key: str) -> None:
    report = given(
        "volunteers", f"key,name,phone,kind,home_area\n{key},Ann Young,+358 40 1234567,retiree,river\n"
    )

    assert "a key is kept for ever" in report.warnings[0].right
    assert not report.imported


@pytest.mark.parametrize("roles", ["both", "Both", "lead, assistant", ""])
def test_both_roles_are_written_as_the_list_of_columns_says(small: Lyceum, given: Given, roles: str) -> None:
    given("volunteers", f'key,name,kind,home_area,roles\nv1,Ann,retiree,river,"{roles}"\n')

    one = small.views.get(VOLUNTEERS, volunteer_id("v1"))
    assert one is not None
    assert one.profile.roles == ("lead", "assistant")
