"""Decide what times, rooms and people a plan leaves to one request, some of the rules being set aside."""

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
FACTS = (*OF_TIMES, *OF_ROOMS, *OF_PEOPLE)
# The facts that matter to what a `Left` works out.
_TIMES = frozenset(OF_TIMES)
_ROOMS = _TIMES.union(OF_ROOMS)
_OF_BASE = _TIMES | {"available", "load"}
_OF_PERSON = _OF_BASE | {"home", "volunteer_clash"}
_OF_POOL = _OF_BASE | {"skill", "minors"}
Found = TypeVar("Found")


def room_lacks(wanted: Request, room: Room) -> Iterator[str]:
    """Which parts of the rule `fit` the room does not keep."""
    if room.capacity < wanted.learners:
        yield "capacity"
    if not wanted.equipment <= room.equipment:
        yield "equipment"
    if wanted.accessible and not room.accessible:
        yield "access"
    if room.functions is not None and wanted.function not in room.functions:
        yield "welcome"


class Known:
    """What has been worked out for one request on a board that does not change, to be looked up with other facts aside.

    Each part is kept under those of the facts aside that matter to it. `rooms` are grouped by what each of them lacks
    of `fit`, `reach` and `venue_cap`, as pairs of venue and room.
    """

    def __init__(self, board: EditablePlan, request: int) -> None:
        self.starts: dict[RelaxedRules, int] = {}
        self.open_rooms: dict[RelaxedRules, dict[int, list[tuple[int, int]]]] = {}
        self.base: dict[RelaxedRules, dict[int, int]] = defaultdict(dict)
        self.there: dict[RelaxedRules, dict[tuple[int, int], int]] = defaultdict(dict)
        self.leads: dict[RelaxedRules, list[int]] = {}
        self.helpers: dict[RelaxedRules, list[int]] = {}
        self.rooms = _grouped(board, request)


def _grouped(board: EditablePlan, request: int) -> dict[RelaxedRules, list[tuple[int, int]]]:
    instance, wanted = board.instance, board.instance.requests[request]
    groups: dict[RelaxedRules, list[tuple[int, int]]] = defaultdict(list)
    of_venue: dict[int, list[str]] = {}
    for room, venue in enumerate(instance.room_venue):
        if venue not in of_venue:
            near = board.in_reach(request, venue)
            lends = board.timetable.venue_has(venue, wanted.duration_min)
            of_venue[venue] = [*([] if near else ["reach"]), *([] if lends else ["venue_cap"])]
        lacks = frozenset((*room_lacks(wanted, instance.rooms[room]), *of_venue[venue]))
        groups[lacks].append((venue, room))
    return groups


