"""Decide what is known of a problem before any search: what is wrong with it, and what can never be served."""

from __future__ import annotations

from scheduler.check import Breach, check
from scheduler.documents import MalformedDocument, read_problem
from scheduler.explain.board import Bare, Board
from scheduler.explain.changes import Document
from scheduler.precheck.findings import ERROR, Finding, Findings
from scheduler.precheck.hall import overloads
from scheduler.precheck.servable import unservable
from scheduler.records import Problem

__all__ = ["Finding", "Findings", "precheck"]


def precheck(problem: Document) -> Findings:
    """Everything that is known of a problem document without search, errors first.

    Parameters
    ----------
    problem : dict
        A problem document, format "problem/1", or whatever was given for one.
    """
    try:
        read = read_problem(problem)
    except MalformedDocument as malformed:
        return Findings(tuple(_malformed(error) for error in malformed.errors))
    broken = [breach for breach in check(read, read.pins) if breach.rule not in ("whole", "pin")]
    if broken:
        return Findings(tuple(_pins(read, breach) for breach in broken))
    board = Board(Bare(read), ())
    return Findings((*unservable(board), *overloads(board), *_notes(read)))


def _malformed(error: str) -> Finding:
    path, _, what = error.partition(": ")
    return Finding("malformed", ERROR, path, f"{what[:1].upper()}{what[1:]}.")


def _pins(problem: Problem, breach: Breach) -> Finding:
    """A rule that pins break by themselves or between them; the sentence names both sides."""
    paths = [
        f"pins[{at}]" for at, pin in enumerate(problem.pins) if (pin.request, pin.session) in breach.sessions
    ]
    return Finding(f"pins_break_{breach.rule}", ERROR, ", ".join(paths) or "pins", f"{breach.sentence}.")


def _notes(problem: Problem) -> list[Finding]:
    topics = {request.topic for request in problem.requests}
    found = [
        Finding(
            "idle_volunteer", "note", f"volunteers[{at}].skills", f"Nobody asks for a topic of {one.name}."
        )
        for at, one in enumerate(problem.volunteers)
        if one.skills and not one.skills & topics and "assistant" not in one.roles
    ]
    rooms = [
        (at, place, room) for at, venue in enumerate(problem.venues) for place, room in enumerate(venue.rooms)
    ]
    found += [
        Finding("closed_room", "note", f"venues[{at}].rooms[{place}].open", f"{room.name} is never open.")
        for at, place, room in rooms
        if not room.open
    ]
    return found
