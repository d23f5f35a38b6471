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
            timetable.put_all(request, [instance.placement(one) for one in placed])
    if search.rank(search.valuer.worth(timetable)) >= search.rank(search.best_worth):
        search.keep()
    search.restore()


def _known(instance: Instance, given: Iterable[Assignment]) -> list[Assignment]:
    """Without what the problem does not know any more."""
    requests, rooms, people = instance.request_index, instance.room_index, instance.volunteer_index
    return [
        one
        for one in given
        if one.request in requests and one.room in rooms and people.keys() >= {*one.leads, *one.assistants}
    ]


def _sound(document: Problem, given: list[Assignment]) -> list[Assignment]:
    """Without the requests that a rule concerns which is broken now, pins counted."""
    pinned = {pin.request for pin in document.pins}
    kept = [one for one in given if one.request not in pinned]
    while kept:
        breaches = check(document, [*document.pins, *kept])
        broken = {request for breach in breaches for request, _ in breach.sessions}
        sound = [one for one in kept if one.request not in broken]
        if len(sound) == len(kept):
            break
        kept = sound
    return kept


def _by_request(given: Iterable[Assignment]) -> dict[str, list[Assignment]]:
    found: dict[str, list[Assignment]] = {}
    for one in given:
        found.setdefault(one.request, []).append(one)
    return found
