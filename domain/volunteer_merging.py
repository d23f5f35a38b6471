"""Merging duplicate records of one volunteer: the record that remains gains what the duplicate offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from domain.calendar import bounded_day
from domain.events import EventMetadata, Refused, following, reason
from domain.messages import message
from domain.recurrence import WEEKLY
from domain.volunteer import (
    LEVELS,
    ROLES,
    OfferException,
    Profile,
    Skill,
    Volunteer,
    VolunteerEvent,
    VolunteerMerged,
    change_profile,
    evolve,
    except_offer,
    offer_hours,
    pause_offer,
    record_check,
    refuse_merged,
)
from domain.windows import Windows, union


class BadMerger(Refused):
    """Two records that cannot be those of the same person as they stand."""


def merge_volunteer(
    duplicate: Volunteer, metadata: EventMetadata, *, into: Volunteer, on: date, why: str
) -> tuple[VolunteerEvent, ...]:
    """Make one record of two of the same person; events of both streams, those of `into` first.

    `into` keeps its kind, home area, limits and consent, and gains the skills (at the higher level), roles, languages,
    hours, exceptions and pauses of the duplicate, and its background check where that holds longer.

    Raises BadMerger where one of the two is a minor and the other is not, where `into` has left and the duplicate has
    not, or where both are one record.
    """
    bounded_day(on)
    if duplicate.merged_into == into.id:
        return ()
    refuse_merged(duplicate)
    if duplicate.id == into.id:
        raise BadMerger(
            message("volunteer {into} cannot be merged into itself; name the other record", into=into.key)
        )
    refuse_merged(into)
    if into.left is not None and duplicate.left is None:
        raise BadMerger(
            message(
                "volunteer {into} left on {left} and {duplicate} did not; merge {into} into {duplicate}, or "
                "correct the day on which {into} leaves",
                into=into.key,
                left=into.left,
                duplicate=duplicate.key,
            )
        )
    if duplicate.profile.minor != into.profile.minor:
        minor, adult = (duplicate, into) if duplicate.profile.minor else (into, duplicate)
        raise BadMerger(
            message(
                "volunteer {minor} is a minor and {adult} is not; correct the profile that is wrong, then "
                "merge",
                minor=minor.key,
                adult=adult.key,
            )
        )
    merged = VolunteerMerged(
        **following(duplicate, metadata), into=into.id, on=on, why=reason(why, message("merging two records"))
    )
    return (*_gains(into, duplicate, metadata, why), merged)


def _gains(
    into: Volunteer, duplicate: Volunteer, metadata: EventMetadata, why: str
) -> tuple[VolunteerEvent, ...]:
    """What the remaining record takes over, each decided on the state after the one before."""
    own = {exception.day: exception.windows for exception in into.exceptions}
    exceptions = [
        OfferException(exception.day, union(own.get(exception.day, ()), exception.windows))
        for exception in duplicate.exceptions
    ]
    decisions: list[Callable[[Volunteer], tuple[VolunteerEvent, ...]]] = [
        partial(change_profile, metadata=metadata, profile=_joined(into.profile, duplicate.profile)),
        partial(offer_hours, metadata=metadata, **_offers_of_both(into, duplicate)),
        *(partial(except_offer, metadata=metadata, exception=exception) for exception in exceptions),
        *(partial(pause_offer, metadata=metadata, pause=pause, why=why) for pause in duplicate.pauses),
    ]
    check = duplicate.check
    if check is not None and (into.check is None or into.check.expires < check.expires):
        decisions.append(partial(record_check, metadata=metadata, check=check))
    events: list[VolunteerEvent] = []
    for decision in decisions:
        for event in decision(into):
            into = evolve(into, event)
            events.append(event)
    return tuple(events)


def _offers_of_both(into: Volunteer, duplicate: Volunteer) -> dict[str, Any]:
    """The hours of either, as `offer_hours` takes them; those of every week hold in the weeks of the other, too."""
    if not (duplicate.offer or duplicate.otherwise):
        return {"windows": into.offer, "rhythm": into.rhythm, "otherwise": into.otherwise}
    rhythm = duplicate.rhythm if into.rhythm == WEEKLY else into.rhythm
    if duplicate.rhythm not in (WEEKLY, rhythm):
        raise BadMerger(
            message(
                "the hours of {into} and those of {duplicate} hold in different weeks; offer the hours of "
                "{into} as they shall be and none of {duplicate}, then merge",
                into=into.key,
                duplicate=duplicate.key,
            )
        )
    hours, other_weeks = zip(*(_in_and_out(volunteer) for volunteer in (into, duplicate)), strict=True)
    others = () if rhythm == WEEKLY else union(*other_weeks)
    return {"windows": union(*hours), "rhythm": rhythm, "otherwise": others}


def _in_and_out(volunteer: Volunteer) -> tuple[Windows, Windows]:
    """The hours of the weeks of the rhythm, and those of the other weeks."""
    return volunteer.offer, volunteer.offer if volunteer.rhythm == WEEKLY else volunteer.otherwise


def _joined(own: Profile, gained: Profile) -> Profile:
    levels = {skill.topic: skill.level for skill in own.skills}
    for skill in gained.skills:
        levels[skill.topic] = max(levels.get(skill.topic, LEVELS[0]), skill.level, key=LEVELS.index)
    return replace(
        own,
        skills=tuple(Skill(topic, level) for topic, level in levels.items()),
        roles=tuple(role for role in ROLES if role in {*own.roles, *gained.roles}),
        languages=tuple(dict.fromkeys([*own.languages, *gained.languages])),
    )
