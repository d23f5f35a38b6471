"""Login identities of accounts: the keyed hash of an e-mail address, or of a subject at a provider.

The address itself is never kept. Identities are rows of the table of people, whose erased rows leave no bytes behind.
An address may belong to several accounts, so that nobody can probe which are known; a subject belongs to one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from adapters.access.keyring import Keyring
from adapters.access.login_sessions import Writes
from adapters.store.mapper import json_of
from adapters.store.rows import ABSENT, Row, Table
from adapters.store.store import Store
from domain.account import Authority, RoleGrant
from domain.events import Refused
from domain.messages import message

COLLECTION = "way"
ALSO = "way-also"  # finds the further accounts of an address by its hash
IdentityKind: TypeAlias = Literal["email", "provider"]
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class BadAddress(Refused):
    """An e-mail address that no mail can be sent to."""


@dataclass(frozen=True, slots=True)
class LoginIdentity:
    """What signs in to an account. `id` tells it from others; nobody can derive the address from it.

    Attributes
    ----------
    own
        Whether its holder came by it unasked, as a stranger of the provider does.
    authority
        By whose right somebody else put it in; None where that was not kept.
    claimed
        The roles that the provider last vouched for; None where it was not asked yet.
    asked : datetime, optional
        Since when a sign-in has said so; an older token of the provider says nothing new.
    closed : datetime, optional
        Since when it lets nobody in. Only a provider's is kept then: its subject stays out.
    """

    id: str
    kind: IdentityKind
    account: UUID
    since: datetime
    own: bool = False
    authority: Authority | None = None
    claimed: tuple[RoleGrant, ...] | None = None
    asked: datetime | None = None
    closed: datetime | None = None


def address_of(text: str) -> str:
    """An e-mail address as mail is sent to it: small letters, and an international domain in its ASCII form.

    >>> address_of(" Wang@Example.org ")
    'wang@example.org'
    """
    local, separator, domain = unicodedata.normalize("NFC", text).strip().rpartition("@")
    try:
        plain = domain.casefold().encode("idna").decode()
    except UnicodeError:
        plain = ""
    labels = plain.split(".")
    good = separator and _LOCAL.fullmatch(local) and len(plain) <= 253 and len(labels) > 1
    if not good or not all(map(_LABEL.fullmatch, labels)) or ".." in f".{local}.":
        raise BadAddress(
            message("this is no e-mail address that mail can be sent to; write it as name@example.org")
        )
    return f"{local.casefold()}@{plain}"


def subject_of(issuer: str, subject: str) -> str:
    """Somebody at a provider, as one text."""
    return f"{issuer}\0{subject}"


def find_identities(store: Store, keys: Keyring, kind: IdentityKind, name: str) -> tuple[LoginIdentity, ...]:
    """To which accounts an address or subject leads, whichever of the secrets it was written with; oldest first."""
    identities = [
        _identity(row) for hashed in keys.hashes(kind, name) for row in _rows_of(store, hashed, kind)
    ]
    return tuple(sorted(identities, key=lambda identity: (identity.since, identity.account)))


def _rows_of(store: Store, hashed: str, kind: IdentityKind) -> Iterator[Row]:
    rows = store.rows("people")
    further = (row.key for row in rows.select(ALSO, hashed)) if kind == "email" else ()
    for key in (hashed, *further):
        body = rows.get(COLLECTION, key)
        if body is not None:
            yield Row(COLLECTION, key, body)


def _identity(row: Row) -> LoginIdentity:
    identity: LoginIdentity = json_of(LoginIdentity).validate_json(row.body or b"")
    return identity


def put_identity(store: Store, keys: Keyring, name: str, identity: LoginIdentity) -> Writes:
    """The writes that add an identity, or replace the one of the same name and account.

    Raises IntegrityError where a subject belongs to another account by now: the command is to be retried.
    """
    hashed = keys.hash(identity.kind, name)
    before = {_identity(row).account: row for row in _rows_of(store, hashed, identity.kind)}
    if identity.account in before:
        row, known = before[identity.account], _identity(before[identity.account])
        same = replace(identity, id=known.id, since=known.since)
        return [_written(row.key, same, row.body or ABSENT)]
    if identity.kind == "provider" and before:
        (row,) = before.values()
        if _identity(row).closed is None:  # whoever calls has looked before it was there
            raise IntegrityError("the subject leads to another account since it was read")
        return [_written(row.key, identity, row.body or ABSENT)]
    if not before:
        return [_written(hashed, identity, ABSENT)]
    further = f"{hashed}:{identity.account}"
    return [_written(further, identity, ABSENT), ("people", Row(ALSO, further, b"1", hashed, before=ABSENT))]


def new_identity(
    keys: Keyring, kind: IdentityKind, name: str, account: UUID, moment: datetime
) -> LoginIdentity:
    """An identity without claims and authority."""
    return LoginIdentity(keys.hash(kind, name)[:16], kind, account, moment)


def _written(key: str, identity: LoginIdentity, before: bytes) -> tuple[Table, Row]:
    return "people", Row(
        COLLECTION, key, json_of(LoginIdentity).dump_json(identity), str(identity.account), before=before
    )


def changed_identity(store: Store, identity: LoginIdentity, **changes: Any) -> Writes:
    """The writes that change fields of an identity."""
    for row in store.rows("people").select(COLLECTION, str(identity.account)):
        if _identity(row) == identity:
            return [_written(row.key, replace(identity, **changes), row.body or ABSENT)]
    return []


def renewed(store: Store, keys: Keyring, kind: IdentityKind, name: str, **changes: Any) -> Writes:
    """The writes that rehash identities with the newest secret where an older one was used, with changed fields."""
    newest, *older = keys.hashes(kind, name)
    taken = {_identity(row).account for row in _rows_of(store, newest, kind)}
    writes: Writes = []
    for hashed in older:
        for row in _rows_of(store, hashed, kind):
            identity = _identity(row)
            if identity.account in taken:
                continue
            key = f"{newest}:{identity.account}" if taken else newest
            writes += [*_erased(row), _written(key, replace(identity, **changes), ABSENT)]
            writes += [("people", Row(ALSO, key, b"1", newest, before=ABSENT))] if taken else []
            taken.add(identity.account)
    return writes


def _erased(row: Row) -> Writes:
    also: Writes = [("people", Row(ALSO, row.key, None))] if ":" in row.key else []
    return [("people", Row(COLLECTION, row.key, None, before=row.body)), *also]


def identities_of(store: Store, account: UUID) -> tuple[LoginIdentity, ...]:
    """The login identities of an account, closed ones too."""
    rows = store.rows("people").select(COLLECTION, str(account))
    return tuple(_identity(row) for row in rows if row.body is not None)


def all_identities(store: Store) -> tuple[LoginIdentity, ...]:
    """The login identities of all accounts."""
    return tuple(_identity(row) for row in store.rows("people").select(COLLECTION) if row.body is not None)


def closed_identities(
    store: Store, account: UUID, moment: datetime, ids: Collection[str] | None = None
) -> Writes:
    """The writes that close identities of an account, all where no ids are given.

    Of an address nothing is left. A subject is kept as its hash, so that it does not come in again as a stranger.
    """
    writes: Writes = []
    for row in store.rows("people").select(COLLECTION, str(account)):
        identity = _identity(row)
        if (ids is not None and identity.id not in ids) or identity.closed is not None:
            continue
        if identity.kind == "email":
            writes += _erased(row)
        else:
            writes.append(
                _written(row.key, replace(identity, claimed=None, closed=moment), row.body or ABSENT)
            )
    return writes
