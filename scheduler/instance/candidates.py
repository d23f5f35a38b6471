"""Candidates: the rooms and people that each request could have at every start, read off whole tables of flags.

A table has one row for each room or person and one column for each start of the week's grid.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, MutableSequence, Sequence
from dataclasses import dataclass, field
from math import ceil, inf
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.starts import Starts
from domain.windows import DAY_MIN, Window, Windows
from scheduler.documents.records import Problem, Request, Room, Volunteer
from scheduler.instance.geography import Flags, Points, around

Indices = NDArray[np.intp]
T = TypeVar("T")
_NOBODY = np.zeros(0, dtype=np.intp)


@dataclass(slots=True)
class Candidates:
    """What one request could have; each list is sorted, and empty where a rule leaves nothing.

    `rooms` maps a start to the rooms that are open and fit; `leads` and `assistants` map a start to the people who
    could come to at least one of these rooms.
    """

    rooms: dict[int, list[int]] = field(default_factory=dict)
    leads: dict[int, list[int]] = field(default_factory=dict)
    assistants: dict[int, list[int]] = field(default_factory=dict)

    @property
    def starts(self) -> list[int]:
        """Starts that have a room, in minutes since Monday 00:00, ascending."""
        return list(self.rooms)


class Grid:
    """Bit masks over the starts of a week, bit n standing for the n-th start since Monday 00:00.

    `usual` says which of them a request may use that says nothing of its own; no session touches the minutes
    of `uneven`, at which the clocks change.
    """

    def __init__(self, grid_min: int, usual: Starts | None = None, uneven: Windows = ()) -> None:
        self.grid_min, self.usual, self.uneven = grid_min, usual or Starts(grid_min), uneven
        self.per_day = ceil(DAY_MIN / grid_min)
        self.size = 7 * self.per_day
        self._masks: dict[tuple[Windows, int], int] = {}
        self._allowed: dict[tuple[Starts, int], int] = {}

    def acceptable(self, request: Request) -> int:
        """The starts from which a session of the request lies wholly in one of its windows."""
        return self.mask(request.acceptable, request.duration_min) & self.allowed(request)

    def allowed(self, request: Request) -> int:
        """The starts that a session of the request may have, whenever it is asked for; it ends by midnight."""
        key = request.starts or self.usual, request.duration_min
        if key not in self._allowed:
            self._allowed[key] = self._fresh_allowed(*key)
        return self._allowed[key]

    def _fresh_allowed(self, starts: Starts, duration_min: int) -> int:
        mask = 0
        for day in range(7):
            base = day * DAY_MIN
            for slot in range(self.per_day):
                minute = slot * self.grid_min
                session = Window(base + minute, base + minute + duration_min)
                comes = not any(session.overlaps(gap) for gap in self.uneven)
                if comes and minute + duration_min <= DAY_MIN and starts.allows(minute):
                    mask |= 1 << (day * self.per_day + slot)
        return mask

    def mask(self, windows: Windows, duration_min: int) -> int:
        """The starts from which a session of that length lies wholly in one window."""
        key = windows, duration_min
        if key not in self._masks:
            self._masks[key] = self._fresh_mask(windows, duration_min)
        return self._masks[key]

    def _fresh_mask(self, windows: Windows, duration_min: int) -> int:
        mask = 0
        for window in windows:
            day, start = divmod(window.start_min, DAY_MIN)
            first = ceil(start / self.grid_min)
            last = (start + window.minutes - duration_min) // self.grid_min
            last = min(last, self.per_day - 1)
            if last >= first:
                mask |= ((1 << (last - first + 1)) - 1) << (day * self.per_day + first)
        return mask

    def flags(self, windows: Windows, duration_min: int) -> Flags:
        """At which starts a session of so many minutes lies wholly in one window, shape `(n_starts,)`."""
        return self.as_flags(self._fresh_mask(windows, duration_min))

    def as_flags(self, mask: int) -> Flags:
        """A mask as flags, shape `(n_starts,)`."""
        packed = mask.to_bytes(-(-self.size // 8), "little")
        bits = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), bitorder="little")
        return bits[: self.size].astype(np.bool_)

    def table(self, offers: Sequence[Windows], duration_min: int) -> Flags:
        """The `flags` of each offer of windows, shape `(n_offers, n_starts)`; the length in minutes."""
        flags_of: dict[Windows, Flags] = {}
        is_candidate = np.zeros((len(offers), self.size), dtype=np.bool_)
        for row, windows in enumerate(offers):
            if windows not in flags_of:
                flags_of[windows] = self.flags(windows, duration_min)
            is_candidate[row] = flags_of[windows]
        return is_candidate

    def start_of(self, slot: int) -> int:
        """The minute since Monday 00:00 of a bit's number, from 0 to `size` - 1."""
        day, in_day = divmod(slot, self.per_day)
        return day * DAY_MIN + in_day * self.grid_min

    def starts(self, mask: int) -> Iterator[int]:
        """The minutes since Monday 00:00 of the bits that are set, ascending."""
        while mask:
            low = mask & -mask
            yield self.start_of(low.bit_length() - 1)
            mask ^= low


