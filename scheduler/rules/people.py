"""Hard rules about leads, assistants and learners; each docstring says what its rule forbids."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import ceil

from domain.messages import message
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
            yield (
                message(
                    "{session} has {count} leads, not {leads}",
                    session=session,
                    count=len(session.leads),
                    leads=request.leads,
                ),
                [session],
            )
        if len(session.assistants) != request.assistants:
            yield (
                message(
                    "{session} has {count} assistants, not {assistants}",
                    session=session,
                    count=len(session.assistants),
                    assistants=request.assistants,
                ),
                [session],
            )
        if len(session.team) < len(session.leads) + len(session.assistants):
            yield message("{session} names a volunteer twice", session=session), [session]


def skilled(week: Week) -> Broken:
    """A lead has the role `lead` and the topic among the skills; an assistant has the role `assistant`."""
    for session in week.sessions:
        for lead in session.leads:
            if "lead" not in lead.roles:
                yield message("{session}: {lead} does not lead", session=session, lead=lead.id), [session]
            if session.request.topic not in lead.skills:
                yield (
                    message(
                        "{session}: {lead} cannot lead {topic}",
                        session=session,
                        lead=lead.id,
                        topic=session.request.topic,
                    ),
                    [session],
                )
        for assistant in session.assistants:
            if "assistant" not in assistant.roles:
                yield (
                    message(
                        "{session}: {assistant} does not assist", session=session, assistant=assistant.id
                    ),
                    [session],
                )


def people_available(week: Week) -> Broken:
    """The whole session lies in one available window of each of its volunteers."""
    for session in week.sessions:
        for volunteer in session.team:
            if not session.within(volunteer.available):
                yield (
                    message(
                        "{session}: {volunteer} has not offered this time",
                        session=session,
                        volunteer=volunteer.id,
                    ),
                    [session],
                )


def near_home(week: Week) -> Broken:
    """The venue is within each volunteer's `max_travel_km` of home."""
    for session in week.sessions:
        for volunteer in session.team:
            if beyond(volunteer.location, session.venue.location, volunteer.max_travel_km):
                yield (
                    message(
                        "{session} is in {venue}, more than {limit} km from {volunteer}",
                        session=session,
                        venue=session.venue.id,
                        limit=volunteer.max_travel_km,
                        volunteer=volunteer.id,
                    ),
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
                if way:
                    sentence = message(
                        "{volunteer} needs {way} minutes of way between {earlier} and {later}",
                        volunteer=who.id,
                        way=way,
                        earlier=earlier,
                        later=later,
                    )
                else:
                    sentence = message(
                        "{volunteer} is wanted at once by {earlier} and {later}",
                        volunteer=who.id,
                        earlier=earlier,
                        later=later,
                    )
                yield sentence, (earlier, later)


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
        spans = [(who.max_min_week, message("the week"), sessions)]
        days = grouped(sessions, lambda session: [session.assignment.day])
        spans += [(who.max_min_day, DAY_NAMES[on_day[0].assignment.day - 1], on_day) for on_day in days]
        for limit, span, within in spans:
            if limit is not None and minutes(within) > limit:
                yield (
                    message(
                        "{sessions} are {minutes} of {limit} minutes of {volunteer} in {span}",
                        sessions=enumeration(within),
                        minutes=minutes(within),
                        limit=limit,
                        volunteer=who.id,
                        span=span,
                    ),
                    within,
                )


def minors_safe(week: Week) -> Broken:
    """A minor never leads; with `minors` every volunteer is vetted, and two of them at least are adults.

    A session whose team is empty needs no adult.
    """
    for session in week.sessions:
        for lead in session.leads:
            if lead.minor:
                yield message("{session} is led by {lead}, a minor", session=session, lead=lead.id), [session]
        if session.request.minors:
            yield from ((lack, [session]) for lack in _unsafe(session))


def _unsafe(session: PlacedSession) -> Iterator[str]:
    for volunteer in session.team:
        if not volunteer.vetted:
            yield message(
                "{session} is for minors, and {volunteer} is not vetted",
                session=session,
                volunteer=volunteer.id,
            )
    adults = sum(not volunteer.minor for volunteer in session.team)
    if session.team and adults < 2:
        yield message(
            "{session} is for minors, and {adults} of two adults are there", session=session, adults=adults
        )


def led_by_the_same(week: Week) -> Broken:
    """With `same_leads` all sessions of a request have the same set of leads."""
    for sessions in grouped(week.sessions, lambda session: [session.assignment.request]):
        first = sessions[0]
        for session in sessions[1:] if first.request.same_leads else ():
            if set(session.assignment.leads) != set(first.assignment.leads):
                yield (
                    message("{first} and {session} have different leads", first=first, session=session),
                    (first, session),
                )


def cohorts_free(week: Week) -> Broken:
    """Two sessions that share a cohort do not overlap."""
    seen: set[tuple[int, int]] = set()
    for sessions in grouped(week.sessions, lambda session: session.request.cohorts):
        for earlier, later in close_pairs(sessions, 0):
            pair = id(earlier), id(later)
            if pair not in seen:
                shared = sorted(earlier.request.cohorts & later.request.cohorts)[:3]
                yield (
                    message(
                        "{earlier} and {later} overlap and share the learners {cohorts}",
                        earlier=earlier,
                        later=later,
                        cohorts=shared,
                    ),
                    (earlier, later),
                )
            seen.add(pair)
