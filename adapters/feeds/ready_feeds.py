"""Cache of rendered feeds, each valid as long as the states that it was made from stay the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from threading import Lock
from typing import Any, TypeAlias
from uuid import UUID

from cachetools import FIFOCache

from adapters.exports.agendas import Owner
from adapters.exports.export_wording import Wording, wording_of
from adapters.exports.free_busy import free_busy
from adapters.exports.icalendars import calendar_name, events, framed
from adapters.exports.left_out_records import LeftOutRecords
from adapters.feeds.feed_records import Feed, Form, is_over
from adapters.feeds.released_agendas import Agenda, ReleasedAgendas
from adapters.queries.area_queries import network as network_of
from adapters.store.cached_read_models import Snapshot
from adapters.store.store import Store
from adapters.store.streams import AREAS, CATALOGUE, DIARIES, REQUESTS, VENUES, VOLUNTEERS
from adapters.week.blocked_time import with_time_taken
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from domain.calendar import date_of, monday, shift_week, week_of
from domain.catalogue import CATALOGUE as CATALOGUE_ID
from domain.catalogue import FIELD, Entry
from domain.diary import Diary, Resource, blank, diary_id
from domain.effective_dates import held_on
from domain.events import NotThere
from domain.messages import message
from domain.network import Area, inside_on, name_on
from domain.venue import Venue

BACK_WEEKS = 8  # how long what is over, or was cancelled, is still told
BUSY_WEEKS = 26  # how far ahead a free/busy feed tells
MOST_BYTES = 64_000_000
MOST_EVENTS = 2000
LOCKS = 64
MANY = 40  # events in a week, after which they are kept written
_Key: TypeAlias = tuple[Owner, Form, str | None]


class FeedOver(NotThere):
    """A feed of somebody who has left, or of something that is no longer known."""


@dataclass(slots=True)
class RenderedFeed:
    """The bytes of a feed, and the instant of the event that they are as new as.

    They rest on `parts`; `position` and `week` are where that was looked at last.
    """

    body: bytes
    modified: datetime
    parts: tuple[Any, ...]
    position: int
    week: str


class FeedCache:
    """The feeds that were asked for last, in up to 64 MB; threads share it."""

    def __init__(self) -> None:
        self._released = ReleasedAgendas()
        self._held: FIFOCache[_Key, RenderedFeed] = FIFOCache(MOST_BYTES, lambda ready: len(ready.body))
        self._lock = Lock()
        self._making = tuple(Lock() for _ in range(LOCKS))

    def ready(self, store: Store, views: Snapshot, feed: Feed, now: datetime) -> RenderedFeed:
        """The bytes of a feed at a snapshot of the read side. Raises FeedOver."""
        _check(views, feed, now)
        key, week = (feed.owner, feed.form, feed.language), week_of(now.astimezone(UTC).date())
        with self._lock:
            held = self._held.get(key)
        if held is not None and (held.position, held.week) == (views.position, week):
            return held
        with self._making[
            hash(key) % LOCKS
        ]:  # who comes meanwhile waits for the one, instead of making another
            with self._lock:
                held = self._held.get(key)
            builder = (_CalendarBuilder if feed.form == "calendar" else _FreeBusyBuilder)(
                store, views, feed, week
            )
            rendered = builder.renewed(held, self._released)
            self._keep(key, rendered)
            return rendered

    def _keep(self, key: _Key, ready: RenderedFeed) -> None:
        with self._lock, suppress(ValueError):  # one alone may be too large to be held
            self._held[key] = ready


def _check(views: Snapshot, feed: Feed, now: datetime) -> None:
    if feed.kind == "volunteer":
        volunteer = views.get(VOLUNTEERS, feed.about)
        if volunteer is None or is_over(volunteer, now.date()):
            raise FeedOver(message("there is no such feed; it may be revoked"))


class _FeedBuilder:
    """Renders one feed at one snapshot."""

    def __init__(self, store: Store, views: Snapshot, feed: Feed, week: str) -> None:
        self.store, self.views, self.feed, self.week = store, views, feed, week

    def keep(self, held: RenderedFeed | None, parts: tuple[Any, ...], body: bytes | None) -> RenderedFeed:
        """The rendered feed: equal bytes keep their date, others get that of the last event or the new week."""
        if held is not None and (body is None or body == held.body):
            return RenderedFeed(held.body, held.modified, parts, self.views.position, self.week)
        return RenderedFeed(body or b"", self.modified(), parts, self.views.position, self.week)

    def modified(self) -> datetime:
        begun = datetime.combine(monday(self.week), time(), UTC)
        last = self.store.page(self.views.position - 1, 1, self.views.position)
        return max(begun, *(recorded.event.at for recorded in last)) if last else begun

    @property
    def venue(self) -> Venue | None:
        return self.views.get(VENUES, self.feed.venue or self.feed.about)

    @property
    def subject(self) -> Any:
        """The state of what the feed is about, of its venue for a room."""
        streams: dict[str, Any] = {"volunteer": VOLUNTEERS, "request": REQUESTS, "area": AREAS}
        if self.feed.kind in streams:
            return self.views.get(streams[self.feed.kind], self.feed.about)
        return self.venue

    def area(self) -> Area:
        """Where it is. Raises FeedOver."""
        subject = self.subject
        if self.feed.kind == "area" or subject is None:
            area: Area | None = subject
        elif self.feed.kind == "volunteer":
            area = self.views.get(AREAS, subject.profile.home_area)
        else:
            area = self.views.get(AREAS, subject.area)
        if area is None:
            raise FeedOver(message("there is no such feed; it may be revoked"))
        return area

    def named(self, area: Area, words: Wording, snapshot: WeekSnapshot) -> str:
        """A volunteer's calendar is named after the home area: not even the key is in it."""
        names = {self.feed.about: name_on(area, snapshot.day, words.language)}
        return calendar_name(snapshot, self.feed.owner, words, names)

    def words(self, area: Area) -> Wording:
        catalogue = self.views.get(CATALOGUE, CATALOGUE_ID)
        names = held_on(area.names, monday(self.week)) or area.names[0].value
        return _words(self.feed.language or names[0][0], catalogue.entries if catalogue else FIELD)


