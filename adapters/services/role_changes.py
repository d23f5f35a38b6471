"""Changes of rights: what follows where an account gains or loses a role, for itself and for others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Self
from uuid import UUID

from adapters.access.delegation import may_grant
from adapters.access.login_identities import LoginIdentity, identities_of
from adapters.access.login_sessions import CHANGES, SignIn, Writes, change_row
from adapters.access.rights import Rights
from adapters.application.unit_of_work import UnitOfWork
from adapters.queries.account_queries import accounts_by_id
from adapters.services.account_uses import counted, end_identities, merged
from adapters.store.rows import Row, Table
from adapters.store.store import Store
from adapters.store.streams import ACCOUNTS
from adapters.store.views import Views
from domain.account import Account, AccountEvent, RoleGrant
from domain.events import EventMetadata, Refused
from domain.messages import message


class UntrustedIdentity(Refused):
    """A holder's consent from a sign-in that may be somebody else's."""


@dataclass(frozen=True, slots=True)
class EndedRole:
    """A role that ended with the right of who gave it."""

    account: str
    granted: RoleGrant


@dataclass(frozen=True, slots=True)
class EndedUses:
    """What ended with a command: how many of each, and the roles of others."""

    ways: int = 0
    sign_ins: int = 0
    links: int = 0
    tokens: int = 0
    feeds: int = 0
    jobs: int = 0
    roles: tuple[EndedRole, ...] = ()


def ended_by(writes: Writes, roles: Iterable[tuple[Account, RoleGrant]] = ()) -> EndedUses:
    """What some writes end, and which roles."""
    ended_roles = tuple(EndedRole(account.key, granted) for account, granted in roles)
    return EndedUses(**counted(writes), roles=ended_roles)


@dataclass(frozen=True, slots=True)
class AccountChange:
    """An account after a command, the rights that hold then, and what ended."""

    account: Account
    rights: Rights
    ended: EndedUses = field(default_factory=EndedUses)


@dataclass(frozen=True, slots=True)
class RightsSnapshot:
    """What is known when a right changes hands, all of one moment."""

    store: Store
    views: Views
    rights: Rights
    metadata: EventMetadata

    @classmethod
    def of(cls, unit: UnitOfWork) -> Self:
        return cls(unit.store, unit.now, Rights.of_views(unit.store, unit.now), unit.metadata())

    @property
    def day(self) -> date:
        return self.metadata.at.date()


def watch_entries(unit: UnitOfWork, account: UUID) -> None:
    """Look how often it was changed who can get in to an account, before anything is read that a change rests on."""
    unit.row("credentials", CHANGES, str(account))


def entry_change(unit: UnitOfWork, account: UUID) -> tuple[Table, Row]:
    """The write that counts a change of who can get in to an account: of two at the same time one begins again.

    It guards what was read since `watch_entries`.
    """
    return change_row(account, unit.row("credentials", CHANGES, str(account)))


# ---- Gaining


def may_lead_to(snapshot: RightsSnapshot, identity: LoginIdentity, granted: RoleGrant) -> bool:
    """Whether an identity may lead to a role: its holder's own, or added by somebody who could give that role."""
    if identity.own or (identity.kind == "provider" and identity.authority is None):
        return True
    if identity.authority is None:
        return False
    roles = snapshot.rights.roles_of(identity.authority)
    return may_grant(roles, granted, snapshot.views, snapshot.day)


def gain(
    unit: UnitOfWork,
    snapshot: RightsSnapshot,
    before: Account,
    events: tuple[AccountEvent, ...],
    granted: RoleGrant,
) -> AccountChange:
    """Commit that an account gains a role, and end what must not lead to it."""
    change = [entry_change(unit, before.id)] if events else []
    after = ACCOUNTS.fold(events, before) or before
    ended = _ended_identities(snapshot, before, after, granted)
    unit.commit(events, merged([*change, *ended]))
    return AccountChange(after, snapshot.rights.after(after), ended_by(ended))


def _ended_identities(
    snapshot: RightsSnapshot, before: Account, after: Account, granted: RoleGrant
) -> Writes:
    """The writes that end identities, with what came by them, where who added them could not give what is gained."""
    if after.version == before.version or granted in snapshot.rights.after(before).effective_roles(before):
        return []
    planted = [
        identity.id
        for identity in identities_of(snapshot.store, after.id)
        if identity.closed is None and not may_lead_to(snapshot, identity, granted)
    ]
    return end_identities(
        snapshot.store, snapshot.metadata.at, snapshot.rights.after(after), after.id, planted
    )


def require_own_consent(
    snapshot: RightsSnapshot, account: Account, sign_in: SignIn, granted: RoleGrant
) -> None:
    """Refuse who signed in by an identity of somebody else who may not give the role: it may not be the holder.

    Raises UntrustedIdentity.
    """
    if sign_in.way is None and sign_in.by in ("first", "operator"):
        return
    identities = identities_of(snapshot.store, account.id)
    used = next((each for each in identities if each.closed is None and each.id == sign_in.way), None)
    if used is None or not may_lead_to(snapshot, used, granted):
        raise UntrustedIdentity(
            message(
                "the way by which you are signed in was added by somebody who may not give that role; ask an "
                "administrator to add your address again, and sign in anew"
            )
        )


# ---- Losing


def roles_lost(
    snapshot: RightsSnapshot, after: Rights, but: Account | None = None
) -> list[tuple[Account, RoleGrant]]:
    """The roles of other accounts that hold no longer after a command."""
    return [
        (account, granted)
        for account in accounts_by_id(snapshot.views).values()
        if (but is None or account.id != but.id) and any(held.authority is not None for held in account.held)
        for granted in snapshot.rights.effective_roles(account)
        if granted not in after.effective_roles(after.account(account.id) or account)
    ]
