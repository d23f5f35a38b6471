"""Reader of workbooks: the cells of a sheet as text, read by a process of its own with limits.

A workbook is packed: a megabyte of it may unpack to gigabytes, and two cells at its corners span billions. So whoever
reads it may use so much memory and time and no more, and the program goes on whatever becomes of that process. It
runs this file alone, which therefore imports nothing of the program at its top.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, WorksheetNotFound

from domain.messages import document, message, message_of, read_message

MOST_CELLS = 2_000_000
MOST_CHARACTERS = 20_000_000
MOST_ANSWER = 8 * MOST_CHARACTERS  # bytes: what is escaped takes six for one
MOST_MEMORY_MB = 2048  # of address space
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
    # Here, for the process that reads knows nothing of the program.
    from scheduler.processes import Json, ProcessLimits, ProcessLost, WorkerProcess, WorkerSpec  # noqa: PLC0415

    process = WorkerProcess(
        WorkerSpec(
            target=__file__,
            arguments=[str(path), *([sheet] if sheet is not None else [])],
            codec=Json,
            max_bytes=MOST_ANSWER,
            silent=True,
            limits=ProcessLimits(memory_mb=MOST_MEMORY_MB, cpu_s=MOST_SECONDS),
        )
    )
    end = monotonic() + 3 * MOST_SECONDS
    try:
        process.start()
        return list(_rows(lambda: process.receive(end - monotonic())))
    except (ProcessLost, TimeoutError, EOFError) as error:
        raise BadWorkbook(
            message(
                "is too large to be read, or damaged; a sheet may hold {most_cells:,} cells and "
                "{most_characters:,} characters, so save the part that matters as CSV UTF-8",
                most_cells=MOST_CELLS,
                most_characters=MOST_CHARACTERS,
            )
        ) from error
    finally:
        process.close()


def _rows(receive: Callable[[], Any]) -> Iterator[list[str]]:
    """The rows that the process says, and at last how many; or one sentence on what is wrong."""
    count = 0
    while isinstance(item := receive(), list):
        count += 1
        yield item
    if isinstance(item, dict):
        raise BadWorkbook(read_message(item["wrong"]))
    if item != count:
        raise EOFError(item)


# ---- In the process that reads


def grid_of(path: str, sheet: str | None) -> list[list[str]]:
    cells = _sheet(path, sheet)
    if cells.total_height * cells.total_width > MOST_CELLS:
        raise BadWorkbook(
            message(
                "has {total_height:,} rows of {total_width:,} cells; a sheet may hold {most_cells:,} cells, "
                "so delete what is empty or save it as CSV UTF-8",
                total_height=cells.total_height,
                total_width=cells.total_width,
                most_cells=MOST_CELLS,
            )
        )
    grid = [[cell_text(cell) for cell in row] for row in cells.to_python(skip_empty_area=False)]
    if sum(len(cell) for row in grid for cell in row) > MOST_CHARACTERS:
        raise BadWorkbook(
            message(
                "holds more than {most_characters:,} characters; save the part that matters",
                most_characters=MOST_CHARACTERS,
            )
        )
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
            raise BadWorkbook(
                message(
                    "has no sheet {sheet!r}; its sheets are {sheet_names}",
                    sheet=sheet,
                    sheet_names=tuple(book.sheet_names),
                )
            )
        return book.get_sheet_by_name(sheet)
    except PasswordError as error:
        raise BadWorkbook(message("is locked with a password; save it without one")) from error
    except (CalamineError, WorksheetNotFound, OSError) as error:
        raise BadWorkbook(
            message("cannot be opened as a workbook ({error}); save it as .xlsx or CSV UTF-8", error=error)
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


def main(connection: Connection, path: str, sheet: str | None = None) -> None:
    os.environ["RUST_BACKTRACE"] = "0"
    try:
        items: list[Any] = [*(grid := grid_of(path, sheet)), len(grid)]
    except BadWorkbook as error:
        items = [{"wrong": document(message_of(str(error)))}]
    for item in items:
        connection.send_bytes(json.dumps(item, ensure_ascii=False).encode("utf-8", "replace"))
