"""Shadow prices of one more lead, and of one more room at each hour, for each request.

The week is a linear programme with the rows of `scheduler.model`, rooms among them. It is solved without the
hypothetical lead or room, so that the duals price everything else: hours of people and rooms, and courses that are
served anyway. The weight of a session less the price of all that it takes is the shadow price (the reduced profit of
its column; Dantzig 1963). It says what to try out, not what is gained.
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
from scheduler.instance.timetable import PartialTimetable
from scheduler.model.columns import Choice, Slot, Unit, lay_out_columns
from scheduler.model.rows import ROWS
from scheduler.processes.highs import maximise
from scheduler.processes.program import Program, Term

PriceTable = dict[int, dict[int, float]]  # request, start: the price above 0 for a session there
# Rows that only tie the parts of one session to each other have no price of their own: each part has its own.
_TIES = frozenset({"one_at_a_start", "home", "minors"})
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class ShadowPrices:
    """For each request, and each start in minutes since Monday 00:00, a price in the unit of `served`.

    That unit is priority × learners × minutes. Prices of 0 are left out.

    Attributes
    ----------
    leads : dict
        Of a new volunteer who leads the request's topic, is vetted, free all week and comes to any venue.
    rooms : dict
        Of a new room that fits, is within reach and open at the time.
    """

    leads: PriceTable
    rooms: PriceTable


def shadow_prices(problem: Problem, topics: Iterable[str], limit_s: float) -> ShadowPrices:
    """Shadow prices of a lead for each of the topics, and of rooms.

    Parameters
    ----------
    limit_s : float
        Seconds for the linear programme; without a solution in time every dual is 0.
    """
    topics = sorted(set(topics))
    instance = _HypotheticalInstance(
        problem, replace(problem, volunteers=(*problem.volunteers, *map(_newcomer, topics)))
    )
    choice, objective, ties = _programme(instance)
    hypothetical: list[int] = []
    for unit in choice.units:
        for slot in unit.slots.values():
            hypothetical += _hypothetical_columns(slot, instance)
    column_prices = _Prices(choice.program, objective, ties, hypothetical, limit_s)
    prices = ShadowPrices({}, {})
    for unit in choice.units:
        request, index = choice.request(unit), unit.request
        newcomer = instance.people + topics.index(request.topic) if request.topic in topics else None
        costs = _Costs(instance, request, column_prices)
        if newcomer is not None and request.leads:
            prices.leads[index] = _above_zero(unit, request, partial(costs.led_by, newcomer))
        prices.rooms[index] = _above_zero(unit, request, costs.somewhere)
    return prices


def _hypothetical_columns(slot: Slot, instance: _HypotheticalInstance) -> set[int]:
    """The columns of a slot that need a hypothetical lead or room: all, where nobody else could lead or no room is."""
    new = {column for person, column in slot.leads.items() if person >= instance.people}
    if len(slot.rooms) == 1 or (new and len(new) == len(slot.leads)):
        return {*slot.held, *slot.leads.values(), *slot.assistants.values(), *slot.rooms.values()}
    return new | {slot.rooms[instance.somewhere]}


def _newcomer(topic: str) -> Volunteer:
    return Volunteer(
        f"newcomer {topic}", "", "newcomer", (0.0, 0.0), frozenset({topic}), ALL_WEEK, frozenset({"lead"}), vetted=True
    )  # fmt: skip


class _HypotheticalInstance(Instance):
    """A problem with newcomers and one more room, which fits all, is always open and in reach of everybody.

    `people` counts the volunteers without newcomers; `somewhere` is the index of the room.
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

    def _candidates(self, request: Request) -> Candidates:
        index = self.request_index[request.id]
        own, wide = self._real.candidates[index], self._anywhere.candidates[index]
        reached = {venue for venue in range(len(self._real.venues)) if self._real.in_reach(request, venue)}
        candidates = Candidates()
        for start in sorted({*own.rooms, *wide.rooms}):
            candidates.rooms[start] = [*own.rooms.get(start, ()), self.somewhere]
            for group, before, more in (
                (candidates.leads, own.leads, wide.leads),
                (candidates.assistants, own.assistants, wide.assistants),
            ):
                near = {person for person in more.get(start, ()) if self._real.comes_to[person] & reached}
                group[start] = sorted(near.union(before.get(start, ())))
        return candidates


def _unbound(problem: Problem, venue: Venue) -> Problem:
    """The problem with one venue, to which everybody comes."""
    return replace(
        problem,
        venues=(venue,),
        volunteers=tuple(replace(volunteer, max_travel_km=None) for volunteer in problem.volunteers),
        requests=tuple(replace(request, max_travel_km=None) for request in problem.requests),
        pins=(),
        previous=(),
    )


def _programme(instance: _HypotheticalInstance) -> tuple[Choice, list[Term], set[int]]:
    """The whole week as a programme, its objective, and the rows that only tie the parts of a session."""
    timetable, requests = PartialTimetable(instance), range(len(instance.requests))
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
    """Rows that hold each person in a session no more than it is held, which tightens the relaxation."""
    for unit in choice.units:
        request = choice.request(unit)
        for slot in unit.slots.values():
            assistants = slot.assistants.values() if request.assistants > 1 else ()
            leads = slot.leads.values() if request.leads > 1 else ()
            for column in (*leads, *assistants):
                held = [(part, -1.0) for part in slot.held]
                choice.program.row([(column, 1.0), *held], high=0)


