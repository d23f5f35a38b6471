"""Wording of edits, moves and prices for people: short sentences with names, days and times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain.messages import message
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
        return message("{venue}, {room}", venue=venue.name, room=room.name)

    def person(self, name: str) -> str:
        volunteer = self.volunteers.get(name)
        return volunteer.name if volunteer else message("the newcomer")

    def people(self, names: Iterable[str]) -> str:
        return enumeration(map(self.person, names)) or message("nobody")

    def session(self, assignment: Assignment) -> str:
        """The title of a course, with the number of the session where it has several."""
        request = self.requests[assignment.request]
        if request.sessions > 1:
            return message("“{title}”, session {session}", title=request.title, session=assignment.session)
        return message("“{title}”", title=request.title)

    def when(self, assignment: Assignment) -> str:
        minutes = self.requests[assignment.request].duration_min
        return message(
            "{day} {start}–{end}",
            day=DAY_NAMES[assignment.day - 1],
            start=clock(assignment.start_min),
            end=clock(assignment.start_min + minutes),
        )

    def describe(self, assignment: Assignment) -> str:
        """When and where a session is, and with whom."""
        when, room = self.when(assignment), self.room(assignment.room)
        leads, assistants = self.people(assignment.leads), self.people(assignment.assistants)
        if assignment.leads and assignment.assistants:
            return message(
                "{when}, {room}, led by {leads} with {assistants}",
                when=when,
                room=room,
                leads=leads,
                assistants=assistants,
            )
        if assignment.leads:
            return message("{when}, {room}, led by {leads}", when=when, room=room, leads=leads)
        if assignment.assistants:
            return message("{when}, {room} with {assistants}", when=when, room=room, assistants=assistants)
        return message("{when}, {room}", when=when, room=room)


def enumeration(items: Iterable[str], limit: int = _SHOWN) -> str:
    """At most `limit` items in a phrase such as "a, b and 2 more"."""
    items = list(items)
    if len(items) > limit:
        return message("{items} and {count} more", items=items[:limit], count=len(items) - limit)
    if len(items) > 1:
        return message("{items} and {last}", items=items[:-1], last=items[-1])
    return items[0] if items else ""


def hours(windows: Windows) -> str:
    """Windows of a week in a phrase such as "Monday 17:00–21:00"."""
    spans = (
        message(
            "{day} {start}–{end}",
            day=DAY_NAMES[window.day - 1],
            start=clock(window.start_min % DAY_MIN),
            end=_end(window.end_min),
        )
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
        return message(
            "{venue} lends {minutes} minutes more in the week",
            venue=names.venues[edit.id].name,
            minutes=edit.after - edit.before,
        )
    if edit.thing == "volunteer":
        return _say_person(names.person(edit.id), edit)
    return _say_request(edit)


def _say_room(name: str, edit: Edit) -> str:
    if edit.key == "open":
        return message("open {name} {hours}", name=name, hours=_new_hours(edit))
    if edit.key == "equipment":
        return message("bring {added} to {name}", added=enumeration(_added(edit)), name=name)
    if edit.key == "capacity":
        return message("{seats} more seats in {name}", seats=edit.after - edit.before, name=name)
    if edit.key == "accessible":
        return message("make {name} accessible", name=name)
    return message("let {name} welcome {added}", name=name, added=enumeration(_added(edit)))


def _say_person(name: str, edit: Edit) -> str:
    match edit.key:
        case "available":
            return message("{name} gives time {hours}", name=name, hours=_new_hours(edit))
        case "max_minutes_week":
            return message(
                "{name} gives {more} minutes more in the week ({total} in all)",
                name=name,
                more=edit.after - edit.before,
                total=edit.after,
            )
        case "max_minutes_day":
            return message(
                "{name} gives up to {after} minutes on a day instead of {before}",
                name=name,
                after=edit.after,
                before=edit.before,
            )
        case "max_travel_km":
            return message(
                "{name} goes {after:g} km from home instead of {before:g}",
                name=name,
                after=edit.after,
                before=edit.before,
            )
        case "vetted":
            return message("{name} passes the background check", name=name)
        case _:
            return message("{name} assists too", name=name)


def _say_request(edit: Edit) -> str:
    match edit.key:
        case "learners":
            return message(
                "{fewer} fewer learners ({after} instead of {before})",
                fewer=edit.before - edit.after,
                after=edit.after,
                before=edit.before,
            )
        case "acceptable":
            return message("the community accepts {hours} as well", hours=_new_hours(edit, bare=True))
        case "max_travel_km":
            return message(
                "the learners go {after:g} km instead of {before:g}", after=edit.after, before=edit.before
            )
        case "max_sessions_per_day":
            return message("{sessions} sessions on one day", sessions=edit.after)
        case _:
            return message("let different people lead its sessions")


def _added(edit: Edit) -> list[str]:
    return [word for word in edit.after if word not in (edit.before or [])]


def _new_hours(edit: Edit, *, bare: bool = False) -> str:
    """The windows that are new; `bare`: as what somebody accepts, not as when something is."""
    spans = [_span(window, edit.before, bare=bare) for window in edit.after if window not in edit.before]
    return enumeration(spans)


def _span(window: dict[str, Any], before: list[dict[str, Any]], *, bare: bool) -> str:
    name = DAY_NAMES[window["day"] - 1]
    day = name if bare else message("on {day}", day=name)
    same = [old for old in before if old["day"] == window["day"]]
    if any(old["start"] == window["start"] for old in same):
        return message("{day} until {end}", day=day, end=window["end"])
    if any(old["end"] == window["end"] for old in same):
        return message("{day} from {start}", day=day, start=window["start"])
    return message("{day} {start}–{end}", day=day, start=window["start"], end=window["end"])


def say_moves(names: Names, price: Price, request: str) -> list[str]:
    """What happens to sessions of requests but `request`: each move with its people, each loss with its learners."""
    sentences: list[str] = []
    placed = {(assignment.request, assignment.session): assignment for assignment in price.placed}
    for assignment in price.withdrawn:
        if assignment.request == request:
            continue
        title, moved = names.session(assignment), placed.get((assignment.request, assignment.session))
        if moved is None:
            sentences.append(
                message(
                    "give up {title} ({learners} learners)",
                    title=title,
                    learners=names.requests[assignment.request].learners,
                )
            )
        else:
            sentences.append(
                message(
                    "move {title} from {before} to {after}",
                    title=title,
                    before=names.describe(assignment),
                    after=names.describe(moved),
                )
            )
    return sentences


def say_price(plan: EditablePlan, price: Price, request_index: int, edits: Iterable[Edit] = ()) -> str:
    """What a change for the request gains and costs."""
    request, names = plan.instance.requests[request_index], Names(plan.instance.problem)
    placed = {assignment.request for assignment in price.placed}
    lost = {assignment.request for assignment in price.withdrawn} - placed - {request.id}
    learners_lost = sum(names.requests[name].learners for name in lost)
    learners = min((edit.after for edit in edits if edit.key == "learners"), default=request.learners)
    gain = (
        message("serves {learners} learners more", learners=learners)
        if request.id in placed
        else message("serves nobody more")
    )
    costs = [message("{learners} learners their course", learners=learners_lost)] if lost else []
    return message(
        "{gain}; costs {costs}",
        gain=gain,
        costs=enumeration([*costs, *say_losses(price.goals)], 5) or message("nothing"),
    )


def say_losses(goals: dict[str, int]) -> list[str]:
    """What the goals after `served` lose, as things that it costs."""
    clauses = (goal.loss(-goals[name]) for name, goal in GOALS.items() if goals.get(name, 0) < 0)
    return [clause for clause in clauses if clause]
