"""Wording of edits, moves and prices for people: short sentences with names, days and times."""

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
    """The names of a problem's rooms, venues, volunteers and requests by their ids."""

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
        return enumeration(map(self.person, names)) or "nobody"

    def session(self, assignment: Assignment) -> str:
        """The title of a course, with the number of the session where it has several."""
        request = self.requests[assignment.request]
        number = f", session {assignment.session}" if request.sessions > 1 else ""
        return f"“{request.title}”{number}"

    def when(self, assignment: Assignment) -> str:
        minutes = self.requests[assignment.request].duration_min
        return f"{DAY_NAMES[assignment.day - 1]} {clock(assignment.start_min)}–{clock(assignment.start_min + minutes)}"

    def describe(self, assignment: Assignment) -> str:
        """When and where a session is, and with whom."""
        led = f", led by {self.people(assignment.leads)}" if assignment.leads else ""
        helped = f" with {self.people(assignment.assistants)}" if assignment.assistants else ""
        return f"{self.when(assignment)}, {self.room(assignment.room)}{led}{helped}"


def enumeration(items: Iterable[str], limit: int = _SHOWN) -> str:
    """At most `limit` items in a phrase such as "a, b and 2 more"."""
    items = list(items)
    if len(items) > limit:
        return f"{', '.join(items[:limit])} and {len(items) - limit} more"
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def hours(windows: Windows) -> str:
    """Windows of a week in a phrase such as "Monday 17:00–21:00"."""
    spans = (
        f"{DAY_NAMES[window.day - 1]} {clock(window.start_min % DAY_MIN)}–{_end(window.end_min)}"
        for window in windows
    )
    return enumeration(spans, 4)


def _end(minute: int) -> str:
    return clock(minute % DAY_MIN or DAY_MIN)


def say_edit(names: Names, edit: Edit) -> str:
    """An edit as a proposal, in the imperative or with who gives something."""
    if edit.thing == "room":
        return _say_room(names.room(edit.id), edit)
    if edit.thing == "venue":
        return f"{names.venues[edit.id].name} lends {edit.after - edit.before} minutes more in the week"
    if edit.thing == "volunteer":
        return _say_person(names.person(edit.id), edit)
    return _say_request(edit)


def _say_room(name: str, edit: Edit) -> str:
    if edit.key == "open":
        return f"open {name} {_new_hours(edit)}"
    if edit.key == "equipment":
        return f"bring {enumeration(_added(edit))} to {name}"
    if edit.key == "capacity":
        return f"{edit.after - edit.before} more seats in {name}"
    if edit.key == "accessible":
        return f"make {name} accessible"
    return f"let {name} welcome {enumeration(_added(edit))}"


def _say_person(name: str, edit: Edit) -> str:
    match edit.key:
        case "available":
            return f"{name} gives time {_new_hours(edit)}"
        case "max_minutes_week":
            return f"{name} gives {edit.after - edit.before} minutes more in the week ({edit.after} in all)"
        case "max_minutes_day":
            return f"{name} gives up to {edit.after} minutes on a day instead of {edit.before}"
        case "max_travel_km":
            return f"{name} goes {edit.after:g} km from home instead of {edit.before:g}"
        case "vetted":
            return f"{name} passes the background check"
        case _:
            return f"{name} assists too"


def _say_request(edit: Edit) -> str:
    match edit.key:
        case "learners":
            return f"{edit.before - edit.after} fewer learners ({edit.after} instead of {edit.before})"
        case "acceptable":
            return f"the community accepts {_new_hours(edit).replace('on ', '')} as well"
        case "max_travel_km":
            return f"the learners go {edit.after:g} km instead of {edit.before:g}"
        case "max_sessions_per_day":
            return f"{edit.after} sessions on one day"
        case _:
            return "let different people lead its sessions"


def _added(edit: Edit) -> list[str]:
    return [word for word in edit.after if word not in (edit.before or [])]


def _new_hours(edit: Edit) -> str:
    spans = [_span(window, edit.before) for window in edit.after if window not in edit.before]
    return enumeration(spans)


def _span(window: dict[str, Any], before: list[dict[str, Any]]) -> str:
    day = f"on {DAY_NAMES[window['day'] - 1]}"
    same = [old for old in before if old["day"] == window["day"]]
    if any(old["start"] == window["start"] for old in same):
        return f"{day} until {window['end']}"
    if any(old["end"] == window["end"] for old in same):
        return f"{day} from {window['start']}"
    return f"{day} {window['start']}–{window['end']}"


def say_moves(names: Names, price: Price, request: str) -> list[str]:
    """What happens to sessions of requests but `request`: each move with its people, each loss with its learners."""
    sentences = []
    placed = {(assignment.request, assignment.session): assignment for assignment in price.placed}
    for assignment in price.withdrawn:
        if assignment.request == request:
            continue
        title, moved = names.session(assignment), placed.get((assignment.request, assignment.session))
        if moved is None:
            sentences.append(f"give up {title} ({names.requests[assignment.request].learners} learners)")
        else:
            sentences.append(f"move {title} from {names.describe(assignment)} to {names.describe(moved)}")
    return sentences


def say_price(plan: EditablePlan, price: Price, request_index: int, edits: Iterable[Edit] = ()) -> str:
    """What a change for the request gains and costs."""
    request, names = plan.instance.requests[request_index], Names(plan.instance.problem)
    placed = {assignment.request for assignment in price.placed}
    lost = {assignment.request for assignment in price.withdrawn} - placed - {request.id}
    learners_lost = sum(names.requests[name].learners for name in lost)
    learners = min((edit.after for edit in edits if edit.key == "learners"), default=request.learners)
    gain = f"serves {learners} learners more" if request.id in placed else "serves nobody more"
    costs = [f"{learners_lost} learners their course"] if lost else []
    return f"{gain}; costs {enumeration([*costs, *say_losses(price.goals)], 5) or 'nothing'}"


def say_losses(goals: dict[str, int]) -> list[str]:
    """What the goals after `served` lose, as things that it costs."""
    clauses = (goal.loss(-goals[name]) for name, goal in GOALS.items() if goals.get(name, 0) < 0)
    return [clause for clause in clauses if clause]
