"""Aggregated week: the relaxation of all rules that drops the hours, so that its optima bound the goals.

A request has the leads and venues that it could have at some hour, a lead gives no more minutes in the week than
offered, a venue hosts no more than its rooms are open. A district takes a second. What no aggregated week reaches no
plan reaches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.windows import DAY_MIN
from scheduler.documents.records import Request
from scheduler.instance.instance import Instance
from scheduler.model.load_limits import Piece, within
from scheduler.processes.program import Program, Term


@dataclass(slots=True)
class Aggregate:
    """One request's columns.

    Attributes
    ----------
    held : int
        The column that says how much of the request is held: `each` sessions for every 1 of it.
    leads : dict
        For each volunteer the columns that say how much of the request they lead: `led` sessions for every 1.
    hosts : dict
        For each venue the column of the sessions that it hosts.
    """

    request: int
    held: int
    each: int
    led: int
    leads: dict[int, list[int]]
    hosts: dict[int, int]


@dataclass(slots=True)
class AggregatedWeek:
    """A programme and what its columns mean."""

    instance: Instance
    program: Program = field(default_factory=Program)
    aggregates: list[Aggregate] = field(default_factory=list)

    def request(self, aggregate: Aggregate) -> Request:
        """The request of an aggregate."""
        return self.instance.requests[aggregate.request]


def lay_out_aggregated(instance: Instance, requests: Iterable[int]) -> AggregatedWeek:
    """Give columns and rows to the requests, by their indices; all of them are free, pinned ones too."""
    week = AggregatedWeek(instance)
    minutes: dict[int, list[Piece]] = defaultdict(list)
    for r in requests:
        if instance.candidates[r].rooms:
            _add_request(week, r, minutes)
    for person, pieces in minutes.items():
        within(week.program, pieces, _minutes_offered(instance, person))
    _add_venue_minutes(week)
    return week


def _add_request(week: AggregatedWeek, r: int, minutes: dict[int, list[Piece]]) -> None:
    instance, program = week.instance, week.program
    request, rooms = instance.requests[r], instance.candidates[r].rooms
    together = request.same_leads and not request.partial
    each, led = (1 if request.partial else request.sessions), (request.sessions if together else 1)
    limit = could_hold(request, rooms)
    held = program.column(upper=limit // each)
    leads: dict[int, list[int]] = {}
    for person, could in _could_lead(instance, r).items():
        leads[person] = [program.column() for _ in range(could // led)]
        minutes[person] += [Piece(request.duration_min * led, (column,)) for column in leads[person]]
    if request.leads:
        terms = [(column, float(led)) for columns in leads.values() for column in columns]
        program.row([*terms, (held, -float(request.leads * each))], low=0, high=0)
    venues = sorted({instance.room_venue[room] for at_start in rooms.values() for room in at_start})
    hosts = {venue: program.column(upper=request.sessions, integer=False) for venue in venues}
    program.row([*((column, 1.0) for column in hosts.values()), (held, -float(each))], low=0, high=0)
    week.aggregates.append(Aggregate(r, held, each, led, leads, hosts))


def could_hold(request: Request, starts: Iterable[int]) -> int:
    """How many sessions there could be on the days of these starts."""
    days = {start // DAY_MIN for start in starts}
    return min(request.sessions, len(days) * request.max_sessions_per_day)


def _could_lead(instance: Instance, r: int) -> dict[int, int]:
    """How many sessions each lead could lead, by the days on which they could."""
    starts: dict[int, list[int]] = defaultdict(list)
    for start, people in instance.candidates[r].leads.items():
        for person in people:
            starts[person].append(start)
    return {person: could_hold(instance.requests[r], starts[person]) for person in sorted(starts)}


def _minutes_offered(instance: Instance, person: int) -> int:
    volunteer, days = instance.volunteers[person], [0] * 7
    for window in volunteer.available:
        days[window.start_min // DAY_MIN] += window.minutes
    if volunteer.max_min_day is not None:
        days = [min(minutes, volunteer.max_min_day) for minutes in days]
    return sum(days) if volunteer.max_min_week is None else min(sum(days), volunteer.max_min_week)


def _add_venue_minutes(week: AggregatedWeek) -> None:
    instance, terms = week.instance, defaultdict[int, list[Term]](list)
    for aggregate in week.aggregates:
        for venue, column in aggregate.hosts.items():
            terms[venue].append((column, float(week.request(aggregate).duration_min)))
    for venue, term in terms.items():
        host = instance.venues[venue]
        minutes = sum(window.minutes for room in host.rooms for window in room.open)
        limit = minutes if host.weekly_cap_min is None else min(minutes, host.weekly_cap_min)
        week.program.row(term, high=limit)


def any_of(program: Program, columns: Iterable[int], *, integer: bool = False) -> Term:
    """The term of a new column that is at most 1, and 0 where all the columns are 0."""
    union = program.column(integer=integer)
    program.row([(union, 1.0), *((column, -1.0) for column in columns)], high=0)
    return union, 1.0
