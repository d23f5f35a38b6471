"""Decide whose token it is: kept as a hash beside the events, with what its holder may do, and until when."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adapters.store.mapper import json_of
from adapters.store.rows import Row, Table
from adapters.store.store import Store

SHELF = "token"


@dataclass(frozen=True, slots=True)
class Granted:
    """A role, and the part of the network that it holds in: an area, a venue, a person; None = everywhere."""

    role: str
    within: UUID | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """`actor` is the id that events carry, never a name; `expires` None: until it is revoked."""

    actor: str
    grants: tuple[Granted, ...]
    expires: datetime | None = None


def hash_of(token: str) -> str:
    """Tokens are long and random, so a plain hash tells nothing about them."""
    return hashlib.sha256(token.encode()).hexdigest()


def credential_row(token: str, credential: Credential | None) -> tuple[Table, Row]:
    """The write that keeps a credential, or revokes it where None."""
    body = None if credential is None else json_of(Credential).dump_json(credential)
    return "credentials", Row(SHELF, hash_of(token), body)


def find_credential(store: Store, token: str, at: datetime) -> Credential | None:
    """Whose token it is at an instant; None where nobody's, or no longer."""
    body = store.rows("credentials").get(SHELF, hash_of(token))
    if body is None:
        return None
    found: Credential = json_of(Credential).validate_json(body)
    return found if found.expires is None or at < found.expires else None
