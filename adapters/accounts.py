"""Keep how somebody signs in to an account, beside the events: a keyed hash of an address, or of a subject.

The address itself is never kept. A way in stands in the table of people, whose erased rows leave no bytes behind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from adapters.keyed import Keyring
from adapters.sign_ins import Writes, ended_everywhere
from adapters.store.mapper import json_of
from adapters.store.rows import ABSENT, Row, Table
from adapters.store.store import Store
from adapters.store.streams import ACCOUNTS
from adapters.store.views import Views
from domain.account import Account, is_administrator
from domain.facts import AlreadyThere, Refused

SHELF = "way"
Kind: TypeAlias = Literal["email", "provider"]
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class BadAddress(Refused):
    """An e-mail address that no mail can be sent to."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in to an account. `id` tells it from others; nobody can make the address from it."""

    id: str
    kind: Kind
    account: UUID
    since: datetime


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


def new_way(
    keys: Keyring, kind: Kind, name: str, account: UUID, at: datetime
) -> tuple[Way, tuple[Table, Row]]:
    """A way, and the write that opens it; it loses the race where somebody has that way already."""
    key = keys.hash(kind, name)
    way = Way(key[:16], kind, account, at)
    return way, ("people", Row(SHELF, key, json_of(Way).dump_json(way), str(account), before=ABSENT))


def find_way(store: Store, keys: Keyring, kind: Kind, name: str) -> Way | None:
    """Whose address or subject it is, whichever of the secrets it was written with."""
    rows = store.rows("people")
    for key in keys.hashes(kind, name):
        body = rows.get(SHELF, key)
        if body is not None:
            found: Way = json_of(Way).validate_json(body)
            return found
    return None


def renewed(store: Store, keys: Keyring, kind: Kind, name: str) -> Writes:
    """The writes that put a way under the newest secret where it still stands under an older one."""
    newest, *older = keys.hashes(kind, name)
    rows = store.rows("people")
    for key in older:
        body = rows.get(SHELF, key)
        if body is not None and rows.get(SHELF, newest) is None:
            way = replace(json_of(Way).validate_json(body), id=newest[:16])
            moved = Row(SHELF, newest, json_of(Way).dump_json(way), str(way.account), before=ABSENT)
            return [("people", Row(SHELF, key, None, before=body)), ("people", moved)]
    return []


def refuse_taken(store: Store, keys: Keyring, kind: Kind, name: str) -> None:
    """Raises AlreadyThere where the way leads to an account already."""
    found = find_way(store, keys, kind, name)
    if found is not None:
        account = store.must_load(ACCOUNTS, found.account)
        raise AlreadyThere(f"this way in leads to account {account.key} already; give that one the role")


def ways_of(store: Store, account: UUID) -> tuple[Way, ...]:
    rows = store.rows("people").select(SHELF, str(account))
    return tuple(json_of(Way).validate_json(row.body) for row in rows if row.body is not None)


def closed_ways(store: Store, account: UUID, kept: Iterable[str] = ()) -> Writes:
    """The writes that end all ways in to an account, but those whose ids are to be kept."""
    rows = store.rows("people").select(SHELF, str(account))
    stay = set(kept)
    return [("people", Row(SHELF, row.key, None)) for row in rows if row.key[:16] not in stay]


def forgotten(store: Store, views: Views, person: UUID) -> Writes:
    """The writes that end every way in of the accounts of a volunteer, whose record is erased, and every sign-in."""
    accounts = (
        one
        for one in views.all(ACCOUNTS)
        if any(held.role == "volunteer" and held.within == person for held in one.grants)
    )
    return [
        write for one in accounts for write in (*closed_ways(store, one.id), *ended_everywhere(store, one.id))
    ]


def administrators(views: Views) -> list[Account]:
    """The open accounts that may give out every role."""
    return [one for one in views.all(ACCOUNTS) if is_administrator(one)]
