"""Decoder and encoder of the planning documents, problem and plan, version 1 of `docs/format.md`.

A malformed document is refused with every error named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from domain.starts import DEFAULT_GRID_MIN, Starts
from domain.windows import NotATime, Windows, clock, clock_min, within_days
from scheduler.documents import fields as f
from scheduler.documents.records import (
    GOALS,
    MINIMUMS,
    Assignment,
    GoalResult,
    Plan,
    Problem,
    Request,
    Room,
    Venue,
    Volunteer,
)

_ROOM = f.an_object(
    id=f.text, name=f.text, capacity=f.whole(0), equipment=f.optional(f.set_of(f.text), frozenset()),
    accessible=f.optional(f.flag, False), turnaround_minutes=f.optional(f.whole(0), 0), open=f.windows,
    part_of=f.optional(f.text, None), functions=f.optional(f.set_of(f.text), None),
)  # fmt: skip
_VOLUNTEER = f.an_object(
    id=f.text, name=f.text, kind=f.text, location=f.location, skills=f.set_of(f.text),
    roles=f.optional(f.set_of(f.one_of("lead", "assistant")), frozenset({"lead", "assistant"})),
    minor=f.optional(f.flag, False), vetted=f.optional(f.flag, False), available=f.windows,
    max_minutes_week=f.optional(f.whole(0), None), max_minutes_day=f.optional(f.whole(0), None),
    max_travel_km=f.optional(f.distance, None),
)  # fmt: skip
_REQUEST = f.an_object(
    id=f.text, title=f.text, area=f.text, location=f.location, topic=f.text, function=f.text, learners=f.whole(1),
    minors=f.optional(f.flag, False), priority=f.optional(f.whole(1), 1), sessions=f.optional(f.whole(1), 1),
    duration_minutes=f.whole(1), acceptable=f.windows, preferred=f.optional(f.windows, ()),
    equipment=f.optional(f.set_of(f.text), frozenset()), accessible=f.optional(f.flag, False),
    max_travel_km=f.optional(f.distance, None), leads=f.optional(f.whole(0), 1),
    assistants=f.optional(f.whole(0), 0), cohorts=f.optional(f.set_of(f.text), frozenset()),
    max_sessions_per_day=f.optional(f.whole(1), 1), same_leads=f.optional(f.flag, True),
    partial=f.optional(f.flag, False), grid_minutes=f.optional(f.whole(1), None),
    bell_times=f.optional(f.many(f.start_of_day), ()),
)  # fmt: skip
_ASSIGNMENT = f.an_object(
    request=f.text, session=f.whole(-(10**9)), day=f.whole(1, 7), start=f.start_of_day, room=f.text,
    leads=f.many(f.text), assistants=f.optional(f.many(f.text), ()),
)  # fmt: skip


class MalformedDocument(ValueError):
    """A document that is not in the format, or a problem whose pins break a rule.

    Parameters
    ----------
    errors : tuple of str
        Every error found, each beginning with the path of its place in the document.
    """

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(self.errors))


def _room(value: Any, path: str, findings: f.Findings) -> Room:
    read = _ROOM(value, path, findings)
    return Room(turnaround_min=read.pop("turnaround_minutes"), **read)


def _venue(value: Any, path: str, findings: f.Findings) -> Venue:
    read = _VENUE(value, path, findings)
    return Venue(weekly_cap_min=read.pop("weekly_cap_minutes"), **read)


def _volunteer(value: Any, path: str, findings: f.Findings) -> Volunteer:
    read = _VOLUNTEER(value, path, findings)
    week, day = read.pop("max_minutes_week"), read.pop("max_minutes_day")
    return Volunteer(max_min_week=week, max_min_day=day, **read)


def _request(value: Any, path: str, findings: f.Findings) -> Request:
    read = _REQUEST(value, path, findings)
    bells, grid = read.pop("bell_times"), read.pop("grid_minutes")
    starts = Starts(grid or DEFAULT_GRID_MIN, bells) if bells or grid else None
    return Request(duration_min=read.pop("duration_minutes"), starts=starts, **read)


def _assignment(value: Any, path: str, findings: f.Findings) -> Assignment:
    read = _ASSIGNMENT(value, path, findings)
    return Assignment(start_min=read.pop("start"), **read)


def _goal_order(value: Any, path: str, findings: f.Findings) -> tuple[str, ...]:
    names = [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
    twice = len(set(names)) < len(names)
    if twice:
        findings.refuse(path, "a list of different goals", value)
    order = f.many(f.one_of(*GOALS))(value, path, findings)
    if twice:
        raise f.Unreadable(path)
    return order


def _tolerances(value: Any, path: str, findings: f.Findings) -> dict[str, float]:
    if not isinstance(value, dict) or not value.keys() <= set(GOALS):
        raise findings.refuse(path, "an object with goals as keys", value)
    read = f.an_object(**dict.fromkeys(value, f.share))(value, path, findings)
    return {goal: share for goal, share in read.items() if share}


_VENUE = f.an_object(
    id=f.text, name=f.text, kind=f.text, location=f.location,
    weekly_cap_minutes=f.optional(f.whole(0), None), rooms=f.many(_room),
)  # fmt: skip
_PROBLEM = f.an_object(
    format=f.one_of("problem/1"), name=f.text, timezone=f.text, week=f.week,
    grid_minutes=f.optional(f.whole(1), 30), travel_kmh=f.optional(f.speed, 15), goals=f.optional(_goal_order, GOALS),
    venues=f.many(f.recalled(_venue)), volunteers=f.many(f.recalled(_volunteer)),
    requests=f.many(f.recalled(_request)),
    pins=f.optional(f.many(f.recalled(_assignment)), ()), previous=f.optional(f.many(f.recalled(_assignment)), ()),
    tolerance=f.optional(_tolerances, {}), minimum=f.optional(f.one_of(*MINIMUMS), None),
    bell_times=f.optional(f.many(f.start_of_day), ()),
)  # fmt: skip
_CLAIM = f.optional(f.an_object(value=f.number, bound=f.optional(f.number, None)), None)
_PLAN = f.an_object(
    format=f.one_of("plan/1"), problem=f.text, status=f.one_of("optimal", "feasible", "infeasible"),
    goals=f.an_object(**dict.fromkeys((*MINIMUMS.values(), *GOALS), _CLAIM)), assignments=f.many(_assignment),
    unserved=f.many(f.an_object(request=f.text, reasons=f.optional(f.many(f.text), ()))),
)  # fmt: skip


def read_problem(document: Any, *, recall: f.Recall | None = None) -> Problem:
    """Read a problem document.

    Parameters
    ----------
    document : dict
        A problem as `docs/format.md` describes it, as `json.load` gives it.
    recall : callable, optional
        Takes a venue, volunteer, request or assignment of the document and a function that reads it, and gives what
        that one gives: from memory, where it was given the very same object before and nobody has changed it since.

    Raises
    ------
    MalformedDocument
        With every error named. Pins are looked up here; whether they break a rule is `check_pins`'s question.
    """
    read = _read(_PROBLEM, document, _unrelated, recall)
    read.pop("format")
    if (minimum := read.pop("minimum")) is not None:
        read["goals"] = MINIMUMS[minimum], *read["goals"]
    grid, bells = read.pop("grid_minutes"), read.pop("bell_times")
    return Problem(grid_min=grid, starts=Starts(grid, bells) if bells else None, **read)


def read_plan(document: Any, problem: Problem) -> Plan:
    """Read a plan document that belongs to `problem`.

    Raises
    ------
    MalformedDocument
        With every error named, unknown rooms, volunteers and unserved requests among them.
    """
    read = _read(_PLAN, document, partial(_foreign, problem))
    goals = {name: GoalResult(**claim) for name, claim in read["goals"].items() if claim is not None}
    unserved = {item["request"]: item["reasons"] for item in read["unserved"]}
    return Plan(problem.name, read["status"], goals, read["assignments"], unserved)


def read_assignments(value: Any) -> tuple[Assignment, ...]:
    """Read a list of assignments, whatever they name.

    Raises
    ------
    MalformedDocument
        With every error named.
    """
    return tuple(_read(f.an_object(assignments=f.many(_assignment)), {"assignments": value})["assignments"])


def _read(
    reader: f.Reader[dict[str, Any]],
    document: Any,
    related: Callable[[Any], Iterable[str]] = lambda _: (),
    recall: f.Recall | None = None,
) -> dict[str, Any]:
    """Read a document; `related` says what is wrong between its places, whether or not each can be read."""
    findings, read = f.Findings(recall), None
    with suppress(f.Unreadable):
        read = reader(document, "", findings)
    errors = [*findings.errors, *related(document)]
    if errors or read is None:
        raise MalformedDocument(errors)
    return read


def _things(holder: Any, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a list, by their places; what is of another kind was named already."""
    listed = holder.get(key) if isinstance(holder, dict) else None
    if isinstance(listed, list):
        yield from ((index, thing) for index, thing in enumerate(listed) if isinstance(thing, dict))


