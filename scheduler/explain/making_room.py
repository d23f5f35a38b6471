"""Decide where sessions go that are in somebody's way: chains of moves (ejection chains), two deep at most.

Every session that moves stays within what its community asked for and its people offered.
"""

from __future__ import annotations

from scheduler.explain.cheapest import Cheapest, in_the_way
from scheduler.explain.editable_plan import PlacedSession
from scheduler.explain.pricing import Ledger
from scheduler.instance.instance import Placement

_TRIED = 6  # places tried for a session that can only move by moving another one
_CLASHES = frozenset({"room_clash", "volunteer_clash"})


def make_room(ledger: Ledger, request: int, places: tuple[Placement, ...], depth: int = 2) -> bool:
    """Put a request where it is wanted and move whatever is in the way elsewhere.

    Parameters
    ----------
    depth : int
        How long a chain of moves may be; 0 moves nothing.

    Returns
    -------
    bool
        Whether everybody found a place; if not, the board is as it was.
    """
    board, mark = ledger.board, ledger.board.mark()
    ledger.touch(request)
    waiting = clear(ledger, request, places)
    if waiting is None or (waiting and not depth):
        board.undo(mark)
        return False
    if all(resettle(ledger, sitting, depth) for sitting in waiting):
        return True
    board.undo(mark)
    return False


def clear(ledger: Ledger, request: int, places: tuple[Placement, ...]) -> list[PlacedSession] | None:
    """Put a request where it is wanted and take out what is in the way; None where that is pinned or its own."""
    board, waiting = ledger.board, []
    for placement in places:
        for sitting in in_the_way(board, request, placement):
            pinned = board.timetable.pinned.get(sitting.request, ())
            if sitting.request == request or sitting.at in pinned:
                return None
            ledger.touch(sitting.request)
            board.take(sitting.request, sitting.at)
            waiting.append(sitting)
        if board.timetable.clashes(request, placement):
            return None
        board.put(request, placement)
    return waiting


def resettle(ledger: Ledger, sitting: PlacedSession, depth: int) -> bool:
    """Find another place for a session that was taken out: a free one, one for its whole course, or another's."""
    board, request = ledger.board, sitting.request
    if _place(ledger, sitting):
        return True
    mark = board.mark()
    others = [
        at for at in board.timetable.placed[request] if at not in board.timetable.pinned.get(request, ())
    ]
    for placement in others:
        board.take(request, placement)
    partial = board.instance.requests[request].partial
    if others and not partial and _place(ledger, sitting):
        return True
    board.undo(mark)
    if depth < 2:
        return False
    options = Cheapest(board, request, _CLASHES, sitting.at).candidates(_TRIED)
    return any(make_room(ledger, request, option.places, depth - 1) for option in options)


def _place(ledger: Ledger, sitting: PlacedSession) -> bool:
    options = Cheapest(ledger.board, sitting.request, near=sitting.at).candidates(1)
    if not options:
        return False
    for placement in options[0].places:
        ledger.board.put(sitting.request, placement)
    return True
