"""Reader of tables, CSV or workbooks: a header, and rows of text with their true numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from adapters.imports.text_encodings import Undecodable, decode
from adapters.imports.workbook_reader import MOST_CELLS, BadWorkbook, read_grid
from domain.events import Refused
from domain.messages import message

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
SEPARATORS = (",", ";", "\t")
LARGEST_FIELD = 1_000_000  # characters that the reader takes for one cell, blanks around it counted
LARGEST_CELL = 32_767  # characters, as in a spreadsheet
MOST_TITLES = 20  # rows in which the headings are looked for
_AROUND = (
    "".join(map(chr, range(33)))
    + "\x85\xa0\u1680\u180e\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
    + ("".join(map(chr, range(0x2000, 0x2010))))
)
_SEP_LINE = re.compile(r'"?sep=([^\r\n"\w])"?[^\S\r\n,;]*[,;]*(?:\r\n|\r|\n|$)', re.IGNORECASE)


class Unreadable(Refused):
    """The file is no table that can be read."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """`number` is the line (CSV) or row (workbook) on which it starts, the first of the file being 1."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class ReadTable:
    """`header` in the file's order; every cell is text without blanks around it."""

    header: tuple[str, ...]
    header_row: int
    rows: tuple[TableRow, ...]


_Line = tuple[int, list[str]]


def read_table(
    path: Path, *, sheet: str | None = None, encoding: str | None = None, expected: Iterable[str] = ()
) -> ReadTable:
    """Read CSV or a workbook's first or named sheet.

    `encoding` is that of the text, None where the file says it itself; `expected` are names of columns by which the
    row of headings is known where titles stand above it. Raises Unreadable, in one sentence.
    """
    if not path.is_file():
        raise Unreadable(message("there is no file {path}; check the name and the folder", path=path))
    names = frozenset(expected)
    if path.suffix.lower() in WORKBOOKS:
        if encoding:
            raise Unreadable(
                message(
                    "{path} is a workbook, which says its own encoding; leave the encoding out",
                    path=path.name,
                )
            )
        lines = _sheet_lines(path, sheet)
    else:
        lines = _text_lines(path, encoding, names)
    return _table(
        path,
        _from_headings([(number, cells) for number, cells in _bounded(path, lines) if any(cells)], names),
    )


def _from_headings(lines: list[_Line], names: frozenset[str]) -> list[_Line]:
    """The lines without titles: the headings are the first row, unless it has none of the names and a later one has."""
    known = [len(names.intersection(cells)) for _, cells in lines[:MOST_TITLES]]
    if not names or not known or known[0] or max(known) < min(2, len(names)):
        return lines
    return lines[known.index(max(known)) :]


def _bounded(path: Path, lines: Iterator[_Line]) -> Iterator[_Line]:
    """The lines, bounded. Raises Unreadable for too many cells, or a cell that is too long to be meant."""
    count = 0
    for number, cells in lines:
        count += len(cells)
        if count > MOST_CELLS:
            raise Unreadable(
                message(
                    "{path} has more than {most_cells:,} cells; delete empty columns, or cut it into several "
                    "files",
                    path=path.name,
                    most_cells=MOST_CELLS,
                )
            )
        if max(map(len, cells), default=0) > LARGEST_CELL:
            raise Unreadable(
                message(
                    "row {number} of {path} has a cell of more than {largest_cell:,} characters; look for a "
                    "double quote that is never closed, and shorten the text",
                    number=number,
                    path=path.name,
                    largest_cell=LARGEST_CELL,
                )
            )
        yield number, cells


def _table(path: Path, lines: list[_Line]) -> ReadTable:
    if not lines:
        raise Unreadable(message("{path} is empty; its first row must name the columns", path=path.name))
    header_row, names = lines[0]
    while names and not names[-1]:
        names.pop()
    if len(set(names) - {""}) < sum(name != "" for name in names):
        twice = next(name for name in names if name and names.count(name) > 1)
        raise Unreadable(
            message("{path} has two columns named {twice!r}; rename one of them", path=path.name, twice=twice)
        )
    return ReadTable(
        tuple(name for name in names if name),
        header_row,
        tuple(
            TableRow(number, _cells(path, header_row, number, names, cells)) for number, cells in lines[1:]
        ),
    )


def _cells(path: Path, header_row: int, number: int, names: list[str], cells: list[str]) -> dict[str, str]:
    if any(cells[len(names) :]):
        raise Unreadable(
            message(
                "row {number} of {path} has {cells} cells under {names} column names; {right}",
                number=number,
                path=path.name,
                cells=len(cells),
                names=len(names),
                right=_right_cells(header_row, names),
            )
        )
    padded = [*cells, *[""] * (len(names) - len(cells))]
    return {name: cell for name, cell in zip(names, padded, strict=False) if name}


def _right_cells(header_row: int, names: list[str]) -> str:
    if len(names) == 1:
        return message(
            "row {header_row} should name the columns, and has {name!r}: take title lines above the "
            "column names out",
            header_row=header_row,
            name=names[0][:60],
        )
    return message(
        "put cells that hold the separator into double quotes, or name the column that has no name"
    )


# ---- Text


def _text_lines(path: Path, encoding: str | None, names: frozenset[str]) -> Iterator[_Line]:
    try:
        text = decode(_bytes(path), path.name, encoding)
    except Undecodable as error:
        raise Unreadable(str(error)) from error
    stated = _SEP_LINE.match(text)
    separator = stated[1] if stated else _separator(text, names)
    started = 1 + (stated[0].count("\n") or stated[0].count("\r") if stated else 0)
    offset = started - 1
    body = text[stated.end() :] if stated else text
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True)
    csv.field_size_limit(LARGEST_FIELD)
    try:
        for cells in reader:
            yield started, [trimmed(cell) for cell in cells]
            started = reader.line_num + 1 + offset
    except csv.Error as error:
        raise Unreadable(
            message(
                "{path} is no CSV from line {started} on ({error}); check the double quotes there",
                path=path.name,
                started=started,
                error=error,
            )
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(
            message(
                "{path} cannot be read ({strerror}); check who may read it",
                path=path,
                strerror=error.strerror,
            )
        ) from error


def _separator(text: str, names: frozenset[str]) -> str:
    """The separator that yields the most column names in one of the first lines, else the most cells in the first."""
    lines = [line for line in text[:LARGEST_FIELD].splitlines() if line.strip()][:MOST_TITLES]

    def cells(line: str, separator: str) -> list[str]:
        return [trimmed(cell) for cell in next(csv.reader([line], delimiter=separator), [])]

    def quality(separator: str) -> tuple[int, int]:
        named = max((len(names.intersection(cells(line, separator))) for line in lines), default=0)
        return named, len(cells(lines[0], separator)) if lines else 0

    return max(SEPARATORS, key=quality)


def trimmed(cell: str) -> str:
    """A cell without blanks around it, also those that nobody sees."""
    return cell.strip(_AROUND)


# ---- Workbooks


def _sheet_lines(path: Path, sheet: str | None) -> Iterator[_Line]:
    try:
        return (
            (number, [trimmed(cell) for cell in row]) for number, row in enumerate(read_grid(path, sheet), 1)
        )
    except BadWorkbook as error:
        raise Unreadable(message("{path} {error}", path=path.name, error=error)) from error
