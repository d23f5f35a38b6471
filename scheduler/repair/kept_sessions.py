"""Sessions of a released week that can still be held as they were, now that the problem has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scheduler.documents.codec import read_assignments
from scheduler.documents.records import Assignment, Problem
from scheduler.instance.instance import Placement
from scheduler.instance.numbering import same_place
from scheduler.instance.timetable import PartialTimetable
from scheduler.repair.change_budget import ChangeBudget, ChangeTracker, NoticeInstance, arrangement_of
from scheduler.rules.check import check

# Rules that one session breaks by itself; the others are asked of the timetable, session by session.
_ALONE = frozenset(
    {"session", "grid", "acceptable", "open", "fit", "reach", "team", "skill", "available", "home", "minors"}
)


@dataclass(frozen=True, slots=True)
class ReleasedSessions:
    """What was released: its sessions, each once, and the requests that it left out (None where nobody knows)."""

    sessions: tuple[Assignment, ...]
    left_out: frozenset[str] | None


@dataclass(slots=True)
class KeptWeek:
    """A released week under the problem as it is now.

    Attributes
    ----------
    instance, timetable
        The problem as numbers, and the sessions that can stay, whole requests only; what is frozen counts as pinned.
    begun : dict
        What could stay of the requests that must be whole and have lost a session: nothing of it is placed.
    missing : list of int
        Requests that have lost a session, the weightiest first, then those that the release knows nothing of.
    left_out : list of int
        Requests that the release left out.
    frozen : int
        How many of the sessions that can stay are frozen.
    """

    instance: NoticeInstance
    timetable: PartialTimetable
    changes: ChangeTracker
    begun: dict[int, list[Placement]] = field(default_factory=dict)
    missing: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    frozen: int = 0


def read_released(document: Any) -> ReleasedSessions:
    """Read a released plan document, or a list of assignments alone.

    Raises
    ------
    MalformedDocument
        If it is neither. What it names need not be there any more.
    """
    as_plan = isinstance(document, Mapping)
    sessions = read_assignments(document.get("assignments") if as_plan else document)
    unserved = document.get("unserved") if as_plan else None
    left_out = None
    if isinstance(unserved, list):
        left_out = frozenset(str(entry.get("request")) for entry in unserved if isinstance(entry, Mapping))
    return ReleasedSessions(
        tuple({(assignment.request, assignment.session): assignment for assignment in sessions}.values()),
        left_out,
    )


def keep_released(
    problem: Problem, released: ReleasedSessions, budget: ChangeBudget, until_min: int | None
) -> KeptWeek:
    """Put the released sessions that break no rule into a timetable, the frozen and then the weightiest first.

    Parameters
    ----------
    until_min : int or None
        Minutes since Monday 00:00 of the week: sessions that start before it are frozen.
    """
    known = _known(problem, released.sessions)
    # The release is what sessions are numbered after, so that those that stay keep their numbers.
    instance = NoticeInstance(replace(problem, previous=tuple(known)), until_min)
    timetable = PartialTimetable(instance)
    released_of: dict[int, list[Assignment]] = {}
    gone: list[Assignment] = []
    for assignment in released.sessions:
        r = instance.request_index.get(assignment.request)
        (gone if r is None else released_of.setdefault(r, [])).append(assignment)
    kept_week = KeptWeek(instance, timetable, ChangeTracker(instance, released_of, gone, budget))
    frozen = {
        assignment for assignment in known if until_min is not None and assignment.begin_min < until_min
    }
    for assignment in _in_order(kept_week, _possible(problem, known), frozen):
        _put_back(kept_week, assignment, assignment in frozen)
    _take_out_incomplete(kept_week)
    kept_week.frozen = sum(_is_placed(kept_week, assignment) for assignment in frozen)
    _list_missing(kept_week, released)
    kept_week.changes.note(timetable, released_of)
    kept_week.changes.allow()
    return kept_week


def _known(problem: Problem, sessions: Iterable[Assignment]) -> list[Assignment]:
    """The sessions whose request, room and people are all still in the problem."""
    requests = {request.id for request in problem.requests}
    rooms = {room.id for venue in problem.venues for room in venue.rooms}
    people = {volunteer.id for volunteer in problem.volunteers}
    return [
        assignment
        for assignment in sessions
        if assignment.request in requests
        and assignment.room in rooms
        and {*assignment.leads, *assignment.assistants} <= people
    ]


def _possible(problem: Problem, known: list[Assignment]) -> Iterator[Assignment]:
    """The sessions that break no rule by themselves, and whose number no pin has given to another arrangement."""
    broken = {
        session for breach in check(problem, known) if breach.rule in _ALONE for session in breach.sessions
    }
    pinned = {(pin.request, pin.session): arrangement_of(pin) for pin in problem.pins}
    for assignment in known:
        name = assignment.request, assignment.session
        if name not in broken and pinned.get(name, arrangement_of(assignment)) == arrangement_of(assignment):
            yield assignment


def _in_order(
    kept_week: KeptWeek, possible: Iterable[Assignment], frozen: set[Assignment]
) -> list[Assignment]:
    instance = kept_week.timetable.instance

    def rank(assignment: Assignment) -> tuple[bool, int]:
        return assignment not in frozen, -instance.requests[instance.request_index[assignment.request]].weight

    return sorted(possible, key=rank)


def _put_back(kept_week: KeptWeek, assignment: Assignment, frozen: bool) -> None:
    timetable, instance = kept_week.timetable, kept_week.timetable.instance
    r, placement = instance.request_index[assignment.request], instance.placement(assignment)
    if any(same_place(placement, pin) for pin in timetable.pinned.get(r, ())):
        return
    if not timetable.clashes(r, placement):
        timetable.put(r, placement)
        if frozen:
            timetable.pinned[r].append(placement)


def _take_out_incomplete(kept_week: KeptWeek) -> None:
    """Take out requests that must be whole and are not, unless a pin began them."""
    timetable, instance = kept_week.timetable, kept_week.timetable.instance
    pins = {instance.request_index[pin.request] for pin in instance.problem.pins}
    for r, placements in list(timetable.placed.items()):
        request = instance.requests[r]
        if not request.partial and 0 < len(placements) < request.sessions and r not in pins:
            kept_week.begun[r] = list(placements)
            for placement in kept_week.begun[r]:
                timetable.take(r, placement)


def _is_placed(kept_week: KeptWeek, assignment: Assignment) -> bool:
    instance = kept_week.timetable.instance
    placement = instance.placement(assignment)
    placed = kept_week.timetable.placed.get(instance.request_index[assignment.request], ())
    return any(same_place(placement, placed_session) for placed_session in placed)


def _list_missing(kept_week: KeptWeek, released: ReleasedSessions) -> None:
    timetable, released_of = kept_week.timetable, kept_week.changes.released_of
    lost, fresh = [], []
    for r, request in enumerate(timetable.instance.requests):
        short = request.sessions - len(timetable.placed.get(r, ()))
        if short and r in released_of and (not request.partial or _has_lost(kept_week, r)):
            lost.append(r)
        elif short and r not in released_of and request.id not in (released.left_out or ()):
            fresh.append(r)
        elif short:
            kept_week.left_out.append(r)
    for group in (lost, fresh, kept_week.left_out):
        group.sort(key=lambda r: (-timetable.instance.requests[r].weight, r))
    kept_week.missing = lost + fresh


def _has_lost(kept_week: KeptWeek, r: int) -> bool:
    placed = kept_week.timetable.placed.get(r, ())
    return kept_week.changes.of(r, placed).sessions > 0
