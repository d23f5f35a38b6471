"""Price of a tentative change of a plan: whether it keeps every rule, and what each goal gains or loses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from scheduler.documents.records import Assignment
from scheduler.explain.editable_plan import EditablePlan
from scheduler.instance.instance import Placement
from scheduler.rules.check import Breach, check
from scheduler.rules.goals import goal_values

Placed = dict[int, tuple[Placement, ...]]


@dataclass(frozen=True, slots=True)
class Price:
    """What a change does to the goals and to the plan.

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


class TentativeChange:
    """A change that is made in a plan, judged and undone.

    It begins with the plan's state at construction; `remember` each request before its sessions are moved.
    """

    def __init__(self, plan: EditablePlan) -> None:
        self.plan, self.mark = plan, plan.mark()
        self.before: Placed = {}

    def remember(self, request: int) -> None:
        """Note the placements that a request has before the change."""
        if request not in self.before:
            self.before[request] = tuple(self.plan.timetable.placed.get(request, ()))

    def price_and_undo(self) -> Price | None:
        """The price of everything done since the beginning, which is undone; None where it breaks a rule."""
        after = {request: tuple(self.plan.timetable.placed.get(request, ())) for request in self.before}
        scope = self._scope(after)
        new = [assignment for request in scope for assignment in self.plan.assignments(request)]
        broken, late = self._judge(scope, new)
        self.plan.undo(self.mark)
        if broken:
            return None
        old = [assignment for request in scope for assignment in self.plan.assignments(request)]
        _, early = self._judge(scope, old)
        assignments_before, assignments_after = set(old), set(new)
        return Price(
            {goal: late[goal] - early[goal] for goal in self.plan.instance.problem.goals},
            tuple(assignment for assignment in new if assignment not in assignments_before),
            tuple(assignment for assignment in old if assignment not in assignments_after),
        )

    def undo(self) -> None:
        self.plan.undo(self.mark)

    def _scope(self, after: Placed) -> list[int]:
        """Requests that share a venue, a person or a cohort with the change: rules and goals reach no further."""
        moved = [*chain(*self.before.values(), *after.values())]
        instance, plan = self.plan.instance, self.plan
        venues = {instance.room_venue[placement.room] for placement in moved}
        cohorts = {cohort for request in after for cohort in instance.requests[request].cohorts}
        requests = set(after)
        for room, venue in enumerate(instance.room_venue):
            if venue in venues:
                requests.update(session.request for session in plan.in_room.get(room, ()))
        for person in {person for placement in moved for person in placement.team}:
            requests.update(session.request for session in plan.of_person.get(person, ()))
        for request, placed in plan.timetable.placed.items() if cohorts else ():
            if placed and cohorts & instance.requests[request].cohorts:
                requests.add(request)
        return sorted(requests)

    def _judge(
        self, scope: Iterable[int], assignments: list[Assignment]
    ) -> tuple[tuple[Breach, ...], dict[str, int]]:
        instance = self.plan.instance
        rooms = {instance.room_index[assignment.room] for assignment in assignments}
        venues = {instance.room_venue[room] for room in rooms}
        names = {name for assignment in assignments for name in (*assignment.leads, *assignment.assistants)}
        people = [index for index, volunteer in enumerate(instance.volunteers) if volunteer.id in names]
        cut = self.plan.problem_of(scope, venues, people)
        return check(cut, assignments), goal_values(cut, assignments)
