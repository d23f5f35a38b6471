"""Quotas: how much of a kind one venue, volunteer, community or account may have, far above honest use.

Events are kept for ever, so what somebody may write again and again has an end. Staff, who answer for a whole area,
are bound by the numbers of a venue and a volunteer alone.
"""

from __future__ import annotations

from domain.events import Refused
from domain.messages import message

MOST_ROOMS = 200  # that a venue lends
MOST_CLOSURES = 200  # of a venue, in force or ahead
MOST_PAUSES = 60  # of a volunteer, in force or ahead
MOST_EXCEPTIONS = 400  # of a volunteer, today or ahead
MOST_OPEN_REQUESTS = 200  # of a community, that are neither over nor refused
MOST_FEEDS = 50  # of an account that is not staff's
MOST_TOKENS = 50  # of an account, that have not expired
MOST_COMMANDS_AN_HOUR = 600  # of a caller who is not staff


class QuotaReached(Refused):
    """One more of something of which there are as many as there may be."""


def require_fewer(present: int, limit: int, whose: str, what: str, instead: str) -> None:
    """Refuse one more where `present` of `limit` are there; `instead` says what can be done. Raises QuotaReached."""
    if present >= limit:
        raise QuotaReached(
            message(
                "{whose} has {present} {what} already, and {limit} are the most; {instead}",
                whose=whose,
                present=present,
                what=what,
                limit=limit,
                instead=instead,
            )
        )
