"""Keep how somebody signs in to an account, beside the events: a keyed hash of an address, or of a subject.

The address itself is never kept. A way in stands in the table of people, whose erased rows leave no bytes behind.
An address may lead to several accounts, so that nobody can try which are known; a subject leads to one.
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

COLLECTION = "way"
ALSO = "way-also"  # finds the further accounts of an address by its hash
Kind: TypeAlias = Literal["email", "provider"]
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class BadAddress(Refused):
    """An e-mail address that no mail can be sent to."""


@dataclass(frozen=True, slots=True)
class LoginIdentity:
    """One way in to an account. `id` tells it from others; nobody can make the address from it.

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
    kind: Kind
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
    local, at, domain = unicodedata.normalize("NFC", text).strip().rpartition("@")
    try:
        plain = domain.casefold().encode("idna").decode()
    except UnicodeError:
        plain = ""
    labels = plain.split(".")
    good = at and _LOCAL.fullmatch(local) and len(plain) <= 253 and len(labels) > 1
    if not good or not all(map(_LABEL.fullmatch, labels)) or ".." in f".{local}.":
        raise BadAddress("this is no e-mail address that mail can be sent to; write it as name@example.org")
    return f"{local.casefold()}@{plain}"


def subject_of(issuer: str, subject: str) -> str:
    """Somebody at a provider, as one text."""
    return f"{issuer}\0{subject}"


def find_ways(store: Store, keys: Keyring, kind: Kind, name: str) -> tuple[LoginIdentity, ...]:
    """To which accounts an address or subject leads, whichever of the secrets it was written with; oldest first."""
    login_identities = [
        _way(row) for hashed in keys.hashes(kind, name) for row in _rows_of(store, hashed, kind)
    ]
    return tuple(
        sorted(login_identities, key=lambda login_identity: (login_identity.since, login_identity.account))
    )


def _rows_of(store: Store, hashed: str, kind: Kind) -> Iterator[Row]:
    rows = store.rows("people")
    further = (row.key for row in rows.select(ALSO, hashed)) if kind == "email" else ()
    for key in (hashed, *further):
        body = rows.get(COLLECTION, key)
        if body is not None:
            yield Row(COLLECTION, key, body)


def _way(row: Row) -> LoginIdentity:
    login_identity: LoginIdentity = json_of(LoginIdentity).validate_json(row.body or b"")
    return login_identity


def put_way(store: Store, keys: Keyring, name: str, way: LoginIdentity) -> Writes:
    """The writes that open a way, or set one anew that leads from the same name to the same account.

    Raises IntegrityError where a subject leads to another account by now: the command is to begin again.
    """
    hashed = keys.hash(way.kind, name)
    before = {_way(row).account: row for row in _rows_of(store, hashed, way.kind)}
    if way.account in before:
        row, known = before[way.account], _way(before[way.account])
        same = replace(way, id=known.id, since=known.since)
        return [_written(row.key, same, row.body or ABSENT)]
    if way.kind == "provider" and before:
        (row,) = before.values()
        if _way(row).closed is None:  # whoever calls has looked before it was there
            raise IntegrityError("the subject leads to another account since it was read")
        return [_written(row.key, way, row.body or ABSENT)]
    if not before:
        return [_written(hashed, way, ABSENT)]
    further = f"{hashed}:{way.account}"
    return [_written(further, way, ABSENT), ("people", Row(ALSO, further, b"1", hashed, before=ABSENT))]


def new_way(keys: Keyring, kind: Kind, name: str, account: UUID, at: datetime) -> LoginIdentity:
    """A way that nothing more is known of yet."""
    return LoginIdentity(keys.hash(kind, name)[:16], kind, account, at)


def _written(key: str, way: LoginIdentity, before: bytes) -> tuple[Table, Row]:
    return "people", Row(
        COLLECTION, key, json_of(LoginIdentity).dump_json(way), str(way.account), before=before
    )


def changed_way(store: Store, way: LoginIdentity, **changes: Any) -> Writes:
    """The writes that change what is kept of a way."""
    for row in store.rows("people").select(COLLECTION, str(way.account)):
        if _way(row) == way:
            return [_written(row.key, replace(way, **changes), row.body or ABSENT)]
    return []


def renewed(store: Store, keys: Keyring, kind: Kind, name: str, **changes: Any) -> Writes:
    """The writes that put ways under the newest secret where they still stand under an older one, changed."""
    newest, *older = keys.hashes(kind, name)
    taken = {_way(row).account for row in _rows_of(store, newest, kind)}
    writes: Writes = []
    for hashed in older:
        for row in _rows_of(store, hashed, kind):
            way = _way(row)
            if way.account in taken:
                continue
            key = f"{newest}:{way.account}" if taken else newest
            writes += [*_erased(row), _written(key, replace(way, **changes), ABSENT)]
            writes += [("people", Row(ALSO, key, b"1", newest, before=ABSENT))] if taken else []
            taken.add(way.account)
    return writes


def _erased(row: Row) -> Writes:
    also: Writes = [("people", Row(ALSO, row.key, None))] if ":" in row.key else []
    return [("people", Row(COLLECTION, row.key, None, before=row.body)), *also]


def ways_of(store: Store, account: UUID) -> tuple[LoginIdentity, ...]:
    """Those that are closed too."""
    rows = store.rows("people").select(COLLECTION, str(account))
    return tuple(_way(row) for row in rows if row.body is not None)


def every_way(store: Store) -> tuple[LoginIdentity, ...]:
    """Those of all accounts."""
    return tuple(_way(row) for row in store.rows("people").select(COLLECTION) if row.body is not None)


def closed_ways(store: Store, account: UUID, at: datetime, ids: Collection[str] | None = None) -> Writes:
    """The writes that close ways in to an account, all where no ids are given.

    Of an address nothing is left. A subject is kept as its hash, so that it does not come in again as a stranger.
    """
    writes: Writes = []
    for row in store.rows("people").select(COLLECTION, str(account)):
        way = _way(row)
        if (ids is not None and way.id not in ids) or way.closed is not None:
            continue
        if way.kind == "email":
            writes += _erased(row)
        else:
            writes.append(_written(row.key, replace(way, claimed=None, closed=at), row.body or ABSENT))
    return writes
