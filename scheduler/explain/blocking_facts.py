"""Decide how a blocking fact is told: what it says about this request, true as long as the other facts stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scheduler.documents.records import Request
from scheduler.explain.editable_plan import EditablePlan
from scheduler.explain.wording import hours, listed


@dataclass(frozen=True, slots=True)
class BlockingFact:
    """One thing that stands in a request's way.

    Attributes
    ----------
    code : str
        The rule of docs/format.md, `fit` split into capacity, equipment, access and welcome.
    sentence : str
        For people.
    path : str
        Where the problem document says so; empty where the plan does.
    """

    code: str
    sentence: str
    path: str


def tell(board: EditablePlan, request: int, code: str) -> BlockingFact:
    """The fact in words: "that would do" means that it keeps every rule but the facts told beside this one."""
    wanted = board.instance.requests[request]
    key = _KEYS.get(code)
    path = f"requests[{request}].{key}" if key else _ELSEWHERE.get(code, "")
    return BlockingFact(code, _SENTENCES[code](board, wanted), path)


def never(board: EditablePlan, request: int) -> BlockingFact:
    """Why a request could not be held whatever was changed: it asks for more people or hours than there are."""
    wanted = board.instance.requests[request]
    team, people = wanted.leads + wanted.assistants, len(board.instance.volunteers)
    if team > people:
        return BlockingFact(
            "team", f"It asks for {team} people, and there are {people}.", f"requests[{request}].leads"
        )
    if not board.grid.allowed(wanted):
        return BlockingFact(
            "grid", "No start lets it end by midnight.", f"requests[{request}].duration_minutes"
        )
    return BlockingFact(
        "never", "No change of one or more facts was found that lets it be held.", f"requests[{request}]"
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


def _capacity(board: EditablePlan, wanted: Request) -> str:
    largest = max((room.capacity for room in board.instance.rooms), default=0)
    return f"No room that would do has {wanted.learners} places; the largest room of all has {largest}."


def _those(wanted: Request) -> str:
    """Everybody who could be in its team, as the subject of a sentence."""
    if not wanted.leads:
        return "Those who could assist"
    return f"Those who lead {wanted.topic}{' or could assist' if wanted.assistants else ''}"


def _skill(board: EditablePlan, wanted: Request) -> str:
    count = len(board.experts.get(wanted.topic, ()))
    if wanted.leads and not count:
        return f"Nobody leads {wanted.topic}."
    if not wanted.leads:
        return "Nobody who could come assists."
    there = "The only one" if count == 1 else f"None of the {count}"
    return f"{there} who could lead {wanted.topic} {'is not' if count == 1 else 'is'} left for it."


def _per_day(_: EditablePlan, wanted: Request) -> str:
    limit = wanted.max_sessions_per_day
    return f"Its {wanted.sessions} sessions, at most {limit} on a day, do not find days enough that would do."


_SENTENCES: dict[str, Callable[[EditablePlan, Request], str]] = {
    "acceptable": lambda _, request: (
        f"There is no place that would do within the asked times ({hours(request.acceptable)})."
    ),
    "cohort_clash": lambda *_: "Its learners are in other sessions at the times that would do.",
    "per_day": _per_day,
    "capacity": _capacity,
    "equipment": lambda _, request: f"No room that would do has {listed(sorted(request.equipment))}.",
    "access": lambda *_: "No room that would do is accessible.",
    "welcome": lambda _, request: f"No room that would do welcomes {request.function}.",
    "reach": lambda _, request: f"No room that would do is within {request.max_travel_km:g} km.",
    "open": lambda *_: "The rooms that would do are closed at these times.",
    "room_clash": lambda *_: "The rooms that would do are taken by other sessions at these times.",
    "venue_cap": lambda *_: "The venues that would do have no minutes left in the week.",
    "skill": _skill,
    "available": lambda _, request: f"{_those(request)} have not offered the times that would do.",
    "home": lambda _, request: f"{_those(request)} live too far from the rooms that would do.",
    "volunteer_clash": lambda _, request: (
        f"{_those(request)} have other sessions at the times that would do."
    ),
    "load": lambda _, request: (
        f"{_those(request)} have too few minutes left within the limits that they set."
    ),
    "minors": lambda *_: "No team that would do is of vetted adults, two at least with minors.",
    "same_leads": lambda _, request: f"Nobody can lead all of its {request.sessions} sessions.",
}
