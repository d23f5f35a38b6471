"""Decide what a week could be shared out to at best: who leads what and which venue hosts it, whatever the hour.

A relaxation of all rules that fits a district into a second: a request has the leads and venues that it could have at
some hour, a lead gives no more minutes in the week than offered, a venue hosts no more than its rooms are open. What
no sharing out reaches no plan reaches, so that each goal's optimum here bounds it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from domain.windows import DAY_MIN
from scheduler.documents.records import Request
from scheduler.instance.geography import Points
from scheduler.instance.instance import Instance
from scheduler.model.load_limits import Piece, within
from scheduler.processes.program import Program, Term


@dataclass(slots=True)
class Wish:
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
class Shares:
    """A programme and what its columns mean."""

    instance: Instance
    program: Program = field(default_factory=Program)
    wishes: list[Wish] = field(default_factory=list)

    def wanted(self, wish: Wish) -> Request:
        return self.instance.requests[wish.request]


def share_out(instance: Instance, requests: Iterable[int]) -> Shares:
    """Give columns and rows to the requests; all of them are free, pinned ones too."""
    shares = Shares(instance)
    minutes: dict[int, list[Piece]] = defaultdict(list)
    for request in requests:
        if instance.choices[request].rooms:
            _add_request(shares, request, minutes)
    for one, pieces in minutes.items():
        within(shares.program, pieces, _minutes_offered(instance, one))
    _add_venue_minutes(shares)
    return shares


def _add_request(shares: Shares, request: int, minutes: dict[int, list[Piece]]) -> None:
    instance, program = shares.instance, shares.program
    wanted, rooms = instance.requests[request], instance.choices[request].rooms
    together = wanted.same_leads and not wanted.partial
    each, led = (1 if wanted.partial else wanted.sessions), (wanted.sessions if together else 1)
    most = _could_hold(wanted, rooms)
    held = program.column(upper=most // each)
    leads: dict[int, list[int]] = {}
    for one, could in _could_lead(instance, request).items():
        leads[one] = [program.column() for _ in range(could // led)]
        minutes[one] += [Piece(wanted.duration_min * led, (column,)) for column in leads[one]]
    if wanted.leads:
        terms = [(column, float(led)) for columns in leads.values() for column in columns]
        program.row([*terms, (held, -float(wanted.leads * each))], low=0, high=0)
    venues = sorted({instance.room_venue[room] for at_start in rooms.values() for room in at_start})
    hosts = {venue: program.column(upper=wanted.sessions, integer=False) for venue in venues}
    program.row([*((column, 1.0) for column in hosts.values()), (held, -float(each))], low=0, high=0)
    shares.wishes.append(Wish(request, held, each, led, leads, hosts))


def _could_hold(wanted: Request, starts: Iterable[int]) -> int:
    """How many sessions there could be on the days of these starts."""
    days = {start // DAY_MIN for start in starts}
    return min(wanted.sessions, len(days) * wanted.max_sessions_per_day)


def _could_lead(instance: Instance, request: int) -> dict[int, int]:
    """How many sessions each lead could lead, by the days on which they could."""
    starts: dict[int, list[int]] = defaultdict(list)
    for start, people in instance.choices[request].leads.items():
        for person in people:
            starts[person].append(start)
    return {one: _could_hold(instance.requests[request], starts[one]) for one in sorted(starts)}


def _minutes_offered(instance: Instance, one: int) -> int:
    volunteer, days = instance.volunteers[one], [0] * 7
    for window in volunteer.available:
        days[window.start_min // DAY_MIN] += window.minutes
    if volunteer.max_min_day is not None:
        days = [min(minutes, volunteer.max_min_day) for minutes in days]
    return sum(days) if volunteer.max_min_week is None else min(sum(days), volunteer.max_min_week)


def _add_venue_minutes(shares: Shares) -> None:
    instance, terms = shares.instance, defaultdict[int, list[Term]](list)
    for wish in shares.wishes:
        for venue, column in wish.hosts.items():
            terms[venue].append((column, float(shares.wanted(wish).duration_min)))
    for venue, term in terms.items():
        one = instance.venues[venue]
        minutes = sum(window.minutes for room in one.rooms for window in room.open)
        most = minutes if one.weekly_cap_min is None else min(minutes, one.weekly_cap_min)
        shares.program.row(term, high=most)


# ---- Goals


def communities(shares: Shares) -> list[Term]:
    """A column for each community: 1 where anything of what it asks is held."""
    asked: dict[str, list[int]] = defaultdict(list)
    for wish in shares.wishes:
        asked[shares.wanted(wish).area].append(wish.held)
    return [_any_of(shares.program, columns) for columns in asked.values()]


def _any_of(program: Program, columns: Iterable[int]) -> Term:
    one = program.column(integer=False)
    program.row([(one, 1.0), *((column, -1.0) for column in columns)], high=0)
    return one, 1.0


def served(shares: Shares) -> list[Term]:
    return [(wish.held, float(wish.each * shares.wanted(wish).weight)) for wish in shares.wishes]


def functions(shares: Shares) -> list[Term]:
    """A column for each venue and function."""
    hosting: dict[tuple[int, str], list[int]] = defaultdict(list)
    for wish in shares.wishes:
        for venue, column in wish.hosts.items():
            hosting[venue, shares.wanted(wish).function].append(column)
    return [_any_of(shares.program, columns) for columns in hosting.values()]


def preferred(shares: Shares) -> list[Term]:
    """A column for each request: no more sessions than are held, and than leads could lead, at preferred starts."""
    terms = []
    for wish in shares.wishes:
        request, choices = shares.wanted(wish), shares.instance.choices[wish.request]
        grid = shares.instance.grid
        liked = choices.rooms.keys() & set(grid.starts(grid.mask(request.preferred, request.duration_min)))
        if most := _could_hold(request, liked):
            column = shares.program.column(upper=most, integer=False)
            shares.program.row([(column, 1.0), (wish.held, -float(wish.each))], high=0)
            _add_liked_leads(shares, wish, column, liked)
            terms.append((column, 1.0))
    return terms


def _add_liked_leads(shares: Shares, wish: Wish, column: int, liked: Iterable[int]) -> None:
    request, starts = shares.wanted(wish), defaultdict[int, list[int]](list)
    for start in liked:
        for lead in shares.instance.choices[wish.request].leads.get(start, ()):
            starts[lead].append(start)
    if request.leads:
        could = {one: min(wish.led, _could_hold(request, some)) for one, some in starts.items()}
        terms = [
            (led, -float(could[one])) for one, some in wish.leads.items() if one in could for led in some
        ]
        shares.program.row([(column, float(request.leads)), *terms], high=0)


def travel(shares: Shares) -> list[Term]:
    """Nobody's way is shorter than to the nearest venue that could host the request."""
    terms = []
    venues = Points(venue.location for venue in shares.instance.venues)
    for wish in shares.wishes:
        request, choices = shares.wanted(wish), shares.instance.choices[wish.request]
        near = venues.some(np.array(sorted(wish.hosts), dtype=np.intp))
        people = sorted(wish.leads)
        for one, metres in zip(people, _nearest_metres(shares, people, near).tolist(), strict=True):
            terms += [(column, -metres * wish.led) for column in wish.leads[one]]
        helpers = sorted({one for assistant in choices.assistants.values() for one in assistant})
        if request.assistants and helpers:
            least = float(_nearest_metres(shares, helpers, near).min())
            terms.append((wish.held, -least * wish.each * request.assistants))
    return terms


def _nearest_metres(shares: Shares, people: list[int], venues: Points) -> NDArray[np.float64]:
    homes = [shares.instance.volunteers[person].location for person in people]
    if not homes:
        return np.zeros(0)
    metres = 1000 * venues.kilometres_from(homes).min(axis=1)
    return np.asarray(np.rint(np.maximum(0.0, metres - _DOUBT_M)), dtype=np.float64)


_DOUBT_M = 1e-3  # by which distances of many points at once may differ from those of two
SHARED: dict[str, Callable[[Shares], list[Term]]] = {
    "communities": communities,
    "served": served,
    "functions": functions,
    "preferred": preferred,
    "travel": travel,
}
