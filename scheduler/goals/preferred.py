"""The goal `preferred`: sessions that lie wholly in a preferred window of their request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from domain.messages import plural
from domain.windows import DAY_MIN
from scheduler.goals.goal import Counter, Goal
from scheduler.instance.candidates import LazyList
from scheduler.instance.instance import Instance
from scheduler.instance.timetable import PartialTimetable
from scheduler.model.aggregated_week import Aggregate, AggregatedWeek, could_hold
from scheduler.model.columns import Choice
from scheduler.processes.program import Term
from scheduler.rules import goals as values


def _counted_bound(instance: Instance, limits: Sequence[int]) -> int:
    return sum(_limit(instance, r, limit) for r, limit in enumerate(limits))


def _limit(instance: Instance, r: int, count: int) -> int:
    request = instance.requests[r]
    preferred = instance.grid.mask(request.preferred, request.duration_min)
    starts = instance.candidates[r].rooms.keys() & set(instance.grid.starts(preferred))
    return min(count, len({start // DAY_MIN for start in starts}) * request.max_sessions_per_day)


def _preferred_starts(instance: Instance, index: int) -> frozenset[int]:
    grid, request = instance.grid, instance.requests[index]
    return frozenset(grid.starts(grid.mask(request.preferred, request.duration_min)))


def _counter(instance: Instance) -> Counter:
    preferred = LazyList(len(instance.requests), lambda r: _preferred_starts(instance, r))

    def count(timetable: PartialTimetable, requests: Iterable[int]) -> int:
        return sum(
            placement.start in preferred[r] for r in requests for placement in timetable.placed.get(r, ())
        )

    return count


def _terms(choice: Choice) -> list[Term]:
    grid, terms = choice.timetable.instance.grid, []
    for unit in choice.units:
        request = choice.request(unit)
        preferred = set(grid.starts(grid.mask(request.preferred, request.duration_min)))
        terms += [
            (column, 1.0) for start in preferred & unit.slots.keys() for column in unit.slots[start].held
        ]
    return terms


def _aggregated_terms(week: AggregatedWeek) -> list[Term]:
    """A column for each request: no more sessions than are held, and than leads could lead, at preferred starts."""
    terms = []
    for aggregate in week.aggregates:
        request, candidates = week.request(aggregate), week.instance.candidates[aggregate.request]
        grid = week.instance.grid
        preferred = candidates.rooms.keys() & set(
            grid.starts(grid.mask(request.preferred, request.duration_min))
        )
        if limit := could_hold(request, preferred):
            column = week.program.column(upper=limit, integer=False)
            week.program.row([(column, 1.0), (aggregate.held, -float(aggregate.each))], high=0)
            _add_liked_leads(week, aggregate, column, preferred)
            terms.append((column, 1.0))
    return terms


def _add_liked_leads(
    week: AggregatedWeek, aggregate: Aggregate, column: int, preferred: Iterable[int]
) -> None:
    request, starts = week.request(aggregate), defaultdict[int, list[int]](list)
    for start in preferred:
        for lead in week.instance.candidates[aggregate.request].leads.get(start, ()):
            starts[lead].append(start)
    if request.leads:
        could = {
            person: min(aggregate.led, could_hold(request, columns)) for person, columns in starts.items()
        }
        terms = [
            (led, -float(could[person]))
            for person, columns in aggregate.leads.items()
            if person in could
            for led in columns
        ]
        week.program.row([(column, float(request.leads)), *terms], high=0)


GOAL = Goal(
    name="preferred",
    value=values.preferred,
    counted_bound=_counted_bound,
    counter=_counter,
    terms=_terms,
    aggregated_terms=_aggregated_terms,
    leave_at=0.96,
    integer_share=0.1,
    loss=lambda units: plural(
        "{count} session at a preferred time", "{count} sessions at a preferred time", count=units
    ),
)
