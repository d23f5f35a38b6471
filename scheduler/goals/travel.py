"""The goal `travel`: the metres from home to the venue of everybody in every session, below 0."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

from domain.messages import message
from scheduler.goals.goal import Counter, Goal
from scheduler.instance.geography import Points
from scheduler.instance.instance import Instance
from scheduler.instance.timetable import PartialTimetable
from scheduler.model.aggregated_week import AggregatedWeek
from scheduler.model.columns import Choice, Slot, Unit
from scheduler.processes.program import Program, Term
from scheduler.rules import goals as values

_DOUBT_M = 1e-3  # by which distances of many points at once may differ from those of two


def _counted_bound(_: Instance, __: Sequence[int]) -> int:
    return 0


def _counter(instance: Instance) -> Counter:
    def count(timetable: PartialTimetable, requests: Iterable[int]) -> int:
        return -sum(
            instance.metres(person, instance.room_venue[placement.room])
            for request in requests
            for placement in timetable.placed.get(request, ())
            for person in placement.team
        )

    return count


def _terms(choice: Choice) -> list[Term]:
    """A column for each person and venue at a start: the person's own column, split by where the room is."""
    return [
        term
        for unit in choice.units
        for slot in unit.slots.values()
        if slot.rooms
        for term in _team_terms(choice, unit, slot)
    ]


def _team_terms(choice: Choice, unit: Unit, slot: Slot) -> list[Term]:
    """The terms of one session's travel: for each person and venue a column, times the metres from home.

    As many people come to a venue as the sessions in its rooms need, and each of them once. Without these rows the
    relaxation sends halves of two people to the venue near to both while half of the session is held elsewhere, and
    the tree of a tiny week goes through all its starts.
    """
    instance, program, request = choice.timetable.instance, choice.program, choice.request(unit)
    rooms: dict[int, list[int]] = defaultdict(list)
    for room, column in slot.rooms.items():
        rooms[instance.room_venue[room]].append(column)
    terms: list[Term] = []
    visits: dict[tuple[int, int], list[int]] = defaultdict(list)
    for people, needed in ((slot.leads, request.leads), (slot.assistants, request.assistants)):
        coming: dict[int, list[int]] = {venue: [] for venue in rooms} if needed else {}
        for person, column in people.items():
            parts = {
                venue: program.column(integer=False) for venue in sorted(slot.nearby[person] & rooms.keys())
            }
            program.row([*((part, 1.0) for part in parts.values()), (column, -1.0)], low=0, high=0)
            for venue, part in parts.items():
                coming[venue].append(part)
                visits[person, venue].append(part)
                terms.append((part, -instance.metres(person, venue)))
        for venue, columns in coming.items():
            _bind(program, columns, rooms[venue], needed, low=0)
    for (_, venue), columns in visits.items():
        if len(columns) > 1 or request.leads > 1 or request.assistants > 1:
            _bind(program, columns, rooms[venue], 1)
    return terms


def _bind(program: Program, people: list[int], rooms: list[int], needed: int, low: float = -inf) -> None:
    """No more of the people than that many for each session in the rooms; with `low` 0 no fewer either."""
    program.row(
        [*((column, 1.0) for column in people), *((room, -float(needed)) for room in rooms)], low=low, high=0
    )


def _aggregated_terms(week: AggregatedWeek) -> list[Term]:
    """Nobody's way is shorter than to the nearest venue that could host the request."""
    terms = []
    venues = Points(venue.location for venue in week.instance.venues)
    for aggregate in week.aggregates:
        request, candidates = week.request(aggregate), week.instance.candidates[aggregate.request]
        near = venues.subset(np.array(sorted(aggregate.hosts), dtype=np.intp))
        people = sorted(aggregate.leads)
        for person, metres in zip(people, _nearest_metres(week, people, near).tolist(), strict=True):
            terms += [(column, -metres * aggregate.led) for column in aggregate.leads[person]]
        assistants = sorted({person for assistant in candidates.assistants.values() for person in assistant})
        if request.assistants and assistants:
            least = float(_nearest_metres(week, assistants, near).min())
            terms.append((aggregate.held, -least * aggregate.each * request.assistants))
    return terms


def _nearest_metres(week: AggregatedWeek, people: list[int], venues: Points) -> NDArray[np.float64]:
    homes = [week.instance.volunteers[person].location for person in people]
    if not homes:
        return np.zeros(0)
    metres = 1000 * venues.kilometres_from(homes).min(axis=1)
    return np.asarray(np.rint(np.maximum(0.0, metres - _DOUBT_M)), dtype=np.float64)


GOAL = Goal(
    name="travel",
    value=values.travel,
    counted_bound=_counted_bound,
    counter=_counter,
    terms=_terms,
    aggregated_terms=_aggregated_terms,
    leave_at=1.0,
    integer_share=0.1,
    about_rooms=True,
    loss=lambda units: message("{units:.1f} km of travel", units=units / 1000),
)
