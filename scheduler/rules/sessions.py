"""Decide which rules about sessions, their times and their rooms a week breaks."""

from __future__ import annotations

from collections.abc import Iterator

from domain.starts import Starts
from domain.windows import DAY_MIN, Window, clock
from scheduler.documents.records import Request, Room, uneven_minutes
from scheduler.rules.week import Broken, Week, beyond, close_pairs, grouped, listed, minutes


def session_exists(week: Week) -> Broken:
    """The request exists, the session number is one of its 1 to `sessions`, and no session is placed twice."""
    for stray in week.strays:
        yield f"{stray.request}#{stray.session} is of a request that does not exist", ()
    for twins in grouped(week.sittings, lambda sitting: [sitting.id]):
        if len(twins) > 1:
            yield f"{listed(twins)}: one session is placed {len(twins)} times", twins
    for sitting in week.sittings:
        if not 1 <= sitting.at.session <= sitting.request.sessions:
            yield f"{sitting} is not one of the sessions 1 to {sitting.request.sessions}", [sitting]


def all_or_none(week: Week) -> Broken:
    """A request without `partial` has all of its sessions placed, or none."""
    for sittings in grouped(week.sittings, lambda sitting: [sitting.at.request]):
        request = sittings[0].request
        numbers = {session.at.session for session in sittings} & set(range(1, request.sessions + 1))
        if not request.partial and 0 < len(numbers) < request.sessions:
            yield f"{request.id} has {len(numbers)} of its {request.sessions} sessions placed", sittings


def few_a_day(week: Week) -> Broken:
    """At most `max_sessions_per_day` sessions of one request are on one day."""
    for sittings in grouped(week.sittings, lambda sitting: [(sitting.at.request, sitting.at.day)]):
        limit = sittings[0].request.max_sessions_per_day
        if len(sittings) > limit:
            yield f"{listed(sittings)} are on one day, where {limit} may be", sittings


def on_grid(week: Week) -> Broken:
    """A session starts at an allowed time, ends by 24:00, and is not on while the clocks change.

    Allowed are the request's own `bell_times`, else the multiples of its own `grid_minutes`, else the `bell_times` of
    the problem, else the multiples of the problem's `grid_minutes`.
    """
    gaps = uneven_minutes(week.problem)
    for sitting in week.sittings:
        starts = sitting.request.starts or week.problem.starts or Starts(week.problem.grid_min)
        if not starts.allows(sitting.at.start_min):
            yield f"{sitting} does not start {_when(starts)}", [sitting]
        if sitting.at.start_min + sitting.request.duration_min > DAY_MIN:
            yield f"{sitting} ends after 24:00", [sitting]
        if any(Window(sitting.begin, sitting.end).overlaps(gap) for gap in gaps):
            yield f"{sitting} is on while the clocks change", [sitting]


def _when(starts: Starts) -> str:
    if starts.bells:
        return f"when the bell rings ({', '.join(map(clock, starts.bells))})"
    return f"at a multiple of {starts.grid_min} minutes"


def at_acceptable_time(week: Week) -> Broken:
    """The whole session lies in one acceptable window of its request."""
    for sitting in week.sittings:
        if not sitting.within(sitting.request.acceptable):
            yield f"{sitting} is outside the times that {sitting.request.id} accepts", [sitting]


def while_open(week: Week) -> Broken:
    """The whole session lies in one open window of its room; the turnaround may run past closing."""
    for sitting in week.sittings:
        if not sitting.within(sitting.room.open):
            yield f"{sitting} is outside the opening times of {sitting.room.id}", [sitting]


def in_fitting_room(week: Week) -> Broken:
    """The room holds the learners, has the equipment, is accessible where asked, and welcomes the function."""
    for sitting in week.sittings:
        for lack in _misfits(sitting.request, sitting.room):
            yield f"{sitting}: {lack}", [sitting]


def _misfits(request: Request, room: Room) -> Iterator[str]:
    if room.capacity < request.learners:
        yield f"{request.learners} learners do not fit into {room.capacity} places"
    if missing := request.equipment - room.equipment:
        yield f"the room lacks {', '.join(sorted(missing))}"
    if request.accessible and not room.accessible:
        yield "the room is not accessible"
    if room.functions is not None and request.function not in room.functions:
        yield f"the room does not welcome {request.function}"


def in_reach(week: Week) -> Broken:
    """The venue is within the request's `max_travel_km`."""
    for sitting in week.sittings:
        if beyond(sitting.request.location, sitting.venue.location, sitting.request.max_travel_km):
            limit = sitting.request.max_travel_km
            yield f"{sitting} is in {sitting.venue.id}, more than {limit} km from its community", [sitting]


def rooms_free(week: Week) -> Broken:
    """Two sessions in one room are at least its turnaround apart, from the end of the earlier, past midnight too.

    A whole room and any of its parts clash likewise, with the larger turnaround of the two; two different parts do not.
    """
    family = grouped(week.sittings, lambda sitting: [sitting.room.part_of or sitting.room.id])
    for sittings in family:
        longest = max(sitting.room.turnaround_min for sitting in sittings)
        for earlier, later in close_pairs(sittings, longest):
            if earlier.room.id != later.room.id and earlier.room.part_of and later.room.part_of:
                continue  # two parts of a hall stand side by side
            gap = max(earlier.room.turnaround_min, later.room.turnaround_min)
            if later.begin < earlier.end + gap:
                yield f"{earlier} and {later} need {gap} minutes between them in their room", (earlier, later)


def venues_within_cap(week: Week) -> Broken:
    """The minutes of all sessions in a venue do not exceed its `weekly_cap_minutes`."""
    for sittings in grouped(week.sittings, lambda sitting: [sitting.venue.id]):
        cap, used = sittings[0].venue.weekly_cap_min, minutes(sittings)
        if cap is not None and used > cap:
            yield (
                f"{listed(sittings)} use {used} of the {cap} minutes that {sittings[0].venue.id} lends",
                sittings,
            )


def pins_kept(week: Week) -> Broken:
    """Every pin is in the plan as it stands: request, session, day, start, room, set of leads and set of assistants."""
    planned = {sitting.at.pin_key for sitting in week.sittings}
    for pin in week.problem.pins:
        if pin.pin_key not in planned:
            yield f"{pin.request}#{pin.session} is not in the plan as it was pinned", ()
