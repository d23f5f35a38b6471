"""The goal `communities`: areas that have at least one session; it comes first where the problem sets a minimum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from scheduler.goals.goal import Counter, Goal
from scheduler.instance.instance import Instance
from scheduler.instance.timetable import PartialTimetable
from scheduler.model.aggregated_week import AggregatedWeek, any_of
from scheduler.model.columns import Choice
from scheduler.processes.program import Term
from scheduler.rules import goals as values


def _counted_bound(instance: Instance, limits: Sequence[int]) -> int:
    return len({request.area for request, limit in zip(instance.requests, limits, strict=True) if limit})


def _counter(instance: Instance) -> Counter:
    def count(timetable: PartialTimetable, _: Iterable[int]) -> int:
        areas = {
            instance.requests[request].area for request, placements in timetable.placed.items() if placements
        }
        return len(areas)

    return count


def _terms(choice: Choice) -> list[Term]:
    """A column for each community that has no fixed session."""
    timetable, requests = choice.timetable, choice.timetable.instance.requests
    have = {requests[request].area for request, placements in timetable.placed.items() if placements}
    held: dict[str, list[int]] = defaultdict(list)
    for unit in choice.units:
        area = choice.request(unit).area
        if area not in have:
            held[area] += (column for slot in unit.slots.values() for column in slot.held)
    return [any_of(choice.program, columns, integer=True) for columns in held.values()]


def _aggregated_terms(week: AggregatedWeek) -> list[Term]:
    """A column for each community: 1 where anything of what it asks is held."""
    held: dict[str, list[int]] = defaultdict(list)
    for aggregate in week.aggregates:
        held[week.request(aggregate).area].append(aggregate.held)
    return [any_of(week.program, columns) for columns in held.values()]


GOAL = Goal(
    name="communities",
    value=values.communities,
    counted_bound=_counted_bound,
    counter=_counter,
    terms=_terms,
    aggregated_terms=_aggregated_terms,
    leave_at=0.25,
    lead_leave_at=0.25,
)
