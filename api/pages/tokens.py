"""Pages of tokens: keys for programs, whose secret is shown once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.responses import Response

from api.pages.command_forms import CommandForm
from api.pages.labels import choice_of, marked
from api.pages.page import Page
from api.pages.routes import Pages
from api.pages.tables import Cell, ListColumn, ListTable, list_page

pages = Pages()


def _instant(page: Page, text: str | None) -> Cell:
    return Cell(page.language.instant(datetime.fromisoformat(text)) if text else "")


def _roles(page: Page, token: Any) -> Cell:
    return Cell(", ".join(page.language.gettext(choice_of(grant["role"])) for grant in token["grants"]))


def _revoke(page: Page, token: Any) -> Cell:
    return Cell(page.language.gettext(REVOKE.title), REVOKE.path.format(token=token["id"]))


TOKENS = ListTable(
    marked("Tokens"),
    "/tokens",
    (
        ListColumn(marked("Number"), lambda _, each: Cell(each["id"])),
        ListColumn(marked("Whose"), lambda _, each: Cell(each["actor"])),
        ListColumn(marked("Roles"), _roles),
        ListColumn(marked("Made"), lambda page, each: _instant(page, each["made"])),
        ListColumn(marked("Valid until"), lambda page, each: _instant(page, each["expires"])),
        ListColumn(marked("End it"), _revoke),
    ),
    marked(
        "There are no tokens. A program that reads or writes here needs one; make it, and give it to that program."
    ),
)


def _secret(page: Page, token: Mapping[str, Any], _: Mapping[str, str]) -> Response:
    return page.show("token_made.html", 201, headers={"Cache-Control": "no-store"}, token=token)


MAKE = CommandForm(
    "make_token",
    "/tokens",
    marked("Make a token"),
    "/tokens",
    marked("Make the token"),
    intro=marked("A program that has it may do what the roles allow. Without a role it has all of yours."),
    result=_secret,
    address="/tokens/new",
)
REVOKE = CommandForm(
    "revoke_token",
    "/tokens/{token}/revoke",
    marked("Revoke the token"),
    "/tokens",
    marked("Revoke"),
    intro=marked(
        "What was done with it ends too: tokens, feeds, waiting jobs, and roles that it gave to others."
    ),
    is_final=True,
)
MAKE.register(pages)
REVOKE.register(pages)


@pages.get("/tokens", may="tokens.read")
async def tokens(page: Page) -> Response:
    actions: Sequence[tuple[str, str]] = [("/tokens/new", page.language.gettext(MAKE.title))]
    return await list_page(page, TOKENS, actions)
