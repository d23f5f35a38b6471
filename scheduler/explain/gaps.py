"""Gaps of a plan: the volunteers, opening hours and seats that would serve most of the unserved requests.

Shadow prices say what to try. The best of each kind are then tried out on the plan: the newcomer, hours or seats are
added, the unserved requests are placed greedily, the heaviest first, and the result is checked and priced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from domain.messages import message, plural
from scheduler.documents.records import Volunteer
from scheduler.explain.edits import Document, Edit, apply_edits
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.explain.hypothetical_resources import HypotheticalResource, HypotheticalResources
from scheduler.explain.pricing import Price, TentativeChange
from scheduler.explain.why_not import Explainer
from scheduler.explain.wording import enumeration
from scheduler.instance.instance import Placement

_TRIED, _SHOWN = 40, 10


@dataclass(frozen=True, slots=True)
class Gap:
    """One more volunteer, opening hour or few seats, and what it would do.

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
        Its shadow price in the unit of `served`; `goals` says what it brought when tried.
    edits, newcomers
        What changes in the problem.
    sentence : str
        A call for it, for people.
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
    """At most ten gaps of each kind, the most learner-hours first, of seats the most for each seat.

    `waiting` counts the unserved requests.
    """

    waiting: int
    volunteers: tuple[Gap, ...]
    hours: tuple[Gap, ...]
    seats: tuple[Gap, ...]

    @property
    def top(self) -> list[Gap]:
        """The ten gaps of all kinds with the most learner-hours."""
        return sorted([*self.volunteers, *self.hours, *self.seats], key=_value)[:_SHOWN]


def gaps(problem: Document, plan: Document) -> GapReport:
    """The gaps of a plan, given with its problem as documents."""
    return report(Explainer(problem, plan))


def report(explainer: Explainer, on_progress: Callable[[int, int], None] | None = None) -> GapReport:
    """The gaps of an explainer's plan; `on_progress` is called with steps done and steps in all."""
    trial, notify = _Trial(explainer), on_progress or (lambda *_: None)
    notify(0, 4)
    resources = HypotheticalResources(explainer, trial.waiting)
    gaps_by_kind = []
    for done, kind in enumerate((resources.volunteers, resources.hours, resources.seats), 1):
        notify(done, 4)
        gaps_by_kind.append(_best(trial.of(resource) for resource in kind()[:_TRIED]))
    return GapReport(len(explainer.unserved()), *gaps_by_kind)


def _best(tried: Iterable[tuple[Gap, int] | None]) -> tuple[Gap, ...]:
    """The ten best for what they ask, one for each set of requests: of the fewest units, then the shortest sentence."""
    pairs = sorted(filter(None, tried), key=_units_and_words, reverse=True)
    best = {pair[0].requests: pair for pair in pairs}  # the last one wins
    ranked = sorted(best.values(), key=lambda pair: (-pair[0].learner_hours / pair[1], pair[0].sentence))
    return tuple(gap for gap, _ in ranked[:_SHOWN])


def _units_and_words(pair: tuple[Gap, int]) -> tuple[int, int, str]:
    return pair[1], len(pair[0].sentence), pair[0].sentence


class _Trial:
    """Tries hypothetical resources out on the plan, which is left as it was."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer, self.plan = explainer, explainer.plan
        self.requests = explainer.problem.requests
        unserved = map(explainer.index_of, explainer.unserved())
        self.waiting = [index for index in unserved if FeasibilitySearch(self.plan, index).find() is None]

    def _weight(self, index: int) -> int:
        return self.requests[index].weight * self.requests[index].sessions

    def of(self, resource: HypotheticalResource) -> tuple[Gap, int] | None:
        """What a resource serves, and how many units it is: seats count one by one."""
        change = TentativeChange(self.plan)
        apply_edits(self.plan, resource.edits, resource.newcomers)
        served = []
        for index in sorted(resource.waiting, key=lambda index: (-self._weight(index), index)):
            placements = self._places(index, resource)
            if placements:
                change.remember(index)
                served.append(index)
                for placement in placements:
                    self.plan.put(index, placement)
        price = change.price_and_undo()
        if price is None or not served:
            return None
        seats = sum(edit.after - edit.before for edit in resource.edits if edit.key == "capacity")
        return self._gap(resource, served, price), max(1, seats)

    def _places(self, index: int, resource: HypotheticalResource) -> list[Placement] | None:
        """Where a request fits with the resource; requests that cannot use a changed room are not searched."""
        room = None if resource.newcomers else self.plan.instance.room_index[resource.what]
        if room is not None and not self._may_use(index, room):
            return None
        return FeasibilitySearch(self.plan, index).find()

    def _may_use(self, index: int, room: int) -> bool:
        instance = self.plan.instance
        fits = instance.fits(self.requests[index], instance.rooms[room])
        return fits and self.plan.in_reach(index, instance.room_venue[room])

    def _gap(self, resource: HypotheticalResource, served: list[int], price: Price) -> Gap:
        requests = [self.requests[index] for index in served]
        learners = sum(request.learners for request in requests)
        hours = sum(request.learners * request.sessions * request.duration_min for request in requests) / 60
        wait = plural(
            "one course with {learners} learners waits.",
            "{count} courses with {learners} learners wait.",
            count=len(served),
            learners=learners,
        )
        titles = enumeration((message("“{title}”", title=request.title) for request in requests), 2)
        return Gap(
            resource.kind, resource.what, resource.when if resource.kind != "seats" else "", resource.near,
            tuple(request.id for request in requests), learners, hours, price.goals, resource.priced, resource.edits,
            resource.newcomers, message("{call}; {wait}", call=_call(resource, titles), wait=wait),
        )  # fmt: skip


def _call(resource: HypotheticalResource, titles: str) -> str:
    if resource.kind == "volunteer":
        vetted = (
            message("somebody with a background check")
            if resource.newcomers[0].vetted
            else message("somebody")
        )
        return message(
            "Wanted: {who} who can teach {what} on {when} near {near}",
            who=vetted,
            what=resource.what,
            when=resource.when,
            near=resource.near,
        )
    if resource.kind == "seats":
        return message(
            "Wanted: {when}, so that {titles} can be held there", when=resource.when, titles=titles
        )
    return message("Please {when}", when=resource.when)


def _value(gap: Gap) -> tuple[float, str]:
    return -gap.learner_hours, gap.sentence
