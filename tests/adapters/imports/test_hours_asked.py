"""Opening hours come in by several kinds of tables, and each asks about what may be meant otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.application.application import Lyceum
from adapters.imports.columns import Column
from adapters.imports.importing import KINDS, ImportOptions, run_import
from adapters.opening_hours import ReadHours
from adapters.store.streams import VENUES
from domain.opening import Season
from domain.venue import hours_of, room_id, venue_id
from tests.adapters.imports.conftest import Given

DOORS = {
    "venues": 'key,name,kind,area,hours\nlib,Library,library,river,"{}"\n',
    "rooms": 'venue,key,name,capacity,hours\nsch,gym,Gym,100,"{}"\n',
    "hours": 'venue,room,hours\nsch,gym,"{}"\n',
}
ASKED = [
    "Su",
    "2026",
    "open",
    "Apr-Sep",
    "2026 Aug Mo-Fr",
    "Mo-Fr 09:00-17:00; Sa",
    "Mo-Fr 9:00-6:00",
    "Mo-Fr 17:00-09:00",
    "22:00-22:00",
    "Mo-Fr 08:00-12:00; 13:00-17:30",
    "Mo-Fr 08:00-18:00 Sa 09:00-13:00",
    "Mo-Fr 09:00-00:00",
    'Mo-Fr 09:00-17:00 ""by appointment""',
    "Mo-Fr 09:00-17:00 unknown",
    "8:30-12:00; 14:00-18:00",
    "Mo-Fr 2-4",
    "周一闭馆",
]


def test_every_kind_that_reads_opening_hours_has_its_row_here() -> None:
    def reads_opening_hours(column: Column) -> bool:
        try:
            return isinstance(column.read("Mo 09:00-10:00"), ReadHours)
        except ValueError:
            return False

    kinds = {kind.name for kind in KINDS.values() if any(map(reads_opening_hours, kind.columns))}

    assert kinds == set(DOORS)


@pytest.mark.parametrize("text", ASKED)
@pytest.mark.parametrize("kind", DOORS)
def test_hours_that_may_be_meant_otherwise_wait(small: Lyceum, tmp_path: Path, kind: str, text: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(DOORS[kind].format(text), encoding="utf-8")
    before = small.store.position()

    report = run_import(small, kind, path)

    assert (report.imported, small.store.position()) == (False, before)
    assert {one.column for one in report.warnings} == {"hours"}
    assert run_import(small, kind, path, ImportOptions(accept_warnings=True)).imported


@pytest.mark.parametrize(
    "text",
    [
        'Mo-Fr 09:00-17:00 ""by appointment""',
        'Mo-Fr 09:00-17:00; Sa 10:00-12:00 ""by appointment""',
        "Mo-Fr 09:00-17:00; Sa 10:00-12:00 unknown",
    ],
)
def test_hours_that_a_text_would_take_away_in_doubt_wait_where_others_are_known(
    small: Lyceum, given: Given, text: str
) -> None:
    assert given("hours", DOORS["hours"].format("Mo-Fr 09:00-17:00; Sa 10:00-12:00")).imported

    assert not given("hours", DOORS["hours"].format(text)).imported


def test_hours_that_were_asked_about_are_not_asked_about_again(small: Lyceum, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    for text in ("Mo-Fr 09:00-00:00", 'Mo-Fr 09:00-17:00 ""ring""', "Mo-Fr 18:00-06:00; Jul-Aug off"):
        path.write_text(DOORS["hours"].format(text), encoding="utf-8")
        assert run_import(small, "hours", path, ImportOptions(accept_warnings=True)).imported

        again = run_import(small, "hours", path)

        assert (again.imported, again.warnings) == (True, ())


@pytest.mark.parametrize("text", ["Aug off", "Dec 24-26 off", "2026 Dec 24 off"])
@pytest.mark.parametrize("kind", ["venues", "rooms"])
def test_hours_of_a_house_that_only_close_some_dates_wait(
    small: Lyceum, given: Given, kind: str, text: str
) -> None:
    """In the table of hours such a text is a season beside the usual hours; here it is all there is."""
    report = given(kind, DOORS[kind].format(text))

    assert not report.imported
    assert "never open" in report.text()


@pytest.mark.parametrize("kind", DOORS)
def test_a_whole_day_that_is_written_out_is_taken(small: Lyceum, given: Given, kind: str) -> None:
    for text in ("24/7", "Mo-Fr 00:00-24:00", "Mo, Tu 09:00-17:00; Su, PH off"):
        assert given(kind, DOORS[kind].format(text)).imported


def test_seasons_that_recur_stand_beside_the_usual_hours_as_rows_of_their_own(
    small: Lyceum, given: Given
) -> None:
    rows = "venue,hours,first,last,name\nlib,Mo-Fr 09:00-17:00,,,\nlib,Jul-Aug Mo 10:00-12:00,,,summer\n"

    assert given("hours", rows).imported

    library = small.views.get(VENUES, venue_id("lib"))
    assert library is not None
    hours = hours_of(library, room_id("lib", "hall"))
    assert hours is not None
    assert [(one.name, one.season) for one in hours.periods] == [("", None), ("summer", Season(7, 1, 8, 31))]
