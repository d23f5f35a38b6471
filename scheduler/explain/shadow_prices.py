"""Decide what one more lead, or one more room at some hour, would be worth to each request: shadow prices.

The week is a linear programme (the rows of `engine`, rooms and all). It is solved without what is wished for, so that
the duals price everything else: people's and rooms' hours, and courses that are served anyway. What a session with the
wish is worth less all that it takes is what the wish is worth to it (the reduced profit of its column; Dantzig 1963).
That says where to look; what a wish really brings is tried out afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from scheduler.documents.records import Problem, Request, Room, Venue, Volunteer
from scheduler.explain.free_starts import ALL_WEEK
from scheduler.goals.lexicographic import add_goals
from scheduler.instance.candidates import Candidates
from scheduler.instance.instance import Instance
from scheduler.instance.timetable import Timetable
from scheduler.model.columns import Choice, Slot, Unit, lay_out_columns
from scheduler.model.rows import ROWS
from scheduler.processes.highs import maximise
from scheduler.processes.program import Program, Term

Worth = dict[int, dict[int, float]]  # request, start: what the wish is worth to a session there, above 0
# Rows that only tie the parts of one session to each other have no price of their own: each part has its own.
_TIES = frozenset({"one_at_a_start", "home", "minors"})
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Worths:
    """What is wished for, and what it would be worth; units are those of `served`: priority × learners × minutes.

    Attributes
    ----------
    leads : dict
        Of somebody new who leads the request's topic, is vetted, free all week and comes to any venue.
    rooms : dict
        Of a fitting room within reach, open at the time.
    """

    leads: Worth
    rooms: Worth


def worths(problem: Problem, topics: Iterable[str], limit_s: float) -> Worths:
    """Shadow prices of a lead for each of the topics, and of rooms; `limit_s` is for the linear programme."""
    asked = sorted(set(topics))
    wishful = _Wishful(problem, replace(problem, volunteers=(*problem.volunteers, *map(_newcomer, asked))))
    choice, objective, ties = _programme(wishful)
    wished: list[int] = []
    for unit in choice.units:
        for slot in unit.slots.values():
            wished += _wished(slot, wishful)
    prices = _Prices(choice.program, objective, ties, wished, limit_s)
    found = Worths({}, {})
    for unit in choice.units:
        wanted, request = choice.request(unit), unit.request
        somebody = wishful.people + asked.index(wanted.topic) if wanted.topic in asked else None
        costs = _Costs(wishful, wanted, prices)
        if somebody is not None and wanted.leads:
            found.leads[request] = _above_zero(unit, wanted, partial(costs.led_by, somebody))
        found.rooms[request] = _above_zero(unit, wanted, costs.somewhere)
    return found


def _wished(slot: Slot, wishful: _Wishful) -> set[int]:
    """The columns of a slot that are there for what is wished for: all, where it would not be there otherwise."""
    new = {column for one, column in slot.leads.items() if one >= wishful.people}
    if len(slot.rooms) == 1 or (new and len(new) == len(slot.leads)):
        return {*slot.held, *slot.leads.values(), *slot.assistants.values(), *slot.rooms.values()}
    return new | {slot.rooms[wishful.somewhere]}


def _newcomer(topic: str) -> Volunteer:
    return Volunteer(
        f"newcomer {topic}", "", "newcomer", (0.0, 0.0), frozenset({topic}), ALL_WEEK, frozenset({"lead"}), vetted=True
    )  # fmt: skip


class _Wishful(Instance):
    """A problem with newcomers, and one room more: it fits all, is always open, and in reach of all who come at all.

    `people` counts the volunteers that there really are; `somewhere` is the room.
    """

    def __init__(self, problem: Problem, with_newcomers: Problem) -> None:
        self.people = len(problem.volunteers)
        largest = max((request.learners for request in problem.requests), default=0)
        everything = frozenset[str]().union(*(request.equipment for request in problem.requests))
        room = Room("somewhere", "", largest, ALL_WEEK, everything, accessible=True)
        venue = Venue("somewhere", "", "", (0.0, 0.0), (room,))
        self._real = Instance(with_newcomers)
        self._anywhere = Instance(_unbound(problem, venue))
        super().__init__(replace(with_newcomers, venues=(*problem.venues, venue)))
        self.somewhere = len(self.rooms) - 1

    def _venues_near(self, volunteer: int) -> frozenset[int]:
        return super()._venues_near(volunteer) | {len(self.venues) - 1}

    def _choices(self, request: Request) -> Candidates:
        at = self.request_index[request.id]
        known, wide = self._real.choices[at], self._anywhere.choices[at]
        reached = {venue for venue in range(len(self._real.venues)) if self._real.in_reach(request, venue)}
        candidates = Candidates()
        for start in sorted({*known.rooms, *wide.rooms}):
            candidates.rooms[start] = [*known.rooms.get(start, ()), self.somewhere]
            for group, before, more in (
                (candidates.leads, known.leads, wide.leads),
                (candidates.assistants, known.assistants, wide.assistants),
            ):
                near = {one for one in more.get(start, ()) if self._real.comes_to[one] & reached}
                group[start] = sorted(near.union(before.get(start, ())))
        return candidates


def _unbound(problem: Problem, venue: Venue) -> Problem:
    """The problem in one room that everybody comes to."""
    return replace(
        problem,
        venues=(venue,),
        volunteers=tuple(replace(volunteer, max_travel_km=None) for volunteer in problem.volunteers),
        requests=tuple(replace(request, max_travel_km=None) for request in problem.requests),
        pins=(),
        previous=(),
    )


def _programme(instance: _Wishful) -> tuple[Choice, list[Term], set[int]]:
    """The whole week as a programme, what it counts, and the rows that only tie a session's parts."""
    timetable, requests = Timetable(instance), range(len(instance.requests))
    must = frozenset(request for request in requests if timetable.placed.get(request))
    choice, ties = lay_out_columns(timetable, requests, must=must), set[int]()
    for rule in ROWS:
        before = len(choice.program.low)
        rule(choice)
        if rule.__name__ in _TIES:
            ties.update(range(before, len(choice.program.low)))
    before = len(choice.program.low)
    _no_half_teams(choice)
    ties.update(range(before, len(choice.program.low)))
    return choice, add_goals(choice, ["served"], {}), ties


