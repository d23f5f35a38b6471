"""Rooms and when they are open: what a venue lends, by which rules, and what that makes of a week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from adapters.opening_hours import UnsupportedHours, questions_on, read_with_questions
from adapters.queries.day_type_queries import day_types_around
from adapters.queries.natural_keys import ident
from adapters.queries.paging import Page
from adapters.services import venues as services
from adapters.store.streams import AREAS
from api.http.errors import HttpProblem, invalid
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.forms import PeriodForm, hours
from api.http.framework.operations import Form, Operations
from api.http.framework.parameters import At, Key, Name, NewKey, Week, Why, Word
from api.http.resources.venues.endpoints import find_venue, subject
from domain.calendar import monday
from domain.messages import message
from domain.opening import OpeningHours
from domain.venue import Room, RoomHours, UnknownRoom, Venue, find_room, open_windows, room_id
from domain.windows import Windows

operations = Operations("rooms")

RoomKey = Annotated[str, Field(min_length=1, max_length=200)]


class Opened(Form):
    """A room to open, or one that is there to be described anew. `part_of` is the key of the whole hall."""

    key: NewKey
    name: Name
    capacity: Annotated[int, Field(ge=1, le=100_000)]
    equipment: Annotated[tuple[Word, ...], Field(max_length=50)] = ()
    accessible: bool = False
    turnaround_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    part_of: RoomKey | None = None
    functions: Annotated[tuple[Word, ...], Field(max_length=50)] | None = None


class Withdrawn(Form):
    """A room that is no longer lent."""

    why: Why


class Rules(Form):
    """Opening hours: rules by season, or OpenStreetMap's text. `room` null: all rooms without hours of their own.

    `as_venue` true, in the place of both: the room has no hours of its own any more, and follows the venue.
    `accept_warnings` keeps a text that may be meant otherwise, such as one with a night.
    """

    room: RoomKey | None = None
    periods: Annotated[list[PeriodForm], Field(max_length=60)] | None = None
    osm: Annotated[str, Field(max_length=1000)] | None = None
    as_venue: bool = False
    accept_warnings: bool = False


@dataclass(frozen=True, slots=True)
class OpenWeek:
    """When a room is open in an ISO week, closures taken out: minutes from Monday 00:00, local time."""

    venue: str
    room: str
    week: str
    zone: str
    windows: Windows


def _room(venue_state: Venue, key: str) -> Room:
    room_state = find_room(venue_state, ident(key, lambda text: room_id(venue_state.key, text)))
    if room_state is None:
        keys = ", ".join(room.key for room in venue_state.rooms) or "none"
        raise UnknownRoom(
            message(
                "venue {venue_state} has no room {key}; its rooms are {keys}",
                venue_state=venue_state.key,
                key=key[:80],
                keys=keys,
            )
        )
    return room_state


@operations.read(
    "/venues/{venue}/rooms",
    may="venues.read",
    answers=Room,
    many=True,
    summary="List a venue's rooms",
    example=examples.page(examples.ROOM),
)
def list_rooms(context: RequestContext, venue: Key, at: At = None) -> Answer:
    return page_response(Room, Page(find_venue(context, venue, at).rooms, None))


@operations.read(
    "/venues/{venue}/rooms/{room}",
    may="venues.read",
    answers=Room,
    summary="Read a room",
    example=examples.ROOM,
)
def read_room(context: RequestContext, venue: Key, room: Key, at: At = None) -> Answer:
    return json_response(_room(find_venue(context, venue, at), room))


@operations.read(
    "/venues/{venue}/rooms/{room}/open/{week}",
    may="venues.read",
    answers=OpenWeek,
    summary="Say when a room is open in a week",
    example={
        "venue": "school",
        "room": "hall",
        "week": "2026-W49",
        "zone": "Asia/Shanghai",
        "windows": [{"start_min": 1020, "end_min": 1260}],
    },
)
def read_open_windows(context: RequestContext, venue: Key, room: Key, week: Week, at: At = None) -> Answer:
    """Rules, seasons, day types and closures put together; sessions do not count."""
    views, venue_state = context.views(at), find_venue(context, venue, at)
    room_state = _room(venue_state, room)
    area = views.get(AREAS, venue_state.area)
    windows = open_windows(
        venue_state, room_state.id, week, day_types_around(views, venue_state.area, monday(week))
    )
    return json_response(
        OpenWeek(venue_state.key, room_state.key, week, area.zone if area else "UTC", windows)
    )


@operations.command(
    "/venues/{venue}/rooms",
    may="venues.write",
    answers=Venue,
    summary="Open a room, or describe it anew",
    example={"key": "hall", "name": "Hall", "capacity": 60, "turnaround_minutes": 15},
    answer_example=examples.VENUE,
)
def open_room(context: CommandContext, form: Opened, venue: Key) -> Answer:
    """What is not given goes back to its default. A new room is closed where its venue is."""
    venue_state = subject(context, venue)
    room = Room(
        id=room_id(venue_state.key, form.key),
        key=form.key,
        name=form.name,
        capacity=form.capacity,
        equipment=tuple(form.equipment),
        accessible=form.accessible,
        turnaround_minutes=form.turnaround_minutes,
        part_of=None if form.part_of is None else _room(venue_state, form.part_of).id,
        functions=None if form.functions is None else tuple(form.functions),
    )
    return json_response(services.open_room(context.unit, venue_state.id, room))


@operations.command(
    "/venues/{venue}/rooms/{room}/withdraw",
    lane="large",
    may="venues.write",
    answers=Venue,
    summary="Take a room back",
    example={"why": "the room becomes an office"},
    answer_example=examples.VENUE,
)
def withdraw_room(context: CommandContext, form: Withdrawn, venue: Key, room: Key) -> Answer:
    """The parts of a hall go with it. Weeks that are released name it still; plan them again."""
    venue_state = subject(context, venue)
    return json_response(
        services.withdraw_room(context.unit, venue_state.id, _room(venue_state, room).id, form.why)
    )


@operations.read(
    "/venues/{venue}/opening-rules",
    may="venues.read",
    answers=RoomHours,
    many=True,
    summary="List a venue's opening rules",
    example=examples.page(*examples.VENUE["hours"]),
)
def list_opening_rules(context: RequestContext, venue: Key, at: At = None) -> Answer:
    """`room` null: they hold for each room without rules of its own."""
    return page_response(RoomHours, Page(find_venue(context, venue, at).hours, None))


@operations.command(
    "/venues/{venue}/opening-rules",
    may="venues.write",
    answers=Venue,
    summary="Set opening rules",
    example={"osm": "Mo-Fr 17:00-21:00; PH off"},
    answer_example=examples.VENUE,
)
def set_opening_rules(context: CommandContext, form: Rules, venue: Key) -> Answer:
    """They take the place of the rules that the venue, or the room, had."""
    venue_state = subject(context, venue)
    room: UUID | None = None if form.room is None else _room(venue_state, form.room).id
    if form.as_venue:
        _check_removal(form)
        after = (
            venue_state if room is None else services.remove_opening_hours(context.unit, venue_state.id, room)
        )
        return json_response(after)
    return json_response(services.set_opening_hours(context.unit, venue_state.id, room, _hours(form)))


def _check_removal(form: Rules) -> None:
    if form.room is None:
        raise invalid(
            "body", "as_venue", message("is for a room; name the room, or give the venue periods or osm")
        )
    if form.periods is not None or form.osm is not None:
        raise invalid("body", "as_venue", message("stands alone; leave periods and osm out"))


def _hours(form: Rules) -> OpeningHours:
    if (form.periods is None) == (form.osm is None):
        raise invalid("body", "periods", message("give either periods or osm"))
    if form.osm is None:
        return hours(form.periods or [])
    try:
        read = read_with_questions(form.osm)
    except UnsupportedHours as error:
        raise invalid("body", "osm", str(error)) from None
    questions = questions_on(read)
    if questions and not form.accept_warnings:
        raise HttpProblem("hours-odd", message("{questions:; }", questions=questions))
    return read.hours
