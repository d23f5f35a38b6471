"""Lists that a person reads: sorted, filtered, page by page, and downloaded as a table with the same columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from starlette.responses import Response

from adapters.files.formulas import harmless
from api.pages.page import SAFETY, Page

PAGE_ROWS = 50
DOWNLOAD = "download"
Direction = Literal["ascending", "descending", ""]


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    address: str = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column: its heading, how to make its cell of a record, and the order of the operation by it."""

    label: str
    cell: Callable[[Page, Any], Cell]
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter of the operation that people choose."""

    name: str
    label: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListTable:
    """A list of an operation. `prepare` reads what the cells need for the records of one page."""

    title: str
    operation: str
    columns: tuple[ListColumn, ...]
    empty: str
    filters: tuple[Filter, ...] = ()
    prepare: Callable[[Page, Sequence[Any]], Awaitable[None]] | None = None
    query: Mapping[str, Any] = field(default_factory=dict)


async def list_page(
    page: Page, table: ListTable, actions: Iterable[tuple[str, str]] = (), path: str = ""
) -> Response:
    """The list as a page, or as a file where the address asks for one. `path` replaces that of the operation."""
    asked_for = page.request.query_params
    names = {each.name for each in table.filters} | {"sort", "cursor"}
    chosen = {name: text for name, text in asked_for.items() if name in names and text}
    query = {**table.query, **chosen}
    target = path or table.operation
    if asked_for.get(DOWNLOAD) == "csv":
        records = await page.all_items(target, **{k: v for k, v in query.items() if k != "cursor"})
        if table.prepare is not None:
            await table.prepare(page, records)
        return _file(page, table, records)
    reply = await page.client.read(target, {**query, "limit": PAGE_ROWS})
    if reply.status in (401, 403, 404):
        reply.required()
    records = reply.document["items"] if reply.problem is None else []
    if table.prepare is not None:
        await table.prepare(page, records)
    base = {name: text for name, text in chosen.items() if name != "cursor"}
    here = page.request.url.path

    def address(**more: Any) -> str:
        values = {name: text for name, text in {**base, **more}.items() if text}
        return f"{here}?{urlencode(values)}" if values else here

    def sorted_by(column: ListColumn) -> Direction:
        order = chosen.get("sort", "")
        return "ascending" if order == column.sort else "descending" if order == f"-{column.sort}" else ""

    def sort_address(column: ListColumn) -> str:
        return address(sort=f"-{column.sort}" if sorted_by(column) == "ascending" else column.sort)

    following = None if reply.problem is not None else reply.document["next"]
    return page.show(
        "list.html",
        422 if reply.problem else 200,
        table=table,
        problem=reply.problem,
        rows=[[column.cell(page, record) for column in table.columns] for record in records],
        chosen=chosen,
        is_filtered=any(name != "sort" for name in base),
        actions=list(actions),
        following=address(cursor=following) if following else "",
        first=address() if "cursor" in chosen else "",
        download=address(**{DOWNLOAD: "csv"}),
        sorted_by=sorted_by,
        sort_address=sort_address,
    )


def _file(page: Page, table: ListTable, records: Iterable[Any]) -> Response:
    headings = [page.language.gettext(column.label) for column in table.columns]
    rows = [[column.cell(page, record).text for column in table.columns] for record in records]
    return csv_response(table.operation.strip("/").replace("/", "-"), [headings, *rows])


def csv_response(name: str, rows: Iterable[Iterable[str]]) -> Response:
    """All rows as CSV, the headings first; no cell is a formula to whoever opens it."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([harmless(text) for text in row])
    plain = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-._") else "_" for letter in name
    )
    headers = {**SAFETY, "Content-Disposition": f'attachment; filename="{plain}.csv"'}
    return Response("\ufeff" + out.getvalue(), 200, headers, "text/csv; charset=utf-8")
