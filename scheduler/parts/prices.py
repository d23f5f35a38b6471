"""Decide how good a week could be at most by pricing people's hours: a bound that needs no linear programme.

Lagrangian relaxation (Held and Karp 1971; Fisher 1981). The rules that a volunteer does one thing at a time and
works no longer than the week's and the day's limits are dropped, and every hour of a volunteer costs a price that
is 0 or more. Each request then looks for its best sessions alone, and

    Σ over requests of the best value less prices + Σ of price × what the volunteer has

is at least the value of every plan, whatever the prices: a plan's sessions are among the choices of the requests,
and what it pays for people is at most what they have. Rooms are dropped but for "some fitting room is open", the
way between venues, cohorts and venue caps altogether; a team is priced as its number times its cheapest member.
Each of these lets more plans in, so that the bound stays valid. Prices follow the subgradient with Polyak's step.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from domain.windows import DAY_MIN
from scheduler.instance import Instance
from scheduler.progress import Allowance

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
_DAYS = 7
_HOPE = 0.97  # of the bound so far: about what a plan can reach, which sets the length of the steps
_LOOKED_AT = 40_000  # people and slots for a unit of work
_MEMORY = 0.7  # of the direction before (Camerini, Fratta and Maffioli 1975)
_PATIENCE = 12  # rounds without a better bound before the steps get shorter


@dataclass(slots=True)
class _Segments:
    """Runs of consecutive entries; `of` numbers the run of each entry."""

    first: Places
    of: Places

    def best(self, values: Numbers) -> tuple[Numbers, Places]:
        """The largest value of each run and the place of its first entry that has it."""
        top = np.maximum.reduceat(values, self.first)
        at = np.where(values == top[self.of], np.arange(len(values)), len(values))
        return top, np.minimum.reduceat(at, self.first)


def _segments(*keys: Places) -> _Segments:
    """Of entries that are sorted by the keys."""
    new = np.ones(len(keys[0]), dtype=np.bool_)
    new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return _Segments(np.flatnonzero(new), np.cumsum(new) - 1)


class _Entries:
    """Everything that a request could have, as long arrays: slots (request, start), and people in slots."""

    def __init__(self, instance: Instance) -> None:
        wanted = instance.requests
        slots: list[tuple[int, int]] = []
        people: tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]] = ([], [])
        counts: tuple[list[int], list[int]] = ([], [])
        for request in range(len(wanted)):
            choices = instance.choices_once(request)
            for start in choices.rooms:
                slots.append((request, start))
                for group, found, count in zip(
                    (choices.leads, choices.assistants), people, counts, strict=True
                ):
                    found.append(np.array(group[start], dtype=np.int64))
                    count.append(len(group[start]))
        grid = instance.grid
        self.request, starts = np.array(slots, dtype=np.int64).reshape(-1, 2).T
        self.day = starts // DAY_MIN
        self.place = self.day * grid.per_day + starts % DAY_MIN // grid.grid_min
        take = self.request
        self.minutes = np.array([one.duration_min for one in wanted], dtype=np.int64)[take]
        self.cells = -(-self.minutes // grid.grid_min)
        self.weight = np.array([one.weight for one in wanted], dtype=np.float64)[take]
        self.need = [
            np.array([getattr(one, role) for one in wanted])[take] for role in ("leads", "assistants")
        ]
        self.people = [np.concatenate([*found, np.zeros(0, dtype=np.int64)]) for found in people]
        self.slot = [np.repeat(np.arange(len(slots)), np.array(count, dtype=np.int64)) for count in counts]


class Prices:
    """Prices of volunteers' hours, in `served` per cell of the grid, and the best bound that they gave so far.

    `step` looks once at all requests with the present prices and changes these.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance, self.grid_min = instance, instance.grid.grid_min
        self.entries = of = _Entries(instance)
        volunteers, requests = instance.volunteers, instance.requests
        self.sessions = np.array([one.sessions for one in requests], dtype=np.int64)
        self.per_day = np.array([one.max_sessions_per_day for one in requests], dtype=np.int64)
        self.partial = np.array([one.partial for one in requests], dtype=np.bool_)
        cells = instance.grid.size + int(of.cells.max(initial=0)) + 1
        has = [np.ones((len(volunteers), cells))]
        for name, width in (("max_min_week", 1), ("max_min_day", _DAYS)):
            limits = [getattr(one, name) for one in volunteers]
            most = np.array([np.inf if one is None else one / self.grid_min for one in limits])
            has.append(np.repeat(most[:, None], width, axis=1))
        self.has = has
        self.price = [np.zeros_like(one) for one in has]
        self._runs()
        self.bound = float("inf")
        self._scale, self._dull = 1.0, 0
        self._lean = [np.zeros_like(one) for one in has]

    @property
    def size(self) -> int:
        """What `step` looks at: slots and people in slots."""
        return len(self.entries.request) + sum(len(people) for people in self.entries.people)

    def _runs(self) -> None:
        """Sort what a request chooses from by request, one lead or any, and day; `_any` where any lead will do."""
        of, requests = self.entries, self.instance.requests
        one_lead = np.array([one.leads == 1 and one.same_leads and one.sessions > 1 for one in requests])
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
        begin, minutes = of.place[slot], of.minutes[slot] / self.grid_min
        so_far = self._so_far
        cost = so_far[people, begin + of.cells[slot]] - so_far[people, begin]
        cost = cost + minutes * (week[people, 0] + day[people, of.day[slot]])
        return np.asarray(cost, dtype=np.float64)

    def _cheapest(self, role: int) -> tuple[Numbers, Places]:
        """Of each slot: what its cheapest helper of the role costs, and who that is."""
        of, runs = self.entries, self.of_slot[role]
        cost, who = np.zeros(len(of.request)), np.full(len(of.request), -1)
        if runs is not None:
            top, at = runs.best(-self._cost(of.slot[role], of.people[role]))
            slots = of.slot[role][runs.first]
            cost[slots], who[slots] = -top, of.people[role][at]
        return cost, who

    def step(self, target: float) -> None:
        """Look for every request's best sessions, take the bound, and move the prices; `target` is a plan's value."""
        if not len(self.slot):
            self.bound = 0.0
            return
        of = self.entries
        self._so_far = np.zeros((len(self.price[0]), self.price[0].shape[1] + 1))
        np.cumsum(self.price[0], axis=1, out=self._so_far[:, 1:])
        (lead_cost, lead), (help_cost, helper) = self._cheapest(0), self._cheapest(1)
        value = of.weight - of.need[1] * help_cost
        loose = self.lead < 0
        cost = np.where(loose, of.need[0][self.slot] * lead_cost[self.slot], 0.0)
        cost[~loose] = self._cost(self.slot[~loose], self.lead[~loose])
        value = value[self.slot] - cost
        total, chosen = self._best_sessions(value)
        bound = total + sum(
            float((p[p > 0] * h[p > 0]).sum()) for p, h in zip(self.price, self.has, strict=True)
        )
        slots, leads = self.slot[chosen], self.lead[chosen]
        leads = np.where(leads < 0, lead[slots], leads)
        self._take(bound)
        self._move(bound - target, slots, [(leads, of.need[0][slots]), (helper[slots], of.need[1][slots])])

    def _best_sessions(self, value: Numbers) -> tuple[float, Places]:
        """The sum of what the requests choose, and the chosen entries."""
        top, at = self.by_day.best(value)
        rows = len(self.by_lead.first)
        table, entry = np.full((rows, _DAYS), -np.inf), np.zeros((rows, _DAYS), dtype=np.int64)
        day = self.entries.day[self.slot[at]]
        table[self.by_lead.of, day], entry[self.by_lead.of, day] = top, at
        order = np.argsort(-table, axis=1, kind="stable")
        table, entry = (np.take_along_axis(one, order, axis=1) for one in (table, entry))
        sessions, per_day, partial = (
            one[self.row_request] for one in (self.sessions, self.per_day, self.partial)
        )
        sums, picks = np.zeros(rows), []
        for number in range(int(sessions.max())):
            rank = number // per_day
            asked = number < sessions
            gain = np.where(rank < _DAYS, table[np.arange(rows), np.minimum(rank, _DAYS - 1)], -np.inf)
            asked &= ~partial | (gain > 0)
            sums[asked] += gain[asked]
            picks.append((asked, entry[np.arange(rows), np.minimum(rank, _DAYS - 1)]))
        best, row = self.by_request.best(sums)
        row = row[best > 0]
        taken = [entries[row][asked[row]] for asked, entries in picks]
        return float(best[best > 0].sum()), np.concatenate(taken)

    def _take(self, bound: float) -> None:
        self._dull = 0 if bound < self.bound * (1 - 1e-6) else self._dull + 1
        self.bound = min(self.bound, bound)
        if self._dull >= _PATIENCE:
            self._scale, self._dull = self._scale / 1.3, 0

    def _move(self, excess: float, slots: Places, teams: list[tuple[Places, Places]]) -> None:
        """Raise the price of what is asked for too often, lower that of what is left over."""
        of = self.entries
        used = [np.zeros((one.shape[0], one.shape[1] + (not at))) for at, one in enumerate(self.price)]
        minutes = of.minutes[slots] / self.grid_min
        for people, count in teams:
            known = (people >= 0) & (count > 0)
            who, slot, times = people[known], slots[known], count[known]
            np.add.at(used[0], (who, of.place[slot]), times)
            np.add.at(used[0], (who, of.place[slot] + of.cells[slot]), -times)
            np.add.at(used[1][:, 0], who, times * minutes[known])
            np.add.at(used[2], (who, of.day[slot]), times * minutes[known])
        used[0] = np.cumsum(used[0], axis=1)[:, :-1]
        lean = [use - has for use, has in zip(used, self.has, strict=True)]
        lean = [one + _MEMORY * old for one, old in zip(lean, self._lean, strict=True)]
        lean = [
            np.where((price > 0) | (one > 0), one, 0.0) for price, one in zip(self.price, lean, strict=True)
        ]
        self._lean = lean
        length = sum(float((one * one).sum()) for one in lean)
        if length > 0:
            stride = self._scale * max(excess, 0.0) / length
            self.price = [np.maximum(0.0, p + stride * one) for p, one in zip(self.price, lean, strict=True)]

    def proven(self) -> int | None:
        """The bound as a value that `served` can have; a millionth is allowed for rounding."""
        if not np.isfinite(self.bound):
            return None
        return self.instance.unit * floor((self.bound * (1 + 1e-6) + 1e-6) / self.instance.unit)


def bound_by_prices(
    instance: Instance, allowance: Allowance, rounds: int = 400, served: int = 0
) -> int | None:
    """A proven bound on `served`, of which a plan is known; None where there is none."""
    prices = Prices(instance)
    prices.step(0.0)
    for _ in range(rounds):
        if allowance.left_s() <= 0:
            break
        prices.step(max(served, _HOPE * prices.bound))
        allowance.count(prices.size / _LOOKED_AT)
    return prices.proven()
