"""Decide what of an earlier plan a search begins from: what still keeps every rule, request by request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scheduler.documents.codec import read_assignments
from scheduler.documents.records import Assignment, Problem
from scheduler.instance.instance import Instance
from scheduler.rules.check import check
from scheduler.search.fix_and_optimise import Search


def begin_from(search: Search, document: Problem, start: list[dict[str, Any]]) -> None:
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
    if search.rank(search.valuer.values(timetable)) >= search.rank(search.best_worth):
        search.keep()
    search.restore()


def _known(instance: Instance, given: Iterable[Assignment]) -> list[Assignment]:
    """Without what the problem does not know any more."""
    requests, rooms, people = instance.request_index, instance.room_index, instance.volunteer_index
    return [
        assignment
        for assignment in given
        if assignment.request in requests
        and assignment.room in rooms
        and people.keys() >= {*assignment.leads, *assignment.assistants}
    ]


def _sound(document: Problem, given: list[Assignment]) -> list[Assignment]:
    """Without the requests that a rule concerns which is broken now, pins counted."""
    pinned = {pin.request for pin in document.pins}
    assignments = [assignment for assignment in given if assignment.request not in pinned]
    while assignments:
        breaches = check(document, [*document.pins, *assignments])
        broken = {request for breach in breaches for request, _ in breach.sessions}
        sound = [assignment for assignment in assignments if assignment.request not in broken]
        if len(sound) == len(assignments):
            break
        assignments = sound
    return assignments


def _by_request(given: Iterable[Assignment]) -> dict[str, list[Assignment]]:
    found: dict[str, list[Assignment]] = {}
    for assignment in given:
        found.setdefault(assignment.request, []).append(assignment)
    return found
