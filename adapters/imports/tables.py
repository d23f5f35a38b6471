"""Decide what stands in a file: a header and rows of text with their true numbers, whatever wrote the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from adapters.imports.workbooks import MOST_CELLS, BadWorkbook, read_grid
from domain.facts import Refused

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
SEPARATORS = (",", ";", "\t")
LARGEST_FIELD = 1_000_000  # characters that the reader takes for one cell, blanks around it counted
LARGEST_CELL = 32_767  # characters, as in a spreadsheet


class Unreadable(Refused):
    """A file that is no table."""


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the line (CSV) or row (workbook) on which it starts, the first of the file being 1."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """`header` in the file's order; every cell is text without blanks around it."""

    header: tuple[str, ...]
    header_row: int
    rows: tuple[Row, ...]


_Line = tuple[int, list[str]]


def read_table(path: Path, *, sheet: str | None = None) -> Table:
    """Read CSV (UTF-8 with or without a mark, UTF-16 with one, GBK) or a workbook's first or named sheet.

    Raises Unreadable, in one sentence.
    """
    if not path.is_file():
        raise Unreadable(f"there is no file {path}; check the name and the folder")
    lines = _sheet_lines(path, sheet) if path.suffix.lower() in WORKBOOKS else _text_lines(path)
    return _table(path, [(number, cells) for number, cells in _bounded(path, lines) if any(cells)])


def _bounded(path: Path, lines: Iterator[_Line]) -> Iterator[_Line]:
    """The same lines, as long as there are not too many cells, nor a cell that nobody can have meant."""
    count = 0
    for number, cells in lines:
        count += len(cells)
        if count > MOST_CELLS:
            raise Unreadable(
                f"{path.name} has more than {MOST_CELLS:,} cells; delete empty columns, or cut it into several files"
            )
        if max(map(len, cells), default=0) > LARGEST_CELL:
            raise Unreadable(
                f"row {number} of {path.name} has a cell of more than {LARGEST_CELL:,} characters; "
                "look for a double quote that is never closed, and shorten the text"
            )
        yield number, cells


def _table(path: Path, lines: list[_Line]) -> Table:
    if not lines:
        raise Unreadable(f"{path.name} is empty; its first row must name the columns")
    header_row, names = lines[0]
    while names and not names[-1]:
        names.pop()
    if len(set(names) - {""}) < sum(name != "" for name in names):
        twice = next(name for name in names if name and names.count(name) > 1)
        raise Unreadable(f"{path.name} has two columns named {twice!r}; rename one of them")
    return Table(
        tuple(name for name in names if name),
        header_row,
        tuple(Row(number, _cells(path, number, names, cells)) for number, cells in lines[1:]),
    )


def _cells(path: Path, number: int, names: list[str], cells: list[str]) -> dict[str, str]:
    if any(cells[len(names) :]):
        raise Unreadable(
            f"row {number} of {path.name} has {len(cells)} cells under {len(names)} column names; "
            "put cells that hold the separator into double quotes"
        )
    padded = [*cells, *[""] * (len(names) - len(cells))]
    return {name: cell for name, cell in zip(names, padded, strict=False) if name}


# ---- Text


def _text_lines(path: Path) -> Iterator[_Line]:
    text = decoded(_bytes(path), path.name)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    csv.field_size_limit(LARGEST_FIELD)
    started = 1
    try:
        for cells in reader:
            yield started, [cell.strip() for cell in cells]
            started = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(
            f"{path.name} is no CSV from line {started} on ({error}); check the double quotes there"
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read ({error.strerror}); check who may read it") from error


def decoded(content: bytes, name: str) -> str:
    """The text of a file: its mark decides, then strict UTF-8, then GBK where the characters are common ones."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return _without_nul(content.decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if text and _is_common_chinese(text):
        return _without_nul(text, name)
    guess = from_bytes(content[:200_000]).best()
    seems = f" (it seems to be {guess.encoding})" if guess else ""
    raise Unreadable(f"{name} is neither UTF-8 nor GBK{seems}; save it as CSV UTF-8 and import it again")


def _without_nul(text: str, name: str) -> str:
    if "\0" in text:
        raise Unreadable(f"{name} is no text; give a CSV file or a workbook that ends in .xlsx or .xls")
    return text


def _is_common_chinese(text: str) -> bool:
    """Almost any bytes are GB18030, but only Chinese gives mostly characters of the old, small GB 2312."""
    foreign = [one for one in text if ord(one) > 127]
    common = sum(_is_gb2312(one) for one in foreign)
    return common >= 0.8 * len(foreign)


def _is_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _separator(text: str) -> str:
    """The separator that cuts the first line into the most cells."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=lambda one: len(next(csv.reader([first], delimiter=one), [])))


# ---- Workbooks


def _sheet_lines(path: Path, sheet: str | None) -> Iterator[_Line]:
    try:
        return iter(list(enumerate(read_grid(path, sheet), 1)))
    except BadWorkbook as error:
        raise Unreadable(f"{path.name} {error}") from error
