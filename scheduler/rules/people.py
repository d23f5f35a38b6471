"""Decide which rules about leads, assistants and learners a week breaks."""

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
    grouped,
    km,
    listed,
    minutes,
)


def team_complete(week: Week) -> Broken:
    """A session has exactly `leads` leads and `assistants` assistants, all different volunteers."""
    for sitting in week.sittings:
        request = sitting.request
        if len(sitting.leads) != request.leads:
            yield f"{sitting} has {len(sitting.leads)} leads, not {request.leads}", [sitting]
        if len(sitting.assistants) != request.assistants:
            yield f"{sitting} has {len(sitting.assistants)} assistants, not {request.assistants}", [sitting]
        if len(sitting.team) < len(sitting.leads) + len(sitting.assistants):
            yield f"{sitting} names a volunteer twice", [sitting]


def skilled(week: Week) -> Broken:
    """A lead has the role `lead` and the topic among the skills; an assistant has the role `assistant`."""
    for sitting in week.sittings:
        for lead in sitting.leads:
            if "lead" not in lead.roles:
                yield f"{sitting}: {lead.id} does not lead", [sitting]
            if sitting.request.topic not in lead.skills:
                yield f"{sitting}: {lead.id} cannot lead {sitting.request.topic}", [sitting]
        for assistant in sitting.assistants:
            if "assistant" not in assistant.roles:
                yield f"{sitting}: {assistant.id} does not assist", [sitting]


def people_available(week: Week) -> Broken:
    """The whole session lies in one available window of each of its volunteers."""
    for sitting in week.sittings:
        for volunteer in sitting.team:
            if not sitting.within(volunteer.available):
                yield f"{sitting}: {volunteer.id} has not offered this time", [sitting]


def near_home(week: Week) -> Broken:
    """The venue is within each volunteer's `max_travel_km` of home."""
    for sitting in week.sittings:
        for volunteer in sitting.team:
            if beyond(volunteer.location, sitting.venue.location, volunteer.max_travel_km):
                yield (
                    f"{sitting} is in {sitting.venue.id}, more than {volunteer.max_travel_km} km from {volunteer.id}",
                    [sitting],
                )


def volunteers_free(week: Week) -> Broken:
    """A volunteer's sessions do not overlap, and between two at different venues on one day there is time for the way.

    The way takes 60 × km / `travel_kmh` minutes, rounded up.
    """
    for who, sittings in _by_volunteer(week):
        for earlier, later in combinations(sittings, 2):
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
    for sitting in week.sittings:
        for volunteer in sitting.team:
            busy.setdefault(volunteer.id, (volunteer, []))[1].append(sitting)
    yield from busy.values()


def _way_min(earlier: PlacedSession, later: PlacedSession, kmh: float) -> int:
    """Whole minutes of way; 0 within a venue or overnight."""
    if earlier.venue is later.venue or earlier.at.day != later.at.day:
        return 0
    return ceil(min(60 * km(earlier.venue.location, later.venue.location) / kmh, DAY_MIN))


def load_bearable(week: Week) -> Broken:
    """A volunteer's minutes of sessions, without the way, keep within `max_minutes_week` and `max_minutes_day`."""
    for who, sittings in _by_volunteer(week):
        spans = [(who.max_min_week, "the week", sittings)]
        days = grouped(sittings, lambda sitting: [sitting.at.day])
        spans += [(who.max_min_day, DAY_NAMES[on_day[0].at.day - 1], on_day) for on_day in days]
        for limit, span, within in spans:
            if limit is not None and minutes(within) > limit:
                yield (
                    f"{listed(within)} are {minutes(within)} of {limit} minutes of {who.id} in {span}",
                    within,
                )


def minors_safe(week: Week) -> Broken:
    """A minor never leads; with `minors` every volunteer is vetted, and two of them at least are adults.

    A session whose team is empty needs no adult.
    """
    for sitting in week.sittings:
        for lead in sitting.leads:
            if lead.minor:
                yield f"{sitting} is led by {lead.id}, a minor", [sitting]
        if sitting.request.minors:
            yield from ((lack, [sitting]) for lack in _unsafe(sitting))


def _unsafe(sitting: PlacedSession) -> Iterator[str]:
    for volunteer in sitting.team:
        if not volunteer.vetted:
            yield f"{sitting} is for minors, and {volunteer.id} is not vetted"
    adults = sum(not one.minor for one in sitting.team)
    if sitting.team and adults < 2:
        yield f"{sitting} is for minors, and {adults} of two adults are there"


def led_by_the_same(week: Week) -> Broken:
    """With `same_leads` all sessions of a request have the same set of leads."""
    for sittings in grouped(week.sittings, lambda sitting: [sitting.at.request]):
        first = sittings[0]
        for session in sittings[1:] if first.request.same_leads else ():
            if set(session.at.leads) != set(first.at.leads):
                yield f"{first} and {session} have different leads", (first, session)


def cohorts_free(week: Week) -> Broken:
    """Two sessions that share a cohort do not overlap."""
    seen: set[tuple[int, int]] = set()
    for sittings in grouped(week.sittings, lambda sitting: sitting.request.cohorts):
        for earlier, later in close_pairs(sittings, 0):
            pair = id(earlier), id(later)
            if pair not in seen:
                shared = ", ".join(sorted(earlier.request.cohorts & later.request.cohorts)[:3])
                yield f"{earlier} and {later} overlap and share the learners {shared}", (earlier, later)
            seen.add(pair)
