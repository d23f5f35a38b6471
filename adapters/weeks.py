"""Answer what is on in a week: the sessions of a timetable with everything that a reader needs beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar, runtime_checkable
from uuid import UUID

from adapters.store.streams import AREAS, DAY_TYPES, REQUESTS, TIMETABLES, VENUES, VOLUNTEERS, Stream
from adapters.store.views import Views
from domain.area_references import meanings_in, the_area
from domain.calendar import date_of
from domain.day_types import DayTypes
from domain.facts import NotThere
from domain.network import Area, ancestor_on, inside_on, name_on, path_on, successor_on
from domain.request import CourseRequest
from domain.timetable import Release, Session, Timetable, blank, find_release, latest_release, timetable_id
from domain.venue import Room, Venue
from domain.volunteer import Volunteer
from domain.windows import DAY_MIN

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Facts:
    """The read side of one area and week, looked up once. `day` is the Monday."""

    area: Area
    week: str
    network: Mapping[UUID, Area]
    inside: frozenset[UUID]
    venues: Mapping[UUID, Venue]
    volunteers: Mapping[UUID, Volunteer]
    requests: Mapping[UUID, CourseRequest]
    calendars: Mapping[str, DayTypes]
    timetable: Timetable

    @property
    def day(self) -> date:
        return date_of(self.week, 1)

    @property
    def zone(self) -> str:
        return self.area.zone

    def home(self, area: UUID) -> UUID:
        """Who answers for an area this week: itself, or whom it was merged into."""
        return successor_on(self.network, area, self.day)

    def own_venues(self) -> list[Venue]:
        return sorted(
            (one for one in self.venues.values() if self.home(one.area) in self.inside),
            key=lambda one: one.key,
        )

    def own_volunteers(self) -> list[Volunteer]:
        return sorted(
            (one for one in self.volunteers.values() if self.home(one.profile.home_area) in self.inside),
            key=lambda one: one.key,
        )

    def own_requests(self) -> list[CourseRequest]:
        return sorted(
            (one for one in self.requests.values() if self.home(one.area) in self.inside),
            key=lambda one: one.key,
        )

    def area_name(self, area: UUID, language: str | None = None) -> str:
        found = self.network.get(area)
        return name_on(found, self.day, language) if found else str(area)

    def level_name(self, area: UUID, level: str) -> str:
        """The name of the area of a level, such as "street", that an area lies in; "" where there is none."""
        found = ancestor_on(self.network, self.home(area), level, self.day)
        return name_on(found, self.day) if found else ""

    def day_types(self, area: UUID) -> DayTypes | None:
        """The calendar of an area: its own, else that of the nearest area around it."""
        around = path_on(self.network, self.home(area), self.day)
        keys = (self.network[one].calendar for one in around)
        key = next((key for key in keys if key), None)
        return self.calendars.get(key) if key else None


def facts_of(views: Views, area: UUID, week: str) -> Facts:
    """All at one look, where the read side has looks. Raises NotThere where there is no such area."""
    if isinstance(views, _Looking):
        views = views.moment()
    network = _by_id(views, AREAS)
    if area not in network:
        raise NotThere(f"there is no area {area}; import the network first, or see `lyceum export network`")
    return Facts(
        area=network[area],
        week=week,
        network=network,
        inside=inside_on(network, [area], date_of(week, 1)),
        venues=_by_id(views, VENUES),
        volunteers=_by_id(views, VOLUNTEERS),
        requests=_by_id(views, REQUESTS),
        calendars={one.key: one for one in views.all(DAY_TYPES)},
        timetable=views.get(TIMETABLES, timetable_id(area, week)) or blank(area, week),
    )


@runtime_checkable
class _Looking(Protocol):
    """A read side that goes on changing."""

    def moment(self) -> Views: ...


@runtime_checkable
class _Shelved(Protocol):
    """A read side that has its states by id already."""

    def shelf(self, stream: Stream[S]) -> Mapping[UUID, S]: ...


def _by_id(views: Views, stream: Stream[S]) -> Mapping[UUID, S]:
    if isinstance(views, _Shelved):
        return views.shelf(stream)
    states: list[Any] = views.all(stream)
    return {one.id: one for one in states}


def find_area(views: Views, text: str, day: date) -> Area:
    """The area of a key or id, an external code (as `code` or `scheme:code`) or a name; raises AmbiguousArea.

    Its codes and names are those that it ever had.
    """
    network = _by_id(views, AREAS)
    found = the_area(network, text, meanings_in(network, text), day)
    if found is None:
        raise NotThere(f"there is no area {text!r}; import the network first, or check the spelling")
    return network[found]


@dataclass(frozen=True, slots=True)
class Card:
    """A session as people read it: `start_min` and `end_min` count from midnight of `day`, local time of the area."""

    session: Session
    request: CourseRequest
    venue: Venue
    room: Room
    day: date
    start_min: int
    end_min: int
    community: str


def cards(facts: Facts, sessions: Iterable[Session]) -> tuple[Card, ...]:
    """In order of time; a session whose request or room was never known on this read side is left out."""
    found = (_card(facts, one) for one in sorted(sessions, key=lambda one: (one.window, str(one.room))))
    return tuple(card for card in found if card is not None)


def _card(facts: Facts, session: Session) -> Card | None:
    request, venue = facts.requests.get(session.request), facts.venues.get(session.venue)
    known = (*venue.rooms, *venue.former) if venue else ()
    room = next((one for one in known if one.id == session.room), None)
    if request is None or venue is None or room is None:
        return None
    midnight = (session.window.day - 1) * DAY_MIN
    return Card(
        session=session,
        request=request,
        venue=venue,
        room=room,
        day=date_of(facts.week, session.window.day),
        start_min=session.window.start_min - midnight,
        end_min=session.window.end_min - midnight,
        community=facts.area_name(request.area),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A session over all releases of its timetable, for calendars that people subscribe to.

    `sequence` counts its changes: those by a release, and those of what a calendar says of it (its title, the name of
    its place, its time zone). `cancelled` where the latest release no longer holds it; `released` is when the release
    that changed it last was made, `changed` when anything of it did.
    """

    card: Card
    sequence: int
    cancelled: bool
    released: datetime
    changed: datetime


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a session is after a release that changed it."""

    session: Session
    sequence: int
    cancelled: bool
    released: datetime


def entries(facts: Facts) -> tuple[Entry, ...]:
    """Every session that was ever released for the week, in order of time."""
    last: dict[tuple[UUID, int], _Standing] = {}
    for release in facts.timetable.releases:
        present = {one.key: one for one in release.sessions}
        for key, session in present.items():
            before = last.get(key)
            if before is None:
                last[key] = _Standing(session, 0, False, release.at)
            elif before.session != session or before.cancelled:
                last[key] = _next(facts, before, release, session)
        for key, before in list(last.items()):
            if key not in present and not before.cancelled:
                last[key] = _next(facts, before, release, None)
    found = [entry for one in last.values() if (entry := _entry(facts, one)) is not None]
    return tuple(sorted(found, key=lambda one: (one.card.session.window, str(one.card.session.room))))


def _next(facts: Facts, before: _Standing, release: Release, session: Session | None) -> _Standing:
    """What a session becomes by a release; None: it is cancelled."""
    worded = [one for one in rewordings(facts, before.session, before.released) if one <= release.at]
    sequence = before.sequence + len(worded) + 1
    return _Standing(session or before.session, sequence, session is None, release.at)


def _entry(facts: Facts, last: _Standing) -> Entry | None:
    card = _card(facts, last.session)
    if card is None:
        return None
    since = rewordings(facts, last.session, last.released)
    changed = max([last.released, *since])
    return Entry(card, last.sequence + len(since), last.cancelled, last.released, changed)


def rewordings(facts: Facts, session: Session, after: datetime) -> list[datetime]:
    """When a calendar began to say something else of a session, though no release changed it, after an instant."""
    venue, request = facts.venues.get(session.venue), facts.requests.get(session.request)
    named = venue.renamings if venue else ()
    found = [one.at for one in named if one.room in (None, session.room)]
    found += [*(request.retitled if request else ()), *facts.area.rezoned]
    return sorted(one for one in found if one > after)


def release_of(facts: Facts, number: int | None = None) -> Release:
    """A release of the week: the latest, or the one with the number. Raises NotThere where there is none yet."""
    if number is not None:
        return find_release(facts.timetable, number)
    release = latest_release(facts.timetable)
    if release is None:
        raise NotThere(
            f"the week {facts.week} of {facts.area_name(facts.area.id)} is not released yet; plan and release it first"
        )
    return release
