"""Decide which session number each placement of a request gets, so that pins keep theirs and continuity is largest.

The sessions of a request are alike for every rule but `pin`, and for every goal but `continuity`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import attrgetter

from scheduler.documents.records import Assignment
from scheduler.instance.instance import Instance, Placement
from scheduler.instance.timetable import Timetable


def assignments(timetable: Timetable) -> tuple[Assignment, ...]:
    """Number the sessions, and list the plan by request in the document's order and session number."""
    return numbered(timetable.instance, timetable.placed)


def numbered(instance: Instance, placed: Mapping[int, Sequence[Placement]]) -> tuple[Assignment, ...]:
    """The same of placements that stand in no timetable."""
    before, pins = before_of(instance), pins_of(instance)
    return tuple(
        assignment
        for request in range(len(instance.requests))
        if placed.get(request)
        for assignment in _numbered(instance, request, placed[request], pins.get(request, []), before)
    )


def held_again(
    instance: Instance,
    request: int,
    placements: list[Placement],
    pins: list[Assignment],
    before: Collection[object],
) -> int:
    """How many of the placements count for `continuity` once they are numbered."""
    numbered = _numbered(instance, request, placements, pins, before)
    return sum(assignment.continuity_key in before for assignment in numbered)


def before_of(instance: Instance) -> Collection[object]:
    """What last week's sessions must equal to be held again."""
    return {assignment.continuity_key for assignment in instance.problem.previous}


def pins_of(instance: Instance) -> dict[int, list[Assignment]]:
    """The pins of each request that has any."""
    pins: dict[int, list[Assignment]] = {}
    for pin in instance.problem.pins:
        pins.setdefault(instance.request_index[pin.request], []).append(pin)
    return pins


def _numbered(
    instance: Instance,
    request: int,
    placements: Sequence[Placement],
    pins: list[Assignment],
    before: Collection[object],
) -> list[Assignment]:
    loose = sorted(placements, key=attrgetter("start", "room", "leads"))
    done = {}
    for pin in pins:
        placement = instance.placement(pin)
        loose.remove(next(at for at in loose if same_place(at, placement)))
        done[pin.session] = pin
    numbers = [number for number in range(1, instance.requests[request].sessions + 1) if number not in done]
    known = matching(
        len(loose),
        numbers,
        lambda place, number: instance.assignment(request, number, loose[place]).continuity_key in before,
    )
    left = iter(number for number in numbers if number not in known.values())
    for index, at in enumerate(loose):
        number = known[index] if index in known else next(left)
        done[number] = instance.assignment(request, number, at)
    return [done[number] for number in sorted(done)]


def same_place(one: Placement, other: Placement) -> bool:
    """Whether two placements are one, whatever the order of their people."""
    return (
        (one.start, one.room) == (other.start, other.room)
        and set(one.leads) == set(other.leads)
        and set(one.assistants) == set(other.assistants)
    )


def matching(places: int, numbers: list[int], fits: Callable[[int, int], bool]) -> dict[int, int]:
    """A largest matching of places to numbers, by augmenting paths (Kuhn 1955)."""
    wishes = [[number for number in numbers if fits(place, number)] for place in range(places)]
    taken: dict[int, int] = {}

    def seat(place: int, seen: set[int]) -> bool:
        for number in wishes[place]:
            if number not in seen:
                seen.add(number)
                if number not in taken or seat(taken[number], seen):
                    taken[number] = place
                    return True
        return False

    for place in range(places):
        if wishes[place]:
            seat(place, set())
    return {place: number for number, place in taken.items()}
