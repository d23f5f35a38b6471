"""Decide in which order a week is planned: pins, a first plan, the plan without rooms, then goal after goal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from math import floor, inf, isfinite
from typing import Any

from scheduler.goals import GOALS
from scheduler.model.columns import Choice, Only
from scheduler.model.improve import Found, best_sessions
from scheduler.model.teams import lay_out_teams
from scheduler.processes.highs import maximise
from scheduler.processes.program import Term
from scheduler.processes.progress import Allowance
from scheduler.processes.solver_pool import Solver, SolverPool
from scheduler.processes.work_units import Metered, expected_s
from scheduler.search.coverage_first import serve_communities
from scheduler.search.fix_and_optimise import Freed, Search
from scheduler.search.goal_bounds import AggregatedBound, ask_for_aggregated_bound, goals_to_bound
from scheduler.search.improvement_phase import make_room, push_in, spread
from scheduler.search.relaxation_guide import Guidance, ask, ask_who, without_rooms

_SMALL = 4_000  # columns of a problem that is solved at once, for every goal
_MEDIUM = 15_000  # columns of a problem whose first goal is bounded by the model of all rules
_MANY = 120_000  # columns of a problem whose plan without rooms takes too long
_EARLY_SHARE, _NEAR = 0.35, 0.006  # `served` is left that early where its gap is no more than that
_ROOMS_FOLLOWED = 12  # of each request that the plan without rooms serves
_ROUNDS_FOLLOWED, _ROUNDS_JOINT = 10, 12  # of cutting off breaches and solving again
_GAP_FOLLOWED = 2e-3
_PINS_S = 60.0  # for what a pin began, whatever the time limit: without it there is no plan at all
_DULL = 60  # neighbourhoods in a row that gain nothing, after which a later goal is left as it is


def complete_pins(search: Search) -> None:
    """Place the other sessions of requests that a pin began; without them there is no plan."""
    if not search.broken_whole():
        return
    begun = [request for request, pinned in search.timetable.pinned.items() if pinned]
    choice, objective, _ = search.model_of(begun)
    found = _solve_here(choice, objective, search.budget.allow(_PINS_S, beyond=True))
    for request, placements in (found.placements or {}).items():
        search.timetable.put_all(request, placements)
    if not search.broken_whole():
        search.keep()


def _solve_here(choice: Choice, objective: list[Term], allowance: Allowance, gap: float = 0.0) -> Found:
    """Place the sessions as well as can be, until no breach is left."""
    solver = Metered(maximise, allowance)
    found = best_sessions(choice, objective, allowance.left_s, solver=solver, absolute_gap=gap, rounds=1000)
    allowance.settle()
    return found


def search_in_order(search: Search, workers: int, crew: SolverPool | None = None) -> None:
    """Make a plan at once, then better ones until the time is up; a `crew` of the caller's outlives the search."""
    _first_plan(search)
    columns = sum(search.near.size)
    if not columns or not search.goals:
        return
    push_in(search, columns)
    if columns <= _SMALL:
        _solve_at_once(search)
        return
    own = crew or SolverPool(workers, in_turn=search.budget.in_work)
    try:
        _improve_in_order(search, own, columns)
    finally:
        (own.close if crew is None else own.reset)()


def _first_plan(search: Search) -> None:
    """Fill the week greedily, unless all the goals in order would rather have it empty."""
    search.level = len(search.goals) - 1
    if search.goals[:1] == ("communities",):
        serve_communities(search.timetable, search.near.possible, search.budget.over)
    search.fill()
    worth = search.valuer.values(search.timetable)
    if search.rank(worth) >= search.rank(search.best_worth):
        search.keep()
    search.restore()
    search.level = 0


def _solve_at_once(search: Search) -> None:
    """Bring every goal to its optimum, one after the other."""
    for level, goal in enumerate(search.goals):
        search.level, search.phase = level, f"solving {goal}"
        if search.at_bound(goal):
            continue
        choice, objective, rest = search.model_of(search.near.possible)
        gap = 0.9 * search.instance.unit if goal == "served" else 0.5
        found = _solve_here(choice, objective, search.budget.allow(), gap)
        take_bound(search, goal, rest[goal] + found.bound)
        search.put_back(Freed(search.near.possible), found)
        if search.budget.over():
            return


