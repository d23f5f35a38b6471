"""Decide which hard rules a list of assignments breaks: the project's own second reading of FORMAT.md.

No model or search shares code with this module, so that a mistake there cannot hide here. It judges a solver's
plan before it leaves, and a coordinator's moves by hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import asin, ceil, cos, radians, sin, sqrt

from domain.windows import DAY_MIN, DAY_NAMES, Windows, clock
from scheduler.documents import MalformedDocument
from scheduler.records import Assignment, Location, Problem, Request, Room, Venue, Volunteer

EARTH_KM = 6371.0088
SessionId = tuple[str, int]  # request, session number


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken rule: its name in FORMAT.md, a sentence that names both sides, and the sessions concerned."""

    rule: str
    sentence: str
    sessions: tuple[SessionId, ...]

    def __str__(self) -> str:
        return f"{self.rule}: {self.sentence}"


@dataclass(frozen=True, slots=True, eq=False)
class Sitting:
    """An assignment with everything that it names; minutes count from Monday 00:00."""

    at: Assignment
    request: Request
    room: Room
    venue: Venue
    leads: tuple[Volunteer, ...]
    assistants: tuple[Volunteer, ...]
    begin: int
    end: int

    @property
    def id(self) -> SessionId:
        return self.at.request, self.at.session

    @property
    def team(self) -> tuple[Volunteer, ...]:
        """Everybody once, however often named."""
        return tuple({one.id: one for one in (*self.leads, *self.assistants)}.values())

    def within(self, windows: Windows) -> bool:
        return any(window.start_min <= self.begin and self.end <= window.end_min for window in windows)

    def __str__(self) -> str:
        end = clock(min(self.end - (self.at.day - 1) * DAY_MIN, DAY_MIN))
        day = DAY_NAMES[self.at.day - 1]
        return f"{self.at.request}#{self.at.session} ({self.room.id}, {day} {clock(self.at.start_min)}-{end})"


@dataclass(frozen=True, slots=True, eq=False)
class Week:
    """All that the rules look at: the sittings in order of time, and assignments of requests that do not exist."""

    problem: Problem
    sittings: tuple[Sitting, ...]
    strays: tuple[Assignment, ...]


Rule = Callable[[Week], Iterator[tuple[str, Iterable[Sitting]]]]


def check(problem: Problem, assignments: Iterable[Assignment]) -> tuple[Breach, ...]:
    """Name every breach of the hard rules, in the rules' order.

    Parameters
    ----------
    problem : Problem
        As `read_problem` gives it.
    assignments : iterable of Assignment
        The whole plan: `whole` and `pin` judge what is missing too.

    Raises
    ------
    MalformedDocument
        If an assignment names a room or a volunteer that the problem does not know.
    """
    return _judge(lay_out(problem, assignments), RULES)


def check_pins(problem: Problem) -> None:
    """Refuse a problem whose pins break a rule; `whole` is not asked of the pins alone.

    Raises
    ------
    MalformedDocument
        Naming each rule and both sides.
    """
    rules = {name: rule for name, rule in RULES.items() if name not in ("whole", "pin")}
    breaches = _judge(lay_out(problem, problem.pins), rules)
    if breaches:
        raise MalformedDocument(f"pins: {breach}" for breach in breaches)


def _judge(week: Week, rules: dict[str, Rule]) -> tuple[Breach, ...]:
    return tuple(
        Breach(name, sentence, tuple(sitting.id for sitting in sittings))
        for name, rule in rules.items()
        for sentence, sittings in rule(week)
    )


def lay_out(problem: Problem, assignments: Iterable[Assignment]) -> Week:
    """Look up what the assignments name."""
    requests = {request.id: request for request in problem.requests}
    rooms = {room.id: (room, venue) for venue in problem.venues for room in venue.rooms}
    people = {volunteer.id: volunteer for volunteer in problem.volunteers}
    sittings, strays = [], []
    for one in assignments:
        if one.request not in requests:
            strays.append(one)
            continue
        try:
            sittings.append(_sitting(one, requests[one.request], *rooms[one.room], people))
        except KeyError as unknown:
            raise MalformedDocument([f"{one.request}#{one.session}: unknown id {unknown}"]) from None
    return Week(problem, tuple(sorted(sittings, key=lambda sitting: sitting.begin)), tuple(strays))


def _sitting(
    at: Assignment, request: Request, room: Room, venue: Venue, people: dict[str, Volunteer]
) -> Sitting:
    leads, assistants = (tuple(people[name] for name in names) for names in (at.leads, at.assistants))
    return Sitting(
        at, request, room, venue, leads, assistants, at.begin_min, at.begin_min + request.duration_min
    )


def km(a: Location, b: Location) -> float:
    """Great-circle distance by the haversine formula."""
    (north_a, east_a), (north_b, east_b) = (tuple(map(radians, place)) for place in (a, b))
    half = sin((north_b - north_a) / 2) ** 2 + cos(north_a) * cos(north_b) * sin((east_b - east_a) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half)))


