"""Repair of a released week: what can stay stays, and the rest is put where fewest sessions and people change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

from scheduler.documents.codec import read_problem
from scheduler.goals import GOALS
from scheduler.goals.objective_evaluator import ObjectiveEvaluator
from scheduler.instance.instance import Placement
from scheduler.instance.numbering import same_place
from scheduler.model.columns import Choice, Restriction, lay_out_columns
from scheduler.model.improve import add_rules
from scheduler.processes.progress import Budget
from scheduler.repair.change_budget import UNLIMITED, ChangeBudget, Notice
from scheduler.repair.kept_sessions import KeptWeek, keep_released, read_released
from scheduler.repair.repair_program import Level, best_in_order, count_changes, hold
from scheduler.repair.repair_report import write_repaired
from scheduler.repair.rivals import Rivals
from scheduler.rules.check import check_pins
from scheduler.search.construction import place_request

_TOGETHER = 12  # requests that are re-placed in one programme without touching others
_RIVALS = (3, 8, 20)  # requests that may move for one that has no place, in one programme
_ROOMS = 12  # of each request that a programme looks at, beside those of the release
_SHARE = 0.85  # of the time, after which no others are asked to move
Places = dict[int, list[Placement]]


def repair(
    problem: dict[str, Any],
    released: Any,
    *,
    budget: ChangeBudget = UNLIMITED,
    notice: Notice | None = None,
    time_limit_s: float = 1.0,
    seed: int = 0,
    should_stop: Callable[[], bool] | None = None,
    clock: Callable[[], float],
) -> dict[str, Any]:
    """Plan a released week again after the facts have changed, and change nothing that need not.

    What counts, in this order: `served`; how few released sessions are not held as they were; how few people are
    told something new; how many sessions begin when they were told to; the document's goals. Nobody is moved for a
    request that the release left out already: it gets a place only where one is free.

    Parameters
    ----------
    problem : dict
        The problem document as it is now.
    released : dict or list
        The released plan document, or its assignments alone; then every request without a session counts as new.
    budget : ChangeBudget
        A hard limit. What can no longer take place counts first and may exceed it; then nothing else changes, and
        no more sessions are held elsewhere than the budget says. With 0 sessions what can be kept is kept, no more.
    notice : Notice, optional
        What starts before it ends is frozen: it stays unless it breaks a rule, and nothing new starts there.
    time_limit_s : float
        Seconds of search, after the documents have been read.
    clock : callable
        Seconds that only go forward, such as `time.monotonic`.

    Returns
    -------
    dict
        A plan document that keeps every rule, without bounds. Its key "repair" lists the sessions that were "moved",
        "dropped" and "added", the "people" affected, how many were "kept" and are "frozen", what had to change
        ("unavoidable") and what is left of the budget ("budget_left"). Its status is "infeasible" only where the
        rest of a request begun by a pin finds no place.

    Raises
    ------
    MalformedDocument
        If a document is not in the format, or pins break a rule.
    """
    document, release = read_problem(problem), read_released(released)
    check_pins(document)
    kept_week = keep_released(document, release, budget, None if notice is None else notice.until_min)
    unavoidable = kept_week.changes.total()
    work = _Repair(kept_week, Budget(time_limit_s, clock, should_stop), seed)
    try:
        work.run()
    except KeyboardInterrupt:
        work.budget.stopped = True
        work.settle(work.best)
    return write_repaired(document, release, kept_week, unavoidable)


class _Repair:
    """The best week so far is in the timetable, and in `best` for the requests that were touched last."""

    def __init__(self, kept_week: KeptWeek, budget: Budget, seed: int) -> None:
        self.kept_week, self.budget, self.seed = kept_week, budget, seed
        self.timetable, self.instance = kept_week.timetable, kept_week.timetable.instance
        self.changes = kept_week.changes
        self.evaluator = ObjectiveEvaluator(self.instance)
        self.goals = [goal for goal in self.instance.problem.goals if goal != "served"]
        self.best: Places = {}
        self.rank = self._rank()

    def run(self) -> None:
        """Greedily first, then exactly without touching others, then by moving others, then what was left out."""
        missing = self.kept_week.missing
        for r in missing:
            self._place_again(r)
        for group in self._groups(missing):
            self._solve(group, gain=False)
        for max_rivals in _RIVALS:
            for r in filter(self._is_short, missing):
                if self.budget.left_s(_SHARE) <= 0:
                    break
                self._solve([r, *Rivals(self.timetable).of(r, max_rivals)], gain=True)
        for r in self.kept_week.left_out:
            self._place_again(r)
        for group in self._groups([r for r, change in self.changes.change_of.items() if change.sessions]):
            self._solve(group, gain=False)  # what moved for others may be able to go back

    def _is_short(self, r: int) -> bool:
        return len(self.timetable.placed.get(r, ())) < self.instance.requests[r].sessions

    def _rank(self) -> tuple[int, ...]:
        values, change = self.evaluator.values(self.timetable), self.changes.total()
        goals = (values[goal] for goal in self.goals)
        return values["served"], -change.sessions, -len(change.people), change.in_time, *goals

    def _groups(self, requests: list[int]) -> Iterator[list[int]]:
        """Requests that can be solved together: a frozen session that stays alone would leave no solution."""
        pinned = self.timetable.pinned
        left = iter([r for r in requests if not (pinned.get(r) and self._is_short(r))])
        while group := list(islice(left, _TOGETHER)):
            yield group

    def _place_again(self, r: int) -> None:
        """Put back what is left of a request, and the rest wherever it fits."""
        if self.budget.over() or not self._is_short(r):
            return
        self.best = self._places([r])
        self.timetable.put_all(r, self.kept_week.begun.get(r, []))
        if place_request(self.timetable, r):
            self._accept()
        else:
            self.settle(self.best)

    def _places(self, requests: Sequence[int]) -> Places:
        return {r: list(self.timetable.placed.get(r, ())) for r in requests}

    def settle(self, places: Places) -> None:
        """Give the requests exactly these placements."""
        for r, placements in places.items():
            for placement in list(self.timetable.placed.get(r, ())):
                if placement not in placements:
                    self.timetable.take(r, placement)
            for placement in placements:
                if placement not in self.timetable.placed[r]:
                    self.timetable.put(r, placement)
        self.changes.note(self.timetable, places)

    def _accept(self) -> None:
        """Keep what the timetable holds now where it is better and within the budget; else go back."""
        self.changes.note(self.timetable, self.best)
        allowed = self.changes.within(self.changes.total()) and not any(map(self._is_broken, self.best))
        if allowed and (rank := self._rank()) > self.rank:
            self.rank = rank
            self.best = self._places(list(self.best))
        else:
            self.settle(self.best)

    def _is_broken(self, r: int) -> bool:
        """Whether a request that must be whole is not; one that a pin began may have been so before."""
        placed = len(self.timetable.placed.get(r, ()))
        whole = self.instance.requests[r].partial or placed in (
            0,
            self.instance.requests[r].sessions,
        )
        return not whole and placed != len(self.best[r])

    def _solve(self, free: list[int], *, gain: bool) -> None:
        """Place the requests best while all others stay; with `gain` only if more can be served."""
        if self.budget.left_s(_SHARE) <= 0:
            return
        self.best = self._places(free)
        best_places = self._best_places(free, gain)
        self.settle(self.best)
        if best_places is not None:
            for r in free:
                self._clear(r)
            order = sorted(best_places, key=lambda r: -self.instance.requests[r].weight)
            for r in order:
                self.timetable.put_all(r, best_places[r])
            self._accept()

    def _clear(self, r: int) -> None:
        """Take out what is not pinned, and put the frozen sessions of a request that was given up back."""
        self.timetable.clear(r)
        frozen = [
            placement
            for placement in self.kept_week.begun.get(r, ())
            if any(same_place(placement, pin) for pin in self.timetable.pinned.get(r, ()))
            and placement not in self.timetable.placed[r]
        ]
        self.timetable.put_all(r, frozen)

    def _best_places(self, free: list[int], gain: bool) -> Places | None:
        served = self._weight(free)
        for r in free:
            self._clear(r)
        choice = lay_out_columns(self.timetable, free, only=Restriction(where=self._some_rooms(free)))
        if not choice.units:
            return None
        add_rules(choice)
        few_changes = count_changes(choice, self.changes, free)
        pinned = self._weight(free)
        now, limit = served - pinned, sum(self._whole_weight(r) for r in free) - pinned
        levels: list[Level] = [
            lambda: few_changes,
            *(partial(GOALS[goal].terms, choice) for goal in self.goals),
        ]
        if gain or now < limit:
            levels.insert(0, partial(_served, choice))
        else:
            hold(choice, _served(choice), now)
        least = now + 0.5 if gain else float("-inf")
        return best_in_order(choice, levels, partial(self.budget.left_s, _SHARE), least, self.seed)

    def _weight(self, requests: list[int]) -> int:
        placed = self.timetable.placed
        return sum(len(placed.get(r, ())) * self.instance.requests[r].weight for r in requests)

    def _whole_weight(self, r: int) -> int:
        request = self.instance.requests[r]
        return request.sessions * request.weight

    def _some_rooms(self, requests: list[int]) -> dict[int, frozenset[int]]:
        """The rooms of the release, and those that are open most often."""
        where = {}
        for r in requests:
            often: dict[int, int] = {}
            for rooms in self.instance.candidates[r].rooms.values():
                for room in rooms:
                    often[room] = often.get(room, 0) + 1
            rooms_before = [assignment.room for assignment in self.changes.released_of.get(r, ())]
            known = {
                self.instance.room_index[name] for name in rooms_before if name in self.instance.room_index
            }
            order = sorted(often, key=lambda room: (-often[room], self.instance.rooms[room].capacity, room))
            where[r] = frozenset([*known, *order[:_ROOMS], *(placement.room for placement in self.best[r])])
        return where


def _served(choice: Choice) -> list[tuple[int, float]]:
    return GOALS["served"].terms(choice)