def take_bound(search: Search, goal: str, bound: float) -> None:
    """Round a bound down to a value that the goal can have."""
    if isfinite(bound):
        unit = search.instance.unit if goal == "served" else 1
        search.bound(goal, unit * floor((bound + 1e-6 * max(1.0, abs(bound)) ** 0.5) / unit))


def _ask_for_a_bound(search: Search, crew: SolverPool, columns: int) -> None:
    """Start a programme over the whole week, of the sort that fits it."""
    people_asked = any(request.leads or request.assistants for request in search.instance.requests)
    if search.goals[0] == "served" and people_asked:
        _ask_for_guidance(search, crew)
    elif columns <= _MEDIUM:
        _ask_for_joint_bound(search, crew)


def _improve_in_order(search: Search, crew: SolverPool, columns: int) -> None:
    if not search.at_bound(search.goals[0]):
        _ask_for_a_bound(search, crew, columns)

    def other(tag: Any, found: Any) -> None:
        if isinstance(found, AggregatedBound):
            take_bound(search, found.goal, found.bound)
        else:
            _beside(search, columns, tag, found)

    def look() -> None:
        """Take bounds as they come; where work is counted, results come in their turn, later."""
        while not search.budget.in_work and (result := crew.next(0)) is not None:
            other(*result)

    make_room(search, look)
    for level, goal in enumerate(search.goals):
        search.level = level
        if level and GOALS[goal].about_rooms:
            search.waiting.append(partial(choose_rooms_again, search))
        later = [partial(ask_for_aggregated_bound, search, one) for one in goals_to_bound(search)]
        search.waiting[:0] = later
        if level and goal == "served" and not search.at_bound(goal):
            search.waiting.append(partial(_ask_for_guidance, search))
        if goal == "served" and goal != search.goals[-1]:
            search.improve(crew, _EARLY_SHARE, 10**9, other)
            if search.best_worth[goal] >= (1 - _NEAR) * search.bounds.get(goal, inf):
                continue
        share = _share(search, level)
        if level and goal == "functions":
            spread(search, 0.5 * (share + search.budget.used_share()))
        search.improve(crew, share, _DULL if level else 10**9, other)


def _share(search: Search, level: int) -> float:
    """The part of the time at which a goal has to be left; the last one has what is left."""
    if level == len(search.goals) - 1:
        return 1.0
    goal = GOALS[search.goals[level]]
    return goal.leave_at if level else goal.lead_leave_at or GOALS["served"].leave_at


def _ask_for_guidance(search: Search, crew: SolverPool) -> None:
    """Start the plan without rooms: its linear relaxation, which guides within seconds, and its optimum.

    Where there are too many hours to look at all at once, the plan of who alone gives the bound and nobody guides.
    """
    for request in search.near.possible:
        search.timetable.clear(request)
    if sum(search.near.size) > _MANY:
        _ask_who(search, crew)
        return
    choice, objective = without_rooms(search.timetable, search.near.possible)
    rest = search.valuer.values(search.timetable)["served"]
    search.restore()
    limit, seed = 0.5 * search.budget.left_s(), search.rng.randrange(2**31)

    def start(exact: bool) -> None:
        allowance = search.budget.allow(limit)
        allowance.expected_s = expected_s(choice.program, relaxed=not exact)

        def job(solver: Solver) -> Guidance:
            left_s = allowance.left_s()
            return ask(choice, objective, solver, exact=exact, limit_s=left_s, seed=seed, rest=rest)

        crew.start("guidance", job, allowance)

    start(False)
    if crew.free:
        start(True)
    else:
        search.waiting.append(lambda _: start(True))