def _beyond(a: Location, b: Location, limit_km: float | None) -> bool:
    return limit_km is not None and km(a, b) > limit_km


def _grouped(sittings: Iterable[Sitting], key: Callable[[Sitting], Iterable[object]]) -> list[list[Sitting]]:
    """The sittings under each key that they have, still in order of time."""
    groups: dict[object, list[Sitting]] = defaultdict(list)
    for sitting in sittings:
        for name in key(sitting):
            groups[name].append(sitting)
    return list(groups.values())


def _listed(sittings: list[Sitting]) -> str:
    more = f" and {len(sittings) - 4} more" if len(sittings) > 4 else ""
    return ", ".join(map(str, sittings[:4])) + more


def _minutes(sittings: Iterable[Sitting]) -> int:
    return sum(sitting.request.duration_min for sitting in sittings)


def _close_pairs(sittings: list[Sitting], apart_min: int) -> Iterator[tuple[Sitting, Sitting]]:
    """Earlier and later sittings with less than `apart_min` minutes between them."""
    recent: list[Sitting] = []
    for sitting in sittings:
        recent = [earlier for earlier in recent if earlier.end + apart_min > sitting.begin]
        yield from ((earlier, sitting) for earlier in recent)
        recent.append(sitting)


def session_exists(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for stray in week.strays:
        yield f"{stray.request}#{stray.session} is of a request that does not exist", ()
    for twins in _grouped(week.sittings, lambda sitting: [sitting.id]):
        if len(twins) > 1:
            yield f"{_listed(twins)}: one session is placed {len(twins)} times", twins
    for sitting in week.sittings:
        if not 1 <= sitting.at.session <= sitting.request.sessions:
            yield f"{sitting} is not one of the sessions 1 to {sitting.request.sessions}", [sitting]


def all_or_none(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sittings in _grouped(week.sittings, lambda sitting: [sitting.at.request]):
        request = sittings[0].request
        numbers = {one.at.session for one in sittings} & set(range(1, request.sessions + 1))
        if not request.partial and 0 < len(numbers) < request.sessions:
            yield f"{request.id} has {len(numbers)} of its {request.sessions} sessions placed", sittings


def few_a_day(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sittings in _grouped(week.sittings, lambda sitting: [(sitting.at.request, sitting.at.day)]):
        limit = sittings[0].request.max_sessions_per_day
        if len(sittings) > limit:
            yield f"{_listed(sittings)} are on one day, where {limit} may be", sittings


def on_grid(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sitting in week.sittings:
        if sitting.at.start_min % week.problem.grid_min:
            yield f"{sitting} does not start at a multiple of {week.problem.grid_min} minutes", [sitting]
        if sitting.at.start_min + sitting.request.duration_min > DAY_MIN:
            yield f"{sitting} ends after 24:00", [sitting]


def at_acceptable_time(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sitting in week.sittings:
        if not sitting.within(sitting.request.acceptable):
            yield f"{sitting} is outside the times that {sitting.request.id} accepts", [sitting]


def while_open(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sitting in week.sittings:
        if not sitting.within(sitting.room.open):
            yield f"{sitting} is outside the opening times of {sitting.room.id}", [sitting]


def in_fitting_room(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
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


def in_reach(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sitting in week.sittings:
        if _beyond(sitting.request.location, sitting.venue.location, sitting.request.max_travel_km):
            limit = sitting.request.max_travel_km
            yield f"{sitting} is in {sitting.venue.id}, more than {limit} km from its community", [sitting]


def rooms_free(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    family = _grouped(week.sittings, lambda sitting: [sitting.room.part_of or sitting.room.id])
    for sittings in family:
        longest = max(sitting.room.turnaround_min for sitting in sittings)
        for earlier, later in _close_pairs(sittings, longest):
            if earlier.room.id != later.room.id and earlier.room.part_of and later.room.part_of:
                continue  # two parts of a hall stand side by side
            gap = max(earlier.room.turnaround_min, later.room.turnaround_min)
            if later.begin < earlier.end + gap:
                yield f"{earlier} and {later} need {gap} minutes between them in their room", (earlier, later)


def venues_within_cap(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sittings in _grouped(week.sittings, lambda sitting: [sitting.venue.id]):
        cap, used = sittings[0].venue.weekly_cap_min, _minutes(sittings)
        if cap is not None and used > cap:
            yield (
                f"{_listed(sittings)} use {used} of the {cap} minutes that {sittings[0].venue.id} lends",
                sittings,
            )


def team_complete(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sitting in week.sittings:
        request = sitting.request
        if len(sitting.leads) != request.leads:
            yield f"{sitting} has {len(sitting.leads)} leads, not {request.leads}", [sitting]
        if len(sitting.assistants) != request.assistants:
            yield f"{sitting} has {len(sitting.assistants)} assistants, not {request.assistants}", [sitting]
        if len(sitting.team) < len(sitting.leads) + len(sitting.assistants):
            yield f"{sitting} names a volunteer twice", [sitting]


def skilled(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sitting in week.sittings:
        for lead in sitting.leads:
            if "lead" not in lead.roles:
                yield f"{sitting}: {lead.id} does not lead", [sitting]
            if sitting.request.topic not in lead.skills:
                yield f"{sitting}: {lead.id} cannot lead {sitting.request.topic}", [sitting]
        for assistant in sitting.assistants:
            if "assistant" not in assistant.roles:
                yield f"{sitting}: {assistant.id} does not assist", [sitting]


def people_available(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sitting in week.sittings:
        for one in sitting.team:
            if not sitting.within(one.available):
                yield f"{sitting}: {one.id} has not offered this time", [sitting]


def near_home(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sitting in week.sittings:
        for one in sitting.team:
            if _beyond(one.location, sitting.venue.location, one.max_travel_km):
                yield (
                    f"{sitting} is in {sitting.venue.id}, more than {one.max_travel_km} km from {one.id}",
                    [sitting],
                )


def volunteers_free(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for who, sittings in _by_volunteer(week):
        for earlier, later in combinations(sittings, 2):
            way = _way_min(earlier, later, week.problem.travel_kmh)
            if later.begin < earlier.end + way:
                need = (
                    f"{who.id} needs {way} minutes of way between"
                    if way
                    else f"{who.id} is wanted at once by"
                )
                yield f"{need} {earlier} and {later}", (earlier, later)


def _by_volunteer(week: Week) -> Iterator[tuple[Volunteer, list[Sitting]]]:
    busy: dict[str, tuple[Volunteer, list[Sitting]]] = {}
    for sitting in week.sittings:
        for one in sitting.team:
            busy.setdefault(one.id, (one, []))[1].append(sitting)
    yield from busy.values()


def _way_min(earlier: Sitting, later: Sitting, kmh: float) -> int:
    """Whole minutes of way; 0 within a venue or overnight."""
    if earlier.venue is later.venue or earlier.at.day != later.at.day:
        return 0
    return ceil(min(60 * km(earlier.venue.location, later.venue.location) / kmh, DAY_MIN))


def load_bearable(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for who, sittings in _by_volunteer(week):
        spans = [(who.max_min_week, "the week", sittings)]
        days = _grouped(sittings, lambda sitting: [sitting.at.day])
        spans += [(who.max_min_day, DAY_NAMES[on_day[0].at.day - 1], on_day) for on_day in days]
        for limit, span, within in spans:
            if limit is not None and _minutes(within) > limit:
                yield (
                    f"{_listed(within)} are {_minutes(within)} of {limit} minutes of {who.id} in {span}",
                    within,
                )


def minors_safe(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sitting in week.sittings:
        for lead in sitting.leads:
            if lead.minor:
                yield f"{sitting} is led by {lead.id}, a minor", [sitting]
        if sitting.request.minors:
            yield from ((lack, [sitting]) for lack in _unsafe(sitting))


def _unsafe(sitting: Sitting) -> Iterator[str]:
    for one in sitting.team:
        if not one.vetted:
            yield f"{sitting} is for minors, and {one.id} is not vetted"
    adults = sum(not one.minor for one in sitting.team)
    if sitting.team and adults < 2:
        yield f"{sitting} is for minors, and {adults} of two adults are there"


def led_by_the_same(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    for sittings in _grouped(week.sittings, lambda sitting: [sitting.at.request]):
        first = sittings[0]
        for other in sittings[1:] if first.request.same_leads else ():
            if set(other.at.leads) != set(first.at.leads):
                yield f"{first} and {other} have different leads", (first, other)


def cohorts_free(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    seen: set[tuple[int, int]] = set()
    for sittings in _grouped(week.sittings, lambda sitting: sitting.request.cohorts):
        for earlier, later in _close_pairs(sittings, 0):
            pair = id(earlier), id(later)
            if pair not in seen:
                shared = ", ".join(sorted(earlier.request.cohorts & later.request.cohorts)[:3])
                yield f"{earlier} and {later} overlap and share the learners {shared}", (earlier, later)
            seen.add(pair)


def pins_kept(week: Week) -> Iterator[tuple[str, Iterable[Sitting]]]:
    planned = {sitting.at.pin_key for sitting in week.sittings}
    for pin in week.problem.pins:
        if pin.pin_key not in planned:
            yield f"{pin.request}#{pin.session} is not in the plan as it was pinned", ()


RULES: dict[str, Rule] = {
    "session": session_exists,
    "whole": all_or_none,
    "per_day": few_a_day,
    "grid": on_grid,
    "acceptable": at_acceptable_time,
    "open": while_open,
    "fit": in_fitting_room,
    "reach": in_reach,
    "room_clash": rooms_free,
    "venue_cap": venues_within_cap,
    "team": team_complete,
    "skill": skilled,
    "available": people_available,
    "home": near_home,
    "volunteer_clash": volunteers_free,
    "load": load_bearable,
    "minors": minors_safe,
    "same_leads": led_by_the_same,
    "cohort_clash": cohorts_free,
    "pin": pins_kept,
}
