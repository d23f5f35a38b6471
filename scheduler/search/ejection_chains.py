"""Ejection chains: a request comes in where the least has to leave, and what left looks for another place.

Iterative forward search (Müller, Barták and Rudová 2004) with the threshold of simulated annealing: a request that
is left out may push out others of some weight, and these are let in again first. A step looks at the people and
hours of one request only, so that it takes the same time in a street as in a city.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

from scheduler.instance.timetable import PartialTimetable
from scheduler.processes.progress import Budget
from scheduler.search.insertion_moves import Insertion, InsertionMoves

_TENURE = 12  # steps in which a request that was let in stays
_WARM = 2.0  # of the mean weight: what may be lost for a step at first
_AT_ONCE, _STEP = 20, 0.2  # steps between two looks at the time; units of work of each
_STEPS, _STEPS_EACH = 2_000, 60  # at most, and at most for each request
_FRESH = 0.9  # of the steps look first at what was pushed out last


class EjectionChains(InsertionMoves):
    """A plan in which requests make room for each other.

    Attributes
    ----------
    best : dict
        The sessions of each request in the best plan so far.
    best_value : int
        What it serves.
    left : list of int
        The requests that are not in, in no order.
    """

    def __init__(self, timetable: PartialTimetable, possible: Iterable[int], rng: Random) -> None:
        super().__init__(timetable, possible, rng)
        self.best_value, self.best, self._changed = self.value, dict(self.placed), set[int]()
        self.left = [r for r in sorted(self.movable) if r not in self.placed]
        self._index_of = {r: index for index, r in enumerate(self.left)}

    def insert(self, r: int, insertion: Insertion) -> None:
        """Make an insertion; what it pushes out is left out."""
        for rival in insertion.out:
            self._take(rival)
            self._leave_out(rival)
        self._put(r, insertion.sessions)
        self._stays_until[r] = self.step_number + self.rng.randrange(_TENURE)
        index = self._index_of.pop(r)
        last = self.left.pop()
        if last != r:
            self.left[index], self._index_of[last] = last, index
        self._changed.add(r)
        self._changed |= insertion.out
        if self.value > self.best_value:
            self._record_best()

    def _leave_out(self, r: int) -> None:
        self._index_of[r] = len(self.left)
        self.left.append(r)

    def _record_best(self) -> None:
        self.best_value = self.value
        for r in self._changed:
            if r in self.placed:
                self.best[r] = self.placed[r]
            else:
                self.best.pop(r, None)
        self._changed.clear()

    def fill(self, stop: Callable[[], bool]) -> None:
        """Insert whatever pushes nobody out, by weight per minute of a lead or assistant."""
        instance = self.instance

        def rank(r: int) -> tuple[float, int]:
            request = instance.requests[r]
            return -request.weight / (request.duration_min * max(1, request.leads + request.assistants)), len(
                self.lead_options(r)
            )

        for r in sorted(self.left, key=rank):
            if stop():
                return
            insertion = self.cheapest(r, 0.5)
            if insertion is not None:
                self.insert(r, insertion)

    def run(self, budget: Budget, share: float = 1.0, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Step until that share (0 to 1) of the budget is used up, or the steps are; then `best` has the best plan.

        `meanwhile` is called every 20 steps.
        """
        mean = sum(self.weight_of[r] for r in self.movable) / max(1, len(self.movable))
        began, fresh = budget.left_s(share), list[int]()
        max_steps = _STEPS + _STEPS_EACH * len(self.movable)
        while self.left and (left := budget.left_s(share)) > 0 and self.step_number < max_steps:
            heat = _WARM * mean * min(left / began, 1 - self.step_number / max_steps)
            for _ in range(_AT_ONCE):
                if self.left:
                    self._step(heat, fresh)
            budget.spend(_AT_ONCE * _STEP)
            meanwhile()

    def spread(self, budget: Budget, share: float, patience: int) -> None:
        """Move sessions to other rooms, times or people, so that venues host more functions.

        Nobody is pushed out for it. A move that changes nothing is made as well: it makes room for others. It ends
        after so many moves in a row that gained nothing.
        """
        requests, fruitless, self.spreading = sorted(self.movable & self.placed.keys()), 0, True
        while requests and fruitless < patience and budget.left_s(share) > 0:
            for r in self.rng.sample(requests, min(_AT_ONCE, len(requests))):
                fruitless = 0 if self._moved(r) else fruitless + 1
            budget.spend(_AT_ONCE * _STEP)
        self.best, self.spreading = dict(self.placed), False

    def _moved(self, r: int) -> bool:
        """Place a request anew where no function is lost by that; say whether one was gained."""
        before, pairs = self.placed[r], self.pairs
        self._take(r)
        insertion = self.cheapest(r, 0.5)
        self._put(r, before if insertion is None else insertion.sessions)
        if self.pairs < pairs:
            self._take(r)
            self._put(r, before)
        return self.pairs > pairs

    def timetable_of_best(self) -> PartialTimetable:
        """The best plan, with everything that does not move, as a timetable of its own."""
        timetable = PartialTimetable(self.instance)
        for r, sessions in self.best.items():
            pinned = timetable.pinned.get(r, ())
            for placement in sessions:
                if placement not in pinned:
                    timetable.put(r, placement)
        return timetable

    def _step(self, heat: float, fresh: list[int]) -> None:
        self.step_number += 1
        r = fresh.pop() if fresh and self.rng.random() < _FRESH else self.rng.choice(self.left)
        if r not in self._index_of:
            return
        limit = self.weight_of[r] + heat * self.rng.expovariate(1.0) + 1e-6
        insertion = self.cheapest(r, limit)
        if insertion is not None:
            self.insert(r, insertion)
            fresh += sorted(insertion.out, key=lambda rival: self.weight_of[rival])
            del fresh[:-50]
