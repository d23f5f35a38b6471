"""The goal `functions`: pairs of a venue and a function that host a session."""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Sequence

from domain.messages import plural
from scheduler.goals.goal import Counter, Goal
from scheduler.instance.instance import Instance
from scheduler.model.aggregated_week import AggregatedWeek, any_of
from scheduler.model.columns import Choice
from scheduler.processes.program import Term
from scheduler.rules import goals as values


def _counted_bound(instance: Instance, limits: Sequence[int]) -> int:
    """Per function: no more venues than can host it, and than it has sessions."""
    venues: dict[str, set[int]] = {}
    sessions: Tally[str] = Tally()
    for request, limit in enumerate(limits):
        if limit:
            function = instance.requests[request].function
            rooms = {room for at_start in instance.candidates[request].rooms.values() for room in at_start}
            venues.setdefault(function, set()).update(instance.room_venue[room] for room in rooms)
            sessions[function] += limit
    return sum(min(len(hosts), sessions[function]) for function, hosts in venues.items())


def _counter(_: Instance) -> Counter:
    return lambda timetable, _: timetable.pairs


def _terms(choice: Choice) -> list[Term]:
    """A column for each venue and function that no fixed session brings together."""
    timetable, instance = choice.timetable, choice.timetable.instance
    hosts: dict[tuple[int, str], list[int]] = defaultdict(list)
    for unit in choice.units:
        function = choice.request(unit).function
        for slot in unit.slots.values():
            for room, column in slot.rooms.items():
                pair = instance.room_venue[room], function
                if not timetable.hosted.get(pair):
                    hosts[pair].append(column)
    return [any_of(choice.program, columns, integer=True) for columns in hosts.values()]


def _aggregated_terms(week: AggregatedWeek) -> list[Term]:
    """A column for each venue and function."""
    hosting: dict[tuple[int, str], list[int]] = defaultdict(list)
    for aggregate in week.aggregates:
        for venue, column in aggregate.hosts.items():
            hosting[venue, week.request(aggregate).function].append(column)
    return [any_of(week.program, columns) for columns in hosting.values()]


GOAL = Goal(
    name="functions",
    value=values.functions,
    counted_bound=_counted_bound,
    counter=_counter,
    terms=_terms,
    aggregated_terms=_aggregated_terms,
    leave_at=0.88,
    about_rooms=True,
    loss=lambda units: plural("{count} function at a place", "{count} functions at a place", count=units),
)