class _Prices:
    """The price of what each column takes, by the duals of the relaxation without the hypothetical columns.

    Ties, and rows of hypothetical columns alone, have no price. A column that stands for others (a course for its
    sessions, a person's minutes for their columns) passes its own price on.
    """

    def __init__(
        self,
        program: Program,
        objective: list[Term],
        ties: set[int],
        hypothetical: list[int],
        limit_s: float,
    ) -> None:
        size = len(program.upper)
        rows, columns = np.array(program.row_of, dtype=np.int64), np.array(program.column_of, dtype=np.int64)
        coefficients = np.array(program.coefficient)
        is_hypothetical = np.zeros(size, dtype=np.bool_)
        is_hypothetical[hypothetical] = True
        duals = _duals(program, objective, ~is_hypothetical, limit_s)
        link, stands = _links(program, ties, rows, columns, coefficients)
        mixed = _rows_with(rows, stands[columns], len(duals)) & _rows_with(rows, ~stands[columns], len(duals))
        left_out = mixed | ~_rows_with(rows, ~is_hypothetical[columns], len(duals))
        left_out[list(ties)] = True

        def price(of_rows: NDArray[np.bool_]) -> NDArray[np.float64]:
            paid = np.bincount(columns, coefficients * (duals * of_rows)[rows], minlength=size)
            return paid.astype(np.float64)

        weights = np.zeros(size)
        for column, weight in objective:
            weights[column] += weight
        own = price(~left_out)
        standing = own + np.maximum(0.0, weights - price(np.ones_like(left_out)))
        passing = link[rows] & stands[columns]
        each = np.zeros(len(duals))
        each[rows[passing]] = standing[columns[passing]] / -coefficients[passing]
        passed = np.where(link[rows] & ~stands[columns], each[rows], 0.0)
        self._price = own + np.bincount(columns, passed, minlength=size)

    def of(self, column: int) -> float:
        return float(self._price[column])


def _duals(
    program: Program, objective: list[Term], included: NDArray[np.bool_], limit_s: float
) -> NDArray[np.float64]:
    """The duals of the relaxation with the included columns alone; 0 for rows without any, or where time ran out."""
    rows, columns = np.array(program.row_of, dtype=np.int64), np.array(program.column_of, dtype=np.int64)
    entries = np.flatnonzero(included[columns])
    row_indices = np.unique(rows[entries])
    new_row, new_column = (np.zeros(len(bounds), dtype=np.int64) for bounds in (program.low, program.upper))
    new_row[row_indices], new_column[included] = np.arange(len(row_indices)), np.arange(included.sum())
    small = Program(
        upper=np.array(program.upper)[included].tolist(),
        integer=[False] * int(included.sum()),
        low=np.array(program.low)[row_indices].tolist(),
        high=np.array(program.high)[row_indices].tolist(),
        row_of=new_row[rows[entries]].tolist(),
        column_of=new_column[columns[entries]].tolist(),
        coefficient=np.array(program.coefficient)[entries].tolist(),
    )
    terms = [(int(new_column[column]), weight) for column, weight in objective if included[column]]
    small_duals = maximise(small, terms, limit_s=limit_s, relaxed=True).duals
    duals = np.zeros(len(program.low))
    duals[row_indices] = 0.0 if small_duals is None else small_duals
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


def _rows_with(rows: NDArray[np.int64], flags: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """The rows with a flag among their coefficients."""
    return np.bincount(rows, flags, minlength=size) > 0


def _above_zero(unit: Unit, request: Request, cost: Callable[[Slot], float | None]) -> dict[int, float]:
    costs = {start: cost(slot) for start, slot in unit.slots.items()}
    values = {start: request.weight - spent for start, spent in costs.items() if spent is not None}
    return {start: value for start, value in values.items() if value > _NOTHING}


@dataclass(frozen=True, slots=True)
class _Costs:
    """The price of what a session takes, each part at its cheapest; None where it cannot be held."""

    instance: _HypotheticalInstance
    request: Request
    prices: _Prices

    def led_by(self, newcomer: int, slot: Slot) -> float | None:
        """With a newcomer among its leads, in an existing room."""
        rooms = [column for room, column in slot.rooms.items() if room != self.instance.somewhere]
        if newcomer not in slot.leads or not rooms:
            return None
        rest = self._team(slot, self.request.leads - 1)
        return None if rest is None else rest + self.prices.of(slot.leads[newcomer]) + self._least(rooms, 1)

    def somewhere(self, slot: Slot) -> float | None:
        """With existing volunteers, in the hypothetical room."""
        return self._team(slot, self.request.leads)

    def _team(self, slot: Slot, count: int) -> float | None:
        leads = [column for person, column in slot.leads.items() if person < self.instance.people]
        if len(leads) < count or len(slot.assistants) < self.request.assistants:
            return None
        held = 0.0 if self.request.leads == 1 else self.prices.of(slot.held[0])
        assistants = self._least(slot.assistants.values(), self.request.assistants)
        return held + self._least(leads, count) + assistants

    def _least(self, columns: Iterable[int], count: int) -> float:
        return sum(sorted(map(self.prices.of, columns))[:count])
