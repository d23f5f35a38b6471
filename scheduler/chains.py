"""Decide a part's plan by letting requests in where the least has to leave, which then looks for another place.

Iterative forward search (Müller, Barták and Rudová 2004) with the threshold of simulated annealing: a request that
is left out may push out others of some weight, and these are let in again first. A step looks at the people and
hours of one request only, so that it takes the same time in a street as in a city.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from math import inf
from random import Random

from domain.windows import DAY_MIN
from scheduler.instance import Placement
from scheduler.progress import Budget
from scheduler.records import Request
from scheduler.timetable import Timetable

_NOBODY = -1
_TRIED, _ROOMS_TRIED = 10, 24  # teams and hours, rooms of each
_HELPERS_TRIED, _HELPERS_PRICED = 40, 12  # assistants of each, and those that would push out somebody
_TENURE = 12  # steps in which a request that was let in stays
_WARM = 2.0  # of the mean weight: what may be lost for a step at first
_AT_ONCE, _STEP = 20, 0.2  # steps between two looks at the time; units of work of each
_STEPS, _STEPS_EACH = 2_000, 60  # at most, and at most for each request
_FRESH = 0.9  # of the steps look first at what was pushed out last
Busy = tuple[int, int, int, int]  # begin, end, venue, request
Placements = tuple[Placement, ...]


@dataclass(slots=True)
class Move:
    """Sessions of one request, and whom they push out; `cost` is the weight of these."""

    cost: float
    sessions: Placements
    out: frozenset[int]


class Chains:
    """A plan in which everything placed knows its owner.

    Only requests with at most one lead move; what is pinned, and any other request, stays where it is.

    Attributes
    ----------
    placed : dict
        The sessions of each request that is in, by its index.
    value, most : int
        What these serve, and what they served at best.
    pairs : int
        Of a venue and a function that it hosts.
    """

    def __init__(self, timetable: Timetable, possible: Iterable[int], rng: Random) -> None:
        self.timetable, self.instance, self.rng = timetable, timetable.instance, rng
        instance = self.instance
        self.busy: list[list[Busy]] = [[] for _ in instance.volunteers]
        self.in_room: list[list[tuple[int, int, int]]] = [[] for _ in instance.rooms]
        self.load = [0] * len(instance.volunteers)
        self.lent = [0] * len(instance.venues)
        self.hosted: dict[tuple[int, str], int] = defaultdict(int)
        self.pairs, self._spreading = 0, False
        self.attended: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        self.placed: dict[int, Placements] = {}
        self._ways: dict[int, list[tuple[int, list[tuple[int, list[int]]]]]] = {}
        self.movable = {one for one in possible if self._moves(one)}
        self.weight = [float(one.weight * one.sessions) for one in instance.requests]
        self._until: dict[int, int] = {}
        self.step_number, self.value = 0, 0
        for request, sessions in timetable.placed.items():
            if sessions:
                self._put(request, tuple(sessions))
        self.most, self.best, self._changed = self.value, dict(self.placed), set[int]()
        self.pressure = self._pressure()
        self.left = [one for one in sorted(self.movable) if one not in self.placed]
        self._at = {one: place for place, one in enumerate(self.left)}

    def _moves(self, request: int) -> bool:
        wanted = self.instance.requests[request]
        return wanted.leads <= 1 and request not in self.timetable.pinned and bool(self.ways(request))

    def _pressure(self) -> list[float]:
        """How much each volunteer is asked for: the weight of what they could lead, shared among all who could."""
        pressure = [0.0] * len(self.instance.volunteers)
        for request in self.movable:
            ways = self.ways(request)
            for lead, _ in ways:
                if lead != _NOBODY:
                    pressure[lead] += self.weight[request] / len(ways)
        return pressure

    def ways(self, request: int) -> list[tuple[int, list[tuple[int, list[int]]]]]:
        """Who could lead all sessions of the request, on which days, at which starts."""
        if request not in self._ways:
            self._ways[request] = list(self._fresh_ways(request))
        return self._ways[request]

    def _fresh_ways(self, request: int) -> Iterator[tuple[int, list[tuple[int, list[int]]]]]:
        wanted, choices = self.instance.requests[request], self.instance.choices[request]
        by_lead: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for start in choices.rooms:
            for lead in choices.leads[start] if wanted.leads else (_NOBODY,):
                by_lead[lead][start // DAY_MIN].append(start)
        for lead, days in by_lead.items():
            if sum(min(len(some), wanted.max_sessions_per_day) for some in days.values()) >= wanted.sessions:
                limit = None if lead == _NOBODY else self.instance.volunteers[lead].max_min_week
                if limit is None or wanted.sessions * wanted.duration_min <= limit:
                    yield lead, list(days.items())

    # ---- What is where

    def _put(self, request: int, sessions: Placements) -> None:
        wanted, venue_of = self.instance.requests[request], self.instance.room_venue
        minutes = wanted.duration_min
        for at in sessions:
            venue, end = venue_of[at.room], at.start + minutes
            self.in_room[at.room].append((at.start, end, request))
            self.lent[venue] += minutes
            self.hosted[venue, wanted.function] += 1
            self.pairs += self.hosted[venue, wanted.function] == 1
            for one in at.team:
                self.busy[one].append((at.start, end, venue, request))
                self.load[one] += minutes
            for cohort in wanted.cohorts:
                self.attended[cohort].append((at.start, end, request))
        self.placed[request] = sessions
        self.value += wanted.weight * len(sessions)

    def _take(self, request: int) -> None:
        wanted, venue_of = self.instance.requests[request], self.instance.room_venue
        minutes, sessions = wanted.duration_min, self.placed.pop(request)
        for at in sessions:
            venue, end = venue_of[at.room], at.start + minutes
            self.in_room[at.room].remove((at.start, end, request))
            self.lent[venue] -= minutes
            self.hosted[venue, wanted.function] -= 1
            self.pairs -= self.hosted[venue, wanted.function] == 0
            for one in at.team:
                self.busy[one].remove((at.start, end, venue, request))
                self.load[one] -= minutes
            for cohort in wanted.cohorts:
                self.attended[cohort].remove((at.start, end, request))
        self.value -= wanted.weight * len(sessions)

    def price(self, request: int) -> float:
        """Of pushing a request out; infinite where it stays."""
        if request not in self.movable or self._until.get(request, 0) > self.step_number:
            return inf
        return self.weight[request]

    def _sum(self, requests: Iterable[int]) -> float:
        return sum(map(self.price, requests))

    # ---- The cheapest way in

    def cheapest(self, request: int, most: float) -> Move | None:
        """The sessions that push out the least, below `most`; None where there are none."""
        wanted, found = self.instance.requests[request], []
        for lead, days in self.ways(request):
            rough = self._hours(wanted, lead, days)
            if rough is not None and rough[0] < most:
                pressure = self.pressure[lead] if lead != _NOBODY else 0.0
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
        busy = self.busy[lead] if lead != _NOBODY else ()
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
        if lead != _NOBODY and not self._lighten(lead, [(start, minutes) for start in chosen], out):
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
            at, more = found
            out |= more
            sessions.append(at)
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
        reach = instance.comes_to[lead] if lead != _NOBODY else None
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
                best, most = (Placement(start, room, (lead,) if lead != _NOBODY else (), helpers), more), cost
                if cost == spent:
                    break
        return best

    def _unlike(self, venue: int, near: Collection[int], function: str) -> tuple[bool, bool]:
        """Venues where the lead is anyway come first, and those that do not host the function yet."""
        away, again = bool(near) and venue not in near, self.hosted.get((venue, function), 0) > 0
        return (again, away) if self._spreading else (away, again)

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
        if lead != _NOBODY:
            more |= self._too_far(lead, start, end, venue, out)
        cap = instance.venues[venue].weekly_cap_min
        if cap is not None:
            mine = sum(instance.room_venue[at.room] == venue for at in before) + 1
            lent = self.lent[venue] + mine * wanted.duration_min
            if lent > cap and lent - self._freed(venue, out | more) > cap:
                return None
        return more

    def _freed(self, venue: int, out: set[int]) -> int:
        instance = self.instance
        return sum(
            instance.requests[other].duration_min
            for other in out
            for at in self.placed[other]
            if instance.room_venue[at.room] == venue
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
        adults = max(0, 2 - wanted.leads) if wanted.minors else 0
        some = self.rng.sample(able, _HELPERS_TRIED) if len(able) > _HELPERS_TRIED else able
        able = [one for one in some if one != lead and venue in instance.comes_to[one]]
        able.sort(key=self.pressure.__getitem__)
        mine = {one: at for at in before for one in at.assistants}
        idle = [one for one in able if one not in mine and self._idle(one, start, end, venue, out)]
        team = self._team(idle, adults, wanted.assistants)
        if team is not None:
            return tuple(team), set()
        priced: list[tuple[float, int, set[int]]] = []
        for one in able[:_HELPERS_PRICED]:
            both = out | self._too_far(one, start, end, venue, out)
            asked = [(at.start, wanted.duration_min) for at in before if one in at.assistants]
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

    # ---- The search

    def let_in(self, request: int, move: Move) -> None:
        """Make the move; what it pushes out is left out."""
        for other in move.out:
            self._take(other)
            self._leave_out(other)
        self._put(request, move.sessions)
        self._until[request] = self.step_number + self.rng.randrange(_TENURE)
        place = self._at.pop(request)
        last = self.left.pop()
        if last != request:
            self.left[place], self._at[last] = last, place
        self._changed.add(request)
        self._changed |= move.out
        if self.value > self.most:
            self._keep()

    def _leave_out(self, request: int) -> None:
        self._at[request] = len(self.left)
        self.left.append(request)

    def _keep(self) -> None:
        self.most = self.value
        for request in self._changed:
            if request in self.placed:
                self.best[request] = self.placed[request]
            else:
                self.best.pop(request, None)
        self._changed.clear()

    def fill(self, stop: Callable[[], bool]) -> None:
        """Let in whatever pushes nobody out, the weightiest first."""
        instance = self.instance

        def rank(request: int) -> tuple[float, int]:
            one = instance.requests[request]
            return -one.weight / (one.duration_min * max(1, one.leads + one.assistants)), len(
                self.ways(request)
            )

        for request in sorted(self.left, key=rank):
            if stop():
                return
            move = self.cheapest(request, 0.5)
            if move is not None:
                self.let_in(request, move)

    def run(self, budget: Budget, share: float = 1.0) -> None:
        """Go on until that share of the time has passed, or hope with it; `best` has the best plan then."""
        mean = sum(self.weight[one] for one in self.movable) / max(1, len(self.movable))
        began, fresh = budget.left_s(share), list[int]()
        most = _STEPS + _STEPS_EACH * len(self.movable)
        while self.left and (left := budget.left_s(share)) > 0 and self.step_number < most:
            heat = _WARM * mean * min(left / began, 1 - self.step_number / most)
            for _ in range(_AT_ONCE):
                if self.left:
                    self._step(heat, fresh)
            budget.spend(_AT_ONCE * _STEP)

    def spread(self, budget: Budget, share: float, patience: int) -> None:
        """Hold sessions elsewhere, at another time or with other people, so that places host more functions.

        Nobody is pushed out for it. A move that changes nothing is made as well: it makes room for others. It ends
        after so many moves in a row that gained nothing.
        """
        requests, dull, self._spreading = sorted(self.movable & self.placed.keys()), 0, True
        while requests and dull < patience and budget.left_s(share) > 0:
            for request in self.rng.sample(requests, min(_AT_ONCE, len(requests))):
                dull = 0 if self._moved(request) else dull + 1
            budget.spend(_AT_ONCE * _STEP)
        self.best, self._spreading = dict(self.placed), False

    def _moved(self, request: int) -> bool:
        """Place a request anew where no function is lost by that; say whether one was gained."""
        before, pairs = self.placed[request], self.pairs
        self._take(request)
        move = self.cheapest(request, 0.5)
        self._put(request, before if move is None else move.sessions)
        if self.pairs < pairs:
            self._take(request)
            self._put(request, before)
        return self.pairs > pairs

    def timetable_of_best(self) -> Timetable:
        """The best plan with everything that stays where it is."""
        timetable = Timetable(self.instance)
        for request, sessions in self.best.items():
            pinned = timetable.pinned.get(request, ())
            for at in sessions:
                if at not in pinned:
                    timetable.put(request, at)
        return timetable

    def _step(self, heat: float, fresh: list[int]) -> None:
        self.step_number += 1
        request = fresh.pop() if fresh and self.rng.random() < _FRESH else self.rng.choice(self.left)
        if request not in self._at:
            return
        most = self.weight[request] + heat * self.rng.expovariate(1.0) + 1e-6
        move = self.cheapest(request, most)
        if move is not None:
            self.let_in(request, move)
            fresh += sorted(move.out, key=lambda other: self.weight[other])
            del fresh[:-50]
