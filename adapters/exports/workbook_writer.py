"""Writer of workbooks for Excel and WPS: the same release is the same bytes at each run."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from adapters.exports.export_wording import Wording
from adapters.exports.timetable_tables import Cell, SessionRow, VenueUseRow, cells, columns
from adapters.files.formulas import is_formula
from domain.text import shown

WIDEST = 44  # characters; a longer text wraps
OLDEST = (1980, 1, 1, 0, 0, 0)  # the first time that a ZIP file can carry
NEVER = datetime(*OLDEST, tzinfo=UTC)
_FORMATS: Mapping[type, str] = {date: "yyyy-mm-dd", time: "hh:mm", timedelta: "[hh]:mm", float: "0.00"}
_HEADER_FILL = PatternFill("solid", start_color="FF1F3A4D")
_HEADER_FONT = Font(bold=True, color="FFFFFFFF")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def xlsx_bytes(
    sessions: Sequence[SessionRow],
    venues: Sequence[VenueUseRow],
    wording: Wording,
    *,
    title: str,
    released: datetime,
) -> bytes:
    """A workbook of two sheets, sessions and venues; `released` is when the release was made."""
    book = Workbook()
    book.properties.creator = "Lyceum"
    book.properties.title = _printable(title)
    book.properties.created = released.astimezone(UTC).replace(tzinfo=None)
    first = book.active
    assert isinstance(first, Worksheet)  # noqa: S101 - a new workbook has one
    _fill(first, wording("timetable"), columns(SessionRow), [cells(row) for row in sessions], wording)
    second = book.create_sheet()
    _fill(second, wording("column:venue"), columns(VenueUseRow), [cells(row) for row in venues], wording)
    content = io.BytesIO()
    book.save(content)
    return _steady(content.getvalue(), released)


def plain_workbook(title: str, rows: Sequence[Sequence[str]]) -> bytes:
    """One sheet of text, a heading first: no program makes a number of a code, or a date of its own of a date."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = title
    for number, row in enumerate(rows, 1):
        for index, value in enumerate(row, 1):
            if value:
                _write(sheet, number, index, value)
                sheet.cell(number, index).number_format = "@"
    _finish(sheet, rows)
    content = io.BytesIO()
    book.properties.created = NEVER.replace(tzinfo=None)
    book.save(content)
    return _steady(content.getvalue(), NEVER)


def _fill(sheet: Worksheet, title: str, header: list[str], rows: list[list[Cell]], wording: Wording) -> None:
    sheet.title = title
    table: list[list[Cell]] = [[wording(f"column:{name}") for name in header], *rows]
    for number, row in enumerate(table, 1):
        for index, value in enumerate(row, 1):
            _write(sheet, number, index, value)
    _finish(sheet, table)


def _finish(sheet: Worksheet, table: Sequence[Sequence[Cell]]) -> None:
    for cell in sheet[1]:
        cell.font, cell.fill = _HEADER_FONT, _HEADER_FILL
    for index, column in enumerate(zip(*table, strict=True), 1):
        sheet.column_dimensions[get_column_letter(index)].width = min(WIDEST, max(map(_width, column)) + 3)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _write(sheet: Worksheet, row: int, column: int, value: Cell) -> None:
    cell = sheet.cell(row, column, _printable(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"  # never a formula, nor an error such as #N/A
    if isinstance(value, str) and is_formula(value):
        cell.style = "Normal"
        cell.quotePrefix = True
    if type(value) in _FORMATS:
        cell.number_format = _FORMATS[type(value)]
    cell.alignment = Alignment(vertical="top", wrap_text=isinstance(value, str) and _width(value) > WIDEST)


def _printable(text: str) -> str:
    """The text with escapes such as _x0041_ escaped themselves, or programs would show an A."""
    return _ESCAPE.sub("_x005F_", ILLEGAL_CHARACTERS_RE.sub("", shown(text)))


def _width(value: Cell) -> int:
    text = value if isinstance(value, str) else "2026-03-08" if isinstance(value, date) else str(value)[:8]
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _steady(content: bytes, released: datetime) -> bytes:
    """The workbook with the time of the release in place of the times at which it was written."""
    metadata = released.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    steady = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(steady, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "docProps/core.xml":
                body = _MODIFIED.sub(rb"\g<1>" + metadata, body)
            new.writestr(zipfile.ZipInfo(name, OLDEST), body, zipfile.ZIP_DEFLATED)
    return steady.getvalue()