def _ask_who(search: Search, crew: SolverPool) -> None:
    """Start the plan of who alone, from the pins that are placed; the best plan is put back."""
    teams = lay_out_teams(search.timetable, search.near.possible)
    rest = search.valuer.values(search.timetable)["served"]
    search.restore()
    allowance = search.budget.allow(0.5 * search.budget.left_s())
    allowance.expected_s = expected_s(teams.program, relaxed=True)
    seed = search.rng.randrange(2**31)

    def job(solver: Solver) -> Guidance:
        return ask_who(teams, solver, limit_s=allowance.left_s(), seed=seed, rest=rest)

    crew.start("guidance", job, allowance)


@dataclass(frozen=True, slots=True)
class Whole:
    """A programme over the whole week, which is solved a round at a time so that each round's plan is of use.

    Attributes
    ----------
    rest : int or None
        What pinned sessions add to the goal, where the programme's bound holds for every plan; None where it looks
        at some choices only.
    gap : float
        Of a bound: as near as the goal's values lie to each other. Of a plan: a share of its value.
    """

    goal: str
    choice: Choice
    objective: list[Term]
    rest: int | None
    gap: float
    rounds: int


def _ask_for_joint_bound(search: Search, crew: SolverPool) -> None:
    """Start the model of all rules but the way between venues: its optimum bounds the first goal."""
    choice, objective, rest = search.model_of(search.near.possible)
    goal = search.goals[0]
    gap = 0.9 * search.instance.unit if goal == "served" else 0.5
    _solve_whole(search, Whole(goal, choice, objective, rest[goal], gap, _ROUNDS_JOINT), crew)


def _follow(search: Search, guidance: Guidance, crew: SolverPool) -> None:
    """Find times and rooms for the people of the guidance, as if nothing else were placed."""
    if not guidance.who:
        return
    for request in search.near.possible:
        search.timetable.clear(request)
    where = search.some_rooms(guidance.who, _ROOMS_FOLLOWED)
    choice, objective, _ = search.model_of(guidance.who, Only(who=guidance.who, where=where))
    search.restore()
    _solve_whole(search, Whole("served", choice, objective, None, _GAP_FOLLOWED, _ROUNDS_FOLLOWED), crew)


def _solve_whole(search: Search, whole: Whole, crew: SolverPool) -> None:
    """Start one round; what breaches it leaves are cut off before the next."""
    seed, follows = search.rng.randrange(2**31), whole.rest is None
    allowance = search.budget.allow()
    allowance.expected_s = expected_s(whole.choice.program)

    def job(solver: Solver) -> Found:
        return best_sessions(
            whole.choice,
            whole.objective,
            allowance.left_s,
            solver=solver,
            gap=whole.gap if follows else 0.0,
            absolute_gap=0.0 if follows else whole.gap,
            seed=seed,
            rounds=1,
        )

    crew.start(whole, job, allowance)


def _beside(search: Search, columns: int, tag: Any, found: Any) -> None:
    """Use what comes back beside neighbourhoods: guidance, or a round of a programme over the whole week."""
    if isinstance(found, Guidance):
        take_bound(search, "served", found.bound)
        if found.who:
            search.waiting.insert(0, partial(_follow, search, found))
        if columns <= _MEDIUM and found.exact:
            search.waiting.append(partial(_ask_for_joint_bound, search))
    elif isinstance(tag, Whole) and isinstance(found, Found):
        if tag.rest is not None:
            take_bound(search, tag.goal, tag.rest + found.bound)
        search.put_back(Freed(search.near.possible), found)
        if found.placements is not None and not found.clean and tag.rounds > 1:
            search.waiting.append(partial(_solve_whole, search, replace(tag, rounds=tag.rounds - 1)))


def choose_rooms_again(search: Search, crew: SolverPool) -> None:
    """Free all rooms at once while people and times stay: the goals that are about places gain most from it."""
    requests = [request for request in search.near.possible if search.timetable.placed.get(request)]
    placed = search.timetable.placed
    who = {
        request: frozenset(person for placement in placed[request] for person in placement.team)
        for request in requests
    }
    when = {request: frozenset(placement.start for placement in placed[request]) for request in requests}
    search.start(crew, Freed(requests), Only(who=who, when=when))
