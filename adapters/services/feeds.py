"""Commands about feeds: made under an address that nobody can guess, and revoked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from adapters.application.unit_of_work import UnitOfWork, command
from adapters.exports.agendas import Kind
from adapters.feeds.feed_records import Feed, Form, feed_row, feeds
from domain.account import Authority
from domain.events import NotThere
from domain.quotas import MOST_FEEDS, require_fewer


@dataclass(frozen=True, slots=True)
class FeedDescription:
    """What a feed is about and how it is written; see `Feed`."""

    kind: Kind
    about: UUID
    key: str
    form: Form
    language: str | None
    venue: UUID | None = None


@command
def make_feed(
    unit: UnitOfWork,
    id: UUID,
    secret: str,
    described: FeedDescription,
    authority: Authority,
    *,
    rationed: bool,
) -> Feed:
    """Make a feed under a secret, by an authority with which it ends.

    With `rationed` whoever makes it may have only so many. Raises QuotaReached.
    """
    metadata = unit.metadata()
    if rationed:
        own = sum(feed.by == metadata.by for feed, _ in feeds(unit.store))
        require_fewer(own, MOST_FEEDS, "your account", "feeds", "revoke some first")
    feed = Feed(
        id,
        described.kind,
        described.about,
        described.key,
        described.form,
        described.language,
        metadata.by,
        metadata.at,
        described.venue,
        authority,
    )
    unit.commit((), [feed_row(secret, feed)])
    return feed


@command
def revoke_feed(unit: UnitOfWork, id: UUID) -> None:
    """End a feed at once, everywhere. Raises NotThere."""
    revoked = next((row for feed, row in feeds(unit.store) if feed.id == id), None)
    if revoked is None:
        raise NotThere(f"there is no feed {id}; it may be revoked already")
    unit.commit((), [revoked])
