"""Decide which volunteers, hours and seats are worth trying out: those that shadow prices say most of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice

from domain.windows import DAY_MIN, DAY_NAMES, Window, Windows
from scheduler.documents.records import Location, Request, Room, Volunteer
from scheduler.explain.availability import Left
from scheduler.explain.edits import Edit, edit, missing_minutes, with_window
from scheduler.explain.shadow_prices import Worth, worths
from scheduler.explain.why_not import Explainer
from scheduler.explain.wording import listed, say_edit
from scheduler.instance.instance import kilometres

_PARTS = {"morning": (8 * 60, 12 * 60), "afternoon": (12 * 60, 17 * 60), "evening": (17 * 60, 22 * 60)}
_NEAR_KM = 5.0  # how far a newcomer goes from home
_PER_TOPIC, _PER_REQUEST, _LINE_UPS = 3, 12, 10
_LIMIT_S = 300.0  # for the linear programme; without its duals everything counts in full


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing more to be tried: what it is called, what it is, whom it may serve, and what duals say it is worth."""

    kind: str
    what: str
    when: str
    near: str
    edits: tuple[Edit, ...]
    newcomers: tuple[Volunteer, ...]
    waiting: tuple[int, ...]
    priced: float


class Wishes:
    """Makes wishes for the requests that wait, given as numbers; each list is in order of what duals say."""

    def __init__(self, explainer: Explainer, waiting: list[int]) -> None:
        self.explainer, self.waiting = explainer, waiting
        self.board, self.requests = explainer.empty, explainer.problem.requests
        topics = {self.requests[at].topic for at in waiting}
        found = worths(explainer.problem, topics, _LIMIT_S) if waiting else None
        self.leads: Worth = found.leads if found else {}
        self.rooms: Worth = found.rooms if found else {}

    # ---- Volunteers

    def volunteers(self) -> list[Wish]:
        """For each topic the days and parts of a day at which somebody who leads it would be worth most."""
        ranked: dict[str, list[tuple[float, str, tuple[int, ...]]]] = {}
        of_topic: dict[str, list[int]] = defaultdict(list)
        for at in self.waiting:
            if self.leads.get(at):
                of_topic[self.requests[at].topic].append(at)
        for topic, requests in sorted(of_topic.items()):
            spans = sorted({span for request in requests for span in self._spans(request)})
            valued = ((self._worth_in(requests, part, days), part, days) for part, days in spans)
            ranked[topic] = sorted(valued, key=lambda one: (-one[0], one[1:]))[:_PER_TOPIC]
        wishes = [
            self._newcomer(topic, part, days, priced)
            for topic, best in ranked.items()
            for priced, part, days in best
            if priced > 0
        ]
        return sorted(wishes, key=lambda wish: (-wish.priced, wish.what, wish.when))

    def _spans(self, at: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The parts of a day, and as many days as a request needs."""
        need = self._days_needed(at)
        for part in _PARTS:
            days = sorted(self._best_of_days(at, part))
            yield from ((part, chosen) for chosen in islice(combinations(days, need), _LINE_UPS))

    def _days_needed(self, at: int) -> int:
        request = self.requests[at]
        return 1 if request.partial else -(-request.sessions // request.max_sessions_per_day)

    def _best_of_days(self, at: int, part: str) -> dict[int, float]:
        begin, end = _PARTS[part]
        latest, best = end - self.requests[at].duration_min, dict[int, float]()
        for start, worth in self.leads[at].items():
            day, minute = divmod(start, DAY_MIN)
            if begin <= minute <= latest:
                best[day] = max(worth, best.get(day, 0.0))
        return best

    def _worth_in(self, requests: Iterable[int], part: str, days: tuple[int, ...]) -> float:
        """What the requests are worth together to somebody free then, as far as their minutes go into the hours."""
        begin, end = _PARTS[part]
        left = dict.fromkeys(days, end - begin)
        total = 0.0
        for request in sorted(requests, key=lambda at: (-self._weight(at), at)):
            wanted, best = self.requests[request], self._best_of_days(request, part)
            minutes = wanted.duration_min
            free = sorted(
                (day for day in days if day in best and left[day] >= minutes), key=lambda day: -best[day]
            )
            chosen = free[: self._days_needed(request)]
            if len(chosen) == self._days_needed(request):
                total += sum(best[day] for day in chosen) * wanted.sessions / len(chosen)
                left |= {day: left[day] - minutes for day in chosen}
        return total

    def _weight(self, at: int) -> int:
        return self.requests[at].weight * self.requests[at].sessions

    def _newcomer(self, topic: str, part: str, days: tuple[int, ...], priced: float) -> Wish:
        others = tuple(at for at in self.waiting if self.requests[at].topic == topic)
        served = [at for at in others if self.leads.get(at) and set(self._best_of_days(at, part)) & set(days)]
        anchor = self.requests[max(served, key=self._weight)].location
        begin, end = _PARTS[part]
        free: Windows = tuple(Window(day * DAY_MIN + begin, day * DAY_MIN + end) for day in days)
        person = Volunteer(
            "newcomer-1", "newcomer 1", "newcomer", anchor, frozenset({topic}), free,
            vetted=any(self.requests[at].minors for at in served), max_travel_km=_NEAR_KM,
        )  # fmt: skip
        when = f"{listed((DAY_NAMES[day] for day in days), 7)} {part}s"
        return Wish("volunteer", topic, when, self._nearest(anchor), (), (person,), others, priced)

    def _nearest(self, place: Location) -> str:
        return min(self.explainer.problem.venues, key=lambda venue: kilometres(place, venue.location)).name

    # ---- Rooms

    def hours(self) -> list[Wish]:
        """Opening hours, grown by the least that lets in a course; those worth most for their minutes first."""
        scores: dict[Edit, float] = defaultdict(float)
        for at in self.waiting:
            request = self.requests[at]
            for room, starts, worth in self._chances(at, "open"):
                windows = room.open
                for start in starts:
                    windows = with_window(windows, Window(start, start + request.duration_min))
                scores[edit("room", room, "open", windows)] += worth
        return [
            self._of_room("hours", score, scores[score])
            for score in sorted(scores, key=lambda one: self._rank(scores, one))
        ]

    def _rank(self, scores: dict[Edit, float], one: Edit) -> tuple[float, str]:
        return -scores[one], f"{one.id} {one.after}"

    def seats(self) -> list[Wish]:
        """A few more seats, as far as the room may have them; those worth most for each seat first."""
        scores: dict[Edit, float] = defaultdict(float)
        for at in self.waiting:
            request = self.requests[at]
            for room, _, worth in self._chances(at, "capacity"):
                if request.learners - room.capacity <= most_seats(room):
                    scores[edit("room", room, "capacity", request.learners)] += worth
        each = {one: score / (one.after - one.before) for one, score in scores.items()}
        return [
            self._of_room("seats", one, scores[one])
            for one in sorted(each, key=lambda one: self._rank(each, one))
        ]

    def _chances(self, at: int, fact: str) -> Iterator[tuple[Room, list[int], float]]:
        """Rooms that lack nothing but `fact`, the starts that are worth most there, and what they are worth."""
        worth, request = self.rooms.get(at, {}), self.requests[at]
        if not worth:
            return
        left, chances = Left(self.board, at, frozenset({fact})), list[tuple[float, float, int, list[int]]]()
        for room, mask in (one for rooms in left.rooms.values() for one in rooms):
            lacking = [start for start in worth if mask & left.bit(start)]
            asked = {start: lack for start in lacking if (lack := self._asked(room, start, request, fact))}
            for starts in _best_on_days(asked, worth, self._days_needed(at)):
                value = sum(worth[start] for start in starts) * request.sessions / len(starts)
                chances.append((sum(asked[start] for start in starts), -value, room, starts))
        for _, value, room, starts in sorted(chances)[:_PER_REQUEST]:
            yield self.board.instance.rooms[room], starts, -value

    def _asked(self, number: int, start: int, wanted: Request, fact: str) -> int:
        """Seats or minutes that the room lacks."""
        room = self.board.instance.rooms[number]
        if fact == "capacity":
            return max(0, wanted.learners - room.capacity)
        return missing_minutes(room.open, Window(start, start + wanted.duration_min))

    def _of_room(self, kind: str, asked: Edit, priced: float) -> Wish:
        room, venue = self.explainer.names.rooms[asked.id]
        told = say_edit(self.explainer.names, asked)
        return Wish(kind, room.id, told, venue.name, (asked,), (), tuple(self.waiting), priced)


def most_seats(room: Room) -> int:
    """How many seats a room may plausibly gain: a quarter of those that it has, two at least."""
    return max(2, room.capacity // 4)


def _best_on_days(asked: dict[int, int], worth: dict[int, float], days: int) -> Iterator[list[int]]:
    """Sets of starts on so many days: each day by itself where one will do, else the best ones together."""
    best: dict[int, int] = {}
    for start in sorted(asked, key=lambda start: (-worth[start], asked[start], start)):
        best.setdefault(start // DAY_MIN, start)
    if days == 1:
        yield from ([start] for start in best.values())
    elif len(best) >= days:
        yield sorted(islice(best.values(), days))
