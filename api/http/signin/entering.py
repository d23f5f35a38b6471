"""Decide what happens when somebody gets in: an account of their own, a new sign-in, and nothing used twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.accounts import find_way, new_way, renewed, subject_of
from adapters.application import Unit
from adapters.sign_ins import (
    By,
    SignIn,
    ended,
    new_secret,
    sign_in_row,
    use_link,
    used_once,
)
from adapters.store.streams import ACCOUNTS
from api.http.house import House
from api.http.identity import key_of_subject
from domain.account import Account, Closed, Granted, account_id, open_account


def enter_by_link(house: House, link: str, earlier: str | None) -> str:
    """The secret of a new sign-in. Raises NoSuchLink, Closed; of two with the same link one gets in."""

    def attempt() -> str:
        found, writes = use_link(house.lyceum.store, link, house.lyceum.clock())
        account = house.lyceum.store.must_load(ACCOUNTS, found.account)
        unit = house.lyceum.unit(account.key)
        unit.writes += writes
        return _enter(house, unit, account, found.by, (), earlier)

    return house.lyceum.store.retrying(attempt)


def enter_by_provider(house: House, claims: Mapping[str, Any], state: str, earlier: str | None) -> str:
    """The secret of a new sign-in; who is not known yet gets an account without a role. Raises Closed.

    A state that was used before loses the race for its row, again and again: Conflict.
    """
    desk = house.desk
    issuer = desk.provider.settings.issuer if desk.provider else ""
    granted = desk.provider.granted(claims) if desk.provider else ()
    subject = subject_of(issuer, claims["sub"])

    def attempt() -> str:
        store = house.lyceum.store
        way = find_way(store, desk.keys, "provider", subject)
        key = key_of_subject(house, subject)
        unit = house.lyceum.unit(key)
        unit.writes.append(used_once(state, house.lyceum.clock()))
        account = store.load(ACCOUNTS, way.account if way else account_id(key))
        if account is None:
            unit.facts += open_account(None, unit.stamp(), key)
            account = Account(account_id(key), 1, key)
        if way is None:
            unit.writes.append(new_way(desk.keys, "provider", subject, account.id, unit.stamp().at)[1])
        else:
            unit.writes += renewed(store, desk.keys, "provider", subject)
        return _enter(house, unit, account, "provider", granted, earlier)

    return house.lyceum.store.retrying(attempt)


def _enter(
    house: House, unit: Unit, account: Account, by: By, granted: tuple[Granted, ...], earlier: str | None
) -> str:
    """A sign-in is always a new one: what the browser had before ends, so nobody can have slipped it in."""
    if account.closed:
        raise Closed("this account is closed; ask who gives out roles for a new one")
    secret, now = new_secret(), unit.stamp().at
    held = SignIn(account.id, by, now, now + house.desk.settings.lasting.whole, now, granted)
    unit.writes.append(sign_in_row(secret, held))
    if earlier is not None:
        unit.writes.append(ended(earlier))
    unit.save()
    return secret
