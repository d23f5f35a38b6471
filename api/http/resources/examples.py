"""Examples that stand in the interface's description, made from the records themselves so that they stay true."""

from __future__ import annotations

from typing import Any

from adapters.store.mapper import json_of
from domain import network, venue
from domain.opening import weekly

POINT = (29.4, 105.6)


def plain(record: Any) -> Any:
    """A record in the types of JSON."""
    return json_of(type(record)).dump_python(record, mode="json")


def page(*items: Any) -> dict[str, Any]:
    return {"items": list(items), "next": None}


_RIVER = network.area_id("river")
_HALL = venue.Room(venue.room_id("school", "hall"), "hall", "Hall", 60, ("projector",), turnaround_minutes=15)
VENUE = plain(
    venue.Venue(
        id=venue.venue_id("school"),
        version=4,
        key="school",
        name="River School",
        kind="school",
        area=_RIVER,
        location=POINT,
        terms=venue.LendingTerms(weekly_cap_minutes=600),
        rooms=(_HALL,),
        hours=(venue.RoomHours(None, weekly(((1, 2, 3, 4, 5), "17:00", "21:00"))),),
    )
)
