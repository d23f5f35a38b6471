"""Standing check: sessions judged by a problem as it is now, whatever of what they name is no longer there.

The rules are those of `scheduler.check`. What a check refuses to read, a session in a room that is gone, is a breach
here: so a week that was planned earlier can be judged after any change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.messages import message
from domain.windows import DAY_MIN
from scheduler.documents.records import Assignment, Location, Problem, Request, Room, Venue
from scheduler.rules.check import RULES, Breach, breaches
from scheduler.rules.week import PlacedSession, Rule, Week, lay_out

LASTING = {name: rule for name, rule in RULES.items() if name not in ("grid", "pin")}
"""What a released session must go on keeping: a grid and pins speak of plans to come."""
SHARED = {name: RULES[name] for name in ("room_clash", "venue_cap", "volunteer_clash", "load")}
"""What sessions of different timetables can break together."""
UNKNOWN = "known"  # the rule of a session that names a room or a person who is no longer there

Why = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class HeldSession:
    """A session of another timetable, as far as rooms and people are concerned.

    Minutes count from Monday 00:00. `people` are those of whom it is known; `part_of` is the whole hall of its room.
    """

    name: str
    session: int
    begin_min: int
    end_min: int
    venue: str
    room: str
    location: Location
    people: tuple[str, ...] = ()
    part_of: str | None = None
    turnaround_min: int = 0


def judge_as_is(
    problem: Problem,
    sessions: Iterable[Assignment],
    *,
    rules: Mapping[str, Rule] = LASTING,
    held: Iterable[HeldSession] = (),
    why: Why = lambda _: message("is no longer there"),
) -> tuple[Breach, ...]:
    """Name every breach of the rules by sessions that were planned earlier.

    Parameters
    ----------
    problem : Problem
        As it is now; without what other timetables were promised, where these are given as `held`.
    held : iterable of Held
        Sessions of other timetables in the same rooms, at the same venues or with the same people.
    why : callable
        Says of the id of a request, room or volunteer that the problem does not know what became of it: a clause
        whose subject is the id, without a full stop.

    Returns
    -------
    tuple of Breach
        Each once: what is gone, then by rule, last what is shared with `held`. Nothing is raised for unknown ids.
    """
    sessions = tuple(sessions)
    ids = _known(problem)
    gone = {
        (assignment.request, assignment.session): list(_gone(ids, assignment, why)) for assignment in sessions
    }
    known = tuple(assignment for assignment in sessions if not gone[assignment.request, assignment.session])
    week = lay_out(problem, known)
    broken = [breach for gone_breaches in gone.values() for breach in gone_breaches]
    numbers_of = _numbers(sessions)
    broken += [
        breach
        for breach in breaches(week, rules)
        if breach.rule != "whole" or not _is_whole(week, breach, numbers_of)
    ]
    broken += _with_others(week, rules, tuple(held))
    return tuple(dict.fromkeys(broken))


@dataclass(frozen=True, slots=True)
class _Known:
    """The ids that a problem has."""

    requests: frozenset[str]
    rooms: frozenset[str]
    people: frozenset[str]


def _known(problem: Problem) -> _Known:
    return _Known(
        frozenset(request.id for request in problem.requests),
        frozenset(room.id for venue in problem.venues for room in venue.rooms),
        frozenset(volunteer.id for volunteer in problem.volunteers),
    )


def _gone(known: _Known, assignment: Assignment, why: Why) -> Iterator[Breach]:
    """What a session names and the problem does not know."""
    session = assignment.request, assignment.session
    name = f"{assignment.request}#{assignment.session}"
    if assignment.request not in known.requests:
        yield Breach(
            "session",
            message(
                "{name}: {request} {why}", name=name, request=assignment.request, why=why(assignment.request)
            ),
            (session,),
        )
    if assignment.room not in known.rooms:
        yield Breach(
            UNKNOWN,
            message("{name}: {room} {why}", name=name, room=assignment.room, why=why(assignment.room)),
            (session,),
        )
    for person in (*assignment.leads, *assignment.assistants):
        if person not in known.people:
            yield Breach(
                UNKNOWN,
                message("{name}: {person} {why}", name=name, person=person, why=why(person)),
                (session,),
            )


def _numbers(sessions: Iterable[Assignment]) -> dict[str, set[int]]:
    numbers: dict[str, set[int]] = defaultdict(set)
    for assignment in sessions:
        numbers[assignment.request].add(assignment.session)
    return numbers


def _is_whole(week: Week, breach: Breach, numbers_of: Mapping[str, set[int]]) -> bool:
    """A course of which another session is broken is not broken by that itself."""
    sessions_of = {session.request.id: session.request.sessions for session in week.sessions}
    request = breach.sessions[0][0]
    return numbers_of[request] >= set(range(1, sessions_of[request] + 1))


def _with_others(week: Week, rules: Mapping[str, Rule], held: tuple[HeldSession, ...]) -> list[Breach]:
    """What own sessions break together with those of other timetables."""
    if not held:
        return []
    own = {session.id for session in week.sessions}
    others = tuple(_as_placed_session(week.problem, booking) for booking in held)
    sessions = tuple(sorted((*week.sessions, *others), key=lambda session: session.begin))
    shared = {name: rule for name, rule in SHARED.items() if name in rules}
    broken = []
    for breach in breaches(Week(week.problem, sessions, ()), shared):
        ours = tuple(session for session in breach.sessions if session in own)
        if 0 < len(ours) < len(breach.sessions):
            broken.append(Breach(breach.rule, breach.sentence, ours))
    return broken


def _as_placed_session(problem: Problem, booking: HeldSession) -> PlacedSession:
    known = {room.id: (room, venue) for venue in problem.venues for room in venue.rooms}
    room, venue = known.get(booking.room) or _elsewhere(problem, booking)
    people = {volunteer.id: volunteer for volunteer in problem.volunteers}
    team = tuple(people[name] for name in booking.people if name in people)
    day, start = divmod(booking.begin_min, DAY_MIN)
    assignment = Assignment(booking.name, booking.session, day + 1, start, room.id, booking.people)
    minutes = booking.end_min - booking.begin_min
    request = Request(booking.name, booking.name, "", venue.location, "", "", 1, minutes, acceptable=())
    return PlacedSession(assignment, request, room, venue, team, (), booking.begin_min, booking.end_min)


def _elsewhere(problem: Problem, booking: HeldSession) -> tuple[Room, Venue]:
    """A room that the problem does not have, at a venue that it may have."""
    room = Room(
        booking.room, booking.room, 0, (), turnaround_min=booking.turnaround_min, part_of=booking.part_of
    )
    venue = next((venue for venue in problem.venues if venue.id == booking.venue), None)
    return room, venue or Venue(booking.venue, booking.venue, "other", booking.location, (room,))