def _rooms(document: Any) -> Iterator[dict[str, Any]]:
    for _, venue in _things(document, "venues"):
        yield from (room for _, room in _things(venue, "rooms"))


def _ids(things: Iterable[dict[str, Any]]) -> list[str]:
    return [name for thing in things if isinstance(name := thing.get("id"), str)]


def _unrelated(document: Any) -> Iterator[str]:
    """What is wrong between two places of a problem, however much is wrong at a third."""
    yield from _twins(document)
    yield from _odd_parts(document)
    yield from _off_grid(document)
    rooms, people = (
        set(_ids(_rooms(document))),
        set(_ids(volunteer for _, volunteer in _things(document, "volunteers"))),
    )
    yield from _strangers(rooms, people, document, "pins")


def _foreign(problem: Problem, document: Any) -> Iterator[str]:
    """What a plan names and the problem does not know."""
    name = document.get("problem") if isinstance(document, dict) else None
    if isinstance(name, str) and name != problem.name:
        yield f"problem: is {name!r}, not {problem.name!r}"
    rooms = {room.id for venue in problem.venues for room in venue.rooms}
    yield from _strangers(rooms, {volunteer.id for volunteer in problem.volunteers}, document, "assignments")
    known = {request.id for request in problem.requests}
    for index, item in _things(document, "unserved"):
        if isinstance(request := item.get("request"), str) and request not in known:
            yield f"unserved[{index}].request: unknown id {request!r}"


