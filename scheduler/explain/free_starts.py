"""Free starts of rooms, volunteers and learners beside a plan, as cached bit sets over the week's grid."""

from __future__ import annotations

from collections.abc import Callable

from domain.windows import DAY_MIN, Window, Windows
from scheduler.instance.instance import Instance
from scheduler.instance.timetable import PartialTimetable

ALL_WEEK: Windows = tuple(Window(day * DAY_MIN, (day + 1) * DAY_MIN) for day in range(7))


class FreeStarts:
    """What is free beside a plan, as masks: bit sets over the starts of the week's grid, see `Grid`.

    Rooms, venues, volunteers and requests are given as indices, lengths in minutes.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance, self.grid = instance, instance.grid
        self.timetable = PartialTimetable(instance)
        self._free_rooms: dict[int, dict[int, int]] = {}
        self._idle: dict[int, dict[tuple[int, int], int]] = {}
        self._looked_up: dict[tuple[str, int], dict[int, int]] = {}

    def missing(self, request: int) -> int:
        """How many sessions of a request are not placed."""
        return self.instance.requests[request].sessions - len(self.timetable.placed.get(request, ()))

    def mask(self, windows: Windows, minutes: int) -> int:
        return self.grid.mask(windows, minutes)

    def open(self, room: int, minutes: int) -> int:
        """The starts from which a room is open for that long."""
        return self._cached("open", room, minutes, lambda: self.mask(self.instance.rooms[room].open, minutes))

    def available(self, person: int, minutes: int) -> int:
        """The starts from which a volunteer has offered that long."""
        volunteer = self.instance.volunteers[person]
        return self._cached("available", person, minutes, lambda: self.mask(volunteer.available, minutes))

    def in_reach(self, request_index: int, venue: int) -> bool:
        request, in_reach = self.instance.requests[request_index], self.instance.in_reach
        return self._cached("reach", request_index, venue, lambda: in_reach(request, venue)) != 0

    def _cached(self, what: str, index: int, key: int, compute: Callable[[], int]) -> int:
        """A value that is computed once, until the record that it depends on is edited."""
        values = self._looked_up.setdefault((what, index), {})
        if key not in values:
            values[key] = compute()
        return values[key]

    def between(self, low: int, high: int) -> int:
        """The starts later than `low` and earlier than `high`, in minutes since Monday 00:00."""
        starts, step, per_day = 0, self.grid.grid_min, self.grid.per_day
        for day in range(max(0, low // DAY_MIN), min(6, (high - 1) // DAY_MIN) + 1):
            midnight = day * DAY_MIN
            first = max(0, (low - midnight) // step + 1)
            last = min(per_day - 1, -((midnight - high) // step) - 1)
            if last >= first:
                starts |= ((1 << (last - first + 1)) - 1) << (day * per_day + first)
        return starts

    def room_free(self, room: int, minutes: int) -> int:
        """The starts at which a session of that length overlaps none in the room, its whole or its parts."""
        masks = self._free_rooms.setdefault(room, {})
        if minutes not in masks:
            taken = 0
            for related, gap in self.instance.related[room]:
                for begin, finish in self.timetable.room_use[related]:
                    taken |= self.between(begin - minutes - gap, finish + gap)
            masks[minutes] = ~taken
        return masks[minutes]

    def idle(self, person: int, venue: int, minutes: int) -> int:
        """The starts at which a volunteer's other sessions, and the ways between, leave that long at a venue."""
        if not self.timetable.volunteer_use[person]:
            return -1
        masks = self._idle.setdefault(person, {})
        key = venue, minutes
        if key not in masks:
            masks[key] = ~self._engaged(person, venue, minutes)
        return masks[key]

    def _engaged(self, person: int, venue: int, minutes: int) -> int:
        taken = 0
        for begin, finish, venue_before in self.timetable.volunteer_use[person]:
            travel_min, midnight = self.instance.way_min(venue_before, venue), begin // DAY_MIN * DAY_MIN
            low = max(begin - minutes - travel_min, midnight - 1)
            taken |= self.between(low, min(finish + travel_min, midnight + DAY_MIN))
        return taken

    def learners_free(self, request_index: int) -> int:
        """The starts at which no cohort of the request has another session."""
        request, taken = self.instance.requests[request_index], 0
        for cohort in request.cohorts:
            for begin, finish in self.timetable.cohort_use.get(cohort, ()):
                taken |= self.between(begin - request.duration_min, finish)
        return ~taken

    def load_left(self, person: int, minutes: int) -> int:
        """The starts at which so many minutes more stay within a volunteer's limits of a week and a day."""
        volunteer, timetable = self.instance.volunteers[person], self.timetable
        if not self.load_left_week(person, minutes):
            return 0
        if volunteer.max_min_day is None:
            return -1
        most_min, load = volunteer.max_min_day - minutes, timetable.day_load
        return sum(self.day(day) for day in range(7) if load.get((person, day), 0) <= most_min)

    def load_left_week(self, person: int, minutes: int) -> bool:
        """Whether so many minutes more stay within a volunteer's limit of a week."""
        limit = self.instance.volunteers[person].max_min_week
        return limit is None or self.timetable.week_load[person] + minutes <= limit

    def day(self, day: int) -> int:
        """All starts of a day (0 = Monday)."""
        return ((1 << self.grid.per_day) - 1) << (day * self.grid.per_day)