def _no_half_teams(choice: Choice) -> None:
    """Nobody stands for two: each person is in a session no more than it is held."""
    for unit in choice.units:
        request = choice.request(unit)
        for slot in unit.slots.values():
            helpers = slot.assistants.values() if request.assistants > 1 else ()
            leads = slot.leads.values() if request.leads > 1 else ()
            for column in (*leads, *helpers):
                held = [(part, -1.0) for part in slot.held]
                choice.program.row([(column, 1.0), *held], high=0)


class _Prices:
    """What each column takes from everybody else, by the duals of the relaxation.

    `wished` columns are not there while it is solved. Ties, and rows of wishes alone, have no price. A column that
    stands for others (a course for its sessions, a person's minutes for their columns) passes its own price on.
    """

    def __init__(
        self,
        program: Program,
        objective: list[Term],
        ties: set[int],
        wished: list[int],
        limit_s: float,
    ) -> None:
        size = len(program.upper)
        rows, columns = np.array(program.row_of, dtype=np.int64), np.array(program.column_of, dtype=np.int64)
        sign = np.array(program.coefficient)
        wish = np.zeros(size, dtype=np.bool_)
        wish[wished] = True
        duals = _duals(program, objective, ~wish, limit_s)
        link, stands = _links(program, ties, rows, columns, sign)
        mixed = _some(rows, stands[columns], len(duals)) & _some(rows, ~stands[columns], len(duals))
        left_out = mixed | ~_some(rows, ~wish[columns], len(duals))
        left_out[list(ties)] = True

        def price(of_rows: NDArray[np.bool_]) -> NDArray[np.float64]:
            paid = np.bincount(columns, sign * (duals * of_rows)[rows], minlength=size)
            return paid.astype(np.float64)

        weights = np.zeros(size)
        for column, weight in objective:
            weights[column] += weight
        own = price(~left_out)
        standing = own + np.maximum(0.0, weights - price(np.ones_like(left_out)))
        passing = link[rows] & stands[columns]
        each = np.zeros(len(duals))
        each[rows[passing]] = standing[columns[passing]] / -sign[passing]
        passed = np.where(link[rows] & ~stands[columns], each[rows], 0.0)
        self._price = own + np.bincount(columns, passed, minlength=size)

    def of(self, column: int) -> float:
        return float(self._price[column])


