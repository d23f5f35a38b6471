"""Fairness: how evenly a plan serves communities and audiences, and the price of a minimum for each community."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scheduler.documents.records import GoalResult
from scheduler.explain.edits import Document
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.explain.why_not import Explainer
from scheduler.solve import SolveOptions, solve


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
        The placed part of the weight asked for (priority × learners × minutes of all sessions), 0 to 1.
    servable : int
        Unserved requests that could be placed in an empty plan.
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
    """Shares, the lowest first, and the communities without a session that have a servable request."""

    communities: tuple[Share, ...]
    audiences: tuple[Share, ...]
    left_out: tuple[str, ...]


def fairness(problem: Document, plan: Document) -> Fairness:
    """The shares of a plan, given with its problem as documents; `audience` is an optional key of a request."""
    return shares(Explainer(problem, plan))


def shares(explainer: Explainer) -> Fairness:
    """The shares of an explainer's plan."""
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
        Communities with a session, with the minimum and without it.
    served, served_before : GoalResult
        The goal `served` with its proven bound, with the minimum and without it.
    """

    communities: int
    communities_before: int
    served: GoalResult
    served_before: GoalResult

    @property
    def price(self) -> int:
        """The difference of `served` between the two plans."""
        return self.served_before.value - self.served.value

    @property
    def at_least(self) -> int:
        """A proven lower bound: no plan with the minimum comes nearer to the plan without it."""
        bound = self.served.bound
        return 0 if bound is None else max(0, self.served_before.value - bound)

    @property
    def at_most(self) -> int | None:
        """A proven upper bound: no plan without the minimum is better by more; None where there is none."""
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
    """Plan a problem twice for `served` alone, with a session for each community first, and without that.

    Two new plans are compared since a recorded one may be far from the best; after a stop they cannot be compared.

    Parameters
    ----------
    time_limit_s : float
        Seconds for each of the two plans.
    workers, seed, should_stop, clock
        See `solve`.
    """

    def planned(minimum: str | None) -> tuple[int, GoalResult]:
        document = problem | {"goals": ["served"], "tolerance": {}, "minimum": minimum}
        plan = solve(
            document,
            SolveOptions(time_limit_s, workers, seed),
            should_stop=should_stop,
            clock=clock,
        )
        area_of = {request["id"]: request["area"] for request in problem["requests"]}
        areas = {area_of[session["request"]] for session in plan["assignments"]}
        return len(areas), GoalResult(**plan["goals"]["served"])

    before, after = planned(None), planned("area")
    return MinimumPrice(after[0], before[0], after[1], before[1])
