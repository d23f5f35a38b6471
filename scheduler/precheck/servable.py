"""Requests that can never be served, whatever else is planned, and the facts that prevent it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from domain.messages import message
from scheduler.documents.records import Request
from scheduler.explain.availability import (
    NOTHING,
    OF_PEOPLE,
    OF_ROOMS,
    Availability,
    RelaxedRules,
    fit_violations,
)
from scheduler.explain.editable_plan import EditablePlan
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.instance.reasons import no_start
from scheduler.precheck.findings import WARNING, Finding

_ROOMS_RELAXED = frozenset(OF_ROOMS) | {"per_day"}
_PEOPLE_RELAXED = frozenset(OF_PEOPLE) | {"per_day"}


def unservable(plan: EditablePlan) -> Iterator[Finding]:
    """A warning for each fact by which a request can never be served.

    Facts that rooms and people share are named only where neither alone is the reason.

    Parameters
    ----------
    plan : EditablePlan
        Holds nothing but the pins.
    """
    for index in range(len(plan.instance.requests)):
        if plan.missing(index):
            yield from _about(plan, index)


def _about(plan: EditablePlan, index: int) -> Iterator[Finding]:
    search = FeasibilitySearch(plan, index)
    if search.find() is not None or search.gave_up:
        return
    request = plan.instance.requests[index]
    findings = [*_times(plan, index, request), *_rooms(plan, index, request), *_people(plan, index, request)]
    yield from findings or [_together(plan, index, request)]


def _warn(index: int, code: str, key: str, request: Request, fact: str) -> Finding:
    return Finding(
        code,
        WARNING,
        f"requests[{index}].{key}",
        message("“{request}” can never be held: {fact}.", request=request.title, fact=fact),
    )


def _times(plan: EditablePlan, index: int, request: Request) -> Iterator[Finding]:
    mask = plan.grid.acceptable(request)
    if not mask:
        fact = no_start(plan.grid, request)
        yield _warn(index, "no_asked_time", "acceptable", request, fact)
    days = sum(bool(mask & plan.day(day)) for day in range(7))
    if mask and not request.partial and days * request.max_sessions_per_day < request.sessions:
        fact = message(
            "{sessions} sessions do not go into {days} days with {limit} a day",
            sessions=request.sessions,
            days=days,
            limit=request.max_sessions_per_day,
        )
        yield _warn(index, "too_few_days", "sessions", request, fact)


def _rooms(plan: EditablePlan, index: int, request: Request) -> Iterator[Finding]:
    """The facts about rooms that no single room gets past, or else that none gets past all of them."""
    if Availability(plan, index, _PEOPLE_RELAXED).rooms or not plan.grid.acceptable(request):
        return
    codes = {
        "capacity": (
            "room_too_small",
            "learners",
            message("no room has {learners} places", learners=request.learners),
        ),
        "equipment": (
            "no_equipment",
            "equipment",
            message("no room has {equipment}", equipment=sorted(request.equipment)),
        ),
        "access": ("no_access", "accessible", message("no room is accessible")),
        "welcome": (
            "not_welcome",
            "function",
            message("no room welcomes {function}", function=request.function),
        ),
    }
    lacks = [set(fit_violations(request, room)) for room in plan.instance.rooms]
    for fact, code in codes.items():
        if all(fact in lack for lack in lacks):
            yield _warn(index, code[0], code[1], request, code[2])
    if all(lacks) and not any(all(fact in lack for lack in lacks) for fact in codes):
        fact = message(
            "no one room has the places, equipment and access that it needs and welcomes its function"
        )
        yield _warn(index, "no_fitting_room", "learners", request, fact)
    fitting = [room for room, lack in enumerate(lacks) if not lack]
    near = [room for room in fitting if plan.in_reach(index, plan.instance.room_venue[room])]
    if fitting and not near:
        fact = message("no fitting room is within {limit:g} km", limit=request.max_travel_km)
        yield _warn(index, "no_room_in_reach", "max_travel_km", request, fact)
    if near:
        fact = message("no fitting room within reach is open long enough in the asked windows")
        yield _warn(index, "no_open_room", "acceptable", request, fact)


def _people(plan: EditablePlan, index: int, request: Request) -> Iterator[Finding]:
    team, people = request.leads + request.assistants, plan.instance.volunteers
    if team > len(people):
        fact = message("it asks for {team} people and there are {count}", team=team, count=len(people))
        yield _warn(index, "too_few_people", "leads", request, fact)
        return
    if request.team_too_small:
        fact = message("it is for minors and asks for one person, where two adults must be there")
        yield _warn(index, "two_adults", "leads", request, fact)
        return
    if FeasibilitySearch(plan, index, _ROOMS_RELAXED).find() is not None or not plan.grid.acceptable(request):
        return
    leads = [expert for expert in plan.experts.get(request.topic, ()) if not people[expert].minor]
    fit = [lead for lead in leads if request.trusts(people[lead])]
    if len(leads) < request.leads:
        fact = message(
            "{count} of {leads} leads know {topic}",
            count=len(leads),
            leads=request.leads,
            topic=request.topic,
        )
        yield _warn(index, "no_lead", "topic", request, fact)
    elif len(fit) < request.leads:
        fact = message("{count} of {leads} leads are vetted", count=len(fit), leads=request.leads)
        yield _warn(index, "no_vetted_lead", "minors", request, fact)
    elif len(Availability(plan, index, _ROOMS_RELAXED).leads) < request.leads:
        fact = message(
            "too few of those who lead it have hours in the asked windows, within the limits that they set"
        )
        yield _warn(index, "no_lead_in_time", "acceptable", request, fact)
    elif (obstacle := _obstacle(plan, index, request, _ROOMS_RELAXED)) is not None:
        yield obstacle
    else:
        fact = message("no team of leads and assistants who may work with its learners can come at one time")
        if _single_fits(plan, index, request, _ROOMS_RELAXED):
            fact = message(
                "no team who may work with its learners can come for all of its {sessions} sessions",
                sessions=request.sessions,
            )
        yield _warn(index, "no_team", "assistants" if request.assistants else "leads", request, fact)


def _together(plan: EditablePlan, index: int, request: Request) -> Finding:
    """The finding where rooms alone and people alone would do."""
    if (obstacle := _obstacle(plan, index, request, NOTHING)) is not None:
        return obstacle
    fact = message(
        "rooms and a team that could serve it are never there at one time, near enough to each other"
    )
    if _single_fits(plan, index, request):
        fact = message(
            "rooms and a team are there at one time for some of its {sessions} sessions only",
            sessions=request.sessions,
        )
    return _warn(index, "no_common_time", "acceptable", request, fact)


def _obstacle(plan: EditablePlan, index: int, request: Request, relaxed: RelaxedRules) -> Finding | None:
    """What stands between its sessions: were it different, all of them could be held."""
    for fact, (code, key, sentence) in _OBSTACLES.items() if request.sessions > 1 else ():
        if fact not in relaxed and FeasibilitySearch(plan, index, relaxed | {fact}).find() is not None:
            return _warn(index, code, key, request, sentence(request.sessions))
    return None


def _single_fits(plan: EditablePlan, index: int, request: Request, relaxed: RelaxedRules = NOTHING) -> bool:
    """Whether one session of several could be held."""
    mark = plan.mark()
    plan.edit_request(index, replace(request, partial=True))
    fits = request.sessions > 1 and FeasibilitySearch(plan, index, relaxed).find() is not None
    plan.undo(mark)
    return fits


_OBSTACLES: dict[str, tuple[str, str, Callable[[int], str]]] = {
    "same_leads": (
        "no_lead_for_all",
        "same_leads",
        lambda sessions: message("nobody can lead all of its {sessions} sessions", sessions=sessions),
    ),
    "load": (
        "too_few_minutes",
        "sessions",
        lambda sessions: message(
            "those who could lead it give too few minutes for its {sessions} sessions", sessions=sessions
        ),
    ),
    "per_day": (
        "too_few_days",
        "sessions",
        lambda sessions: message(
            "there are not days enough with a room and a team for its {sessions} sessions", sessions=sessions
        ),
    ),
}
