"""Decide how facts, changes and prices are said to people: short sentences with names, days and times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain.windows import DAY_MIN, DAY_NAMES, Windows, clock
from scheduler.documents.records import Assignment, Problem, Request, Room, Venue, Volunteer
from scheduler.explain.editable_plan import EditablePlan
from scheduler.explain.edits import Edit
from scheduler.explain.pricing import Price
from scheduler.goals import GOALS

_SHOWN = 3  # of a list in a sentence


class Names:
    """Looks up what ids are called."""

    def __init__(self, problem: Problem) -> None:
        self.rooms: dict[str, tuple[Room, Venue]] = {
            room.id: (room, venue) for venue in problem.venues for room in venue.rooms
        }
        self.venues = {venue.id: venue for venue in problem.venues}
        self.volunteers: dict[str, Volunteer] = {volunteer.id: volunteer for volunteer in problem.volunteers}
        self.requests: dict[str, Request] = {request.id: request for request in problem.requests}

    def room(self, name: str) -> str:
        room, venue = self.rooms[name]
        return f"{venue.name}, {room.name}"

    def person(self, name: str) -> str:
        volunteer = self.volunteers.get(name)
        return volunteer.name if volunteer else "the newcomer"

    def people(self, names: Iterable[str]) -> str:
        return listed(map(self.person, names)) or "nobody"

    def session(self, one: Assignment) -> str:
        """A course with the number of its session, where it has several."""
        request = self.requests[one.request]
        number = f", session {one.session}" if request.sessions > 1 else ""
        return f"“{request.title}”{number}"

    def when(self, one: Assignment) -> str:
        minutes = self.requests[one.request].duration_min
        return f"{DAY_NAMES[one.day - 1]} {clock(one.start_min)}–{clock(one.start_min + minutes)}"

    def place(self, one: Assignment) -> str:
        led = f", led by {self.people(one.leads)}" if one.leads else ""
        helped = f" with {self.people(one.assistants)}" if one.assistants else ""
        return f"{self.when(one)}, {self.room(one.room)}{led}{helped}"


def listed(words: Iterable[str], most: int = _SHOWN) -> str:
    """Words as "a, b and 2 more"."""
    words = list(words)
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def hours(windows: Windows) -> str:
    """Windows of a week as "Monday 17:00–21:00"."""
    spans = (
        f"{DAY_NAMES[window.day - 1]} {clock(window.start_min % DAY_MIN)}–{_end(window.end_min)}"
        for window in windows
    )
    return listed(spans, 4)


def _end(minute: int) -> str:
    return clock(minute % DAY_MIN or DAY_MIN)


def say_edit(names: Names, one: Edit) -> str:
    """An edit as a proposal."""
    if one.thing == "room":
        return _say_room(names.room(one.id), one)
    if one.thing == "venue":
        return f"{names.venues[one.id].name} lends {one.after - one.before} minutes more in the week"
    if one.thing == "volunteer":
        return _say_person(names.person(one.id), one)
    return _say_request(one)


def _say_room(name: str, one: Edit) -> str:
    if one.key == "open":
        return f"open {name} {_new_hours(one)}"
    if one.key == "equipment":
        return f"bring {listed(_new(one))} to {name}"
    if one.key == "capacity":
        return f"{one.after - one.before} more seats in {name}"
    if one.key == "accessible":
        return f"make {name} accessible"
    return f"let {name} welcome {listed(_new(one))}"


def _say_person(name: str, one: Edit) -> str:
    match one.key:
        case "available":
            return f"{name} gives time {_new_hours(one)}"
        case "max_minutes_week":
            return f"{name} gives {one.after - one.before} minutes more in the week ({one.after} in all)"
        case "max_minutes_day":
            return f"{name} gives up to {one.after} minutes on a day instead of {one.before}"
        case "max_travel_km":
            return f"{name} goes {one.after:g} km from home instead of {one.before:g}"
        case "vetted":
            return f"{name} passes the background check"
        case _:
            return f"{name} assists too"


def _say_request(one: Edit) -> str:
    match one.key:
        case "learners":
            return f"{one.before - one.after} fewer learners ({one.after} instead of {one.before})"
        case "acceptable":
            return f"the community accepts {_new_hours(one).replace('on ', '')} as well"
        case "max_travel_km":
            return f"the learners go {one.after:g} km instead of {one.before:g}"
        case "max_sessions_per_day":
            return f"{one.after} sessions on one day"
        case _:
            return "let different people lead its sessions"


def _new(one: Edit) -> list[str]:
    return [word for word in one.after if word not in (one.before or [])]


def _new_hours(one: Edit) -> str:
    spans = [_span(window, one.before) for window in one.after if window not in one.before]
    return listed(spans)


def _span(window: dict[str, Any], before: list[dict[str, Any]]) -> str:
    day = f"on {DAY_NAMES[window['day'] - 1]}"
    same = [old for old in before if old["day"] == window["day"]]
    if any(old["start"] == window["start"] for old in same):
        return f"{day} until {window['end']}"
    if any(old["end"] == window["end"] for old in same):
        return f"{day} from {window['start']}"
    return f"{day} {window['start']}–{window['end']}"


def say_moves(names: Names, price: Price, request: str) -> list[str]:
    """What happens to the sessions of others: each move with the people concerned, each loss with its learners."""
    said = []
    placed = {(one.request, one.session): one for one in price.placed}
    for assignment in price.withdrawn:
        if assignment.request == request:
            continue
        there = placed.get((assignment.request, assignment.session))
        if there is None:
            said.append(
                f"give up {names.session(assignment)} ({names.requests[assignment.request].learners} learners)"
            )
        else:
            said.append(
                f"move {names.session(assignment)} from {names.place(assignment)} to {names.place(there)}"
            )
    return said


def say_price(board: EditablePlan, price: Price, request: int, edits: Iterable[Edit] = ()) -> str:
    """What it gains and what it costs, in words."""
    wanted, names = board.instance.requests[request], Names(board.instance.problem)
    lost = (
        {assignment.request for assignment in price.withdrawn}
        - {assignment.request for assignment in price.placed}
        - {wanted.id}
    )
    seats = sum(names.requests[name].learners for name in lost)
    placed = any(assignment.request == wanted.id for assignment in price.placed)
    less = min((change.after for change in edits if change.key == "learners"), default=wanted.learners)
    gain = f"serves {less} learners more" if placed else "serves nobody more"
    costs = [f"{seats} learners their course"] if lost else []
    return f"{gain}; costs {listed([*costs, *say_losses(price.goals)], 5) or 'nothing'}"


def say_losses(goals: dict[str, int]) -> list[str]:
    """What the goals after `served` lose, as things that it costs."""
    clauses = (goal.loss(-goals[name]) for name, goal in GOALS.items() if goals.get(name, 0) < 0)
    return [clause for clause in clauses if clause]
