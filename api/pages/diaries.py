"""Diaries on pages: the classes that a room or a volunteer is booked for in one week."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from api.pages.labels import marked
from api.pages.page import Page
from api.pages.records import Section
from api.pages.tables import Cell
from api.pages.time_words import hours_words


async def promises_section(page: Page, diary: Mapping[str, Any] | None) -> Section:
    """The classes of a week, with their titles as far as this person may read the requests."""
    promises = sorted(diary["promises"] if diary else (), key=lambda each: each["window"]["start_min"])
    titles = await _titles(page, {each["request"] for each in promises})
    rows = [
        (Cell(hours_words(page, [each["window"]])), titles.get(each["request"], Cell("")))
        for each in promises
    ]
    return Section(marked("Classes this week"), (marked("When"), marked("Class")), rows, marked("None."))


async def _titles(page: Page, requests: set[str]) -> dict[str, Cell]:
    if not page.viewer.may("requests.read"):
        return {}
    ids = sorted(requests)
    records = await asyncio.gather(*(page.read_if_there(f"/requests/{id}") for id in ids))
    return {
        id: Cell(record["order"]["title"], f"/requests/{record['key']}")
        for id, record in zip(ids, records, strict=True)
        if record is not None
    }
