"""Login sessions and one-time sign-in links, each stored as the hash of a long random text.

A link or a session that is used up is erased in the transaction that uses it (compare and swap): of two uses at the
same time one loses.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from adapters.access.api_tokens import hash_of
from adapters.store.mapper import json_of
from adapters.store.rows import ABSENT, Row, Table
from adapters.store.store import Store
from domain.account import RoleGrant
from domain.events import Refused
from domain.messages import message

SIGN_INS, LINKS, USED = "sign-in", "link", "used"
Writes: TypeAlias = list[tuple[Table, Row]]
By: TypeAlias = Literal["email", "provider", "first", "operator"]
CHANGES = "changes"


class NoSuchLink(Refused):
    """A link that was never made, was used, or is too old."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """`granted` are roles that the provider's word gave beside those of the account; `way` is the id of the way in."""

    account: UUID
    by: By
    began: datetime
    expires: datetime
    seen: datetime
    granted: tuple[RoleGrant, ...] = ()
    way: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """`by` "first": printed by a start for the first administrator; "operator": made on the command line."""

    account: UUID
    by: By
    expires: datetime
    way: str | None = None


@dataclass(frozen=True, slots=True)
class SessionLifetime:
    """How long a sign-in holds, and how long without being used."""

    whole: timedelta = timedelta(days=7)
    idle: timedelta = timedelta(hours=12)


def new_secret() -> str:
    """256 random bits, in letters that a link and a cookie can carry."""
    return secrets.token_urlsafe(32)


# ---- Links


def link_rows(store: Store, secret: str, link: Link) -> Writes:
    """The writes that make a link, in place of the earlier ones of the account that were made alike.

    So nobody who asks for a mail takes away what was printed on the server.
    """
    row = Row(LINKS, hash_of(secret), json_of(Link).dump_json(link), str(link.account), before=ABSENT)
    return [*_ended_links(store, link.account, link.by), ("credentials", row)]


def has_first_link(store: Store, account: UUID) -> bool:
    """Whether the first administrator has a link that a start printed, however old, and has never got in."""
    return any(by == "first" for _, by in _links(store, account))


def first_links_over(store: Store, account: UUID) -> Writes:
    """The writes that take back what a start has printed, once its reader is in by whatever way."""
    return _ended_links(store, account, "first")


def _ended_links(store: Store, account: UUID, kind: By) -> Writes:
    return [("credentials", Row(LINKS, key, None)) for key, by in _links(store, account) if by == kind]


def _links(store: Store, account: UUID) -> list[tuple[str, By]]:
    rows = store.rows("credentials").select(LINKS, str(account))
    return [(row.key, json_of(Link).validate_json(row.body or b"").by) for row in rows]


def find_link(store: Store, secret: str, moment: datetime) -> Link:
    """Raises NoSuchLink."""
    return _link(store, secret, moment)[0]


def _link(store: Store, secret: str, moment: datetime) -> tuple[Link, bytes]:
    body = store.rows("credentials").get(LINKS, hash_of(secret))
    link = None if body is None else json_of(Link).validate_json(body)
    if body is None or link is None or link.expires <= moment:
        raise NoSuchLink(message("this link was used already, or it is too old; ask for a new one"))
    return link, body


def use_link(store: Store, secret: str, moment: datetime) -> tuple[Link, Writes]:
    """The link, and the writes that use it up. Raises NoSuchLink; the writes lose where somebody is faster."""
    link, body = _link(store, secret, moment)
    return link, [("credentials", Row(LINKS, hash_of(secret), None, before=body))]


def used_once(text: str, moment: datetime) -> tuple[Table, Row]:
    """The write that lets something be used once: whoever comes second loses."""
    return "credentials", Row(USED, hash_of(text), moment.isoformat().encode(), before=ABSENT)


# ---- Sign-ins


def sign_in_row(secret: str, sign_in: SignIn) -> tuple[Table, Row]:
    body = json_of(SignIn).dump_json(sign_in)
    return "credentials", Row(SIGN_INS, hash_of(secret), body, str(sign_in.account))


def find_sign_in(store: Store, secret: str, moment: datetime, idle: timedelta) -> SignIn | None:
    """Who is signed in with that secret; None where nobody, or no longer.

    That it was used is written down now and then: not at every look, and never after it has ended.
    """
    key = hash_of(secret)
    body = store.rows("credentials").get(SIGN_INS, key)
    if body is None:
        return None
    sign_in: SignIn = json_of(SignIn).validate_json(body)
    if moment >= sign_in.expires or moment - sign_in.seen >= idle:
        return None
    if moment - sign_in.seen >= idle / 12:
        seen = json_of(SignIn).dump_json(replace(sign_in, seen=moment))
        with suppress(IntegrityError):
            store.save((), [("credentials", Row(SIGN_INS, key, seen, str(sign_in.account), before=body))])
    return sign_in


def ended(secret: str) -> tuple[Table, Row]:
    """The write that ends one sign-in."""
    return "credentials", Row(SIGN_INS, hash_of(secret), None)


def ended_everywhere(store: Store, account: UUID) -> Writes:
    """The writes that end every sign-in of an account, and take back its links."""
    rows = store.rows("credentials")
    return [
        ("credentials", Row(collection, row.key, None))
        for collection in (SIGN_INS, LINKS)
        for row in rows.select(collection, str(account))
    ]


def ended_by_identities(
    store: Store, account: UUID, identities: Collection[str], kinds: Collection[str]
) -> Writes:
    """The writes that end sessions and links of some identities; older rows without an id end by their kind."""
    rows, records = store.rows("credentials"), {SIGN_INS: SignIn, LINKS: Link}
    return [
        ("credentials", Row(collection, row.key, None))
        for collection, record in records.items()
        for row in rows.select(collection, str(account))
        if _came_by(json_of(record).validate_json(row.body or b""), identities, kinds)
    ]


def _came_by(record: SignIn | Link, identities: Collection[str], kinds: Collection[str]) -> bool:
    return record.by in kinds if record.way is None else record.way in identities


def change_row(account: UUID, before: bytes | None) -> tuple[Table, Row]:
    """The write that counts a change of who can get in to an account; `before` is what its row was."""
    body = b"%d" % (int(before or b"0") + 1)
    return "credentials", Row(CHANGES, str(account), body, before=before or ABSENT)


# ---- Tidying


def long_over(store: Store, moment: datetime) -> Writes:
    """The writes that erase what has been over for a day.

    The link of the first administrator stays: that it was never used is what the next start wants to know.
    """
    past = moment - timedelta(days=1)
    rows = store.rows("credentials")
    old = [row for row in rows.select(USED) if datetime.fromisoformat((row.body or b"").decode()) < past]
    for collection, kind in ((SIGN_INS, SignIn), (LINKS, Link)):
        for row in rows.select(collection):
            record = json_of(kind).validate_json(row.body or b"")
            if record.expires < past and not (collection == LINKS and record.by == "first"):
                old.append(row)
    return [("credentials", Row(row.collection, row.key, None)) for row in old]
