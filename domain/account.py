"""Decide who may be given which role, and where: an account is an id with roles, and nothing of the person.

How somebody signs in to an account (an address, a subject at a provider) stands beside the events.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args
from uuid import UUID

from domain.facts import AlreadyThere, Fact, Refused, Stamp, envelope, following, reason, stream_id
from domain.text import Key, Sentence, clean

Role: TypeAlias = Literal[
    "public", "host", "volunteer", "community", "coordinator", "administrator", "auditor"
]
ROLES: tuple[Role, ...] = get_args(Role)
PARTS: dict[str, str | None] = {
    "host": "venue",
    "volunteer": "volunteer",
    "community": "area",
    "coordinator": "area",
    "administrator": None,
    "auditor": None,
}  # what each role that can be given is given for; None: everywhere


class BadGrant(Refused):
    """A role that nobody can be given, or one that does not fit the part it is given for."""


class Closed(Refused):
    """An account that is closed."""


class LastAdministrator(Refused):
    """A command after which nobody could give out roles any more."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A role, and the part of the network that it holds in: an area, a venue, a person; None = everywhere."""

    role: str
    within: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened(Fact):
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGranted(Fact):
    granted: Granted


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWithdrawn(Fact):
    granted: Granted
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed(Fact):
    why: Sentence


AccountEvent: TypeAlias = AccountOpened | RoleGranted | RoleWithdrawn | AccountClosed


@dataclass(frozen=True, slots=True)
class Account:
    """`key` is what events carry as `by`: it means nothing to who does not know the person."""

    id: UUID
    version: int
    key: str
    grants: tuple[Granted, ...] = ()
    closed: bool = False


def account_id(key: str) -> UUID:
    return stream_id("account", key)


# ---- Decisions


def open_account(account: Account | None, stamp: Stamp, key: str) -> tuple[AccountOpened, ...]:
    key = clean(key, "the key of an account", Key)
    if account is not None:
        raise AlreadyThere(f"account {key} is open already; give it a role instead")
    return (AccountOpened(**envelope(account_id(key), 1, stamp), key=key),)


def grant(account: Account, stamp: Stamp, granted: Granted) -> tuple[RoleGranted, ...]:
    """Nothing happens where the account has that role there already."""
    _check(granted)
    if account.closed:
        raise Closed(f"account {account.key} is closed; open a new one")
    if granted in account.grants:
        return ()
    return (RoleGranted(**following(account, stamp), granted=granted),)


def _check(granted: Granted) -> None:
    if granted.role not in PARTS:
        raise BadGrant(f"{granted.role!r} is no role that can be given; there are {', '.join(PARTS)}")
    part = PARTS[granted.role]
    if (part is None) is not (granted.within is None):
        wanted = f"the key of its {part}" if part else "no part of the network: it holds everywhere"
        raise BadGrant(f"the role {granted.role} is given with {wanted}")


def withdraw(
    account: Account, stamp: Stamp, granted: Granted, why: str, *, others: int
) -> tuple[RoleWithdrawn, ...]:
    """Nothing happens where the account does not have it. `others`: open accounts of other administrators."""
    if granted not in account.grants:
        return ()
    if granted.role == "administrator" and not others:
        raise LastAdministrator(_LAST)
    return (RoleWithdrawn(**following(account, stamp), granted=granted, why=reason(why, "taking a role")),)


def close_account(account: Account, stamp: Stamp, why: str, *, others: int) -> tuple[AccountClosed, ...]:
    """For good: it signs nobody in any more. Nothing happens where it is closed already."""
    if account.closed:
        return ()
    if is_administrator(account) and not others:
        raise LastAdministrator(_LAST)
    return (AccountClosed(**following(account, stamp), why=reason(why, "closing an account")),)


_LAST = "nobody else could give out roles then; make somebody else an administrator first"


def is_administrator(account: Account) -> bool:
    return not account.closed and any(one.role == "administrator" for one in account.grants)


def evolve(state: Account | None, fact: AccountEvent) -> Account:
    if state is None:
        if not isinstance(fact, AccountOpened):
            raise TypeError(f"{type(fact).__name__} cannot begin an account")
        return Account(fact.originator_id, fact.originator_version, fact.key)
    now = replace(state, version=fact.originator_version)
    match fact:
        case RoleGranted(granted=granted):
            return replace(now, grants=(*state.grants, granted))
        case RoleWithdrawn(granted=granted):
            return replace(now, grants=tuple(one for one in state.grants if one != granted))
        case AccountClosed():
            return replace(now, closed=True)
    return now
