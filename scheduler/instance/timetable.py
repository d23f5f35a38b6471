"""Timetable: the sessions placed so far with what they occupy, and whether one more can be placed.

What a request could have at all (fit, reach, open, skill, …) is in `Instance.candidates`; here is what clashes.
"""

from __future__ import annotations

from collections import defaultdict

from domain.windows import DAY_MIN
from scheduler.instance.instance import Instance, Placement

Busy = tuple[int, int, int]  # begin, end, venue


class PartialTimetable:
    """The sessions placed so far, indexed by what they take.

    `placed[request]` lists the placements of a request; their order has no meaning. Those that are `pinned` too are
    never taken out. `pairs` counts the pairs of a venue and a function that host a session.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.placed: dict[int, list[Placement]] = defaultdict(list)
        self.room_use: list[list[tuple[int, int]]] = [[] for _ in instance.rooms]
        self.volunteer_use: list[list[Busy]] = [[] for _ in instance.volunteers]
        self.week_load = [0] * len(instance.volunteers)
        self.day_load: dict[tuple[int, int], int] = defaultdict(int)
        self.venue_minutes = [0] * len(instance.venues)
        self.cohort_use: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.hosted: dict[tuple[int, str], int] = defaultdict(int)
        self.pairs = 0
        self.pinned: dict[int, list[Placement]] = defaultdict(list)
        for pin in instance.problem.pins:
            r, placement = instance.request_index[pin.request], instance.placement(pin)
            self.pinned[r].append(placement)
            self.put(r, placement)

    def put(self, r: int, placement: Placement) -> None:
        """Place a session without asking; see `clashes`."""
        request = self.instance.requests[r]
        end, venue = placement.start + request.duration_min, self.instance.room_venue[placement.room]
        self.placed[r].append(placement)
        self.room_use[placement.room].append((placement.start, end))
        for person in placement.team:
            self.volunteer_use[person].append((placement.start, end, venue))
        for cohort in request.cohorts:
            self.cohort_use[cohort].append((placement.start, end))
        self._count(r, placement, 1)

    def take(self, r: int, placement: Placement) -> None:
        """Undo `put`."""
        request = self.instance.requests[r]
        end, venue = placement.start + request.duration_min, self.instance.room_venue[placement.room]
        self.placed[r].remove(placement)
        self.room_use[placement.room].remove((placement.start, end))
        for person in placement.team:
            self.volunteer_use[person].remove((placement.start, end, venue))
        for cohort in request.cohorts:
            self.cohort_use[cohort].remove((placement.start, end))
        self._count(r, placement, -1)

    def _count(self, r: int, placement: Placement, sign: int) -> None:
        request, venue = self.instance.requests[r], self.instance.room_venue[placement.room]
        minutes = sign * request.duration_min
        self.venue_minutes[venue] += minutes
        pair = venue, request.function
        self.hosted[pair] += sign
        self.pairs += (self.hosted[pair] == 1) if sign > 0 else -(self.hosted[pair] == 0)
        for person in placement.team:
            self.week_load[person] += minutes
            self.day_load[person, placement.start // DAY_MIN] += minutes

    def clear(self, r: int) -> list[Placement]:
        """Take all sessions of a request out that are not pinned, and say which they were."""
        pinned = self.pinned.get(r, ())
        before = [placement for placement in self.placed.get(r, ()) if placement not in pinned]
        for placement in before:
            self.take(r, placement)
        return before

    def room_free(self, room: int, start: int, end: int) -> bool:
        """Whether room, hall and parts are free from `start` to `end`, in minutes since Monday, turnaround included."""
        return all(
            end + gap <= begin or finish + gap <= start
            for related_room, gap in self.instance.related[room]
            for begin, finish in self.room_use[related_room]
        )

    def venue_has(self, venue: int, minutes: int) -> bool:
        """Whether the venue's weekly cap leaves so many minutes."""
        cap = self.instance.venues[venue].weekly_cap_min
        return cap is None or self.venue_minutes[venue] + minutes <= cap

    def cohorts_free(self, r: int, start: int) -> bool:
        """Whether no cohort of the request sits in a session that would overlap."""
        request = self.instance.requests[r]
        end = start + request.duration_min
        return all(
            end <= begin or finish <= start
            for cohort in request.cohorts
            for begin, finish in self.cohort_use.get(cohort, ())
        )

    def load_allows(self, volunteer: int, start: int, minutes: int) -> bool:
        """Whether the volunteer's limits of the day and the week leave so many minutes."""
        person = self.instance.volunteers[volunteer]
        if person.max_min_week is not None and self.week_load[volunteer] + minutes > person.max_min_week:
            return False
        day = start // DAY_MIN
        return person.max_min_day is None or self.day_load[volunteer, day] + minutes <= person.max_min_day

    def volunteer_idle(self, volunteer: int, start: int, end: int) -> bool:
        """Whether nothing overlaps; the way is asked for separately, because it depends on the venue."""
        return all(end <= begin or finish <= start for begin, finish, _ in self.volunteer_use[volunteer])

    def can_come(self, volunteer: int, start: int, end: int, venue: int) -> bool:
        """Whether the venue is near enough to home, and to where the volunteer is before and afterwards."""
        if venue not in self.instance.comes_to[volunteer]:
            return False
        day = start // DAY_MIN
        for begin, finish, elsewhere in self.volunteer_use[volunteer]:
            way = self.instance.way_min(elsewhere, venue) if begin // DAY_MIN == day else 0
            if start < finish + way and begin < end + way:
                return False
        return True

    def person_free(self, volunteer: int, start: int, minutes: int, venue: int) -> bool:
        """Whether load, distance from home and the way from and to other sessions let the volunteer come."""
        return self.load_allows(volunteer, start, minutes) and self.can_come(
            volunteer, start, start + minutes, venue
        )

    def room_open_to(self, room: int, start: int, minutes: int) -> bool:
        """Whether the room is not taken and its venue has minutes left."""
        venue = self.instance.room_venue[room]
        return self.room_free(room, start, start + minutes) and self.venue_has(venue, minutes)

    def day_free(self, r: int, start: int) -> bool:
        """Whether one more session of the request may be on that day."""
        day = start // DAY_MIN
        on_day = sum(placement.start // DAY_MIN == day for placement in self.placed[r])
        return on_day < self.instance.requests[r].max_sessions_per_day

    def clashes(self, r: int, placement: Placement) -> bool:
        """Whether the placement, possible by itself, meets something placed before it."""
        request = self.instance.requests[r]
        venue, minutes = self.instance.room_venue[placement.room], request.duration_min
        others = self.placed[r]
        return not (
            len(others) < request.sessions
            and self.day_free(r, placement.start)
            and self.cohorts_free(r, placement.start)
            and self.room_open_to(placement.room, placement.start, minutes)
            and all(self.person_free(person, placement.start, minutes, venue) for person in placement.team)
            and not (
                request.same_leads and any(set(sibling.leads) != set(placement.leads) for sibling in others)
            )
        )

    def put_all(self, r: int, placements: list[Placement]) -> bool:
        """Place the sessions if none of them clashes; otherwise change nothing."""
        done: list[Placement] = []
        for placement in placements:
            if self.clashes(r, placement):
                for undone in done:
                    self.take(r, undone)
                return False
            self.put(r, placement)
            done.append(placement)
        return True
