"""Break import files in many ways: each is refused, its wrong rows are named, and nothing in the database changes."""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from openpyxl import Workbook

from adapters.application.application import Lyceum
from adapters.imports.importing import ImportOptions, run_import
from adapters.imports.profiles import find_profile, profile_names
from bench.sections import ROOT

SAMPLES = ROOT / "samples"
TOWN = ("network", "venues", "rooms", "hours", "volunteers", "requests")
DISTRICT = ("catalogue", "day-types", "network", "venues", "rooms")
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
REFUSED = {409, 413, 415, 422}

# Cells that cannot be, by kind of table and column; "=" ones are formulas where a number or a word of a list belongs.
BAD_CELLS: dict[str, dict[str, tuple[str, ...]]] = {
    "network": {
        "lat": ("91", "=1+1"),
        "zone": ("Mars/Olympus",),
        "since": ("2026-02-30", "yesterday"),
        "parent": ("nowhere",),
    },
    "venues": {
        "kind": ("castle", '=HYPERLINK("http://example.org")'),
        "area": ("nowhere",),
        "lon": ("east", "181"),
        "weekly_cap_minutes": ("-5", "=10*60"),
        "name": ("",),
        "recall_notice_hours": ("1e3",),
    },
    "rooms": {
        "venue": ("nowhere",),
        "capacity": ("0", "many", "=SUM(A1:A9)", "9" * 400),
        "turnaround_minutes": ("-1",),
        "part_of": ("nowhere",),
        "accessible": ("perhaps",),
    },
    "hours": {
        "venue": ("nowhere",),
        "room": ("attic",),
        "hours": ("Mo-Fr 25:00-26:00", "whenever"),
        "first": ("2026-02-30",),
    },
    "volunteers": {
        "kind": ("robot",),
        "home_area": ("nowhere",),
        "hours": ("Mo 21:00-17:00", "Xx 09:00-10:00"),
        "max_minutes_day": ("ten", "@SUM(1)"),
        "check_date": ("30/02/2026",),
        "roles": ("boss",),
        "topics": ("choir:divine",),
    },
    "requests": {
        "area": ("nowhere",),
        "learners": ("0", "+2+3"),
        "first_week": ("2026-W54",),
        "duration_minutes": ("-90",),
        "acceptable": ("Mo-Fr 21:00-17:00", ""),
        "minors": ("some",),
    },
    "day-types": {"date": ("2026-02-30", "2026-13-01"), "kind": ("feast",)},
    "catalogue": {"kind": ("colour",), "names": ("no language",)},
}
REQUIRED = {
    "network": "key",
    "venues": "kind",
    "rooms": "capacity",
    "hours": "venue",
    "volunteers": "home_area",
    "requests": "learners",
}


@dataclass(frozen=True)
class Broken:
    """A file that must be refused. `rows` must be named among its errors; none: the file as a whole is."""

    name: str
    kind: str
    body: bytes = field(repr=False)
    media: str = CSV
    query: str = ""
    rows: frozenset[int] = frozenset()

    @property
    def path(self) -> str:
        return f"/v1/imports/{self.kind}?accept_warnings=true{self.query}"


# ---- What is there before


def fill(lyceum: Lyceum) -> None:
    """The small town and part of the district, which all broken files speak of."""
    for kind in TOWN:
        run_import(lyceum, kind, SAMPLES / "town" / _file(kind), ImportOptions(accept_warnings=True))
    for kind in DISTRICT:
        run_import(lyceum, kind, SAMPLES / "rongchang" / _file(kind), ImportOptions(accept_warnings=True))


def _file(kind: str) -> str:
    return f"{kind.replace('-', '_')}.csv"


