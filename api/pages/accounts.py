"""Pages of accounts: who has which role, what is offered to whom, and by which ways they sign in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from api.pages.command_forms import CommandForm
from api.pages.labels import choice_of, marked
from api.pages.network_parts import grant_words, part_of
from api.pages.page import Page
from api.pages.records import PageLink, Record, Section, record_page, usable
from api.pages.routes import Pages
from api.pages.tables import Cell, ListColumn, ListTable, list_page

pages = Pages()

OWN = "/accounts/{account}"


def _roles(page: Page, account: Any) -> Cell:
    return Cell(", ".join(page.language.gettext(choice_of(grant["role"])) for grant in account["grants"]))


ACCOUNTS = ListTable(
    marked("Accounts"),
    "/accounts",
    (
        ListColumn(marked("Account"), lambda _, each: Cell(each["key"], f"/accounts/{each['key']}"), "key"),
        ListColumn(marked("Roles"), _roles),
        ListColumn(
            marked("State"),
            lambda page, each: Cell(page.language.gettext(marked("closed")) if each["closed"] else ""),
        ),
    ),
    marked("There are no accounts yet in your part of the network. Open the first one."),
)


@pages.get("/accounts", may="accounts.read")
async def accounts(page: Page) -> Response:
    actions = [("/accounts/new", page.language.gettext(OPEN.title))]
    return await list_page(page, ACCOUNTS, actions if page.viewer.may("accounts.write") else ())


def _form(operation: str, end: str, title: str, button: str = "Save", **more: Any) -> CommandForm:
    return CommandForm(operation, OWN + end, title, OWN, button, OWN, **more)


OPEN = CommandForm(
    "open_account",
    "/accounts",
    marked("Open an account"),
    "/accounts/{created}",
    marked("Open the account"),
    intro=marked(
        "Say how they sign in: their e-mail address. It is kept as a code only, and shown to nobody."
    ),
    address="/accounts/new",
)
WITHDRAW = _form("withdraw_role", "/withdraw", marked("Take the role away"))
END_OFFER = _form("withdraw_offer", "/role-offers/withdraw", marked("Take the offer back"))
FORMS = (
    _form("grant_role", "/grant", marked("Give a role")),
    _form(
        "offer_role",
        "/role-offers",
        marked("Offer a role"),
        intro=marked("For an account that somebody else opened: it holds once its owner accepts."),
    ),
    _form("add_way", "/ways", marked("Add a way in")),
    _form(
        "close_ways",
        "/ways/close",
        marked("Close ways in"),
        intro=marked("Sign-ins and tokens that came by them end. Mark none to close all of them."),
    ),
    _form("close_account", "/close", marked("Close the account"), marked("Close the account"), is_final=True),
)
OPEN.register(pages)
for form in (*FORMS, WITHDRAW, END_OFFER):
    form.register(pages)


@pages.get("/accounts/{account}", may="accounts.read")
async def account(page: Page, account: str) -> Response:
    """One account: its roles, the roles that wait for its owner, and its ways in."""
    record = await page.read(f"/accounts/{account}")
    words, key = page.language.gettext, record["key"]
    ways = await page.read(f"/accounts/{account}/ways")
    is_open = not record["closed"]
    ending = {form.operation for form in await usable(page, (WITHDRAW, END_OFFER), {})} if is_open else ()
    roles = await _grants(page, key, record["grants"], WITHDRAW if "withdraw_role" in ending else None)
    offers = await _grants(page, key, record["offers"], END_OFFER if "withdraw_offer" in ending else None)
    sections = [
        Section(marked("Roles"), (marked("Role"), ""), roles, marked("No role.")),
        Section(marked("Roles that are offered"), (marked("Role"), ""), offers, marked("None.")),
        Section(
            marked("Ways in"),
            (marked("Kind"), marked("Since"), marked("Closed")),
            [_way(page, way) for way in ways["items"]],
            marked("None: nobody can sign in to this account."),
        ),
    ]
    notices = [] if is_open else [words(marked("This account is closed."))]
    shown = Record(
        key, PageLink("/accounts", words(marked("Accounts"))), (), sections, notices, path={"account": key}
    )
    return await record_page(page, shown, FORMS if is_open else ())


async def _grants(
    page: Page, account: str, grants: Sequence[Mapping[str, Any]], ending: CommandForm | None
) -> list[list[Cell]]:
    rows = []
    for grant in grants:
        part = await part_of(page, grant)
        row = [Cell(await grant_words(page, grant), part.address)]
        if ending is not None:
            query = urlencode({"role": grant["role"], **({"within": part.key} if part.key else {})})
            row.append(
                Cell(page.language.gettext(ending.title), f"{ending.path.format(account=account)}?{query}")
            )
        else:
            row.append(Cell(""))
        rows.append(row)
    return rows


def _way(page: Page, way: Mapping[str, Any]) -> list[Cell]:
    closed = page.language.instant(datetime.fromisoformat(way["closed"])) if way["closed"] else ""
    since = page.language.instant(datetime.fromisoformat(way["since"]))
    return [Cell(page.language.gettext(choice_of(way["kind"]))), Cell(since), Cell(closed)]
