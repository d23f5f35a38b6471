"""Imports: a whole table or nothing of it, after people have seen what is wrong and what is odd."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path as File
from pathlib import PurePosixPath
from tempfile import TemporaryDirectory
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote

from fastapi import Path, Query

from adapters.exports.file_names import file_names
from adapters.imports.columns import CellProblem as RowProblem
from adapters.imports.import_report import MOST_CHANGES, ImportReport, RowChange
from adapters.imports.import_templates import write_template
from adapters.imports.importing import KINDS, ImportOptions, run_import
from adapters.imports.profiles import profile_names
from adapters.queries.paging import Page
from adapters.week.release_validity.broken_sessions import BrokenSession
from adapters.wording.records import WithMessages
from api.http.errors import HttpProblem, invalid, with_message
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.etags import of_content
from api.http.framework.operations import FileBody, Operations
from api.http.framework.query_models import QueryModel
from domain.messages import message, message_of
from domain.text import shown

operations = Operations("imports")

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ANY = "application/octet-stream"
ENDINGS = {CSV: ".csv", XLSX: ".xlsx", XLS: ".xls", ODS: ".ods"}
MARKS = {b"PK": ".xlsx", b"\xd0\xcf\x11\xe0": ".xls"}  # how the files of workbooks begin
MEDIA = {"csv": CSV, "xlsx": XLSX}
BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
KindName = Annotated[
    str, Path(pattern=f"^({'|'.join(KINDS)})$", description="What the rows are.", examples=["venues"])
]
_PROFILES: dict[str, Any] = {"enum": list(profile_names())}
Format = Annotated[Literal["csv", "xlsx"], Path(description="The format of the file.")]


@dataclass(frozen=True, slots=True)
class ColumnOf:
    name: str
    required: bool
    holds: str
    example: str


@dataclass(frozen=True, slots=True)
class KindOf:
    """What can be imported, with its columns."""

    name: str
    about: str
    columns: tuple[ColumnOf, ...]


@dataclass(frozen=True, slots=True)
class Odd(WithMessages):
    """A cell that is possible but odd; `row` is its line in the file."""

    sentences: ClassVar[tuple[str, ...]] = ("right",)

    row: int
    column: str
    value: str
    right: str
    subject: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or with `dry_run` would do; `changes` are the first 200.

    `broken` are released sessions that can no longer take place as they stand, because of it.
    """

    kind: str
    imported: bool
    dry_run: bool
    rows: int
    left_out: int
    new: int
    changed: int
    unchanged: int
    events: int
    personal: int
    cleared: int
    removed: int
    changes: tuple[RowChange, ...]
    warnings: tuple[Odd, ...]
    assumed: tuple[tuple[str, str], ...]
    broken: tuple[BrokenSession, ...]


@operations.read(
    "/imports",
    may="imports.write",
    answers=KindOf,
    many=True,
    summary="List what can be imported",
    example=examples.page(
        {
            "name": "venues",
            "about": "Places that lend rooms.",
            "columns": [{"name": "key", "required": True, "holds": "a key", "example": "school"}],
        }
    ),
)
def list_kinds(context: RequestContext) -> Answer:
    """Kinds of tables, and their columns."""
    del context
    kinds = [
        KindOf(
            kind.name,
            kind.about,
            tuple(
                ColumnOf(column.name, column.required, column.holds, column.example)
                for column in kind.columns
            ),
        )
        for kind in KINDS.values()
    ]
    return page_response(KindOf, Page(kinds, None))


@operations.read(
    "/imports/{kind}/template/{format}",
    may="imports.write",
    answers=BINARY,
    summary="Get an empty table to fill in",
    example="key,name,kind,area\r\n",
    media=(CSV, XLSX),
)
def read_template(context: RequestContext, kind: KindName, format: Format) -> Answer:
    """Its columns, and one example row."""
    del context
    with TemporaryDirectory() as folder:
        path = File(folder) / f"{kind}.{format}"
        write_template(kind, path)
        return file_answer(path.read_bytes(), f"{kind}.{format}", MEDIA[format])


def file_answer(body: bytes, name: str, media: str) -> Answer:
    """A file to save under a name."""
    stem, suffix = PurePosixPath(name.replace("\\", "/").rpartition("/")[2]).stem, File(name).suffix
    (plain,) = file_names([stem]).values()  # for programs that know RFC 2616 alone
    headers = {"Content-Disposition": f'attachment; filename="{plain}{suffix}"'}
    if plain != stem:
        headers["Content-Disposition"] += f"; filename*=UTF-8''{quote(shown(f'{stem}{suffix}'), safe='')}"
    return Answer(body, etag=of_content(body), headers=headers, media=media)


