"""Feeds: calendars that programs fetch again and again, under addresses that nobody can guess."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query
from fastapi.routing import APIRoute

from adapters.access.login_sessions import new_secret
from adapters.access.targets import Target, target_of
from adapters.exports.agendas import AgendaKind
from adapters.feeds.feed_records import Feed, Form, feed_of, find_feed
from adapters.feeds.feed_records import feeds as all_feeds
from adapters.queries.area_queries import area_named
from adapters.queries.natural_keys import ident
from adapters.queries.paging import SortKey, page
from adapters.services import feeds as services
from adapters.store.mapper import json_of
from adapters.store.streams import AREAS, REQUESTS, VENUES, VOLUNTEERS, Stream
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.etags import http_date, of_content
from api.http.framework.operations import Created, Operations
from api.http.framework.operations import Form as Body
from api.http.framework.parameters import Key
from api.http.framework.query_models import ListQuery
from api.http.resources.requests.endpoints import find_request
from api.http.resources.venues.endpoints import find_venue
from api.http.resources.volunteers.endpoints import find_volunteer
from domain.events import NotThere
from domain.messages import message
from domain.venue import UnknownRoom, find_room, room_id
from domain.volunteer import refuse_merged

operations = Operations("feeds")

STREAMS: dict[AgendaKind, Stream[Any]] = {
    "area": AREAS,
    "venue": VENUES,
    "room": VENUES,
    "request": REQUESTS,
    "volunteer": VOLUNTEERS,
}

CALENDAR = "text/calendar"
A_SECOND = timedelta(seconds=1)
Secret = Annotated[str, Path(min_length=1, max_length=200, description="What the address was made with.")]
FeedId = Annotated[UUID, Path(description="The id of a feed, as the list tells it.")]
Language = Literal["en", "zh"]


class CalendarForm(Body):
    """`language` of the words in it; null: that of the area's name."""

    language: Language | None = None


class FeedForm(CalendarForm):
    """`free-busy` tells when it is taken, and not what for."""

    form: Form = "calendar"


