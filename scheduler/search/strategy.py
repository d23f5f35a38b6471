"""Search strategy of a week: pins, a first plan, the plan without rooms, then goal after goal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from math import floor, inf, isfinite
from typing import Any

from scheduler.goals import GOALS
from scheduler.model.columns import Choice, Restriction
from scheduler.model.improve import Solution, best_sessions
from scheduler.model.teams import lay_out_teams
from scheduler.processes.highs import maximise
from scheduler.processes.program import Term
from scheduler.processes.progress import Allowance
from scheduler.processes.solver_pool import Solver, SolverPool
from scheduler.processes.work_units import Metered, expected_s
from scheduler.search.coverage_first import serve_communities
from scheduler.search.fix_and_optimise import Neighbourhood, Search
from scheduler.search.goal_bounds import (
    AggregatedBound,
    ask_for_aggregated_bound,
    goals_to_bound,
)
from scheduler.search.improvement_phase import (
    improve_by_ejection_chains,
    improve_by_tabu_search,
    spread_functions,
)
from scheduler.search.relaxation_guide import (
    Guidance,
    lay_out_without_rooms,
    solve_teams,
    solve_without_rooms,
)

_SMALL = 4_000  # columns of a problem that is solved at once, for every goal
_MEDIUM = 15_000  # columns of a problem whose first goal is bounded by the model of all rules
_MANY = 120_000  # columns of a problem whose plan without rooms takes too long
_EARLY_SHARE, _NEAR = 0.35, 0.006  # `served` is left that early where its gap is no more than that
_ROOMS_FOLLOWED = 12  # of each request that the plan without rooms serves
_ROUNDS_FOLLOWED, _ROUNDS_JOINT = 10, 12  # of cutting off breaches and solving again
_GAP_FOLLOWED = 2e-3
_PINS_S = 60.0  # for what a pin began, whatever the time limit: without it there is no plan at all
_MAX_FRUITLESS = 60  # neighbourhoods in a row that gain nothing, after which a later goal is left as it is


def complete_pins(search: Search) -> None:
    """Place the other sessions of requests that a pin began, as far as that goes; without them there is no plan."""
    if not search.broken_whole():
        return
    begun = [request for request, pinned in search.timetable.pinned.items() if pinned]
    choice, objective, _ = search.model_of(begun)
    outcome = _solve_here(choice, objective, search.budget.allow(_PINS_S, beyond=True))
    for request, placements in (outcome.placements or {}).items():
        search.timetable.put_all(request, placements)
    if not search.broken_whole():
        search.keep_as_best()


def _solve_here(choice: Choice, objective: list[Term], allowance: Allowance, gap: float = 0.0) -> Solution:
    """Place the sessions as well as can be, until no breach is left."""
    solver = Metered(maximise, allowance)
    outcome = best_sessions(choice, objective, allowance.left_s, solver=solver, absolute_gap=gap, rounds=1000)
    allowance.settle()
    return outcome


def search_in_order(search: Search, workers: int, pool: SolverPool | None = None) -> None:
    """Make a plan at once, then better ones until the budget is used up; `search.best` is always valid.

    Parameters
    ----------
    workers : int
        Integer programmes that are solved at once, where no pool is given.
    pool : SolverPool, optional
        Of the caller's; it outlives the search.
    """
    _first_plan(search)
    columns = sum(search.neighbours.size)
    if not columns or not search.goals:
        return
    improve_by_tabu_search(search, columns)
    if columns <= _SMALL:
        _solve_at_once(search)
        return
    own = pool or SolverPool(workers, in_turn=search.budget.in_work)
    try:
        _improve_in_order(search, own, columns)
    finally:
        (own.close if pool is None else own.reset)()


def _first_plan(search: Search) -> None:
    """Fill the week greedily, unless all the goals in order would rather have it empty."""
    search.level = len(search.goals) - 1
    if search.goals[:1] == ("communities",):
        serve_communities(search.timetable, search.neighbours.possible, search.budget.over)
    search.fill()
    values = search.evaluator.values(search.timetable)
    if search.rank(values) >= search.rank(search.best_values):
        search.keep_as_best()
    search.restore()
    search.level = 0


def _solve_at_once(search: Search) -> None:
    """Bring every goal to its optimum, one after the other."""
    for level, goal in enumerate(search.goals):
        search.level, search.phase = level, f"solving {goal}"
        if search.at_bound(goal):
            continue
        choice, objective, rest = search.model_of(search.neighbours.possible)
        gap = 0.9 * search.instance.unit if goal == "served" else 0.5
        outcome = _solve_here(choice, objective, search.budget.allow(), gap)
        take_bound(search, goal, rest[goal] + outcome.bound)
        search.put_back(Neighbourhood(search.neighbours.possible), outcome)
        if search.budget.over():
            return


def take_bound(search: Search, goal: str, bound: float) -> None:
    """Round a proven bound down to a value that the goal can have, and keep it where it is better; inf is none."""
    if isfinite(bound):
        unit = search.instance.unit if goal == "served" else 1
        search.bound(goal, unit * floor((bound + 1e-6 * max(1.0, abs(bound)) ** 0.5) / unit))


def _start_bound(search: Search, pool: SolverPool, columns: int) -> None:
    """Start a programme over the whole week, of the sort that fits it."""
    people_asked = any(request.leads or request.assistants for request in search.instance.requests)
    if search.goals[0] == "served" and people_asked:
        _start_guidance(search, pool)
    elif columns <= _MEDIUM:
        _start_joint_bound(search, pool)


def _improve_in_order(search: Search, pool: SolverPool, columns: int) -> None:
    if not search.at_bound(search.goals[0]):
        _start_bound(search, pool, columns)

    def on_other_result(tag: Any, outcome: Any) -> None:
        if isinstance(outcome, AggregatedBound):
            take_bound(search, outcome.goal, outcome.bound)
        else:
            _take_result(search, columns, tag, outcome)

    def take_bounds() -> None:
        """Take bounds as they come; where work is counted, results come in their turn, later."""
        while not search.budget.in_work and (result := pool.next(0)) is not None:
            on_other_result(*result)

    improve_by_ejection_chains(search, take_bounds)
    for level, goal in enumerate(search.goals):
        search.level = level
        if level and GOALS[goal].about_rooms:
            search.waiting.append(partial(_choose_rooms_again, search))
        later = [partial(ask_for_aggregated_bound, search, next_goal) for next_goal in goals_to_bound(search)]
        search.waiting[:0] = later
        if level and goal == "served" and not search.at_bound(goal):
            search.waiting.append(partial(_start_guidance, search))
        if goal == "served" and goal != search.goals[-1]:
            search.improve(pool, _EARLY_SHARE, 10**9, on_other_result)
            if search.best_values[goal] >= (1 - _NEAR) * search.bounds.get(goal, inf):
                continue
        share = _share(search, level)
        if level and goal == "functions":
            spread_functions(search, 0.5 * (share + search.budget.used_share()))
        search.improve(pool, share, _MAX_FRUITLESS if level else 10**9, on_other_result)


def _share(search: Search, level: int) -> float:
    """The share of the budget, 0 to 1, at which a goal has to be left."""
    if level == len(search.goals) - 1:
        return 1.0
    goal = GOALS[search.goals[level]]
    return goal.leave_at if level else goal.lead_leave_at or GOALS["served"].leave_at


def _start_guidance(search: Search, pool: SolverPool) -> None:
    """Start the plan without rooms: its linear relaxation, which guides within seconds, and its optimum.

    Where there are too many hours to look at all at once, the plan of who alone gives the bound and nobody guides.
    """
    for request in search.neighbours.possible:
        search.timetable.clear(request)
    if sum(search.neighbours.size) > _MANY:
        _start_teams(search, pool)
        return
    choice, objective = lay_out_without_rooms(search.timetable, search.neighbours.possible)
    rest = search.evaluator.values(search.timetable)["served"]
    search.restore()
    limit, seed = 0.5 * search.budget.left_s(), search.rng.randrange(2**31)

    def start(exact: bool) -> None:
        allowance = search.budget.allow(limit)
        allowance.expected_s = expected_s(choice.program, relaxed=not exact)

        def job(solver: Solver) -> Guidance:
            left_s = allowance.left_s()
            return solve_without_rooms(
                choice, objective, solver, exact=exact, limit_s=left_s, seed=seed, rest=rest
            )

        pool.start("guidance", job, allowance)

    start(False)
    if pool.free:
        start(True)
    else:
        search.waiting.append(lambda _: start(True))


def _start_teams(search: Search, pool: SolverPool) -> None:
    """Start the plan of who alone, from the pins that are placed; the best plan is put back."""
    teams = lay_out_teams(search.timetable, search.neighbours.possible)
    rest = search.evaluator.values(search.timetable)["served"]
    search.restore()
    allowance = search.budget.allow(0.5 * search.budget.left_s())
    allowance.expected_s = expected_s(teams.program, relaxed=True)
    seed = search.rng.randrange(2**31)

    def job(solver: Solver) -> Guidance:
        return solve_teams(teams, solver, limit_s=allowance.left_s(), seed=seed, rest=rest)

    pool.start("guidance", job, allowance)


@dataclass(frozen=True, slots=True)
class WholeWeek:
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


def _start_joint_bound(search: Search, pool: SolverPool) -> None:
    """Start the model of all rules but travel between venues: its optimum bounds the first goal."""
    choice, objective, rest = search.model_of(search.neighbours.possible)
    goal = search.goals[0]
    gap = 0.9 * search.instance.unit if goal == "served" else 0.5
    _solve_whole(search, WholeWeek(goal, choice, objective, rest[goal], gap, _ROUNDS_JOINT), pool)


def _start_guided(search: Search, guidance: Guidance, pool: SolverPool) -> None:
    """Start the search of times and rooms for the people of the guidance, as if nothing else were placed."""
    if not guidance.who:
        return
    for request in search.neighbours.possible:
        search.timetable.clear(request)
    where = search.some_rooms(guidance.who, _ROOMS_FOLLOWED)
    choice, objective, _ = search.model_of(guidance.who, Restriction(who=guidance.who, where=where))
    search.restore()
    _solve_whole(search, WholeWeek("served", choice, objective, None, _GAP_FOLLOWED, _ROUNDS_FOLLOWED), pool)


def _solve_whole(search: Search, whole: WholeWeek, pool: SolverPool) -> None:
    """Start one round; what breaches it leaves are cut off before the next."""
    seed, follows = search.rng.randrange(2**31), whole.rest is None
    allowance = search.budget.allow()
    allowance.expected_s = expected_s(whole.choice.program)

    def job(solver: Solver) -> Solution:
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

    pool.start(whole, job, allowance)


def _take_result(search: Search, columns: int, tag: Any, outcome: Any) -> None:
    """Use a result that is no neighbourhood's: guidance, or a round of a programme over the whole week."""
    if isinstance(outcome, Guidance):
        take_bound(search, "served", outcome.bound)
        if outcome.who:
            search.waiting.insert(0, partial(_start_guided, search, outcome))
        if columns <= _MEDIUM and outcome.exact:
            search.waiting.append(partial(_start_joint_bound, search))
    elif isinstance(tag, WholeWeek) and isinstance(outcome, Solution):
        if tag.rest is not None:
            take_bound(search, tag.goal, tag.rest + outcome.bound)
        search.put_back(Neighbourhood(search.neighbours.possible), outcome)
        if outcome.placements is not None and not outcome.clean and tag.rounds > 1:
            search.waiting.append(partial(_solve_whole, search, replace(tag, rounds=tag.rounds - 1)))


def _choose_rooms_again(search: Search, pool: SolverPool) -> None:
    """Free all rooms at once while people and times stay: goals about places gain most from it."""
    requests = [request for request in search.neighbours.possible if search.timetable.placed.get(request)]
    placed = search.timetable.placed
    who = {
        request: frozenset(person for placement in placed[request] for person in placement.team)
        for request in requests
    }
    when = {request: frozenset(placement.start for placement in placed[request]) for request in requests}
    search.start(pool, Neighbourhood(requests), Restriction(who=who, when=when))