class ImportQuery(QueryModel):
    """How a table is read."""

    profile: Annotated[
        str | None,
        Query(max_length=80, description="How foreign columns map to ours.", json_schema_extra=_PROFILES),
    ] = None
    dry_run: Annotated[bool, Query(description="Say what would change, and change nothing.")] = False
    accept_warnings: Annotated[bool, Query(description="Import what is odd, too.")] = False
    constants: Annotated[
        list[str] | None,
        Query(alias="set", max_length=50, description="COLUMN=VALUE for every row that leaves it blank."),
    ] = None
    sheet: Annotated[str | None, Query(max_length=100, description="The sheet of a workbook.")] = None
    encoding: Annotated[
        str | None,
        Query(
            max_length=40,
            description="How the text of a CSV file is stored; left out: found out, or asked for.",
            examples=["windows-1252"],
        ),
    ] = None
    keep_others: Annotated[
        bool, Query(description="For the kind hours: seasons that the file does not name stay.")
    ] = False
    why: Annotated[
        str, Query(max_length=1000, description="The reason that renames and moves are kept with.")
    ] = ""


@operations.command(
    "/imports/{kind}",
    lane="large",
    may="imports.write",
    answers=Imported,
    summary="Import a table",
    file=FileBody((ANY, CSV), (XLSX, XLS, ODS)),
    example="key,name,kind,area,lat,lon\r\nmuseum,Museum,museum,river,29.4,105.6\r\n",
    answer_example={
        "kind": "venues",
        "imported": True,
        "dry_run": False,
        "rows": 1,
        "left_out": 0,
        "new": 1,
        "changed": 0,
        "unchanged": 0,
        "events": 1,
        "personal": 0,
        "cleared": 0,
        "removed": 0,
        "changes": [{"stream": "venues", "key": "museum", "what": "new", "detail": "", "cleared": []}],
        "warnings": [],
        "assumed": [],
        "broken": [],
    },
)
def import_table(context: CommandContext, kind: KindName, query: ImportQuery) -> Answer:
    """All of it or nothing: 422 names every wrong row, 409 every odd one until `accept_warnings` is true.

    The body is the file: CSV, or a workbook (which may also come as what spreadsheets call themselves).
    """
    if query.profile is not None and query.profile not in profile_names():
        raise invalid(
            "query",
            "profile",
            message("must be one of {profile_names}", profile_names=tuple(profile_names())),
            query.profile,
        )
    options = ImportOptions(
        profile=query.profile,
        dry_run=query.dry_run,
        accept_warnings=query.accept_warnings,
        constants=_constants(query.constants or []),
        sheet=query.sheet,
        encoding=query.encoding,
        keep_others=query.keep_others,
        why=query.why,
    )
    with TemporaryDirectory() as folder:
        path = File(folder) / f"{kind}{_ending(context)}"
        path.write_bytes(context.body)
        report = run_import(context.unit, kind, path, options)
    if report.errors:
        raise HttpProblem("rows-wrong", report.text().partition("\n")[0], errors=_rows(report.errors))
    if report.warnings and not query.accept_warnings and not query.dry_run:
        raise HttpProblem("rows-odd", report.text().partition("\n")[0], errors=_rows(report.warnings))
    return json_response(_shown_report(report))


def _ending(context: RequestContext) -> str:
    """What the body says of itself goes before what the caller says: a browser calls every workbook the same."""
    if context.body.startswith(b"PK"):
        if context.body[30:80] == b"mimetype" + ODS.encode()[:42]:
            return ".ods"
        if b"xl/workbook.bin" in context.body:
            return ".xlsb"
    marked = (ending for mark, ending in MARKS.items() if context.body.startswith(mark))
    return ENDINGS.get(context.media) or next(marked, ".csv")


def _constants(settings: list[str]) -> dict[str, str]:
    for setting in settings:
        if "=" not in setting:
            raise invalid("query", "set", message("must be COLUMN=VALUE, such as kind=library"), setting)
    return {column: value for column, _, value in (setting.partition("=") for setting in settings)}


def _rows(cell_problems: Iterable[RowProblem]) -> list[dict[str, Any]]:
    return [
        with_message(
            {
                "in": f"row {cell_problem.row}",
                "field": cell_problem.column,
                "detail": message_of(cell_problem.right),
                "value": cell_problem.value[:200],
            }
        )
        for cell_problem in cell_problems
    ]


def _shown_report(report: ImportReport) -> Imported:
    return Imported(
        report.kind,
        report.imported,
        report.dry_run,
        report.rows,
        report.left_out,
        report.new,
        report.changed,
        report.unchanged,
        report.events,
        report.personal,
        report.cleared,
        report.removed,
        report.changes[:MOST_CHANGES],
        tuple(
            Odd(
                cell_problem.row,
                cell_problem.column,
                cell_problem.value,
                cell_problem.right,
                cell_problem.subject,
            )
            for cell_problem in report.warnings
        ),
        report.assumed,
        report.broken,
    )
