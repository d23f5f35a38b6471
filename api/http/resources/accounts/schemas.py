"""Schemas of forms and answers about accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from adapters.access.login_identities import IdentityKind
from adapters.access.login_identities import LoginIdentity as KeptWay
from adapters.access.rights import Rights
from adapters.services.role_changes import EndedUses
from api.http.framework.operations import Form
from api.http.framework.parameters import Why
from api.http.resources.accounts.role_fields import Grant
from domain import account as accounts
from domain.account import RoleGrant

EXAMPLE = {
    "id": "1d0c7a6e-0000-5000-8000-000000000001",
    "version": 2,
    "key": "p-3f9c2a7b1d04",
    "grants": [{"role": "host", "within": "0c7a6d3e-0000-5000-8000-000000000001"}],
    "closed": False,
    "offers": [],
}
NOTHING = {"ways": 0, "sign_ins": 0, "links": 0, "tokens": 0, "feeds": 0, "jobs": 0, "roles": []}
CHANGED = {**EXAMPLE, "ended": NOTHING}
WAY = {
    "id": "5d41402abc4b2a76",
    "kind": "email",
    "account": EXAMPLE["id"],
    "since": "2026-11-22T09:00:00Z",
    "closed": None,
}
GRANT = {"role": "host", "within": "school"}


# ---- Forms


class WayIn(Form):
    """An e-mail address, or a subject at the provider. Neither is kept: only a hash to know it by again."""

    email: Annotated[str, Field(max_length=254)] | None = None
    subject: Annotated[str, Field(min_length=1, max_length=255)] | None = None


class NewAccount(WayIn):
    """Whose it is, by one way in, and the roles."""

    grants: Annotated[tuple[Grant, ...], Field(max_length=50)] = ()


class Withdrawal(Grant):
    """`keep`: what the account gave to others by that role goes on, given by you."""

    why: Why
    keep: bool = False


class Closing(Form):
    """`keep`: what the account gave to others goes on, given by you."""

    why: Why
    keep: bool = False


class WaysClosed(Form):
    """Without `ids`: all of them."""

    ids: Annotated[tuple[Annotated[str, Field(pattern="^[0-9a-f]{16}$")], ...], Field(max_length=50)] = ()


# ---- Answers


@dataclass(frozen=True, slots=True)
class Account:
    """`grants` are the roles that hold now; `offers` those that wait for the holder to accept them."""

    id: UUID
    version: int
    key: str
    grants: tuple[RoleGrant, ...]
    closed: bool
    offers: tuple[RoleGrant, ...]


@dataclass(frozen=True, slots=True)
class OpenedAccount(Account):
    """`detail` is what its holder has to know."""

    detail: str


@dataclass(frozen=True, slots=True)
class ChangedAccount(Account):
    """`ended` is what ended with the change."""

    ended: EndedUses


@dataclass(frozen=True, slots=True)
class Way:
    """One way in. `closed`: since when it keeps its owner out; only a subject's is kept then."""

    id: str
    kind: IdentityKind
    account: UUID
    since: datetime
    closed: datetime | None


@dataclass(frozen=True, slots=True)
class Ways:
    items: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class ClosedWays(Ways):
    """The ways that are left, and what ended with the others."""

    ended: EndedUses


SIGN_IN = {
    "email": "They ask for a link at /sign-in; if the address leads to several accounts the mail has a link to each.",
    "provider": "They sign in with the provider at /sign-in.",
}


def account_opened(account: accounts.Account, rights: Rights, kind: IdentityKind) -> OpenedAccount:
    return OpenedAccount(*_fields(account, rights), SIGN_IN[kind])


def account_shown(account: accounts.Account, rights: Rights) -> Account:
    return Account(*_fields(account, rights))


def account_changed(account: accounts.Account, rights: Rights, ended: EndedUses) -> ChangedAccount:
    return ChangedAccount(*_fields(account, rights), ended)


def _fields(
    account: accounts.Account, rights: Rights
) -> tuple[UUID, int, str, tuple[RoleGrant, ...], bool, tuple[RoleGrant, ...]]:
    """The fields of `Account`, in their order."""
    grants, offers = _known(account, rights), _offered(account, rights)
    return account.id, account.version, account.key, grants, account.closed, offers


def _known(account: accounts.Account, rights: Rights) -> tuple[RoleGrant, ...]:
    """The effective roles of an account; of a closed one those that it had last, though they have no effect."""
    return account.grants if account.closed else rights.effective_roles(account)


def _offered(account: accounts.Account, rights: Rights) -> tuple[RoleGrant, ...]:
    good = (offer.granted for offer in account.offers if rights.is_effective(offer.authority))
    return tuple(dict.fromkeys(good))


def way_shown(way: KeptWay) -> Way:
    return Way(way.id, way.kind, way.account, way.since, way.closed)
