"""Changes that a plan makes to a released week, counted in sessions and people, and the budget for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil, inf

from scheduler.documents.records import Assignment, Problem, Request
from scheduler.instance.instance import Candidates, Instance, Placement
from scheduler.instance.timetable import PartialTimetable

Arrangement = tuple[int, str, frozenset[str], frozenset[str]]  # begin, room, leads, assistants
Duty = tuple[str, str, int, str]  # volunteer, role, begin, room: what one person was told of a request


@dataclass(frozen=True, slots=True)
class ChangeBudget:
    """How much of a released week may change; None where there is no limit.

    Attributes
    ----------
    sessions : int or None
        Released sessions that are not held as they were: at another time, in another room, with other people, or
        not at all.
    people : int or None
        Volunteers who are told something new: a session that they have now and had not, or had and have no more.
        Its time, its room and their role belong to a session; who else comes does not.
    """

    sessions: int | None = None
    people: int | None = None


UNLIMITED = ChangeBudget()


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice that people get: a session stays once it is less than `hours` away.

    `now_min` counts from Monday 00:00 of the week that is planned, and is negative before it.
    """

    now_min: int
    hours: float = 0

    @property
    def until_min(self) -> int:
        """What starts before this stays as it is, and nothing else is put there."""
        return self.now_min + ceil(60 * self.hours)


class NoticeInstance(Instance):
    """A problem as numbers, in which no session can start before `from_min` (minutes of the week)."""

    def __init__(self, problem: Problem, from_min: int | None) -> None:
        self._from_min = from_min
        super().__init__(problem)

    def could_be_held(self, request: int) -> bool:
        """Whether the request could be held at all, however early."""
        return bool(super()._candidates(self.requests[request]).rooms)

    def _candidates(self, request: Request) -> Candidates:
        candidates = super()._candidates(request)
        if self._from_min is None:
            return candidates
        starts = [start for start in candidates.rooms if start >= self._from_min]
        parts = (candidates.rooms, candidates.leads, candidates.assistants)
        return Candidates(*({start: part[start] for start in starts} for part in parts))


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """Changes to the released sessions of one request, or of all.

    `sessions` are released sessions that are not held as they were; `elsewhere` of them are held in another way;
    `in_time` counts sessions that begin when one was told to.
    """

    sessions: int = 0
    elsewhere: int = 0
    in_time: int = 0
    people: frozenset[str] = frozenset()


@dataclass(slots=True)
class ChangeTracker:
    """The released sessions under each request, and the changes that a timetable makes to them.

    `gone` are released sessions of requests that the problem no longer has.
    """

    instance: Instance
    released_of: dict[int, list[Assignment]]
    gone: list[Assignment]
    budget: ChangeBudget
    max_sessions: float = inf
    max_people: float = inf
    change_of: dict[int, ReleaseChange] = field(default_factory=dict)

    def note(self, timetable: PartialTimetable, requests: Iterable[int]) -> None:
        """Take the present placements of the requests as those that count."""
        for request in requests:
            self.change_of[request] = self.of(request, timetable.placed.get(request, ()))

    def allow(self) -> None:
        """Set the limits, now that all that has to change is noted: that much may change whatever the budget."""
        now = self.total()
        if self.budget.sessions is not None:
            self.max_sessions = max(self.budget.sessions, now.sessions)
        if self.budget.people is not None:
            self.max_people = max(self.budget.people, len(now.people))

    @property
    def max_elsewhere(self) -> float:
        """Released sessions that may be held in another way."""
        return inf if self.budget.sessions is None else self.budget.sessions

    def within(self, change: ReleaseChange) -> bool:
        """Whether a change of the whole week is within the limits."""
        return (
            change.sessions <= self.max_sessions
            and change.elsewhere <= self.max_elsewhere
            and len(change.people) <= self.max_people
        )

    def of(self, request: int, placements: Sequence[Placement]) -> ReleaseChange:
        """What has become of a request's released sessions where it has these placements."""
        assignments = self.released_of.get(request, [])
        sessions = [self.instance.assignment(request, 0, placement) for placement in placements]
        unchanged = len(assignments) - len(self.lost(request, placements))
        starts = {assignment.begin_min for assignment in assignments}
        duties = {duty for assignment in assignments for duty in duties_of(assignment)}
        duties ^= {duty for assignment in sessions for duty in duties_of(assignment)}
        return ReleaseChange(
            len(assignments) - unchanged,
            min(len(assignments), len(sessions)) - unchanged,
            sum(assignment.begin_min in starts for assignment in sessions),
            frozenset(duty[0] for duty in duties),
        )

    def lost(self, request: int, placements: Sequence[Placement]) -> list[Assignment]:
        """The released sessions of a request that are not among the placements as they were."""
        now = {arrangement_of(self.instance.assignment(request, 0, placement)) for placement in placements}
        return [
            assignment
            for assignment in self.released_of.get(request, ())
            if arrangement_of(assignment) not in now
        ]

    def total(self, leaving_out: frozenset[int] = frozenset()) -> ReleaseChange:
        """The changes of all requests that are noted, but for some, and of requests that are gone."""
        counted = [change for request, change in self.change_of.items() if request not in leaving_out]
        lost = {person for assignment in self.gone for person in (*assignment.leads, *assignment.assistants)}
        return ReleaseChange(
            len(self.gone) + sum(change.sessions for change in counted),
            sum(change.elsewhere for change in counted),
            sum(change.in_time for change in counted),
            frozenset(lost).union(*(change.people for change in counted)),
        )


def arrangement_of(assignment: Assignment) -> Arrangement:
    """What must be the same for a session to be held as it was: start, room, leads and assistants."""
    return (
        assignment.begin_min,
        assignment.room,
        frozenset(assignment.leads),
        frozenset(assignment.assistants),
    )


def duties_of(assignment: Assignment) -> Iterable[Duty]:
    """What each person of a session has to know."""
    for role, people in (("lead", assignment.leads), ("assistant", assignment.assistants)):
        yield from ((person, role, assignment.begin_min, assignment.room) for person in people)
