"""History of anything: who changed what, when and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from api.pages.operation_client import OperationRefused
from api.pages.page import Page
from api.pages.routes import Pages
from api.pages.weeks.event_words import WORDS, EventPart, event_part, line_of, with_subjects
from api.pages.weeks.week_records import RecordNames, draft_of, week_page

pages = Pages()

FILTERS = ("venue", "volunteer", "request", "area", "week")
SHOWN = 100


@pages.get("/history", may="events.read")
async def history(page: Page) -> Response:
    return await _shown(page, {name: page.request.query_params.get(name, "").strip() for name in FILTERS})


@pages.get("/weeks/{area}/{week}/history", may="events.read")
async def history_of_week(page: Page, area: str, week: str) -> Response:
    about = await week_page(page, area, week)
    draft = await draft_of(about)
    return await _shown(page, {"area": area, "week": week}, draft.names if draft else None)


async def _shown(page: Page, chosen: Mapping[str, str], names: RecordNames | None = None) -> Response:
    """The newest events first, page by page."""
    chosen = {name: text for name, text in chosen.items() if text}
    query = page.request.query_params
    kind = query.get("type", "")
    before = query.get("before", "")
    filters: dict[str, Any] = {**chosen, "type": f"lyceum.{kind}" if kind in WORDS else ""}
    if before.isascii() and before.isdigit() and len(before) < 15:
        filters["until"] = before
    part = await event_part(page, filters, SHOWN)
    if part.problem is not None and part.problem.status in (401, 403) and chosen:
        raise OperationRefused(part.problem)
    if part.problem is not None and part.problem.status == 403:
        part = EventPart((), 0)  # who does not answer for everything names something first
    lines = await with_subjects(page, (line_of(page, event, names) for event in part.events))
    following = ""
    if part.before:
        address = {**chosen, **({"type": kind} if kind in WORDS else {}), "before": part.before}
        following = f"/history?{urlencode(address)}"
    zone = (await page.area(chosen["area"]))["zone"] if chosen.get("area") and part.problem is None else "UTC"
    return page.show(
        "weeks/history.html",
        part.problem.status if part.problem else 200,
        chosen=chosen,
        kind=kind,
        kinds=sorted(WORDS.items(), key=lambda pair: page.language.gettext(pair[1])),
        lines=lines,
        zone=zone,
        following=following,
        problem=part.problem,
        filters=FILTERS,
    )
