"""Availability of starts, rooms and people for one request beside a plan, under relaxed rules.

A *mask* is a bit set over the starts of the week's grid; see `scheduler.instance.candidates.Grid`. A *relaxed rule* is
one that is not looked at. Rules are named as in the problem format, `fit` split into capacity, equipment, access and
welcome.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TypeVar

from domain.windows import DAY_MIN
from scheduler.documents.records import Request, Room
from scheduler.explain.editable_plan import EditablePlan
from scheduler.instance.instance import Placement

RelaxedRules = frozenset[str]
NOTHING: RelaxedRules = frozenset()
OF_ROOMS = ("capacity", "equipment", "access", "welcome", "reach", "open", "room_clash", "venue_cap")
OF_TIMES = ("acceptable", "cohort_clash", "per_day")
OF_PEOPLE = ("skill", "available", "home", "volunteer_clash", "load", "minors", "same_leads")
RELAXABLE = (*OF_TIMES, *OF_ROOMS, *OF_PEOPLE)
# The relaxed rules on which each part of an `Availability` depends.
_TIMES = frozenset(OF_TIMES)
_ROOMS = _TIMES.union(OF_ROOMS)
_OF_BASE = _TIMES | {"available", "load"}
_OF_PERSON = _OF_BASE | {"home", "volunteer_clash"}
_OF_POOL = _OF_BASE | {"skill", "minors"}
Value = TypeVar("Value")


def fit_violations(request: Request, room: Room) -> Iterator[str]:
    """The parts of the rule `fit` that a request would break in a room: capacity, equipment, access, welcome."""
    if room.capacity < request.learners:
        yield "capacity"
    if not request.equipment <= room.equipment:
        yield "equipment"
    if request.accessible and not room.accessible:
        yield "access"
    if room.functions is not None and request.function not in room.functions:
        yield "welcome"


class AvailabilityCache:
    """Parts of an `Availability` of one request, shared between sets of relaxed rules while the plan stands still.

    Each part is looked up by those relaxed rules on which it depends. `rooms` groups the pairs (venue, room) by the
    rules out of `fit`, `reach` and `venue_cap` that the request breaks there.
    """

    def __init__(self, plan: EditablePlan, request: int) -> None:
        self.starts: dict[RelaxedRules, int] = {}
        self.open_rooms: dict[RelaxedRules, dict[int, list[tuple[int, int]]]] = {}
        self.base: dict[RelaxedRules, dict[int, int]] = defaultdict(dict)
        self.by_venue: dict[RelaxedRules, dict[tuple[int, int], int]] = defaultdict(dict)
        self.leads: dict[RelaxedRules, list[int]] = {}
        self.assistants: dict[RelaxedRules, list[int]] = {}
        self.rooms = _grouped(plan, request)


def _grouped(plan: EditablePlan, request_index: int) -> dict[RelaxedRules, list[tuple[int, int]]]:
    instance, request = plan.instance, plan.instance.requests[request_index]
    groups: dict[RelaxedRules, list[tuple[int, int]]] = defaultdict(list)
    violations_of_venue: dict[int, list[str]] = {}
    for room, venue in enumerate(instance.room_venue):
        if venue not in violations_of_venue:
            in_reach = plan.in_reach(request_index, venue)
            has_minutes = plan.timetable.venue_has(venue, request.duration_min)
            violations = {"reach": not in_reach, "venue_cap": not has_minutes}
            violations_of_venue[venue] = [rule for rule, is_broken in violations.items() if is_broken]
        rules = frozenset((*fit_violations(request, instance.rooms[room]), *violations_of_venue[venue]))
        groups[rules].append((venue, room))
    return groups


class Availability:
    """What a plan leaves to the missing sessions of one request under relaxed rules.

    Parameters
    ----------
    relaxed : frozenset of str
        Rules that are not looked at, out of `RELAXABLE`.
    cache : AvailabilityCache, optional
        Shared by those that look at the same request in the same plan.

    Attributes
    ----------
    minutes : int
        Length of a session.
    own : list of Placement
        Sessions of the request that the plan has.
    starts : int
        Mask of the starts that the rules about times leave, without rooms and people.
    rooms : dict
        For each venue pairs (room, mask of its starts); rooms and venues without any start are left out.
    at_venue : dict
        For each venue the mask of the starts of any of its rooms.
    need : int
        Sessions to place: all that are missing, or at most 1 where the request is `partial`.
    """

    def __init__(
        self,
        plan: EditablePlan,
        request_index: int,
        relaxed: RelaxedRules = NOTHING,
        cache: AvailabilityCache | None = None,
    ) -> None:
        self.plan, self.request_index, self.relaxed = plan, request_index, relaxed
        self.cache = cache or AvailabilityCache(plan, request_index)
        self.request = plan.instance.requests[request_index]
        self.minutes = self.request.duration_min
        self.own = list(plan.timetable.placed.get(request_index, ()))
        self.need = min(plan.missing(request_index), 1 if self.request.partial else self.request.sessions)
        self._base = self.cache.base[relaxed & _OF_BASE]
        self._by_venue = self.cache.by_venue[relaxed & _OF_PERSON]
        self._leads_at: dict[int, list[tuple[int, int]]] = {}
        self._assistants_at: dict[int, list[tuple[int, int]]] = {}
        self._leads_count: dict[int, list[int]] = {}
        self._assistants_count: dict[int, tuple[list[int], list[int]]] = {}
        self.starts = cached(self.cache.starts, relaxed & _TIMES, self._starts)
        self.rooms: dict[int, list[tuple[int, int]]] = {}
        if self.starts and self.need:
            self.rooms = cached(self.cache.open_rooms, relaxed & _ROOMS, self._rooms)
        self.at_venue = {venue: union(mask for _, mask in rooms) for venue, rooms in self.rooms.items()}

    # ---- Times and rooms

    def _starts(self) -> int:
        mask = self.plan.grid.allowed(self.request)
        if "acceptable" not in self.relaxed:
            mask &= self.plan.mask(self.request.acceptable, self.minutes)
        if "cohort_clash" not in self.relaxed:
            mask &= self.plan.learners_free(self.request_index)
        if "per_day" not in self.relaxed:
            for day in range(7):
                if self.room_on_day(day, ()) <= 0:
                    mask &= ~self.plan.day(day)
        return mask

    def room_on_day(self, day: int, chosen: Iterable[Placement]) -> int:
        """How many sessions more may be on a day (0 = Monday) beside those planned and `chosen`."""
        placed = sum(placement.start // DAY_MIN == day for placement in (*self.own, *chosen))
        return self.request.max_sessions_per_day - placed

    def _rooms(self) -> dict[int, list[tuple[int, int]]]:
        rooms: dict[int, list[tuple[int, int]]] = {}
        for violations, pairs in self.cache.rooms.items():
            for venue, room in pairs if violations <= self.relaxed else ():
                mask = self._room_mask(room)
                if mask:
                    rooms.setdefault(venue, []).append((room, mask))
        return {venue: sorted(rooms[venue]) for venue in sorted(rooms)}

    def _room_mask(self, room: int) -> int:
        mask = self.starts
        if "open" not in self.relaxed:
            mask &= self.plan.open(room, self.minutes)
        if mask and "room_clash" not in self.relaxed:
            mask &= self.plan.room_free(room, self.minutes)
        return mask

    def person_starts(self, person: int, venue: int) -> int:
        """Mask of the starts at which a volunteer could be at the venue, in any role."""
        mask = self._by_venue.get((person, venue))
        if mask is None:
            mask = self._by_venue[person, venue] = self._person(person, venue)
        return mask

    def _person(self, person: int, venue: int) -> int:
        if "home" not in self.relaxed and venue not in self.plan.instance.comes_to[person]:
            return 0
        mask = self.base(person)
        if mask and "volunteer_clash" not in self.relaxed:
            mask &= self.plan.idle(person, venue, self.minutes)
        return mask

    def base(self, person: int) -> int:
        """Mask of the starts at which a volunteer has hours left, at any venue."""
        mask = self._base.get(person)
        if mask is None:
            mask = self.starts
            if "available" not in self.relaxed:
                mask &= self.plan.available(person, self.minutes)
            if mask and "load" not in self.relaxed:
                mask &= self.plan.load_left(person, self.minutes)
            self._base[person] = mask
        return mask

    def bit(self, start: int) -> int:
        """The mask of one start, given in minutes since Monday 00:00."""
        day, minute = divmod(start, DAY_MIN)
        return 1 << (day * self.plan.grid.per_day + minute // self.plan.grid.grid_min)

    @cached_property
    def leads(self) -> list[int]:
        """Who may lead a session at any time and venue."""
        return cached(self.cache.leads, self.relaxed & _OF_POOL, self._leads)

    def _leads(self) -> list[int]:
        plan, people = self.plan, self.plan.instance.volunteers
        pool = range(len(people)) if "skill" in self.relaxed else plan.experts.get(self.request.topic, ())
        free = [person for person in pool if self.base(person)]
        if "minors" in self.relaxed:
            return free
        return [person for person in free if not people[person].minor and self.request.trusts(people[person])]

    @cached_property
    def assistants(self) -> list[int]:
        """Who may assist in a session at any time and venue."""
        return cached(self.cache.assistants, self.relaxed & _OF_POOL, self._assistants)

    def _assistants(self) -> list[int]:
        return [
            index
            for index, volunteer in enumerate(self.plan.instance.volunteers)
            if ("skill" in self.relaxed or "assistant" in volunteer.roles)
            and ("minors" in self.relaxed or self.request.trusts(volunteer))
            and self.base(index)
        ]

    def leads_at(self, venue: int) -> list[tuple[int, int]]:
        """Pairs (volunteer, mask of their starts) of those who may lead a session at the venue."""
        if venue not in self._leads_at:
            self._leads_at[venue] = list(self._starts_at(venue, self.leads))
        return self._leads_at[venue]

    def assistants_at(self, venue: int) -> list[tuple[int, int]]:
        """Pairs (volunteer, mask of their starts) of those who may assist in a session at the venue."""
        if venue not in self._assistants_at:
            self._assistants_at[venue] = list(self._starts_at(venue, self.assistants))
        return self._assistants_at[venue]

    def leads_count(self, venue: int) -> list[int]:
        """Masks of the starts with at least 1, 2, … who may lead at the venue, up to the leads of a session."""
        if venue not in self._leads_count:
            self._leads_count[venue] = self._counts(venue, self.leads, self.request.leads)
        return self._leads_count[venue]

    def assistants_count(self, venue: int) -> tuple[list[int], list[int]]:
        """Masks of the starts with at least 1, 2, … who may assist at the venue, up to the size of a session's team.

        The first list counts anybody, the second adults only.
        """
        if venue not in self._assistants_count:
            people, team = self.plan.instance.volunteers, self.request.leads + self.request.assistants
            adults = (assistant for assistant in self.assistants if not people[assistant].minor)
            counts = self._counts(venue, self.assistants, team), self._counts(venue, adults, team)
            self._assistants_count[venue] = counts
        return self._assistants_count[venue]

    def _starts_at(self, venue: int, people: Iterable[int]) -> Iterator[tuple[int, int]]:
        mask, comes_to = self.at_venue[venue], self.plan.instance.comes_to
        anywhere = "home" in self.relaxed
        for person in people:
            starts = mask & self.person_starts(person, venue) if anywhere or venue in comes_to[person] else 0
            if starts:
                yield person, starts

    def _counts(self, venue: int, people: Iterable[int], limit: int) -> list[int]:
        return at_least((starts for _, starts in self._starts_at(venue, people)), limit, self.at_venue[venue])

    def safe(self, team: tuple[int, ...]) -> bool:
        """Whether a team has the two adults that minors need; true of an empty team."""
        if "minors" in self.relaxed or not team:
            return True
        return sum(not self.plan.instance.volunteers[person].minor for person in team) >= (
            self.request.adults_needed
        )

    def load_allows(self, person: int, sessions: int) -> bool:
        """Whether so many sessions more stay within a volunteer's weekly limit."""
        return "load" in self.relaxed or self.plan.load_left_week(person, self.minutes * sessions)


def cached(cache: dict[RelaxedRules, Value], key: RelaxedRules, compute: Callable[[], Value]) -> Value:
    """The value under `key`, computed once."""
    if key not in cache:
        cache[key] = compute()
    return cache[key]


def union(masks: Iterable[int]) -> int:
    """The starts in any of the masks."""
    starts = 0
    for mask in masks:
        starts |= mask
    return starts


def at_least(masks: Iterable[int], limit: int, whole: int) -> list[int]:
    """Masks of the starts in at least 1, 2, … `limit` of the masks, all of which lie in `whole`."""
    counted = [0] * limit
    for mask in masks:
        if not limit or counted[-1] == whole:
            break
        for count in range(limit - 1, 0, -1):
            counted[count] |= counted[count - 1] & mask
        counted[0] |= mask
    return counted