def _twins(document: Any) -> Iterator[str]:
    """Ids that two things of one kind share."""
    kinds = {
        key: _ids(thing for _, thing in _things(document, key))
        for key in ("venues", "volunteers", "requests")
    }
    kinds["rooms"] = _ids(_rooms(document))
    for kind in ("venues", "rooms", "volunteers", "requests"):
        yield from (
            f"{kind}: {count} have the id {name!r}"
            for name, count in Counter(kinds[kind]).items()
            if count > 1
        )


def _odd_parts(document: Any) -> Iterator[str]:
    """Parts whose whole is not an undivided room of their own venue."""
    for venue_index, venue in _things(document, "venues"):
        rooms = list(_things(venue, "rooms"))
        wholes = _ids(room for _, room in rooms if room.get("part_of") is None)
        for room_index, room in rooms:
            whole = room.get("part_of")
            if isinstance(whole, str) and whole not in wholes:
                path = f"venues[{venue_index}].rooms[{room_index}].part_of"
                yield f"{path}: {whole!r} is not a whole room of the same venue"


def _off_grid(document: Any) -> Iterator[str]:
    """Starts that are no multiple of the document's own grid, which every start is."""
    grid = document.get("grid_minutes", DEFAULT_GRID_MIN) if isinstance(document, dict) else None
    if not isinstance(grid, int) or grid < 1:
        return
    for path, holder in (
        ("", document),
        *((f"requests[{index}].", request) for index, request in _things(document, "requests")),
    ):
        own, bells = holder.get("grid_minutes"), holder.get("bell_times")
        if isinstance(own, int) and own % grid:
            yield f"{path}grid_minutes: {own} is not a multiple of the document's grid_minutes, {grid}"
        for bell_index, bell in enumerate(bells if isinstance(bells, list) else ()):
            with suppress(NotATime, TypeError):
                if clock_min(bell) % grid:
                    where = f"{path}bell_times[{bell_index}]"
                    yield f"{where}: {bell} is not a multiple of the document's grid_minutes, {grid}"


def _strangers(rooms: set[str], people: set[str], holder: Any, key: str) -> Iterator[str]:
    """Rooms and volunteers that the holder's assignments name and nobody knows."""
    for index, assignment in _things(holder, key):
        if isinstance(room := assignment.get("room"), str) and room not in rooms:
            yield f"{key}[{index}].room: unknown id {room!r}"
        for role in ("leads", "assistants"):
            names = assignment.get(role)
            for name_index, name in enumerate(names if isinstance(names, list) else ()):
                if isinstance(name, str) and name not in people:
                    yield f"{key}[{index}].{role}[{name_index}]: unknown id {name!r}"


def write_assignment(assignment: Assignment) -> dict[str, Any]:
    return {
        "request": assignment.request,
        "session": assignment.session,
        "day": assignment.day,
        "start": clock(assignment.start_min),
        "room": assignment.room,
        "leads": list(assignment.leads),
        "assistants": list(assignment.assistants),
    }


def write_plan(plan: Plan, **extra: Any) -> dict[str, Any]:
    """Write a plan as a document; `extra` keys are added, which readers of the format ignore."""
    return {
        "format": "plan/1",
        "problem": plan.problem,
        "status": plan.status,
        "goals": {name: {"value": goal.value, "bound": goal.bound} for name, goal in plan.goals.items()},
        "assignments": [write_assignment(assignment) for assignment in plan.assignments],
        "unserved": _write_unserved(plan.unserved),
        **extra,
    }


def _write_unserved(unserved: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    return [{"request": name, "reasons": list(reasons)} for name, reasons in unserved.items()]


def write_windows(windows: Windows) -> list[dict[str, Any]]:
    """Windows of a week as a document's list; one that crosses midnight is cut there."""
    return [
        {"day": day, "start": clock(start), "end": clock(end)} for day, start, end in within_days(windows)
    ]
