"""The audit feed: every event, as CloudEvents 1.0, in the order in which it happened.

No event has anything personal in it; a reason is what somebody wrote for others to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query

from adapters.access.targets import Target, target_of
from adapters.branches.adopting import BroughtBy, brought_by_branches
from adapters.queries.area_queries import area_named
from adapters.queries.event_queries import EventQuery, events, latest_events, type_of
from adapters.queries.natural_keys import ident
from adapters.store.event_names import NAMES, topic_of
from adapters.store.mapper import ENVELOPE, json_of
from adapters.store.store import Recorded
from adapters.store.streams import REQUESTS, VENUES, VOLUNTEERS, Stream
from api.http.errors import invalid
from api.http.framework.contexts import JSON, Answer, RequestContext
from api.http.framework.etags import of_content
from api.http.framework.operations import Operations
from api.http.framework.parameters import WeekFilter
from api.http.framework.query_models import MAX_LIMIT, QueryModel
from domain.events import NotThere
from domain.messages import message
from domain.request import request_id
from domain.timetable import timetable_id
from domain.venue import venue_id
from domain.volunteer import volunteer_id

operations = Operations("events")

BATCH = "application/cloudevents-batch+json"
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
        "branch": {"type": "string", "description": "The what-if branch that it came by, if any."},
        "branchactor": {"type": "string", "description": "Who wrote the change in that branch, by id."},
        "data": {"type": "object"},
    },
}
FEED: dict[str, Any] = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": EVENT},
        "next": {
            "type": "integer",
            "description": "`after` of the next page, also when there is none yet; with `newest` its `until`.",
        },
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


class EventList(QueryModel):
    after: Annotated[int, Query(ge=0, le=10**15, description="Only events after this position.")] = 0
    until: Annotated[int | None, Query(ge=0, le=10**15, description="Up to this position.")] = None
    type: Annotated[
        str | None,
        Query(max_length=80, description="Only events of this type.", json_schema_extra={"enum": TYPES}),
    ] = None
    area: Annotated[str | None, Query(max_length=200, description="Only of this area, by key.")] = None
    week: Annotated[WeekFilter | None, Query(description="With area: of its timetable.")] = None
    venue: Annotated[str | None, Query(max_length=200, description="Only of this venue, by key.")] = None
    volunteer: Annotated[str | None, Query(max_length=200, description="Only of this one, by key.")] = None
    request: Annotated[str | None, Query(max_length=200, description="Only of this request, by key.")] = None
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100


class EventFeed(EventList):
    newest: Annotated[
        bool,
        Query(description="The newest first; go on with `until` = `next`, as long as that is above `after`."),
    ] = False


@operations.read(
    "/events",
    lane="slow",
    may="events.read",
    answers=FEED,
    summary="Read what happened",
    example={"items": [EXAMPLE], "next": 812},
)
def list_events(context: RequestContext, query: EventFeed) -> Answer:
    """Who did what, when and why. Go on with `after` = `next`, or the `position` of the last event that you have.

    A filter may leave a page with few items or none; a poll that finds nothing new says so in 304.

    A coordinator names the area, venue, volunteer or request; who may read everything need not.
    """
    items, reached = _cloud_events(context, query, newest=query.newest)
    body = orjson.dumps({"items": items, "next": reached})
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
def read_batch(context: RequestContext, query: EventList) -> Answer:
    """The same events in the batched content mode of CloudEvents, for programs that read it.

    The header Link says where to go on, also when there is nothing yet.
    """
    items, reached = _cloud_events(context, query)
    body = orjson.dumps(items)
    following = context.request.url.include_query_params(after=reached)
    link = f'<{following.path}?{following.query}>; rel="next"'
    return Answer(body, etag=of_content(body), headers={"Link": link}, media=BATCH)


def _cloud_events(
    context: RequestContext, query: EventList, *, newest: bool = False
) -> tuple[list[dict[str, Any]], int]:
    recorded_events, reached = _events(context, query, newest=newest)
    brought = brought_by_branches(context.app_state.lyceum.store) if recorded_events else {}
    return [_cloud_event(recorded, brought) for recorded in recorded_events], reached


def _events(context: RequestContext, query: EventList, *, newest: bool) -> tuple[list[Recorded], int]:
    """Up to so many events, and the position that was reached."""
    stream = _about(context, query)
    if query.type is not None and query.type not in TYPES:
        raise invalid("query", "type", message("is no type of event"), query.type)
    read = latest_events if newest else events
    return read(
        context.app_state.lyceum.store,
        EventQuery(query.after, query.limit, query.until, query.type, stream),
    )


def _about(context: RequestContext, query: EventList) -> UUID | None:
    """The stream that is asked for; None for all. Judges the caller's scope where one is named."""
    subjects = (query.area, query.venue, query.volunteer, query.request)
    if sum(subject is not None for subject in subjects) > 1:
        raise invalid("query", "area", message("give one of area, venue, volunteer and request"))
    if query.week is not None and query.area is None:
        raise invalid("query", "week", message("needs area: a timetable is that of an area and a week"))
    if query.area is not None:
        area = area_named(context.views(), query.area)
        context.within(Target(area=area.id))
        return timetable_id(area.id, query.week) if query.week else area.id
    if query.venue is not None:
        return _stream(
            context, VENUES, ident(query.venue, venue_id), message("venue {key}", key=query.venue[:80])
        )
    if query.volunteer is not None:
        id = ident(query.volunteer, volunteer_id)
        return _stream(context, VOLUNTEERS, id, message("volunteer {key}", key=query.volunteer[:80]))
    if query.request is not None:
        return _stream(
            context,
            REQUESTS,
            ident(query.request, request_id),
            message("request {key}", key=query.request[:80]),
        )
    return None


def _stream(context: RequestContext, stream: Stream[Any], id: UUID, what: str) -> UUID:
    state = context.views().get(stream, id)
    if state is None:
        raise NotThere(message("there is no {what}; check the spelling", what=what))
    context.within(target_of(state))
    return id


def _cloud_event(recorded: Recorded, brought: Mapping[tuple[UUID, int], BroughtBy]) -> dict[str, Any]:
    event = recorded.event
    way = brought.get((event.originator_id, event.originator_version))
    cls = event.__class__
    return {
        "specversion": "1.0",
        "id": f"{event.originator_id}:{event.originator_version}",
        "source": "/v1/events",
        "type": type_of(recorded),
        "subject": str(event.originator_id),
        "time": event.at.isoformat(),
        "datacontenttype": JSON,
        "dataschema": f"lyceum:{topic_of(cls)}",
        "actor": event.by,
        "position": recorded.position,
        **({} if way is None else {"branch": way.branch, "branchactor": way.by}),
        "data": json_of(cls).dump_python(event, mode="json", exclude={*ENVELOPE, "at", "by"}),
    }
