"""Lookup of sessions, rooms and people by the keys that a caller writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Annotated
from uuid import UUID

from pydantic import Field

from adapters.queries.natural_keys import ident
from adapters.services.adjusting import PickedUpFrom
from api.http.errors import invalid
from api.http.framework.operations import Form
from domain.messages import message
from domain.request import request_id
from domain.timetable import Session
from domain.venue import room_id, venue_id
from domain.volunteer import volunteer_id
from domain.windows import DAY_MIN, Window

SomeKey = Annotated[str, Field(min_length=1, max_length=200)]


class MovedFrom(Form):
    """Where a session was when it was picked up, in minutes from Monday 00:00; all null: it had no place."""

    venue: SomeKey | None = None
    room: SomeKey | None = None
    start_min: Annotated[int, Field(ge=0, lt=7 * DAY_MIN)] | None = None

    def picked_up_from(self) -> PickedUpFrom:
        """By ids. Raises a problem where a part of it is left out."""
        if (self.venue is None, self.room is None) != (self.start_min is None, self.start_min is None):
            raise invalid("body", "moved_from", message("needs venue, room and start_min, or none of them"))
        if self.venue is None or self.room is None:
            return PickedUpFrom()
        room = ident(self.room, partial(room_id, self.venue))
        return PickedUpFrom(ident(self.venue, venue_id), room, self.start_min)


class SessionForm(Form):
    """One session of a request in the week: `session` counts from 1.

    With `moved_from` a change of this session since then is a conflict (`session-changed`), whatever else has changed.
    """

    request: SomeKey
    session: Annotated[int, Field(ge=1, le=1000)] = 1
    moved_from: MovedFrom | None = None


class PlacedForm(SessionForm):
    """Where a session shall go; what is null stays as it is. `start_min` in minutes from Monday 00:00, local time."""

    start_min: Annotated[int, Field(ge=0, lt=7 * DAY_MIN)] | None = None
    venue: SomeKey | None = None
    room: SomeKey | None = None
    leads: Annotated[tuple[SomeKey, ...], Field(max_length=20)] | None = None
    assistants: Annotated[tuple[SomeKey, ...], Field(max_length=20)] | None = None


def placed(session: Session, form: PlacedForm, venue_key: str) -> Session:
    """The session where the form puts it; `venue_key` is that of the venue that it is at now."""
    start = session.window.start_min if form.start_min is None else form.start_min
    moved = replace(session, window=Window(start, start + session.window.minutes))
    if form.room is not None:
        key = form.venue or venue_key
        room = ident(form.room, partial(room_id, key))
        moved = replace(moved, venue=ident(key, venue_id), room=room)
    if form.leads is not None:
        moved = replace(moved, leads=people(form.leads))
    if form.assistants is not None:
        moved = replace(moved, assistants=people(form.assistants))
    return moved


def people(keys: tuple[str, ...]) -> tuple[UUID, ...]:
    return tuple(sorted({ident(key, volunteer_id) for key in keys}))


def resource_ids(
    *, venue: str | None, room: str | None, volunteer: str | None, request: str | None
) -> tuple[UUID, ...]:
    """The ids of those that are given; a room as VENUE/ROOM."""
    return tuple(_ids(venue, room, volunteer, request))


def _ids(venue: str | None, room: str | None, volunteer: str | None, request: str | None) -> Iterator[UUID]:
    if venue is not None:
        yield ident(venue, venue_id)
    if room is not None:
        yield room_id(*room.split("/", 1))
    if volunteer is not None:
        yield ident(volunteer, volunteer_id)
    if request is not None:
        yield ident(request, request_id)
