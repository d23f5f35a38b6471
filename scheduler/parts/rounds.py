"""Decide a large week round after round: cut, solve the parts beside each other, join, and cut along other lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import count
from typing import Any

from scheduler.engine.crew import Crew
from scheduler.parts.cutting import Part, Parts, cut, join
from scheduler.parts.solving import Pricing, Task, assignment
from scheduler.progress import Allowance, Budget
from scheduler.records import Problem
from scheduler.search import Search

LARGE = 5_000  # requests of a problem that is cut
_POLL_S = 0.1
_SIZES = (620, 620, 400, 620)  # requests of a part, round after round
_SLANTS = (0.0, 45.0, 20.0, 65.0, 33.0, 78.0)  # degrees
_LEAST_S = 2.0  # of one part, reading not counted
_LONGEST_S = 40.0  # of one part
_FIRST_SHARE, _SERVED_SHARE = 0.55, 0.88  # of the time, for the first round and for the first goal
_PRICES_SHARE = 0.12  # of the time, for the bound
_SPARE_S = 1.0  # for a part to come back after its time
_LATE_S = 5.0  # after which it is given up
Document = dict[str, Any]


class Rounds:
    """The plan of a large week while parts of it get better.

    Attributes
    ----------
    plan : list of dict
        Assignments that keep every rule.
    bound : int or None
        A proven upper bound on `served`.
    """

    def __init__(self, problem: Document, goals: Sequence[str], budget: Budget, seed: int) -> None:
        self.problem, self.budget, self.seed = problem, budget, seed
        self.goals = goals
        self.plan: list[Document] = list(problem.get("pins", []))
        self.bound: int | None = None
        self._weight = {
            one["id"]: one.get("priority", 1) * one["learners"] * one["duration_minutes"]
            for one in problem["requests"]
        }
        self.served = self._value(self.plan)

    def _value(self, assignments: Sequence[Document]) -> int:
        return sum(self._weight[one["request"]] for one in assignments)

    def tell(self, phase: str) -> None:
        self.budget.report(phase, self.served, self.bound)

    def run(self, workers: int) -> None:
        """Better the plan until the time is up; a stop leaves the best plan so far."""
        crew = Crew(workers, "scheduler.parts.worker", in_turn=self.budget.in_work)
        try:
            if self.goals[0] == "served":
                limit = _PRICES_SHARE * self.budget.left_s()
                pricing = Pricing(self.problem, limit, in_work=self.budget.in_work)
                crew.send(Pricing, pricing, self._allow(limit))
            for at in count():
                share = _SERVED_SHARE if len(self.goals) > 1 else 1.0
                settled = int(self.budget.left_s(share) < _SPARE_S)
                if settled and (len(self.goals) == 1 or self.budget.left_s() < _SPARE_S):
                    return
                self._round(crew, at, workers, settled, 1.0 if settled else share)
        finally:
            crew.close()

    def _allow(self, limit_s: float) -> Allowance:
        allowance = self.budget.allow(limit_s)
        allowance.expected_s = limit_s
        return allowance

    def _round(self, crew: Crew, at: int, workers: int, settled: int, share: float) -> None:
        goals = self.goals if settled else self.goals[:1]
        size, slant = _SIZES[at % len(_SIZES)], _SLANTS[at % len(_SLANTS)] + at // len(_SLANTS)
        parts = cut(self.problem | {"goals": list(goals)}, size, self.plan, slant)
        beside = 1 if self.budget.in_work else workers  # work is added up over all workers
        part_of_time = (
            (1.0 if settled else _FIRST_SHARE / share if at == 0 else 0.9) * beside / len(parts.parts)
        )
        limit = max(_LEAST_S, min(_LONGEST_S, part_of_time * self.budget.left_s(share)))
        plans: list[Document | None] = [None] * len(parts.parts)
        try:
            self._solve(crew, parts, plans, limit, at, settled, share)
        finally:
            self.plan = join(parts, plans)
            self.served = self._value(self.plan)
        self.tell(f"round {at + 1} of parts")

    def _solve(
        self,
        crew: Crew,
        parts: Parts,
        plans: list[Document | None],
        limit: float,
        at: int,
        settled: int,
        share: float,
    ) -> None:
        waiting, running = list(range(len(parts.parts))), set[int]()
        phase = f"improving {self.goals[settled]} in {len(waiting)} parts"
        while True:
            while waiting and crew.free and self.budget.left_s(share) > _SPARE_S:
                part = waiting.pop(0)
                left = min(limit, self.budget.left_s(share) - _SPARE_S / 2)
                seed = self.seed + 1000 * at + part
                task = Task(parts.parts[part], left, seed, settled, self.budget.in_work)
                crew.send(part, task, self._allow(left))
                running.add(part)
            too_late = self.budget.seconds > self.budget.limit_s + _LATE_S
            if (
                self.budget.stop_asked()
                or too_late
                or (not running and not (waiting and self.budget.left_s(share) > _SPARE_S))
            ):
                return
            self._collect(crew, parts, plans, running, phase)

    def _collect(
        self, crew: Crew, parts: Parts, plans: list[Document | None], running: set[int], phase: str
    ) -> None:
        """Take over what comes back first, a part or the bound; a part whose process was lost stays as it was."""
        result = crew.next(_POLL_S)
        if result is None:
            return
        tag, answer = result
        if tag is Pricing:
            self.bound = answer
            return
        running.discard(tag)
        if answer is not None:
            plans[tag] = answer
            self.served += self._gain(parts.parts[tag], answer)
        self.tell(phase)

    def _gain(self, part: Part, plan: Document) -> int:
        before = [*part.start, *part.problem["pins"]]
        free = [
            [one for one in some if one["request"] in part.free] for some in (plan["assignments"], before)
        ]
        return self._value(free[0]) - self._value(free[1])


def is_large(problem: Problem) -> bool:
    """Whether the problem is cut; not so where a pin begins a request, whose rest may lie across any line."""
    pinned = Counter(pin.request for pin in problem.pins)
    begun = any(pinned[one.id] not in (0, one.sessions) and not one.partial for one in problem.requests)
    return len(problem.requests) > LARGE and problem.goals[:1] == ("served",) and not begun


def search_in_parts(search: Search, problem: Document, workers: int) -> None:
    """Plan the document part by part, and put the result into the search that stands for the whole."""
    rounds = Rounds(problem, search.goals, search.budget, search.rng.randrange(2**20))
    try:
        rounds.run(workers)
    finally:
        if rounds.bound is not None:
            search.bound("served", rounds.bound)
        pinned = {(pin.request, pin.session) for pin in search.instance.problem.pins}
        for document in rounds.plan:
            one = assignment(document)
            if (one.request, one.session) not in pinned:
                search.timetable.put(
                    search.instance.request_index[one.request], search.instance.placement(one)
                )
        search.keep()
