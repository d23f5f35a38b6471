"""What follows where an account gains or loses a right, beside the role itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from adapters.access.login_identities import LoginIdentity, identities_of
from adapters.access.login_sessions import SignIn, Writes, change_row
from adapters.access.rights import Rights
from adapters.queries.account_queries import accounts_by_id
from adapters.services.account_uses import counted, end_identities, merged
from adapters.store.store import Store
from adapters.store.streams import ACCOUNTS
from adapters.store.views import Views
from api.http.auth.delegation import may_grant
from api.http.errors import HttpProblem
from api.http.state import AppState
from domain.account import Account, AccountEvent, RoleGrant, RoleGranted, accept, end_offer
from domain.events import EventMetadata


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
    roles: tuple[EndedRole, ...] = field(default=())


def ended_by(writes: Writes, roles: Iterable[tuple[Account, RoleGrant]] = ()) -> EndedUses:
    """What some writes end, and which roles."""
    ended_roles = tuple(EndedRole(account.key, granted) for account, granted in roles)
    return EndedUses(**counted(writes), roles=ended_roles)


# ---- Gaining


@dataclass(frozen=True, slots=True)
class Look:
    """What is known when a right changes hands; `rights` and `views` are of one moment."""

    store: Store
    views: Views
    rights: Rights
    at: datetime

    @property
    def day(self) -> date:
        return self.at.date()


def may_lead_to(look: Look, way: LoginIdentity, granted: RoleGrant) -> bool:
    """Whether a way in may lead to a role: its holder's own, or put in by somebody who could give that role."""
    if way.own or (way.kind == "provider" and way.authority is None):
        return True
    if way.authority is None:
        return False
    return may_grant(look.rights.roles_of(way.authority), granted, look.views, look.day)


def gained(look: Look, before: Account, after: Account, granted: RoleGrant) -> Writes:
    """The writes that end ways in, and what came by them, where who put them in could not give what is gained."""
    if after.version == before.version or granted in look.rights.after(before).effective_roles(before):
        return []
    ways = (
        login_identity
        for login_identity in identities_of(look.store, after.id)
        if login_identity.closed is None
    )
    planted = [login_identity.id for login_identity in ways if not may_lead_to(look, login_identity, granted)]
    return end_identities(look.store, look.at, look.rights.after(after), after.id, planted)


def require_own_consent(look: Look, account: Account, sign_in: SignIn, granted: RoleGrant) -> None:
    """Refuse who came in by a way that somebody else put in who may not give the role: it may not be the holder."""
    if sign_in.way is None and sign_in.by in ("first", "operator"):
        return
    ways = [one for one in identities_of(look.store, account.id) if one.closed is None]
    login_identity = next((one for one in ways if one.id == sign_in.way), None)
    if login_identity is None or not may_lead_to(look, login_identity, granted):
        raise HttpProblem(
            "not-allowed",
            "the way by which you are signed in was added by somebody who may not give that role; "
            "ask an administrator to add your address again, and sign in anew",
        )


def accepted(
    look: Look, account: Account, metadata: EventMetadata, sign_in: SignIn, granted: RoleGrant
) -> tuple[tuple[RoleGranted, ...], Writes]:
    """The events and writes where a holder accepts what is offered. Raises NoSuchOffer, or a problem."""
    facts = accept(account, metadata, granted, look.rights)
    require_own_consent(look, account, sign_in, granted)
    after = ACCOUNTS.fold(facts, account) or account
    return facts, gained(look, account, after, granted)


def answer_offer(app_state: AppState, sign_in: SignIn, granted: RoleGrant, *, accepts: bool) -> None:
    """Accept or decline a role for the account that is signed in, as one command."""
    store = app_state.lyceum.store

    def attempt() -> None:
        change = change_row(store, sign_in.account)
        account = store.must_load(ACCOUNTS, sign_in.account)
        unit, views = app_state.lyceum.unit(account.key), app_state.live.snapshot()
        metadata = unit.metadata()
        look = Look(store, views, Rights.of_views(store, views), metadata.at)
        facts: tuple[AccountEvent, ...] = ()
        ended: Writes = []
        if accepts:
            facts, ended = accepted(look, account, metadata, sign_in, granted)
        else:
            facts = end_offer(account, metadata, granted)
        unit.commit(facts, merged([*ended, change]))
        unit.save()

    store.retrying(attempt)


# ---- Losing


def roles_lost(look: Look, after: Rights, but: Account | None = None) -> list[tuple[Account, RoleGrant]]:
    """The roles of other accounts that hold no longer after a command."""
    return [
        (account, granted)
        for account in accounts_by_id(look.views).values()
        if (but is None or account.id != but.id) and any(held.authority is not None for held in account.held)
        for granted in look.rights.effective_roles(account)
        if granted not in after.effective_roles(after.account(account.id) or account)
    ]