class Left:
    """What is left to the missing sessions of one request, the facts `aside` being ignored.

    `known` is shared by those that look at the same request on the same board.

    Attributes
    ----------
    starts : int
        Mask of the starts that are left once time, and the learners' own sessions, are looked at.
    rooms : dict
        For each venue its rooms with the mask of their starts, where there is one.
    need : int
        Sessions to place: all that are missing, or 1 where the request takes what it can get.
    """

    def __init__(
        self, board: EditablePlan, request: int, aside: RelaxedRules = NOTHING, known: Known | None = None
    ) -> None:
        self.board, self.request, self.aside = board, request, aside
        self.known = known or Known(board, request)
        self.wanted = board.instance.requests[request]
        self.minutes = self.wanted.duration_min
        self.own = list(board.timetable.placed.get(request, ()))
        self.need = min(1, board.missing(request)) if self.wanted.partial else board.missing(request)
        self._base = self.known.base[aside & _OF_BASE]
        self._there = self.known.there[aside & _OF_PERSON]
        self._leads_at: dict[int, list[tuple[int, int]]] = {}
        self._helpers_at: dict[int, list[tuple[int, int]]] = {}
        self._leads_count: dict[int, list[int]] = {}
        self._helpers_count: dict[int, tuple[list[int], list[int]]] = {}
        self.starts = look_up(self.known.starts, aside & _TIMES, self._starts)
        self.rooms: dict[int, list[tuple[int, int]]] = {}
        if self.starts and self.need:
            self.rooms = look_up(self.known.open_rooms, aside & _ROOMS, self._rooms)
        self.at_venue = {venue: either(mask for _, mask in rooms) for venue, rooms in self.rooms.items()}

    # ---- What each side leaves

    def _starts(self) -> int:
        found = self.board.grid.allowed(self.wanted)
        if "acceptable" not in self.aside:
            found &= self.board.mask(self.wanted.acceptable, self.minutes)
        if "cohort_clash" not in self.aside:
            found &= self.board.learners_free(self.request)
        if "per_day" not in self.aside:
            for day in range(7):
                if self.room_on_day(day, ()) <= 0:
                    found &= ~self.board.day(day)
        return found

    def room_on_day(self, day: int, chosen: Iterable[Placement]) -> int:
        placed = sum(placement.start // DAY_MIN == day for placement in (*self.own, *chosen))
        return self.wanted.max_sessions_per_day - placed

    def _rooms(self) -> dict[int, list[tuple[int, int]]]:
        found: dict[int, list[tuple[int, int]]] = {}
        for lacks, rooms in self.known.rooms.items():
            for venue, room in rooms if lacks <= self.aside else ():
                mask = self._room_mask(room)
                if mask:
                    found.setdefault(venue, []).append((room, mask))
        return {venue: sorted(found[venue]) for venue in sorted(found)}

    def _room_mask(self, room: int) -> int:
        mask = self.starts
        if "open" not in self.aside:
            mask &= self.board.open(room, self.minutes)
        if mask and "room_clash" not in self.aside:
            mask &= self.board.room_free(room, self.minutes)
        return mask

    def person(self, one: int, venue: int) -> int:
        """The starts at which a volunteer could be at the venue, whatever they would do there."""
        known = self._there.get((one, venue))
        if known is None:
            known = self._there[one, venue] = self._person(one, venue)
        return known

    def _person(self, one: int, venue: int) -> int:
        if "home" not in self.aside and venue not in self.board.instance.comes_to[one]:
            return 0
        mask = self.base(one)
        if mask and "volunteer_clash" not in self.aside:
            mask &= self.board.idle(one, venue, self.minutes)
        return mask

    def base(self, one: int) -> int:
        """The starts at which a volunteer has hours left, wherever they would have to go."""
        known = self._base.get(one)
        if known is None:
            known = self.starts
            if "available" not in self.aside:
                known &= self.board.available(one, self.minutes)
            if known and "load" not in self.aside:
                known &= self.board.load_left(one, self.minutes)
            self._base[one] = known
        return known

    def bit(self, start: int) -> int:
        day, minute = divmod(start, DAY_MIN)
        return 1 << (day * self.board.grid.per_day + minute // self.board.grid.grid_min)

    @cached_property
    def leads(self) -> list[int]:
        """Who may lead it at some time and place."""
        return look_up(self.known.leads, self.aside & _OF_POOL, self._leads)

    def _leads(self) -> list[int]:
        board, people = self.board, self.board.instance.volunteers
        pool = range(len(people)) if "skill" in self.aside else board.experts.get(self.wanted.topic, ())
        free = [one for one in pool if self.base(one)]
        if "minors" in self.aside:
            return free
        return [one for one in free if not people[one].minor and self.wanted.trusts(people[one])]

    @cached_property
    def helpers(self) -> list[int]:
        return look_up(self.known.helpers, self.aside & _OF_POOL, self._helpers)

    def _helpers(self) -> list[int]:
        return [
            index
            for index, volunteer in enumerate(self.board.instance.volunteers)
            if ("skill" in self.aside or "assistant" in volunteer.roles)
            and ("minors" in self.aside or self.wanted.trusts(volunteer))
            and self.base(index)
        ]

    def leads_at(self, venue: int) -> list[tuple[int, int]]:
        """Who may lead it there, each with their starts."""
        if venue not in self._leads_at:
            self._leads_at[venue] = self._those_at(venue, self.leads)
        return self._leads_at[venue]

    def helpers_at(self, venue: int) -> list[tuple[int, int]]:
        """Who may assist there, each with their starts."""
        if venue not in self._helpers_at:
            self._helpers_at[venue] = self._those_at(venue, self.helpers)
        return self._helpers_at[venue]

    def leads_count(self, venue: int) -> list[int]:
        """Masks of the starts at which there are at least 1, 2, … of them, up to the number of leads wanted."""
        if venue not in self._leads_count:
            starts = self._starts_at(venue, self.leads)
            self._leads_count[venue] = at_least(starts, self.wanted.leads, self.at_venue[venue])
        return self._leads_count[venue]

    def helpers_count(self, venue: int) -> tuple[list[int], list[int]]:
        """The same for assistants, up to the size of the team: of anybody, and of adults."""
        if venue not in self._helpers_count:
            people, team = self.board.instance.volunteers, self.wanted.leads + self.wanted.assistants
            adults = (helper for helper in self.helpers if not people[helper].minor)
            self._helpers_count[venue] = (
                at_least(self._starts_at(venue, self.helpers), team, self.at_venue[venue]),
                at_least(self._starts_at(venue, adults), team, self.at_venue[venue]),
            )
        return self._helpers_count[venue]

    def _starts_at(self, venue: int, people: Iterable[int]) -> Iterator[int]:
        mask, come = self.at_venue[venue], self.board.instance.comes_to
        everywhere = "home" in self.aside
        return (mask & self.person(one, venue) for one in people if everywhere or venue in come[one])

    def _those_at(self, venue: int, people: list[int]) -> list[tuple[int, int]]:
        mask = self.at_venue[venue]
        if "home" not in self.aside:
            people = [one for one in people if venue in self.board.instance.comes_to[one]]
        found = ((one, mask & self.person(one, venue)) for one in people)
        return [(one, starts) for one, starts in found if starts]

    def safe(self, team: tuple[int, ...]) -> bool:
        """Two adults with minors, where anybody is there at all."""
        if "minors" in self.aside or not team:
            return True
        grown = sum(not self.board.instance.volunteers[one].minor for one in team)
        return grown >= self.wanted.adults_needed

    def load_allows(self, one: int, sessions: int) -> bool:
        """Whether so many sessions more stay within a volunteer's week."""
        return "load" in self.aside or self.board.load_left_week(one, self.minutes * sessions)


def look_up(known: dict[RelaxedRules, Found], key: RelaxedRules, find: Callable[[], Found]) -> Found:
    """What was found before, or what is found now."""
    if key not in known:
        known[key] = find()
    return known[key]


def either(masks: Iterable[int]) -> int:
    """The starts of any of the masks."""
    found = 0
    for mask in masks:
        found |= mask
    return found


def at_least(masks: Iterable[int], most: int, whole: int) -> list[int]:
    """The starts of at least 1, 2, … `most` of the masks, all of which lie in `whole`."""
    found = [0] * most
    for mask in masks:
        if not most or found[-1] == whole:
            break
        for count in range(most - 1, 0, -1):
            found[count] |= found[count - 1] & mask
        found[0] |= mask
    return found
