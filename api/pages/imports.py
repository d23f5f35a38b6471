"""Pages of imports: choose what the rows are, try a file, mend the rows that are named, and do it.

A file that was tried is carried along in the form while it is small, so that nobody chooses it twice.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from adapters.imports.profiles import profile_names
from api.http.errors import HttpProblem
from api.pages.form_keys import new_key
from api.pages.labels import marked
from api.pages.operation_client import ProblemDetails
from api.pages.page import SAFETY, Page
from api.pages.records import PageLink, Record, Section, record_page
from api.pages.routes import Pages, is_shown_only
from api.pages.tables import Cell
from api.pages.uploads import Uploads
from domain.messages import message

pages = Pages()

FILE, CARRIED = "file", "carried"
MOST_CARRIED = 80_000  # characters: a page stays below 100 kB
MOST_UNPACKED = 20_000_000
MOST_ROWS = 100
ANY = "application/octet-stream"
FORMATS = ("csv", "xlsx")
TEXTS = ("profile", "sheet", "encoding", "why")
CHECKS = ("accept_warnings", "keep_others")
ROWS = ("rows-wrong", "rows-odd")  # problems that name rows


@pages.get("/imports", may="imports.write")
async def imports(page: Page) -> Response:
    """What can be imported, each with its empty table."""
    words = page.language.gettext
    kinds = await page.read("/imports")
    rows = [
        (
            Cell(kind["name"], f"/imports/{kind['name']}"),
            Cell(words(kind["about"])),
            *(Cell(format.upper(), f"/imports/{kind['name']}/template/{format}") for format in FORMATS),
        )
        for kind in kinds["items"]
    ]
    section = Section(
        marked("Tables that can be imported"),
        (marked("Rows"), marked("What they are"), marked("Empty table"), marked("Empty table")),
        rows,
        "",
    )
    back = PageLink("/administration", words(marked("Administration")))
    return await record_page(page, Record(words(marked("Imports")), back, (), [section]), ())


@pages.get("/imports/{kind}", may="imports.write")
async def import_form(page: Page, kind: str) -> Response:
    return await _form(page, kind, {}, new_key())


@pages.get("/imports/{kind}/template/{format}", may="imports.write")
async def template(page: Page, kind: str, format: str) -> Response:
    return file_page(await page.client.response(f"/imports/{kind}/template/{format}"))


def file_page(response: Response) -> Response:
    """A file of an operation, with the headers that all pages have."""
    for name, value in SAFETY.items():
        response.headers.setdefault(name, value)
    return response


@pages.post("/imports/{kind}", may="imports.write", takes_files=True)
async def send(page: Page, fields: Uploads, kind: str) -> Response:
    """Try the file or do it, as the button says; what is wrong is shown as a table of rows to mend."""
    key = fields.get("key", "") or new_key()
    if is_shown_only(fields):
        return await _form(page, kind, fields, key)
    body = _body(fields)
    if not body:
        problem = ProblemDetails(422, {"detail": page.language.gettext(marked("Choose a file.")), "next": ""})
        return await _form(page, kind, fields, key, problem=problem)
    does_it = fields.get("step") == "import"
    query: dict[str, Any] = {name: fields.get(name, "").strip() for name in TEXTS}
    query |= {name: "true" for name in CHECKS if fields.get(name) == "yes"}
    query["set"] = [line.strip() for line in fields.get("set", "").splitlines() if line.strip()]
    if not does_it:
        query["dry_run"] = "true"
    reply = await page.client.command(
        f"/imports/{kind}", body, key=key if does_it else "", query=query, media=ANY
    )
    typed = {**fields, CARRIED: _packed(body)}
    if reply.problem is not None:
        return await _form(page, kind, typed, new_key(), problem=reply.problem)
    if does_it:
        return page.show("import_report.html", kind=kind, report=reply.document, shown=MOST_ROWS)
    return await _form(page, kind, typed, key, report=reply.document)


def _body(fields: Uploads) -> bytes:
    """The file that was chosen now, or else the one that the form carries. Raises a problem."""
    if chosen := fields.files.get(FILE, b""):
        return chosen
    try:
        unpacking = zlib.decompressobj()
        return unpacking.decompress(base64.b64decode(fields.get(CARRIED, "")), MOST_UNPACKED)
    except (binascii.Error, zlib.error, ValueError):
        raise HttpProblem(
            "invalid", message("the file in this form cannot be read; choose it again")
        ) from None


def _packed(body: bytes) -> str:
    """The file as a field carries it; "" where it is too large for that."""
    if len(body) > MOST_UNPACKED:
        return ""
    text = base64.b64encode(zlib.compress(body, 9)).decode()
    return text if len(text) <= MOST_CARRIED else ""


async def _form(
    page: Page,
    kind: str,
    typed: Mapping[str, str],
    key: str,
    *,
    problem: ProblemDetails | None = None,
    report: Mapping[str, Any] | None = None,
) -> Response:
    kinds = {each["name"]: each for each in (await page.read("/imports"))["items"]}
    if kind not in kinds:
        raise HttpProblem("not-found", message("nothing of the kind {kind} can be imported", kind=kind[:80]))
    names_rows = problem is not None and problem.name in ROWS
    return page.show(
        "import_form.html",
        problem.status if problem else 200,
        kind=kinds[kind],
        typed=typed,
        key=key,
        problem=problem,
        rows=problem.document.get("errors", ()) if problem and names_rows else (),
        report=report,
        profiles=profile_names(),
        formats=FORMATS,
        shown=MOST_ROWS,
    )
