"""Blocking facts: the rules that keep a request out of a plan, each in a sentence that says what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scheduler.documents.records import Request
from scheduler.explain.editable_plan import EditablePlan
from scheduler.explain.wording import enumeration, hours


@dataclass(frozen=True, slots=True)
class BlockingFact:
    """One rule that blocks a request.

    Attributes
    ----------
    code : str
        The rule of docs/format.md, `fit` split into capacity, equipment, access and welcome.
    sentence : str
        For people.
    path : str
        Where the problem document says so; empty where it follows from the plan.
    """

    code: str
    sentence: str
    path: str


def blocking_fact(plan: EditablePlan, request_index: int, code: str) -> BlockingFact:
    """The fact of one rule; "that would do" means: keeps every rule but the other blocking ones."""
    request = plan.instance.requests[request_index]
    key = _KEYS.get(code)
    path = f"requests[{request_index}].{key}" if key else _ELSEWHERE.get(code, "")
    return BlockingFact(code, _SENTENCES[code](plan, request), path)


def impossible_fact(plan: EditablePlan, request_index: int) -> BlockingFact:
    """Why no relaxation helps a request: it asks for more people or hours than there are."""
    request = plan.instance.requests[request_index]
    team, people = request.leads + request.assistants, len(plan.instance.volunteers)
    if team > people:
        return BlockingFact(
            "team", f"It asks for {team} people, and there are {people}.", f"requests[{request_index}].leads"
        )
    if not plan.grid.allowed(request):
        return BlockingFact(
            "grid", "No start lets it end by midnight.", f"requests[{request_index}].duration_minutes"
        )
    return BlockingFact(
        "never",
        "No change of one or more facts was found that lets it be held.",
        f"requests[{request_index}]",
    )


_KEYS = {
    "acceptable": "acceptable", "per_day": "max_sessions_per_day", "capacity": "learners", "equipment": "equipment",
    "access": "accessible", "welcome": "function", "reach": "max_travel_km", "skill": "topic", "minors": "minors",
    "same_leads": "same_leads", "cohort_clash": "cohorts",
}  # fmt: skip
_ELSEWHERE = {
    "open": "venues[*].rooms[*].open", "venue_cap": "venues[*].weekly_cap_minutes",
    "available": "volunteers[*].available", "home": "volunteers[*].max_travel_km",
    "load": "volunteers[*].max_minutes_week",
}  # fmt: skip


def _capacity(plan: EditablePlan, request: Request) -> str:
    largest = max((room.capacity for room in plan.instance.rooms), default=0)
    return f"No room that would do has {request.learners} places; the largest room of all has {largest}."


def _possible_team(request: Request) -> str:
    """Everybody who could be in its team, as the subject of a sentence."""
    if not request.leads:
        return "Those who could assist"
    return f"Those who lead {request.topic}{' or could assist' if request.assistants else ''}"


def _skill(plan: EditablePlan, request: Request) -> str:
    count = len(plan.experts.get(request.topic, ()))
    if request.leads and not count:
        return f"Nobody leads {request.topic}."
    if not request.leads:
        return "Nobody who could come assists."
    there = "The only one" if count == 1 else f"None of the {count}"
    return f"{there} who could lead {request.topic} {'is not' if count == 1 else 'is'} left for it."


def _per_day(_: EditablePlan, request: Request) -> str:
    limit = request.max_sessions_per_day
    return (
        f"Its {request.sessions} sessions, at most {limit} on a day, do not find days enough that would do."
    )


_SENTENCES: dict[str, Callable[[EditablePlan, Request], str]] = {
    "acceptable": lambda _, request: (
        f"There is no place that would do within the asked times ({hours(request.acceptable)})."
    ),
    "cohort_clash": lambda *_: "Its learners are in other sessions at the times that would do.",
    "per_day": _per_day,
    "capacity": _capacity,
    "equipment": lambda _, request: f"No room that would do has {enumeration(sorted(request.equipment))}.",
    "access": lambda *_: "No room that would do is accessible.",
    "welcome": lambda _, request: f"No room that would do welcomes {request.function}.",
    "reach": lambda _, request: f"No room that would do is within {request.max_travel_km:g} km.",
    "open": lambda *_: "The rooms that would do are closed at these times.",
    "room_clash": lambda *_: "The rooms that would do are taken by other sessions at these times.",
    "venue_cap": lambda *_: "The venues that would do have no minutes left in the week.",
    "skill": _skill,
    "available": lambda _, request: f"{_possible_team(request)} have not offered the times that would do.",
    "home": lambda _, request: f"{_possible_team(request)} live too far from the rooms that would do.",
    "volunteer_clash": lambda _, request: (
        f"{_possible_team(request)} have other sessions at the times that would do."
    ),
    "load": lambda _, request: (
        f"{_possible_team(request)} have too few minutes left within the limits that they set."
    ),
    "minors": lambda *_: "No team that would do is of vetted adults, two at least with minors.",
    "same_leads": lambda _, request: f"Nobody can lead all of its {request.sessions} sessions.",
}
