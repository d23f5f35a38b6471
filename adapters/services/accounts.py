"""Commands about accounts: opened and closed, their roles, offers of roles, and login identities.

Whether the caller may do it is judged before; by whose right it is done, an `Authority`, comes as an argument: None
for whoever runs the installation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias
from uuid import UUID

from adapters.access.keyring import Keyring
from adapters.access.login_identities import (
    IdentityKind,
    LoginIdentity,
    find_identities,
    identities_of,
    new_identity,
    put_identity,
)
from adapters.access.login_sessions import SignIn, Writes
from adapters.access.rights import ADMINISTRATOR, Rights
from adapters.application.unit_of_work import UnitOfWork, command
from adapters.queries.account_queries import accounts_by_id
from adapters.services.account_uses import end_account, end_identities, end_rights, merged
from adapters.services.role_changes import (
    AccountChange,
    EndedUses,
    RightsSnapshot,
    ended_by,
    entry_change,
    gain,
    require_own_consent,
    roles_lost,
    watch_entries,
)
from adapters.store.rows import ABSENT, Row
from adapters.store.streams import ACCOUNTS
from domain import account as decide
from domain.account import Account, AccountEvent, Authority, RoleGrant, account_id
from domain.events import AlreadyThere, Refused
from domain.messages import message

ROSTER = ("roster", "administrators")
# The authority by which a role is given again, None: nobody may.
Renewal: TypeAlias = Callable[[RoleGrant], Authority | None]


class SecondLoginIdentity(Refused):
    """A further login identity of an account, by somebody who may only add the first."""


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """A login identity to be added: `name` is an address, or a subject of the provider.

    `exclusive`: it is refused where it belongs to another open account, so the caller learns that.
    """

    kind: IdentityKind
    name: str
    keys: Keyring
    authority: Authority
    exclusive: bool


@dataclass(frozen=True, slots=True)
class ClosedIdentities:
    """The identities that an account still has, and what ended with the others."""

    left: tuple[LoginIdentity, ...]
    ended: EndedUses


def account_key(id: UUID) -> str:
    """The key of a new account, from a new random id: it says nothing of whose it is."""
    return f"p-{id.hex[-12:]}"


# ---- Opening and giving


@command
def open_account(
    unit: UnitOfWork,
    key: str,
    opener: Authority,
    roles: Sequence[tuple[RoleGrant, Authority]],
    new: NewIdentity,
) -> AccountChange:
    """Open an account under a key, with one login identity, and roles each by its authority. Raises AlreadyThere."""
    account = account_id(key)
    after = unit.create(ACCOUNTS, account, partial(decide.open_account, key=key, authority=opener))
    unit.commit((), _added_identity(unit, account, new)[1])
    for granted, authority in roles:
        give = partial(decide.grant, role_grant=granted, authority=authority)
        after = unit.decide(ACCOUNTS, account, give)
    return AccountChange(after, Rights.of_views(unit.store, unit.now).after(after))


@command
def grant_role(
    unit: UnitOfWork, account: UUID, granted: RoleGrant, authority: Authority | None
) -> AccountChange:
    """Give an account a role. Identities that were added by somebody who could not give it end."""
    watch_entries(unit, account)
    present, snapshot = unit.must_load(ACCOUNTS, account), RightsSnapshot.of(unit)
    return gain(
        unit, snapshot, present, decide.grant(present, snapshot.metadata, granted, authority), granted
    )


@command
def offer_role(
    unit: UnitOfWork, account: UUID, granted: RoleGrant, authority: Authority | None
) -> AccountChange:
    """Offer an account a role, which is given when its holder accepts."""
    return _offers(unit, account, partial(decide.offer, role_grant=granted, authority=authority))


@command
def end_offer(unit: UnitOfWork, account: UUID, granted: RoleGrant) -> AccountChange:
    """Take back a role that is offered. Raises NoSuchOffer."""
    return _offers(unit, account, partial(decide.end_offer, role_grant=granted))


@command
def accept_role(unit: UnitOfWork, account: UUID, granted: RoleGrant, sign_in: SignIn | None) -> AccountChange:
    """Accept an offered role, for a holder who is signed in, or None: who has asked whoever runs the installation.

    Raises NoSuchOffer or UntrustedIdentity.
    """
    watch_entries(unit, account)
    present, snapshot = unit.must_load(ACCOUNTS, account), RightsSnapshot.of(unit)
    events = decide.accept(present, snapshot.metadata, granted, snapshot.rights)
    if sign_in is not None:
        require_own_consent(snapshot, present, sign_in, granted)
    return gain(unit, snapshot, present, events, granted)


@command
def decline_role(unit: UnitOfWork, account: UUID, granted: RoleGrant) -> AccountChange:
    """Decline an offered role for the holder. Raises NoSuchOffer."""
    unit.commit((), [entry_change(unit, account)])
    return _offers(unit, account, partial(decide.end_offer, role_grant=granted))


def _offers(
    unit: UnitOfWork, account: UUID, decision: Callable[..., Iterable[AccountEvent]]
) -> AccountChange:
    after = unit.decide(ACCOUNTS, account, decision)
    return AccountChange(after, Rights.of_views(unit.store, unit.now).after(after))


# ---- Taking and closing


@command
def withdraw_role(
    unit: UnitOfWork, account: UUID, granted: RoleGrant, why: str, renewal: Renewal | None = None
) -> AccountChange:
    """Take a role from an account, at once, and what the account gave to others by it.

    With `renewal` those go on, as far as it has a right to give them again. Raises LastAdministrator.
    """
    watch_entries(unit, account)
    present, metadata = unit.must_load(ACCOUNTS, account), unit.metadata()

    def take(others: int) -> tuple[AccountEvent, ...]:
        return decide.withdraw(present, metadata, granted, why, others=others)

    return _lose(unit, present, take, renewal, administrator=granted.role == "administrator")


@command
def close_account(unit: UnitOfWork, account: UUID, why: str, renewal: Renewal | None = None) -> AccountChange:
    """Close an account for good, with all that it could be used by; `renewal` as in `withdraw_role`.

    Raises LastAdministrator.
    """
    watch_entries(unit, account)
    present, metadata = unit.must_load(ACCOUNTS, account), unit.metadata()

    def take(others: int) -> tuple[AccountEvent, ...]:
        return decide.close_account(present, metadata, why, others=others)

    return _lose(unit, present, take, renewal, administrator=decide.is_administrator(present))


def _lose(
    unit: UnitOfWork,
    present: Account,
    take: Callable[[int], tuple[AccountEvent, ...]],
    renewal: Renewal | None,
    *,
    administrator: bool,
) -> AccountChange:
    """Commit that an account loses a role, or all, with what rested on it."""
    snapshot = RightsSnapshot.of(unit)
    after = ACCOUNTS.fold(take(1), present) or present
    rights = snapshot.rights.after(after)
    if renewal is not None:
        rights = rights.after(*_renewed(unit, roles_lost(snapshot, rights, after), renewal))
    others, guard = _other_administrators(unit, rights, present) if administrator else (0, [])
    events = take(others)
    lost = roles_lost(snapshot, rights, after)
    store, moment = unit.store, snapshot.metadata.at
    ended = end_account(store, moment, rights, after) if after.closed else end_rights(store, moment, rights)
    change = [entry_change(unit, present.id)] if events else []
    unit.commit(events, merged([*ended, *guard, *change]))
    return AccountChange(after, rights, ended_by(ended, lost))


def _renewed(
    unit: UnitOfWork, lost: Iterable[tuple[Account, RoleGrant]], renewal: Renewal
) -> Collection[Account]:
    """The accounts with the roles that would end, given once more as far as there is a right to."""
    renewed: dict[UUID, Account] = {}
    for account, granted in lost:
        authority = renewal(granted)
        if authority is not None:
            give = partial(decide.grant, role_grant=granted, authority=authority)
            renewed[account.id] = unit.decide(ACCOUNTS, account.id, give)
    return renewed.values()


def _other_administrators(unit: UnitOfWork, rights: Rights, account: Account) -> tuple[int, Writes]:
    """How many other administrators there will be, and the write that keeps it true until the end.

    Of two who take the role from each other at the same time one loses that row, begins again, and is refused. The
    row is read before the accounts, and those from their events: the read side may be a moment behind.
    """
    before = unit.row("credentials", *ROSTER)
    loaded = (
        unit.load(ACCOUNTS, each.id) for each in accounts_by_id(unit.now).values() if each.id != account.id
    )
    changed = [
        rights.account(each.id) or each
        for each in loaded
        if each is not None and decide.is_administrator(each)
    ]
    others = sum(ADMINISTRATOR in rights.effective_roles(each) for each in changed)
    body = b"%d" % (int(before or b"0") + 1)
    return others, [("credentials", Row(*ROSTER, body, before=before or ABSENT))]


# ---- Login identities


@command
def add_login_identity(
    unit: UnitOfWork, account: UUID, new: NewIdentity, *, only_first: bool
) -> LoginIdentity:
    """Add a login identity to an account; one that it has already counts as added by this authority from now on.

    With `only_first` an account that has one is refused. Raises Closed, SecondLoginIdentity or AlreadyThere.
    """
    change = entry_change(unit, account)
    present = unit.must_load(ACCOUNTS, account)
    if present.closed:
        raise decide.Closed(message("account {account} is closed; open a new one", account=present.key))
    if only_first and identities_of(unit.store, account):
        raise SecondLoginIdentity(
            message("only administrators add a second way in; close the first one, or ask for it")
        )
    identity, writes = _added_identity(unit, account, new)
    unit.commit((), [*writes, change])
    return identity


def _added_identity(unit: UnitOfWork, account: UUID, new: NewIdentity) -> tuple[LoginIdentity, Writes]:
    """An identity, and the writes that add it. Raises AlreadyThere where it belongs elsewhere and is exclusive."""
    if new.exclusive:
        for known in find_identities(unit.store, new.keys, new.kind, new.name):
            holder = unit.must_load(ACCOUNTS, known.account)
            if known.account != account and known.closed is None and not holder.closed:
                raise AlreadyThere(
                    message(
                        "this way in leads to account {holder} already; give that one the role",
                        holder=holder.key,
                    )
                )
    blank = new_identity(new.keys, new.kind, new.name, account, unit.metadata().at)
    identity = replace(blank, authority=new.authority)
    return identity, put_identity(unit.store, new.keys, new.name, identity)


@command
def close_login_identities(unit: UnitOfWork, account: UUID, ids: Collection[str] = ()) -> ClosedIdentities:
    """Close identities of an account, all where no ids are given, with the sign-ins and tokens that came by them."""
    change = entry_change(unit, account)
    snapshot = RightsSnapshot.of(unit)
    identities = [each for each in identities_of(unit.store, account) if each.closed is None]
    closed = {each.id for each in identities if not ids or each.id in ids}
    ended = end_identities(unit.store, snapshot.metadata.at, snapshot.rights, account, closed, every=not ids)
    unit.commit((), [change, *ended])
    return ClosedIdentities(tuple(each for each in identities if each.id not in closed), ended_by(ended))
