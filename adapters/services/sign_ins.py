"""Commands about sign-ins: links are made, somebody gets in by a link or by the provider's word, and signs out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from adapters.access.keyring import Keyring
from adapters.access.login_identities import identities_of, renewed
from adapters.access.login_sessions import (
    By,
    Link,
    SignIn,
    ended,
    ended_everywhere,
    first_links_over,
    link_rows,
    long_over,
    sign_in_row,
    use_link,
    used_once,
)
from adapters.application.unit_of_work import UnitOfWork, command
from adapters.services.provider_accounts import ProviderWord, account_of_subject
from adapters.services.role_changes import entry_change, watch_entries
from adapters.store.streams import ACCOUNTS
from domain.account import Closed, RoleGrant
from domain.messages import message


@dataclass(frozen=True, slots=True)
class NewSignIn:
    """A sign-in that begins: its secret, and how long it holds. `earlier` is the secret that the browser had before.

    It is always a new one, and what the browser had before ends, so nobody can have slipped it in.
    """

    secret: str
    lasting: timedelta
    earlier: str | None = None


# ---- Links


@command
def make_link(unit: UnitOfWork, secret: str, link: Link) -> None:
    """Make a link that signs somebody in once, in place of earlier ones of that account."""
    unit.commit((), link_rows(unit.store, secret, link))


@command
def renew_address(unit: UnitOfWork, keys: Keyring, address: str) -> None:
    """Keep a mail address under the newest secret, where it is known under an older one."""
    unit.commit((), renewed(unit.store, keys, "email", address))


# ---- Getting in


@command
def enter_by_link(unit: UnitOfWork, link: str, new: NewSignIn) -> None:
    """Begin a sign-in with the secret of a link, which is used up: of two with the same link one gets in.

    Raises NoSuchLink or Closed.
    """
    used, writes = use_link(unit.store, link, unit.clock())
    unit.commit((), writes)
    watch_entries(unit, used.account)
    account = unit.must_load(ACCOUNTS, used.account)
    _enter(unit, account.id, new, by=used.by, way=used.way)


@command
def enter_by_provider(unit: UnitOfWork, word: ProviderWord, state: str, key: str, new: NewSignIn) -> None:
    """Begin a sign-in by the provider's word; who is not known yet gets an account without a role, under the new key.

    Raises Closed. A state that was used before loses the race for its row, again and again: Conflict.
    """
    unit.commit((), [used_once(state, unit.clock())])
    account, identity = account_of_subject(unit, word, key)
    _enter(unit, account.id, new, by="provider", way=identity.id, granted=word.claimed)


def _enter(
    unit: UnitOfWork,
    account: UUID,
    new: NewSignIn,
    *,
    by: By,
    way: str | None,
    granted: tuple[RoleGrant, ...] = (),
) -> None:
    change, now = entry_change(unit, account), unit.clock()
    _require_open(unit, account, way)
    sign_in = SignIn(account, by, now, now + new.lasting, now, granted, way)
    unit.commit((), [sign_in_row(new.secret, sign_in), change])
    if by != "first":
        unit.commit((), first_links_over(unit.store, account))
    if new.earlier is not None:
        unit.commit((), [ended(new.earlier)])


def _require_open(unit: UnitOfWork, account: UUID, way: str | None) -> None:
    """Refuse where account or way was closed since they were read."""
    if any(event.originator_id == account for event in unit.events):
        return  # it is opened with this sign-in
    present = unit.must_load(ACCOUNTS, account)
    ways = {identity.id for identity in identities_of(unit.store, account) if identity.closed is None}
    if present.closed or (way is not None and way not in ways):
        raise Closed(message("this account or way in is closed; ask who gives out roles"))


# ---- Signing out


@command
def end_sign_in(unit: UnitOfWork, secret: str) -> int:
    """End one sign-in; how many ended."""
    unit.commit((), [ended(secret)])
    return 1


@command
def end_everywhere(unit: UnitOfWork, account: UUID) -> int:
    """End every sign-in of an account, and take back its links; how many ended."""
    writes = ended_everywhere(unit.store, account)
    unit.commit((), writes)
    return len(writes)


# ---- Tidying


@command
def forget_old(unit: UnitOfWork) -> None:
    """Erase links and sign-ins that have been over for a day."""
    unit.commit((), long_over(unit.store, unit.clock()))
