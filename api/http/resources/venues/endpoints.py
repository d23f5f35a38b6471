"""Venues: what hosts lend, on what terms, and where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from adapters.access.targets import Target
from adapters.queries.area_queries import area_named, standing
from adapters.queries.natural_keys import ident
from adapters.queries.paging import Page
from adapters.queries.venue_queries import VenueQuery, venues
from adapters.services import venues as services
from adapters.services.venues import VenueDescription
from adapters.store.event_names import NAMES
from adapters.store.streams import VENUES
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.operations import Created, Form, Operations
from api.http.framework.parameters import At, Key, Name, NewKey, Point
from api.http.framework.query_models import PastListQuery
from domain.events import Event
from domain.messages import message
from domain.network import require_standing
from domain.venue import LendingTerms, Venue, VenueKind, venue_id

operations = Operations("venues")

MOST_CHANGES = 200


class VenueList(PastListQuery):
    area: Annotated[str | None, Query(max_length=200, description="In this area or below it, by key.")] = None
    kind: VenueKind | None = None
    sort: Literal["key", "-key", "name", "-name"] = "key"


class Registered(Form):
    """A venue to register. `area` is the key of the area that it lies in."""

    key: NewKey
    name: Name
    kind: VenueKind
    area: Annotated[str, Field(min_length=1, max_length=200)]
    location: Point


class Described(Form):
    """What a venue is, all of it: what is given takes the place of what was said before."""

    name: Name
    kind: VenueKind
    area: Annotated[str, Field(min_length=1, max_length=200)]
    location: Point


class Terms(Form):
    """Lending terms: a price for each hour, the most minutes in a week, and the notice to take a room back."""

    price: Literal["free", "reduced"] = "free"
    price_per_hour: Annotated[float, Field(ge=0, le=1e6)] = 0
    weekly_cap_minutes: Annotated[int, Field(ge=0, le=100_000)] | None = None
    recall_notice_hours: Annotated[int, Field(ge=0, le=10_000)] = 0


@dataclass(frozen=True, slots=True)
class VenueChange:
    """One event of a venue: who gave the command, and why where it asks for a reason.

    `closure` is the closure that was made or lifted, `room` the room that was taken back.
    """

    version: int
    type: str
    at: datetime
    actor: str
    why: str | None
    closure: UUID | None
    room: UUID | None


def find_venue(context: RequestContext, key: str, at: str | None = None) -> Venue:
    return context.find(VENUES, ident(key, venue_id), message("venue {key}", key=key[:80]), at)


def subject(context: CommandContext, key: str) -> Venue:
    """The venue that a command changes."""
    return context.subject(VENUES, ident(key, venue_id), message("venue {key}", key=key[:80]))


def changed(context: CommandContext, before: Venue) -> Answer:
    """The venue with what the command decided."""
    return json_response(context.after(VENUES, before.id, before))


@operations.read(
    "/venues",
    may="venues.read",
    answers=Venue,
    many=True,
    summary="List venues",
    example=examples.page(examples.VENUE),
)
def list_venues(context: RequestContext, query: VenueList) -> Answer:
    """Those that lie in the caller's part of the network."""
    venue_query = VenueQuery(query.paging(), context.today, query.area, query.kind)
    return page_response(Venue, venues(context.views(query.at), venue_query, context.visible()))


@operations.read(
    "/venues/{venue}", may="venues.read", answers=Venue, summary="Read a venue", example=examples.VENUE
)
def read_venue(context: RequestContext, venue: Key, at: At = None) -> Answer:
    """With its rooms, opening rules, terms and closures. The ETag is for If-Match."""
    return json_response(find_venue(context, venue, at))


@operations.read(
    "/venues/{venue}/changes",
    may="diaries.places.read",
    answers=VenueChange,
    many=True,
    summary="List a venue's last changes",
    example=examples.page(
        {
            "version": 7,
            "type": "lyceum.venue.closed",
            "at": "2026-11-21T09:00:00Z",
            "actor": "host-7",
            "why": "the heating is out",
            "closure": examples.CLOSURE["id"],
            "room": None,
        }
    ),
)
def list_venue_changes(context: RequestContext, venue: Key) -> Answer:
    """The last 200, the newest first."""
    id = find_venue(context, venue).id
    events = list(context.app_state.lyceum.store.events_of(id))[-MOST_CHANGES:]
    return page_response(VenueChange, Page([_change(event) for event in reversed(events)], None))


def _change(event: Event) -> VenueChange:
    closure, room = getattr(event, "closure", None), getattr(event, "room", None)
    return VenueChange(
        event.originator_version,
        f"lyceum.{NAMES[type(event)][0]}",
        event.at,
        event.by,
        getattr(event, "why", None),
        getattr(closure, "id", closure),
        getattr(room, "id", room),
    )


@operations.command(
    "/venues",
    may="venues.register",
    answers=Created(Venue),
    summary="Register a venue",
    example={
        "key": "school",
        "name": "River School",
        "kind": "school",
        "area": "river",
        "location": [29.4, 105.6],
    },
    answer_example=examples.VENUE,
)
def register_venue(context: CommandContext, form: Registered) -> Answer:
    """409 where the key is taken."""
    area = standing(context.views(), form.area, context.today)
    context.fresh(VENUES, venue_id(form.key), Target(area=area.id))
    described = VenueDescription(form.name, form.kind, area.id, form.location)
    venue = services.register_venue(context.unit, form.key, described)
    return json_response(venue, status=201, location=f"/v1/venues/{form.key}")


@operations.command(
    "/venues/{venue}/describe",
    may="venues.write",
    answers=Venue,
    summary="Describe a venue anew",
    example={"name": "River School", "kind": "school", "area": "river", "location": [29.4, 105.6]},
    answer_example=examples.VENUE,
)
def describe_venue(context: CommandContext, form: Described, venue: Key) -> Answer:
    """Into another area only by who may write there without the venue."""
    present = subject(context, venue)
    area = area_named(context.views(), form.area)
    if area.id != present.area:
        context.within(Target(area=require_standing(area, context.today).id))
    described = VenueDescription(form.name, form.kind, area.id, form.location)
    return json_response(services.describe_venue(context.unit, present.id, described))


@operations.command(
    "/venues/{venue}/lend",
    may="venues.write",
    answers=Venue,
    summary="Set a venue's lending terms",
    example={"price": "free", "weekly_cap_minutes": 600, "recall_notice_hours": 48},
    answer_example=examples.VENUE,
)
def lend_venue(context: CommandContext, form: Terms, venue: Key) -> Answer:
    """What is not given goes back to its default: free, without a cap, without notice."""
    present = subject(context, venue)
    terms = LendingTerms(form.price, form.price_per_hour, form.weekly_cap_minutes, form.recall_notice_hours)
    return json_response(services.set_lending_terms(context.unit, present.id, terms))
