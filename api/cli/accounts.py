"""Commands for accounts: their roles, and offers of roles that wait for consent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shell import Usage, errors, opened, say, show_json
from api.cli.sign_in import within_of

if TYPE_CHECKING:
    from adapters.access.login_sessions import Writes
    from adapters.application.application import Lyceum
    from api.http.auth.role_consequences import Look
    from domain.account import Account, AccountEvent, RoleGrant

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
    from adapters.queries.account_queries import all_accounts

    with opened() as lyceum:
        rights = Rights.of_views(lyceum.store, lyceum.views)
        accounts = all_accounts(lyceum.views)
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
    from domain.account import grant

    def decide(_: Look, present: Account, granted: RoleGrant, lyceum: Lyceum) -> tuple[AccountEvent, ...]:
        return grant(present, lyceum.metadata(), granted)

    _changed(account, role, decide, area=area, venue=venue, volunteer=volunteer)


@app.command("offer")
def offer(
    account: Key, role: RoleName, area: Area = None, venue: Venue = None, volunteer: Volunteer = None
) -> None:
    """Offer an account a role, which its holder accepts or declines at /sign-in.

    Example: `lyceum account offer --account p-3f9c2a7b1d04 --role host --venue school`
    """
    from domain.account import offer as offered

    def decide(_: Look, present: Account, granted: RoleGrant, lyceum: Lyceum) -> tuple[AccountEvent, ...]:
        return offered(present, lyceum.metadata(), granted)

    _changed(account, role, decide, area=area, venue=venue, volunteer=volunteer)


@app.command("accept")
def accept(
    account: Key, role: RoleName, area: Area = None, venue: Venue = None, volunteer: Volunteer = None
) -> None:
    """Accept a role for its holder, who has asked you to. It holds as long as whoever offered it may give it.

    Example: `lyceum account accept --account p-3f9c2a7b1d04 --role host --venue school`
    """
    from domain.account import accept as accepted

    def decide(look: Look, present: Account, granted: RoleGrant, lyceum: Lyceum) -> tuple[AccountEvent, ...]:
        return accepted(present, lyceum.metadata(), granted, look.rights)

    _changed(account, role, decide, area=area, venue=venue, volunteer=volunteer)


@app.command("decline")
def decline(
    account: Key, role: RoleName, area: Area = None, venue: Venue = None, volunteer: Volunteer = None
) -> None:
    """Decline a role for its holder, or take the offer back.

    Example: `lyceum account decline --account p-3f9c2a7b1d04 --role host --venue school`
    """
    from domain.account import end_offer

    def decide(_: Look, present: Account, granted: RoleGrant, lyceum: Lyceum) -> tuple[AccountEvent, ...]:
        return end_offer(present, lyceum.metadata(), granted)

    _changed(account, role, decide, area=area, venue=venue, volunteer=volunteer)


Decision = Callable[["Look", "Account", "RoleGrant", "Lyceum"], "tuple[AccountEvent, ...]"]


def _changed(key: str, role: str, decide: Decision, **part: str | None) -> None:
    """Run one decision on an account, and print its effect on roles and login identities."""
    with opened() as lyceum:
        granted = _granted(lyceum, role, **part)
        identities = lyceum.retrying(lambda: _once(lyceum, key, granted, decide))
        granted_words = _words(lyceum, granted)
    say(f"{key}: {granted_words}")
    if identities:
        errors.print(
            f"{identities} of its ways in ended, because whoever added them could not give that role; "
            "let an administrator add the address again",
            markup=False,
        )


def _once(lyceum: Lyceum, key: str, granted: RoleGrant, decide: Decision) -> int:
    from adapters.access.login_sessions import change_row
    from adapters.access.rights import Rights
    from adapters.services.account_uses import counted, merged
    from adapters.store.streams import ACCOUNTS
    from api.http.auth.role_consequences import Look, gained
    from domain.account import RoleGranted, account_id

    change = change_row(lyceum.store, account_id(key))
    present = lyceum.load(ACCOUNTS, account_id(key))
    if present is None:
        raise Usage(f"there is no account {key}; `lyceum account list` lists them")
    look = Look(lyceum.store, lyceum.views, Rights.of_views(lyceum.store, lyceum.views), lyceum.clock())
    events = decide(look, present, granted, lyceum)
    after = ACCOUNTS.fold(events, present) or present
    is_granted = any(isinstance(event, RoleGranted) for event in events)
    consequences: Writes = gained(look, present, after, granted) if is_granted else []
    lyceum.commit(events, merged([*consequences, change]))
    return counted(consequences)["ways"]


def _granted(lyceum: Lyceum, role: str, **part: str | None) -> RoleGrant:
    from api.http.auth.delegation import granted_as

    within_of(role, part["area"], part["venue"], part["volunteer"])
    return granted_as(lyceum.views, role, next((key for key in part.values() if key), None))


def _words(lyceum: Lyceum, granted: RoleGrant) -> str:
    from api.http.auth.delegation import part_key

    part = part_key(lyceum.views, granted)
    return f"{granted.role} of {part}" if part else granted.role
