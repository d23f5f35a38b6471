"""API tokens: stored as a hash, with the roles of their holder and their expiry."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from adapters.store.mapper import json_of
from adapters.store.rows import Row, Table
from adapters.store.store import Store
from domain.account import Authority, RoleGrant

__all__ = [
    "Credential",
    "RoleGrant",
    "credential_at",
    "credential_row",
    "credentials_of",
    "hash_of",
    "revoked",
    "tokens_without",
]

COLLECTION = "token"
ID_LENGTH = 16  # characters of a token's hash: enough to tell tokens apart, too few to authenticate


@dataclass(frozen=True, slots=True)
class Credential:
    """`actor` is the id that events carry, never a name; `expires` None: until it is revoked.

    `account` and `parent` (the hash of a token) say who made it over HTTP: it holds while they do, and never wider.
    `way` is the id of the way by which its maker had signed in, and `authorities` are those of each of the grants: a
    grant whose authority holds no longer does not come back with the same role.
    """

    actor: str
    grants: tuple[RoleGrant, ...]
    expires: datetime | None = None
    made: datetime | None = None
    account: UUID | None = None
    parent: str | None = None
    way: str | None = None
    authorities: tuple[Authority, ...] = ()


def hash_of(token: str) -> str:
    """Tokens are long and random, so a plain hash tells nothing about them."""
    return hashlib.sha256(token.encode()).hexdigest()


def credential_row(token: str, credential: Credential) -> tuple[Table, Row]:
    """The write that keeps a credential."""
    body: bytes = json_of(Credential).dump_json(credential)
    return "credentials", Row(COLLECTION, hash_of(token), body, credential.actor)


def revoked(hashed: str) -> tuple[Table, Row]:
    """The write that ends one."""
    return "credentials", Row(COLLECTION, hashed, None)


def credential_at(store: Store, hashed: str, moment: datetime) -> Credential | None:
    """The token of a hash at an instant; None where it is nobody's, or no longer."""
    body = store.rows("credentials").get(COLLECTION, hashed)
    if body is None:
        return None
    credential: Credential = json_of(Credential).validate_json(body)
    return credential if credential.expires is None or moment < credential.expires else None


def credentials_of(store: Store, actor: str | None = None) -> Iterator[tuple[str, Credential]]:
    """The hash and the record of each token, of everybody where no actor is named; expired ones too."""
    for row in store.rows("credentials").select(COLLECTION, actor):
        if row.body is not None:
            yield row.key, json_of(Credential).validate_json(row.body)


def tokens_without(
    store: Store, roles: Collection[RoleGrant]
) -> tuple[list[tuple[Table, Row]], frozenset[str]]:
    """The writes that take roles out of the tokens of the command line, and the tokens that end because none is left.

    A token made over HTTP never has more than its maker's roles, so nothing has to be taken out of it.
    """
    writes: list[tuple[Table, Row]] = []
    ended: set[str] = set()
    credentials = dict(credentials_of(store))
    for key, credential in credentials.items():
        if (
            credential.account is not None
            or credential.parent is not None
            or not set(roles) & set(credential.grants)
        ):
            continue
        reduced = replace(
            credential,
            grants=tuple(role_grant for role_grant in credential.grants if role_grant not in roles),
        )
        if reduced.grants:
            writes.append(
                (
                    "credentials",
                    Row(COLLECTION, key, json_of(Credential).dump_json(reduced), credential.actor),
                )
            )
        else:
            ended.add(key)
    ended |= {key for key, credential in credentials.items() if credential.parent in ended}
    return [*writes, *map(revoked, sorted(ended))], frozenset(ended)
