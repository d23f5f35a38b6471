"""The audit feed: every event, as CloudEvents 1.0, in the order in which it happened.

No event has anything personal in it; a reason is what somebody wrote for others to read.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query

from adapters.access.targets import Target, target_of
from adapters.store.event_names import NAMES, topic_of
from adapters.store.mapper import ENVELOPE, json_of
from adapters.store.store import Recorded
from adapters.store.streams import REQUESTS, VENUES, VOLUNTEERS, Stream
from api.http.errors import invalid
from api.http.framework.area_lookup import area_named
from api.http.framework.contexts import JSON, Answer, RequestContext
from api.http.framework.etags import of_content
from api.http.framework.operations import Operations
from api.http.framework.paging import MOST
from api.http.framework.parameters import WeekFilter, ident
from domain.events import NotThere
from domain.request import request_id
from domain.timetable import timetable_id
from domain.venue import venue_id
from domain.volunteer import volunteer_id

operations = Operations("events")

BATCH = "application/cloudevents-batch+json"
PAGE = 1000
MOST_READ = 5000  # in one request, however few of them are asked for
TYPES = sorted(f"lyceum.{name}" for name, _ in NAMES.values())
EVENT: dict[str, Any] = {
    "type": "object",
    "required": [
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "datacontenttype",
        "dataschema",
        "actor",
        "position",
        "data",
    ],
    "properties": {
        "specversion": {"type": "string", "const": "1.0"},
        "id": {"type": "string", "description": "Stream and version: unique, and the same for ever."},
        "source": {"type": "string", "format": "uri-reference"},
        "type": {"type": "string", "enum": TYPES},
        "subject": {"type": "string", "description": "The id of the stream."},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"type": "string", "const": JSON},
        "dataschema": {
            "type": "string",
            "format": "uri",
            "description": "The name and version of the event's form.",
        },
        "actor": {"type": "string", "description": "Who gave the command, by id."},
        "position": {"type": "integer", "description": "Its place in the order of all events."},
        "data": {"type": "object"},
    },
}
FEED: dict[str, Any] = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": EVENT},
        "next": {"type": "integer", "description": "`after` of the next page, also when there is none yet."},
    },
}


EXAMPLE = {
    "specversion": "1.0",
    "id": "0c7a6d3e-0000-5000-8000-000000000001:7",
    "source": "/v1/events",
    "type": "lyceum.venue.closed",
    "subject": "0c7a6d3e-0000-5000-8000-000000000001",
    "time": "2026-11-21T09:00:00Z",
    "datacontenttype": "application/json",
    "dataschema": "lyceum:venue.closed/1",
    "actor": "coordinator-7",
    "position": 812,
    "data": {"why": "the heating is out"},
}
After = Annotated[int, Query(ge=0, le=10**15, description="Only events after this position.")]
Until = Annotated[int | None, Query(ge=0, le=10**15, description="Up to this position.")]
Type = Annotated[
    str | None,
    Query(max_length=80, description="Only events of this type.", json_schema_extra={"enum": TYPES}),
]
OfArea = Annotated[str | None, Query(max_length=200, description="Only of this area, by key.")]
OfWeek = Annotated[WeekFilter | None, Query(description="With area: of its timetable.")]
OfVenue = Annotated[str | None, Query(max_length=200, description="Only of this venue, by key.")]
OfVolunteer = Annotated[str | None, Query(max_length=200, description="Only of this one, by key.")]
OfRequest = Annotated[str | None, Query(max_length=200, description="Only of this request, by key.")]
Most = Annotated[int, Query(ge=1, le=MOST)]


@operations.read(
    "/events",
    lane="slow",
    may="events.read",
    answers=FEED,
    summary="Read what happened",
    example={"items": [EXAMPLE], "next": 812},
)
def list_events(
    context: RequestContext,
    after: After = 0,
    until: Until = None,
    type: Type = None,
    area: OfArea = None,
    week: OfWeek = None,
    venue: OfVenue = None,
    volunteer: OfVolunteer = None,
    request: OfRequest = None,
    limit: Most = 100,
) -> Answer:
    """Who did what, when and why. Go on with `after` = `next`, or the `position` of the last event that you have.

    A filter may leave a page with few items or none; a poll that finds nothing new says so in 304.

    A coordinator names the area, venue, volunteer or request; who may read everything need not.
    """
    about = _about(context, area, week, venue, volunteer, request)
    recordeds, reached = _page(context, after, until, _known(type), about, limit)
    body = orjson.dumps({"items": [_cloud_event(recorded) for recorded in recordeds], "next": reached})
    return Answer(body, etag=of_content(body))


@operations.read(
    "/events/batch",
    lane="slow",
    may="events.read",
    answers={"type": "array", "items": EVENT},
    summary="Read what happened as a batch of CloudEvents",
    example=[EXAMPLE],
    media=(BATCH,),
)
def read_batch(
    context: RequestContext,
    after: After = 0,
    until: Until = None,
    type: Type = None,
    area: OfArea = None,
    week: OfWeek = None,
    venue: OfVenue = None,
    volunteer: OfVolunteer = None,
    request: OfRequest = None,
    limit: Most = 100,
) -> Answer:
    """The same events in the batched content mode of CloudEvents, for programs that read it.

    The header Link says where to go on, also when there is nothing yet.
    """
    about = _about(context, area, week, venue, volunteer, request)
    recordeds, reached = _page(context, after, until, _known(type), about, limit)
    body = orjson.dumps([_cloud_event(recorded) for recorded in recordeds])
    following = context.request.url.include_query_params(after=reached)
    link = f'<{following.path}?{following.query}>; rel="next"'
    return Answer(body, etag=of_content(body), headers={"Link": link}, media=BATCH)


def _known(type: str | None) -> str | None:
    if type is not None and type not in TYPES:
        raise invalid("query", "type", "is no type of event", type)
    return type


def _about(
    context: RequestContext,
    area: str | None,
    week: str | None,
    venue: str | None,
    volunteer: str | None,
    request: str | None,
) -> UUID | None:
    """The stream that is asked for; None for all. Judges the caller's scope where one is named."""
    if sum(one is not None for one in (area, venue, volunteer, request)) > 1:
        raise invalid("query", "area", "give one of area, venue, volunteer and request")
    if week is not None and area is None:
        raise invalid("query", "week", "needs area: a timetable is that of an area and a week")
    if area is not None:
        place = area_named(context.views(), area)
        context.within(Target(area=place.id))
        return timetable_id(place.id, week) if week else place.id
    if venue is not None:
        return _stream(context, VENUES, ident(venue, venue_id), f"venue {venue}")
    if volunteer is not None:
        return _stream(context, VOLUNTEERS, ident(volunteer, volunteer_id), f"volunteer {volunteer}")
    if request is not None:
        return _stream(context, REQUESTS, ident(request, request_id), f"request {request}")
    return None


