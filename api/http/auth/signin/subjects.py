"""Accounts of people who sign in with the provider: by a way that is kept, or at first a new one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from adapters.access.login_identities import (
    LoginIdentity,
    changed_identity,
    find_identities,
    new_identity,
    put_identity,
    renewed,
)
from adapters.application.unit_of_work import UnitOfWork
from adapters.store.streams import ACCOUNTS
from api.http.state import AppState
from domain.account import Account, Closed, RoleGrant, account_id, open_account

_CLOSED = "this way in was closed; ask who gives out roles to open it again"


def account_of(
    app_state: AppState,
    unit: UnitOfWork,
    subject: str,
    claimed: tuple[RoleGrant, ...],
    issued: datetime | None = None,
) -> tuple[Account, LoginIdentity]:
    """The account of a subject, and the way to it; what is new of them goes into the unit. Raises Closed.

    What the provider vouches for is kept with the way. A sign-in says all of it; a bearer token, whose time of issue
    is given, may add to it where it is newer than the last sign-in.
    """
    store, keys = app_state.lyceum.store, app_state.sign_in_service.keys
    login_identities = find_identities(store, keys, "provider", subject)
    if not login_identities:
        return _stranger(app_state, unit, subject, claimed, asked=None if issued else unit.metadata().at)
    way, account = login_identities[0], store.must_load(ACCOUNTS, login_identities[0].account)
    if way.closed is not None or account.closed:
        raise Closed(_CLOSED)
    known, moment = claimed, way.asked
    if issued is None and claimed != way.claimed:
        moment = unit.metadata().at
    elif issued is not None:
        news = claimed if moment is None or issued > moment else ()
        known = tuple(dict.fromkeys((*(way.claimed or ()), *news)))
    moved = renewed(store, keys, "provider", subject, claimed=known, asked=moment)
    if not moved and (known, moment) != (way.claimed, way.asked):
        moved = changed_identity(store, way, claimed=known, asked=moment)
    unit.writes += moved
    return account, replace(way, claimed=known, asked=moment)


def _stranger(
    app_state: AppState,
    unit: UnitOfWork,
    subject: str,
    claimed: tuple[RoleGrant, ...],
    asked: datetime | None,
) -> tuple[Account, LoginIdentity]:
    """An account without a role, under a number that says nothing."""
    keys, metadata = app_state.sign_in_service.keys, unit.metadata()
    for hashed in keys.hashes(
        "key", subject
    ):  # numbers were made from subjects once; those stay as they ended
        if unit.load(ACCOUNTS, account_id(f"p-{hashed[:12]}")) is not None:
            raise Closed(_CLOSED)
    key = f"p-{app_state.ids().hex[-12:]}"
    unit.actor = key
    opened = open_account(None, unit.metadata(), key)
    unit.events += opened
    way = new_identity(keys, "provider", subject, account_id(key), metadata.at)
    way = replace(way, own=True, claimed=claimed, asked=asked)
    unit.writes += put_identity(app_state.lyceum.store, keys, subject, way)
    return Account(account_id(key), 1, key), way
