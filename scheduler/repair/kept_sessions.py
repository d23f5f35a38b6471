"""Decide which sessions of a released week can still be held as they were, now that the problem has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scheduler.documents.codec import read_assignments
from scheduler.documents.records import Assignment, Problem
from scheduler.instance.instance import Placement
from scheduler.instance.numbering import same_place
from scheduler.instance.timetable import Timetable
from scheduler.repair.change_budget import ChangeBudget, Changes, NoticeInstance, place_of
from scheduler.rules.check import check

# Rules that one session breaks by itself; the others are asked of the timetable, session by session.
_ALONE = frozenset(
    {"session", "grid", "acceptable", "open", "fit", "reach", "team", "skill", "available", "home", "minors"}
)


@dataclass(frozen=True, slots=True)
class Released:
    """What was released: its sessions, each once, and the requests that it left out (None where nobody knows)."""

    sessions: tuple[Assignment, ...]
    left_out: frozenset[str] | None


@dataclass(slots=True)
class Standing:
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
    timetable: Timetable
    changes: Changes
    begun: dict[int, list[Placement]] = field(default_factory=dict)
    missing: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    frozen: int = 0


def read_released(document: Any) -> Released:
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
        left_out = frozenset(str(one.get("request")) for one in unserved if isinstance(one, Mapping))
    return Released(
        tuple({(assignment.request, assignment.session): assignment for assignment in sessions}.values()),
        left_out,
    )


def stand(problem: Problem, released: Released, budget: ChangeBudget, until_min: int | None) -> Standing:
    """Put the released sessions that break no rule into a timetable, the frozen and then the weightiest first."""
    known = _known(problem, released.sessions)
    # The release is what sessions are numbered after, so that those that stay keep their numbers.
    instance = NoticeInstance(replace(problem, previous=tuple(known)), until_min)
    timetable = Timetable(instance)
    told: dict[int, list[Assignment]] = {}
    gone: list[Assignment] = []
    for assignment in released.sessions:
        request = instance.request_index.get(assignment.request)
        (gone if request is None else told.setdefault(request, [])).append(assignment)
    standing = Standing(instance, timetable, Changes(instance, told, gone, budget))
    frozen = {one for one in known if until_min is not None and one.begin_min < until_min}
    for assignment in _in_order(standing, _possible(problem, known), frozen):
        _keep(standing, assignment, assignment in frozen)
    _take_out_the_begun(standing)
    standing.frozen = sum(_is_placed(standing, one) for one in frozen)
    _list_missing(standing, released)
    standing.changes.note(timetable, told)
    standing.changes.allow()
    return standing


def _known(problem: Problem, sessions: Iterable[Assignment]) -> list[Assignment]:
    """Those whose request, room and people are all still there."""
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
    """Those that break no rule by themselves, and whose number no pin has given to another place."""
    broken = {
        session for breach in check(problem, known) if breach.rule in _ALONE for session in breach.sessions
    }
    pinned = {(pin.request, pin.session): place_of(pin) for pin in problem.pins}
    for assignment in known:
        name = assignment.request, assignment.session
        if name not in broken and pinned.get(name, place_of(assignment)) == place_of(assignment):
            yield assignment


def _in_order(
    standing: Standing, possible: Iterable[Assignment], frozen: set[Assignment]
) -> list[Assignment]:
    instance = standing.timetable.instance

    def rank(one: Assignment) -> tuple[bool, int]:
        return one not in frozen, -instance.requests[instance.request_index[one.request]].weight

    return sorted(possible, key=rank)


def _keep(standing: Standing, one: Assignment, frozen: bool) -> None:
    timetable, instance = standing.timetable, standing.timetable.instance
    request, placement = instance.request_index[one.request], instance.placement(one)
    if any(same_place(placement, pin) for pin in timetable.pinned.get(request, ())):
        return
    if not timetable.clashes(request, placement):
        timetable.put(request, placement)
        if frozen:
            timetable.pinned[request].append(placement)


def _take_out_the_begun(standing: Standing) -> None:
    """Requests that must be whole and are not, unless a pin began them."""
    timetable, instance = standing.timetable, standing.timetable.instance
    pins = {instance.request_index[pin.request] for pin in instance.problem.pins}
    for request, placements in list(timetable.placed.items()):
        wanted = instance.requests[request]
        if not wanted.partial and 0 < len(placements) < wanted.sessions and request not in pins:
            standing.begun[request] = list(placements)
            for placement in standing.begun[request]:
                timetable.take(request, placement)


def _is_placed(standing: Standing, one: Assignment) -> bool:
    instance = standing.timetable.instance
    placement = instance.placement(one)
    placed = standing.timetable.placed.get(instance.request_index[one.request], ())
    return any(same_place(placement, other) for other in placed)


def _list_missing(standing: Standing, released: Released) -> None:
    timetable, told = standing.timetable, standing.changes.told
    lost, fresh = [], []
    for request, wanted in enumerate(timetable.instance.requests):
        short = wanted.sessions - len(timetable.placed.get(request, ()))
        if short and request in told and (not wanted.partial or _has_lost(standing, request)):
            lost.append(request)
        elif short and request not in told and wanted.id not in (released.left_out or ()):
            fresh.append(request)
        elif short:
            standing.left_out.append(request)
    for group in (lost, fresh, standing.left_out):
        group.sort(key=lambda request: (-timetable.instance.requests[request].weight, request))
    standing.missing = lost + fresh


def _has_lost(standing: Standing, request: int) -> bool:
    placed = standing.timetable.placed.get(request, ())
    return standing.changes.of(request, placed).sessions > 0
