"""Values of the goals of docs/format.md for a list of assignments, each to be made as large as possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scheduler.documents.records import ALL_GOALS, Assignment, Problem
from scheduler.rules.week import Week, km, lay_out


def goal_values(problem: Problem, assignments: Iterable[Assignment]) -> dict[str, int]:
    """The values of all goals, whether or not the problem asks for them.

    `served` is in learner-minutes times priority, `travel` in metres and never above 0; the others count.
    """
    week = lay_out(problem, assignments)
    return {name: value(week) for name, value in GOAL_VALUES.items()}


def communities(week: Week) -> int:
    """The number of areas with at least one session; it is a goal only where the problem sets a `minimum`."""
    return len({session.request.area for session in week.sessions})


def served(week: Week) -> int:
    """The sum over placed sessions of priority × learners × duration in minutes."""
    return sum(session.request.weight for session in week.sessions)


def functions(week: Week) -> int:
    """The number of different pairs of venue and function that host at least one session: one place, many functions."""
    return len({(session.venue.id, session.request.function) for session in week.sessions})


def continuity(week: Week) -> int:
    """The number of placed sessions that are as in `previous`: request, session, day, start, room and set of leads."""
    before = {assignment.continuity_key for assignment in week.problem.previous}
    return sum(session.assignment.continuity_key in before for session in week.sessions)


def preferred(week: Week) -> int:
    """The number of placed sessions that lie wholly in one preferred window of their request."""
    return sum(session.within(session.request.preferred) for session in week.sessions)


def travel(week: Week) -> int:
    """Minus the metres from home to venue, summed over placed sessions and their volunteers.

    Each way is rounded to whole metres.
    """
    return -sum(
        round(1000 * km(volunteer.location, session.venue.location))
        for session in week.sessions
        for volunteer in session.team
    )


# Each goal's value is the function of its name above.
GOAL_VALUES: dict[str, Callable[[Week], int]] = {name: globals()[name] for name in ALL_GOALS}
OF_THE_WEEK = frozenset({"communities", "functions"})  # every other goal is a sum over sessions
