"""Records of calendar feeds: whose calendar it is, in which form, and who made it.

The address of a feed contains its secret; the database stores only the hash of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from adapters.access.api_tokens import hash_of
from adapters.exports.agendas import AgendaKind, Owner
from adapters.store.mapper import json_of
from adapters.store.rows import Row, Table
from adapters.store.store import Store
from domain.account import Authority
from domain.events import NotThere
from domain.messages import message
from domain.volunteer import Volunteer

COLLECTION = "feed"
Form: TypeAlias = Literal["calendar", "free-busy"]
Write: TypeAlias = tuple[Table, Row]


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar that a program may fetch again and again.

    `about` is the room, venue, volunteer, request or area, `key` how people name it, `venue` that of a room.
    `language` None: that of the area's name. `by` is who made it, `authority` by which right; it ends with that.
    """

    id: UUID
    kind: AgendaKind
    about: UUID
    key: str
    form: Form
    language: str | None
    by: str
    made: datetime
    venue: UUID | None = None
    authority: Authority | None = None

    @property
    def owner(self) -> Owner:
        return self.kind, self.about


def feed_row(secret: str, feed: Feed) -> Write:
    """The write that keeps a feed."""
    return "credentials", Row(COLLECTION, hash_of(secret), json_of(Feed).dump_json(feed), str(feed.about))


def find_feed(store: Store, secret: str) -> Feed | None:
    """The feed of a secret; None where there is none, or it was revoked."""
    body = store.rows("credentials").get(COLLECTION, hash_of(secret))
    return json_of(Feed).validate_json(body) if body else None


def feeds(store: Store, about: UUID | None = None) -> Iterator[tuple[Feed, Write]]:
    """Every feed, or those of one thing, each with the write that revokes it."""
    for row in store.rows("credentials").select(COLLECTION, str(about) if about else None):
        if row.body is not None:
            revoked: Write = "credentials", Row(COLLECTION, row.key, None, row.scope)
            yield json_of(Feed).validate_json(row.body), revoked


def feed_of(store: Store, id: UUID) -> tuple[Feed, Write]:
    """A feed by its id, with the write that revokes it. Raises NotThere."""
    for feed, revoked in feeds(store):
        if feed.id == id:
            return feed, revoked
    raise NotThere(message("there is no feed {id}; it may be revoked already", id=id))


def feeds_about(store: Store, person: UUID) -> list[Write]:
    """The writes that revoke what a person who is erased could be followed by."""
    return [revoke for _, revoke in feeds(store, person)]


def feeds_moved(store: Store, person: UUID, to: Volunteer) -> list[Write]:
    """The writes after which those who follow a record that was merged away follow the one that took its place."""
    writes: list[Write] = []
    for row in store.rows("credentials").select(COLLECTION, str(person)):
        if row.body is not None:
            moved = replace(json_of(Feed).validate_json(row.body), about=to.id, key=to.key)
            body = json_of(Feed).dump_json(moved)  # one that is revoked meanwhile does not come back
            writes.append(("credentials", Row(COLLECTION, row.key, body, str(to.id), before=row.body)))
    return writes


def is_over(volunteer: Volunteer, day: object) -> bool:
    """Whether a volunteer has left, so that nobody may follow them any longer."""
    return volunteer.left is not None and str(volunteer.left) <= str(day)
