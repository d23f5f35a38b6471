"""Bounds by counting: how good a plan could be at most, with no search."""

from __future__ import annotations

from domain.windows import DAY_MIN
from scheduler.goals import GOALS
from scheduler.instance.instance import Instance


def counted_bounds(instance: Instance) -> dict[str, int]:
    """For each goal a value that no plan can pass, whatever its other goals are."""
    limits = [_session_limit(instance, index) for index in range(len(instance.requests))]
    return {name: goal.counted_bound(instance, limits) for name, goal in GOALS.items()}


def _session_limit(instance: Instance, index: int) -> int:
    """How many sessions of the request could be placed if it were alone."""
    request, candidates = instance.requests[index], instance.candidates[index]
    days = {start // DAY_MIN for start in candidates.rooms}
    count = min(request.sessions, len(days) * request.max_sessions_per_day)
    return count if count == request.sessions or request.partial else 0
