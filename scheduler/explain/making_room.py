"""Ejection chains: sessions in conflict with a placement are moved elsewhere, in chains of two moves at most.

Every session that moves stays within what its community asked for and its people offered.
"""

from __future__ import annotations

from scheduler.explain.cheapest import CheapestOptions, conflicts
from scheduler.explain.editable_plan import EditableSession
from scheduler.explain.pricing import TentativeChange
from scheduler.instance.instance import Placement

_TRIED = 6  # places tried for a session that can only move by moving another one
_CLASHES = frozenset({"room_clash", "volunteer_clash"})


def make_room(
    change: TentativeChange, request: int, placements: tuple[Placement, ...], depth: int = 2
) -> bool:
    """Place sessions of a request, and move the sessions in conflict with them elsewhere.

    Parameters
    ----------
    depth : int
        How long a chain of moves may be; 0 moves nothing.

    Returns
    -------
    bool
        Whether all sessions are placed; if not, the plan is as it was.
    """
    plan, mark = change.plan, change.plan.mark()
    change.remember(request)
    waiting = insert_and_eject(change, request, placements)
    if waiting is None or (waiting and not depth):
        plan.undo(mark)
        return False
    if all(reinsert(change, session, depth) for session in waiting):
        return True
    plan.undo(mark)
    return False


def insert_and_eject(
    change: TentativeChange, request: int, placements: tuple[Placement, ...]
) -> list[EditableSession] | None:
    """Place sessions of a request and take out those in conflict, which are returned.

    None where one of those is pinned or of the same request; the plan is then left half changed.
    """
    plan, waiting = change.plan, []
    for placement in placements:
        for session in conflicts(plan, request, placement):
            pinned = plan.timetable.pinned.get(session.request, ())
            if session.request == request or session.placement in pinned:
                return None
            change.remember(session.request)
            plan.take(session.request, session.placement)
            waiting.append(session)
        if plan.timetable.clashes(request, placement):
            return None
        plan.put(request, placement)
    return waiting


def reinsert(change: TentativeChange, session: EditableSession, depth: int) -> bool:
    """Place a session that was taken out: where it is free, with its whole course, or by moving another one."""
    plan, request = change.plan, session.request
    if _place(change, session):
        return True
    mark = plan.mark()
    pinned = plan.timetable.pinned.get(request, ())
    siblings = [placement for placement in plan.timetable.placed[request] if placement not in pinned]
    for placement in siblings:
        plan.take(request, placement)
    partial = plan.instance.requests[request].partial
    if siblings and not partial and _place(change, session):
        return True
    plan.undo(mark)
    if depth < 2:
        return False
    options = CheapestOptions(plan, request, _CLASHES, session.placement).options(_TRIED)
    return any(make_room(change, request, option.placements, depth - 1) for option in options)


def _place(change: TentativeChange, session: EditableSession) -> bool:
    options = CheapestOptions(change.plan, session.request, near=session.placement).options(1)
    if not options:
        return False
    for placement in options[0].placements:
        change.plan.put(session.request, placement)
    return True
