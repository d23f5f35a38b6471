"""Options of fields that hold keys: which list of the interface a field chooses from.

Up to `MOST_OPTIONS` a field offers what there is, by name; of longer lists the key is typed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from api.pages.form_fields import FieldShape
from api.pages.labels import choice_of
from api.pages.option_lists import FieldOption
from api.pages.page import Page

MOST_OPTIONS = 200
MOST_IN_ROWS = 60  # a field of a row is there several times
PathValues = Mapping[str, str]
Listing = Callable[[Page, PathValues], Awaitable[list[FieldOption] | None]]


async def _items(page: Page, path: str, **query: Any) -> list[Any] | None:
    """The items of a list, or None where there are more than a field can offer or none for this person."""
    reply = await page.client.read(path, {**query, "limit": MOST_OPTIONS})
    if reply.problem is not None or reply.document["next"] is not None:
        return None
    items: list[Any] = reply.document["items"]
    return items


async def _areas(page: Page, path: PathValues) -> list[FieldOption] | None:
    """Areas of today in the part of the network that this person answers for, or all of them."""
    del path
    parts = [grant["within"] for grant in page.viewer.grants if grant["role"] in ("coordinator", "community")]
    everywhere = not parts or any(grant["within"] is None for grant in page.viewer.grants)
    options: dict[str, FieldOption] = {}
    for part in [None] if everywhere else parts:
        within = None if part is None else (await page.area(part))["key"]
        areas = await _items(page, "/areas", within=within, on=page.today.isoformat())
        if areas is None:
            return None
        options |= {
            area["key"]: FieldOption(area["key"], f"{page.area_name(area)} ({area['key']})") for area in areas
        }
    return sorted(options.values(), key=lambda option: option.label)


async def _venues(page: Page, path: PathValues) -> list[FieldOption] | None:
    del path
    venues = await _items(page, "/venues", sort="name")
    return None if venues is None else [FieldOption(venue["key"], venue["name"]) for venue in venues]


async def _volunteers(page: Page, path: PathValues) -> list[FieldOption] | None:
    """By their keys alone: a name would be a look at a personal record."""
    volunteers = await _items(page, "/volunteers")
    if volunteers is None:
        return None
    own = path.get("volunteer")
    return [FieldOption(each["key"], each["key"]) for each in volunteers if each["key"] != own]


async def _rooms(page: Page, path: PathValues) -> list[FieldOption] | None:
    if "venue" not in path:
        return None
    reply = await page.client.read(f"/venues/{path['venue']}/rooms")
    if reply.problem is not None:
        return None
    return [FieldOption(room["key"], f"{room['name']} ({room['key']})") for room in reply.document["items"]]


async def _calendars(page: Page, path: PathValues) -> list[FieldOption] | None:
    del path
    calendars = await _items(page, "/day-types")
    return None if calendars is None else [FieldOption(each["key"], each["key"]) for each in calendars]


async def _parts(page: Page, path: PathValues) -> list[FieldOption] | None:
    """Everything that a role can hold in: areas, venues, volunteers."""
    options: list[FieldOption] = []
    for name, listing in (("Area", _areas), ("Venue", _venues), ("Volunteer", _volunteers)):
        part = await listing(page, path)
        if part is None:
            return None
        options += [FieldOption(value, f"{page.language.gettext(name)}: {label}") for value, label in part]
    return options


async def _ways(page: Page, path: PathValues) -> list[FieldOption] | None:
    """The ways in to an account, by kind and day: the addresses themselves are nowhere."""
    reply = await page.client.read(f"/accounts/{path['account']}/ways")
    if reply.problem is not None:
        return None
    return [
        FieldOption(way["id"], f"{page.language.gettext(choice_of(way['kind']))}, {way['since'][:10]}")
        for way in reply.document["items"]
    ]


def _words(kind: str) -> Listing:
    """The catalogue's words of a kind that may be used today."""

    async def listing(page: Page, path: PathValues) -> list[FieldOption] | None:
        del path
        entries = await _items(page, "/catalogue", kind=kind, on=page.today.isoformat())
        if entries is None:
            return None
        options = [
            FieldOption(entry["code"], page.text_of(entry["names"]) or entry["code"]) for entry in entries
        ]
        return sorted(options, key=lambda option: option.label)

    return listing


LISTS: Mapping[str, Listing] = {
    "areas": _areas,
    "venues": _venues,
    "volunteers": _volunteers,
    "rooms": _rooms,
    "calendars": _calendars,
    "parts": _parts,
    "ways": _ways,
    "functions": _words("function"),
    "topics": _words("topic"),
    "forms": _words("form"),
    "audiences": _words("audience"),
}
# The last part of a field's name, and the list that it chooses from.
WORDS: Mapping[str, str] = {
    "area": "areas",
    "home_area": "areas",
    "parent": "areas",
    "into": "areas",
    "venue": "venues",
    "volunteer": "volunteers",
    "room": "rooms",
    "rooms": "rooms",
    "part_of": "rooms",
    "calendar": "calendars",
    "within": "parts",
    "ids": "ways",
    "function": "functions",
    "functions": "functions",
    "topic": "topics",
    "topics": "topics",
    "form": "forms",
    "audience": "audiences",
}


async def options_of(
    page: Page, shapes: Iterable[FieldShape], path: PathValues, sources: Mapping[str, str]
) -> dict[str, list[FieldOption]]:
    """What the fields of a form choose from, by the last part of their names.

    `sources` names the lists of fields whose names do not say it; "" is for a field that is typed.
    """
    limits: dict[str, int] = {}
    for shape in shapes:
        own = [(row, MOST_IN_ROWS) for row in shape.rows] or [(shape, MOST_OPTIONS)]
        limits |= {each.word: limit for each, limit in own if each.kind in ("text", "lines")}
    lists = {word: name for word in limits if (name := sources.get(word, WORDS.get(word, "")))}
    answers = await asyncio.gather(*(LISTS[name](page, path) for name in lists.values()))
    return {
        word: options
        for word, options in zip(lists, answers, strict=True)
        if options and len(options) <= limits[word]
    }
