"""Closures: a host takes time back, and everybody whom it touches is named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field

from adapters.queries.paging import Page
from adapters.services import closures as adapter
from adapters.store.streams import VENUES
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.etags import of_version
from api.http.framework.operations import Form, Operations
from api.http.framework.parameters import At, DayField, Key, Why
from api.http.resources.venues.endpoints import changed, find_venue, subject
from domain.events import NotThere
from domain.messages import message
from domain.venue import Closure, Venue, closure_id, room_id, same_closure
from domain.windows import DAY_MIN

operations = Operations("closures")


class Closed(Form):
    """From `first` to `last`, both included, or a part of each of these days. `rooms` empty: the whole venue."""

    first: DayField
    last: DayField | None = None
    rooms: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=200)
    ] = ()
    start_min: Annotated[int, Field(ge=0, lt=DAY_MIN)] = 0
    end_min: Annotated[int, Field(gt=0, le=DAY_MIN)] = DAY_MIN
    why: Why
    emergency: bool = False


class VenueRetired(Form):
    """From `on` the venue lends nothing any more; null: it lends again."""

    on: DayField | None
    why: Why


class Reopened(Form):
    """Why a closure is lifted."""

    why: Why


@dataclass(frozen=True, slots=True)
class ClosedVenue:
    """The venue afterwards, and the closure."""

    venue: Venue
    closure: UUID


@operations.read(
    "/venues/{venue}/closures",
    may="venues.read",
    answers=Closure,
    many=True,
    summary="List a venue's closures",
    example=examples.page(examples.CLOSURE),
)
def list_closures(context: RequestContext, venue: Key, at: At = None) -> Answer:
    closures = sorted(
        find_venue(context, venue, at).closures, key=lambda closure: (closure.first, str(closure.id))
    )
    return page_response(Closure, Page(closures, None))


@operations.command(
    "/venues/{venue}/close",
    lane="large",
    may="venues.close",
    answers=ClosedVenue,
    summary="Close a venue, or some of its rooms",
    example={"first": "2026-12-02", "why": "the heating is out", "emergency": True},
    answer_example={"venue": examples.VENUE, "closure": examples.CLOSURE["id"]},
)
def close_venue(context: CommandContext, form: Closed, venue: Key) -> Answer:
    """An emergency needs no notice."""
    closed_venue = subject(context, venue)
    last = form.last or form.first
    rooms = tuple(room_id(closed_venue.key, key) for key in form.rooms)
    ordered = Closure(closed_venue.id, form.first, last, rooms, form.start_min, form.end_min)
    closure = replace(ordered, id=closure_id(closed_venue.key, ordered))
    adapter.close_venue(context.unit, closed_venue.key, closure, form.why, emergency=form.emergency)
    after = context.after(VENUES, closed_venue.id, closed_venue)
    stands = same_closure(after, closure) or closure
    return json_response(ClosedVenue(after, stands.id), etag=of_version(after.version))


@operations.command(
    "/venues/{venue}/closures/{closure}/lift",
    lane="large",
    may="venues.close",
    answers=Venue,
    summary="Lift a closure",
    example={"why": "the heating works again"},
    answer_example=examples.VENUE,
)
def lift_closure(
    context: CommandContext,
    form: Reopened,
    venue: Key,
    closure: Annotated[UUID, Path(description="The closure's id.")],
) -> Answer:
    """In the venue and in every diary that it was written into."""
    closed_venue = subject(context, venue)
    if not adapter.reopen_venue(context.unit, closed_venue.key, closure, form.why):
        raise NotThere(
            message(
                "{closed_venue} has no closure {closure}; list its closures",
                closed_venue=closed_venue.key,
                closure=closure,
            )
        )
    return changed(context, closed_venue)


@operations.command(
    "/venues/{venue}/retire",
    may="venues.close",
    answers=Venue,
    summary="Note that a venue lends nothing any more",
    example={"on": "2027-01-31", "why": "the school moves out"},
    answer_example={**examples.VENUE, "retired": "2027-01-31"},
)
def retire_venue(context: CommandContext, form: VenueRetired, venue: Key) -> Answer:
    """Its rooms, rules and history stay. A second call with another day corrects the first."""
    closed_venue = subject(context, venue)
    adapter.retire_venue(context.unit, closed_venue.key, form.on, form.why)
    return changed(context, closed_venue)
