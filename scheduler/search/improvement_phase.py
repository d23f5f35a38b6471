"""Improvement phase before exact neighbourhoods: tabu search or ejection chains, where the week is fit for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from random import Random

from scheduler.model.improve import Solution
from scheduler.search.conflict_graph import conflict_graph_of
from scheduler.search.ejection_chains import EjectionChains
from scheduler.search.fix_and_optimise import Neighbourhood, Search
from scheduler.search.occupancy import Placements
from scheduler.search.tabu_search import TabuSearch

_TURNS = 4  # in a row that better nothing, for each column of the problem
_SMALL, _SMALL_TURNS = 3_000, 500  # columns of a week that is solved to its optimum soon anyhow; its turns
_TURN, _TURN_TERMS = 0.1, 200_000  # units of work of a turn, and entries of its tables for one more
_SHARE = 0.6  # of the time limit, after which exact neighbourhoods go on
_SPREAD_PATIENCE = 20  # moves of each request that gain nothing
_CHAINS_SHARE = 0.35  # the same where people have to be chosen too


def improve_by_tabu_search(search: Search, columns: int) -> None:
    """Place what the first plan left out of the requests whose people are settled, where `served` comes first.

    `columns` is the size of the problem: about how many columns an integer programme of it has.
    """
    if search.goals[:1] != ("served",) or search.at_bound("served"):
        return
    graph = conflict_graph_of(search.timetable, search.neighbours.possible)
    if graph is None:
        return
    search.phase = "pushing in"
    tabu_search = TabuSearch(graph, search.rng.randrange(2**31))
    patience = _TURNS * columns if columns > _SMALL else _SMALL_TURNS
    turn = _TURN + len(graph.starts) * len(graph.request) / _TURN_TERMS

    def stop() -> bool:
        search.budget.spend(turn)
        return search.budget.left_s(_SHARE) <= 0

    placements = tabu_search.run(stop, patience)
    search.put_back(Neighbourhood(sorted(set(graph.request))), Solution(placements, inf))


def improve_by_ejection_chains(search: Search, meanwhile: Callable[[], None]) -> None:
    """Better the first plan by ejection chains, where `served` comes first; `meanwhile` is called every few steps."""
    if search.goals[:1] != ("served",) or search.at_bound("served"):
        return
    search.phase = "making room"
    chains = EjectionChains(search.timetable, search.neighbours.possible, Random(search.rng.randrange(2**31)))
    try:
        chains.run(search.budget, _CHAINS_SHARE, partial(_report, search, chains, meanwhile))
    finally:
        search.pending_served = 0
        _put_back(search, chains, chains.best)


def _report(search: Search, chains: EjectionChains, meanwhile: Callable[[], None]) -> None:
    """Say how far the chains are: a stop would take over what they have."""
    search.pending_served = chains.best_value
    meanwhile()
    search.report()


def spread_functions(search: Search, share: float) -> None:
    """Let places host more functions, up to that share (0 to 1) of the budget, where only who is served comes first."""
    if not {*search.goals[: search.level]} <= {"communities", "served"} or search.at_bound("functions"):
        return
    search.phase = "spreading functions"
    search.restore()
    chains = EjectionChains(search.timetable, search.neighbours.possible, Random(search.rng.randrange(2**31)))
    try:
        chains.spread(search.budget, share, _SPREAD_PATIENCE * len(chains.placed))
    finally:
        _put_back(search, chains, chains.placed)


def _put_back(search: Search, chains: EjectionChains, plan: dict[int, Placements]) -> None:
    placements = {request: list(plan[request]) for request in plan if request in chains.movable}
    search.put_back(Neighbourhood(sorted(chains.movable)), Solution(placements, inf))
