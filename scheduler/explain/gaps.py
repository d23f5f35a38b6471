"""Decide what is short: which volunteer, opened hour or seats more would serve most of those who wait.

Where to look is said by the duals of the week as a linear programme (`shadow`). The best of each kind are then tried
out on the plan: the newcomer, hour or seats are added, the waiting requests are put in one by one, weightiest first,
and the result is checked and priced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scheduler.documents.records import Volunteer
from scheduler.explain.edits import Document, Edit, do
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.explain.hypothetical_resources import Wish, Wishes
from scheduler.explain.pricing import Ledger, Price
from scheduler.explain.why_not import Explainer
from scheduler.explain.wording import listed
from scheduler.instance.instance import Placement

_TRIED, _SHOWN = 40, 10


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
    priced : float
        What duals said that it would be worth, in the unit of `served`; `goals` says what it was when tried.
    edits, newcomers
        What changes in the problem.
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
    priced: float
    edits: tuple[Edit, ...]
    newcomers: tuple[Volunteer, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class GapReport:
    """At most ten gaps of each kind, best first: by learner-hours, of seats by learner-hours for each.

    `waiting` counts the unserved requests.
    """

    waiting: int
    volunteers: tuple[Gap, ...]
    hours: tuple[Gap, ...]
    seats: tuple[Gap, ...]

    @property
    def top(self) -> list[Gap]:
        """The ten best of all kinds."""
        return sorted([*self.volunteers, *self.hours, *self.seats], key=_value)[:_SHOWN]


def gaps(problem: Document, plan: Document) -> GapReport:
    """What is short in a plan; see `GapReport`."""
    return report(Explainer(problem, plan))


def report(explainer: Explainer, on_progress: Callable[[int, int], None] | None = None) -> GapReport:
    trial, said = _Trial(explainer), on_progress or (lambda *_: None)
    said(0, 4)
    wishes = Wishes(explainer, trial.waiting)
    gapses = []
    for done, kind in enumerate((wishes.volunteers, wishes.hours, wishes.seats), 1):
        said(done, 4)
        gapses.append(_best(trial.of(wish) for wish in kind()[:_TRIED]))
    return GapReport(len(explainer.unserved()), *gapses)


def _best(tried: Iterable[tuple[Gap, int] | None]) -> tuple[Gap, ...]:
    """The ten best for what they ask, one for each set of requests: what takes the fewest words to ask for."""
    found: dict[tuple[str, ...], tuple[Gap, int]] = {}
    for one in tried:
        if one is not None:
            known = found.setdefault(one[0].requests, one)
            found[one[0].requests] = min(
                known, one, key=lambda two: (two[1], len(two[0].sentence), two[0].sentence)
            )
    ranked = sorted(found.values(), key=lambda one: (-one[0].learner_hours / one[1], one[0].sentence))
    return tuple(gap for gap, _ in ranked[:_SHOWN])


class _Trial:
    """Tries wishes out on the plan, which is left as it was."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer, self.board = explainer, explainer.board
        self.requests = explainer.problem.requests
        unserved = map(explainer.at, explainer.unserved())
        self.waiting = [at for at in unserved if FeasibilitySearch(self.board, at).find() is None]

    def _weight(self, at: int) -> int:
        return self.requests[at].weight * self.requests[at].sessions

    def of(self, wish: Wish) -> tuple[Gap, int] | None:
        """What the wish serves, and how many units of it are asked for: seats count one by one."""
        ledger = Ledger(self.board)
        do(self.board, wish.edits, wish.newcomers)
        served = []
        for at in sorted(wish.waiting, key=lambda at: (-self._weight(at), at)):
            places = self._places(at, wish)
            if places:
                ledger.touch(at)
                served.append(at)
                for placement in places:
                    self.board.put(at, placement)
        price = ledger.settle()
        if price is None or not served:
            return None
        seats = sum(edit.after - edit.before for edit in wish.edits if edit.key == "capacity")
        return self._told(wish, served, price), max(1, seats)

    def _places(self, at: int, wish: Wish) -> list[Placement] | None:
        """Where a request fits now; it fits nowhere without what is new."""
        room = None if wish.newcomers else self.board.instance.room_index[wish.what]
        if room is not None and not self._may_use(at, room):
            return None
        return FeasibilitySearch(self.board, at).find()

    def _may_use(self, at: int, room: int) -> bool:
        request = self.requests[at]
        return self.board.instance.fits(request, self.board.instance.rooms[room]) and self.board.in_reach(
            at, self.board.instance.room_venue[room]
        )

    def _told(self, wish: Wish, served: list[int], price: Price) -> Gap:
        requests = [self.requests[at] for at in served]
        learners = sum(request.learners for request in requests)
        hours = sum(request.learners * request.sessions * request.duration_min for request in requests) / 60
        courses = "one course" if len(served) == 1 else f"{len(served)} courses"
        wait = f"{courses} with {learners} learners {'waits' if len(served) == 1 else 'wait'}."
        titles = listed((f"“{one.title}”" for one in requests), 2)
        return Gap(
            wish.kind, wish.what, wish.when if wish.kind != "seats" else "", wish.near,
            tuple(request.id for request in requests), learners, hours, price.goals, wish.priced, wish.edits,
            wish.newcomers, f"{_call(wish, titles)}; {wait}",
        )  # fmt: skip


def _call(wish: Wish, titles: str) -> str:
    if wish.kind == "volunteer":
        vetted = "somebody with a background check" if wish.newcomers[0].vetted else "somebody"
        return f"Wanted: {vetted} who can teach {wish.what} on {wish.when} near {wish.near}"
    if wish.kind == "seats":
        return f"Wanted: {wish.when}, so that {titles} can be held there"
    return f"Please {wish.when}"


def _value(gap: Gap) -> tuple[float, str]:
    return -gap.learner_hours, gap.sentence
