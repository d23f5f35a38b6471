"""Accounts of people who sign in with the provider: by a login identity that is kept, or at first a new one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from adapters.access.keyring import Keyring
from adapters.access.login_identities import (
    LoginIdentity,
    changed_identity,
    find_identities,
    new_identity,
    put_identity,
    renewed,
)
from adapters.application.unit_of_work import UnitOfWork, command
from adapters.store.streams import ACCOUNTS
from domain.account import Account, Closed, RoleGrant, account_id, open_account
from domain.messages import message

_CLOSED = message("this way in was closed; ask who gives out roles to open it again")


@dataclass(frozen=True, slots=True)
class ProviderWord:
    """Whom the provider vouches for, and with which roles.

    A sign-in says all of them, and `issued` is None; a bearer token, whose time of issue is given, may add to them
    where it is newer than the last sign-in.
    """

    subject: str
    claimed: tuple[RoleGrant, ...]
    keys: Keyring
    issued: datetime | None = None


@command
def account_of_subject(unit: UnitOfWork, word: ProviderWord, key: str) -> tuple[Account, LoginIdentity]:
    """The account of a subject, and the login identity, with what the provider vouches for.

    A stranger gets an account without a role, under the new `key`. Raises Closed.
    """
    identities = find_identities(unit.store, word.keys, "provider", word.subject)
    if not identities:
        return _stranger(unit, word, key)
    identity, account = identities[0], unit.must_load(ACCOUNTS, identities[0].account)
    if identity.closed is not None or account.closed:
        raise Closed(_CLOSED)
    known, since = word.claimed, identity.asked
    if word.issued is None and known != identity.claimed:
        since = unit.clock()
    elif word.issued is not None:
        news = word.claimed if since is None or word.issued > since else ()
        known = tuple(dict.fromkeys((*(identity.claimed or ()), *news)))
    writes = renewed(unit.store, word.keys, "provider", word.subject, claimed=known, asked=since)
    if not writes and (known, since) != (identity.claimed, identity.asked):
        writes = changed_identity(unit.store, identity, claimed=known, asked=since)
    unit.commit((), writes)
    return account, replace(identity, claimed=known, asked=since)


def _stranger(unit: UnitOfWork, word: ProviderWord, key: str) -> tuple[Account, LoginIdentity]:
    """An account without a role, under a number that says nothing."""
    for hashed in word.keys.hashes("key", word.subject):
        # numbers were made from subjects once; those stay as they ended
        if unit.load(ACCOUNTS, account_id(f"p-{hashed[:12]}")) is not None:
            raise Closed(_CLOSED)
    unit.actor = key
    metadata = unit.metadata()
    blank = new_identity(word.keys, "provider", word.subject, account_id(key), metadata.at)
    since = None if word.issued else metadata.at
    identity = replace(blank, own=True, claimed=word.claimed, asked=since)
    writes = put_identity(unit.store, word.keys, word.subject, identity)
    unit.commit(open_account(None, metadata, key), writes)
    return unit.must_load(ACCOUNTS, account_id(key)), identity
