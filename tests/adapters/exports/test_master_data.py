"""Master data that was exported reads back as what is there already, and builds the same in an empty database."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.application.application import Lyceum
from adapters.exports.master_data import EXPORTS, NotExported, export_kind
from adapters.exports.workbook_writer import plain_workbook
from adapters.imports.importing import ImportOptions, run_import
from adapters.imports.table_reader import read_table
from adapters.opening_hours import read_osm
from adapters.store.streams import AREAS, REQUESTS, VENUES, VOLUNTEERS
from domain import network, opening, request, venue, volunteer
from tests.adapters.exports.town import NAMES, PHONE, Town

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "samples" / "rongchang"
TERM = "Mo-Fr 09:00-20:00; Sa-Su 09:00-17:00"
ORDER = ("network", "venues", "rooms", "hours", "volunteers", "requests")


@pytest.fixture
def rich(toronto: Town) -> Lyceum:
    """The town with a rename, a season, terms, a minor, a check and requests at every step."""
    lyceum = toronto.lyceum
    street, library = network.area_id("street"), venue.venue_id("lib")
    minor, lead = volunteer.volunteer_id("V Two"), volunteer.volunteer_id("v-lead")
    lyceum.decide(
        AREAS,
        street,
        lambda area, metadata: network.rename_area(
            area, metadata, names=(("zh", "昌州街道"), ("en", "Changzhou")), on=date(2025, 9, 1), why="merger"
        ),
    )
    summer = opening.Period(
        "summer",
        date(2026, 7, 1),
        date(2026, 8, 31),
        (opening.DayRule((1, 2), (opening.span("08:00", "12:00"),)),),
    )
    seasons = opening.OpeningHours((*read_osm(TERM).periods, summer))
    terms = venue.LendingTerms("reduced", 12.5, 600, 24)
    lyceum.decide(VENUES, library, lambda one, metadata: venue.set_lending_terms(one, metadata, terms))
    lyceum.decide(
        VENUES, library, lambda one, metadata: venue.set_opening_hours(one, metadata, None, seasons)
    )
    profile = volunteer.Profile("student", street, (), ("assistant",), ("zh",), 7.25, 60, 120, minor=True)
    lyceum.decide(VOLUNTEERS, minor, lambda one, metadata: volunteer.change_profile(one, metadata, profile))
    check = volunteer.BackgroundCheck(True, date(2026, 1, 1), date(2026, 12, 31), "office")
    lyceum.decide(VOLUNTEERS, lead, lambda one, metadata: volunteer.record_check(one, metadata, check))
    new, choir = (request.request_id(key) for key in ("r-new", "r-dst"))
    lyceum.decide(REQUESTS, new, lambda one, metadata: request.step(one, metadata, "withdrawn", "no room"))
    lyceum.decide(REQUESTS, choir, lambda one, metadata: request.step(one, metadata, "screened"))
    return lyceum


@pytest.mark.parametrize("text", ["a_x0041_b", "_x000D_", "TRUE", "1E5", "007", "=1+1", "#N/A", "2026-12-01"])
def test_a_workbook_of_texts_holds_them_as_they_are(tmp_path: Path, text: str) -> None:
    """_x0041_ is an A to programs that read workbooks, unless it is escaped."""
    (tmp_path / "x.xlsx").write_bytes(plain_workbook("x", [["key"], [text]]))

    assert [row.cells for row in read_table(tmp_path / "x.xlsx").rows] == [{"key": text}]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ORDER)
def test_reading_an_export_back_changes_nothing(rich: Lyceum, tmp_path: Path, kind: str, ending: str) -> None:
    """Also the title that a spreadsheet program would run, which has an apostrophe in the CSV."""
    path = tmp_path / f"{kind}.{ending}"
    export_kind(rich, kind, path, with_people=True)

    report = run_import(rich, kind, path, ImportOptions(accept_warnings=True))

    assert report.errors == ()
    assert report.imported
    assert report.changes == ()
    assert report.personal == 0


def test_exports_build_the_same_in_an_empty_database(rich: Lyceum, tmp_path: Path) -> None:
    with Lyceum("memory:", actor="tests", clock=lambda: datetime(2026, 2, 21, tzinfo=UTC)) as other:
        for kind in ORDER:
            export_kind(rich, kind, tmp_path / f"{kind}.xlsx", with_people=True)
            report = run_import(other, kind, tmp_path / f"{kind}.xlsx", ImportOptions(accept_warnings=True))
            assert report.errors == ()
            export_kind(other, kind, tmp_path / f"again-{kind}.xlsx", with_people=True)

        for kind in ORDER:
            assert (tmp_path / f"{kind}.xlsx").read_bytes() == (tmp_path / f"again-{kind}.xlsx").read_bytes()


def test_the_sample_comes_out_as_it_went_in(tmp_path: Path) -> None:
    with Lyceum("memory:", actor="tests", clock=lambda: datetime(2026, 11, 21, tzinfo=UTC)) as lyceum:
        for kind in ("network", "catalogue", *ORDER[1:4]):
            assert (
                run_import(lyceum, kind, SAMPLE / f"{kind}.csv", ImportOptions(accept_warnings=True)).errors
                == ()
            )
        for kind in ORDER[:4]:
            export_kind(lyceum, kind, tmp_path / f"{kind}.csv")
            report = run_import(lyceum, kind, tmp_path / f"{kind}.csv", ImportOptions(accept_warnings=True))
            assert (report.errors, report.changes) == ((), ())


def test_personal_columns_are_blank_unless_asked_for(rich: Lyceum, tmp_path: Path) -> None:
    export_kind(rich, "volunteers", tmp_path / "without.csv")
    export_kind(rich, "volunteers", tmp_path / "with.csv", with_people=True)
    without, with_them = (
        list(csv.DictReader((tmp_path / f"{one}.csv").read_text(encoding="utf-8-sig").splitlines()))
        for one in ("without", "with")
    )

    assert {row["name"] + row["phone"] + row["address"] for row in without} == {""}
    assert {row["name"] for row in with_them} == set(NAMES.values())
    assert {row["phone"] for row in with_them} == {PHONE}


def test_second_export_writes_nothing(rich: Lyceum, tmp_path: Path) -> None:
    for kind in EXPORTS:
        for ending in ("csv", "xlsx"):
            path = tmp_path / f"{kind}.{ending}"
            assert [export_kind(rich, kind, path) for _ in range(2)] == [True, False]


def test_other_kinds_and_endings_are_refused(rich: Lyceum, tmp_path: Path) -> None:
    with pytest.raises(NotExported, match="cannot be exported; there are network"):
        export_kind(rich, "day_types", tmp_path / "days.csv")
    with pytest.raises(NotExported, match=r"use \.csv or \.xlsx"):
        export_kind(rich, "venues", tmp_path / "venues.pdf")
