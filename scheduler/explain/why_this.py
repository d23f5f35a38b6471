"""Why a placed session is where it is: the requests that it keeps out, and the price of other placements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from domain.messages import message
from domain.windows import DAY_MIN
from scheduler.documents.records import Assignment
from scheduler.explain.availability import NOTHING
from scheduler.explain.cheapest import CheapestOptions, Option, conflicts
from scheduler.explain.editable_plan import EditablePlan, EditableSession
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.explain.making_room import make_room
from scheduler.explain.pricing import Price, TentativeChange
from scheduler.explain.wording import Names, enumeration, say_losses, say_moves
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
    """Another placement of the session, tried out with whatever else has to move, leave or can come in.

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
    """What one placed session keeps out, and what pinning it elsewhere would cost, the cheapest first."""

    request: str
    title: str
    session: int
    place: Assignment
    pinned: bool
    competitors: tuple[Competitor, ...]
    elsewhere: tuple[Elsewhere, ...]


class Alternatives:
    """Search for alternatives to one placed session; the plan is left as it was."""

    def __init__(self, plan: EditablePlan, names: Names, session: EditableSession) -> None:
        self.plan, self.names, self.session = plan, names, session
        self.requests = plan.instance.requests

    def competitors(self, unserved: list[int]) -> list[int]:
        """Indices of the unserved requests that would fit without the session, the weightiest first."""
        blocked = [request for request in unserved if FeasibilitySearch(self.plan, request).find() is None]
        mark = self.plan.mark()
        self.plan.take(self.session.request, self.session.placement)
        fitting = [request for request in blocked if FeasibilitySearch(self.plan, request).find() is not None]
        self.plan.undo(mark)
        return sorted(fitting, key=lambda request: (-self._weight(request), request))

    def _weight(self, request: int) -> int:
        return self.requests[request].weight * self.requests[request].sessions

    def elsewhere(self, competitors: list[int]) -> list[Elsewhere]:
        """A few placements that do not overlap, at most two a day, each with the best that can be made of it."""
        mark, request, placement = self.plan.mark(), self.session.request, self.session.placement
        self.plan.take(request, placement)
        options = [
            option
            for relaxed in (NOTHING, _CLASHES)
            for option in CheapestOptions(self.plan, request, relaxed, placement).options(_TRIED)
        ]
        self.plan.undo(mark)
        alternatives: dict[int, Elsewhere] = {}
        days: Counter[int] = Counter()
        for option in options:
            start = option.placements[0].start
            apart = all(abs(start - taken) >= self.requests[request].duration_min for taken in alternatives)
            if apart and days[start // DAY_MIN] < _A_DAY and len(alternatives) < _SHOWN:
                alternative = self._try(option, competitors)
                if alternative is not None:
                    alternatives[start] = alternative
                    days[start // DAY_MIN] += 1
        goals = self.plan.instance.problem.goals
        return sorted(alternatives.values(), key=lambda elsewhere: [-elsewhere.goals[goal] for goal in goals])

    def _try(self, option: Option, competitors: list[int]) -> Elsewhere | None:
        change = TentativeChange(self.plan)
        request, placement = self.session.request, option.placements[0]
        change.remember(request)
        self.plan.take(request, self.session.placement)
        if not (make_room(change, request, (placement,)) or self._displace(change, placement)):
            change.undo()
            return None
        for competitor in competitors:
            self._let_in(change, competitor)
        price = change.price_and_undo()
        return None if price is None else self._alternative(price)

    def _displace(self, change: TentativeChange, placement: Placement) -> bool:
        """Put the session there and take all sessions of the conflicting requests out; False where one is pinned."""
        request = self.session.request
        for loser in {session.request for session in conflicts(self.plan, request, placement)}:
            if loser == request or self.plan.timetable.pinned.get(loser):
                return False
            change.remember(loser)
            for lost in list(self.plan.timetable.placed[loser]):
                self.plan.take(loser, lost)
        if self.plan.timetable.clashes(request, placement):
            return False
        self.plan.put(request, placement)
        return True

    def _let_in(self, change: TentativeChange, request: int) -> None:
        change.remember(request)
        for placement in FeasibilitySearch(self.plan, request).find() or ():
            self.plan.put(request, placement)

    def _alternative(self, price: Price) -> Elsewhere | None:
        mine = self.requests[self.session.request].id
        assignment = next((placed for placed in price.placed if placed.request == mine), None)
        if assignment is None:  # the session is where it was
            return None
        moves = say_moves(self.names, price, mine)
        return Elsewhere(
            assignment,
            message("{steps:; }.", steps=[self.names.describe(assignment), *moves]),
            _say(self.names, price),
            price.placed,
            price.withdrawn,
            price.goals,
        )


def _say(names: Names, price: Price) -> str:
    before = {assignment.request for assignment in price.withdrawn}
    after = {assignment.request for assignment in price.placed}
    new = sum(names.requests[request].learners for request in after - before)
    lost = sum(names.requests[request].learners for request in before - after)
    costs = [
        *([message("{learners} learners their course", learners=lost)] if lost else []),
        *say_losses(price.goals),
    ]
    loss = enumeration(costs, 5) or message("nothing")
    if new:
        return message("serves {learners} learners more; costs {costs}", learners=new, costs=loss)
    return message("costs {costs}", costs=loss)
