"""Decide what a change of the plan costs and whether it keeps every rule, looking at all that it can touch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.documents.records import Assignment
from scheduler.explain.editable_plan import EditablePlan
from scheduler.instance.instance import Placement
from scheduler.rules.check import Breach, check
from scheduler.rules.goals import goal_values

Placed = dict[int, tuple[Placement, ...]]


@dataclass(frozen=True, slots=True)
class Price:
    """What a change is worth.

    Attributes
    ----------
    goals : dict
        For each goal of the problem, how much it gains; below 0 it loses. Units as in `goal_values`.
    placed, withdrawn : tuple of Assignment
        The sessions that are new or have moved, and those that were there before and are no longer.
    """

    goals: dict[str, int]
    placed: tuple[Assignment, ...]
    withdrawn: tuple[Assignment, ...]


class Ledger:
    """The board before a change, so that the change can be priced and taken back."""

    def __init__(self, board: EditablePlan) -> None:
        self.board, self.mark = board, board.mark()
        self.before: Placed = {}
        self.people = len(board.instance.volunteers)

    def touch(self, request: int) -> None:
        """Remember where a request is before it is moved."""
        if request not in self.before:
            self.before[request] = tuple(self.board.timetable.placed.get(request, ()))

    def settle(self) -> Price | None:
        """The price of everything done since, which is taken back; None where it breaks a rule."""
        after = {one: tuple(self.board.timetable.placed.get(one, ())) for one in self.before}
        scope = self._scope(after)
        new = [assignment for request in scope for assignment in self.board.assignments(request)]
        broken, late = self._judge(scope, new)
        self.board.undo(self.mark)
        if broken:
            return None
        old = [assignment for request in scope for assignment in self.board.assignments(request)]
        _, early = self._judge(scope, old)
        known, planned = set(old), set(new)
        return Price(
            {goal: late[goal] - early[goal] for goal in self.board.instance.problem.goals},
            tuple(assignment for assignment in new if assignment not in known),
            tuple(assignment for assignment in old if assignment not in planned),
        )

    def cancel(self) -> None:
        self.board.undo(self.mark)

    def _scope(self, after: Placed) -> list[int]:
        """Every request that has a room, a person or a learner in common with a change: rules reach no further."""
        moved = [placement for many in (*self.before.values(), *after.values()) for placement in many]
        instance, board = self.board.instance, self.board
        venues = {instance.room_venue[placement.room] for placement in moved}
        cohorts = {cohort for request in after for cohort in instance.requests[request].cohorts}
        found = set(after)
        for room, venue in enumerate(instance.room_venue):
            if venue in venues:
                found.update(sitting.request for sitting in board.in_room.get(room, ()))
        for one in {one for placement in moved for one in placement.team}:
            found.update(sitting.request for sitting in board.of_person.get(one, ()))
        for request, placed in board.timetable.placed.items() if cohorts else ():
            if placed and cohorts & instance.requests[request].cohorts:
                found.add(request)
        return sorted(found)

    def _judge(
        self, scope: Iterable[int], plan: list[Assignment]
    ) -> tuple[tuple[Breach, ...], dict[str, int]]:
        instance = self.board.instance
        rooms = {instance.room_index[assignment.room] for assignment in plan}
        venues = {instance.room_venue[room] for room in rooms}
        names = {name for assignment in plan for name in (*assignment.leads, *assignment.assistants)}
        people = [index for index, volunteer in enumerate(instance.volunteers) if volunteer.id in names]
        cut = self.board.problem_of(scope, venues, people)
        return check(cut, plan), goal_values(cut, plan)
