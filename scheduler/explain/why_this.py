"""Decide what a placed session competes with, and what it would cost to have it elsewhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from domain.windows import DAY_MIN
from scheduler.documents.records import Assignment
from scheduler.explain.availability import NOTHING
from scheduler.explain.cheapest import Candidate, Cheapest, in_the_way
from scheduler.explain.editable_plan import EditablePlan, PlacedSession
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.explain.making_room import make_room
from scheduler.explain.pricing import Ledger, Price
from scheduler.explain.wording import Names, listed, say_losses, say_moves
from scheduler.instance.instance import Placement

_CLASHES = frozenset({"room_clash", "volunteer_clash"})
_TRIED, _SHOWN, _A_DAY = 40, 5, 2


@dataclass(frozen=True, slots=True)
class Competitor:
    """An unserved request that would fit if the session were not there."""

    request: str
    title: str
    learners: int


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another place for the session, tried out with whatever else has to move, leave or can come in.

    `goals` says for each goal of the problem how much it gains, below 0 how much it loses.
    """

    place: Assignment
    sentence: str
    price: str
    placed: tuple[Assignment, ...]
    withdrawn: tuple[Assignment, ...]
    goals: dict[str, int]


@dataclass(frozen=True, slots=True)
class WhyThis:
    """What one placed session stands in the way of, and what pinning it elsewhere would cost, the cheapest first."""

    request: str
    title: str
    session: int
    place: Assignment
    pinned: bool
    competitors: tuple[Competitor, ...]
    elsewhere: tuple[Elsewhere, ...]


class Places:
    """Looks at one placed session of a board, which is left as it was."""

    def __init__(self, board: EditablePlan, names: Names, sitting: PlacedSession) -> None:
        self.board, self.names, self.sitting = board, names, sitting
        self.requests = board.instance.requests

    def competitors(self, unserved: list[int]) -> list[int]:
        """Those that do not fit now and would without it, the weightiest first."""
        blocked = [at for at in unserved if FeasibilitySearch(self.board, at).find() is None]
        mark = self.board.mark()
        self.board.take(self.sitting.request, self.sitting.at)
        found = [at for at in blocked if FeasibilitySearch(self.board, at).find() is not None]
        self.board.undo(mark)
        return sorted(found, key=lambda at: (-self._weight(at), at))

    def _weight(self, request: int) -> int:
        return self.requests[request].weight * self.requests[request].sessions

    def elsewhere(self, competitors: list[int]) -> list[Elsewhere]:
        """A few other places at different times, two a day at most, each with the best that is made of it."""
        mark = self.board.mark()
        self.board.take(self.sitting.request, self.sitting.at)
        options = [
            candidate
            for aside in (NOTHING, _CLASHES)
            for candidate in Cheapest(self.board, self.sitting.request, aside, self.sitting.at).candidates(
                _TRIED
            )
        ]
        self.board.undo(mark)
        found: dict[int, Elsewhere] = {}
        days: Counter[int] = Counter()
        for option in options:
            start = option.places[0].start
            apart = all(
                abs(start - other) >= self.requests[self.sitting.request].duration_min for other in found
            )
            if apart and days[start // DAY_MIN] < _A_DAY and len(found) < _SHOWN:
                made = self._try(option, competitors)
                if made is not None:
                    found[start] = made
                    days[start // DAY_MIN] += 1
        goals = self.board.instance.problem.goals
        return sorted(found.values(), key=lambda one: [-one.goals[goal] for goal in goals])

    def _try(self, option: Candidate, competitors: list[int]) -> Elsewhere | None:
        ledger = Ledger(self.board)
        request, placement = self.sitting.request, option.places[0]
        ledger.touch(request)
        self.board.take(request, self.sitting.at)
        if not (make_room(ledger, request, (placement,)) or self._oust(ledger, placement)):
            ledger.cancel()
            return None
        for competitor in competitors:
            self._let_in(ledger, competitor)
        price = ledger.settle()
        return None if price is None else self._told(price)

    def _oust(self, ledger: Ledger, at: Placement) -> bool:
        """Put it there though others lose their place: their courses are taken out whole."""
        request = self.sitting.request
        for loser in {sitting.request for sitting in in_the_way(self.board, request, at)}:
            if loser == request or self.board.timetable.pinned.get(loser):
                return False
            ledger.touch(loser)
            for placement in list(self.board.timetable.placed[loser]):
                self.board.take(loser, placement)
        if self.board.timetable.clashes(request, at):
            return False
        self.board.put(request, at)
        return True

    def _let_in(self, ledger: Ledger, request: int) -> None:
        ledger.touch(request)
        for placement in FeasibilitySearch(self.board, request).find() or ():
            self.board.put(request, placement)

    def _told(self, price: Price) -> Elsewhere | None:
        mine = self.requests[self.sitting.request].id
        assignment = next((one for one in price.placed if one.request == mine), None)
        if assignment is None:
            return None  # only an assistant would be another one
        others = say_moves(self.names, price, mine)
        more = f"; {'; '.join(others)}" if others else ""
        return Elsewhere(
            assignment,
            f"{self.names.place(assignment)}{more}.",
            _say(self.names, price),
            price.placed,
            price.withdrawn,
            price.goals,
        )


def _say(names: Names, price: Price) -> str:
    before, after = ({assignment.request for assignment in many} for many in (price.withdrawn, price.placed))
    new, lost = (sum(names.requests[one].learners for one in who) for who in (after - before, before - after))
    costs = [*([f"{lost} learners their course"] if lost else []), *say_losses(price.goals)]
    gain = f"serves {new} learners more; " if new else ""
    return f"{gain}costs {listed(costs, 5) or 'nothing'}"
