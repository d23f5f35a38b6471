"""Templates for imports: our columns, one example row, and in a workbook what each column holds."""

from __future__ import annotations

import csv
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from adapters.imports.import_kind import ImportKind
from adapters.imports.importing import find_kind
from domain.events import Refused
from domain.messages import message

MOST_WIDE = 60


class UnknownFormat(Refused):
    """A template that is neither CSV nor XLSX."""


def write_template(kind: str, path: Path) -> None:
    """Write the template of a kind; the ending of the path, .csv or .xlsx, says in which format."""
    chosen = find_kind(kind)
    match path.suffix.lower():
        case ".csv":
            _write_csv(chosen, path)
        case ".xlsx":
            _write_workbook(chosen, path)
        case suffix:
            raise UnknownFormat(
                message("a template cannot end in {suffix}; use .csv or .xlsx", suffix=suffix or "nothing")
            )


def _write_csv(kind: ImportKind, path: Path) -> None:
    """Write a CSV template with a byte order mark, so that spreadsheets know it for UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(kind.column_names)
        writer.writerow(column.example for column in kind.columns)


def _write_workbook(kind: ImportKind, path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet(kind.name, 0)
    _fill(sheet, [kind.column_names, tuple(column.example for column in kind.columns)])
    rows = [
        (column.name, "yes" if column.required else "", column.holds, column.example)
        for column in kind.columns
    ]
    _fill(book.create_sheet("columns", 1), [("column", "required", "what it holds", "example"), *rows])
    del book["Sheet"]
    book.save(path)


def _fill(sheet: Worksheet, rows: list[tuple[str, ...]]) -> None:
    """Fill in the rows as text, so that no spreadsheet turns a code into a number or rewrites a date."""
    for number, row in enumerate(rows, 1):
        for index, value in enumerate(row, 1):
            cell = sheet.cell(number, index, value or None)
            cell.number_format = "@"
            cell.font = Font(bold=number == 1)
    for index, column in enumerate(zip(*rows, strict=True), 1):
        width = min(MOST_WIDE, max(map(len, column)) + 2)
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.freeze_panes = "A2"
