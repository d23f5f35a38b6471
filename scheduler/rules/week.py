"""A laid-out week: its assignments with everything that they name, in order of time.

The rules and the values of goals are reckoned from it; no model or search takes part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from domain.messages import message
from domain.windows import DAY_MIN, DAY_NAMES, Windows, clock
from scheduler.documents.codec import MalformedDocument
from scheduler.documents.records import Assignment, Location, Problem, Request, Room, Venue, Volunteer

EARTH_KM = 6371.0088
SessionId = tuple[str, int]  # request, session number


@dataclass(frozen=True, slots=True, eq=False)
class PlacedSession:
    """An assignment with everything that it names; minutes count from Monday 00:00."""

    assignment: Assignment
    request: Request
    room: Room
    venue: Venue
    leads: tuple[Volunteer, ...]
    assistants: tuple[Volunteer, ...]
    begin: int
    end: int

    @property
    def id(self) -> SessionId:
        """The request's id and the session number."""
        return self.assignment.request, self.assignment.session

    @property
    def team(self) -> tuple[Volunteer, ...]:
        """Everybody once, however often named."""
        return tuple({volunteer.id: volunteer for volunteer in (*self.leads, *self.assistants)}.values())

    def within(self, windows: Windows) -> bool:
        """Whether it lies wholly in one of the windows."""
        return any(window.start_min <= self.begin and self.end <= window.end_min for window in windows)

    def __str__(self) -> str:
        return message(
            "{request}#{number} ({room}, {day} {start}-{end})",
            request=self.assignment.request,
            number=self.assignment.session,
            room=self.room.id,
            day=DAY_NAMES[self.assignment.day - 1],
            start=clock(self.assignment.start_min),
            end=clock(min(self.end - (self.assignment.day - 1) * DAY_MIN, DAY_MIN)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Week:
    """All that the rules look at: the sessions in order of time, and assignments of requests that do not exist."""

    problem: Problem
    sessions: tuple[PlacedSession, ...]
    strays: tuple[Assignment, ...]


# For each breach a sentence that names both sides, and the sessions concerned.
Broken = Iterator[tuple[str, Iterable[PlacedSession]]]
Rule = Callable[[Week], Broken]


def lay_out(problem: Problem, assignments: Iterable[Assignment]) -> Week:
    """Look up what the assignments name."""
    requests = {request.id: request for request in problem.requests}
    rooms = {room.id: (room, venue) for venue in problem.venues for room in venue.rooms}
    people = {volunteer.id: volunteer for volunteer in problem.volunteers}
    sessions, strays = [], []
    for assignment in assignments:
        if assignment.request not in requests:
            strays.append(assignment)
            continue
        try:
            sessions.append(
                _placed(assignment, requests[assignment.request], *rooms[assignment.room], people)
            )
        except KeyError as unknown:
            raise MalformedDocument(
                [
                    message(
                        "{request}#{session}: unknown id {unknown}",
                        request=assignment.request,
                        session=assignment.session,
                        unknown=unknown,
                    )
                ]
            ) from None
    return Week(problem, tuple(sorted(sessions, key=lambda session: session.begin)), tuple(strays))


def _placed(
    assignment: Assignment, request: Request, room: Room, venue: Venue, people: dict[str, Volunteer]
) -> PlacedSession:
    leads, assistants = (
        tuple(people[name] for name in names) for names in (assignment.leads, assignment.assistants)
    )
    return PlacedSession(
        assignment,
        request,
        room,
        venue,
        leads,
        assistants,
        assignment.begin_min,
        assignment.begin_min + request.duration_min,
    )


def km(a: Location, b: Location) -> float:
    """Great-circle distance by the haversine formula."""
    (north_a, east_a), (north_b, east_b) = (tuple(map(radians, location)) for location in (a, b))
    half = sin((north_b - north_a) / 2) ** 2 + cos(north_a) * cos(north_b) * sin((east_b - east_a) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half)))


def beyond(a: Location, b: Location, limit_km: float | None) -> bool:
    """Whether two points are farther apart than a limit; never where there is none."""
    return limit_km is not None and km(a, b) > limit_km


def grouped(
    sessions: Iterable[PlacedSession], key: Callable[[PlacedSession], Iterable[object]]
) -> list[list[PlacedSession]]:
    """The sessions under each key that they have, still in order of time."""
    groups: dict[object, list[PlacedSession]] = defaultdict(list)
    for session in sessions:
        for name in key(session):
            groups[name].append(session)
    return list(groups.values())


def enumeration(sessions: list[PlacedSession]) -> str:
    """The first few sessions in words."""
    if len(sessions) > 4:
        return message("{sessions} and {count} more", sessions=sessions[:4], count=len(sessions) - 4)
    return message("{sessions}", sessions=sessions)


def minutes(sessions: Iterable[PlacedSession]) -> int:
    """The minutes of all the sessions together."""
    return sum(session.request.duration_min for session in sessions)


def close_pairs(
    sessions: list[PlacedSession], apart_min: int
) -> Iterator[tuple[PlacedSession, PlacedSession]]:
    """Earlier and later sessions with less than `apart_min` minutes between them."""
    recent: list[PlacedSession] = []
    for session in sessions:
        recent = [earlier for earlier in recent if earlier.end + apart_min > session.begin]
        yield from ((earlier, session) for earlier in recent)
        recent.append(session)
