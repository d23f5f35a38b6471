"""A rival of the comparison: the model that one would write first with CP-SAT, straight from docs/format.md.

One boolean for each (request, start), each (request, start, room), each (request, start, lead) and each (request,
start, assistant) that passes the rules about one session alone; rows for everything that sessions share. Two
sessions of one request never start together, which only costs where it has neither leads nor cohorts; a whole
room and its parts keep the largest turnaround of them all. Only `served` is maximised. The way between venues
would need millions of rows, so it is left out at first and cut off as it is met: after each round the clashes of
that round's plan are forbidden and the model is solved again from there; what still clashes at the end is dropped.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from threading import Timer

from ortools.sat.python import cp_model

from bench.fitting import Fitting
from domain.windows import DAY_MIN
from scheduler.documents.records import Assignment, Problem, Request

Key = tuple[str, int, str]  # request, start, room or person
SHARE = 0.6  # of the time that is left, for each round
LEAST_S = 0.5  # for which another round is not worth it


@dataclass(frozen=True)
class Outcome:
    """A plan and a proven upper bound on `served`, None where the solver ended without one."""

    assignments: list[Assignment]
    bound: int | None
    variables: int
    rounds: int


class PlainModel:
    """All hard rules but the way between venues."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.fitting = problem, Fitting(problem)
        self.model = cp_model.CpModel()
        self.options = {request.id: self.fitting.options(request) for request in problem.requests}
        self.held: dict[tuple[str, int], cp_model.IntVar] = {}
        self.rooms: dict[Key, cp_model.IntVar] = {}
        self.leads: dict[Key, cp_model.IntVar] = {}
        self.assistants: dict[Key, cp_model.IntVar] = {}
        for request in problem.requests:
            self._lay_out(request)
        for rule in RULES:
            rule(self)
        self.model.maximize(
            sum(self.fitting.requests[name].weight * var for (name, _), var in self.held.items())
        )

    def _lay_out(self, request: Request) -> None:
        options = self.options[request.id]
        for start in options.rooms:
            self.held[request.id, start] = self.model.new_bool_var("")
            for table, by_start in (
                (self.rooms, options.rooms),
                (self.leads, options.leads),
                (self.assistants, options.assistants),
            ):
                for name in by_start[start]:
                    table[request.id, start, name] = self.model.new_bool_var("")

    def starts(self, request: Request) -> list[int]:
        return list(self.options[request.id].rooms)

    def people(self) -> Iterator[tuple[Key, cp_model.IntVar]]:
        yield from self.leads.items()
        yield from self.assistants.items()

    def slots(self, start: int, minutes: int) -> range:
        """The slots of the grid that a session takes, counted since Monday 00:00."""
        grid = self.problem.grid_min
        first = start // DAY_MIN * DAY_MIN
        per_day = -(-DAY_MIN // grid)
        begin = start // DAY_MIN * per_day + (start - first) // grid
        return range(begin, begin + -(-minutes // grid))

    def at_most_one(self, taken: dict[object, list[cp_model.IntVar]]) -> None:
        for variables in taken.values():
            if len(variables) > 1:
                self.model.add_at_most_one(variables)


# ---- One function for each rule


def whole(m: PlainModel) -> None:
    """`session`, `whole`: all sessions or none, unless some are enough."""
    for request in m.problem.requests:
        placed = sum(m.held[request.id, start] for start in m.starts(request))
        if request.partial:
            m.model.add(placed <= request.sessions)
        else:
            m.model.add(placed == request.sessions * m.model.new_bool_var(""))


def per_day(m: PlainModel) -> None:
    for request in m.problem.requests:
        days: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for start in m.starts(request):
            days[start // DAY_MIN].append(m.held[request.id, start])
        for variables in days.values():
            m.model.add(sum(variables) <= request.max_sessions_per_day)


def one_room(m: PlainModel) -> None:
    for request in m.problem.requests:
        for start in m.starts(request):
            rooms = [m.rooms[request.id, start, room] for room in m.options[request.id].rooms[start]]
            m.model.add(sum(rooms) == m.held[request.id, start])


def team(m: PlainModel) -> None:
    for request in m.problem.requests:
        options = m.options[request.id]
        for start in m.starts(request):
            for table, people, count in (
                (m.leads, options.leads[start], request.leads),
                (m.assistants, options.assistants[start], request.assistants),
            ):
                if count:
                    chosen = sum(table[request.id, start, name] for name in people)
                    m.model.add(chosen == count * m.held[request.id, start])


def minors(m: PlainModel) -> None:
    """At least two adults in the team; who may be in it at all has been filtered."""
    for request in m.problem.requests:
        if not request.minors or not request.leads + request.assistants:
            continue
        options = m.options[request.id]
        for start in m.starts(request):
            adults = [
                table[request.id, start, name]
                for table, people in ((m.leads, options.leads), (m.assistants, options.assistants))
                for name in people[start]
                if not m.fitting.people[name].minor
            ]
            m.model.add(sum(adults) >= 2 * m.held[request.id, start])


def same_leads(m: PlainModel) -> None:
    for request in m.problem.requests:
        if not request.same_leads or request.sessions < 2 or not request.leads:
            continue
        chosen: dict[str, cp_model.IntVar] = {}
        for start in m.starts(request):
            for name in m.options[request.id].leads[start]:
                if name not in chosen:
                    chosen[name] = m.model.new_bool_var("")
                m.model.add_implication(m.leads[request.id, start, name], chosen[name])
        m.model.add(sum(chosen.values()) <= request.leads)


def home(m: PlainModel) -> None:
    """Who leads or assists comes to the venue of the room."""
    for (request, start, name), variable in m.people():
        rooms = m.options[request].rooms[start]
        near = [room for room in rooms if m.fitting.venue_of[room].id in m.fitting.homes[name]]
        if len(near) < len(rooms):
            m.model.add_bool_or([m.rooms[request, start, room] for room in near] + [variable.negated()])


def room_clash(m: PlainModel) -> None:
    """One session at a time in a room with the minutes of turnaround, and in a whole room with each of its parts."""
    taken: dict[object, list[cp_model.IntVar]] = defaultdict(list)
    groups: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
    wholes = {room.part_of for room in m.fitting.rooms.values() if room.part_of}
    for room in m.fitting.rooms.values():
        pair: tuple[str, ...] = (room.id, room.part_of) if room.part_of else (room.id,)
        if room.id in wholes:
            continue  # stands in the group of each of its parts
        gap = max(m.fitting.rooms[name].turnaround_min for name in pair)
        for name in pair:
            groups[name].append((pair, gap))
    for (request, start, room_name), variable in m.rooms.items():
        minutes = m.fitting.requests[request].duration_min
        for pair, gap in groups[room_name]:
            for slot in m.slots(start, minutes + gap):
                taken[pair, slot].append(variable)
    m.at_most_one(taken)


def volunteer_clash(m: PlainModel) -> None:
    """One session at a time; the way is not in here."""
    taken: dict[object, list[cp_model.IntVar]] = defaultdict(list)
    for (request, start, name), variable in m.people():
        for slot in m.slots(start, m.fitting.requests[request].duration_min):
            taken[name, slot].append(variable)
    m.at_most_one(taken)


def cohort_clash(m: PlainModel) -> None:
    taken: dict[object, list[cp_model.IntVar]] = defaultdict(list)
    for (name, start), variable in m.held.items():
        request = m.fitting.requests[name]
        for cohort in request.cohorts:
            for slot in m.slots(start, request.duration_min):
                taken[cohort, slot].append(variable)
    m.at_most_one(taken)


def load(m: PlainModel) -> None:
    minutes: dict[tuple[str, int | None], list[cp_model.LinearExprT]] = defaultdict(list)
    for (request, start, name), variable in m.people():
        person, length = m.fitting.people[name], m.fitting.requests[request].duration_min
        if person.max_min_week is not None:
            minutes[name, None].append(length * variable)
        if person.max_min_day is not None:
            minutes[name, start // DAY_MIN].append(length * variable)
    for (name, day), terms in minutes.items():
        person = m.fitting.people[name]
        limit = person.max_min_week if day is None else person.max_min_day
        m.model.add(sum(terms) <= (limit or 0))


def venue_cap(m: PlainModel) -> None:
    minutes: dict[str, list[cp_model.LinearExprT]] = defaultdict(list)
    for (request, _, room), variable in m.rooms.items():
        venue = m.fitting.venue_of[room]
        if venue.weekly_cap_min is not None:
            minutes[venue.id].append(m.fitting.requests[request].duration_min * variable)
    for venue in m.problem.venues:
        if venue.id in minutes:
            m.model.add(sum(minutes[venue.id]) <= (venue.weekly_cap_min or 0))


def pins(m: PlainModel) -> None:
    for pin in m.problem.pins:
        m.model.add(m.rooms[pin.request, pin.begin_min, pin.room] == 1)
        for table, names in ((m.leads, pin.leads), (m.assistants, pin.assistants)):
            for name in names:
                m.model.add(table[pin.request, pin.begin_min, name] == 1)


RULES: tuple[Callable[[PlainModel], None], ...] = (
    whole,
    per_day,
    one_room,
    team,
    minors,
    same_leads,
    home,
    room_clash,
    volunteer_clash,
    cohort_clash,
    load,
    venue_cap,
    pins,
)


# ---- Solving


class Patience(cp_model.CpSolverSolutionCallback):
    """Ends a round once its seconds have passed and there is a plan, and at once where nothing is left to place."""

    def __init__(self, solver: cp_model.CpSolver, seconds: float, everything: int) -> None:
        super().__init__()
        self.everything = everything
        self.has_plan, self.over = False, False
        self.timer = Timer(seconds, self._time_is_up, (solver,))

    def _time_is_up(self, solver: cp_model.CpSolver) -> None:
        self.over = True
        if self.has_plan:
            solver.stop_search()

    def on_solution_callback(self) -> None:
        self.has_plan = True
        if self.over or self.objective_value >= self.everything:
            self.stop_search()


def cpsat_plan(problem: Problem, limit_s: float, workers: int = 2, seed: int = 0) -> Outcome:
    """Build and solve within the seconds, building included."""
    end = time.monotonic() + limit_s
    plain = PlainModel(problem)
    plan: list[Assignment] = []
    bounds: list[int] = []
    rounds = 0
    while (left := end - time.monotonic()) > LEAST_S:
        rounds += 1
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = workers
        solver.parameters.random_seed = seed
        solver.parameters.max_time_in_seconds = left
        status = _solved(plain, solver, SHARE * left if problem.volunteers else left)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            continue
        bounds.append(min(everything(problem), int(solver.best_objective_bound + 1e-6)))
        raw = read_out(plain, solver)
        plan = better(problem, plan, without_clashes(plain, raw))
        clashes = list(way_clashes(plain.fitting, raw))
        if not clashes and (status == cp_model.OPTIMAL or solver.objective_value >= everything(problem)):
            break
        cut_off(plain, clashes)
        hint(plain, solver)
    return Outcome(plan, min(bounds, default=None), len(plain.model.proto.variables), rounds)


def everything(problem: Problem) -> int:
    """The value of `served` if every session were placed."""
    return sum(request.weight * request.sessions for request in problem.requests)


def _solved(plain: PlainModel, solver: cp_model.CpSolver, seconds: float) -> cp_model.CpSolverStatus:
    patience = Patience(solver, seconds, everything(plain.problem))
    patience.timer.start()
    try:
        return solver.solve(plain.model, patience)
    finally:
        patience.timer.cancel()


def read_out(plain: PlainModel, solver: cp_model.CpSolver) -> list[Assignment]:
    """The assignments of a solution; a pinned session keeps its number."""
    rooms, leads, assistants = (
        _chosen(table, solver) for table in (plain.rooms, plain.leads, plain.assistants)
    )
    numbers = {(pin.request, pin.begin_min): pin.session for pin in plain.problem.pins}
    used: dict[str, set[int]] = defaultdict(set)
    for (request, _), number in numbers.items():
        used[request].add(number)
    plan = []
    for (request, start), (room,) in rooms.items():
        number = numbers.get((request, start)) or min(set(range(1, len(used[request]) + 2)) - used[request])
        used[request].add(number)
        plan.append(
            Assignment(
                request,
                number,
                start // DAY_MIN + 1,
                start % DAY_MIN,
                room,
                tuple(leads.get((request, start), ())),
                tuple(assistants.get((request, start), ())),
            )
        )
    return plan


def _chosen(table: dict[Key, cp_model.IntVar], solver: cp_model.CpSolver) -> dict[tuple[str, int], list[str]]:
    names: dict[tuple[str, int], list[str]] = defaultdict(list)
    for (request, start, name), variable in table.items():
        if solver.boolean_value(variable):
            names[request, start].append(name)
    return names


def way_clashes(fitting: Fitting, plan: Iterable[Assignment]) -> Iterator[tuple[str, Assignment, Assignment]]:
    """A volunteer, and two of their sessions, the earlier first, between which there is no time for the way."""
    of: dict[tuple[str, int], list[Assignment]] = defaultdict(list)
    for assignment in plan:
        for name in {*assignment.leads, *assignment.assistants}:
            of[name, assignment.day].append(assignment)
    for (name, _), sessions in of.items():
        for first, second in combinations(sorted(sessions, key=lambda assignment: assignment.begin_min), 2):
            way = fitting.way_min(fitting.venue_of[first.room], fitting.venue_of[second.room])
            if second.begin_min < first.begin_min + fitting.requests[first.request].duration_min + way:
                yield name, first, second


def cut_off(plain: PlainModel, clashes: Iterable[tuple[str, Assignment, Assignment]]) -> None:
    """Forbid that this volunteer has both sessions at these times with the second in any venue that is too far."""
    fitting = plain.fitting
    for name, first, second in clashes:
        gap = second.begin_min - first.begin_min - fitting.requests[first.request].duration_min
        here = fitting.venue_of[first.room]
        far = [
            room
            for room in plain.options[second.request].rooms[second.begin_min]
            if fitting.way_min(here, fitting.venue_of[room]) > gap
        ]
        there = [
            room
            for room in plain.options[first.request].rooms[first.begin_min]
            if fitting.venue_of[room].id == here.id
        ]
        plain.model.add(
            _person(plain, first, name)
            + _person(plain, second, name)
            + sum(plain.rooms[first.request, first.begin_min, room] for room in there)
            + sum(plain.rooms[second.request, second.begin_min, room] for room in far)
            <= 3
        )


def _person(plain: PlainModel, assignment: Assignment, name: str) -> cp_model.IntVar:
    table = plain.leads if name in assignment.leads else plain.assistants
    return table[assignment.request, assignment.begin_min, name]


def hint(plain: PlainModel, solver: cp_model.CpSolver) -> None:
    plain.model.clear_hints()  # type: ignore[no-untyped-call]
    for table in (plain.held, plain.rooms, plain.leads, plain.assistants):
        for variable in table.values():
            plain.model.add_hint(variable, solver.boolean_value(variable))


def without_clashes(plain: PlainModel, plan: list[Assignment]) -> list[Assignment]:
    """Drop the lighter request of each clash, all of its sessions where it wants all or none."""
    requests = plain.fitting.requests
    pinned = {pin.request for pin in plain.problem.pins}
    while clash := next(way_clashes(plain.fitting, plan), None):
        loser = min(
            clash[1:],
            key=lambda assignment: (assignment.request in pinned, requests[assignment.request].weight),
        )
        is_gone = requests[loser.request].partial
        plan = [
            assignment
            for assignment in plan
            if (assignment != loser if is_gone else assignment.request != loser.request)
        ]
    return plan


def better(problem: Problem, first: list[Assignment], second: list[Assignment]) -> list[Assignment]:
    weights = {request.id: request.weight for request in problem.requests}
    return max(first, second, key=lambda plan: sum(weights[assignment.request] for assignment in plan))
