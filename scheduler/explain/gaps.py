"""Decide what is short: which volunteer, opened hour or seats more would serve most of those who wait.

Candidates come from counting who would fit; the best of each kind are then tried out on the plan: the newcomer, hour or
seats are added, the waiting requests are put in one by one, weightiest first, and the result is checked and priced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice

from domain.windows import DAY_MIN, DAY_NAMES, Window, Windows
from scheduler.explain.changes import Document, Edit, do, edit
from scheduler.explain.cheapest import Cheapest
from scheduler.explain.lacks import edits_for
from scheduler.explain.left import OF_PEOPLE, Left
from scheduler.explain.pricing import Ledger, Price
from scheduler.explain.seek import Seeker
from scheduler.explain.why_not import Explainer
from scheduler.explain.words import listed, say_edit
from scheduler.instance import Placement, kilometres
from scheduler.records import Location, Request, Volunteer

_PARTS = {"morning": (8 * 60, 12 * 60), "afternoon": (12 * 60, 17 * 60), "evening": (17 * 60, 22 * 60)}
_NEAR_KM = 5.0  # how far a newcomer goes from home
_TRIED, _PER_TOPIC, _SHOWN = 40, 3, 10
_PEOPLE_ASIDE = frozenset(OF_PEOPLE)


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing more, and what it would do.

    Attributes
    ----------
    kind : str
        "volunteer", "hours" or "seats".
    what : str
        The topic of a volunteer, the id of a room otherwise.
    when : str
        Days and part of the day, or the hours to open; empty for seats.
    near : str
        The venue nearest to where a volunteer should live; the room's venue otherwise.
    requests : tuple of str
        The requests that it serves, as tried out.
    learners : int
        Theirs.
    learner_hours : float
        Learners × hours of all their sessions.
    goals : dict
        For each goal of the problem how much it gains, below 0 how much it loses.
    sentence : str
        Ready for a call.
    """

    kind: str
    what: str
    when: str
    near: str
    requests: tuple[str, ...]
    learners: int
    learner_hours: float
    goals: dict[str, int]
    sentence: str


@dataclass(frozen=True, slots=True)
class GapReport:
    """At most ten gaps of each kind, the one that serves most learner-hours first; `waiting` counts the unserved."""

    waiting: int
    volunteers: tuple[Gap, ...]
    hours: tuple[Gap, ...]
    seats: tuple[Gap, ...]

    @property
    def top(self) -> list[Gap]:
        """The ten best of all kinds."""
        return sorted([*self.volunteers, *self.hours, *self.seats], key=_value)[:_SHOWN]


@dataclass(frozen=True, slots=True)
class _Change:
    """A change to be tried: what it is called, and whom it may serve."""

    kind: str
    what: str
    when: str
    near: str
    edits: tuple[Edit, ...]
    newcomers: tuple[Volunteer, ...]
    waiting: tuple[int, ...]


def gaps(problem: Document, plan: Document) -> GapReport:
    """What is short in a plan; see `GapReport`."""
    return report(Explainer(problem, plan))


def report(explainer: Explainer, on_progress: Callable[[int, int], None] | None = None) -> GapReport:
    finder = _Finder(explainer)
    kinds = (finder.volunteers, finder.hours, finder.seats)
    found = []
    for done, candidates in enumerate(kinds):
        if on_progress is not None:
            on_progress(done, len(kinds))
        found.append(_best(finder.tried(one) for one in candidates()))
    return GapReport(len(finder.waiting), *found)


def _best(tried: Iterable[Gap | None]) -> tuple[Gap, ...]:
    """The ten best, one for each set of requests: what takes the fewest words to ask for."""
    found: dict[tuple[str, ...], Gap] = {}
    for gap in tried:
        if gap is not None:
            known = found.setdefault(gap.requests, gap)
            found[gap.requests] = min(known, gap, key=lambda one: (len(one.sentence), one.sentence))
    return tuple(sorted(found.values(), key=_value)[:_SHOWN])


