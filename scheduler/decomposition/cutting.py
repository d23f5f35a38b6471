"""Decide where a problem is cut, and how the plans of its parts become one plan again.

The map is halved again and again until few enough requests are left in each piece. Every venue and every volunteer
belongs to one part, so that plans of parts never meet. What a plan so far holds across a line stays as it is: it is
pinned in every part that it touches, with the rooms and people of other parts open and available for it alone. With
other lines these sessions come free.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from domain.windows import clock, clock_min
from scheduler.decomposition.bisection import halve

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
    """A problem cut up; `fixed` are the assignments that no part decides."""

    parts: list[Part]
    fixed: list[Document]


def cut(problem: Document, size: int, plan: Sequence[Document] = (), slant: float = 0.0) -> Parts:
    """Cut a problem into parts of at most about `size` requests.

    Parameters
    ----------
    problem : dict
        A problem document whose pins place all sessions of the requests that they name, or of `partial` ones some.
    plan : list of dict
        Assignments that keep every rule; pins may be among them or not.
    slant : float
        Degrees by which the lines are turned.
    """
    return _Cutter(problem, size, plan, slant).parts()


def join(parts: Parts, plans: Sequence[Document | None]) -> list[Document]:
    """The assignments of the whole; a part without a plan keeps what it started from."""
    joined = list(parts.fixed)
    for part, plan in zip(parts.parts, plans, strict=True):
        decided = [*part.problem["pins"], *part.start] if plan is None else plan["assignments"]
        joined += [one for one in decided if one["request"] in part.free]
    return joined


class _Cutter:
    """Knows which part each thing is in, by its id."""

    def __init__(self, problem: Document, size: int, plan: Sequence[Document], slant: float) -> None:
        self.problem, pins = problem, problem.get("pins", [])
        kept = {(pin["request"], pin["session"]) for pin in pins}
        self.placed: dict[str, list[Document]] = defaultdict(list)
        self.start: dict[str, list[Document]] = defaultdict(list)
        for one in plan:
            if (one["request"], one["session"]) not in kept:
                self.start[one["request"]].append(one)
        for one in [*pins, *(one for some in self.start.values() for one in some)]:
            self.placed[one["request"]].append(one)
        self.pins = pins
        self.requests, self.volunteers = _by_id(problem["requests"]), _by_id(problem["volunteers"])
        self.venues = _by_id(problem["venues"])
        lines = halve([tuple(one["location"]) for one in problem["requests"]], size, slant)
        self.count = lines.count
        self.venue = {one["id"]: lines.piece(one["location"]) for one in problem["venues"]}
        self.venue_of = {room["id"]: one["id"] for one in problem["venues"] for room in one["rooms"]}
        self.volunteer = {one["id"]: lines.piece(one["location"]) for one in problem["volunteers"]}
        self.request = {one["id"]: lines.piece(one["location"]) for one in problem["requests"]}
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

        for one in self.problem["requests"]:
            for cohort in one.get("cohorts", ()):
                head[top(one["id"])] = top(first.setdefault(cohort, one["id"]))
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

    def _touched(self, one: Document) -> Iterator[int]:
        yield self.venue[self.venue_of[one["room"]]]
        yield from (self.volunteer[name] for name in _team(one))

    def parts(self) -> Parts:
        shown: list[set[str]] = [set() for _ in range(self.count)]
        for name, touched in self.frozen.items():
            for part in touched:
                shown[part].add(name)
        things = {kind: self._by_part(kind, where) for kind, where in self._places()}
        made = [self._part(at, things, shown[at]) for at in range(self.count) if things["requests"][at]]
        return Parts(made, [one for name in self.frozen for one in self.placed[name]])

    def _places(self) -> list[tuple[str, dict[str, int]]]:
        loose = {name: part for name, part in self.request.items() if name not in self.frozen}
        return [("requests", loose), ("venues", self.venue), ("volunteers", self.volunteer)]

    def _by_part(self, kind: str, where: dict[str, int]) -> list[list[Document]]:
        found: list[list[Document]] = [[] for _ in range(self.count)]
        for one in self.problem[kind]:
            if one["id"] in where:
                found[where[one["id"]]].append(one)
        return found

    def _part(self, at: int, things: dict[str, list[list[Document]]], shown: set[str]) -> Part:
        fixed = [one for name in sorted(shown) for one in self.placed[name]]
        asked = things["requests"][at]
        free = frozenset(one["id"] for one in asked)
        problem = self.problem | {
            "requests": asked + list(self._pinned_requests(shown)),
            "venues": things["venues"][at] + list(self._guest_venues(at, fixed)),
            "volunteers": things["volunteers"][at] + list(self._guests(at, fixed)),
            "pins": [pin for pin in self.pins if pin["request"] in free] + list(self._numbered(shown)),
            "previous": [one for one in self.problem.get("previous", []) if one["request"] in free],
        }
        return Part(problem, [one for name in sorted(free) for one in self.start.get(name, ())], free)

    def _pinned_requests(self, shown: set[str]) -> Iterator[Document]:
        """With no session left to place."""
        for name in sorted(shown):
            yield self.requests[name] | {"sessions": len(self.placed[name])}

    def _numbered(self, shown: set[str]) -> Iterator[Document]:
        for name in sorted(shown):
            for number, one in enumerate(self.placed[name], 1):
                yield one | {"session": number}

    def _guests(self, at: int, fixed: list[Document]) -> Iterator[Document]:
        """Volunteers of other parts, available for the sessions that cross the line alone."""
        duties: dict[str, list[Document]] = defaultdict(list)
        for one in fixed:
            for name in _team(one):
                if self.volunteer[name] != at:
                    duties[name].append(self._span(one))
        for name, spans in duties.items():
            yield self.volunteers[name] | {"available": spans}

    def _guest_venues(self, at: int, fixed: list[Document]) -> Iterator[Document]:
        """Rooms of other parts, open for the sessions that cross the line alone."""
        spans: dict[str, dict[str, list[Document]]] = defaultdict(lambda: defaultdict(list))
        for one in fixed:
            venue = self.venue_of[one["room"]]
            if self.venue[venue] != at:
                spans[venue][one["room"]].append(self._span(one))
        for venue, rooms in spans.items():
            yield self.venues[venue] | {
                "rooms": [
                    room | {"open": rooms[room["id"]], "part_of": None}
                    for room in self.venues[venue]["rooms"]
                    if room["id"] in rooms
                ]
            }

    def _span(self, one: Document) -> Document:
        end = clock_min(one["start"]) + self.requests[one["request"]]["duration_minutes"]
        return {"day": one["day"], "start": one["start"], "end": clock(end)}


def _by_id(things: Iterable[Document]) -> dict[str, Document]:
    return {thing["id"]: thing for thing in things}


def _team(one: Document) -> list[str]:
    return [*one["leads"], *one.get("assistants", ())]
