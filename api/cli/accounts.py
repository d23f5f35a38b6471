"""Commands for accounts: their roles, and offers of roles that wait for consent."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shell import Usage, errors, opened, say, show_json
from api.cli.sign_in import within_of

if TYPE_CHECKING:
    from uuid import UUID

    from adapters.application.application import Lyceum
    from adapters.services.role_changes import AccountChange
    from domain.account import RoleGrant

app = typer.Typer(help="Accounts: who has which role, and roles that wait for consent.", no_args_is_help=True)

Key = Annotated[
    str, typer.Option("--account", help="The account, by key, as its holder sees it at /sign-in.")
]
RoleName = Annotated[
    str, typer.Option(help="administrator, coordinator, auditor, host, volunteer, community.")
]
Area = Annotated[str | None, typer.Option(help="For a coordinator or community: this area, by key.")]
Venue = Annotated[str | None, typer.Option(help="For a host: this venue, by key.")]
Volunteer = Annotated[str | None, typer.Option(help="For a volunteer: this one, by key.")]


@app.command("list")
def list_accounts() -> None:
    """List the accounts with the roles that hold now, and those that are offered.

    Example: `lyceum account list`
    """
    from adapters.access.rights import Rights
    from adapters.store.streams import ACCOUNTS

    with opened() as lyceum:
        rights = Rights.of_views(lyceum.store, lyceum.views)
        accounts = sorted(lyceum.views.all(ACCOUNTS), key=lambda account: account.key)
        shown = [
            {
                "account": account.key,
                "closed": account.closed,
                "roles": [_words(lyceum, each) for each in rights.effective_roles(account)],
                "offered": [
                    _words(lyceum, each.granted)
                    for each in account.offers
                    if rights.is_effective(each.authority)
                ],
            }
            for account in accounts
        ]
    show_json(shown)


@app.command("give")
def give(
    account: Key, role: RoleName, area: Area = None, venue: Venue = None, volunteer: Volunteer = None
) -> None:
    """Give an account a role, as whoever runs the installation.

    Ways in that were added by somebody who could not give that role end.

    Example: `lyceum account give --account p-3f9c2a7b1d04 --role host --venue school`
    """
    from adapters.services.accounts import grant_role

    _changed(account, role, partial(grant_role, authority=None), area=area, venue=venue, volunteer=volunteer)


@app.command("offer")
def offer(
    account: Key, role: RoleName, area: Area = None, venue: Venue = None, volunteer: Volunteer = None
) -> None:
    """Offer an account a role, which its holder accepts or declines at /sign-in.

    Example: `lyceum account offer --account p-3f9c2a7b1d04 --role host --venue school`
    """
    from adapters.services.accounts import offer_role

    _changed(account, role, partial(offer_role, authority=None), area=area, venue=venue, volunteer=volunteer)


@app.command("accept")
def accept(
    account: Key, role: RoleName, area: Area = None, venue: Venue = None, volunteer: Volunteer = None
) -> None:
    """Accept a role for its holder, who has asked you to. It holds as long as whoever offered it may give it.

    Example: `lyceum account accept --account p-3f9c2a7b1d04 --role host --venue school`
    """
    from adapters.services.accounts import accept_role

    _changed(account, role, partial(accept_role, sign_in=None), area=area, venue=venue, volunteer=volunteer)


@app.command("decline")
def decline(
    account: Key, role: RoleName, area: Area = None, venue: Venue = None, volunteer: Volunteer = None
) -> None:
    """Decline a role for its holder, or take the offer back.

    Example: `lyceum account decline --account p-3f9c2a7b1d04 --role host --venue school`
    """
    from adapters.services.accounts import decline_role

    _changed(account, role, decline_role, area=area, venue=venue, volunteer=volunteer)


Service = Callable[["Lyceum", "UUID", "RoleGrant"], "AccountChange"]


def _changed(key: str, role: str, service: Service, **part: str | None) -> None:
    """Run a command about a role of an account, and say what ended with it."""
    from adapters.store.streams import ACCOUNTS
    from domain.account import account_id

    with opened() as lyceum:
        granted = _granted(lyceum, role, **part)
        if lyceum.load(ACCOUNTS, account_id(key)) is None:
            raise Usage(f"there is no account {key}; `lyceum account list` lists them")
        ended = service(lyceum, account_id(key), granted).ended
        words = _words(lyceum, granted)
    say(f"{key}: {words}")
    if ended.ways:
        errors.print(
            f"{ended.ways} of its ways in ended, because whoever added them could not give that role; "
            "let an administrator add the address again",
            markup=False,
        )


def _granted(lyceum: Lyceum, role: str, **part: str | None) -> RoleGrant:
    from adapters.access.delegation import granted_as

    within_of(role, part["area"], part["venue"], part["volunteer"])
    return granted_as(lyceum.views, role, next((key for key in part.values() if key), None))


def _words(lyceum: Lyceum, granted: RoleGrant) -> str:
    from adapters.access.delegation import part_key

    part = part_key(lyceum.views, granted)
    return f"{granted.role} of {part}" if part else granted.role
