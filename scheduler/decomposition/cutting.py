"""Decomposition of a problem into parts by place, and the plan of the whole from the plans of the parts.

The map is halved again and again until few enough requests are left in each piece. Every venue and every volunteer
belongs to one part, so that plans of parts never meet. What a plan so far holds across a line stays as it is: it is
pinned in every part that it touches, with the rooms and people of other parts open and available for it alone. With
other lines these sessions come free.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from domain.windows import clock, clock_min
from scheduler.decomposition.bisection import bisect

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A problem document of its own, and where its plan starts from.

    Attributes
    ----------
    problem : dict
        Keeps every rule of the whole for its venues and volunteers; its pins hold what crosses a line.
    start : list of dict
        Assignments that it may change; they keep every rule together with its pins.
    free : frozenset of str
        The requests that its plan decides.
    """

    problem: Document
    start: list[Document]
    free: frozenset[str]


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a problem, and the assignments that no part decides (`fixed`)."""

    parts: list[Part]
    fixed: list[Document]


def cut(problem: Document, size: int, plan: Sequence[Document] = (), slant: float = 0.0) -> Parts:
    """Cut a problem into parts of at most about `size` requests, by recursive coordinate bisection.

    Parameters
    ----------
    problem : dict
        A problem document whose pins place all sessions of the requests that they name, or of `partial` ones some.
    plan : list of dict
        Assignments that keep every rule; pins may be among them or not.
    slant : float
        Degrees by which the lines are turned.

    Returns
    -------
    Parts
        Their plans can be joined whatever they are.
    """
    return _Cutter(problem, size, plan, slant).parts()


def join(parts: Parts, plans: Sequence[Document | None]) -> list[Document]:
    """The assignments of the whole, from a plan document of each part in order; None keeps what the part had."""
    joined = list(parts.fixed)
    for part, plan in zip(parts.parts, plans, strict=True):
        decided = [*part.problem["pins"], *part.start] if plan is None else plan["assignments"]
        joined += [assignment for assignment in decided if assignment["request"] in part.free]
    return joined


class _Cutter:
    """Knows the part of each venue, volunteer and request, by its id."""

    def __init__(self, problem: Document, size: int, plan: Sequence[Document], slant: float) -> None:
        self.problem, pins = problem, problem.get("pins", [])
        pinned = {(pin["request"], pin["session"]) for pin in pins}
        self.placed: dict[str, list[Document]] = defaultdict(list)
        self.start: dict[str, list[Document]] = defaultdict(list)
        for assignment in plan:
            if (assignment["request"], assignment["session"]) not in pinned:
                self.start[assignment["request"]].append(assignment)
        for assignment in chain(pins, *self.start.values()):
            self.placed[assignment["request"]].append(assignment)
        self.pins = pins
        self.requests, self.volunteers = _by_id(problem["requests"]), _by_id(problem["volunteers"])
        self.venues = _by_id(problem["venues"])
        bisection = bisect([tuple(request["location"]) for request in problem["requests"]], size, slant)
        self.count = bisection.count
        self.venue_of = {room["id"]: venue["id"] for venue in problem["venues"] for room in venue["rooms"]}
        self.venue, self.volunteer, self.request = (
            {record["id"]: bisection.piece(record["location"]) for record in problem[kind]}
            for kind in ("venues", "volunteers", "requests")
        )
        self._keep_learners_together()
        self.frozen = self._crossing()

    def _keep_learners_together(self) -> None:
        """Requests whose learners meet, directly or by way of others, are in one part: the first one's."""
        first: dict[str, str] = {}
        head = {name: name for name in self.request}

        def top(name: str) -> str:
            while head[name] != name:
                head[name] = head[head[name]]
                name = head[name]
            return name

        for request in self.problem["requests"]:
            for cohort in request.get("cohorts", ()):
                head[top(request["id"])] = top(first.setdefault(cohort, request["id"]))
        self.request = {name: self.request[top(name)] for name in self.request}

    def _crossing(self) -> dict[str, set[int]]:
        """The requests that are placed across a line, and the parts that have to know of it."""
        frozen = {}
        for name, sessions in self.placed.items():
            touched = {part for session in sessions for part in self._touched(session)}
            if self.requests[name].get("cohorts"):
                touched.add(self.request[name])
            if len(touched) > 1:
                frozen[name] = touched
            else:
                self.request[name] = touched.pop()  # alone in its part, wherever it was asked for
        return frozen

    def _touched(self, assignment: Document) -> Iterator[int]:
        yield self.venue[self.venue_of[assignment["room"]]]
        yield from (self.volunteer[name] for name in _team(assignment))

    def parts(self) -> Parts:
        shown: list[set[str]] = [set() for _ in range(self.count)]
        for name, touched in self.frozen.items():
            for part in touched:
                shown[part].add(name)
        records = {kind: self._by_part(kind, part_of) for kind, part_of in self._homes()}
        filled = [part for part in range(self.count) if records["requests"][part]]
        parts = [self._part(part, records, shown[part]) for part in filled]
        return Parts(parts, [assignment for name in self.frozen for assignment in self.placed[name]])

    def _homes(self) -> list[tuple[str, dict[str, int]]]:
        loose = {name: part for name, part in self.request.items() if name not in self.frozen}
        return [("requests", loose), ("venues", self.venue), ("volunteers", self.volunteer)]

    def _by_part(self, kind: str, part_of: dict[str, int]) -> list[list[Document]]:
        by_part: list[list[Document]] = [[] for _ in range(self.count)]
        for record in self.problem[kind]:
            if record["id"] in part_of:
                by_part[part_of[record["id"]]].append(record)
        return by_part

    def _part(self, part: int, records: dict[str, list[list[Document]]], shown: set[str]) -> Part:
        fixed = [assignment for name in sorted(shown) for assignment in self.placed[name]]
        requests = records["requests"][part]
        free = frozenset(request["id"] for request in requests)
        problem = self.problem | {
            "requests": requests + list(self._pinned_requests(shown)),
            "venues": records["venues"][part] + list(self._guest_venues(part, fixed)),
            "volunteers": records["volunteers"][part] + list(self._guests(part, fixed)),
            "pins": [pin for pin in self.pins if pin["request"] in free] + list(self._numbered(shown)),
            "previous": [was for was in self.problem.get("previous", []) if was["request"] in free],
        }
        return Part(problem, list(chain(*(self.start.get(name, ()) for name in sorted(free)))), free)

    def _pinned_requests(self, shown: set[str]) -> Iterator[Document]:
        """Requests that are placed across a line, with no session left to place."""
        for name in sorted(shown):
            yield self.requests[name] | {"sessions": len(self.placed[name])}

    def _numbered(self, shown: set[str]) -> Iterator[Document]:
        for name in sorted(shown):
            for number, assignment in enumerate(self.placed[name], 1):
                yield assignment | {"session": number}

    def _guests(self, part: int, fixed: list[Document]) -> Iterator[Document]:
        """Volunteers of other parts, available for the sessions that cross the line alone."""
        duties: dict[str, list[Document]] = defaultdict(list)
        for assignment in fixed:
            for name in _team(assignment):
                if self.volunteer[name] != part:
                    duties[name].append(self._span(assignment))
        for name, spans in duties.items():
            yield self.volunteers[name] | {"available": spans}

    def _guest_venues(self, part: int, fixed: list[Document]) -> Iterator[Document]:
        """Rooms of other parts, open for the sessions that cross the line alone."""
        spans: dict[str, dict[str, list[Document]]] = defaultdict(lambda: defaultdict(list))
        for assignment in fixed:
            venue = self.venue_of[assignment["room"]]
            if self.venue[venue] != part:
                spans[venue][assignment["room"]].append(self._span(assignment))
        for venue, rooms in spans.items():
            yield self.venues[venue] | {
                "rooms": [
                    room | {"open": rooms[room["id"]], "part_of": None}
                    for room in self.venues[venue]["rooms"]
                    if room["id"] in rooms
                ]
            }

    def _span(self, assignment: Document) -> Document:
        end = clock_min(assignment["start"]) + self.requests[assignment["request"]]["duration_minutes"]
        return {"day": assignment["day"], "start": assignment["start"], "end": clock(end)}


def _by_id(records: Iterable[Document]) -> dict[str, Document]:
    return {record["id"]: record for record in records}


def _team(assignment: Document) -> list[str]:
    return [*assignment["leads"], *assignment.get("assistants", ())]
