"""Warm start of a search: what of an earlier plan still keeps every rule, request by request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scheduler.documents.codec import read_assignments
from scheduler.documents.records import Assignment, Problem
from scheduler.instance.instance import Instance
from scheduler.rules.check import check
from scheduler.search.fix_and_optimise import Search


def warm_start(search: Search, document: Problem, start: list[dict[str, Any]]) -> None:
    """Place an earlier plan's sessions, where no pin begins their request, and keep that as the best plan so far.

    Raises
    ------
    MalformedDocument
        If `start` is no list of assignments.
    """
    timetable, instance = search.timetable, search.instance
    for name, placed in _by_request(_sound(document, _known(instance, read_assignments(start)))).items():
        request = instance.request_index[name]
        if not timetable.pinned.get(request):
            timetable.put_all(request, [instance.placement(assignment) for assignment in placed])
    if search.rank(search.evaluator.values(timetable)) >= search.rank(search.best_values):
        search.keep_as_best()
    search.restore()


def _known(instance: Instance, assignments: Iterable[Assignment]) -> list[Assignment]:
    """The assignments whose request, room and people are still in the problem."""
    requests, rooms, people = instance.request_index, instance.room_index, instance.volunteer_index
    return [
        assignment
        for assignment in assignments
        if assignment.request in requests
        and assignment.room in rooms
        and people.keys() >= {*assignment.leads, *assignment.assistants}
    ]


def _sound(document: Problem, assignments: list[Assignment]) -> list[Assignment]:
    """The assignments without the requests whose sessions break a rule now, together with the pins."""
    pinned = {pin.request for pin in document.pins}
    assignments = [assignment for assignment in assignments if assignment.request not in pinned]
    while assignments:
        breaches = check(document, [*document.pins, *assignments])
        broken = {request for breach in breaches for request, _ in breach.sessions}
        sound = [assignment for assignment in assignments if assignment.request not in broken]
        if len(sound) == len(assignments):
            break
        assignments = sound
    return assignments


def _by_request(assignments: Iterable[Assignment]) -> dict[str, list[Assignment]]:
    by_request: dict[str, list[Assignment]] = {}
    for assignment in assignments:
        by_request.setdefault(assignment.request, []).append(assignment)
    return by_request
