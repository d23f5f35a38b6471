"""Decide which facts stand in the way of given places: what has to be set aside for a request to be held there."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.explain.availability import Left, RelaxedRules, room_lacks
from scheduler.explain.course_rules import Together
from scheduler.instance.instance import Placement


def broken_facts(left: Left, places: list[Placement]) -> RelaxedRules:
    """The facts that these places for the missing sessions break; `left` has none of them set aside."""
    found: set[str] = set()
    for number, placement in enumerate(places):
        found.update(_of_time(left, placement))
        found.update(_of_room(left, placement))
        found.update(_of_people(left, placement))
        found.update(Together(left, places[:number]).broken(placement))
    if left.wanted.same_leads and len({frozenset(at.leads) for at in (*left.own, *places)}) > 1:
        found.add("same_leads")
    return frozenset(found)


def _of_time(left: Left, at: Placement) -> Iterator[str]:
    bit = left.bit(at.start)
    if not left.board.mask(left.wanted.acceptable, left.minutes) & bit:
        yield "acceptable"
    if not left.board.learners_free(left.request) & bit:
        yield "cohort_clash"


def _of_room(left: Left, at: Placement) -> Iterator[str]:
    board, bit, venue = left.board, left.bit(at.start), left.board.instance.room_venue[at.room]
    yield from room_lacks(left.wanted, board.instance.rooms[at.room])
    if not board.in_reach(left.request, venue):
        yield "reach"
    if not board.open(at.room, left.minutes) & bit:
        yield "open"
    if not board.room_free(at.room, left.minutes) & bit:
        yield "room_clash"


def _of_people(left: Left, at: Placement) -> Iterator[str]:
    board, people, bit = left.board, left.board.instance.volunteers, left.bit(at.start)
    venue, request = board.instance.room_venue[at.room], left.wanted
    if not set(at.leads) <= set(board.experts.get(request.topic, ())):
        yield "skill"
    if any("assistant" not in people[assistant].roles for assistant in at.assistants):
        yield "skill"
    for one in at.team:
        if not board.available(one, left.minutes) & bit:
            yield "available"
        if venue not in board.instance.comes_to[one]:
            yield "home"
        if not board.idle(one, venue, left.minutes) & bit:
            yield "volunteer_clash"
    unsafe = not all(request.trusts(people[one]) for one in at.team)
    if unsafe or not left.safe(at.team) or any(people[lead].minor for lead in at.leads):
        yield "minors"
