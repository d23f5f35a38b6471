"""Tabu search over a conflict graph: a session left out is placed, and pushes out what stands in its way.

Partial colouring with a tabu list (Blöchliger and Zufferey 2008) over disjoint hours. Each hour keeps a matching of
its sessions to rooms, so that a session comes in wherever the others can move up (Lach and Lübbecke 2012).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

import numpy as np
from numpy.typing import NDArray

from scheduler.instance.instance import Placement
from scheduler.search.conflict_graph import ConflictGraph
from scheduler.search.room_matching import RoomMatching, bits

_NEVER = 1e18  # the price of an hour that would not do
_TABU = 1e9
_BY_WEIGHT = 0.5  # the part of a session's price that follows its weight; the rest is the same for all
_TENURE, _TENURE_SHARE = 10, 0.6  # turns out of an hour: up to so many, and so many for each session left out
_WATCHED = 40  # sessions left out that are tried in one turn
_NOISE = 1e-3  # decides among equals
Placements = dict[int, list[Placement]]


class TabuSearch:
    """Sessions in their hours, those left out (`unplaced`), and what letting each of these in would push out.

    Attributes
    ----------
    price : list of float
        Of leaving each session out; their mean is 1.
    missing, least : int
        What the sessions left out would serve, now and at best.
    toll : array, (n_hours, n_sessions)
        The prices of what conflicts with each session in each hour.
    cost : array, (n_hours, n_sessions)
        What has to leave for the session, priced; where `sure` is False a lower bound, which leaves out rooms and
        sessions of the same request on that day.
    tabu : array, (n_hours, n_sessions)
        The turn from which on the session may come back into the hour.
    """

    def __init__(self, graph: ConflictGraph, seed: int) -> None:
        self.graph, self.rng = graph, Random(seed)
        self.noise = _NOISE * np.random.default_rng(seed).random(1 << 16)
        count, hours = len(graph.request), range(len(graph.starts))
        mean = sum(graph.weight) / count
        self.price = [1 - _BY_WEIGHT + _BY_WEIGHT * weight / mean for weight in graph.weight]
        self.matchings = [RoomMatching([fit[hour] for fit in graph.fit]) for hour in hours]
        self.hour: dict[int, int] = {}
        self.unplaced = list(range(count))
        self.conflicts = _square(graph.conflicts)
        self.closed = np.array([[0.0 if fit[hour] else _NEVER for fit in graph.fit] for hour in hours])
        self.toll = np.zeros((len(hours), count))
        self.cost = self.closed.copy()
        self.sure = np.zeros((len(hours), count), bool)
        self.tabu = np.zeros((len(hours), count))
        self.turn = 0
        self.days = _days(graph)
        self.sisters = _sisters(graph)
        self.together = dict.fromkeys(graph.request, 0)
        self.missing = self.least = sum(graph.weight)
        self.best: Placements = {}

    def run(self, stop: Callable[[], bool], patience: int) -> Placements:
        """Step until all is placed, `patience` turns in a row better nothing, or `stop` says so; give the best plan."""
        self._record()
        left = patience
        while self.unplaced and left and not stop():
            left = patience if self.step() else left - 1
        return self.best

    def step(self) -> bool:
        """Let one session in where least has to leave for it; say whether less is left out than ever before."""
        self.turn += 1
        session, hour = self._cheapest()
        if self.closed[hour, session]:
            return False
        for leaver in bits(self.leaving(session, hour)):
            self.tabu[self.hour[leaver], leaver] = self._until()
            self.leave(leaver)
        self.enter(session, hour)
        return self._record()

    def _until(self) -> float:
        return self.turn + self.rng.randrange(_TENURE) + _TENURE_SHARE * len(self.unplaced)

    def _cheapest(self) -> tuple[int, int]:
        """Which session to let in and when: lower bounds are made sure of until the smallest one is."""
        rng, out = self.rng, self.unplaced
        tried = rng.sample(out, _WATCHED) if len(out) > _WATCHED else list(out)
        value = self.cost[:, tried] - [self.price[session] for session in tried]
        begin = rng.randrange(max(1, len(self.noise) - value.size))
        value += np.resize(self.noise[begin : begin + value.size], value.shape)
        value[self.tabu[:, tried] > self.turn] += _TABU
        sure, flat = self.sure[:, tried].ravel(), value.ravel()
        while True:
            flat_index = int(flat.argmin())
            hour, which = divmod(flat_index, len(tried))
            session = tried[which]
            if sure[flat_index] or self.closed[hour, session]:
                return session, hour
            cost = sum(self.price[leaver] for leaver in bits(self.leaving(session, hour)))
            flat[flat_index] += cost - self.cost[hour, session]
            self.cost[hour, session] = cost
            self.sure[hour, session] = sure[flat_index] = True

    def leaving(self, session: int, hour: int) -> int:
        """Who has to leave so that the session can come in, as a mask: the cheapest where there is a choice."""
        matching = self.matchings[hour]
        out = matching.sessions & self.graph.conflicts[session]
        if self.sisters[session]:
            out |= self._too_many(session, hour, out)
        seen = matching.reach(session, out)
        return out | 1 << self._least([matching.held[room] for room in bits(seen)]) if seen else out

    def _too_many(self, session: int, hour: int, out: int) -> int:
        """Sessions of the same request that are too many for the day with this one."""
        day = 0
        for hour_of_day in self.days[hour]:
            day |= self.matchings[hour_of_day].sessions
        same = list(bits(day & self.sisters[session] & ~out))
        mask = 0
        while len(same) >= self.graph.per_day[session]:
            mask |= 1 << same.pop(self.rng.randrange(len(same)))
        return mask

    def _least(self, sessions: Iterable[int]) -> int:
        return min(sessions, key=lambda session: self.price[session] + _NOISE * self.rng.random())

    def enter(self, session: int, hour: int) -> bool:
        """Place the session where nothing has to leave for it; otherwise change nothing."""
        if self.leaving(session, hour) or not self.matchings[hour].join(session):
            return False
        self.hour[session] = hour
        self.unplaced.remove(session)
        self.toll[hour] += self.price[session] * self.conflicts[session]
        self.together[self.graph.request[session]] += 1
        self.missing -= self._counts(session)
        self._changed(session, hour)
        return True

    def leave(self, session: int) -> None:
        """Take a session out of its hour."""
        hour = self.hour.pop(session)
        self.matchings[hour].leave(session)
        self.unplaced.append(session)
        self.toll[hour] -= self.price[session] * self.conflicts[session]
        self.missing += self._counts(session)
        self.together[self.graph.request[session]] -= 1
        self._changed(session, hour)

    def _counts(self, session: int) -> int:
        """What the session adds to what is served: its weight, or all of its request's where it completes that."""
        whole = self.graph.whole[session]
        together = self.together[self.graph.request[session]]
        return whole * self.graph.weight[session] if whole in {1, together} else 0

    def _changed(self, session: int, hour: int) -> None:
        self.cost[hour] = self.toll[hour] + self.closed[hour]
        self.sure[hour] = False
        if self.sisters[session]:
            for hour_of_day in self.days[hour]:
                for sister in bits(self.sisters[session]):
                    self.cost[hour_of_day, sister] = (
                        self.toll[hour_of_day, sister] + self.closed[hour_of_day, sister]
                    )
                    self.sure[hour_of_day, sister] = False

    def _record(self) -> bool:
        if self.missing >= self.least:
            return False
        self.least = self.missing
        self.best = {}
        for session, hour in self.hour.items():
            room = self.matchings[hour].room[session]
            request = self.graph.request[session]
            if self.graph.whole[session] in {1, self.together[request]}:
                self.best.setdefault(request, []).append(self.graph.placement(session, hour, room))
        return True


def _square(masks: list[int]) -> NDArray[np.float64]:
    """Masks of sessions as a matrix of zeros and ones, (n_sessions, n_sessions)."""
    count = len(masks)
    width = (count + 7) // 8
    raw = np.frombuffer(b"".join(mask.to_bytes(width, "little") for mask in masks), np.uint8)
    return np.unpackbits(raw.reshape(count, width), axis=1, count=count, bitorder="little").astype(np.float64)


def _days(graph: ConflictGraph) -> list[list[int]]:
    """For each hour the hours of its day."""
    hours = range(len(graph.starts))
    return [[same_day for same_day in hours if graph.day(same_day) == graph.day(hour)] for hour in hours]


def _sisters(graph: ConflictGraph) -> list[int]:
    """For each session the others of its request, as a mask; 0 where a day could hold them all."""
    of: dict[int, int] = {}
    for session, request in enumerate(graph.request):
        of[request] = of.get(request, 0) | 1 << session
    return [
        of[request] & ~(1 << session) if of[request].bit_count() > graph.per_day[session] else 0
        for session, request in enumerate(graph.request)
    ]
