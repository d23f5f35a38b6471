"""Cheapest insertion of a request: its lead, hours, rooms and assistants, with the requests that must leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import inf
from random import Random

from domain.windows import DAY_MIN
from scheduler.documents.records import Request
from scheduler.instance.instance import Placement
from scheduler.instance.timetable import PartialTimetable
from scheduler.search.occupancy import NOBODY, Occupancy, Placements

_TRIED, _ROOMS_TRIED = 10, 24  # teams and hours, rooms of each
_ASSISTANTS_TRIED, _ASSISTANTS_PRICED = 40, 12  # assistants of each, and those that would push out somebody


@dataclass(slots=True)
class Insertion:
    """Sessions of one request, and the requests that must leave for them; `cost` is the weight of these."""

    cost: float
    sessions: Placements
    out: frozenset[int]


class InsertionMoves(Occupancy):
    """Searches for insertions; with `spreading`, venues that do not host the request's function yet come first."""

    def __init__(self, timetable: PartialTimetable, possible: Iterable[int], rng: Random) -> None:
        super().__init__(timetable, possible)
        self.rng, self.spreading = rng, False
        self.pressure = self._pressure()

    def _pressure(self) -> list[float]:
        """How much each volunteer is asked for: the weight of what they could lead, shared among all who could."""
        pressure = [0.0] * len(self.instance.volunteers)
        for r in self.movable:
            options = self.lead_options(r)
            for lead, _ in options:
                if lead != NOBODY:
                    pressure[lead] += self.weight_of[r] / len(options)
        return pressure

    def cheapest(self, r: int, limit: float) -> Insertion | None:
        """The insertion that costs least, below `limit`; None where none was found among those that are tried.

        Limit and cost are the weight of all sessions of the requests that leave, in the unit of `served`.
        """
        request, rough_options = self.instance.requests[r], []
        for lead, days in self.lead_options(r):
            rough = self._hours(request, lead, days)
            if rough is not None and rough[0] < limit:
                pressure = self.pressure[lead] if lead != NOBODY else 0.0
                rough_options.append((rough[0], pressure * self.rng.random(), lead, rough[1], rough[2]))
        best: Insertion | None = None
        for cost, _, lead, starts, out in sorted(rough_options)[:_TRIED]:
            if cost >= limit:
                break
            move = self._complete(r, lead, starts, out, limit)
            if move is not None:
                best, limit = move, move.cost
                if not limit:
                    break
        return best

    def _hours(
        self, request: Request, lead: int, days: list[tuple[int, list[int]]]
    ) -> tuple[float, list[int], set[int]] | None:
        """The hours of one lead that push out least, as far as the lead, the learners and the load go."""
        minutes, per_day, options = request.duration_min, request.max_sessions_per_day, []
        busy = self.busy[lead] if lead != NOBODY else ()
        learners = [span for cohort in request.cohorts for span in self.attended.get(cohort, ())]
        for day, starts in days:
            for start in starts:
                end, out = start + minutes, set[int]()
                for begin, finish, _, rival in busy:
                    if begin < end and start < finish:
                        out.add(rival)
                for begin, finish, rival in learners:
                    if begin < end and start < finish:
                        out.add(rival)
                cost = self.price_of_all(out) if out else 0.0
                if cost < inf:
                    options.append((cost, self.rng.random(), day, start, out))
        options.sort(key=lambda option: option[:2])
        chosen: list[int] = []
        out, on_day = set[int](), defaultdict[int, int](int)
        for _, _, day, start, others in options:
            if on_day[day] < per_day and all(abs(start - taken) >= minutes for taken in chosen):
                chosen.append(start)
                on_day[day] += 1
                out |= others
                if len(chosen) == request.sessions:
                    break
        else:
            return None
        if lead != NOBODY and not self._lighten(lead, [(start, minutes) for start in chosen], out):
            return None
        return self.price_of_all(out), chosen, out

    def _lighten(self, volunteer: int, more: list[tuple[int, int]], out: set[int]) -> bool:
        """Push out more of what a volunteer does until the limits of week and day hold; False if they cannot."""
        person = self.instance.volunteers[volunteer]
        if person.max_min_week is not None and not self._fit(volunteer, person.max_min_week, more, out, None):
            return False
        if person.max_min_day is not None:
            for day in {begin // DAY_MIN for begin, _ in more}:
                if not self._fit(volunteer, person.max_min_day, more, out, day):
                    return False
        return True

    def _fit(
        self, volunteer: int, limit: int, more: list[tuple[int, int]], out: set[int], day: int | None
    ) -> bool:
        more_min = sum(minutes for begin, minutes in more if day is None or begin // DAY_MIN == day)
        if day is None and self.load[volunteer] + more_min <= limit:
            return True
        minutes_of: dict[int, int] = defaultdict(int)
        for begin, end, _, rival in self.busy[volunteer]:
            if rival not in out and (day is None or begin // DAY_MIN == day):
                minutes_of[rival] += end - begin
        over = sum(minutes_of.values()) + more_min - limit
        if over <= 0:
            return True
        order = sorted(minutes_of, key=lambda rival: (minutes_of[rival] < over, self.price_of(rival)))
        for rival in order:
            if self.price_of(rival) == inf:
                continue
            out.add(rival)
            over -= minutes_of[rival]
            if over <= 0:
                return True
        return False

    def _complete(
        self, r: int, lead: int, starts: list[int], out: set[int], limit: float
    ) -> Insertion | None:
        """Find a room and assistants for each of the hours, pushing out more where it must."""
        out, sessions = set(out), list[Placement]()
        request = self.instance.requests[r]
        for start in starts:
            cheapest_room = self._room(r, request, lead, start, out, sessions, limit)
            if cheapest_room is None:
                return None
            placement, more = cheapest_room
            out |= more
            sessions.append(placement)
        cost = self.price_of_all(out)
        return Insertion(cost, tuple(sessions), frozenset(out)) if cost < limit else None

    def _room(
        self,
        r: int,
        request: Request,
        lead: int,
        start: int,
        out: set[int],
        before: list[Placement],
        limit: float,
    ) -> tuple[Placement, set[int]] | None:
        """The placement that costs least at that start, and the further requests that must leave for it."""
        instance = self.instance
        candidates, end = instance.candidates[r], start + request.duration_min
        reach = instance.comes_to[lead] if lead != NOBODY else None
        rooms = [
            room for room in candidates.rooms[start] if reach is None or instance.room_venue[room] in reach
        ]
        self.rng.shuffle(rooms)
        near = (
            {venue for begin, _, venue, _ in self.busy[lead] if begin // DAY_MIN == start // DAY_MIN}
            if reach
            else ()
        )
        rooms.sort(key=lambda room: self._unlike(instance.room_venue[room], near, request.function))
        best, spent = None, self.price_of_all(out)
        for room in rooms[:_ROOMS_TRIED]:
            more = self._in_the_way(room, request, start, end, lead, out, before)
            if more is None:
                continue
            cost = spent + self.price_of_all(more)
            if cost >= limit:
                continue
            assistance = self._assistants(r, start, room, lead, out | more, before, limit)
            if assistance is None:
                continue
            assistants, extra = assistance
            more |= extra
            cost = spent + self.price_of_all(more)
            if cost < limit:
                best, limit = (
                    (Placement(start, room, (lead,) if lead != NOBODY else (), assistants), more),
                    cost,
                )
                if cost == spent:
                    break
        return best

    def _unlike(self, venue: int, near: Collection[int], function: str) -> tuple[bool, bool]:
        """Sort key: venues where the lead is on that day come first, and those that do not host the function yet."""
        away, again = bool(near) and venue not in near, self.hosted.get((venue, function), 0) > 0
        return (again, away) if self.spreading else (away, again)

    def _in_the_way(
        self,
        room: int,
        request: Request,
        start: int,
        end: int,
        lead: int,
        out: set[int],
        before: list[Placement],
    ) -> set[int] | None:
        """Requests that hold the room then, or keep its lead too far away; None where the venue's cap is reached."""
        instance = self.instance
        venue, more = instance.room_venue[room], set[int]()
        for related_room, gap in instance.related[room]:
            for begin, finish, owner in self.in_room[related_room]:
                if begin < end + gap and start < finish + gap and owner not in out:
                    more.add(owner)
        if lead != NOBODY:
            more |= self._too_far(lead, start, end, venue, out)
        cap = instance.venues[venue].weekly_cap_min
        if cap is not None:
            mine = sum(instance.room_venue[placement.room] == venue for placement in before) + 1
            lent = self.lent[venue] + mine * request.duration_min
            if lent > cap and lent - self._freed(venue, out | more) > cap:
                return None
        return more

    def _freed(self, venue: int, out: set[int]) -> int:
        instance = self.instance
        return sum(
            instance.requests[r].duration_min
            for r in out
            for placement in self.placed[r]
            if instance.room_venue[placement.room] == venue
        )

    def _too_far(self, volunteer: int, start: int, end: int, venue: int, out: set[int]) -> set[int]:
        """Requests for which a volunteer is elsewhere at that time, travel included."""
        clashing, day, way_min = set[int](), start // DAY_MIN, self.instance.way_min
        for begin, finish, other_venue, owner in self.busy[volunteer]:
            if owner not in out and begin // DAY_MIN == day:
                way = way_min(other_venue, venue)
                if begin < end + way and start < finish + way:
                    clashing.add(owner)
        return clashing

    def _assistants(
        self,
        r: int,
        start: int,
        room: int,
        lead: int,
        out: set[int],
        before: list[Placement],
        limit: float,
    ) -> tuple[tuple[int, ...], set[int]] | None:
        """Assistants, and the further requests that must leave for them; `before` are the sessions found so far."""
        instance, request = self.instance, self.instance.requests[r]
        if not request.assistants:
            return (), set()
        venue, end = instance.room_venue[room], start + request.duration_min
        able = instance.candidates[r].assistants.get(start, [])
        adults = request.adult_assistants_needed
        sample = self.rng.sample(able, _ASSISTANTS_TRIED) if len(able) > _ASSISTANTS_TRIED else able
        able = [
            assistant for assistant in sample if assistant != lead and venue in instance.comes_to[assistant]
        ]
        able.sort(key=self.pressure.__getitem__)
        mine = {assistant: placement for placement in before for assistant in placement.assistants}
        idle = [
            assistant
            for assistant in able
            if assistant not in mine and self._idle(assistant, start, end, venue, out)
        ]
        team = self._team(idle, adults, request.assistants)
        if team is not None:
            return tuple(team), set()
        priced: list[tuple[float, int, set[int]]] = []
        for assistant in able[:_ASSISTANTS_PRICED]:
            both = out | self._too_far(assistant, start, end, venue, out)
            spans = [
                (placement.start, request.duration_min)
                for placement in before
                if assistant in placement.assistants
            ]
            if self._lighten(assistant, [*spans, (start, request.duration_min)], both):
                cost = self.price_of_all(both - out)
                if cost < limit:
                    priced.append((cost, assistant, both - out))
        priced.sort(key=lambda option: option[:2])
        team = self._team([assistant for _, assistant, _ in priced], adults, request.assistants)
        if team is None:
            return None
        return tuple(team), set[int]().union(*(more for _, assistant, more in priced if assistant in team))

    def _team(self, able: list[int], adults: int, count: int) -> list[int] | None:
        """The first `count` people, at least so many adults among them; None where there are too few."""
        people = self.instance.volunteers
        grown = [volunteer for volunteer in able if not people[volunteer].minor][:adults]
        rest = [volunteer for volunteer in able if volunteer not in grown][: count - len(grown)]
        return grown + rest if len(grown) == adults and len(grown) + len(rest) == count else None

    def _idle(self, volunteer: int, start: int, end: int, venue: int, out: set[int]) -> bool:
        """Whether somebody can come to one more session and pushes nothing out for it."""
        person, busy, day = self.instance.volunteers[volunteer], self.busy[volunteer], start // DAY_MIN
        if person.max_min_week is not None and self.load[volunteer] + end - start > person.max_min_week:
            return False
        if not busy:
            return True
        if person.max_min_day is not None:
            day_min = sum(finish - begin for begin, finish, _, _ in busy if begin // DAY_MIN == day)
            if day_min + end - start > person.max_min_day:
                return False
        return not self._too_far(volunteer, start, end, venue, out)
