"""What a table does not say stays as it is: for every kind, whatever columns the table has."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.application.application import Lyceum
from adapters.exports.left_out_records import LeftOutRecords
from adapters.exports.master_data import EXPORTS, _text
from adapters.imports.import_report import ImportReport
from adapters.imports.importing import KINDS, ImportOptions, run_import
from adapters.store.streams import CATALOGUE, DAY_TYPES
from domain.catalogue import CATALOGUE as CATALOGUE_ID
from domain.catalogue import find
from domain.day_types import day_types_id, kind_on
from tests.adapters.imports.conftest import NETWORK, ROOMS, VENUES, Given, opened

Cells = Mapping[str, str]
KEYS = count(1)


@dataclass(frozen=True)
class Record:
    """A whole row, and other values for each of its columns that can change by itself; `key` is the record's own."""

    kind: str
    whole: Cells
    changed: Cells
    key: tuple[str, ...] = ("key",)


AREA = Record(
    "network",
    {
        "key": "", "level": "street", "name": "Hill", "language": "en", "names": "zh=山", "parent": "north",
        "scheme": "post", "code": "1", "codes": "tax=2", "lat": "29.41", "lon": "105.61", "zone": "Asia/Shanghai",
        "calendar": "CN", "since": "2020-01-01",
    },
    {
        "name": "Hills", "names": "zh=高山", "parent": "south", "scheme": "mail", "code": "3", "codes": "tax=4",
        "lat": "29.42", "lon": "105.62", "zone": "Asia/Urumqi", "calendar": "XJ",
    },
)  # fmt: skip
VENUE = Record(
    "venues",
    {
        "key": "", "name": "Hall", "kind": "library", "area": "north", "lat": "29.41", "lon": "105.61",
        "hours": "Mo-Fr 09:00-17:00", "price": "reduced", "price_per_hour": "10", "weekly_cap_minutes": "600",
        "recall_notice_hours": "24",
    },
    {
        "name": "Halls", "kind": "museum", "area": "south", "lat": "29.42", "lon": "105.62",
        "hours": "Mo-Fr 09:00-18:00", "price_per_hour": "20", "weekly_cap_minutes": "900",
        "recall_notice_hours": "48",
    },
)  # fmt: skip
ROOM = Record(
    "rooms",
    {
        "venue": "lib", "key": "", "name": "Attic", "capacity": "20", "equipment": "piano", "accessible": "yes",
        "turnaround_minutes": "15", "part_of": "hall", "functions": "arts", "hours": "Sa 10:00-12:00",
    },
    {
        "name": "Loft", "capacity": "30", "equipment": "beamer", "accessible": "no", "turnaround_minutes": "30",
        "functions": "health", "hours": "Su 10:00-12:00",
    },
    ("venue", "key"),
)  # fmt: skip
VOLUNTEER = Record(
    "volunteers",
    {
        "key": "", "name": "Chen Mei", "phone": "", "email": "chen@example.org", "address": "1 Road",
        "home_lat": "29.41", "home_lon": "105.61", "kind": "retiree", "home_area": "north", "topics": "chess:advanced",
        "roles": "lead", "languages": "zh", "hours": "Mo 09:00-12:00", "max_minutes_day": "90",
        "max_minutes_week": "180", "max_travel_km": "5", "minor": "no", "check_result": "passed",
        "check_date": "2026-03-01", "check_expires": "2028-02-28", "check_unit": "office",
    },
    {
        "name": "Chen Li", "phone": "0009", "email": "li@example.org", "address": "2 Road", "home_lat": "29.42",
        "home_lon": "105.62", "kind": "student", "home_area": "south", "topics": "go:beginner", "roles": "assistant",
        "languages": "en", "hours": "Tu 09:00-12:00", "max_minutes_day": "60", "max_minutes_week": "120",
        "max_travel_km": "3", "check_result": "failed", "check_date": "2026-04-01", "check_expires": "2028-03-31",
        "check_unit": "court",
    },
)  # fmt: skip
MINOR = Record(
    "volunteers",
    {
        "key": "", "name": "Bo Young", "kind": "student", "home_area": "north", "minor": "yes", "consent": "yes",
        "roles": "assistant", "guardian_name": "Ma Young", "guardian_phone": "0001", "guardian_email": "ma@example.org",
    },
    {"consent": "no", "guardian_name": "Pa Young", "guardian_phone": "0002", "guardian_email": "pa@example.org"},
)  # fmt: skip
REQUEST = Record(
    "requests",
    {
        "key": "", "area": "north", "lat": "29.41", "lon": "105.61", "title": "Chess", "topic": "chess",
        "function": "leisure", "form": "workshop", "audience": "farmers", "learners": "12", "minors": "yes",
        "priority": "3", "first_week": "2026-W50", "weeks": "8", "sessions": "2", "duration_minutes": "60",
        "acceptable": "Mo-Fr 09:00-17:00", "preferred": "Tu 10:00-12:00", "equipment": "piano", "accessible": "yes",
        "max_travel_km": "5", "leads": "2", "assistants": "1", "cohorts": "a", "max_sessions_per_day": "2",
        "same_leads": "no", "partial": "yes", "status": "submitted",
    },
    {
        "area": "south", "lat": "29.42", "lon": "105.62", "title": "Go", "topic": "go", "function": "arts",
        "form": "class", "audience": "everyone", "learners": "14", "minors": "no", "priority": "4",
        "first_week": "2026-W51", "weeks": "9", "sessions": "1", "duration_minutes": "90",
        "acceptable": "Mo-Fr 08:00-18:00", "preferred": "We 10:00-12:00", "equipment": "beamer", "accessible": "no",
        "max_travel_km": "6", "leads": "1", "assistants": "2", "cohorts": "b", "max_sessions_per_day": "1",
        "same_leads": "yes", "partial": "no", "status": "accepted",
    },
)  # fmt: skip
RECORDS = (AREA, VENUE, ROOM, VOLUNTEER, MINOR, REQUEST)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lyceum, Path]]:
    folder = tmp_path_factory.mktemp("kept")
    with opened() as lyceum:
        for kind, text in (("network", NETWORK), ("venues", VENUES), ("rooms", ROOMS)):
            (folder / "t.csv").write_text(text, encoding="utf-8")
            assert run_import(lyceum, kind, folder / "t.csv").imported
        yield lyceum, folder