def _stream(context: RequestContext, stream: Stream[Any], id: UUID, what: str) -> UUID:
    state = context.views().get(stream, id)
    if state is None:
        raise NotThere(f"there is no {what[:90]}; check the spelling")
    context.within(target_of(state))
    return id


def _page(
    context: RequestContext, after: int, until: int | None, type: str | None, about: UUID | None, limit: int
) -> tuple[list[Recorded], int]:
    """Up to so many events, and the position that was reached."""
    recordeds: list[Recorded] = []
    reached = after
    some = limit if type is None and about is None else PAGE
    for seen, recorded in enumerate(context.app_state.lyceum.store.history(after, until, some), 1):
        reached = recorded.position
        if about in (None, recorded.event.originator_id) and type in (None, _type(recorded)):
            recordeds.append(recorded)
        if len(recordeds) == limit or seen == MOST_READ:
            break
    return recordeds, reached


def _type(recorded: Recorded) -> str:
    return f"lyceum.{NAMES[recorded.event.__class__][0]}"


def _cloud_event(recorded: Recorded) -> dict[str, Any]:
    event = recorded.event
    cls = event.__class__
    return {
        "specversion": "1.0",
        "id": f"{event.originator_id}:{event.originator_version}",
        "source": "/v1/events",
        "type": _type(recorded),
        "subject": str(event.originator_id),
        "time": event.at.isoformat(),
        "datacontenttype": JSON,
        "dataschema": f"lyceum:{topic_of(cls)}",
        "actor": event.by,
        "position": recorded.position,
        "data": json_of(cls).dump_python(event, mode="json", exclude={*ENVELOPE, "at", "by"}),
    }
