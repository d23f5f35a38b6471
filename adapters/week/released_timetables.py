"""Cache of released timetables that many people read, serialised, as long as nothing in them changes."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any, TypeAlias
from uuid import UUID

from cachetools import FIFOCache

from adapters.queries.area_queries import network as network_of
from adapters.queries.paging import Page, Paging, Ranked, cut, rank
from adapters.queries.request_queries import requests_by_id
from adapters.queries.venue_queries import venues_by_id
from adapters.store.cached_read_models import Snapshot
from adapters.store.mapper import json_of
from adapters.store.streams import AREAS, REQUESTS, VENUES
from adapters.store.views import Views
from adapters.week.week_snapshot import SessionView, release_of, snapshot_of, view_sessions
from domain.network import Area, name_on
from domain.request import CourseRequest
from domain.timetable import Release
from domain.venue import Venue
from domain.windows import clock

MOST_HELD = 64
FILTERS = ("venue", "room", "request", "function", "audience", "day")  # fields that a list may be filtered by
_Key: TypeAlias = tuple[UUID, str, int]  # area, week, number of the release
_State: TypeAlias = tuple[str, UUID]  # read model, id


@dataclass(frozen=True, slots=True)
class PublicSession:
    """A released session as everybody may read it: times as the clocks of the area show them, and no people."""

    request: str
    number: int
    title: str
    topic: str
    function: str
    form: str
    audience: str
    community: str
    day: date
    start: str
    end: str
    venue: str
    venue_name: str
    room: str
    room_name: str
    accessible: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A session, and its bytes."""

    session: PublicSession
    body: bytes


@dataclass(slots=True)
class ReleaseEdition:
    """A release ready to be sent.

    `rests_on` are the states that it was made from; `seen` the collections in which they were last compared;
    `day` is the Monday of its week.
    """

    release: Release
    day: date
    ranked: dict[str, list[Ranked[Shown]]]
    rests_on: dict[_State, Any]
    seen: tuple[Any, ...] = ()
    _groups: dict[tuple[str, str], dict[Any, list[Ranked[Shown]]]] = field(default_factory=dict)

    def page(self, paging: Paging, filters: Mapping[str, Any]) -> Page[Shown]:
        """The sessions that have all these values of their fields. Raises BadCursor."""
        return cut(self._rows(paging.sort.removeprefix("-"), list(filters.items())), paging)

    def _rows(self, order: str, filters: Sequence[tuple[str, Any]]) -> list[Ranked[Shown]]:
        if not filters:
            return self.ranked[order]
        (first, value), *more = filters
        rows = self._group(order, first).get(value, [])
        if not more:
            return rows
        return [row for row in rows if all(getattr(row[2].session, name) == value for name, value in more)]

    def _group(self, order: str, name: str) -> dict[Any, list[Ranked[Shown]]]:
        if (order, name) not in self._groups:
            groups: dict[Any, list[Ranked[Shown]]] = {}
            for row in self.ranked[order]:
                groups.setdefault(getattr(row[2].session, name), []).append(row)
            self._groups[order, name] = groups
        return self._groups[order, name]


class Editions:
    """The last editions that were asked for. Threads may share it."""

    def __init__(self) -> None:
        self._held: FIFOCache[_Key, ReleaseEdition] = FIFOCache(MOST_HELD)
        self._lock, self._making = Lock(), Lock()

    def edition(self, now: Snapshot, area: UUID, week: str, release: Release) -> ReleaseEdition:
        """The edition of a release as the facts are now; made again where one of them has changed."""
        key = area, week, release.number
        held = self._found(key, now)
        if held is not None:
            return held
        with self._making:  # who comes meanwhile waits for the one, instead of making another
            return self._found(key, now) or self._keep(key, edition_of(now, area, week, release.number))

    def _found(self, key: _Key, now: Snapshot) -> ReleaseEdition | None:
        """A release itself is never edited, so only the facts around it have to be the same."""
        with self._lock:
            held = self._held.get(key)
        return held if held is not None and _still_holds(held, now) else None

    def _keep(self, key: _Key, edition: ReleaseEdition) -> ReleaseEdition:
        with self._lock:
            self._held[key] = edition
        return edition


def _still_holds(edition: ReleaseEdition, now: Snapshot) -> bool:
    collections: dict[str, Mapping[UUID, Any]] = {
        AREAS.name: network_of(now),
        REQUESTS.name: requests_by_id(now),
        VENUES.name: venues_by_id(now),
    }
    seen = tuple(collections.values())
    if len(edition.seen) == len(seen) and all(map(operator.is_, edition.seen, seen)):
        return True
    present = {key: collections[key[0]].get(key[1]) for key in edition.rests_on}
    for key, state in edition.rests_on.items():
        if present[key] is not state and not _says_the_same(state, present[key], edition.day):
            return False
    edition.rests_on, edition.seen = present, seen
    return True


def _says_the_same(before: Any, after: Any, day: date) -> bool:
    """Whether a state that has changed is still the same for who reads the timetable."""
    return after is not None and _public_values(before, day) == _public_values(after, day)


def _public_values(state: Area | CourseRequest | Venue, day: date) -> tuple[Any, ...]:
    match state:
        case Area():
            return (name_on(state, day),)
        case CourseRequest(order=order):
            return (
                state.key,
                state.area,
                order.title,
                order.topic,
                order.function,
                order.form,
                order.audience,
            )
        case Venue():
            rooms = (
                (room.id, room.key, room.name, room.accessible) for room in (*state.rooms, *state.former)
            )
            return (state.key, state.name, *rooms)


def edition_of(views: Views, area: UUID, week: str, number: int | None) -> ReleaseEdition:
    """A release of a week. Raises NotThere where there is none."""
    snapshot = snapshot_of(views, area, week)
    release = release_of(snapshot, number)
    session_views = view_sessions(snapshot, release.sessions)
    dump = json_of(PublicSession).dump_json
    shown = [Shown(public_session, dump(public_session)) for public_session in map(_public, session_views)]
    by_time = rank(shown, lambda row: f"{row.session.day} {row.session.start}", _id)
    by_venue = rank(
        shown,
        lambda row: f"{row.session.venue} {row.session.room} {row.session.day} {row.session.start}",
        _id,
    )
    ranked = {"time": by_time, "venue": by_venue}
    return ReleaseEdition(release, snapshot.day, ranked, dict(_rests_on(session_views, snapshot.network)))


def _id(row: Shown) -> str:
    return f"{row.session.request} {row.session.number:06}"


def _public(session_view: SessionView) -> PublicSession:
    order = session_view.request.order
    return PublicSession(
        request=session_view.request.key,
        number=session_view.session.number,
        title=order.title,
        topic=order.topic,
        function=order.function,
        form=order.form,
        audience=order.audience,
        community=session_view.community,
        day=session_view.day,
        start=clock(session_view.start_min),
        end=clock(session_view.end_min),
        venue=session_view.venue.key,
        venue_name=session_view.venue.name,
        room=session_view.room.key,
        room_name=session_view.room.name,
        accessible=session_view.room.accessible,
    )


def _rests_on(
    session_views: Iterable[SessionView], network: Mapping[UUID, Area]
) -> Iterator[tuple[_State, Any]]:
    for session_view in session_views:
        yield (REQUESTS.name, session_view.request.id), session_view.request
        yield (VENUES.name, session_view.venue.id), session_view.venue
        if session_view.request.area in network:
            yield (AREAS.name, session_view.request.area), network[session_view.request.area]