@cache
def good(kind: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The header and the rows of a good file, each row as long as the header."""
    folder = "town" if kind in TOWN else "rongchang"
    with Path(SAMPLES, folder, _file(kind)).open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    return tuple(header), tuple(tuple(row[: len(header)]) for row in rows[:40])


def written(header: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue().encode()


def workbook(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("a new workbook has no sheet")
    for row in (header, *rows):
        sheet.append(list(row))
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


# ---- Ways to break a file


def broken_files(seed: int, *, bombs: bool = True) -> list[Broken]:
    """All of them; the seed chooses the rows, and `bombs` are those that are slow to make."""
    chance = random.Random(seed)
    return [
        *_bad_cells(chance),
        *_bad_headers(),
        *_doubled(chance),
        *_circles(),
        *_bad_shapes(chance),
        *_bad_text(chance),
        *_bad_workbooks(chance),
        *_bad_profiles(),
        *(_bombs() if bombs else ()),
    ]


def _with(kind: str, row: int, column: str, cell: str) -> tuple[tuple[str, ...], list[list[str]]]:
    """The good table with one cell changed; `row` counts from 0."""
    header, rows = good(kind)
    changed = [list(cells) for cells in rows]
    if column not in header:
        header = (*header, column)
        changed = [[*cells, ""] for cells in changed]
    changed[row][header.index(column)] = cell
    return header, changed


def _bad_cells(chance: random.Random) -> Iterator[Broken]:
    for kind, columns in BAD_CELLS.items():
        for column, cells in columns.items():
            for cell in cells:
                row = chance.randrange(len(good(kind)[1]))
                header, rows = _with(kind, row, column, cell)
                name = f"{kind}: {column} is {cell[:40]!r}"
                is_book = chance.random() < 0.25 and not cell.startswith(("=", "+", "@"))
                body = workbook(header, rows) if is_book else written(header, rows)
                yield Broken(name, kind, body, XLSX if is_book else CSV, rows=frozenset({row + 2}))


def _bad_headers() -> Iterator[Broken]:
    for kind, column in REQUIRED.items():
        header, rows = good(kind)
        index = header.index(column)
        cut = [[*row[:index], *row[index + 1 :]] for row in (header, *rows)]
        body = written(cut[0], cut[1:])
        if kind in (
            "network",
            "hours",
        ):  # of a record that is known, a column that is not there stays as it is
            yield Broken(f"{kind}: no column {column}", kind, body, rows=frozenset({1}))
        strange = ["colour" if name == column else name for name in header]
        yield Broken(f"{kind}: {column} is called colour", kind, written(strange, rows), rows=frozenset({1}))


def _doubled(chance: random.Random) -> Iterator[Broken]:
    for kind in ("network", "venues", "rooms", "volunteers", "requests"):
        header, rows = good(kind)
        again = chance.choice(rows)
        body = written(header, [*rows, again])
        yield Broken(f"{kind}: a key comes twice", kind, body, rows=frozenset({len(rows) + 2}))
    header, rows = good("venues")
    yield Broken("venues: two columns of one name", "venues", written((*header, "name"), rows))


def _circles() -> Iterator[Broken]:
    header, rows = _with("network", 0, "parent", "mill-street")
    yield Broken("network: areas in a circle", "network", written(header, rows), rows=frozenset({2}))
    header, rows = _with("network", 1, "parent", "mill-street")
    yield Broken("network: an area in itself", "network", written(header, rows), rows=frozenset({3}))
    header, rows = _with("rooms", 0, "part_of", "hall")
    yield Broken("rooms: a room in itself", "rooms", written(header, rows), rows=frozenset({2}))


def _bad_shapes(chance: random.Random) -> Iterator[Broken]:
    for kind in ("venues", "rooms", "requests"):
        header, rows = good(kind)
        row = chance.randrange(len(rows))
        longer = [[*cells, "more"] if number == row else list(cells) for number, cells in enumerate(rows)]
        yield Broken(
            f"{kind}: a row that is too long", kind, written(header, longer), rows=frozenset({row + 2})
        )
        yield Broken(f"{kind}: bars between the cells", kind, written(header, rows, "|"))
        text = written(header, rows)
        yield Broken(f"{kind}: a quote that never ends", kind, text + b'"lost,1,2')
    huge = _with("venues", 0, "name", "x" * 2_000_000)
    yield Broken("venues: a cell of two million characters", "venues", written(*huge))
    yield Broken("venues: nothing at all", "venues", b"")
    yield Broken("venues: 20,000 columns", "venues", b",".join(b"c%d" % number for number in range(20_000)))


def _bad_text(chance: random.Random) -> Iterator[Broken]:
    for kind in ("venues", "volunteers"):
        text = written(*good(kind))
        index = chance.randrange(len(text))
        yield Broken(f"{kind}: a NUL", kind, text[:index] + b"\0" + text[index:])
        yield Broken(f"{kind}: cut UTF-16", kind, b"\xff\xfe" + text.decode().encode("utf-16-le")[:-1])
        yield Broken(f"{kind}: bytes of no encoding", kind, chance.randbytes(2000))
    accented = written(*_with("venues", 0, "name", "École élémentaire de Saint-Étienne")).decode()
    yield Broken("venues: Latin-1", "venues", accented.encode("latin-1"))
    yield Broken("venues: a picture", "venues", b"\x89PNG\r\n\x1a\n" + chance.randbytes(500))
    yield Broken("venues: a page", "venues", b"<!doctype html><title>Sign in</title>", rows=frozenset({1}))


def _bad_workbooks(chance: random.Random) -> Iterator[Broken]:
    for kind in ("venues", "rooms"):
        whole = workbook(*good(kind))
        for share in (0.1, 0.5, 0.95):
            cut = whole[: int(len(whole) * share)]
            yield Broken(f"{kind}: {share:.0%} of a workbook", kind, cut, XLSX)
        yield Broken(f"{kind}: a sheet that is not there", kind, whole, XLSX, f"&sheet={quote('Sheet 9')}")
        spoilt = bytearray(whole)
        for _ in range(200):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        yield Broken(f"{kind}: a workbook with 200 bytes changed", kind, bytes(spoilt), XLSX)
        yield Broken(f"{kind}: CSV that says it is a workbook", kind, written(*good(kind)), XLSX)
        yield Broken(f"{kind}: noise that says it is an old workbook", kind, chance.randbytes(3000), XLS)
    yield Broken("venues: a zip without sheets", "venues", packed({"hello.txt": b"hello"}), XLSX)
    yield Broken("venues: a sheet of 17 billion cells", "venues", far_corner(), XLSX)
    yield Broken("venues: entities within entities", "venues", laughs(), XLSX)


def _bombs() -> Iterator[Broken]:
    yield Broken("venues: a body that is too large", "venues", b"key,name\r\n" + b"a,b\r\n" * 5_000_000)
    yield Broken("venues: a sheet that unpacks to a gigabyte", "venues", bomb(), XLSX)


def _bad_profiles() -> Iterator[Broken]:
    """Files of others that lack a column which the profile reads."""
    for name in profile_names():
        profile = find_profile(name)
        header = sorted(profile.reads())[1:]
        body = written(header, [["1"] * len(header)])
        yield Broken(f"{name}: a column is missing", profile.kind, body, query=f"&profile={name}")


# ---- Workbooks that hurt


def packed(files: dict[str, bytes]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return body.getvalue()


def with_sheet(write: Callable[[Any], object], entities: bytes = b"") -> bytes:
    """A workbook of one sheet, written by hand; `entities` stand before its root."""
    plain = zipfile.ZipFile(io.BytesIO(workbook(("key",), [("a",)])))
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in plain.namelist():
            if not name.endswith("sheet1.xml"):
                archive.writestr(name, plain.read(name))
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            sheet.write(b'<?xml version="1.0"?>' + entities + b'<worksheet xmlns="%s"><sheetData>' % space)
            write(sheet)
            sheet.write(b"</sheetData></worksheet>")
    return body.getvalue()


def _cell(reference: str, text: str = "key") -> bytes:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()


@cache
def bomb() -> bytes:
    """A gigabyte of one row again and again, in two megabytes."""
    row = b"<row>" + _cell("A1", "x" * 1000) + b"</row>"

    def write(sheet: Any) -> None:
        for _ in range(1000):
            sheet.write(row * 1000)

    return with_sheet(write)


@cache
def far_corner() -> bytes:
    """Two cells, at the two ends of the largest sheet that there can be."""
    first, last = b'<row r="1">%s</row>' % _cell("A1"), b'<row r="1048576">%s</row>' % _cell("XFD1048576")
    return with_sheet(lambda sheet: sheet.write(first + last))


@cache
def laughs() -> bytes:
    """Entities that would grow to a billion words."""
    lines = [b'<!ENTITY l0 "lol">']
    lines += [b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10)]
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
    return with_sheet(lambda sheet: sheet.write(row), b"<!DOCTYPE x [" + b"".join(lines) + b"]>")


# ---- What is said of them


def complaints(file: Broken, status: int, answer: Any) -> Iterator[str]:
    """What is wrong with an answer to a broken file."""
    if status not in REFUSED:
        yield f"{file.name}: answered {status} {str(answer)[:200]}"
        return
    named = {error.get("in") for error in answer.get("errors", ())}
    text = str(answer.get("detail", ""))
    if not text:
        yield f"{file.name}: refused without a word"
    for row in file.rows:
        if f"row {row}" not in named and f"row {row} " not in f"{text} ":
            yield f"{file.name}: row {row} is not named, only {sorted(map(str, named))[:5]} {text[:120]!r}"


def fingerprint(lyceum: Lyceum) -> tuple[int, str, tuple[Any, ...]]:
    """All that an import could change: the events, the read models, and the rows about people."""
    people = tuple((row.key, row.body) for row in lyceum.store.rows("people").select("person"))
    return lyceum.store.position(), lyceum.views.digest(), people