class _CalendarBuilder(_FeedBuilder):
    """Every released session from some weeks back on."""

    def renewed(self, held: RenderedFeed | None, released: ReleasedAgendas) -> RenderedFeed:
        with released.lock:
            agendas = list(self._agendas(released))
        collections = (network_of(self.views), self.views.get(CATALOGUE, CATALOGUE_ID), self.subject)
        parts = (self.week, *collections, *(part for row in agendas for part in row))
        if held is not None and _same(held.parts, parts):
            return self.keep(held, parts, None)
        return self.keep(held, parts, self._body(agendas))

    def _agendas(self, released: ReleasedAgendas) -> Iterator[tuple[Agenda, Owner]]:
        """What has to do with it in each timetable, in order of week."""
        network, about = network_of(self.views), self.feed.about
        first = shift_week(self.week, -BACK_WEEKS)
        for agenda in released.agendas(self.store, self.views, first):
            owner = self.feed.owner
            if self.feed.kind == "area" and agenda.area in inside_on(network, [about], agenda.day):
                owner = "area", agenda.area  # all of a timetable that lies in the area
            if owner in agenda.held:
                yield agenda, owner

    def _body(self, agendas: list[tuple[Agenda, Owner]]) -> bytes:
        area = self.area()
        words, snapshot = self.words(area), snapshot_of(self.views, area.id, self.week)
        spans = {area.zone: (snapshot.day, snapshot.day)}
        for agenda, _ in agendas:
            first, last = spans.get(agenda.zone, (agenda.day, agenda.day))
            spans[agenda.zone] = min(first, agenda.day), max(last, date_of(agenda.week, 7))
        zones = [(zone, first, last) for zone, (first, last) in sorted(spans.items())]
        left_out = LeftOutRecords()
        written = [self._events(agenda, owner, words, left_out) for agenda, owner in agendas]
        return framed(self.named(area, words, snapshot), zones, written, left_out.sentences)

    def _events(self, agenda: Agenda, owner: Owner, words: Wording, left_out: LeftOutRecords) -> bytes:
        """The calendar events of one week; many are cached, so that a new week does not write all again."""
        occasions = agenda.held[owner]
        if len(occasions) < MANY:
            return events(occasions, words, self.feed.owner, left_out)
        key = owner, words.language, id(words.names)
        if key not in agenda.written:
            own = LeftOutRecords()
            agenda.written[key] = words, events(occasions, words, self.feed.owner, own), tuple(own.sentences)
        for sentence in agenda.written[key][2]:
            left_out.note(sentence)
        return agenda.written[key][1]


class _FreeBusyBuilder(_FeedBuilder):
    """What is booked, closed or away from this week on."""

    def renewed(self, held: RenderedFeed | None, _: ReleasedAgendas) -> RenderedFeed:
        weeks = [shift_week(self.week, number) for number in range(BUSY_WEEKS)]
        rooms = self._resources()
        ids = frozenset(diary_id(resource, week) for _, resource in rooms for week in weeks)
        parts = (
            self.week,
            network_of(self.views),
            self.views.get(CATALOGUE, CATALOGUE_ID),
            self.subject,
        )
        if held is not None and _same(held.parts, parts) and not self._touched(held.position, ids):
            return self.keep(held, parts, None)
        return self.keep(held, parts, self._body(weeks, rooms))

    def _resources(self) -> list[tuple[Resource, UUID]]:
        match self.feed.kind:
            case "volunteer":
                return [("volunteer", self.feed.about)]
            case "room":
                return [("room", self.feed.about)]
        return [("room", room.id) for room in self.venue.rooms] if self.venue else []

    def _touched(self, after: int, ids: frozenset[UUID]) -> bool:
        new_events = self.store.page(after, MOST_EVENTS, self.views.position)
        return len(new_events) == MOST_EVENTS or any(
            recorded.event.originator_id in ids for recorded in new_events
        )

    def _body(self, weeks: list[str], rooms: list[tuple[Resource, UUID]]) -> bytes:
        area = self.area()
        words, snapshot = self.words(area), snapshot_of(self.views, area.id, self.week)
        diaries = [(week, [self._diary(*room, week) for room in rooms]) for week in weeks]
        busy = free_busy(self.feed.about, diaries, area.zone, self.modified())
        return framed(self.named(area, words, snapshot), (), [busy])

    def _diary(self, kind: Resource, resource: UUID, week: str) -> Diary:
        diary = self.views.get(DIARIES, diary_id(resource, week)) or blank(kind, resource, week)
        return with_time_taken(diary, self.subject)


@lru_cache(maxsize=8)
def _words(language: str, entries: tuple[Entry, ...]) -> Wording:
    return wording_of(language, entries)


def _same(first: tuple[Any, ...], second: tuple[Any, ...]) -> bool:
    """Whether all parts are the very same; weeks and owners are compared by what they say."""
    return len(first) == len(second) and all(
        a is b or (isinstance(a, str | tuple) and a == b) for a, b in zip(first, second, strict=True)
    )
