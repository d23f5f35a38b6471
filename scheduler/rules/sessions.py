"""Hard rules about sessions, their times and their rooms; each docstring says what its rule forbids."""

from __future__ import annotations

from collections.abc import Iterator

from domain.messages import message
from domain.starts import Starts
from domain.windows import DAY_MIN, Window, clock
from scheduler.documents.records import Request, Room, uneven_minutes
from scheduler.rules.week import Broken, Week, beyond, close_pairs, enumeration, grouped, minutes


def session_exists(week: Week) -> Broken:
    """The request exists, the session number is one of its 1 to `sessions`, and no session is placed twice."""
    for stray in week.strays:
        yield (
            message(
                "{request}#{session} is of a request that does not exist",
                request=stray.request,
                session=stray.session,
            ),
            (),
        )
    for twins in grouped(week.sessions, lambda session: [session.id]):
        if len(twins) > 1:
            yield (
                message(
                    "{twins}: one session is placed {count} times", twins=enumeration(twins), count=len(twins)
                ),
                twins,
            )
    for session in week.sessions:
        if not 1 <= session.assignment.session <= session.request.sessions:
            yield (
                message(
                    "{session} is not one of the sessions 1 to {sessions}",
                    session=session,
                    sessions=session.request.sessions,
                ),
                [session],
            )


def all_or_none(week: Week) -> Broken:
    """A request without `partial` has all of its sessions placed, or none."""
    for sessions in grouped(week.sessions, lambda session: [session.assignment.request]):
        request = sessions[0].request
        numbers = {session.assignment.session for session in sessions} & set(range(1, request.sessions + 1))
        if not request.partial and 0 < len(numbers) < request.sessions:
            yield (
                message(
                    "{request} has {count} of its {sessions} sessions placed",
                    request=request.id,
                    count=len(numbers),
                    sessions=request.sessions,
                ),
                sessions,
            )


def few_a_day(week: Week) -> Broken:
    """At most `max_sessions_per_day` sessions of one request are on one day."""
    for sessions in grouped(
        week.sessions, lambda session: [(session.assignment.request, session.assignment.day)]
    ):
        limit = sessions[0].request.max_sessions_per_day
        if len(sessions) > limit:
            yield (
                message(
                    "{sessions} are on one day, where {limit} may be",
                    sessions=enumeration(sessions),
                    limit=limit,
                ),
                sessions,
            )


def on_grid(week: Week) -> Broken:
    """A session starts at an allowed time, ends by 24:00, and is not on while the clocks change.

    Allowed are the request's own `bell_times`, else the multiples of its own `grid_minutes`, else the `bell_times` of
    the problem, else the multiples of the problem's `grid_minutes`.
    """
    gaps = uneven_minutes(week.problem)
    for session in week.sessions:
        starts = session.request.starts or week.problem.starts or Starts(week.problem.grid_min)
        if not starts.allows(session.assignment.start_min):
            yield message("{session} does not start {when}", session=session, when=_when(starts)), [session]
        if session.assignment.start_min + session.request.duration_min > DAY_MIN:
            yield message("{session} ends after 24:00", session=session), [session]
        if any(Window(session.begin, session.end).overlaps(gap) for gap in gaps):
            yield message("{session} is on while the clocks change", session=session), [session]


def _when(starts: Starts) -> str:
    if starts.bells:
        return message("when the bell rings ({bells})", bells=tuple(map(clock, starts.bells)))
    return message("at a multiple of {grid_min} minutes", grid_min=starts.grid_min)


def at_acceptable_time(week: Week) -> Broken:
    """The whole session lies in one acceptable window of its request."""
    for session in week.sessions:
        if not session.within(session.request.acceptable):
            yield (
                message(
                    "{session} is outside the times that {request} accepts",
                    session=session,
                    request=session.request.id,
                ),
                [session],
            )


def while_open(week: Week) -> Broken:
    """The whole session lies in one open window of its room; the turnaround may run past closing."""
    for session in week.sessions:
        if not session.within(session.room.open):
            yield (
                message(
                    "{session} is outside the opening times of {room}", session=session, room=session.room.id
                ),
                [session],
            )


def in_fitting_room(week: Week) -> Broken:
    """The room holds the learners, has the equipment, is accessible where asked, and welcomes the function."""
    for session in week.sessions:
        for lack in _misfits(session.request, session.room):
            yield f"{session}: {lack}", [session]


def _misfits(request: Request, room: Room) -> Iterator[str]:
    if room.capacity < request.learners:
        yield message(
            "{learners} learners do not fit into {capacity} places",
            learners=request.learners,
            capacity=room.capacity,
        )
    if missing := request.equipment - room.equipment:
        yield message("the room lacks {missing}", missing=sorted(missing))
    if request.accessible and not room.accessible:
        yield message("the room is not accessible")
    if room.functions is not None and request.function not in room.functions:
        yield message("the room does not welcome {function}", function=request.function)


def in_reach(week: Week) -> Broken:
    """The venue is within the request's `max_travel_km`."""
    for session in week.sessions:
        if beyond(session.request.location, session.venue.location, session.request.max_travel_km):
            limit = session.request.max_travel_km
            yield (
                message(
                    "{session} is in {venue}, more than {limit} km from its community",
                    session=session,
                    venue=session.venue.id,
                    limit=limit,
                ),
                [session],
            )


def rooms_free(week: Week) -> Broken:
    """Two sessions in one room are at least its turnaround apart, from the end of the earlier, past midnight too.

    A whole room and any of its parts clash likewise, with the larger turnaround of the two; two different parts do not.
    """
    family = grouped(week.sessions, lambda session: [session.room.part_of or session.room.id])
    for sessions in family:
        longest = max(session.room.turnaround_min for session in sessions)
        for earlier, later in close_pairs(sessions, longest):
            if earlier.room.id != later.room.id and earlier.room.part_of and later.room.part_of:
                continue  # two parts of a hall stand side by side
            gap = max(earlier.room.turnaround_min, later.room.turnaround_min)
            if later.begin < earlier.end + gap:
                yield (
                    message(
                        "{earlier} and {later} need {gap} minutes between them in their room",
                        earlier=earlier,
                        later=later,
                        gap=gap,
                    ),
                    (earlier, later),
                )


def venues_within_cap(week: Week) -> Broken:
    """The minutes of all sessions in a venue do not exceed its `weekly_cap_minutes`."""
    for sessions in grouped(week.sessions, lambda session: [session.venue.id]):
        cap, used = sessions[0].venue.weekly_cap_min, minutes(sessions)
        if cap is not None and used > cap:
            yield (
                message(
                    "{sessions} use {used} of the {cap} minutes that {venue} lends",
                    sessions=enumeration(sessions),
                    used=used,
                    cap=cap,
                    venue=sessions[0].venue.id,
                ),
                sessions,
            )


def pins_kept(week: Week) -> Broken:
    """Every pin is in the plan as it stands: request, session, day, start, room, set of leads and set of assistants."""
    planned = {session.assignment.pin_key for session in week.sessions}
    for pin in week.problem.pins:
        if pin.pin_key not in planned:
            yield (
                message(
                    "{request}#{session} is not in the plan as it was pinned",
                    request=pin.request,
                    session=pin.session,
                ),
                (),
            )
