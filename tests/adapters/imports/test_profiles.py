"""A profile says in one sentence what is wrong with it, and maps rows as it promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.application.application import Lyceum
from adapters.imports.importing import KINDS, ImportOptions, run_import
from adapters.imports.profiles import BadImportProfile, find_profile, profile_names, read_profile
from adapters.imports.table_reader import ReadTable, TableRow
from adapters.store.streams import REQUESTS, VENUES
from domain.request import request_id
from domain.venue import venue_id
from domain.windows import Window

MINE = """\
kind: venues
columns: {name: Library name, hours: Opening, kind: Type}
templates: {key: "county-{No}"}
values:
  kind: {Central: library, default: learning_room}
constants: {area: river}
choose:
  price:
    - when: {Charges: {matches: "(?i)fee"}}
      value: reduced
    - value: free
keep: [{Open: [yes, partly]}]
drop: [{Library name: {not: {matches: "."}}}]
blank: [n/a]
unique: true
"""
THEIRS = """\
No;Library name;Opening;Type;Charges;Open
1;Central;Mo-Fr 09:00-17:00;Central;Fee of 10;yes
1;Central;Mo-Fr 09:00-17:00;Central;Fee of 10;yes
2;Mobile;n/a;Bus;none;partly
3;Gone;n/a;Bus;none;no
4;;n/a;Bus;none;yes
"""


def test_profile_of_ones_own_maps_filters_and_folds(small: Lyceum, tmp_path: Path) -> None:
    profile, source = tmp_path / "county.yaml", tmp_path / "county.csv"
    profile.write_text(MINE, encoding="utf-8")
    source.write_text(THEIRS, encoding="utf-8")

    report = run_import(
        small,
        "venues",
        source,
        ImportOptions(profile=str(profile), constants={"lat": "29.4", "lon": "105.6"}),
    )

    assert (report.imported, report.rows, report.left_out, report.new) == (True, 2, 3, 2)
    central = small.views.get(VENUES, venue_id("county-1"))
    mobile = small.views.get(VENUES, venue_id("county-2"))
    assert central is not None
    assert mobile is not None
    assert (central.kind, central.terms.price, len(central.hours)) == ("library", "reduced", 1)
    assert (mobile.kind, mobile.terms.price, mobile.hours) == ("learning_room", "free", ())


def test_rows_of_one_key_that_differ_are_not_folded(small: Lyceum, tmp_path: Path) -> None:
    profile, source = tmp_path / "county.yaml", tmp_path / "county.csv"
    profile.write_text(MINE, encoding="utf-8")
    source.write_text(
        THEIRS.replace("1;Central;Mo-Fr 09:00-17:00", "1;Central;Mo 09:00-17:00", 1), encoding="utf-8"
    )

    report = run_import(small, "venues", source, ImportOptions(profile=str(profile)))

    assert [(one.row, one.column) for one in report.errors] == [(3, "hours")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([], "must be a mapping that begins with kind"),
        ({"kind": "venues", "colums": {}}, "'colums' is no key of a profile; did you mean columns"),
        ({"kind": "venues", "columns": ["name"]}, "is no mapping"),
        ({"kind": "venues", "keep": {"a": "b"}}, "is no list"),
        ({"kind": "venues", "keep": [{"a": {"like": "b"}}]}, "is no test; write a text, a list"),
        ({"kind": "venues", "drop": [{"a": {"matches": "("}}]}, "is no regular expression"),
        ({"kind": "venues", "choose": {"a": [{"then": "b"}]}}, "is no choice"),
        ({"kind": "venues", "unique": "maybe"}, "is neither true nor false"),
        ({"kind": "requests", "times": {"start": "a"}}, "times needs start, end, and date or day"),
        (
            {"kind": "requests", "times": {"start": "a", "end": "b", "day": "c", "pad_minutes": "x"}},
            "whole number",
        ),
    ],
)
def test_bad_profile_is_one_sentence(content: Any, sentence: str) -> None:
    with pytest.raises(BadImportProfile, match="profile mine") as error:
        read_profile("mine", content)

    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("kind: venues\ncolumns: {nam: Name}", "'nam' is no column of venues; did you mean name"),
        ("kind: rooms", "is for rooms, not for venues"),
        ("kind: [", "is no YAML"),
    ],
)
def test_profile_that_does_not_fit_the_kind_is_refused(
    empty: Lyceum, tmp_path: Path, text: str, sentence: str
) -> None:
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "a.csv").write_text(THEIRS, encoding="utf-8")

    with pytest.raises(BadImportProfile, match=sentence):
        run_import(empty, "venues", tmp_path / "a.csv", ImportOptions(profile=str(tmp_path / "mine.yaml")))


def test_unknown_profile_lists_those_there_are() -> None:
    with pytest.raises(BadImportProfile, match=r"there is no profile 'toronto'; .*toronto-centres"):
        find_profile("toronto")


def test_column_that_the_file_lacks_is_named(small: Lyceum, tmp_path: Path) -> None:
    (tmp_path / "week.csv").write_text("location_id,name,lat\n1,A,43.6\n", encoding="utf-8")

    report = run_import(small, "venues", tmp_path / "week.csv", ImportOptions(profile="toronto-centres"))

    assert [one.text() for one in report.errors] == [
        "row 1, lng: '': this column is missing; profile toronto-centres reads it"
    ]


@pytest.mark.parametrize("name", profile_names())
def test_profiles_of_the_program_are_sound(name: str) -> None:
    profile = find_profile(name)

    assert profile.about
    assert profile.kind in KINDS


def test_times_become_windows_of_the_same_day() -> None:
    times = {"date": "date", "start": "from", "end": "to", "pad_minutes": 120}
    profile = read_profile("mine", {"kind": "requests", "times": times})
    cells = {"date": "2026-12-05", "from": "9:30", "to": "23:00"}

    (row,) = profile.rows(ReadTable(("date", "from", "to"), 1, (TableRow(2, cells),)))

    assert row.cells == {
        "acceptable": "Sa 07:30-24:00",
        "preferred": "Sa 09:30-23:00",
        "duration_minutes": "810",
        "first_week": "2026-W49",
    }


def test_a_weekday_is_enough_where_the_week_is_given(small: Lyceum, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "kind: requests\ncolumns: {key: no, title: title}\n"
        "times: {day: day, start: from, end: to}\n"
        "constants: {area: river, topic: yoga, function: health, learners: 10}\n",
        encoding="utf-8",
    )
    (tmp_path / "a.csv").write_text("no,title,day,from,to\n1,Yoga,Tuesday,09:00,10:00\n", encoding="utf-8")

    report = run_import(
        small,
        "requests",
        tmp_path / "a.csv",
        ImportOptions(profile=str(tmp_path / "mine.yaml"), constants={"first_week": "2026-W49"}),
    )

    assert report.imported
    request = small.views.get(REQUESTS, request_id("1"))
    assert request is not None
    assert request.order.acceptable == (Window(1440 + 540, 1440 + 600),)


def test_columns_and_words_of_a_profile_are_what_is_written(small: Lyceum, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        """\
kind: venues
columns: {key: No, name: 2026}
choose:
  kind: [{when: {Yes: 007}, value: school}, {value: library}]
constants: {area: river}
drop: [{On: off}]
unique: true
""",
        encoding="utf-8-sig",
    )
    (tmp_path / "own.csv").write_text("No;2026;Yes;On\n010;Hall;007;12:30\n011;Club;7;yes\n012;Bar;7;off\n")

    report = run_import(
        small, "venues", tmp_path / "own.csv", ImportOptions(profile=str(tmp_path / "own.yaml"))
    )

    assert (report.imported, report.rows, report.left_out) == (True, 2, 1), report.text()
    kinds = {one.key: one.kind for one in small.views.all(VENUES)}
    assert (kinds["010"], kinds["011"]) == ("school", "library")