class LazyList(MutableSequence[T]):
    """A list whose items are worked out when they are first asked for."""

    def __init__(self, size: int, make: Callable[[int], T]) -> None:
        self._make = make
        self._known: list[T | None] = [None] * size

    def __len__(self) -> int:
        return len(self._known)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        item = self._known[index]
        if item is None:
            item = self._known[index] = self._make(index % len(self))
        return item

    def __setitem__(self, index: Any, item: Any) -> None:
        self._known[index] = item

    def __delitem__(self, index: Any) -> None:
        raise TypeError("items keep their places")

    def insert(self, index: int, item: T) -> None:
        """Add an item after all others, the only place where the others keep their numbers."""
        if index != len(self):
            raise TypeError("items keep their places")
        self._known.append(item)


class CandidateTables:
    """The problem's rooms and people as tables, from which the candidates of a request are read off."""

    def __init__(self, problem: Problem, grid: Grid) -> None:
        self.grid, self.volunteers = grid, problem.volunteers
        self.rooms: list[Room] = [room for venue in problem.venues for room in venue.rooms]
        counts = [len(venue.rooms) for venue in problem.venues]
        self._venue: Indices = np.repeat(np.arange(len(counts)), counts)
        self._venues = Points(venue.location for venue in problem.venues)
        self._all_venues: Indices = np.arange(len(counts))
        self._homes = Points(volunteer.location for volunteer in problem.volunteers)
        self._widest = max(
            (
                inf if volunteer.max_travel_km is None else volunteer.max_travel_km
                for volunteer in self.volunteers
            ),
            default=0,
        )
        self._capacity = np.array([room.capacity for room in self.rooms], dtype=np.int64)
        self._accessible = np.array([room.accessible for room in self.rooms], dtype=np.bool_)
        self._with = _holders((room.equipment for room in self.rooms), len(self.rooms))
        self._open_to_all = np.array([room.functions is None for room in self.rooms], dtype=np.bool_)
        self._welcomes = _holders((room.functions or () for room in self.rooms), len(self.rooms))
        self._limit = np.array(
            [_least(volunteer.max_min_week, volunteer.max_min_day) for volunteer in self.volunteers]
        )
        self._skilled = _skilled(self.volunteers)
        self._leads: dict[tuple[str, bool], Indices] = {}
        self._assistants: dict[bool, Indices] = {}
        self._come = np.zeros((len(self.volunteers), len(counts)), dtype=np.bool_)
        self._measured = np.zeros(len(self.volunteers), dtype=np.bool_)
        self._open: dict[int, Flags] = {}
        self._free: dict[int, Flags] = {}
        self._names = np.arange(max(len(self.rooms), len(self.volunteers))).astype(object)

    def fitting_rooms(self, request: Request) -> Indices:
        """Indices of the rooms that fit and lie within the request's `max_travel_km`, whenever open, ascending."""
        fits = self._capacity >= request.learners
        for name in request.equipment:
            fits = fits & self._with.get(name, False)
        if request.accessible:
            fits = fits & self._accessible
        fits = fits & (self._open_to_all | self._welcomes.get(request.function, False))
        rooms = np.flatnonzero(fits)
        if request.max_travel_km is None or not len(rooms):
            return rooms
        reach = self._venues.within([request.location], [request.max_travel_km])[0]
        return np.asarray(rooms[reach[self._venue[rooms]]], dtype=np.intp)

    def could_lead(self, request: Request) -> Indices:
        """Indices of those whom role, age, topic and vetting let lead the request, ascending."""
        key = request.topic, request.minors
        if key not in self._leads:
            skilled = self._skilled.get(request.topic, ())
            people = [person for person in skilled if request.may_lead(self.volunteers[person])]
            self._leads[key] = np.array(people, dtype=np.intp)
        return self._leads[key]

    def could_assist(self, request: Request) -> Indices:
        """Indices of those whom role and vetting let assist the request, ascending."""
        if request.minors not in self._assistants:
            self._assistants[request.minors] = _places(map(request.may_assist, self.volunteers))
        return self._assistants[request.minors]

    def comes_to(self, people: Indices) -> Flags:
        """Whether each of the people would come from home to each venue, shape `(n_people, n_venues)`."""
        self._measure(people)
        return self._come[people]

    def _measure(self, people: Indices) -> None:
        new = people[~self._measured[people]]
        if len(new):
            newcomers = [self.volunteers[person] for person in new.tolist()]
            near = around(self._venues, self._all_venues, self._homes.subset(new), self._widest)
            self._come[np.ix_(new, near)] = self._venues.subset(near).within(
                [person.location for person in newcomers], [person.max_travel_km for person in newcomers]
            )
            self._measured[new] = True

    def candidates(self, request: Request) -> Candidates:
        """The candidates of a request at every start at which rooms and enough people could meet."""
        if request.team_too_small:
            return Candidates()
        minutes = request.duration_min
        starts_asked = np.flatnonzero(self.grid.as_flags(self.grid.acceptable(request)))
        rooms = self.fitting_rooms(request)
        is_open = self._open_at(minutes)[np.ix_(rooms, starts_asked)]
        rooms, is_open = rooms[is_open.any(axis=1)], is_open[is_open.any(axis=1)]
        if not len(rooms):
            return Candidates()
        venues, first = np.unique(self._venue[rooms], return_index=True)
        hosting = np.logical_or.reduceat(is_open, first, axis=0)
        groups = []
        for needed, able in ((request.leads, self.could_lead), (request.assistants, self.could_assist)):
            people, come, there = self._people(
                able(request) if needed else _NOBODY, minutes, starts_asked, venues, hosting
            )
            groups.append((people, there))
            if needed:
                met = _any_product(come.T, there) & (there.sum(axis=0) >= needed)
                is_open = is_open & met[np.searchsorted(venues, self._venue[rooms])]
        held = is_open.any(axis=0)
        starts = [self.grid.start_of(slot) for slot in starts_asked[held].tolist()]
        return Candidates(
            self._listed(starts, rooms, is_open[:, held]),
            *(self._listed(starts, people, there[:, held]) for people, there in groups),
        )

    def _people(
        self, people: Indices, minutes: int, starts_asked: Indices, venues: Indices, hosting: Flags
    ) -> tuple[Indices, Flags, Flags]:
        """Who could come at all, to which of the venues, and at which of the starts asked for."""
        able = people[self._limit[people] >= minutes]
        people = around(self._homes, able, self._venues.subset(venues), self._widest)
        self._measure(people)
        come = self._come[np.ix_(people, venues)]
        people, come = people[come.any(axis=1)], come[come.any(axis=1)]
        there = self._free_at(minutes)[np.ix_(people, starts_asked)] & _any_product(come, hosting)
        able_to_come = there.any(axis=1)
        return people[able_to_come], come[able_to_come], there[able_to_come]

    def _open_at(self, minutes: int) -> Flags:
        if minutes not in self._open:
            self._open[minutes] = self.grid.table([room.open for room in self.rooms], minutes)
        return self._open[minutes]

    def _free_at(self, minutes: int) -> Flags:
        if minutes not in self._free:
            self._free[minutes] = self.grid.table(
                [volunteer.available for volunteer in self.volunteers], minutes
            )
        return self._free[minutes]

    def _listed(self, starts: list[int], things: Indices, there: Flags) -> dict[int, list[int]]:
        names = self._names[things]  # one object for each number, however many lists it is in
        return {start: names[there[:, index]].tolist() for index, start in enumerate(starts)}


def _skilled(volunteers: Iterable[Volunteer]) -> dict[str, list[int]]:
    """Who knows each topic."""
    people: dict[str, list[int]] = defaultdict(list)
    for index, volunteer in enumerate(volunteers):
        for topic in volunteer.skills:
            people[topic].append(index)
    return dict(people)


def _holders(held: Iterable[Iterable[str]], size: int) -> dict[str, Flags]:
    holders: dict[str, Flags] = defaultdict(lambda: np.zeros(size, dtype=np.bool_))
    for index, names in enumerate(held):
        for name in names:
            holders[name][index] = True
    return dict(holders)


def _least(*limits: int | None) -> float:
    return min((limit for limit in limits if limit is not None), default=inf)


def _places(flags: Iterable[bool]) -> Indices:
    return np.flatnonzero(np.fromiter(flags, dtype=np.bool_))


def _any_product(left: Flags, right: Flags) -> Flags:
    """Whether any of the middle things joins a row of the left to a column of the right."""
    return np.asarray(left.astype(np.float32) @ right.astype(np.float32) > 0.5, dtype=np.bool_)
