"""What belongs to an area that ends, and which area takes it over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.messages import message
from domain.network import Area, parent_on, successor_on
from domain.request import TRANSITIONS, CourseRequest
from domain.venue import Venue, retired_before
from domain.volunteer import Volunteer

MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What goes to another area on a day, by keys; `to` is that area's key, "" where there is none."""

    to: str
    venues: tuple[str, ...]
    volunteers: tuple[str, ...]
    requests: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.venues or self.volunteers or self.requests)

    def text(self) -> str:
        """In words, with the first keys of each kind."""
        parts = [
            message("{count} venues ({keys})", count=len(self.venues), keys=_first(self.venues)),
            message("{count} volunteers ({keys})", count=len(self.volunteers), keys=_first(self.volunteers)),
            message("{count} requests ({keys})", count=len(self.requests), keys=_first(self.requests)),
        ]
        parts = [part for part in parts if part.values["count"]]
        return message("{parts}", parts=parts) if parts else message("nothing")


def _first(keys: tuple[str, ...]) -> str:
    if len(keys) <= MOST_NAMED:
        return message("{keys}", keys=keys)
    return message("{keys} and {count} more", keys=keys[:MOST_NAMED], count=len(keys) - MOST_NAMED)


def handed_on(
    network: Mapping[UUID, Area],
    area: Area,
    on: date,
    into: Area | None,
    venues: Iterable[Venue],
    volunteers: Iterable[Volunteer],
    requests: Iterable[CourseRequest],
) -> HandedOn:
    """What belongs to an area when it ends on a day; `into` takes it over, or the area around it where None.

    Who has left, what has retired and what is decided for good goes nowhere.
    """
    heir = into or network.get(parent_on(area, on) or area.id)
    known: dict[UUID, bool] = {}

    def belongs(home: UUID) -> bool:
        if home not in known:
            known[home] = successor_on(network, home, on) == area.id
        return known[home]

    return HandedOn(
        heir.key if heir is not None and heir.id != area.id else "",
        tuple(sorted(venue.key for venue in venues if belongs(venue.area) and not retired_before(venue, on))),
        tuple(
            sorted(
                volunteer.key
                for volunteer in volunteers
                if belongs(volunteer.profile.home_area) and (volunteer.left is None or volunteer.left > on)
            )
        ),
        tuple(
            sorted(
                request.key for request in requests if belongs(request.area) and TRANSITIONS[request.status]
            )
        ),
    )
