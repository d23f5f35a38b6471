"""Decide which requests can never be served, whatever else is planned, and by which facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scheduler.documents.records import Request
from scheduler.explain.availability import NOTHING, OF_PEOPLE, OF_ROOMS, Left, RelaxedRules, room_lacks
from scheduler.explain.editable_plan import EditablePlan
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.instance.reasons import no_start
from scheduler.precheck.findings import WARNING, Finding

_ROOMS_ASIDE = frozenset(OF_ROOMS) | {"per_day"}
_PEOPLE_ASIDE = frozenset(OF_PEOPLE) | {"per_day"}


def unservable(board: EditablePlan) -> Iterator[Finding]:
    """A warning for each fact by which a request can never be served, at most one side's facts at a time.

    `board` holds nothing but the pins.
    """
    for at in range(len(board.instance.requests)):
        if board.missing(at):
            yield from _about(board, at)


def _about(board: EditablePlan, at: int) -> Iterator[Finding]:
    seeker = FeasibilitySearch(board, at)
    if seeker.find() is not None or seeker.gave_up:
        return
    request = board.instance.requests[at]
    findings = [*_times(board, at, request), *_rooms(board, at, request), *_people(board, at, request)]
    yield from findings or [_together(board, at, request)]


def _warn(at: int, code: str, key: str, wanted: Request, fact: str) -> Finding:
    return Finding(code, WARNING, f"requests[{at}].{key}", f"“{wanted.title}” can never be held: {fact}.")


def _times(board: EditablePlan, at: int, wanted: Request) -> Iterator[Finding]:
    mask = board.grid.acceptable(wanted)
    if not mask:
        fact = no_start(board.grid, wanted)
        yield _warn(at, "no_asked_time", "acceptable", wanted, fact)
    days = sum(bool(mask & board.day(day)) for day in range(7))
    if mask and not wanted.partial and days * wanted.max_sessions_per_day < wanted.sessions:
        fact = (
            f"{wanted.sessions} sessions do not go into {days} days with {wanted.max_sessions_per_day} a day"
        )
        yield _warn(at, "too_few_days", "sessions", wanted, fact)


def _rooms(board: EditablePlan, at: int, wanted: Request) -> Iterator[Finding]:
    """The facts about rooms that no single room gets past, or else that none gets past all of them."""
    if Left(board, at, _PEOPLE_ASIDE).rooms or not board.grid.acceptable(wanted):
        return
    codes = {
        "capacity": ("room_too_small", "learners", f"no room has {wanted.learners} places"),
        "equipment": ("no_equipment", "equipment", f"no room has {', '.join(sorted(wanted.equipment))}"),
        "access": ("no_access", "accessible", "no room is accessible"),
        "welcome": ("not_welcome", "function", f"no room welcomes {wanted.function}"),
    }
    lacks = [set(room_lacks(wanted, room)) for room in board.instance.rooms]
    for fact, code in codes.items():
        if all(fact in lack for lack in lacks):
            yield _warn(at, code[0], code[1], wanted, code[2])
    if all(lacks) and not any(all(fact in lack for lack in lacks) for fact in codes):
        fact = "no one room has the places, equipment and access that it needs and welcomes its function"
        yield _warn(at, "no_fitting_room", "learners", wanted, fact)
    fitting = [room for room, lack in enumerate(lacks) if not lack]
    near = [room for room in fitting if board.in_reach(at, board.instance.room_venue[room])]
    if fitting and not near:
        fact = f"no fitting room is within {wanted.max_travel_km:g} km"
        yield _warn(at, "no_room_in_reach", "max_travel_km", wanted, fact)
    if near:
        fact = "no fitting room within reach is open long enough in the asked windows"
        yield _warn(at, "no_open_room", "acceptable", wanted, fact)


def _people(board: EditablePlan, at: int, wanted: Request) -> Iterator[Finding]:
    team, people = wanted.leads + wanted.assistants, board.instance.volunteers
    if team > len(people):
        yield _warn(
            at, "too_few_people", "leads", wanted, f"it asks for {team} people and there are {len(people)}"
        )
        return
    if wanted.team_too_small:
        fact = "it is for minors and asks for one person, where two adults must be there"
        yield _warn(at, "two_adults", "leads", wanted, fact)
        return
    if FeasibilitySearch(board, at, _ROOMS_ASIDE).find() is not None or not board.grid.acceptable(wanted):
        return
    leads = [expert for expert in board.experts.get(wanted.topic, ()) if not people[expert].minor]
    fit = [lead for lead in leads if wanted.trusts(people[lead])]
    if len(leads) < wanted.leads:
        yield _warn(
            at, "no_lead", "topic", wanted, f"{len(leads)} of {wanted.leads} leads know {wanted.topic}"
        )
    elif len(fit) < wanted.leads:
        yield _warn(at, "no_vetted_lead", "minors", wanted, f"{len(fit)} of {wanted.leads} leads are vetted")
    elif len(Left(board, at, _ROOMS_ASIDE).leads) < wanted.leads:
        fact = "too few of those who lead it have hours in the asked windows, within the limits that they set"
        yield _warn(at, "no_lead_in_time", "acceptable", wanted, fact)
    elif (between := _between(board, at, wanted, _ROOMS_ASIDE)) is not None:
        yield between
    else:
        fact = "no team of leads and assistants who may work with its learners can come at one time"
        if _one_fits(board, at, wanted, _ROOMS_ASIDE):
            fact = (
                f"no team who may work with its learners can come for all of its {wanted.sessions} sessions"
            )
        yield _warn(at, "no_team", "assistants" if wanted.assistants else "leads", wanted, fact)


def _together(board: EditablePlan, at: int, wanted: Request) -> Finding:
    """What is told where rooms alone and people alone would do."""
    if (between := _between(board, at, wanted, NOTHING)) is not None:
        return between
    fact = "rooms and a team that could serve it are never there at one time, near enough to each other"
    if _one_fits(board, at, wanted):
        fact = f"rooms and a team are there at one time for some of its {wanted.sessions} sessions only"
    return _warn(at, "no_common_time", "acceptable", wanted, fact)


def _between(board: EditablePlan, at: int, wanted: Request, aside: RelaxedRules) -> Finding | None:
    """What stands between its sessions: were it different, all of them could be held."""
    for fact, (code, key, sentence) in _BETWEEN.items() if wanted.sessions > 1 else ():
        if fact not in aside and FeasibilitySearch(board, at, aside | {fact}).find() is not None:
            return _warn(at, code, key, wanted, sentence.format(wanted))
    return None


def _one_fits(board: EditablePlan, at: int, wanted: Request, aside: RelaxedRules = NOTHING) -> bool:
    """Whether one session of several could be held."""
    mark = board.mark()
    board.edit_request(at, replace(wanted, partial=True))
    found = wanted.sessions > 1 and FeasibilitySearch(board, at, aside).find() is not None
    board.undo(mark)
    return found


_BETWEEN = {
    "same_leads": ("no_lead_for_all", "same_leads", "nobody can lead all of its {0.sessions} sessions"),
    "load": (
        "too_few_minutes", "sessions",
        "those who could lead it give too few minutes for its {0.sessions} sessions",
    ),
    "per_day": (
        "too_few_days", "sessions",
        "there are not days enough with a room and a team for its {0.sessions} sessions",
    ),
}  # fmt: skip
