"""Decide when a week is worth a search of its own before exact ones, and take over what it finds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from random import Random

from scheduler.model.improve import Found
from scheduler.search.conflict_graph import clashes_of
from scheduler.search.ejection_chains import Chains
from scheduler.search.fix_and_optimise import Freed, Search
from scheduler.search.tabu_search import Ejection

_MOST = 5_000  # sessions; their clashes are kept as a square
_TURNS = 4  # in a row that better nothing, for each column of the problem
_SMALL, _SMALL_TURNS = 3_000, 500  # columns of a week that is solved to its optimum soon anyhow; its turns
_TURN, _TURN_TERMS = 0.1, 200_000  # units of work of a turn, and entries of its tables for one more
_SHARE = 0.6  # of the time limit, after which exact neighbourhoods go on
_SPREAD_PATIENCE = 20  # moves of each request that gain nothing
_CHAINS_SHARE = 0.35  # the same where people have to be chosen too


def push_in(search: Search, columns: int) -> None:
    """Place what the first plan left out of the requests whose people are settled, where `served` comes first.

    `columns` says how large the problem is.
    """
    if search.goals[:1] != ("served",) or search.at_bound("served"):
        return
    clashes = clashes_of(search.timetable, search.near.possible, _MOST)
    if clashes is None:
        return
    search.phase = "pushing in"
    work = Ejection(clashes, search.rng.randrange(2**31))
    patience = _TURNS * columns if columns > _SMALL else _SMALL_TURNS
    turn = _TURN + len(clashes.starts) * len(clashes.request) / _TURN_TERMS

    def stop() -> bool:
        search.budget.spend(turn)
        return search.budget.left_s(_SHARE) <= 0

    found = work.run(stop, patience)
    search.put_back(Freed(sorted(set(clashes.request))), Found(found, inf))


def make_room(search: Search, meanwhile: Callable[[], None]) -> None:
    """Better the first plan by chains of requests that make room for each other, where `served` comes first."""
    if search.goals[:1] != ("served",) or search.at_bound("served"):
        return
    search.phase = "making room"
    chains = Chains(search.timetable, search.near.possible, Random(search.rng.randrange(2**31)))
    try:
        chains.run(search.budget, _CHAINS_SHARE, partial(_tell, search, chains, meanwhile))
    finally:
        search.in_hand = 0
        found = {one: list(placements) for one, placements in chains.best.items() if one in chains.movable}
        search.put_back(Freed(sorted(chains.movable)), Found(found, inf))


def _tell(search: Search, chains: Chains, meanwhile: Callable[[], None]) -> None:
    """Say how far the chains are: a stop would take over what they have."""
    search.in_hand = chains.most
    meanwhile()
    search.tell()


def spread(search: Search, share: float) -> None:
    """Let places host more functions before exact neighbourhoods go on, where nothing but who is served comes first."""
    if not {*search.goals[: search.level]} <= {"communities", "served"} or search.at_bound("functions"):
        return
    search.phase = "spreading functions"
    search.restore()
    chains = Chains(search.timetable, search.near.possible, Random(search.rng.randrange(2**31)))
    try:
        chains.spread(search.budget, share, _SPREAD_PATIENCE * len(chains.placed))
    finally:
        found = {one: list(placements) for one, placements in chains.placed.items() if one in chains.movable}
        search.put_back(Freed(sorted(chains.movable)), Found(found, inf))
