"""Hard rules about leads, assistants and learners; each docstring says what its rule forbids."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import ceil

from domain.windows import DAY_MIN, DAY_NAMES
from scheduler.documents.records import Volunteer
from scheduler.rules.week import (
    Broken,
    PlacedSession,
    Week,
    beyond,
    close_pairs,
    enumeration,
    grouped,
    km,
    minutes,
)


def team_complete(week: Week) -> Broken:
    """A session has exactly `leads` leads and `assistants` assistants, all different volunteers."""
    for session in week.sessions:
        request = session.request
        if len(session.leads) != request.leads:
            yield f"{session} has {len(session.leads)} leads, not {request.leads}", [session]
        if len(session.assistants) != request.assistants:
            yield f"{session} has {len(session.assistants)} assistants, not {request.assistants}", [session]
        if len(session.team) < len(session.leads) + len(session.assistants):
            yield f"{session} names a volunteer twice", [session]


def skilled(week: Week) -> Broken:
    """A lead has the role `lead` and the topic among the skills; an assistant has the role `assistant`."""
    for session in week.sessions:
        for lead in session.leads:
            if "lead" not in lead.roles:
                yield f"{session}: {lead.id} does not lead", [session]
            if session.request.topic not in lead.skills:
                yield f"{session}: {lead.id} cannot lead {session.request.topic}", [session]
        for assistant in session.assistants:
            if "assistant" not in assistant.roles:
                yield f"{session}: {assistant.id} does not assist", [session]


def people_available(week: Week) -> Broken:
    """The whole session lies in one available window of each of its volunteers."""
    for session in week.sessions:
        for volunteer in session.team:
            if not session.within(volunteer.available):
                yield f"{session}: {volunteer.id} has not offered this time", [session]


def near_home(week: Week) -> Broken:
    """The venue is within each volunteer's `max_travel_km` of home."""
    for session in week.sessions:
        for volunteer in session.team:
            if beyond(volunteer.location, session.venue.location, volunteer.max_travel_km):
                yield (
                    f"{session} is in {session.venue.id}, more than {volunteer.max_travel_km} km from {volunteer.id}",
                    [session],
                )


def volunteers_free(week: Week) -> Broken:
    """A volunteer's sessions do not overlap, and between two at different venues on one day there is time for the way.

    The way takes 60 × km / `travel_kmh` minutes, rounded up.
    """
    for who, sessions in _by_volunteer(week):
        for earlier, later in combinations(sessions, 2):
            way = _way_min(earlier, later, week.problem.travel_kmh)
            if later.begin < earlier.end + way:
                need = (
                    f"{who.id} needs {way} minutes of way between"
                    if way
                    else f"{who.id} is wanted at once by"
                )
                yield f"{need} {earlier} and {later}", (earlier, later)


def _by_volunteer(week: Week) -> Iterator[tuple[Volunteer, list[PlacedSession]]]:
    busy: dict[str, tuple[Volunteer, list[PlacedSession]]] = {}
    for session in week.sessions:
        for volunteer in session.team:
            busy.setdefault(volunteer.id, (volunteer, []))[1].append(session)
    yield from busy.values()


def _way_min(earlier: PlacedSession, later: PlacedSession, kmh: float) -> int:
    """Whole minutes of way; 0 within a venue or overnight."""
    if earlier.venue is later.venue or earlier.assignment.day != later.assignment.day:
        return 0
    return ceil(min(60 * km(earlier.venue.location, later.venue.location) / kmh, DAY_MIN))


def load_bearable(week: Week) -> Broken:
    """A volunteer's minutes of sessions, without the way, keep within `max_minutes_week` and `max_minutes_day`."""
    for who, sessions in _by_volunteer(week):
        spans = [(who.max_min_week, "the week", sessions)]
        days = grouped(sessions, lambda session: [session.assignment.day])
        spans += [(who.max_min_day, DAY_NAMES[on_day[0].assignment.day - 1], on_day) for on_day in days]
        for limit, span, within in spans:
            if limit is not None and minutes(within) > limit:
                yield (
                    f"{enumeration(within)} are {minutes(within)} of {limit} minutes of {who.id} in {span}",
                    within,
                )


def minors_safe(week: Week) -> Broken:
    """A minor never leads; with `minors` every volunteer is vetted, and two of them at least are adults.

    A session whose team is empty needs no adult.
    """
    for session in week.sessions:
        for lead in session.leads:
            if lead.minor:
                yield f"{session} is led by {lead.id}, a minor", [session]
        if session.request.minors:
            yield from ((lack, [session]) for lack in _unsafe(session))


def _unsafe(session: PlacedSession) -> Iterator[str]:
    for volunteer in session.team:
        if not volunteer.vetted:
            yield f"{session} is for minors, and {volunteer.id} is not vetted"
    adults = sum(not volunteer.minor for volunteer in session.team)
    if session.team and adults < 2:
        yield f"{session} is for minors, and {adults} of two adults are there"


def led_by_the_same(week: Week) -> Broken:
    """With `same_leads` all sessions of a request have the same set of leads."""
    for sessions in grouped(week.sessions, lambda session: [session.assignment.request]):
        first = sessions[0]
        for session in sessions[1:] if first.request.same_leads else ():
            if set(session.assignment.leads) != set(first.assignment.leads):
                yield f"{first} and {session} have different leads", (first, session)


def cohorts_free(week: Week) -> Broken:
    """Two sessions that share a cohort do not overlap."""
    seen: set[tuple[int, int]] = set()
    for sessions in grouped(week.sessions, lambda session: session.request.cohorts):
        for earlier, later in close_pairs(sessions, 0):
            pair = id(earlier), id(later)
            if pair not in seen:
                shared = ", ".join(sorted(earlier.request.cohorts & later.request.cohorts)[:3])
                yield f"{earlier} and {later} overlap and share the learners {shared}", (earlier, later)
            seen.add(pair)
