"""Team programme: the relaxation that says who leads and assists what, whatever the hour and the room.

It is the smallest one that says much about a week: hours and rooms are mostly slack where people are short, so that
its optimum is a bound on `served` hardly above that of all the rules, at a hundredth of the columns. Everything that
it leaves out (hours, rooms, ways, cohorts) lets more plans in: the bound holds for every plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.windows import DAY_MIN
from scheduler.documents.records import Request
from scheduler.instance.timetable import PartialTimetable
from scheduler.model.load_limits import Piece, within
from scheduler.processes.program import Program, Term

Days = dict[int, set[int]]


@dataclass(slots=True)
class Team:
    """The columns of one request.

    Attributes
    ----------
    sessions : int
        How many are to be placed.
    held : list of int
        Columns that say whether sessions are held: one for all of them, or one for each.
    led_whole : bool
        Whether a lead leads all of them.
    leads, assistants : dict
        For each person the columns in which they take part: one for all sessions, or one for each.
    """

    request: int
    sessions: int
    held: list[int]
    led_whole: bool = False
    leads: dict[int, list[int]] = field(default_factory=dict)
    assistants: dict[int, list[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Teams:
    """A programme over some requests.

    Attributes
    ----------
    objective
        What the requests serve.
    pieces, on_day
        What each person could give in the week, and on a day on which alone they could give it.
    """

    timetable: PartialTimetable
    program: Program = field(default_factory=Program)
    objective: list[Term] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    pieces: dict[int, list[Piece]] = field(default_factory=lambda: defaultdict(list))
    on_day: dict[tuple[int, int], list[Piece]] = field(default_factory=lambda: defaultdict(list))


def lay_out_teams(timetable: PartialTimetable, requests: Iterable[int]) -> Teams:
    """Give columns to the missing sessions of the requests, and rows to people's limits."""
    teams = Teams(timetable)
    for r in requests:
        _add_team(teams, r)
    for person, pieces in teams.pieces.items():
        limit = timetable.instance.volunteers[person].max_min_week
        if limit is not None:
            within(teams.program, pieces, limit - timetable.week_load[person])
    for (person, day), pieces in teams.on_day.items():
        limit = timetable.instance.volunteers[person].max_min_day
        if limit is not None:
            within(teams.program, pieces, limit - timetable.day_load.get((person, day), 0))
    return teams


def _add_team(teams: Teams, r: int) -> None:
    timetable, program = teams.timetable, teams.program
    instance = timetable.instance
    request, candidates = instance.requests[r], instance.candidates[r]
    missing = request.sessions - len(timetable.placed.get(r, ()))
    if not missing or not candidates.rooms:
        return
    together = not request.partial or missing == 1
    team = Team(r, missing, [program.column() for _ in range(1 if together else missing)])
    teams.teams.append(team)
    weight = float(request.weight * missing // len(team.held))
    teams.objective += [(column, weight) for column in team.held]
    team.led_whole = together and (request.same_leads or missing == 1)
    _add_people(teams, team, team.leads, _days(candidates.leads))
    _add_people(teams, team, team.assistants, _days(candidates.assistants))
    if team.sessions == 1:  # leading or assisting, never both
        for person in sorted(team.leads.keys() & team.assistants.keys()):
            program.at_most([*team.leads[person], *team.assistants[person]])
    _keep_minors(teams, team, request)


def _days(people: Mapping[int, list[int]]) -> Days:
    """The days on which each of the people could come."""
    days: Days = {}
    for start, there in people.items():
        for person in there:
            days.setdefault(person, set()).add(start // DAY_MIN)
    return days


def _add_people(teams: Teams, team: Team, group: dict[int, list[int]], days: Days) -> None:
    """Columns for one role, each for `at_once` sessions of one person, and a full team for every session held."""
    request, program = teams.timetable.instance.requests[team.request], teams.program
    at_once = team.sessions if group is team.leads and team.led_whole else 1
    for person in sorted(days):
        possible = min(team.sessions, len(days[person]) * request.max_sessions_per_day)
        if possible < at_once:
            continue
        group[person] = [program.column() for _ in range(possible // at_once)]
        pieces = [Piece(request.duration_min * at_once, (column,)) for column in group[person]]
        teams.pieces[person] += pieces
        if len(days[person]) == 1:
            teams.on_day[person, min(days[person])] += pieces
    needed = request.leads if group is team.leads else request.assistants
    if needed:
        terms = [(column, float(at_once)) for columns in group.values() for column in columns]
        size = team.sessions // len(team.held)
        program.row([*terms, *((column, -float(needed * size)) for column in team.held)], low=0, high=0)


def _keep_minors(teams: Teams, team: Team, request: Request) -> None:
    """Two adults in a team for minors; leads are adults anyway."""
    if missing := request.adult_assistants_needed:
        people = teams.timetable.instance.volunteers
        adults = [
            column
            for person, columns in team.assistants.items()
            if not people[person].minor
            for column in columns
        ]
        size = team.sessions // len(team.held)
        terms = [
            *((column, 1.0) for column in adults),
            *((column, -float(missing * size)) for column in team.held),
        ]
        teams.program.row(terms, low=0)
