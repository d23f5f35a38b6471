"""Blocking facts: the rules that keep a request out of a plan, each in a sentence that says what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.messages import message, plural
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
            "team",
            message("It asks for {team} people, and there are {people}.", team=team, people=people),
            f"requests[{request_index}].leads",
        )
    if not plan.grid.allowed(request):
        return BlockingFact(
            "grid",
            message("No start lets it end by midnight."),
            f"requests[{request_index}].duration_minutes",
        )
    return BlockingFact(
        "never",
        message("No change of one or more facts was found that lets it be held."),
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
    return message(
        "No room that would do has {learners} places; the largest room of all has {largest}.",
        learners=request.learners,
        largest=largest,
    )


def _possible_team(request: Request) -> str:
    """Everybody who could be in its team, as the subject of a sentence."""
    if not request.leads:
        return message("Those who could assist")
    if request.assistants:
        return message("Those who lead {topic} or could assist", topic=request.topic)
    return message("Those who lead {topic}", topic=request.topic)


def _skill(plan: EditablePlan, request: Request) -> str:
    count = len(plan.experts.get(request.topic, ()))
    if request.leads and not count:
        return message("Nobody leads {topic}.", topic=request.topic)
    if not request.leads:
        return message("Nobody who could come assists.")
    return plural(
        "The only one who could lead {topic} is not left for it.",
        "None of the {count} who could lead {topic} is left for it.",
        count=count,
        topic=request.topic,
    )


def _per_day(_: EditablePlan, request: Request) -> str:
    limit = request.max_sessions_per_day
    return message(
        "Its {sessions} sessions, at most {limit} on a day, do not find days enough that would do.",
        sessions=request.sessions,
        limit=limit,
    )


_SENTENCES: dict[str, Callable[[EditablePlan, Request], str]] = {
    "acceptable": lambda _, request: message(
        "There is no place that would do within the asked times ({hours}).", hours=hours(request.acceptable)
    ),
    "cohort_clash": lambda *_: message("Its learners are in other sessions at the times that would do."),
    "per_day": _per_day,
    "capacity": _capacity,
    "equipment": lambda _, request: message(
        "No room that would do has {equipment}.", equipment=enumeration(sorted(request.equipment))
    ),
    "access": lambda *_: message("No room that would do is accessible."),
    "welcome": lambda _, request: message(
        "No room that would do welcomes {function}.", function=request.function
    ),
    "reach": lambda _, request: message(
        "No room that would do is within {limit:g} km.", limit=request.max_travel_km
    ),
    "open": lambda *_: message("The rooms that would do are closed at these times."),
    "room_clash": lambda *_: message("The rooms that would do are taken by other sessions at these times."),
    "venue_cap": lambda *_: message("The venues that would do have no minutes left in the week."),
    "skill": _skill,
    "available": lambda _, request: message(
        "{people} have not offered the times that would do.", people=_possible_team(request)
    ),
    "home": lambda _, request: message(
        "{people} live too far from the rooms that would do.", people=_possible_team(request)
    ),
    "volunteer_clash": lambda _, request: message(
        "{people} have other sessions at the times that would do.",
        people=_possible_team(request),
    ),
    "load": lambda _, request: message(
        "{people} have too few minutes left within the limits that they set.",
        people=_possible_team(request),
    ),
    "minors": lambda *_: message("No team that would do is of vetted adults, two at least with minors."),
    "same_leads": lambda _, request: message(
        "Nobody can lead all of its {sessions} sessions.", sessions=request.sessions
    ),
}
