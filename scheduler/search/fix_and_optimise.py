"""Decide how a plan gets better: neighbourhoods of it are solved exactly and put back where they are worth more.

Fix-and-optimise (Lindahl, Sørensen and Stidsen 2018): a few requests that compete with each other are freed, an
integer programme places them best while all others stay, and the result is kept where no more important goal
loses. The programmes run beside each other on disjoint requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import floor, inf
from random import Random
from typing import Any

from scheduler.documents.codec import write_assignment
from scheduler.goals.lexicographic import add_goals
from scheduler.goals.objective_evaluator import ObjectiveEvaluator, Worth
from scheduler.instance.instance import Instance, Placement
from scheduler.instance.numbering import numbered
from scheduler.instance.timetable import Timetable
from scheduler.model.columns import Choice, Only, lay_out_columns
from scheduler.model.improve import Found, add_rules, best_sessions
from scheduler.processes.program import Term
from scheduler.processes.progress import Allowance, Assignments, Budget
from scheduler.processes.solver_pool import Solver, SolverPool
from scheduler.processes.work_units import expected_s
from scheduler.search.construction import by_weight, fill
from scheduler.search.neighbourhoods import GROWTHS, Neighbours, free_together

_POLL_S = 0.1
_LONGEST_S = 8.0  # of one neighbourhood
_TRIED = 0.3  # units of work to see whether a request can be filled in
_ROOMS = (4, 8, 16, 99)  # of each request that a neighbourhood looks at
Snapshot = dict[int, tuple[Placement, ...]]


@dataclass(slots=True)
class Freed:
    """A neighbourhood that is being solved: its requests, which way of growing chose them, and what it may take."""

    requests: list[int]
    growth: int | None = None
    allowance: Allowance | None = None


@dataclass(slots=True)
class Effort:
    """How large neighbourhoods are, which follows the seconds that they take; `credit` weighs the ways to grow."""

    columns: int = 6_000
    most: int = 150
    credit: list[float] = field(default_factory=lambda: [1.0] * len(GROWTHS))

    def learn(self, growth: int, seconds: float, gained: bool) -> None:
        self.credit[growth] = 0.95 * self.credit[growth] + (0.3 if gained else 0.03)
        if seconds > 4:
            self.columns = max(600, int(self.columns * 0.6))
        elif seconds < 1.5:
            self.columns = min(60_000, int(self.columns * 1.05))


class Search:
    """The best plan so far, and the ways to better it.

    Attributes
    ----------
    best, best_worth
        A snapshot that is always a valid plan, and its goals' values.
    bounds : dict
        Proven upper bounds by goal, each given the values of the goals before it.
    reached : dict
        The best values of the goals with a tolerance that have been left.
    level : int
        The place in the order of goals of the one that is being improved; those before it are held.
    in_hand : int
        What a plan serves that is being made beside the best one, and that a stop would take over.
    waiting : list of callables
        What to start as soon as a worker is free, before any neighbourhood.
    """

    def __init__(self, instance: Instance, budget: Budget, seed: int, bounds: dict[str, int]) -> None:
        self.instance, self.budget = instance, budget
        self.goals = instance.problem.goals
        self.rng = Random(seed)
        self.timetable = Timetable(instance)
        self.valuer = ObjectiveEvaluator(instance)
        self.near = Neighbours(self.timetable)
        self.bounds = dict(bounds)
        self.reached: dict[str, int] = {}
        self.level = 0
        self.phase = "first plan"
        self.best: Snapshot = {}
        self.best_worth: Worth = {}
        self.in_hand = 0
        self.taken: set[int] = set()
        self.waiting: list[Callable[[SolverPool], None]] = []
        self.keep()

    def rank(self, worth: Worth) -> tuple[float, ...]:
        """What is compared now: the goals up to the one that is being improved.

        One with a tolerance counts down to its floor only, once it is left, and again in full after all others.
        """
        order = self.goals[: self.level + 1]
        given = [worth[goal] for goal in order if goal in self.reached]
        return *(min(worth[goal], self.floor(goal)) for goal in order), *given

    def floor(self, goal: str) -> float:
        """What a goal must keep for those after it, once it is left."""
        if goal not in self.reached:
            return inf
        best = self.reached[goal]
        return best - floor(self.instance.problem.tolerance[goal] * abs(best) + 1e-9)

    def _leave_earlier_goals(self) -> None:
        """Remember what the goals with a tolerance have reached: at most a share of it is given up from now on."""
        for goal in self.goals[: self.level]:
            if goal in self.instance.problem.tolerance:
                self.reached[goal] = max(self.best_worth[goal], self.reached.get(goal, self.best_worth[goal]))

    def keep(self) -> None:
        """Remember the timetable as the best plan."""
        self.best_worth = self.valuer.values(self.timetable)
        self.best = {request: tuple(placed) for request, placed in self.timetable.placed.items() if placed}
        self.tell()

    def tell(self) -> None:
        served = max(self.best_worth["served"], self.in_hand)
        self.budget.report(self.phase, served, self.bounds.get("served"), self.plan)

    def plan(self) -> Assignments:
        """The best plan as a document's assignments."""
        return [write_assignment(assignment) for assignment in numbered(self.instance, self.best)]

    def bound(self, goal: str, value: int) -> None:
        """Take over a proven bound where it is better than the one there is."""
        self.bounds[goal] = min(value, self.bounds.get(goal, value))
        self.tell()

    def at_bound(self, goal: str) -> bool:
        return goal in self.bounds and self.best_worth[goal] >= self.bounds[goal]

    def fill(self) -> None:
        """Place what still can be placed, weightiest first."""
        unserved = self.near.unserved()
        fill(self.timetable, by_weight(self.instance, unserved, self.rng), self.budget.over)
        self.budget.spend(_TRIED * len(unserved))

    def restore(self, requests: Iterable[int] | None = None) -> None:
        """Put the best plan back where the timetable differs from it."""
        placed = self.timetable.placed
        asked = [*placed, *self.best] if requests is None else requests
        changed = {one for one in asked if tuple(placed.get(one, ())) != self.best.get(one, ())}
        for request in changed:
            self.timetable.clear(request)
        for request in changed:
            pinned = self.timetable.pinned.get(request, ())
            for placement in self.best.get(request, ()):
                if placement not in pinned:
                    self.timetable.put(request, placement)

    def improve(self, crew: SolverPool, share: float, idle: int, other: Callable[[Any, Any], None]) -> None:
        """Better the present goal until its share of the time has passed, it is at its bound, or nothing gains.

        Parameters
        ----------
        idle : int
            How many neighbourhoods in a row may gain nothing.
        other : callable
            Takes the tag and the result of a job that is not a neighbourhood.
        """
        self._leave_earlier_goals()
        goal, effort, dull = self.goals[self.level], Effort(), 0
        self.phase = f"improving {goal}"
        self.tell()
        while not self.at_bound(goal) and self.budget.left_s(share) > 0:
            started = self._start_waiting(crew) or (dull < idle and self._free_some(crew, effort))
            if not started and not crew.running:
                break
            if started and crew.free:
                continue
            result = crew.next(_POLL_S)
            if result is None:
                continue
            freed, found = result
            if not isinstance(freed, Freed):
                other(freed, found)
                dull = 0
                continue
            gained = self.put_back(freed, found)
            dull = 0 if gained else dull + 1
            if freed.growth is not None and freed.allowance is not None:
                effort.learn(freed.growth, freed.allowance.used_s, gained)

    def _start_waiting(self, crew: SolverPool) -> bool:
        if not self.waiting or not crew.free:
            return False
        self.waiting.pop(0)(crew)
        return True

    def _free_some(self, crew: SolverPool, effort: Effort) -> bool:
        """Start solving one more neighbourhood; False where no worker is free or all requests are taken."""
        loose = [request for request in self.near.possible if request not in self.taken]
        if not crew.free or not loose:
            return False
        unserved = [request for request in self.near.unserved() if request not in self.taken]
        seed = self.rng.choice(
            unserved if self.level == 0 and unserved and self.rng.random() < 0.8 else loose
        )
        growth = self.rng.choices(range(len(GROWTHS)), effort.credit)[0]
        order = GROWTHS[growth](self.near, seed, self.rng)
        requests = free_together(order, self.near, effort.most, effort.columns, self.taken)
        where = self.some_rooms(requests, self.rng.choice(_ROOMS))
        self.start(crew, Freed(requests, growth), Only(where=where))
        return True

    def some_rooms(self, requests: Iterable[int], count: int) -> dict[int, frozenset[int]]:
        """A sample of each request's rooms, with those that it has now.

        Rooms are mostly slack: a few at random lose little, and the programme is solved many times faster.
        """
        where = {}
        for request in requests:
            rooms, now = self.near.rooms[request], self.timetable.placed.get(request, ())
            sample = self.rng.sample(rooms, count) if len(rooms) > count else rooms
            where[request] = frozenset([*sample, *(placement.room for placement in now)])
        return where

    def start(self, crew: SolverPool, freed: Freed, only: Only) -> None:
        """Solve a neighbourhood in a worker."""
        self.taken.update(freed.requests)
        freed.allowance = allowance = self.budget.allow(_LONGEST_S)
        choice, objective, _ = self.model_of(freed.requests, only)
        allowance.expected_s = expected_s(choice.program)
        seed, left_s = self.rng.randrange(2**31), allowance.left_s

        def job(solver: Solver) -> Found:
            return best_sessions(
                choice, objective, left_s, solver=solver, gap=1e-4, absolute_gap=0.5, seed=seed, rounds=6
            )

        crew.start(freed, job, allowance)

    def model_of(self, requests: Iterable[int], only: Only | None = None) -> tuple[Choice, list[Term], Worth]:
        """The programme that places the requests best for the present goal, with the goals before it held.

        The third value is what stays placed without them; `functions` counts over all requests.
        """
        self._leave_earlier_goals()
        requests = list(requests)
        before = self.valuer.values(self.timetable, requests)
        places = {request: self.timetable.clear(request) for request in requests}
        rest = self.valuer.values(self.timetable, requests)
        spare = {goal: max(0, self.best_worth[goal] - self.floor(goal)) for goal in self.reached}
        floors = {goal: before[goal] - rest[goal] - spare.get(goal, 0) for goal in self.goals[: self.level]}
        must = frozenset(request for request in requests if self.timetable.placed.get(request))
        choice = lay_out_columns(self.timetable, requests, must=must, only=only)
        add_rules(choice)
        objective = add_goals(choice, self.goals[: self.level + 1], floors)
        for request, placements in places.items():
            for placement in placements:
                self.timetable.put(request, placement)
        return choice, objective, rest

    def put_back(self, freed: Freed, found: Found | None) -> bool:
        """Take the result over where no goal up to the present one loses; say whether one gained."""
        self.taken.difference_update(freed.requests)
        if found is None or found.placements is None:
            return False
        for request in freed.requests:
            self.timetable.clear(request)
        order = sorted(found.placements, key=lambda request: -self.instance.requests[request].weight)
        for request in order:
            self.timetable.put_all(request, found.placements[request])
        return self.settle()

    def settle(self) -> bool:
        """Keep the timetable, and what can be filled in, where it is worth as much; say if a goal gained."""
        before = self.rank(self.best_worth)
        self._accept()
        self.fill()
        if not self._accept():
            self.restore()
        gained = self.rank(self.best_worth) > before
        if gained:
            self.tell()
        return gained

    def _accept(self) -> bool:
        """Remember the timetable as the best plan where no goal up to the present one loses."""
        worth = self.valuer.values(self.timetable)
        if self.rank(worth) < self.rank(self.best_worth) or self.broken_whole():
            return False
        self.best = {request: tuple(placed) for request, placed in self.timetable.placed.items() if placed}
        self.best_worth = worth
        return True

    def broken_whole(self) -> bool:
        """Whether a request that a pin began has lost its other sessions."""
        placed, requests = self.timetable.placed, self.instance.requests
        return any(
            0 < len(placed.get(one, ())) < requests[one].sessions and not requests[one].partial
            for one in self.timetable.pinned
        )
