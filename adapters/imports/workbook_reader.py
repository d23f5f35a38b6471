"""Decide what stands in a sheet of a workbook, and how large one may be: it is read by a process of its own.

A workbook is packed: a megabyte of it may unpack to gigabytes, and two cells at its corners span billions. So whoever
reads it may use so much memory and time and no more, and the program goes on whatever becomes of that process. It
runs this file alone, which therefore imports nothing of the program.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from threading import Timer
from typing import IO, Any, cast

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, WorksheetNotFound

MOST_CELLS = 2_000_000
MOST_CHARACTERS = 20_000_000
MOST_ANSWER = 8 * MOST_CHARACTERS  # bytes: what is escaped takes six for one
MOST_MEMORY = 2 << 30  # bytes of address space
# How .ods stores a time: PT24H00M00S, or PT13H and P1DT0H; no more of ISO 8601, for P1D may be the key of a room.
_SPAN = re.compile(r"P(?:(\d{1,4})D)?T(\d{1,6})H(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{0,12})?)S)?")
_MIDNIGHT = datetime(1899, 12, 31)  # noqa: DTZ001 - a cell has no zone
_FIRST_YEAR = 1901  # what lies before is a span from midnight that has the format of a date
MOST_SECONDS = 60  # of processor time; three times that on the clock


class BadWorkbook(ValueError):
    """A workbook that cannot be read; the text goes on after the name of the file."""


def read_grid(path: Path, sheet: str | None) -> list[list[str]]:
    """Every row from the first of a named sheet, or of the first one, as text. Raises BadWorkbook.

    Row after row is taken over, so that no more than the rows themselves is in memory here.
    """
    command = [sys.executable, "-I", __file__, str(path), *([sheet] if sheet is not None else [])]
    with subprocess.Popen(  # noqa: S603 - our own words, and a path that is opened as a file only
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as process:
        late = Timer(3 * MOST_SECONDS, process.kill)
        late.start()
        try:
            return list(_rows(cast("IO[bytes]", process.stdout)))
        except ValueError as error:
            if isinstance(error, BadWorkbook):
                raise
            raise BadWorkbook(
                f"is too large to be read, or damaged; a sheet may hold {MOST_CELLS:,} cells and "
                f"{MOST_CHARACTERS:,} characters, so save the part that matters as CSV UTF-8"
            ) from error
        finally:
            late.cancel()
            process.kill()


def _rows(answer: IO[bytes]) -> Iterator[list[str]]:
    """The rows that the process says, one a line, and at last how many; ValueError where they do not end so."""
    left, count = MOST_ANSWER, 0
    while line := answer.readline(left + 1):
        left -= len(line)
        said: Any = json.loads(line) if left >= 0 else None
        if isinstance(said, list):
            count += 1
            yield said
        elif said == count:
            return
        else:
            raise BadWorkbook(said["wrong"]) if isinstance(said, dict) else ValueError(said)
    raise ValueError("it ended before its answer did")


# ---- In the process that reads


def _within_bounds() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def grid_of(path: str, sheet: str | None) -> list[list[str]]:
    cells = _sheet(path, sheet)
    if cells.total_height * cells.total_width > MOST_CELLS:
        raise BadWorkbook(
            f"has {cells.total_height:,} rows of {cells.total_width:,} cells; a sheet may hold {MOST_CELLS:,} cells, "
            "so delete what is empty or save it as CSV UTF-8"
        )
    grid = [[cell_text(cell) for cell in row] for row in cells.to_python(skip_empty_area=False)]
    if sum(len(cell) for row in grid for cell in row) > MOST_CHARACTERS:
        raise BadWorkbook(f"holds more than {MOST_CHARACTERS:,} characters; save the part that matters")
    for (top, left), (bottom, _) in _merged(cells):
        for row in range(top + 1, bottom + 1):
            if row < len(grid) and left < len(grid[row]):
                grid[row][left] = grid[row][left] or grid[top][left]
    return grid


def _sheet(path: str, sheet: str | None) -> CalamineSheet:
    try:
        book = CalamineWorkbook.from_path(path)
        if sheet is None:
            return book.get_sheet_by_index(0)
        if sheet not in book.sheet_names:
            raise BadWorkbook(f"has no sheet {sheet!r}; its sheets are {', '.join(book.sheet_names)}")
        return book.get_sheet_by_name(sheet)
    except PasswordError as error:
        raise BadWorkbook("is locked with a password; save it without one") from error
    except (CalamineError, WorksheetNotFound, OSError) as error:
        raise BadWorkbook(
            f"cannot be opened as a workbook ({error}); save it as .xlsx or CSV UTF-8"
        ) from error


def _merged(sheet: CalamineSheet) -> Iterable[tuple[tuple[int, int], tuple[int, int]]]:
    return sheet.merged_cell_ranges or ()


def cell_text(value: Any) -> str:
    """A cell as people read it: whole numbers without a point, dates and times as in ISO 8601."""
    match value:
        case bool():
            text = "yes" if value else "no"
        case float():
            text = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime() if value.year < _FIRST_YEAR:
            text = _clock(value - _MIDNIGHT)
        case datetime():
            text = value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
        case time():
            text = _clock(timedelta(hours=value.hour, minutes=value.minute, seconds=value.second))
        case timedelta():
            text = _clock(value)
        case str() if span := _SPAN.fullmatch(value.strip()):
            days, hours, minutes, seconds = (float(part or 0) for part in span.groups())
            text = _clock(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))
        case _:
            text = str(value).strip()
    return text


def _clock(value: timedelta) -> str:
    """A time of day, or a span from midnight such as 24:00; what a spreadsheet reckons may lack a second."""
    hours, minutes = divmod(round(value.total_seconds() / 60), 60)
    return f"{hours:02}:{minutes:02}"


def main(path: str, sheet: str | None = None) -> None:
    _within_bounds()
    os.environ["RUST_BACKTRACE"] = "0"
    try:
        said: list[Any] = [*(grid := grid_of(path, sheet)), len(grid)]
    except BadWorkbook as error:
        said = [{"wrong": str(error)}]
    for one in said:
        sys.stdout.buffer.write(json.dumps(one, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
