"""Decide which facts stand in the way of given places: what has to be set aside for a request to be held there."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.explain.availability import Availability, RelaxedRules, fit_violations
from scheduler.explain.course_rules import CourseRules
from scheduler.instance.instance import Placement


def broken_facts(availability: Availability, placements: list[Placement]) -> RelaxedRules:
    """The facts that these places for the missing sessions break; `left` has none of them set aside."""
    facts: set[str] = set()
    for index, placement in enumerate(placements):
        facts.update(_of_time(availability, placement))
        facts.update(_of_room(availability, placement))
        facts.update(_of_people(availability, placement))
        facts.update(CourseRules(availability, placements[:index]).broken(placement))
    if (
        availability.request.same_leads
        and len({frozenset(placement.leads) for placement in (*availability.own, *placements)}) > 1
    ):
        facts.add("same_leads")
    return frozenset(facts)


def _of_time(availability: Availability, placement: Placement) -> Iterator[str]:
    bit = availability.bit(placement.start)
    if not availability.plan.mask(availability.request.acceptable, availability.minutes) & bit:
        yield "acceptable"
    if not availability.plan.learners_free(availability.request_index) & bit:
        yield "cohort_clash"


def _of_room(availability: Availability, placement: Placement) -> Iterator[str]:
    plan, bit, venue = (
        availability.plan,
        availability.bit(placement.start),
        availability.plan.instance.room_venue[placement.room],
    )
    yield from fit_violations(availability.request, plan.instance.rooms[placement.room])
    if not plan.in_reach(availability.request_index, venue):
        yield "reach"
    if not plan.open(placement.room, availability.minutes) & bit:
        yield "open"
    if not plan.room_free(placement.room, availability.minutes) & bit:
        yield "room_clash"


def _of_people(availability: Availability, placement: Placement) -> Iterator[str]:
    plan, people, bit = (
        availability.plan,
        availability.plan.instance.volunteers,
        availability.bit(placement.start),
    )
    venue, request = plan.instance.room_venue[placement.room], availability.request
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
    unsafe = request.minors and not all(people[person].vetted for person in placement.team)
    if unsafe or not availability.safe(placement.team) or any(people[lead].minor for lead in placement.leads):
        yield "minors"
