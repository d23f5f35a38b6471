"""Fix-and-optimise: neighbourhoods of a plan are solved exactly and put back where they are worth more.

After Lindahl, Sørensen and Stidsen (2018): a few requests that compete with each other are freed, an
integer programme places them best while all others stay, and the result is kept where no more important goal
loses. The programmes run at the same time on disjoint requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import floor, inf
from random import Random
from typing import Any

from scheduler.documents.codec import write_assignment
from scheduler.goals.lexicographic import add_goals
from scheduler.goals.objective_evaluator import GoalValues, ObjectiveEvaluator
from scheduler.instance.instance import Instance, Placement
from scheduler.instance.numbering import numbered
from scheduler.instance.timetable import PartialTimetable
from scheduler.model.columns import Choice, Restriction, lay_out_columns
from scheduler.model.improve import Solution, add_rules, best_sessions
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
class Neighbourhood:
    """Requests that are placed anew together, the index of the growth that chose them, and what solving may take."""

    requests: list[int]
    growth: int | None = None
    allowance: Allowance | None = None


@dataclass(slots=True)
class AdaptiveSize:
    """Limits of a neighbourhood, which follow the seconds that the last ones took; `credit` weighs `GROWTHS`."""

    columns: int = 6_000
    max_requests: int = 150
    credit: list[float] = field(default_factory=lambda: [1.0] * len(GROWTHS))

    def learn(self, growth: int, seconds: float, gained: bool) -> None:
        """Take over what one neighbourhood took and whether it gained."""
        self.credit[growth] = 0.95 * self.credit[growth] + (0.3 if gained else 0.03)
        if seconds > 4:
            self.columns = max(600, int(self.columns * 0.6))
        elif seconds < 1.5:
            self.columns = min(60_000, int(self.columns * 1.05))


class Search:
    """The best plan so far, the timetable that is tried, and how the one betters the other.

    Attributes
    ----------
    best, best_values
        A snapshot that is always a valid plan, and its goals' values.
    bounds : dict
        Proven upper bounds by goal, each given the values of the goals before it.
    reached : dict
        The best values of the goals with a tolerance that have been left.
    level : int
        The index in `goals` of the one that is being improved; those before it are held.
    pending_served : int
        What another plan serves that is being made, and that a stop would take over.
    taken : set of int
        Requests of neighbourhoods that are being solved.
    waiting : list of callable
        What to start as soon as a worker is free, before any neighbourhood.
    """

    def __init__(self, instance: Instance, budget: Budget, seed: int, bounds: dict[str, int]) -> None:
        self.instance, self.budget = instance, budget
        self.goals = instance.problem.goals
        self.rng = Random(seed)
        self.timetable = PartialTimetable(instance)
        self.evaluator = ObjectiveEvaluator(instance)
        self.neighbours = Neighbours(self.timetable)
        self.bounds = dict(bounds)
        self.reached: dict[str, int] = {}
        self.level = 0
        self.phase = "first plan"
        self.best: Snapshot = {}
        self.best_values: GoalValues = {}
        self.pending_served = 0
        self.taken: set[int] = set()
        self.waiting: list[Callable[[SolverPool], None]] = []
        self.keep_as_best()

    def rank(self, values: GoalValues) -> tuple[float, ...]:
        """Sort key of goal values, best last: the goals up to the one that is being improved.

        One with a tolerance counts down to its floor only, once it is left, and again in full after all others.
        """
        order = self.goals[: self.level + 1]
        unreduced = [values[goal] for goal in order if goal in self.reached]
        return *(min(values[goal], self.floor(goal)) for goal in order), *unreduced

    def floor(self, goal: str) -> float:
        """The value that a goal must keep for the sake of its tolerance once it is left; infinite before."""
        if goal not in self.reached:
            return inf
        best = self.reached[goal]
        return best - floor(self.instance.problem.tolerance[goal] * abs(best) + 1e-9)

    def _record_reached(self) -> None:
        """Remember what the goals with a tolerance have reached: at most a share of it is given up from now on."""
        for goal in self.goals[: self.level]:
            if goal in self.instance.problem.tolerance:
                self.reached[goal] = max(
                    self.best_values[goal], self.reached.get(goal, self.best_values[goal])
                )

    def keep_as_best(self) -> None:
        """Remember the timetable as the best plan."""
        self.best_values = self.evaluator.values(self.timetable)
        self.best = {request: tuple(placed) for request, placed in self.timetable.placed.items() if placed}
        self.report()

    def report(self) -> None:
        """Tell the caller of the search what the best plan serves."""
        served = max(self.best_values["served"], self.pending_served)
        self.budget.report(self.phase, served, self.bounds.get("served"), self.plan)

    def plan(self) -> Assignments:
        """The best plan as a document's assignments."""
        return [write_assignment(assignment) for assignment in numbered(self.instance, self.best)]

    def bound(self, goal: str, value: int) -> None:
        """Take over a proven bound where it is better than the one there is."""
        self.bounds[goal] = min(value, self.bounds.get(goal, value))
        self.report()

    def at_bound(self, goal: str) -> bool:
        """Whether the best plan is proven to have as much of a goal as can be."""
        return goal in self.bounds and self.best_values[goal] >= self.bounds[goal]

    def fill(self) -> None:
        """Place what still can be placed, greedily."""
        unserved = self.neighbours.unserved()
        fill(self.timetable, by_weight(self.instance, unserved, self.rng), self.budget.over)
        self.budget.spend(_TRIED * len(unserved))

    def restore(self) -> None:
        """Put the best plan back where the timetable differs from it."""
        placed = self.timetable.placed
        changed = {
            request
            for request in (*placed, *self.best)
            if tuple(placed.get(request, ())) != self.best.get(request, ())
        }
        for request in changed:
            self.timetable.clear(request)
        for request in changed:
            pinned = self.timetable.pinned.get(request, ())
            for placement in self.best.get(request, ()):
                if placement not in pinned:
                    self.timetable.put(request, placement)

    def improve(
        self, pool: SolverPool, share: float, idle: int, on_other_result: Callable[[Any, Any], None]
    ) -> None:
        """Better the present goal until its share of the budget is used up, it is at its bound, or nothing gains.

        Parameters
        ----------
        share : float
            Of the whole budget, 0 to 1.
        idle : int
            How many neighbourhoods in a row may gain nothing.
        on_other_result : callable
            Takes the tag and the result of a job that is not a neighbourhood.
        """
        self._record_reached()
        goal, size, fruitless = self.goals[self.level], AdaptiveSize(), 0
        self.phase = f"improving {goal}"
        self.report()
        while not self.at_bound(goal) and self.budget.left_s(share) > 0:
            started = self._start_waiting(pool) or (
                fruitless < idle and self._start_neighbourhood(pool, size)
            )
            if not started and not pool.running:
                break
            if started and pool.free:
                continue
            result = pool.next(_POLL_S)
            if result is None:
                continue
            neighbourhood, outcome = result
            if not isinstance(neighbourhood, Neighbourhood):
                on_other_result(neighbourhood, outcome)
                fruitless = 0
                continue
            gained = self.put_back(neighbourhood, outcome)
            fruitless = 0 if gained else fruitless + 1
            if neighbourhood.growth is not None and neighbourhood.allowance is not None:
                size.learn(neighbourhood.growth, neighbourhood.allowance.used_s, gained)

    def _start_waiting(self, pool: SolverPool) -> bool:
        if not self.waiting or not pool.free:
            return False
        self.waiting.pop(0)(pool)
        return True

    def _start_neighbourhood(self, pool: SolverPool, size: AdaptiveSize) -> bool:
        """Start solving one more neighbourhood; False where no worker is free or all requests are taken."""
        loose = [request for request in self.neighbours.possible if request not in self.taken]
        if not pool.free or not loose:
            return False
        unserved = [request for request in self.neighbours.unserved() if request not in self.taken]
        seed = self.rng.choice(
            unserved if self.level == 0 and unserved and self.rng.random() < 0.8 else loose
        )
        growth = self.rng.choices(range(len(GROWTHS)), size.credit)[0]
        order = GROWTHS[growth](self.neighbours, seed, self.rng)
        requests = free_together(order, self.neighbours, size.max_requests, size.columns, self.taken)
        where = self.some_rooms(requests, self.rng.choice(_ROOMS))
        self.start(pool, Neighbourhood(requests, growth), Restriction(where=where))
        return True

    def some_rooms(self, requests: Iterable[int], count: int) -> dict[int, frozenset[int]]:
        """Up to `count` random rooms of each request, and those that it has now.

        Rooms are mostly slack: a few at random lose little, and the programme is solved many times faster.
        """
        where = {}
        for request in requests:
            rooms, now = self.neighbours.rooms[request], self.timetable.placed.get(request, ())
            sample = self.rng.sample(rooms, count) if len(rooms) > count else rooms
            where[request] = frozenset([*sample, *(placement.room for placement in now)])
        return where

    def start(self, pool: SolverPool, neighbourhood: Neighbourhood, only: Restriction) -> None:
        """Start solving a neighbourhood in a worker of the pool, which must have a free one."""
        self.taken.update(neighbourhood.requests)
        neighbourhood.allowance = allowance = self.budget.allow(_LONGEST_S)
        choice, objective, _ = self.model_of(neighbourhood.requests, only)
        allowance.expected_s = expected_s(choice.program)
        seed, left_s = self.rng.randrange(2**31), allowance.left_s

        def job(solver: Solver) -> Solution:
            return best_sessions(
                choice, objective, left_s, solver=solver, gap=1e-4, absolute_gap=0.5, seed=seed, rounds=6
            )

        pool.start(neighbourhood, job, allowance)

    def model_of(
        self, requests: Iterable[int], only: Restriction | None = None
    ) -> tuple[Choice, list[Term], GoalValues]:
        """The integer programme that places the requests best for the present goal, with the goals before it held.

        Returns
        -------
        Choice
            The programme and its columns; the timetable is as it was.
        list of Term
            What to maximise.
        GoalValues
            The goals' values of what stays placed without them; `functions` counts over all requests.
        """
        self._record_reached()
        requests = list(requests)
        before = self.evaluator.values(self.timetable, requests)
        placements_of = {request: self.timetable.clear(request) for request in requests}
        rest = self.evaluator.values(self.timetable, requests)
        spare = {goal: max(0, self.best_values[goal] - self.floor(goal)) for goal in self.reached}
        floors = {goal: before[goal] - rest[goal] - spare.get(goal, 0) for goal in self.goals[: self.level]}
        must = frozenset(request for request in requests if self.timetable.placed.get(request))
        choice = lay_out_columns(self.timetable, requests, must=must, only=only)
        add_rules(choice)
        objective = add_goals(choice, self.goals[: self.level + 1], floors)
        for request, placements in placements_of.items():
            for placement in placements:
                self.timetable.put(request, placement)
        return choice, objective, rest

    def put_back(self, neighbourhood: Neighbourhood, outcome: Solution | None) -> bool:
        """Take the result over where no goal up to the present one loses; say whether one gained."""
        self.taken.difference_update(neighbourhood.requests)
        if outcome is None or outcome.placements is None:
            return False
        for request in neighbourhood.requests:
            self.timetable.clear(request)
        order = sorted(outcome.placements, key=lambda request: -self.instance.requests[request].weight)
        for request in order:
            self.timetable.put_all(request, outcome.placements[request])
        return self.settle()

    def settle(self) -> bool:
        """Keep the timetable, and what can be filled in, where it is worth as much; say if a goal gained."""
        before = self.rank(self.best_values)
        self._accept()
        self.fill()
        if not self._accept():
            self.restore()
        gained = self.rank(self.best_values) > before
        if gained:
            self.report()
        return gained

    def _accept(self) -> bool:
        """Remember the timetable as the best plan where no goal up to the present one loses."""
        values = self.evaluator.values(self.timetable)
        if self.rank(values) < self.rank(self.best_values) or self.broken_whole():
            return False
        self.best = {request: tuple(placed) for request, placed in self.timetable.placed.items() if placed}
        self.best_values = values
        return True

    def broken_whole(self) -> bool:
        """Whether a request that a pin began has lost its other sessions."""
        placed, requests = self.timetable.placed, self.instance.requests
        return any(
            0 < len(placed.get(request, ())) < requests[request].sessions and not requests[request].partial
            for request in self.timetable.pinned
        )