@dataclass(frozen=True, slots=True)
class FeedNote:
    """A feed without its secret. `key` is that of what it is about; `by` is who made it."""

    id: UUID
    kind: AgendaKind
    about: UUID
    key: str
    form: Form
    language: str | None
    by: str
    made: datetime


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed and its address, which is told this once: null where the answer is given again."""

    feed: FeedNote
    url: str | None


@dataclass(frozen=True, slots=True)
class Revoked:
    id: UUID
    revoked: bool


NOTE = {
    "id": "0c7a6d3e-0000-4000-8000-000000000001",
    "kind": "venue",
    "about": examples.VENUE["id"],
    "key": "school",
    "form": "calendar",
    "language": None,
    "by": "coordinator-7",
    "made": "2026-11-21T09:00:00Z",
}
NEW = {"feed": NOTE, "url": "https://lyceum.example/v1/feeds/iVQ0X3n6VtW1l1H1w8mYyLr8mVtQv8H6i0sNn3a4V2c.ics"}


# ---- Making


@operations.command(
    "/areas/{area}/feeds",
    may="feeds.areas",
    answers=Created(NewFeed),
    summary="Make a calendar feed of an area",
    example={"language": "en"},
    answer_example=NEW,
)
def feed_area(context: CommandContext, form: CalendarForm, area: Key) -> Answer:
    """Every released session in the area and below it."""
    record = area_named(context.now, area)
    context.within(target_of(record))
    return _make_feed(context, "area", record.id, record.key, form)


@operations.command(
    "/venues/{venue}/feeds",
    may="feeds.venues",
    answers=Created(NewFeed),
    summary="Make a feed of a venue",
    example={"form": "calendar"},
    answer_example=NEW,
)
def feed_venue(context: CommandContext, form: FeedForm, venue: Key) -> Answer:
    """Its free/busy feed is busy when one of its rooms is, and closed when all are."""
    record = find_venue(context, venue)
    return _make_feed(context, "venue", record.id, record.key, form)


@operations.command(
    "/venues/{venue}/rooms/{room}/feeds",
    may="feeds.venues",
    answers=Created(NewFeed),
    summary="Make a feed of a room",
    example={"form": "free-busy"},
    answer_example=NEW,
)
def feed_room(context: CommandContext, form: FeedForm, venue: Key, room: Key) -> Answer:
    host = find_venue(context, venue)
    record = find_room(host, ident(room, lambda key: room_id(host.key, key)))
    if record is None:
        raise UnknownRoom(
            message("venue {host} has no room {room}; list its rooms", host=host.key, room=room[:80])
        )
    return _make_feed(context, "room", record.id, f"{host.key}/{record.key}", form, venue=host.id)


@operations.command(
    "/requests/{request}/feeds",
    may="feeds.requests",
    answers=Created(NewFeed),
    summary="Make a calendar feed of a request",
    example={"language": "en"},
    answer_example=NEW,
)
def feed_request(context: CommandContext, form: CalendarForm, request: Key) -> Answer:
    record = find_request(context, request)
    return _make_feed(context, "request", record.id, record.key, form)


@operations.command(
    "/volunteers/{volunteer}/feeds",
    may="feeds.volunteers",
    answers=Created(NewFeed),
    summary="Make a feed of a volunteer",
    example={"form": "calendar"},
    answer_example=NEW,
)
def feed_volunteer(context: CommandContext, form: FeedForm, volunteer: Key) -> Answer:
    """Courses, times and places, no name of anybody. It ends when the volunteer leaves or is erased."""
    person = find_volunteer(context, volunteer)
    refuse_merged(person)
    return _make_feed(context, "volunteer", person.id, person.key, form)


def _make_feed(
    context: CommandContext,
    kind: AgendaKind,
    about: UUID,
    key: str,
    form: CalendarForm,
    venue: UUID | None = None,
) -> Answer:
    context.match(0)
    shape = form.form if isinstance(form, FeedForm) else "calendar"
    secret, metadata = new_secret(), context.unit.metadata()
    feed = Feed(
        context.app_state.ids(),
        kind,
        about,
        key,
        shape,
        form.language,
        metadata.by,
        metadata.at,
        venue,
        context.authority_for(context.targets[-1] if context.targets else Target()),
    )
    services.make_feed(context.unit, secret, feed, rationed=not context.is_staff)
    answer = NewFeed(_note(feed), f"{_base(context)}/v1/feeds/{secret}.ics")
    return replace(
        json_response(answer, status=201), stored_body=json_of(NewFeed).dump_json(replace(answer, url=None))
    )


def _base(context: RequestContext) -> str:
    """Where people reach the interface: as configured, else as this caller did."""
    return (context.app_state.settings.public_url or str(context.request.base_url)).rstrip("/")


def _note(feed: Feed) -> FeedNote:
    return FeedNote(feed.id, feed.kind, feed.about, feed.key, feed.form, feed.language, feed.by, feed.made)


# ---- Listing and revoking


class FeedList(ListQuery):
    kind: Annotated[AgendaKind | None, Query(description="Only of such things.")] = None
    sort: Literal["key", "-key", "made", "-made"] = "made"


@operations.read(
    "/feeds",
    may="feeds.read",
    answers=FeedNote,
    many=True,
    summary="List feeds",
    example=examples.page(NOTE),
)
def list_feeds(context: RequestContext, query: FeedList) -> Answer:
    """Those that you made and those of what is in your part of the network, without their secrets."""
    feed_notes = [
        _note(feed)
        for feed, _ in all_feeds(context.app_state.lyceum.store)
        if query.kind in (None, feed.kind) and _may(context, feed)
    ]
    context.judged = True
    keys: dict[str, SortKey[FeedNote]] = {
        "key": lambda note: note.key,
        "made": lambda note: note.made.isoformat(),
    }
    return page_response(FeedNote, page(feed_notes, keys, lambda note: str(note.id), query.paging()))


@operations.command(
    "/feeds/{feed}/revoke",
    may="feeds.revoke",
    answers=Revoked,
    summary="Revoke a feed",
    answer_example={"id": NOTE["id"], "revoked": True},
)
def revoke_feed(context: CommandContext, feed: FeedId) -> Answer:
    """At once, everywhere: its address is found no more."""
    subject, _ = feed_of(context.unit.store, feed)
    if not _may(context, subject):
        context.within(_target(context, subject))
    context.judged = True
    context.match(0)
    services.revoke_feed(context.unit, feed)
    return json_response(Revoked(feed, revoked=True))


def _may(context: RequestContext, feed: Feed) -> bool:
    return feed.by == context.caller.actor or context.reaches(_target(context, feed))


def _target(context: RequestContext, feed: Feed) -> Target:
    """Where a feed lies in the network: where what it is about does."""
    state = context.now.get(STREAMS[feed.kind], feed.venue or feed.about)
    return Target() if state is None else target_of(state)


# ---- Reading


@operations.read(
    "/feeds/{secret}.ics",
    lane="feed",
    may="feeds.calendar.read",
    answers={"type": "string"},
    summary="Fetch a feed",
    example="BEGIN:VCALENDAR\r\nVERSION:2.0\r\n...",
    media=(CALENDAR,),
)
def read_feed(context: RequestContext, secret: Secret) -> Answer:
    """For calendar programs: no sign-in, the address is the key. Ask again with If-None-Match or If-Modified-Since."""
    app_state = context.app_state
    feed = find_feed(app_state.lyceum.store, secret)
    if feed is None or not context.rights.is_effective(feed.authority):
        raise NotThere(message("there is no such feed; it may be revoked"))
    now = app_state.lyceum.clock()
    ready = app_state.feeds.ready(app_state.lyceum.store, context.now, feed, now)
    headers = {"Cache-Control": "private, no-cache"}
    if now - ready.modified > A_SECOND:  # what happens within the same second would have the same date
        headers["Last-Modified"] = http_date(ready.modified)
    return Answer(ready.body, etag=of_content(ready.body), headers=headers, media=CALENDAR)


# HEAD tells the same without the body
[_fetch] = (route for route in operations.routes if isinstance(route, APIRoute) and route.name == "read_feed")
operations.add_api_route("/feeds/{secret}.ics", _fetch.endpoint, methods=["HEAD"], include_in_schema=False)
