"""Exports: what is registered as tables, and a released week as pages, calendars and tables."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path as File
from tempfile import TemporaryDirectory
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query

from adapters.exports.master_data import EXPORTS, export_kind
from adapters.exports.week_export import ExportOptions, files_of, week_edition
from adapters.services import people as services
from api.http.framework.contexts import Answer, RequestContext
from api.http.framework.operations import Operations
from api.http.framework.parameters import Key, Week
from api.http.resources.imports.endpoints import BINARY, CSV, MEDIA, XLSX, Format, file_answer
from api.http.resources.weeks.endpoints import area_and_week

operations = Operations("exports")

ZIP = "application/zip"
LEFT_OUT = "Lyceum-Left-Out"  # names what could not be written; a ZIP file holds left-out.txt instead
MOST_TOLD = 2000
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same release makes the same bytes
KindName = Annotated[
    str, Path(pattern=f"^({'|'.join(EXPORTS)})$", description="What the rows are.", examples=["venues"])
]
Release = Annotated[int | None, Query(ge=1, le=100_000, description="Default: the last.")]
Language = Annotated[
    Literal["en", "zh"] | None, Query(description="Of the pages; default: that of the area's name.")
]


@operations.read(
    "/exports/data/{kind}/{format}",
    lane="slow",
    may="exports.data",
    answers=BINARY,
    summary="Export what is registered",
    example="key,name,kind,area\r\nschool,River School,school,river\r\n",
    media=(CSV, XLSX),
)
def export_data(context: RequestContext, kind: KindName, format: Format) -> Answer:
    """In the columns that the import reads, without names, telephone numbers and homes."""
    return _data(context, kind, format, with_people=False)


@operations.read(
    "/exports/people/{format}",
    lane="slow",
    may="exports.people",
    answers=BINARY,
    summary="Export volunteers with their personal records",
    example="key,name,phone\r\nv-17,Wang Li,\r\n",
    media=(CSV, XLSX),
)
def export_people(context: RequestContext, format: Format) -> Answer:
    """In the columns that the import reads. That you looked is recorded with each person."""
    answer = _data(context, "volunteers", format, with_people=True)
    note_looks(context, context.app_state.lyceum.people())
    return answer


def _data(context: RequestContext, kind: str, format: str, *, with_people: bool) -> Answer:
    with TemporaryDirectory() as folder:
        path, missing = File(folder) / f"{kind}.{format}", list[str]()
        export_kind(context.app_state.lyceum, kind, path, with_people=with_people, tell=missing.extend)
        answer = file_answer(path.read_bytes(), path.name, MEDIA[format])
    headers = {LEFT_OUT: "; ".join(missing)[:MOST_TOLD]} if missing else {}
    return replace(answer, headers={**answer.headers, **headers})


@operations.read(
    "/exports/weeks/{area}/{week}",
    lane="slow",
    may="exports.weeks",
    answers=BINARY,
    summary="Export a released week",
    example="(a ZIP file)",
    media=(ZIP,),
)
def export_week(
    context: RequestContext, area: Key, week: Week, release: Release = None, language: Language = None
) -> Answer:
    """Pages to print, calendars, CSV and XLSX in one ZIP file; no names of people in it."""
    area_state, _ = area_and_week(context, area, week)
    edition = week_edition(
        context.app_state.lyceum, area_state.id, week, ExportOptions(release=release, language=language)
    )
    return file_answer(_zipped(files_of(edition)), f"{area_state.key}-{week}.zip", ZIP)


@operations.read(
    "/exports/weeks/{area}/{week}/named",
    lane="slow",
    may="exports.named",
    answers=BINARY,
    summary="Export a released week with volunteers' names",
    example="(a ZIP file)",
    media=(ZIP,),
)
def export_named_week(
    context: RequestContext, area: Key, week: Week, release: Release = None, language: Language = None
) -> Answer:
    """For the coordinator's own use: names in the tables and on the sheets. That you looked is recorded with each."""
    area_state, _ = area_and_week(context, area, week)
    edition = week_edition(
        context.app_state.lyceum,
        area_state.id,
        week,
        ExportOptions(release=release, language=language, with_names=True),
    )
    note_looks(context, (volunteer.id for volunteer in edition.volunteers if volunteer.id in edition.names))
    return file_answer(_zipped(files_of(edition)), f"{area_state.key}-{week}-named.zip", ZIP)


def note_looks(context: RequestContext, people: Iterable[UUID]) -> None:
    """Record that the caller has read these personal records."""
    reader = context.app_state.lyceum.acting_as(context.caller.actor)
    services.note_looks(reader, tuple(people), context.app_state.ids)


def _zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
