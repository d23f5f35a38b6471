"""Pages of one record: what is known of it, the forms that change it, and tables of what belongs to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from starlette.responses import Response

from api.pages.command_forms import CommandForm
from api.pages.page import Page
from api.pages.tables import Cell

MOST_ROWS = 60  # of a section; longer ones name the list that has all


class PageLink(NamedTuple):
    """An address and what it is called, in the language of the page."""

    address: str
    name: str


class Fact(NamedTuple):
    """Something known of a record: its label, in English, and what it is."""

    label: str
    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A table on the page of a record. Title and headings in English, cells in the language of the page."""

    title: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    empty: str
    links: Sequence[PageLink] = ()
    shown: int = MOST_ROWS


@dataclass(frozen=True, slots=True)
class Record:
    """What a page of a record shows. `title` is in the language of the page."""

    title: str
    back: PageLink
    facts: Sequence[Fact]
    sections: Sequence[Section] = ()
    notices: Sequence[str] = ()
    links: Sequence[PageLink] = ()
    path: Mapping[str, str] = field(default_factory=dict)


async def record_page(page: Page, record: Record, forms: Iterable[CommandForm]) -> Response:
    """The page of a record, with the forms that this person may use for it."""
    allowed = await usable(page, forms, record.path)
    return page.show("record.html", record=record, forms=allowed)


async def usable(page: Page, forms: Iterable[CommandForm], path: Mapping[str, str]) -> list[CommandForm]:
    """The forms that this person may use for the record that an address names."""
    held = [form for form in forms if page.viewer.may(form.may)]
    permissions = await page.client.allowed_within({form.may for form in held}, path)
    return [form for form in held if form.may in permissions]


def yes_no(page: Page, value: Any) -> str:
    return page.language.gettext("yes") if value else page.language.gettext("no")