def _duals(
    program: Program, objective: list[Term], kept: NDArray[np.bool_], limit_s: float
) -> NDArray[np.float64]:
    """The duals of the relaxation with the kept columns alone; 0 for rows without any, or where time ran out."""
    rows, columns = np.array(program.row_of, dtype=np.int64), np.array(program.column_of, dtype=np.int64)
    entries = np.flatnonzero(kept[columns])
    asked = np.unique(rows[entries])
    row_at, column_at = (np.zeros(len(many), dtype=np.int64) for many in (program.low, program.upper))
    row_at[asked], column_at[kept] = np.arange(len(asked)), np.arange(kept.sum())
    small = Program(
        upper=np.array(program.upper)[kept].tolist(),
        integer=[False] * int(kept.sum()),
        low=np.array(program.low)[asked].tolist(),
        high=np.array(program.high)[asked].tolist(),
        row_of=row_at[rows[entries]].tolist(),
        column_of=column_at[columns[entries]].tolist(),
        coefficient=np.array(program.coefficient)[entries].tolist(),
    )
    terms = [(int(column_at[column]), weight) for column, weight in objective if kept[column]]
    found = maximise(small, terms, limit_s=limit_s, relaxed=True).duals
    duals = np.zeros(len(program.low))
    duals[asked] = 0.0 if found is None else found
    return duals


def _links(
    program: Program,
    ties: set[int],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    sign: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The rows by which one column stands for several, and the columns that do: Σ columns = count × column."""
    equal = (np.array(program.low) == 0) & (np.array(program.high) == 0)
    equal &= np.bincount(rows, sign < 0, minlength=len(equal)) == 1
    equal[list(ties)] = False
    stands = np.zeros(len(program.upper), dtype=np.bool_)
    stands[columns[equal[rows] & (sign < 0)]] = True
    return equal, stands


def _some(rows: NDArray[np.int64], flags: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """The rows with a flag among their coefficients."""
    return np.bincount(rows, flags, minlength=size) > 0


def _above_zero(unit: Unit, wanted: Request, cost: Callable[[Slot], float | None]) -> dict[int, float]:
    costs = {start: cost(slot) for start, slot in unit.slots.items()}
    found = {start: wanted.weight - one for start, one in costs.items() if one is not None}
    return {start: worth for start, worth in found.items() if worth > _NOTHING}


@dataclass(frozen=True, slots=True)
class _Costs:
    """What a session takes, each part at its cheapest; None where it cannot be."""

    instance: _Wishful
    wanted: Request
    prices: _Prices

    def led_by(self, somebody: int, slot: Slot) -> float | None:
        """With a newcomer among its leads, in a room that there is."""
        rooms = [column for room, column in slot.rooms.items() if room != self.instance.somewhere]
        if somebody not in slot.leads or not rooms:
            return None
        rest = self._team(slot, self.wanted.leads - 1)
        return None if rest is None else rest + self.prices.of(slot.leads[somebody]) + self._least(rooms, 1)

    def somewhere(self, slot: Slot) -> float | None:
        """With those who are there, in a room that is wished for."""
        return self._team(slot, self.wanted.leads)

    def _team(self, slot: Slot, count: int) -> float | None:
        leads = [column for one, column in slot.leads.items() if one < self.instance.people]
        if len(leads) < count or len(slot.assistants) < self.wanted.assistants:
            return None
        held = 0.0 if self.wanted.leads == 1 else self.prices.of(slot.held[0])
        helpers = self._least(slot.assistants.values(), self.wanted.assistants)
        return held + self._least(leads, count) + helpers

    def _least(self, columns: Iterable[int], count: int) -> float:
        return sum(sorted(map(self.prices.of, columns))[:count])
