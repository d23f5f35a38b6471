"""Commands about feeds: made under an address that nobody can guess, and revoked."""

from __future__ import annotations

from uuid import UUID

from adapters.application.unit_of_work import UnitOfWork, command
from adapters.feeds.feed_records import Feed, feed_of, feed_row, feeds
from domain.messages import message
from domain.quotas import MOST_FEEDS, require_fewer


@command
def make_feed(unit: UnitOfWork, secret: str, feed: Feed, *, rationed: bool) -> None:
    """Make a feed under a secret. With `rationed` whoever makes it may have only so many. Raises QuotaReached."""
    if rationed:
        own = sum(present.by == feed.by for present, _ in feeds(unit.store))
        require_fewer(
            own, MOST_FEEDS, message("your account"), message("feeds"), message("revoke some first")
        )
    unit.commit((), [feed_row(secret, feed)])


@command
def revoke_feed(unit: UnitOfWork, id: UUID) -> None:
    """End a feed at once, everywhere. Raises NotThere."""
    unit.commit((), [feed_of(unit.store, id)[1]])
