"""Decide how evenly a plan serves: for each community, and each audience where the document names it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.explain.changes import Document
from scheduler.explain.seek import Seeker
from scheduler.explain.why_not import Explainer


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
    for at, (wanted, written) in enumerate(
        zip(explainer.problem.requests, explainer.document["requests"], strict=True)
    ):
        areas.setdefault(wanted.area, []).append(at)
        if isinstance(audience := written.get("audience"), str):
            audiences.setdefault(audience, []).append(at)
    communities = _shares(explainer, areas)
    left_out = tuple(one.name for one in communities if not one.served and one.servable)
    return Fairness(communities, _shares(explainer, audiences), left_out)


def _shares(explainer: Explainer, groups: dict[str, list[int]]) -> tuple[Share, ...]:
    found = (_share(explainer, name, requests) for name, requests in groups.items())
    return tuple(sorted(found, key=lambda one: (one.share, one.name)))


def _share(explainer: Explainer, name: str, requests: Iterable[int]) -> Share:
    wanted, placed = explainer.problem.requests, explainer.board.timetable.placed
    requests = list(requests)
    served = [at for at in requests if placed.get(at)]
    asked = sum(wanted[at].weight * wanted[at].sessions for at in requests)
    given = sum(wanted[at].weight * len(placed[at]) for at in served)
    servable = sum(not placed.get(at) and Seeker(explainer.empty, at).find() is not None for at in requests)
    return Share(
        name, len(requests), len(served), sum(wanted[at].learners for at in requests),
        sum(wanted[at].learners for at in served), given / asked, servable,
    )  # fmt: skip
