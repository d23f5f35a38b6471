"""Commands that let programs and people sign in: API tokens, and one-time links."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shell import Usage, errors, opened, say

if TYPE_CHECKING:
    from uuid import UUID

    from adapters.application.application import Lyceum
    from domain.account import Account

_NOT_YET = "people sign in here once LYCEUM_SECRET is set, the same for all servers: openssl rand -hex 32"
SERVED_AT = "LYCEUM_SERVED_AT"  # from `serve` to its processes: where they listen


def address_here(host: str, port: int) -> str:
    """The address by which a browser on this machine reaches a server that listens there."""
    from adapters.access.mail import is_here

    name = host if is_here(host) else "127.0.0.1"
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def public_address() -> str:
    """Where people find the interface, as far as the configuration says."""
    from api.addresses import AT_HOME

    return (os.environ.get("LYCEUM_PUBLIC_URL") or os.environ.get(SERVED_AT) or AT_HOME).rstrip("/")


def tell_first_link(lyceum: Lyceum) -> None:
    """Make the first administrator where there is none, and print the way in, once."""
    from adapters.services.bootstrap_admin import first_link

    if not _has_secret(lyceum):
        errors.print(_NOT_YET, markup=False)
        return
    secret = first_link(lyceum)
    if secret is not None:
        errors.print(
            "nobody gives out roles here yet; this link makes you the administrator, once, within an hour:",
            markup=False,
        )
        errors.print(_link(secret), markup=False)


def _has_secret(lyceum: Lyceum) -> bool:
    from adapters.access.keyring import keyring

    return keyring(lyceum.store.url, os.environ.get("LYCEUM_SECRET", "")) is not None


def tell_who_can_sign_in(host: str) -> None:
    """Warn where people on other machines would reach a page at which they cannot sign in."""
    from adapters.access.mail import is_here

    if not is_here(host) and not os.environ.get("LYCEUM_PUBLIC_URL"):
        errors.print(
            "people on other machines can sign in once LYCEUM_PUBLIC_URL says where, as in https://lyceum.example",
            markup=False,
        )


def _link(secret: str) -> str:
    from api.addresses import link_address

    return link_address(public_address(), secret)


def link(
    account: Annotated[
        str | None, typer.Option(help="For this account, by key. Default: the only administrator.")
    ] = None,
) -> None:
    """Make a link that signs somebody in once, within an hour, and print it: the way back in for who has no other.

    Example: `lyceum link --account p-first`
    """
    from adapters.services.bootstrap_admin import make_link

    with opened() as lyceum:
        if not _has_secret(lyceum):
            raise Usage(_NOT_YET)
        holder = _account(lyceum, account)
        secret = make_link(lyceum, holder)
    errors.print(f"a link for {holder.key}; it works once, within an hour", markup=False)
    say(_link(secret))


def _account(lyceum: Lyceum, key: str | None) -> Account:
    from adapters.access.rights import administrators
    from adapters.store.streams import ACCOUNTS
    from domain.account import account_id

    if key is not None:
        account = lyceum.views.get(ACCOUNTS, account_id(key))
        if account is None or account.closed:
            raise Usage(f"there is no open account {key}; GET /v1/accounts lists them")
        return account
    accounts = administrators(lyceum.store, lyceum.views)
    if len(accounts) != 1:
        keys = ", ".join(account.key for account in accounts) or "none; `lyceum serve` makes the first"
        raise Usage(f"say --account; the accounts of administrators are: {keys}")
    return accounts[0]


def token(
    role: Annotated[
        str, typer.Option(help="administrator, coordinator, auditor, host, volunteer, community.")
    ],
    area: Annotated[str | None, typer.Option(help="Only in this area and below it, by key.")] = None,
    venue: Annotated[str | None, typer.Option(help="For a host: this venue, by key.")] = None,
    volunteer: Annotated[str | None, typer.Option(help="For a volunteer: this one, by key.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Valid for so many days.")] = 90,
) -> None:
    """Make a token for the HTTP interface, and print it once: the database keeps its hash alone.

    Events carry who acts as LYCEUM_ACTOR or --actor says.

    Example: `lyceum token --role coordinator --area town`
    """
    from adapters.access.api_tokens import Credential
    from adapters.access.login_sessions import new_secret
    from adapters.services.tokens import PREFIX, make_token
    from domain.account import RoleGrant

    secret = PREFIX + new_secret()
    with opened(create=True) as lyceum:
        granted = RoleGrant(role, within_of(role, area, venue, volunteer))
        now = lyceum.clock()
        expires = now + timedelta(days=days)
        actor = os.environ.get("LYCEUM_ACTOR", role)
        make_token(lyceum, secret, Credential(actor, (granted,), expires, now))
    errors.print(
        f"a token for {actor}, {role}, until {expires:%Y-%m-%d}; it is shown this once", markup=False
    )
    say(secret)


def within_of(role: str, area: str | None, venue: str | None, volunteer: str | None) -> UUID | None:
    """The part of the network that a role holds in. Raises Usage where role and part do not fit."""
    from domain.account import PARTS
    from domain.network import area_id
    from domain.venue import venue_id
    from domain.volunteer import volunteer_id

    if role not in PARTS:
        raise Usage(f"--role {role!r} is none; there are {', '.join(PARTS)}")
    match role:
        case "host" if venue:
            return venue_id(venue)
        case "volunteer" if volunteer:
            return volunteer_id(volunteer)
        case "coordinator" | "community" if area:
            return area_id(area)
        case "administrator" | "auditor":
            return None
    raise Usage(f"a {role} needs --{PARTS[role]}: the role holds in a part of the network")
