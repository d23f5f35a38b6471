"""Objective evaluation: the goals' values of placed sessions, counted on a timetable's indices.

`scheduler.rules.goals` counts the same on documents; a test holds the two side by side.
"""

from __future__ import annotations

from collections.abc import Iterable

from scheduler.goals import GOALS
from scheduler.instance.instance import Instance
from scheduler.instance.timetable import PartialTimetable

GoalValues = dict[str, int]


class ObjectiveEvaluator:
    """Counts the goals of placements, with what is needed for it looked up once."""

    def __init__(self, instance: Instance) -> None:
        self._counters = {name: goal.counter(instance) for name, goal in GOALS.items()}

    def values(self, timetable: PartialTimetable, requests: Iterable[int] | None = None) -> GoalValues:
        """The goals' values over all sessions of the requests (of all requests where None).

        `functions` and `communities` are always counted over the whole timetable.
        """
        counted = list(timetable.placed if requests is None else requests)
        return {name: count(timetable, counted) for name, count in self._counters.items()}
