"""The rules that given placements of a request break beside a plan: what has to be relaxed to have it there."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.explain.availability import Availability, RelaxedRules, fit_violations
from scheduler.explain.course_rules import CourseRules
from scheduler.instance.instance import Placement


def broken_rules(availability: Availability, placements: list[Placement]) -> RelaxedRules:
    """The rules, out of `RELAXABLE`, that placements of the missing sessions break.

    `availability` is that of the request with no rule relaxed.
    """
    rules: set[str] = set()
    for index, placement in enumerate(placements):
        rules.update(_of_time(availability, placement))
        rules.update(_of_room(availability, placement))
        rules.update(_of_people(availability, placement))
        rules.update(CourseRules(availability, placements[:index]).broken(placement))
    teams = {frozenset(placement.leads) for placement in (*availability.own, *placements)}
    if availability.request.same_leads and len(teams) > 1:
        rules.add("same_leads")
    return frozenset(rules)


def _of_time(availability: Availability, placement: Placement) -> Iterator[str]:
    bit = availability.bit(placement.start)
    if not availability.plan.mask(availability.request.acceptable, availability.minutes) & bit:
        yield "acceptable"
    if not availability.plan.learners_free(availability.request_index) & bit:
        yield "cohort_clash"


def _of_room(availability: Availability, placement: Placement) -> Iterator[str]:
    plan, bit = availability.plan, availability.bit(placement.start)
    yield from fit_violations(availability.request, plan.instance.rooms[placement.room])
    if not plan.in_reach(availability.request_index, plan.instance.room_venue[placement.room]):
        yield "reach"
    if not plan.open(placement.room, availability.minutes) & bit:
        yield "open"
    if not plan.room_free(placement.room, availability.minutes) & bit:
        yield "room_clash"


def _of_people(availability: Availability, placement: Placement) -> Iterator[str]:
    plan, request, bit = availability.plan, availability.request, availability.bit(placement.start)
    people, venue = plan.instance.volunteers, plan.instance.room_venue[placement.room]
    if not set(placement.leads) <= set(plan.experts.get(request.topic, ())):
        yield "skill"
    if any("assistant" not in people[assistant].roles for assistant in placement.assistants):
        yield "skill"
    for person in placement.team:
        if not plan.available(person, availability.minutes) & bit:
            yield "available"
        if venue not in plan.instance.comes_to[person]:
            yield "home"
        if not plan.idle(person, venue, availability.minutes) & bit:
            yield "volunteer_clash"
    unsafe = not all(request.trusts(people[person]) for person in placement.team)
    if unsafe or not availability.safe(placement.team) or any(people[lead].minor for lead in placement.leads):
        yield "minors"
