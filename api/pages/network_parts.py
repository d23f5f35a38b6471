"""Parts of the network that roles hold in: their keys and names by the ids that grants have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from api.pages.labels import choice_of
from api.pages.page import Page

LISTS = {"host": "/venues", "volunteer": "/volunteers", "coordinator": "/areas", "community": "/areas"}


class NetworkPart(NamedTuple):
    """Where a role holds: the key that forms take, its name, and its page."""

    key: str
    name: str
    address: str


EVERYWHERE = NetworkPart("", "", "")


async def part_of(page: Page, grant: Mapping[str, Any]) -> NetworkPart:
    """The part of the network that a role holds in, as far as this person may read it."""
    within, path = grant["within"], LISTS.get(grant["role"])
    if within is None or path is None:
        return EVERYWHERE
    record = await page.read_if_there(f"{path}/{within}")
    if record is None:
        return NetworkPart(within, within, "")
    name = page.area_name(record) if path == "/areas" else record.get("name", record["key"])
    return NetworkPart(record["key"], name, f"{path}/{record['key']}")


async def grant_words(page: Page, grant: Mapping[str, Any]) -> str:
    """A role and where it holds, such as `Coordinator: River`."""
    role, part = page.language.gettext(choice_of(grant["role"])), await part_of(page, grant)
    return f"{role}: {part.name}" if part.name else role
