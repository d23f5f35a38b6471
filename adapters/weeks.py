"""Answer what is on in a week: the sessions of a timetable with everything that a reader needs beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar, runtime_checkable
from uuid import UUID

from adapters.store.streams import AREAS, DAY_TYPES, REQUESTS, TIMETABLES, VENUES, VOLUNTEERS, Stream
from adapters.store.views import Views
from domain.area_times import letter_of
from domain.calendar import date_of, same_clock
from domain.day_types import DayTypes
from domain.facts import NotThere
from domain.network import Area, ancestor_on, inside_on, name_on, path_on, successor_on
from domain.recurrence import LetterOf
from domain.request import CourseRequest, sessions_in
from domain.timetable import Release, Session, Timetable, blank, find_release, latest_release, timetable_id
from domain.venue import Room, Venue
from domain.volunteer import Volunteer, available
from domain.windows import DAY_MIN, Windows

S = TypeVar("S")


class AmbiguousArea(NotThere):
    """A name that several areas have."""


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

    def zone_of(self, area: UUID) -> str:
        """The time zone of an area; of one that nobody knows, the planned area's own."""
        found = self.network.get(self.home(area))
        return found.zone if found else self.zone

    def letter_of(self, area: UUID) -> LetterOf:
        """Which weeks are A weeks in an area."""
        return lambda week: letter_of(self.network, self.home(area), week)

    def sessions_of(self, request: CourseRequest) -> int:
        """How many sessions a request asks for this week."""
        return sessions_in(request, self.week, self.letter_of(request.area))

    def offer_of(self, volunteer: Volunteer) -> Windows:
        """What a volunteer offers this week, exceptions and pauses applied."""
        return available(volunteer, self.week, self.letter_of(volunteer.profile.home_area))

    def shares_clock(self, area: UUID) -> bool:
        """Whether the clocks of an area show this week what those of the planned area show."""
        return same_clock(self.week, self.zone, self.zone_of(area))

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
    """The area of a key, an external code (as `code` or `scheme:code`) or a name that is held by one area alone."""
    areas = views.all(AREAS)
    for matches in (
        [one for one in areas if text in (one.key, str(one.id))],
        [one for one in areas if text in _codes(one, day)],
        [one for one in areas if text in _names(one)],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            keys = ", ".join(sorted(one.key for one in matches)[:5])
            raise AmbiguousArea(f"{len(matches)} areas are called {text!r}; give one of the keys {keys}")
    raise NotThere(f"there is no area {text!r}; import the network first, or check the spelling")


def _codes(area: Area, day: date) -> set[str]:
    held = [one for entry in area.codes if entry.day <= day for one in entry.value]
    return {one.code for one in held} | {f"{one.scheme}:{one.code}" for one in held}


def _names(area: Area) -> set[str]:
    return {name for entry in area.names for _, name in entry.value}


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

    `sequence` counts its changes; `cancelled` where the latest release no longer holds it; `changed` is when the
    release that changed it last was made.
    """

    card: Card
    sequence: int
    cancelled: bool
    changed: datetime


def entries(facts: Facts) -> tuple[Entry, ...]:
    """Every session that was ever released for the week, in order of time."""
    last: dict[tuple[UUID, int], tuple[Session, int, bool, datetime]] = {}
    for release in facts.timetable.releases:
        present = {one.key: one for one in release.sessions}
        for key, session in present.items():
            before = last.get(key)
            if before is None:
                last[key] = session, 0, False, release.at
            elif before[0] != session or before[2]:
                last[key] = session, before[1] + 1, False, release.at
        for key, (session, sequence, cancelled, _) in list(last.items()):
            if key not in present and not cancelled:
                last[key] = session, sequence + 1, True, release.at
    found = []
    for session, sequence, cancelled, changed in last.values():
        card = _card(facts, session)
        if card is not None:
            found.append(Entry(card, sequence, cancelled, changed))
    return tuple(sorted(found, key=lambda one: (one.card.session.window, str(one.card.session.room))))


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
