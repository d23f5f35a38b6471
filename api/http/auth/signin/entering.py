"""Decide what happens when somebody gets in: an account of their own, a new sign-in, and nothing used twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.access.login_identities import identities_of, subject_of
from adapters.access.login_sessions import (
    By,
    SignIn,
    change_row,
    ended,
    first_links_over,
    new_secret,
    sign_in_row,
    use_link,
    used_once,
)
from adapters.application.unit_of_work import UnitOfWork
from adapters.store.store import Store
from adapters.store.streams import ACCOUNTS
from api.http.auth.signin.subjects import account_of
from api.http.state import AppState
from domain.account import Account, Closed, RoleGrant


def enter_by_link(app_state: AppState, link: str, earlier: str | None) -> str:
    """The secret of a new sign-in. Raises NoSuchLink, Closed; of two with the same link one gets in."""

    def attempt() -> str:
        found, writes = use_link(app_state.lyceum.store, link, app_state.lyceum.clock())
        account = app_state.lyceum.store.must_load(ACCOUNTS, found.account)
        unit = app_state.lyceum.unit(account.key)
        unit.writes += writes
        return _enter(app_state, unit, account, found.by, (), found.way, earlier)

    return app_state.lyceum.store.retrying(attempt)


def enter_by_provider(app_state: AppState, claims: Mapping[str, Any], state: str, earlier: str | None) -> str:
    """The secret of a new sign-in; who is not known yet gets an account without a role. Raises Closed.

    A state that was used before loses the race for its row, again and again: Conflict.
    """
    sign_in_service = app_state.sign_in_service
    issuer = sign_in_service.provider.settings.issuer if sign_in_service.provider else ""
    granted = sign_in_service.provider.granted(claims) if sign_in_service.provider else ()

    def attempt() -> str:
        unit = app_state.lyceum.unit("provider")
        unit.writes.append(used_once(state, app_state.lyceum.clock()))
        account, way = account_of(app_state, unit, subject_of(issuer, claims["sub"]), granted)
        return _enter(app_state, unit, account, "provider", granted, way.id, earlier)

    return app_state.lyceum.store.retrying(attempt)


def _require_open(store: Store, account: Account, way: str | None) -> None:
    """Refuse where account or way was closed since they were read."""
    now = store.load(ACCOUNTS, account.id)
    if now is None:  # it is opened with this sign-in
        return
    ways = {
        login_identity.id
        for login_identity in identities_of(store, account.id)
        if login_identity.closed is None
    }
    if now.closed or (way is not None and way not in ways):
        raise Closed("this account or way in is closed; ask who gives out roles")


def _enter(
    app_state: AppState,
    unit: UnitOfWork,
    account: Account,
    by: By,
    granted: tuple[RoleGrant, ...],
    way: str | None,
    earlier: str | None,
) -> str:
    """A sign-in is always a new one: what the browser had before ends, so nobody can have slipped it in."""
    store, secret, now = app_state.lyceum.store, new_secret(), unit.metadata().at
    change = change_row(store, account.id)
    _require_open(store, account, way)
    held = SignIn(
        account.id, by, now, now + app_state.sign_in_service.settings.lasting.whole, now, granted, way
    )
    unit.writes += [sign_in_row(secret, held), change]
    if by != "first":
        unit.writes += first_links_over(store, account.id)
    if earlier is not None:
        unit.writes.append(ended(earlier))
    unit.save()
    return secret
