"""Rooms that stay open in a closed season of their venue, because they have opening hours of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from domain.opening import Period, can_open
from domain.venue import Room, Venue, own_hours

LONGEST = 366  # days of a season that are looked at


def open_in_closed_seasons(venue: Venue, today: date) -> Iterator[tuple[Period, Room]]:
    """Seasons from today on in which the venue is closed, each with a room that opens by hours of its own."""
    hours = own_hours(venue, None)
    for period in hours.periods if hours else ():
        first, last = period.first, period.last
        if first is None or last is None or last < today or any(rule.spans for rule in period.rules):
            continue
        days = [first + timedelta(days=day) for day in range(min((last - first).days + 1, LONGEST))]
        for room in venue.rooms:
            own = own_hours(venue, room.id)
            if own and any(can_open(own, day) for day in days):
                yield period, room
