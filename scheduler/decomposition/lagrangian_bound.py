"""Lagrangian bound of `served`: people's hours have prices, and no linear programme is needed.

After Held and Karp (1971) and Fisher (1981). The rules that a volunteer does one thing at a time and
works no longer than the week's and the day's limits are dropped, and every hour of a volunteer costs a price that
is 0 or more. Each request then looks for its best sessions alone, and

    Σ over requests of the best value less prices + Σ of price × what the volunteer has

is at least the value of every plan, whatever the prices: a plan's sessions are among the choices of the requests,
and what it pays for people is at most what they have. Rooms are dropped but for "some fitting room is open", the
way between venues, cohorts and venue caps altogether; a team is priced as its number times its cheapest member.
Each of these lets more plans in, so that the bound stays valid.

At first all people are equally good, and to follow one best choice of each request would price the first of them
out. So prices follow smoothed choices (Nesterov 2005), in which requests share themselves out among what is nearly
best, with a step for each price that follows the size of its slopes (Kingma and Ba 2015). The bound itself is
always that of the sharp choices.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import floor, inf

import numpy as np
from numpy.typing import NDArray

from domain.windows import DAY_MIN
from scheduler.instance.candidates import Candidates
from scheduler.instance.instance import Instance
from scheduler.processes.progress import Allowance

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
_DAYS = 7
_ROUNDS = 120
_LOOKED_AT = 10_000  # people and slots for a unit of work
# Shares of what a cell is worth on the mean: what is nearly best, and how much less that is at the end; then how much
# a price changes in a round, and how much less at the end.
_HEAT, _COOLED = 0.1, 0.85
_STEP, _SLOWED = 0.03, 0.95
_MEMORY, _LONG_MEMORY, _FLAT = (
    0.9,
    0.95,
    0.05,
)  # of slopes and of their squares; a slope that is as good as none
_LITTLE = 1e-4  # of an hour, not counted
_NOISE = 1e-3  # of `served`, added to a session to choose among equals


@dataclass(slots=True)
class _Segments:
    """Runs of consecutive entries: the index at which each starts (`first`), and the run of each entry (`of`)."""

    first: Places
    of: Places

    def best(self, values: Numbers) -> Numbers:
        """The largest value of each run."""
        return np.asarray(np.maximum.reduceat(values, self.first), dtype=np.float64)

    def shares(self, values: Numbers, best: Numbers, heat: float) -> Numbers:
        """How each run is shared out among what is nearly its best: 1 in each run."""
        weights = np.exp((values - best[self.of]) / heat)
        return np.asarray(weights / np.add.reduceat(weights, self.first)[self.of], dtype=np.float64)


def _segments(*keys: Places) -> _Segments:
    """The runs of equal keys, of entries that are sorted by them."""
    new = np.ones(len(keys[0]), dtype=np.bool_)
    new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return _Segments(np.flatnonzero(new), np.cumsum(new) - 1)


class _Entries:
    """What the requests could have, as long arrays: slots (request, start), and for each role the people in slots."""

    def __init__(self, instance: Instance) -> None:
        requests = instance.requests
        slots: list[tuple[int, int]] = []
        people: tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]] = ([], [])
        counts: tuple[list[int], list[int]] = ([], [])
        for r in range(len(requests)):
            candidates = instance.candidates_once(r)
            lasting = _lasting(instance, r, candidates)
            for start in candidates.rooms:
                leads = [lead for lead in candidates.leads[start] if lasting is None or lead in lasting]
                if len(leads) < requests[r].leads:
                    continue
                slots.append((r, start))
                for group, people_of_slots, count in zip(
                    (leads, candidates.assistants[start]), people, counts, strict=True
                ):
                    people_of_slots.append(np.array(group, dtype=np.int64))
                    count.append(len(group))
        grid = instance.grid
        self.request, starts = np.array(slots, dtype=np.int64).reshape(-1, 2).T
        self.day = starts // DAY_MIN
        self.begin_cell = self.day * grid.per_day + starts % DAY_MIN // grid.grid_min
        take = self.request
        self.minutes = np.array([request.duration_min for request in requests], dtype=np.int64)[take]
        self.cells = -(-self.minutes // grid.grid_min)
        self.weight = np.array([request.weight for request in requests], dtype=np.float64)[take]
        self.need = [
            np.array([getattr(request, role) for request in requests])[take]
            for role in ("leads", "assistants")
        ]
        self.people = [np.concatenate([*person, np.zeros(0, dtype=np.int64)]) for person in people]
        self.slot = [np.repeat(np.arange(len(slots)), np.array(count, dtype=np.int64)) for count in counts]


def _lasting(instance: Instance, r: int, candidates: Candidates) -> set[int] | None:
    """Who has the hours and the days to lead all sessions of the request; None where nobody has to."""
    request = instance.requests[r]
    if request.sessions == 1 or request.partial or not request.same_leads:
        return None
    starts = Counter((lead, start // DAY_MIN) for start, leads in candidates.leads.items() for lead in leads)
    held_at_most: Counter[int] = Counter()
    for (lead, _), count in starts.items():
        held_at_most[lead] += min(count, request.max_sessions_per_day)
    limits = {lead: instance.volunteers[lead].max_min_week for lead in held_at_most}
    minutes = request.sessions * request.duration_min
    return {
        lead
        for lead, count in held_at_most.items()
        if count >= request.sessions and ((limit := limits[lead]) is None or limit >= minutes)
    }


class LagrangianBound:
    """Prices of volunteers' hours, in `served` per cell of the grid, and the best bound that they gave so far.

    `step` looks once at all requests with the present prices and changes these.

    Attributes
    ----------
    price, has : list of array
        The prices, and what there is of each: of the cells of a volunteer's week, (n_volunteers, n_cells), of the
        minutes of the week, (n_volunteers, 1), and of those of each day, (n_volunteers, 7), all in cells.
    bound : float
        Infinite before the first step.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance, self.grid_min = instance, instance.grid.grid_min
        self.entries = of = _Entries(instance)
        volunteers, requests = instance.volunteers, instance.requests
        self.sessions = np.array([request.sessions for request in requests], dtype=np.int64)
        self.per_day = np.array([request.max_sessions_per_day for request in requests], dtype=np.int64)
        self.partial = np.array([request.partial for request in requests], dtype=np.bool_)
        cells = instance.grid.size + int(of.cells.max(initial=0)) + 1
        has = [np.ones((len(volunteers), cells))]
        for name, width in (("max_min_week", 1), ("max_min_day", _DAYS)):
            limits = [getattr(volunteer, name) for volunteer in volunteers]
            limit_cells = np.array([np.inf if limit is None else limit / self.grid_min for limit in limits])
            has.append(np.repeat(limit_cells[:, None], width, axis=1))
        self.has = has
        self.price = [np.zeros_like(limit) for limit in has]
        self._runs()
        self.bound = float("inf")
        self._slope = [np.zeros_like(limit) for limit in has]
        self._square = [np.zeros_like(limit) for limit in has]
        self._unit = float(of.weight.mean() / of.cells.mean()) if len(of.weight) else 1.0
        self._random = np.random.default_rng(0)  # among days that are equally good

    @property
    def size(self) -> int:
        """What `step` looks at: slots and people in slots."""
        return len(self.entries.request) + sum(len(people) for people in self.entries.people)

    def _runs(self) -> None:
        """Sort what a request chooses from by request, lead and day; the lead is -1 where any will do."""
        of, requests = self.entries, self.instance.requests
        one_lead = np.array(
            [request.leads == 1 and request.same_leads and request.sessions > 1 for request in requests]
        )
        same = one_lead[of.request[of.slot[0]]]
        any_slot = np.flatnonzero(~one_lead[of.request])
        slot = np.concatenate([of.slot[0][same], any_slot])
        lead = np.concatenate([of.people[0][same], np.full(len(any_slot), -1)])
        order = np.lexsort((slot, of.day[slot], lead, of.request[slot]))
        self.slot, self.lead = slot[order], lead[order]
        request = of.request[self.slot]
        self.by_day = _segments(request, self.lead, of.day[self.slot])
        first = self.by_day.first
        self.by_lead = _segments(request[first], self.lead[first])
        self.row_request = request[first][self.by_lead.first]
        self.by_request = _segments(self.row_request)
        self.of_slot = [_segments(slots) if len(slots) else None for slots in of.slot]

    def _cost(self, slot: Places, people: Places) -> Numbers:
        """What each of the people costs in the slot of the same row."""
        of, week, day = self.entries, self.price[1], self.price[2]
        begin, minutes = of.begin_cell[slot], of.minutes[slot] / self.grid_min
        so_far = self._so_far
        cost = so_far[people, begin + of.cells[slot]] - so_far[people, begin]
        cost = cost + minutes * (week[people, 0] + day[people, of.day[slot]])
        return np.asarray(cost, dtype=np.float64)

    def step(self, done: float) -> None:
        """Look for every request's best sessions, take the bound, and move the prices; `done` grows from 0 to 1."""
        if not len(self.slot):
            self.bound = 0.0
            return
        of, heat = self.entries, _HEAT * self._unit * (1 - _COOLED * done)
        self._so_far = np.zeros((len(self.price[0]), self.price[0].shape[1] + 1))
        np.cumsum(self.price[0], axis=1, out=self._so_far[:, 1:])
        (lead_cost, lead_share), (help_cost, help_share) = (self._cheapest(role, heat) for role in (0, 1))
        loose = self.lead < 0
        cost = of.need[0][self.slot] * lead_cost[self.slot]
        cost[~loose] = self._cost(self.slot[~loose], self.lead[~loose])
        use = self._best_sessions((of.weight - of.need[1] * help_cost)[self.slot] - cost, heat)
        anybody = np.bincount(self.slot[loose], use[loose], len(of.request)) * of.need[0]
        helped = np.bincount(self.slot, use, len(of.request)) * of.need[1]
        self._move(
            [
                (self.lead[~loose], self.slot[~loose], use[~loose]),
                (of.people[0], of.slot[0], anybody[of.slot[0]] * lead_share),
                (of.people[1], of.slot[1], helped[of.slot[1]] * help_share),
            ],
            _STEP * self._unit * (1 - _SLOWED * done),
        )

    def _cheapest(self, role: int, heat: float) -> tuple[Numbers, Numbers]:
        """The cost of the cheapest people of a role in each slot, and how each slot is shared out among them all."""
        of, runs = self.entries, self.of_slot[role]
        cost = np.zeros(len(of.request))
        if runs is None:
            return cost, np.zeros(0)
        value = -self._cost(of.slot[role], of.people[role])
        best = runs.best(value)
        cost[of.slot[role][runs.first]] = -best
        return cost, runs.shares(value, best, heat)

    def _best_sessions(self, value: Numbers, heat: float) -> Numbers:
        """How much of each entry the requests choose; takes the bound of what is best of all."""
        top = self.by_day.best(value)
        rows = len(self.by_lead.first)
        table = np.full((rows, _DAYS), -np.inf)
        day = self.entries.day[self.slot]
        table[self.by_lead.of, day[self.by_day.first]] = top
        order = np.argsort(-(table + _NOISE * self._random.random(table.shape)), axis=1, kind="stable")
        table = np.take_along_axis(table, order, axis=1)
        sessions, per_day, partial = (
            per_request[self.row_request] for per_request in (self.sessions, self.per_day, self.partial)
        )
        sums, times, row = np.zeros(rows), np.zeros((rows, _DAYS)), np.arange(rows)
        for number in range(int(sessions.max())):
            rank = number // per_day
            gain = np.where(rank < _DAYS, table[row, np.minimum(rank, _DAYS - 1)], -np.inf)
            held = (number < sessions) & (~partial | (gain > 0))
            sums[held] += gain[held]
            held &= np.isfinite(gain)
            times[row[held], order[row[held], rank[held]]] += 1
        best = np.maximum(self.by_request.best(sums), 0.0)
        self._take(float(best.sum()))
        weights = np.exp((sums - best[self.by_request.of]) / heat)
        unserved = np.exp(-best / heat)
        weights /= (np.add.reduceat(weights, self.by_request.first) + unserved)[self.by_request.of]
        chosen = (weights[:, None] * times)[self.by_lead.of[self.by_day.of], day]
        return np.asarray(self.by_day.shares(value, top, heat) * chosen, dtype=np.float64)

    def _take(self, total: float) -> None:
        """The requests' best values and what all people's hours are worth are a bound."""
        prices_paid = (float((p[p > 0] * h[p > 0]).sum()) for p, h in zip(self.price, self.has, strict=True))
        self.bound = min(self.bound, total + _NOISE * float(self.sessions.sum()) + sum(prices_paid))

    def _move(self, teams: list[tuple[Places, Places, Numbers]], stride: float) -> None:
        """Raise the price of what is asked for too often, lower that of what is left over."""
        for index, (use, has) in enumerate(zip(self._used(teams), self.has, strict=True)):
            limited = np.isfinite(has)
            slope = np.where(limited, use - has, 0.0)
            if index:  # a week or a day is long, and one hour too many in it is as bad as any other
                slope *= 2 / np.where(limited, np.maximum(has, 1.0), 1.0)
            slope = np.where((self.price[index] > 0) | (slope > 0), slope, 0.0)
            self._slope[index] = _MEMORY * self._slope[index] + (1 - _MEMORY) * slope
            self._square[index] = _LONG_MEMORY * self._square[index] + (1 - _LONG_MEMORY) * slope * slope
            move = self._slope[index] / (np.sqrt(self._square[index]) + _FLAT)
            self.price[index] = np.maximum(0.0, self.price[index] + stride * move)

    def _used(self, teams: list[tuple[Places, Places, Numbers]]) -> list[Numbers]:
        """The cells of the grid that are asked of each person: each one, of the week, and of each day."""
        of, (people, cells) = self.entries, self.price[0].shape
        at_cell, week, day = np.zeros(people * (cells + 1)), np.zeros(people), np.zeros(people * _DAYS)
        for who, slots, use in teams:
            used = use > _LITTLE
            person, slot, much = who[used], slots[used], use[used]
            first = person * (cells + 1) + of.begin_cell[slot]
            at_cell += np.bincount(first, much, len(at_cell))
            at_cell -= np.bincount(first + of.cells[slot], much, len(at_cell))
            long = much * of.minutes[slot] / self.grid_min
            week += np.bincount(person, long, people)
            day += np.bincount(person * _DAYS + of.day[slot], long, len(day))
        each = np.cumsum(at_cell.reshape(people, cells + 1), axis=1)[:, :-1]
        return [each, week[:, None], day.reshape(people, _DAYS)]

    def proven(self) -> int | None:
        """The bound as a value that `served` can have; a millionth is allowed for rounding."""
        if not np.isfinite(self.bound):
            return None
        return self.instance.unit * floor((self.bound * (1 + 1e-6) + 1e-6) / self.instance.unit)


def lagrangian_bound(instance: Instance, allowance: Allowance) -> int | None:
    """A proven bound on `served` after as many rounds as the allowance lets be; None where there is none."""
    relaxation, began = LagrangianBound(instance), allowance.left_s()
    for number in range(_ROUNDS):
        left = allowance.left_s()
        if number and (left <= 0 or relaxation.bound < instance.unit):
            break
        passed = 1 - left / began if 0 < began < inf else 0.0
        relaxation.step(max(number / _ROUNDS, passed))
        allowance.count(relaxation.size / _LOOKED_AT)
    return relaxation.proven()
