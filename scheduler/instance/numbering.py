"""Session numbers: each placement of a request gets one, so that pins keep theirs and continuity is largest.

The sessions of a request are alike for every rule but `pin`, and for every goal but `continuity`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import attrgetter

from scheduler.documents.records import Assignment
from scheduler.instance.instance import Instance, Placement
from scheduler.instance.timetable import PartialTimetable


def assignments(timetable: PartialTimetable) -> tuple[Assignment, ...]:
    """Number the sessions, and list the plan by request in the document's order and session number."""
    return numbered(timetable.instance, timetable.placed)


def numbered(instance: Instance, placed: Mapping[int, Sequence[Placement]]) -> tuple[Assignment, ...]:
    """Number the placements of each request (by its index), and list them by request and session number."""
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
        pinned = instance.placement(pin)
        loose.remove(next(placement for placement in loose if same_place(placement, pinned)))
        done[pin.session] = pin
    numbers = [number for number in range(1, instance.requests[request].sessions + 1) if number not in done]
    number_again = matching(
        len(loose),
        numbers,
        lambda index, number: instance.assignment(request, number, loose[index]).continuity_key in before,
    )
    left = iter(number for number in numbers if number not in number_again.values())
    for index, placement in enumerate(loose):
        number = number_again[index] if index in number_again else next(left)
        done[number] = instance.assignment(request, number, placement)
    return [done[number] for number in sorted(done)]


def same_place(first: Placement, second: Placement) -> bool:
    """Whether two placements are one, whatever the order of their people."""
    return (
        (first.start, first.room) == (second.start, second.room)
        and set(first.leads) == set(second.leads)
        and set(first.assistants) == set(second.assistants)
    )


def matching(size: int, numbers: list[int], fits: Callable[[int, int], bool]) -> dict[int, int]:
    """A largest matching of places to numbers, by augmenting paths (Kuhn 1955)."""
    options = [[number for number in numbers if fits(index, number)] for index in range(size)]
    taken: dict[int, int] = {}

    def augment(index: int, seen: set[int]) -> bool:
        for number in options[index]:
            if number not in seen:
                seen.add(number)
                if number not in taken or augment(taken[number], seen):
                    taken[number] = index
                    return True
        return False

    for index in range(size):
        if options[index]:
            augment(index, set())
    return {index: number for number, index in taken.items()}
