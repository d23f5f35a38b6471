"""Decide a part's plan by letting requests in where the least has to leave, which then looks for another place.

Iterative forward search (Müller, Barták and Rudová 2004) with the threshold of simulated annealing: a request that
is left out may push out others of some weight, and these are let in again first. A step looks at the people and
hours of one request only, so that it takes the same time in a street as in a city.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

from scheduler.instance.timetable import Timetable
from scheduler.processes.progress import Budget
from scheduler.search.insertion_moves import Move, WaysIn

_TENURE = 12  # steps in which a request that was let in stays
_WARM = 2.0  # of the mean weight: what may be lost for a step at first
_AT_ONCE, _STEP = 20, 0.2  # steps between two looks at the time; units of work of each
_STEPS, _STEPS_EACH = 2_000, 60  # at most, and at most for each request
_FRESH = 0.9  # of the steps look first at what was pushed out last


class Chains(WaysIn):
    """A plan that is getting better.

    Attributes
    ----------
    best, most
        The best plan so far, and what it serves.
    left : list
        The requests that are not in, in no order.
    """

    def __init__(self, timetable: Timetable, possible: Iterable[int], rng: Random) -> None:
        super().__init__(timetable, possible, rng)
        self.most, self.best, self._changed = self.value, dict(self.placed), set[int]()
        self.left = [one for one in sorted(self.movable) if one not in self.placed]
        self._at = {one: index for index, one in enumerate(self.left)}

    def let_in(self, request: int, move: Move) -> None:
        """Make the move; what it pushes out is left out."""
        for other in move.out:
            self._take(other)
            self._leave_out(other)
        self._put(request, move.sessions)
        self._until[request] = self.step_number + self.rng.randrange(_TENURE)
        place = self._at.pop(request)
        last = self.left.pop()
        if last != request:
            self.left[place], self._at[last] = last, place
        self._changed.add(request)
        self._changed |= move.out
        if self.value > self.most:
            self._keep()

    def _leave_out(self, request: int) -> None:
        self._at[request] = len(self.left)
        self.left.append(request)

    def _keep(self) -> None:
        self.most = self.value
        for request in self._changed:
            if request in self.placed:
                self.best[request] = self.placed[request]
            else:
                self.best.pop(request, None)
        self._changed.clear()

    def fill(self, stop: Callable[[], bool]) -> None:
        """Let in whatever pushes nobody out, the weightiest first."""
        instance = self.instance

        def rank(request: int) -> tuple[float, int]:
            one = instance.requests[request]
            return -one.weight / (one.duration_min * max(1, one.leads + one.assistants)), len(
                self.ways(request)
            )

        for request in sorted(self.left, key=rank):
            if stop():
                return
            move = self.cheapest(request, 0.5)
            if move is not None:
                self.let_in(request, move)

    def run(self, budget: Budget, share: float = 1.0, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Go on until that share of the time has passed, or hope with it; `best` has the best plan then.

        `meanwhile` is called every few steps.
        """
        mean = sum(self.weight[one] for one in self.movable) / max(1, len(self.movable))
        began, fresh = budget.left_s(share), list[int]()
        most = _STEPS + _STEPS_EACH * len(self.movable)
        while self.left and (left := budget.left_s(share)) > 0 and self.step_number < most:
            heat = _WARM * mean * min(left / began, 1 - self.step_number / most)
            for _ in range(_AT_ONCE):
                if self.left:
                    self._step(heat, fresh)
            budget.spend(_AT_ONCE * _STEP)
            meanwhile()

    def spread(self, budget: Budget, share: float, patience: int) -> None:
        """Hold sessions elsewhere, at another time or with other people, so that places host more functions.

        Nobody is pushed out for it. A move that changes nothing is made as well: it makes room for others. It ends
        after so many moves in a row that gained nothing.
        """
        requests, dull, self.spreading = sorted(self.movable & self.placed.keys()), 0, True
        while requests and dull < patience and budget.left_s(share) > 0:
            for request in self.rng.sample(requests, min(_AT_ONCE, len(requests))):
                dull = 0 if self._moved(request) else dull + 1
            budget.spend(_AT_ONCE * _STEP)
        self.best, self.spreading = dict(self.placed), False

    def _moved(self, request: int) -> bool:
        """Place a request anew where no function is lost by that; say whether one was gained."""
        before, pairs = self.placed[request], self.pairs
        self._take(request)
        move = self.cheapest(request, 0.5)
        self._put(request, before if move is None else move.sessions)
        if self.pairs < pairs:
            self._take(request)
            self._put(request, before)
        return self.pairs > pairs

    def timetable_of_best(self) -> Timetable:
        """The best plan with everything that stays where it is."""
        timetable = Timetable(self.instance)
        for request, sessions in self.best.items():
            pinned = timetable.pinned.get(request, ())
            for placement in sessions:
                if placement not in pinned:
                    timetable.put(request, placement)
        return timetable

    def _step(self, heat: float, fresh: list[int]) -> None:
        self.step_number += 1
        request = fresh.pop() if fresh and self.rng.random() < _FRESH else self.rng.choice(self.left)
        if request not in self._at:
            return
        most = self.weight[request] + heat * self.rng.expovariate(1.0) + 1e-6
        move = self.cheapest(request, most)
        if move is not None:
            self.let_in(request, move)
            fresh += sorted(move.out, key=lambda other: self.weight[other])
            del fresh[:-50]
