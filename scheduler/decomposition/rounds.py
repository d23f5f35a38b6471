"""Rounds of decomposition of a large week: cut, solve the parts in parallel, join, cut along other lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from scheduler.decomposition.cutting import Part, Parts, cut, join
from scheduler.decomposition.part_pool import MakePool, OwnPool, PartPool
from scheduler.decomposition.part_solving import bound_task, parse_assignment, plan_task
from scheduler.decomposition.reach import surrounded
from scheduler.documents.records import Problem
from scheduler.processes.progress import Budget
from scheduler.search.fix_and_optimise import Search

LARGE = 5_000  # requests of a problem that is cut
_POLL_S = 0.1
_SIZES = (3_000, 6_000, 6_000, 6_000)  # requests of a part, round after round
_SETTLED_SIZE, _BOUNDED_SIZE = 1_500, 3_000  # the same for later goals, and for the bound
_SLANTS = (0.0, 45.0, 20.0, 65.0, 33.0, 78.0)  # degrees
_ROUNDS = 4  # for the first goal
_FIRST_S, _LEAST_S = 5.0, 2.0  # of a part in the first round, which is to cover everything soon; of any part
_SERVED_SHARE = 0.87  # of the time, for the first goal
_BOUND_SHARE = 0.15  # of the time of all workers, for the bound
_CUT = 0.1  # units of work to cut and join a request
_SPARE_S = 1.0  # for a part to come back after its time
_LATE_S = 5.0  # after which it is given up
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Bounded:
    """The tag of a part whose bound is asked for."""

    part: int


class Rounds:
    """The plan of a large week, which gets better by rounds of cutting, solving and joining.

    Attributes
    ----------
    plan : list of dict
        Assignments that keep every rule.
    bounds : list of int
        Of parts that share out the requests and see all that these could use: their sum bounds `served`.
    """

    def __init__(
        self,
        problem: Document,
        goals: Sequence[str],
        budget: Budget,
        seed: int,
        start: Sequence[Document] | None = None,
    ) -> None:
        self.problem, self.budget, self.seed = problem, budget, seed
        self.goals = goals
        self.plan: list[Document] = list(problem.get("pins", []) if start is None else start)
        self._weight = {
            request["id"]: request.get("priority", 1) * request["learners"] * request["duration_minutes"]
            for request in problem["requests"]
        }
        self.served = self._value(self.plan)
        self.bounds: list[int] = []
        self._to_bound: list[tuple[_Bounded, Document]] = []
        self._overhead_s, self._sent_s = 0.0, dict[int, float]()

    @property
    def bound(self) -> int | None:
        """Of `served`; None until bounds are asked for."""
        return sum(self.bounds) if self.bounds else None

    def _value(self, assignments: Sequence[Document]) -> int:
        return sum(self._weight[assignment["request"]] for assignment in assignments)

    def report(self, phase: str) -> None:
        """Tell the caller of the search what the plan serves."""
        self.budget.report(phase, self.served, self.bound, lambda: self.plan)

    def run(self, pool: PartPool) -> None:
        """Better the plan until the budget is used up; a stop leaves the best plan so far."""
        at_once = 1 if self.budget.in_work else pool.free  # work is added up over all workers
        for number in count():
            share = _SERVED_SHARE if len(self.goals) > 1 else 1.0
            settled = int(self.budget.left_s(share) < _SPARE_S or self.served == self.bound)
            if settled and (len(self.goals) == 1 or self.budget.left_s() < _SPARE_S):
                return
            self._round(pool, number, at_once, settled, 1.0 if settled else share)
            if not number and self.goals[0] == "served":
                self._ask_for_bounds()

    def _ask_for_bounds(self) -> None:
        parts = surrounded(self.problem, _BOUNDED_SIZE)
        self.bounds = [
            sum(self._weight[request["id"]] * request.get("sessions", 1) for request in part["requests"])
            for part in parts
        ]
        self._to_bound = [(_Bounded(index), part) for index, part in enumerate(parts)]

    def _round(self, pool: PartPool, number: int, at_once: int, settled: int, share: float) -> None:
        goals = self.goals if settled else self.goals[:1]
        size = _SETTLED_SIZE if settled else _SIZES[number % len(_SIZES)]
        slant = _SLANTS[number % len(_SLANTS)] + number // len(_SLANTS)
        self.budget.spend(_CUT * len(self.problem["requests"]))
        parts = cut(self.problem | {"goals": list(goals)}, size, self.plan, slant)
        limit = self._limit(number, at_once / len(parts.parts), settled, share)
        plans: list[Document | None] = [None] * len(parts.parts)
        try:
            self._solve(pool, parts, plans, limit, number, settled, share)
        finally:
            self.plan = join(parts, plans)
            self.served = self._value(self.plan)
        self.report(f"round {number + 1} of parts")

    def _limit(self, number: int, part_of_time: float, settled: int, share: float) -> float:
        """Seconds for each part of a round, reading not counted."""
        left = self.budget.left_s(share)
        rounds = 1 if settled else max(1, _ROUNDS - number)
        if self._to_bound:
            left -= _BOUND_SHARE * self.budget.limit_s
        fair = max(_LEAST_S, left / rounds * part_of_time - self._overhead_s)
        return min(fair, _FIRST_S) if number == 0 and not settled else fair

    def _solve(
        self,
        pool: PartPool,
        parts: Parts,
        plans: list[Document | None],
        limit: float,
        number: int,
        settled: int,
        share: float,
    ) -> None:
        waiting, running = list(range(len(parts.parts))), set[Any]()
        phase = f"improving {self.goals[settled]} in {len(waiting)} parts"
        while True:
            while (waiting or self._to_bound) and pool.free and self.budget.left_s(share) > _SPARE_S:
                running.add(self._send(pool, parts, waiting, limit, number, settled, share))
            too_late = self.budget.seconds > self.budget.limit_s + _LATE_S
            if (
                self.budget.stop_asked()
                or too_late
                or (not running and not (waiting and self.budget.left_s(share) > _SPARE_S))
            ):
                return
            self._collect(pool, parts, plans, running, phase)

    def _send(
        self,
        pool: PartPool,
        parts: Parts,
        waiting: list[int],
        limit: float,
        number: int,
        settled: int,
        share: float,
    ) -> Any:
        """Start a part; a bound first, as long as any is missing."""
        left = min(limit, self.budget.left_s(share) - _SPARE_S / 2)
        if self._to_bound:
            tag, problem = self._to_bound.pop(0)
            limit = _BOUND_SHARE * self.budget.limit_s / len(self.bounds)
            pool.send(tag, bound_task(problem, limit, in_work=self.budget.in_work))
            return tag
        part = waiting.pop(0)
        seed = self.seed + 1000 * number + part
        self._sent_s[part] = self.budget.seconds + left
        document = plan_task(parts.parts[part], left, seed, settled=settled, in_work=self.budget.in_work)
        pool.send(part, document)
        return part

    def _collect(
        self, pool: PartPool, parts: Parts, plans: list[Document | None], running: set[Any], phase: str
    ) -> None:
        """Take over what comes back first, a part or the bound; a part whose process was lost stays as it was."""
        result = pool.next(_POLL_S)
        if result is None:
            return
        tag, answer = result
        running.discard(tag)
        if isinstance(tag, _Bounded):
            if answer is not None and answer["bound"] is not None:
                self.bounds[tag.part] = min(self.bounds[tag.part], answer["bound"])
            self.report(phase)
            return
        self._overhead_s = max(self._overhead_s, self.budget.seconds - self._sent_s[tag])
        if answer is not None and answer["assignments"] is not None:
            plans[tag] = answer
            self.served += self._gain(parts.parts[tag], answer)
        self.report(phase)

    def _gain(self, part: Part, plan: Document) -> int:
        after, before = (
            self._value([assignment for assignment in assignments if assignment["request"] in part.free])
            for assignments in (plan["assignments"], [*part.start, *part.problem["pins"]])
        )
        return after - before


def is_large(problem: Problem) -> bool:
    """Whether the problem is cut: more than `LARGE` requests, with `served` as the first goal.

    Not so where a pin begins a request, whose rest may lie across any line.
    """
    pinned = Counter(pin.request for pin in problem.pins)
    begun = any(
        pinned[request.id] not in (0, request.sessions) and not request.partial
        for request in problem.requests
    )
    return len(problem.requests) > LARGE and problem.goals[:1] == ("served",) and not begun


def search_in_parts(search: Search, problem: Document, workers: int, make: MakePool | None = None) -> None:
    """Plan a large week part by part, and put the result into the search that stands for the whole.

    Parameters
    ----------
    problem : dict
        The document that the search was made from; `is_large` says whether it can be cut.
    workers : int
        Parts that are solved at once.
    make : callable, optional
        Makes the pool from `workers`. Where work is counted the order of the answers matters, so that the
        scheduler's own processes solve the parts all the same.
    """
    start = search.plan()  # pins, and what the search was begun from
    rounds = Rounds(problem, search.goals, search.budget, search.rng.randrange(2**20), start)
    budget = search.budget
    pool: PartPool = OwnPool(workers, budget) if make is None or budget.in_work else make(workers)
    try:
        rounds.run(pool)
    finally:
        pool.close()
        if rounds.bound is not None:
            search.bound("served", rounds.bound)
        pinned = {(pin.request, pin.session) for pin in search.instance.problem.pins}
        for request in list(search.timetable.placed):
            search.timetable.clear(request)
        for document in rounds.plan:
            assignment = parse_assignment(document)
            if (assignment.request, assignment.session) not in pinned:
                search.timetable.put(
                    search.instance.request_index[assignment.request], search.instance.placement(assignment)
                )
        search.keep_as_best()
