"""Decide how evenly a plan serves each community and audience, and what a minimum for each community costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scheduler.documents.records import GoalResult
from scheduler.explain.edits import Document
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.explain.why_not import Explainer
from scheduler.solve import solve


@dataclass(frozen=True, slots=True)
class Share:
    """What one community or audience asked for and got.

    Attributes
    ----------
    name : str
        The area's id as the requests give it, or the audience.
    asked, served : int
        Requests, and those with at least one session placed.
    learners_asked, learners_served : int
        Their learners.
    share : float
        Of the weight asked (priority × learners × minutes of all sessions), the part that is placed; 0 to 1.
    servable : int
        Requests of those not served that could be, were they the only ones.
    """

    name: str
    asked: int
    served: int
    learners_asked: int
    learners_served: int
    share: float
    servable: int


@dataclass(frozen=True, slots=True)
class Fairness:
    """Shares, the lowest first, and the communities with a servable request that get nothing at all."""

    communities: tuple[Share, ...]
    audiences: tuple[Share, ...]
    left_out: tuple[str, ...]


def fairness(problem: Document, plan: Document) -> Fairness:
    """How a plan shares out what there is; `audience` is an optional key of a request, unknown to the format."""
    return shares(Explainer(problem, plan))


def shares(explainer: Explainer) -> Fairness:
    areas: dict[str, list[int]] = {}
    audiences: dict[str, list[int]] = {}
    for index, (request, written) in enumerate(
        zip(explainer.problem.requests, explainer.document["requests"], strict=True)
    ):
        areas.setdefault(request.area, []).append(index)
        if isinstance(audience := written.get("audience"), str):
            audiences.setdefault(audience, []).append(index)
    communities = _shares(explainer, areas)
    left_out = tuple(share.name for share in communities if not share.served and share.servable)
    return Fairness(communities, _shares(explainer, audiences), left_out)


def _shares(explainer: Explainer, groups: dict[str, list[int]]) -> tuple[Share, ...]:
    shares = (_share(explainer, name, requests) for name, requests in groups.items())
    return tuple(sorted(shares, key=lambda share: (share.share, share.name)))


def _share(explainer: Explainer, name: str, requests: Iterable[int]) -> Share:
    records, placed = explainer.problem.requests, explainer.plan.timetable.placed
    requests = list(requests)
    served = [request for request in requests if placed.get(request)]
    weight_asked = sum(records[request].weight * records[request].sessions for request in requests)
    weight_placed = sum(records[request].weight * len(placed[request]) for request in served)
    servable = sum(
        not placed.get(request) and FeasibilitySearch(explainer.empty_plan, request).find() is not None
        for request in requests
    )
    return Share(
        name, len(requests), len(served), sum(records[request].learners for request in requests),
        sum(records[request].learners for request in served), weight_placed / weight_asked, servable,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MinimumPrice:
    """What it costs `served` that each community gets a session where it can.

    Attributes
    ----------
    communities, communities_before : int
        With a session, with the minimum and without it.
    served, served_before : GoalResult
        The same of `served`, with its proven bounds.
    """

    communities: int
    communities_before: int
    served: GoalResult
    served_before: GoalResult

    @property
    def price(self) -> int:
        """Of the two plans that were found."""
        return self.served_before.value - self.served.value

    @property
    def at_least(self) -> int:
        """No plan with the minimum comes nearer than this to the plan without it."""
        bound = self.served.bound
        return 0 if bound is None else max(0, self.served_before.value - bound)

    @property
    def at_most(self) -> int | None:
        """No plan without the minimum is better by more than this; None where there is no bound."""
        bound = self.served_before.bound
        return None if bound is None else bound - self.served.value


def price_of_minimum(
    problem: Document,
    *,
    time_limit_s: float,
    workers: int,
    seed: int,
    should_stop: Callable[[], bool] | None = None,
    clock: Callable[[], float],
) -> MinimumPrice:
    """Plan the problem twice, with and without the minimum, each within the time limit and for `served` alone.

    After a stop the two cannot be compared.
    A recorded plan alone could not say it: its own value may be far from the best without the minimum.
    """

    def planned(minimum: str | None) -> tuple[int, GoalResult]:
        document = problem | {"goals": ["served"], "tolerance": {}, "minimum": minimum}
        plan = solve(
            document,
            time_limit_s=time_limit_s,
            workers=workers,
            seed=seed,
            should_stop=should_stop,
            clock=clock,
        )
        area_of = {request["id"]: request["area"] for request in problem["requests"]}
        areas = {area_of[session["request"]] for session in plan["assignments"]}
        return len(areas), GoalResult(**plan["goals"]["served"])

    before, after = planned(None), planned("area")
    return MinimumPrice(after[0], before[0], after[1], before[1])