class _Finder:
    def __init__(self, explainer: Explainer) -> None:
        self.explainer, self.board = explainer, explainer.board
        self.requests = explainer.problem.requests
        self.waiting = [explainer.at(name) for name in explainer.unserved()]

    def _weight(self, at: int) -> int:
        return self.requests[at].weight * self.requests[at].sessions

    # ---- Candidates

    def volunteers(self) -> Iterator[_Change]:
        """For each topic the days and parts of a day at which most of those who wait would have a room."""
        scores: dict[tuple[str, str, tuple[int, ...]], list[int]] = defaultdict(list)
        for at in self.waiting:
            if self.requests[at].leads == 1:
                for part, days in self._free_days(at):
                    scores[self.requests[at].topic, part, days].append(at)
        ranked = sorted(scores, key=lambda key: (-sum(map(self._weight, scores[key])), key))
        per_topic: dict[str, int] = defaultdict(int)
        chosen = []
        for topic, part, days in ranked:
            per_topic[topic] += 1
            if per_topic[topic] <= _PER_TOPIC:
                chosen.append((topic, part, days))
        for topic, part, days in chosen[:_TRIED]:
            yield self._newcomer(topic, part, days, scores[topic, part, days])

    def _free_days(self, at: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        left = Left(self.board, at, _PEOPLE_ASIDE)
        starts = {start for mask in left.at_venue.values() for start in self.board.grid.starts(mask)}
        for part, (begin, end) in _PARTS.items():
            latest = end - left.minutes
            days = sorted({start // DAY_MIN for start in starts if begin <= start % DAY_MIN <= latest})
            yield from ((part, chosen) for chosen in islice(combinations(days, left.need), 10))

    def _newcomer(self, topic: str, part: str, days: tuple[int, ...], waiting: list[int]) -> _Change:
        anchor = self.requests[max(waiting, key=self._weight)]
        others = tuple(at for at in self.waiting if self.requests[at].topic == topic)
        begin, end = _PARTS[part]
        free: Windows = tuple(Window(day * DAY_MIN + begin, day * DAY_MIN + end) for day in days)
        person = Volunteer(
            "newcomer-1", "newcomer 1", "newcomer", anchor.location, frozenset({topic}), free,
            vetted=any(self.requests[at].minors for at in others), max_travel_km=_NEAR_KM,
        )  # fmt: skip
        when = f"{listed((DAY_NAMES[day] for day in days), 7)} {part}s"
        return _Change("volunteer", topic, when, self._nearest(anchor.location), (), (person,), others)

    def _nearest(self, place: Location) -> str:
        venues = self.explainer.problem.venues
        return min(venues, key=lambda venue: kilometres(place, venue.location)).name

    def hours(self) -> Iterator[_Change]:
        """Opening hours that let in somebody who waits for nothing else."""
        yield from self._of_rooms("hours", "open")

    def seats(self) -> Iterator[_Change]:
        """Seats that let in somebody who waits for nothing else."""
        yield from self._of_rooms("seats", "capacity")

    def _of_rooms(self, kind: str, fact: str) -> Iterator[_Change]:
        scores: dict[tuple[Edit, ...], list[int]] = defaultdict(list)
        for at in self.waiting:
            for one in Cheapest(self.board, at, frozenset({fact})).candidates(6):
                edits = edits_for(self.board, at, list(one.places)) or []
                if kind == "seats" and any(change.key == "learners" for change in edits):
                    edits = self._more_seats(self.requests[at], {place.room for place in one.places})
                if edits:
                    scores[tuple(edits)].append(at)
        ranked = sorted(scores, key=lambda key: (-sum(map(self._weight, scores[key])), repr(key)))
        for asked in ranked[:_TRIED]:
            room, venue = self.explainer.names.rooms[asked[0].id]
            told = "; ".join(say_edit(self.explainer.names, one) for one in asked)
            yield _Change(kind, room.id, told, venue.name, asked, (), tuple(self.waiting))

    def _more_seats(self, wanted: Request, rooms: Iterable[int]) -> list[Edit]:
        short = [self.board.instance.rooms[at] for at in sorted(rooms)]
        return [
            edit("room", room, "capacity", wanted.learners)
            for room in short
            if room.capacity < wanted.learners
        ]

    # ---- Trying out

    def tried(self, change: _Change) -> Gap | None:
        """The change made on the board, the waiting requests put in, checked, priced and taken back."""
        ledger = Ledger(self.board)
        do(self.board, change.edits, change.newcomers)
        served = []
        for at in sorted(change.waiting, key=lambda at: (-self._weight(at), at)):
            places = self._places(at, change)
            if places:
                ledger.touch(at)
                served.append(at)
                for place in places:
                    self.board.put(at, place)
        price = ledger.settle()
        return self._told(change, served, price) if price is not None and served else None

    def _places(self, at: int, change: _Change) -> list[Placement] | None:
        """Where a request fits now, if it uses what is new."""
        places = Seeker(self.board, at).find()
        if not places or change.newcomers:
            return places
        room = self.board.instance.room_index[change.what]
        return places if any(place.room == room for place in places) else None

    def _told(self, change: _Change, served: list[int], price: Price) -> Gap:
        wanted = [self.requests[at] for at in served]
        learners = sum(one.learners for one in wanted)
        hours = sum(one.learners * one.sessions * one.duration_min for one in wanted) / 60
        courses = "one course" if len(served) == 1 else f"{len(served)} courses"
        wait = f"{courses} with {learners} learners {'waits' if len(served) == 1 else 'wait'}."
        return Gap(
            change.kind, change.what, change.when if change.kind != "seats" else "", change.near,
            tuple(one.id for one in wanted), learners, hours, price.goals, f"{self._call(change)}; {wait}",
        )  # fmt: skip

    def _call(self, change: _Change) -> str:
        if change.kind == "volunteer":
            vetted = "somebody with a background check" if change.newcomers[0].vetted else "somebody"
            return f"Wanted: {vetted} who can teach {change.what} on {change.when} near {change.near}"
        if change.kind == "seats":
            asked = (
                f"{one.after - one.before} more seats in {self.explainer.names.room(one.id)}"
                for one in change.edits
            )
            return f"Wanted: {listed(asked)}"
        return f"Please {change.when}"


def _value(gap: Gap) -> tuple[float, str]:
    return -gap.learner_hours, gap.sentence
