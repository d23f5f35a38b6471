"""Diaries: what a room, a volunteer or a venue has promised in one ISO week, and when it is closed or away."""

from __future__ import annotations

from uuid import UUID

from adapters.queries.diary_queries import diary_of
from adapters.queries.natural_keys import ident
from adapters.store.mapper import json_of
from adapters.week.blocked_time import with_time_taken
from api.http.framework import examples
from api.http.framework.contexts import Answer, RequestContext
from api.http.framework.etags import of_content
from api.http.framework.operations import Operations
from api.http.framework.parameters import At, Key, Week
from api.http.resources.venues.endpoints import find_venue
from api.http.resources.volunteers.endpoints import find_volunteer
from domain.diary import Diary, Resource
from domain.messages import message
from domain.venue import UnknownRoom, Venue, room_id
from domain.volunteer import Volunteer

operations = Operations("diaries")


def _diary(
    context: RequestContext,
    kind: Resource,
    resource: UUID,
    week: str,
    at: str | None,
    state: Venue | Volunteer,
) -> Answer:
    """A week without promises is an empty diary. What is closed or away is told as it is known now."""
    shown = with_time_taken(diary_of(context.views(at), kind, resource, week), state)
    body = json_of(Diary).dump_json(shown)
    return Answer(body, etag=of_content(body))


@operations.read(
    "/diaries/venues/{venue}/{week}",
    may="diaries.places.read",
    answers=Diary,
    summary="Read a venue's diary",
    example={**examples.DIARY, "kind": "venue", "resource": examples.VENUE["id"]},
)
def read_venue_diary(context: RequestContext, venue: Key, week: Week, at: At = None) -> Answer:
    """Kept for venues with a weekly cap alone."""
    venue_state = find_venue(context, venue, at)
    return _diary(context, "venue", venue_state.id, week, at, venue_state)


@operations.read(
    "/diaries/rooms/{venue}/{room}/{week}",
    may="diaries.places.read",
    answers=Diary,
    summary="Read a room's diary",
    example=examples.DIARY,
)
def read_room_diary(context: RequestContext, venue: Key, room: Key, week: Week, at: At = None) -> Answer:
    """Rooms that are no longer lent have theirs still."""
    venue_state = find_venue(context, venue, at)
    id = ident(room, lambda key: room_id(venue_state.key, key))
    if all(candidate.id != id for candidate in (*venue_state.rooms, *venue_state.former)):
        raise UnknownRoom(
            message(
                "venue {venue_state} has no room {room}; list its rooms",
                venue_state=venue_state.key,
                room=room[:80],
            )
        )
    return _diary(context, "room", id, week, at, venue_state)


@operations.read(
    "/diaries/volunteers/{volunteer}/{week}",
    may="diaries.people.read",
    answers=Diary,
    summary="Read a volunteer's diary",
    example={**examples.DIARY, "kind": "volunteer", "resource": examples.VOLUNTEER["id"]},
)
def read_volunteer_diary(context: RequestContext, volunteer: Key, week: Week, at: At = None) -> Answer:
    person = find_volunteer(context, volunteer, at)
    return _diary(context, "volunteer", person.id, week, at, person)
