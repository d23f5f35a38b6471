"""Precheck of a problem without search: what is wrong with the document, and what can never be served."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.messages import alike, message, message_of
from scheduler.documents.codec import MalformedDocument, place_and_fault, read_problem
from scheduler.documents.records import Problem
from scheduler.explain.editable_plan import BareInstance, EditablePlan
from scheduler.explain.edits import Document
from scheduler.precheck.findings import ERROR, Finding, Findings
from scheduler.precheck.hall import overloads
from scheduler.precheck.servable import unservable
from scheduler.rules.check import Breach, check

_PIN = re.compile(r"pins\[(\d+)\]")

__all__ = ["Finding", "Findings", "precheck"]


def precheck(problem: Document) -> Findings:
    """Everything that is known of a problem document without search, errors first; nothing is raised.

    Parameters
    ----------
    problem : dict
        A problem document, format "problem/1", or whatever stands in its place.
    """
    try:
        read = read_problem(problem)
    except MalformedDocument as malformed:
        errors = tuple(malformed.errors)
        return Findings((*map(_malformed, errors), *_other_pins(problem, errors)))
    broken = _broken_pins(read, range(len(read.pins)))
    if broken:
        return Findings(tuple(broken))
    plan = EditablePlan(BareInstance(read), ())
    return Findings((*unservable(plan), *overloads(plan), *_notes(read)))


def _malformed(error: str) -> Finding:
    path, what = place_and_fault(error)
    return Finding("malformed", ERROR, path, message("{what:capital}.", what=message_of(what)))


def _other_pins(problem: Document, errors: Sequence[str]) -> list[Finding]:
    """The rules that the pins without an error break, where nothing else is wrong with the document."""
    named = [_PIN.match(error) for error in errors]
    wrong = {int(match[1]) for match in named if match}
    if not all(named):
        return []
    rest = [number for number in range(len(problem["pins"])) if number not in wrong]
    try:
        read = read_problem(problem | {"pins": [problem["pins"][number] for number in rest]})
    except MalformedDocument as more:  # what is looked at only once all values can be read
        return [
            _malformed(alike(error, lambda text: _PIN.sub(lambda pin: f"pins[{rest[int(pin[1])]}]", text)))
            for error in more.errors
        ]
    return _broken_pins(read, rest)


def _broken_pins(problem: Problem, numbers: Sequence[int]) -> list[Finding]:
    """Rules that pins break by themselves or between them; `numbers` are their indices in the document."""
    broken = [breach for breach in check(problem, problem.pins) if breach.rule not in ("whole", "pin")]
    return [_pins(problem, numbers, breach) for breach in broken]


def _pins(problem: Problem, numbers: Sequence[int], breach: Breach) -> Finding:
    """One rule; the sentence names both sides. A request that does not exist is named by its pin."""
    paths = [
        f"pins[{number}]"
        for number, pin in zip(numbers, problem.pins, strict=True)
        if (pin.request, pin.session) in breach.sessions
        or breach.sentence.startswith(f"{pin.request}#{pin.session} is of a request that does not")
    ]
    return Finding(
        f"pins_break_{breach.rule}",
        ERROR,
        ", ".join(paths) or "pins",
        message("{sentence}.", sentence=breach.sentence),
    )


def _notes(problem: Problem) -> list[Finding]:
    topics = {request.topic for request in problem.requests}
    findings = [
        Finding(
            "idle_volunteer",
            "note",
            f"volunteers[{index}].skills",
            message("Nobody asks for a topic of {volunteer}.", volunteer=volunteer.name),
        )
        for index, volunteer in enumerate(problem.volunteers)
        if volunteer.skills and not volunteer.skills & topics and "assistant" not in volunteer.roles
    ]
    rooms = [
        (venue_index, room_index, room)
        for venue_index, venue in enumerate(problem.venues)
        for room_index, room in enumerate(venue.rooms)
    ]
    findings += [
        Finding(
            "closed_room",
            "note",
            f"venues[{venue_index}].rooms[{room_index}].open",
            message("{room} is never open.", room=room.name),
        )
        for venue_index, room_index, room in rooms
        if not room.open
    ]
    return findings
