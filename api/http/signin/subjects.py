"""Decide which account somebody of the provider gets: the one that a kept way leads to, or at first a new one."""

from __future__ import annotations

from dataclasses import replace

from adapters.accounts import Way, changed_way, find_ways, new_way, put_way, renewed
from adapters.application import Unit
from adapters.store.streams import ACCOUNTS
from api.http.house import House
from domain.account import Account, Closed, Granted, account_id, open_account

_CLOSED = "this way in was closed; ask who gives out roles to open it again"


def account_of(
    house: House, unit: Unit, subject: str, claimed: tuple[Granted, ...], *, signs_in: bool
) -> tuple[Account, Way]:
    """The account of a subject, and the way to it; what is new of them goes into the unit. Raises Closed.

    What the provider vouches for is kept with the way: a sign-in says all of it, a bearer token may say less.
    """
    store, keys = house.lyceum.store, house.desk.keys
    found = find_ways(store, keys, "provider", subject)
    if not found:
        return _stranger(house, unit, subject, claimed)
    way, account = found[0], store.must_load(ACCOUNTS, found[0].account)
    if way.closed is not None or account.closed:
        raise Closed(_CLOSED)
    known = claimed if signs_in else tuple(dict.fromkeys((*(way.claimed or ()), *claimed)))
    moved = renewed(store, keys, "provider", subject, claimed=known)
    if not moved and known != way.claimed:
        moved = changed_way(store, way, claimed=known)
    unit.writes += moved
    return account, replace(way, claimed=known)


def _stranger(house: House, unit: Unit, subject: str, claimed: tuple[Granted, ...]) -> tuple[Account, Way]:
    """An account without a role, under a number that says nothing."""
    keys, stamp = house.desk.keys, unit.stamp()
    for hashed in keys.hashes(
        "key", subject
    ):  # numbers were made from subjects once; those stay as they ended
        if unit.load(ACCOUNTS, account_id(f"p-{hashed[:12]}")) is not None:
            raise Closed(_CLOSED)
    key = f"p-{house.ids().hex[-12:]}"
    unit.actor = key
    opened = open_account(None, unit.stamp(), key)
    unit.facts += opened
    way = replace(new_way(keys, "provider", subject, account_id(key), stamp.at), own=True, claimed=claimed)
    unit.writes += put_way(house.lyceum.store, keys, subject, way)
    return Account(account_id(key), 1, key), way
