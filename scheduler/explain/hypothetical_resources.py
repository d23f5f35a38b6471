"""Hypothetical resources: the volunteers, opening hours and seats with the highest shadow prices, to be tried out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, combinations, islice

from domain.messages import message
from domain.windows import DAY_MIN, DAY_NAMES, Window, Windows
from scheduler.documents.records import Location, Request, Room, Volunteer
from scheduler.explain.availability import Availability
from scheduler.explain.edits import Edit, missing_minutes, new_edit, with_window
from scheduler.explain.shadow_prices import PriceTable, shadow_prices
from scheduler.explain.why_not import Explainer
from scheduler.explain.wording import enumeration, say_edit
from scheduler.instance.instance import kilometres

_PARTS = {"morning": (8 * 60, 12 * 60), "afternoon": (12 * 60, 17 * 60), "evening": (17 * 60, 22 * 60)}
_NEAR_KM = 5.0  # how far a newcomer goes from home
_PER_TOPIC, _PER_REQUEST, _LINE_UPS = 3, 12, 10
_LIMIT_S = 300.0  # for the linear programme; without its duals everything counts in full


@dataclass(frozen=True, slots=True)
class HypotheticalResource:
    """A volunteer, opening hours or seats that could be added to a problem; the first fields are those of `Gap`.

    Attributes
    ----------
    waiting : tuple of int
        Indices of the unserved requests that it may serve.
    priced : float
        Its shadow price, in the unit of `served`.
    """

    kind: str
    what: str
    when: str
    near: str
    edits: tuple[Edit, ...]
    newcomers: tuple[Volunteer, ...]
    waiting: tuple[int, ...]
    priced: float


class HypotheticalResources:
    """Lists hypothetical resources for the unserved requests `waiting` (indices), the highest shadow price first."""

    def __init__(self, explainer: Explainer, waiting: list[int]) -> None:
        self.explainer, self.waiting = explainer, waiting
        self.plan, self.requests = explainer.empty_plan, explainer.problem.requests
        topics = {self.requests[request].topic for request in waiting}
        prices = shadow_prices(explainer.problem, topics, _LIMIT_S) if waiting else None
        self.leads: PriceTable = prices.leads if prices else {}
        self.rooms: PriceTable = prices.rooms if prices else {}

    # ---- Volunteers

    def volunteers(self) -> list[HypotheticalResource]:
        """For each topic somebody who leads it, at the days and parts of a day with the highest shadow prices."""
        ranked: dict[str, list[tuple[float, str, tuple[int, ...]]]] = {}
        of_topic: dict[str, list[int]] = defaultdict(list)
        for index in self.waiting:
            if self.leads.get(index):
                of_topic[self.requests[index].topic].append(index)
        for topic, requests in sorted(of_topic.items()):
            spans = sorted({span for request in requests for span in self._spans(request)})
            options = ((self._price_in(requests, part, days), part, days) for part, days in spans)
            ranked[topic] = sorted(options, key=lambda option: (-option[0], option[1:]))[:_PER_TOPIC]
        resources = [
            self._newcomer(topic, part, days, priced)
            for topic, best in ranked.items()
            for priced, part, days in best
            if priced > 0
        ]
        return sorted(resources, key=lambda resource: (-resource.priced, resource.what, resource.when))

    def _spans(self, index: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Pairs of a part of the day and as many days as a request needs."""
        need = self._days_needed(index)
        for part in _PARTS:
            days = sorted(self._best_of_days(index, part))
            yield from ((part, chosen) for chosen in islice(combinations(days, need), _LINE_UPS))

    def _days_needed(self, index: int) -> int:
        request = self.requests[index]
        return 1 if request.partial else -(-request.sessions // request.max_sessions_per_day)

    def _best_of_days(self, index: int, part: str) -> dict[int, float]:
        begin, end = _PARTS[part]
        latest, best = end - self.requests[index].duration_min, dict[int, float]()
        for start, price in self.leads[index].items():
            day, minute = divmod(start, DAY_MIN)
            if begin <= minute <= latest:
                best[day] = max(price, best.get(day, 0.0))
        return best

    def _price_in(self, indices: Iterable[int], part: str, days: tuple[int, ...]) -> float:
        """The sum of the requests' shadow prices, as far as one lead has minutes for them then."""
        begin, end = _PARTS[part]
        minutes_left = dict.fromkeys(days, end - begin)
        total = 0.0
        for index in sorted(indices, key=lambda index: (-self._weight(index), index)):
            request, best = self.requests[index], self._best_of_days(index, part)
            minutes = request.duration_min
            free = [day for day in days if day in best and minutes_left[day] >= minutes]
            chosen = sorted(free, key=lambda day: -best[day])[: self._days_needed(index)]
            if len(chosen) == self._days_needed(index):
                total += sum(best[day] for day in chosen) * request.sessions / len(chosen)
                minutes_left |= {day: minutes_left[day] - minutes for day in chosen}
        return total

    def _weight(self, index: int) -> int:
        return self.requests[index].weight * self.requests[index].sessions

    def _newcomer(self, topic: str, part: str, days: tuple[int, ...], priced: float) -> HypotheticalResource:
        waiting = tuple(index for index in self.waiting if self.requests[index].topic == topic)
        led = (index for index in waiting if self.leads.get(index))
        served = [index for index in led if not set(days).isdisjoint(self._best_of_days(index, part))]
        anchor = self.requests[max(served, key=self._weight)].location
        begin, end = _PARTS[part]
        free: Windows = tuple(Window(day * DAY_MIN + begin, day * DAY_MIN + end) for day in days)
        person = Volunteer(
            "newcomer-1", "newcomer 1", "newcomer", anchor, frozenset({topic}), free,
            vetted=any(self.requests[index].minors for index in served), max_travel_km=_NEAR_KM,
        )  # fmt: skip
        names = enumeration((DAY_NAMES[day] for day in days), 7)
        when = {
            "morning": message("{days} mornings", days=names),
            "afternoon": message("{days} afternoons", days=names),
            "evening": message("{days} evenings", days=names),
        }[part]
        near = self._nearest(anchor)
        return HypotheticalResource("volunteer", topic, when, near, (), (person,), waiting, priced)

    def _nearest(self, location: Location) -> str:
        return min(self.explainer.problem.venues, key=lambda venue: kilometres(location, venue.location)).name

    # ---- Rooms

    def hours(self) -> list[HypotheticalResource]:
        """Opening hours, extended by the least that lets in a course."""
        scores: dict[Edit, float] = defaultdict(float)
        for index in self.waiting:
            request = self.requests[index]
            for room, starts, price in self._chances(index, "open"):
                windows = room.open
                for start in starts:
                    windows = with_window(windows, Window(start, start + request.duration_min))
                scores[new_edit("room", room, "open", windows)] += price
        return self._ranked("hours", scores, scores)

    def seats(self) -> list[HypotheticalResource]:
        """A few more seats, as far as the room may have them; the highest shadow price of a seat first."""
        scores: dict[Edit, float] = defaultdict(float)
        for index in self.waiting:
            request = self.requests[index]
            for room, _, price in self._chances(index, "capacity"):
                if request.learners - room.capacity <= plausible_extra_seats(room):
                    scores[new_edit("room", room, "capacity", request.learners)] += price
        per_seat = {edit: score / (edit.after - edit.before) for edit, score in scores.items()}
        return self._ranked("seats", scores, per_seat)

    def _chances(self, index: int, rule: str) -> Iterator[tuple[Room, list[int], float]]:
        """Rooms that break this rule only, with the starts of the highest shadow prices, and their sum."""
        prices, request = self.rooms.get(index, {}), self.requests[index]
        if not prices:
            return
        availability = Availability(self.plan, index, frozenset({rule}))
        chances: list[tuple[float, float, int, list[int]]] = []
        for room, mask in chain.from_iterable(availability.rooms.values()):
            free = [start for start in prices if mask & availability.bit(start)]
            missing = {start: self._shortfall(room, start, request, rule) for start in free}
            shortfalls = {start: shortfall for start, shortfall in missing.items() if shortfall}
            for starts in _best_on_days(shortfalls, prices, self._days_needed(index)):
                value = sum(prices[start] for start in starts) * request.sessions / len(starts)
                chances.append((sum(shortfalls[start] for start in starts), -value, room, starts))
        for _, value, room, starts in sorted(chances)[:_PER_REQUEST]:
            yield self.plan.instance.rooms[room], starts, -value

    def _shortfall(self, room_index: int, start: int, request: Request, rule: str) -> int:
        """Seats or minutes that a room lacks."""
        room = self.plan.instance.rooms[room_index]
        if rule == "capacity":
            return max(0, request.learners - room.capacity)
        return missing_minutes(room.open, Window(start, start + request.duration_min))

    def _ranked(
        self, kind: str, prices: dict[Edit, float], ranks: dict[Edit, float]
    ) -> list[HypotheticalResource]:
        names, waiting, resources = self.explainer.names, tuple(self.waiting), []
        for edit in sorted(ranks, key=lambda edit: (-ranks[edit], f"{edit.id} {edit.after}")):
            _, venue = names.rooms[edit.id]
            what, price = (edit.id, say_edit(names, edit), venue.name), prices[edit]
            resources.append(HypotheticalResource(kind, *what, (edit,), (), waiting, price))
        return resources


def plausible_extra_seats(room: Room) -> int:
    """How many seats a room may gain: a quarter of those that it has, two at least."""
    return max(2, room.capacity // 4)


def _best_on_days(shortfalls: dict[int, int], prices: dict[int, float], days: int) -> Iterator[list[int]]:
    """Sets of starts on so many days: each day by itself where one will do, else the best ones together."""
    best: dict[int, int] = {}
    for start in sorted(shortfalls, key=lambda start: (-prices[start], shortfalls[start], start)):
        best.setdefault(start // DAY_MIN, start)
    if days == 1:
        yield from ([start] for start in best.values())
    elif len(best) >= days:
        yield sorted(islice(best.values(), days))
