"""The goal `served`: learner-minutes times priority, over all sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scheduler.goals.goal import Counter, Goal
from scheduler.instance.instance import Instance
from scheduler.instance.timetable import PartialTimetable
from scheduler.model.aggregated_week import AggregatedWeek
from scheduler.model.columns import Choice
from scheduler.processes.program import Term
from scheduler.rules import goals as values


def _counted_bound(instance: Instance, limits: Sequence[int]) -> int:
    return sum(limit * request.weight for limit, request in zip(limits, instance.requests, strict=True))


def _counter(instance: Instance) -> Counter:
    weights = [request.weight for request in instance.requests]

    def count(timetable: PartialTimetable, requests: Iterable[int]) -> int:
        return sum(len(timetable.placed.get(request, ())) * weights[request] for request in requests)

    return count


def _terms(choice: Choice) -> list[Term]:
    return [
        (column, choice.request(unit).weight)
        for unit in choice.units
        for slot in unit.slots.values()
        for column in slot.held
    ]


def _aggregated_terms(week: AggregatedWeek) -> list[Term]:
    return [
        (aggregate.held, float(aggregate.each * week.request(aggregate).weight))
        for aggregate in week.aggregates
    ]


GOAL = Goal(
    name="served",
    value=values.served,
    counted_bound=_counted_bound,
    counter=_counter,
    terms=_terms,
    aggregated_terms=_aggregated_terms,
    leave_at=0.6,
)