def brought(
    town: tuple[Lyceum, Path], kind: str, cells: Cells, *, dry_run: bool = False, accept: bool = False
) -> ImportReport:
    lyceum, folder = town
    with (folder / "t.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(cells), list(cells.values())])
    return run_import(lyceum, kind, folder / "t.csv", ImportOptions(dry_run=dry_run, accept_warnings=accept))


def registered(lyceum: Lyceum, record: Record, key: str) -> dict[str, str]:
    """What the export says of it: that does not know how the import works."""
    rows = [dict(row) for row in EXPORTS[record.kind](lyceum, True, LeftOutRecords())]
    (found,) = [row for row in rows if row["key"] == key]
    return {
        column: _text(found.get(column)) for column in KINDS[record.kind].column_names if column != "since"
    }


@pytest.mark.parametrize(
    "record",
    RECORDS,
    ids=lambda record: record.kind,
)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_only_what_the_table_says_changes(
    town: tuple[Lyceum, Path], record: Record, data: st.DataObject
) -> None:
    subset = data.draw(st.sets(st.sampled_from(sorted(record.changed)), min_size=1))
    key, other = f"k-{next(KEYS)}", f"k-{next(KEYS)}"
    marks = {**record.whole, "key": key}
    assert brought(town, record.kind, marks, accept=True).imported
    assert brought(town, record.kind, {**marks, **record.changed, "key": other}, accept=True).imported
    before, changed = registered(town[0], record, key), registered(town[0], record, other)

    said = {column: marks[column] for column in record.key} | {
        one: record.changed[one] for one in sorted(subset)
    }
    dry = brought(town, record.kind, said, dry_run=True)
    report = brought(town, record.kind, said)

    assert (report.imported, report.new, report.changed, report.cleared) == (True, 0, 1, 0), report.text()
    assert (dry.changes, dry.personal) == (report.changes, report.personal)
    after = registered(town[0], record, key)
    assert after == {one: (changed if one in subset else before)[one] for one in before}
    assert brought(town, record.kind, said).events == 0


@pytest.mark.parametrize(
    "record",
    RECORDS,
    ids=lambda record: record.kind,
)
def test_empty_cell_keeps_or_clears_as_its_column_declares_and_clearing_is_said(
    town: tuple[Lyceum, Path], record: Record
) -> None:
    for column in KINDS[record.kind].columns:
        if column.required or column.name not in record.changed or column.name in {"lat", "lon"}:
            continue
        key = f"k-{next(KEYS)}"
        marks = (
            {**record.whole, "key": key, "phone": "0007"}
            if record is VOLUNTEER
            else {**record.whole, "key": key}
        )
        assert brought(town, record.kind, marks, accept=True).imported
        before = registered(town[0], record, key)
        said = {one: marks[one] for one in record.key} | {column.name: ""}

        dry = brought(town, record.kind, said, dry_run=True)
        assert brought(town, record.kind, said).imported

        after = registered(town[0], record, key)
        differs = {one for one in before if before[one] != after[one]}
        assert differs == (set() if column.keeps else {column.name}), column.name
        assert dry.cleared == len(differs)
        assert all(f"{one} cleared" in dry.text() for one in differs)


def test_every_kind_has_its_rule_tried_here_or_below() -> None:
    tried = {record.kind for record in RECORDS}

    assert KINDS.keys() - tried == {
        "hours", "day-types", "catalogue", "closures", "network-changes", "volunteer-days",
    }  # fmt: skip


def test_season_without_a_name_column_keeps_its_name(small: Lyceum, given: Given) -> None:
    given(
        "hours",
        "venue,room,hours,first,last,name\nlib,,Mo-Fr 09:00-17:00,,,\nlib,,closed,2026-12-24,2027-01-03,Yule\n",
    )

    report = given(
        "hours", "venue,hours,first,last\nlib,Mo-Fr 09:00-18:00,,\nlib,Mo 10:00-12:00,2026-12-24,2027-01-03\n"
    )

    assert (report.imported, report.new, report.changed) == (True, 0, 2), report.text()
    assert [
        row.get("name", "")
        for row in EXPORTS["hours"](small, False, LeftOutRecords())
        if row["venue"] == "lib"
    ] == [
        "",
        "Yule",
    ]


def test_day_without_its_school_column_keeps_what_is_known_of_school(small: Lyceum, given: Given) -> None:
    given(
        "day-types",
        "calendar,date,kind,name,school,status,source\nCN,2026-12-31,workday,,no,provisional,notice\n",
    )

    report = given("day-types", "calendar,date,kind,name,source\nCN,2026-12-31,holiday,Eve,notice\n")

    assert (report.imported, report.changed) == (True, 1)
    days = small.views.get(DAY_TYPES, day_types_id("CN"))
    assert days is not None
    (day,) = days.days
    known = kind_on(days, day)
    assert (known.kind, known.name, known.school, known.status) == ("holiday", "Eve", False, "provisional")


def test_word_that_is_there_stays_and_a_row_that_says_otherwise_is_told(small: Lyceum, given: Given) -> None:
    given("catalogue", "kind,code,names,function\ntopic,taiji,en=Tai chi,health\n")

    assert given("catalogue", "kind,code\ntopic,taiji\n").imported
    report = given("catalogue", "kind,code,names\ntopic,taiji,en=Shadow boxing\n")

    assert [(one.row, one.column) for one in report.errors] == [(2, "code")]
    words = small.views.get(CATALOGUE, CATALOGUE_ID)
    assert words is not None
    word = find(words, "topic", "taiji")
    assert word is not None
    assert (word.names, word.function) == ((("en", "Tai chi"),), "health")


def test_new_record_needs_what_a_known_one_may_leave_out(small: Lyceum, given: Given) -> None:
    given("volunteers", "key,name,kind,home_area\nv1,Ann,retiree,river\n")

    report = given("volunteers", "key,phone\nv1,0001\nv2,0002\n")

    assert [one.text() for one in report.errors] == [
        (
            "row 1, home_area: '': this column is missing, and row 3 (v2) is new; key, scheme:code or unique name of "
            "the area of the home"
        ),
        "row 1, kind: '': this column is missing, and row 3 (v2) is new; one of retiree, student, professional, staff",
        "row 1, name: '': this column is missing, and row 3 (v2) is new; full name; personal, never in an event",
    ]
