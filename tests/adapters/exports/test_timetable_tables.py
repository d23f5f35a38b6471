"""What a coordinator's spreadsheet program reads."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from adapters.exports.week_export import ExportOptions, write_week
from adapters.files.formulas import as_meant, harmless
from tests.adapters.exports.town import FORMULA, HOSTILE, NAMES, WEEK, Town


def rows(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_has_a_row_for_each_session_of_the_release(toronto: Town, out: Path) -> None:
    write_week(toronto.lyceum, toronto.area, WEEK, out)
    by_request = {row["request"]: row for row in rows(out / "timetable.csv")}

    assert set(by_request) == set(toronto.after)
    paint = by_request["r-paint"]
    assert (paint["date"], paint["weekday"], paint["start"], paint["end"]) == (
        "2026-03-06",
        "Friday",
        "09:30",
        "11:00",
    )
    assert (paint["street"], paint["community"], paint["room"]) == ("昌元街道", "北门社区", "Hall-A 厅")
    assert (paint["leads"], paint["assistants"], paint["session"]) == ("v-third", "V Two", "1")
    assert by_request["r-new"]["title"] == "Robotics; for, all"
    assert by_request["r-new"]["session"] == "2"


def test_csv_of_an_earlier_release_can_be_made_again(toronto: Town, out: Path) -> None:
    write_week(toronto.lyceum, toronto.area, WEEK, out, ExportOptions(release=1))
    by_request = {row["request"]: row for row in rows(out / "timetable.csv")}

    assert set(by_request) == set(toronto.before)
    assert (by_request["r-late"]["start"], by_request["r-late"]["end"]) == ("22:30", "24:00")


def test_names_are_in_the_tables_only_when_asked_for(toronto: Town, out: Path) -> None:
    write_week(toronto.lyceum, toronto.area, WEEK, out)
    without = {row["lead_names"] + row["assistant_names"] for row in rows(out / "timetable.csv")}
    write_week(toronto.lyceum, toronto.area, WEEK, out, ExportOptions(with_names=True))
    with_them = {row["lead_names"] for row in rows(out / "timetable.csv")}

    assert without == {""}
    assert with_them == set(NAMES.values())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\u3000@", "\u200b＝", '"=', "'=", "⁼", "﹣"])
def test_cell_that_would_be_a_formula_is_made_harmless(start: str) -> None:
    assert harmless(f"{start}1+1") == f"'{start}1+1"
    assert harmless(f"1{start}") == f"1{start}"
    assert harmless(f"x;{start}1+1;y") == f"x;'{start}1+1;y"
    assert as_meant(harmless(f"{start}1;{start}2")) == f"{start}1;{start}2"


def test_line_breaks_and_tabs_of_a_cell_are_blanks() -> None:
    assert harmless("a\tb\nc\r\nd\x0be\u2028f") == "a b c d e f"


def test_formula_in_a_title_stays_text(toronto: Town, out: Path) -> None:
    write_week(toronto.lyceum, toronto.area, WEEK, out)
    titles = {row["title"] for row in rows(out / "timetable.csv")}
    sheet = load_workbook(out / "timetable.xlsx").worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]

    assert f"'{FORMULA}" in titles
    assert "f" not in {cell.data_type for cell in cells}
    assert FORMULA in {cell.value for cell in cells}


def test_workbook_has_real_dates_and_times(toronto: Town, out: Path) -> None:
    write_week(toronto.lyceum, toronto.area, WEEK, out, ExportOptions(release=1))
    book = load_workbook(out / "timetable.xlsx")
    sheet, venues = book.worksheets
    late = next(row for row in sheet.iter_rows(min_row=2, values_only=True) if "夜间观星" in row)

    assert late[0] == datetime(2026, 3, 7)  # noqa: DTZ001 - a date, as openpyxl reads it
    assert (late[2], late[3]) == (time(22, 30), timedelta(days=1))
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", sheet.dimensions)
    assert [cell.value for cell in sheet[1]][:4] == ["Date", "Weekday", "Start", "End"]
    assert venues.title == "Venue"


def test_workbook_is_read_by_another_library(toronto: Town, out: Path) -> None:
    write_week(toronto.lyceum, toronto.area, WEEK, out, ExportOptions(language="zh"))
    book = CalamineWorkbook.from_path(out / "timetable.xlsx")
    header, *sessions = book.get_sheet_by_index(0).to_python()

    assert header[:4] == ["日期", "星期", "开始", "结束"]
    assert [row[0] for row in sessions] == [date(2026, 3, day) for day in (2, 4, 5, 6, 8)]
    assert sessions[0][2] == time(16, 0)


def test_venue_sheet_sums_up_the_use_of_each_venue(toronto: Town, out: Path) -> None:
    write_week(toronto.lyceum, toronto.area, WEEK, out)
    header, *venues = load_workbook(out / "timetable.xlsx").worksheets[1].iter_rows(values_only=True)
    library, school = (dict(zip(header, row, strict=True)) for row in venues)

    assert (library["Rooms lent"], library["Rooms used"], library["Sessions"], library["Fields"]) == (
        3,
        2,
        4,
        3,
    )
    assert library["Hours of sessions"] == 5.0
    assert library["Opened hours of used rooms"] == 2 * (5 * 11 + 15 + 8)
    assert school["Venue"] == f"{HOSTILE} School"
