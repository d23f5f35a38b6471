"""Decide the cheapest way to let a request in: its lead, hours, rooms and assistants, and who has to leave for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import inf
from random import Random

from domain.windows import DAY_MIN
from scheduler.documents.records import Request
from scheduler.instance.instance import Placement
from scheduler.instance.timetable import Timetable
from scheduler.search.occupancy import NOBODY, Owned, Placements

_TRIED, _ROOMS_TRIED = 10, 24  # teams and hours, rooms of each
_HELPERS_TRIED, _HELPERS_PRICED = 40, 12  # assistants of each, and those that would push out somebody


@dataclass(slots=True)
class Move:
    """Sessions of one request, and whom they push out; `cost` is the weight of these."""

    cost: float
    sessions: Placements
    out: frozenset[int]


class WaysIn(Owned):
    """Finds them; with `spreading` it looks first for venues that do not host the request's function yet."""

    def __init__(self, timetable: Timetable, possible: Iterable[int], rng: Random) -> None:
        super().__init__(timetable, possible)
        self.rng, self.spreading = rng, False
        self.pressure = self._pressure()

    def _pressure(self) -> list[float]:
        """How much each volunteer is asked for: the weight of what they could lead, shared among all who could."""
        pressure = [0.0] * len(self.instance.volunteers)
        for request in self.movable:
            ways = self.ways(request)
            for lead, _ in ways:
                if lead != NOBODY:
                    pressure[lead] += self.weight[request] / len(ways)
        return pressure

    def cheapest(self, request: int, most: float) -> Move | None:
        """The sessions that push out the least, below `most`; None where there are none."""
        wanted, found = self.instance.requests[request], []
        for lead, days in self.ways(request):
            rough = self._hours(wanted, lead, days)
            if rough is not None and rough[0] < most:
                pressure = self.pressure[lead] if lead != NOBODY else 0.0
                found.append((rough[0], pressure * self.rng.random(), lead, rough[1], rough[2]))
        best: Move | None = None
        for cost, _, lead, starts, out in sorted(found)[:_TRIED]:
            if cost >= most:
                break
            move = self._complete(request, lead, starts, out, most)
            if move is not None:
                best, most = move, move.cost
                if not most:
                    break
        return best

    def _hours(
        self, wanted: Request, lead: int, days: list[tuple[int, list[int]]]
    ) -> tuple[float, list[int], set[int]] | None:
        """The hours of one lead that push out least, as far as the lead, the learners and the load go."""
        minutes, per_day, options = wanted.duration_min, wanted.max_sessions_per_day, []
        busy = self.busy[lead] if lead != NOBODY else ()
        learners = [at for cohort in wanted.cohorts for at in self.attended.get(cohort, ())]
        for day, starts in days:
            for start in starts:
                end, out = start + minutes, set[int]()
                for begin, finish, _, other in busy:
                    if begin < end and start < finish:
                        out.add(other)
                for begin, finish, other in learners:
                    if begin < end and start < finish:
                        out.add(other)
                cost = self._sum(out) if out else 0.0
                if cost < inf:
                    options.append((cost, self.rng.random(), day, start, out))
        options.sort(key=lambda option: option[:2])
        chosen: list[int] = []
        out, on_day = set[int](), defaultdict[int, int](int)
        for _, _, day, start, others in options:
            if on_day[day] < per_day and all(abs(start - other) >= minutes for other in chosen):
                chosen.append(start)
                on_day[day] += 1
                out |= others
                if len(chosen) == wanted.sessions:
                    break
        else:
            return None
        if lead != NOBODY and not self._lighten(lead, [(start, minutes) for start in chosen], out):
            return None
        return self._sum(out), chosen, out

    def _lighten(self, one: int, more: list[tuple[int, int]], out: set[int]) -> bool:
        """Push out more of what a volunteer does until the limits of week and day hold; False if they cannot."""
        person = self.instance.volunteers[one]
        if person.max_min_week is not None and not self._fit(one, person.max_min_week, more, out, None):
            return False
        if person.max_min_day is not None:
            for day in {begin // DAY_MIN for begin, _ in more}:
                if not self._fit(one, person.max_min_day, more, out, day):
                    return False
        return True

    def _fit(self, one: int, limit: int, more: list[tuple[int, int]], out: set[int], day: int | None) -> bool:
        asked = sum(minutes for begin, minutes in more if day is None or begin // DAY_MIN == day)
        if day is None and self.load[one] + asked <= limit:
            return True
        given: dict[int, int] = defaultdict(int)
        for begin, end, _, other in self.busy[one]:
            if other not in out and (day is None or begin // DAY_MIN == day):
                given[other] += end - begin
        over = sum(given.values()) + asked - limit
        if over <= 0:
            return True
        order = sorted(given, key=lambda other: (given[other] < over, self.price(other)))
        for other in order:
            if self.price(other) == inf:
                continue
            out.add(other)
            over -= given[other]
            if over <= 0:
                return True
        return False

    def _complete(
        self, request: int, lead: int, starts: list[int], out: set[int], most: float
    ) -> Move | None:
        """Find a room and assistants for each of the hours, pushing out more where it must."""
        out, sessions = set(out), list[Placement]()
        wanted = self.instance.requests[request]
        for start in starts:
            found = self._room(request, wanted, lead, start, out, sessions, most)
            if found is None:
                return None
            placement, more = found
            out |= more
            sessions.append(placement)
        cost = self._sum(out)
        return Move(cost, tuple(sessions), frozenset(out)) if cost < most else None

    def _room(
        self,
        request: int,
        wanted: Request,
        lead: int,
        start: int,
        out: set[int],
        before: list[Placement],
        most: float,
    ) -> tuple[Placement, set[int]] | None:
        instance = self.instance
        choices, end = instance.choices[request], start + wanted.duration_min
        reach = instance.comes_to[lead] if lead != NOBODY else None
        rooms = [room for room in choices.rooms[start] if reach is None or instance.room_venue[room] in reach]
        self.rng.shuffle(rooms)
        near = (
            {venue for begin, _, venue, _ in self.busy[lead] if begin // DAY_MIN == start // DAY_MIN}
            if reach
            else ()
        )
        rooms.sort(key=lambda room: self._unlike(instance.room_venue[room], near, wanted.function))
        best, spent = None, self._sum(out)
        for room in rooms[:_ROOMS_TRIED]:
            more = self._in_the_way(room, wanted, start, end, lead, out, before)
            if more is None:
                continue
            cost = spent + self._sum(more)
            if cost >= most:
                continue
            helped = self._helpers(
                wanted, choices.assistants.get(start, []), start, room, lead, out | more, before, most
            )
            if helped is None:
                continue
            helpers, extra = helped
            more |= extra
            cost = spent + self._sum(more)
            if cost < most:
                best, most = (Placement(start, room, (lead,) if lead != NOBODY else (), helpers), more), cost
                if cost == spent:
                    break
        return best

    def _unlike(self, venue: int, near: Collection[int], function: str) -> tuple[bool, bool]:
        """Venues where the lead is anyway come first, and those that do not host the function yet."""
        away, again = bool(near) and venue not in near, self.hosted.get((venue, function), 0) > 0
        return (again, away) if self.spreading else (away, again)

    def _in_the_way(
        self,
        room: int,
        wanted: Request,
        start: int,
        end: int,
        lead: int,
        out: set[int],
        before: list[Placement],
    ) -> set[int] | None:
        """Who stands in the room then, or too far away for its lead; None where the venue lends no more."""
        instance = self.instance
        venue, more = instance.room_venue[room], set[int]()
        for other, gap in instance.related[room]:
            for begin, finish, owner in self.in_room[other]:
                if begin < end + gap and start < finish + gap and owner not in out:
                    more.add(owner)
        if lead != NOBODY:
            more |= self._too_far(lead, start, end, venue, out)
        cap = instance.venues[venue].weekly_cap_min
        if cap is not None:
            mine = sum(instance.room_venue[placement.room] == venue for placement in before) + 1
            lent = self.lent[venue] + mine * wanted.duration_min
            if lent > cap and lent - self._freed(venue, out | more) > cap:
                return None
        return more

    def _freed(self, venue: int, out: set[int]) -> int:
        instance = self.instance
        return sum(
            instance.requests[other].duration_min
            for other in out
            for placement in self.placed[other]
            if instance.room_venue[placement.room] == venue
        )

    def _too_far(self, one: int, start: int, end: int, venue: int, out: set[int]) -> set[int]:
        """What a volunteer does on the same day too far away, or at the same time."""
        found, day, way_min = set[int](), start // DAY_MIN, self.instance.way_min
        for begin, finish, other_venue, owner in self.busy[one]:
            if owner not in out and begin // DAY_MIN == day:
                way = way_min(other_venue, venue)
                if begin < end + way and start < finish + way:
                    found.add(owner)
        return found

    def _helpers(
        self,
        wanted: Request,
        able: list[int],
        start: int,
        room: int,
        lead: int,
        out: set[int],
        before: list[Placement],
        most: float,
    ) -> tuple[tuple[int, ...], set[int]] | None:
        if not wanted.assistants:
            return (), set()
        instance, end = self.instance, start + wanted.duration_min
        venue = instance.room_venue[room]
        adults = wanted.adult_assistants_needed
        some = self.rng.sample(able, _HELPERS_TRIED) if len(able) > _HELPERS_TRIED else able
        able = [one for one in some if one != lead and venue in instance.comes_to[one]]
        able.sort(key=self.pressure.__getitem__)
        mine = {assistant: placement for placement in before for assistant in placement.assistants}
        idle = [one for one in able if one not in mine and self._idle(one, start, end, venue, out)]
        team = self._team(idle, adults, wanted.assistants)
        if team is not None:
            return tuple(team), set()
        priced: list[tuple[float, int, set[int]]] = []
        for one in able[:_HELPERS_PRICED]:
            both = out | self._too_far(one, start, end, venue, out)
            asked = [
                (placement.start, wanted.duration_min) for placement in before if one in placement.assistants
            ]
            if self._lighten(one, [*asked, (start, wanted.duration_min)], both):
                cost = self._sum(both - out)
                if cost < most:
                    priced.append((cost, one, both - out))
        priced.sort(key=lambda one: one[:2])
        team = self._team([one for _, one, _ in priced], adults, wanted.assistants)
        if team is None:
            return None
        return tuple(team), set[int]().union(*(more for _, one, more in priced if one in team))

    def _team(self, able: list[int], adults: int, count: int) -> list[int] | None:
        """The first so many, so many adults among them."""
        people = self.instance.volunteers
        grown = [one for one in able if not people[one].minor][:adults]
        others = [one for one in able if one not in grown][: count - len(grown)]
        return grown + others if len(grown) == adults and len(grown) + len(others) == count else None

    def _idle(self, one: int, start: int, end: int, venue: int, out: set[int]) -> bool:
        """Whether somebody can come to one more session and pushes nothing out for it."""
        person, busy, day = self.instance.volunteers[one], self.busy[one], start // DAY_MIN
        if person.max_min_week is not None and self.load[one] + end - start > person.max_min_week:
            return False
        if not busy:
            return True
        if person.max_min_day is not None:
            given = sum(finish - begin for begin, finish, _, _ in busy if begin // DAY_MIN == day)
            if given + end - start > person.max_min_day:
                return False
        return not self._too_far(one, start, end, venue, out)
