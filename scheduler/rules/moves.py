"""Judgement of moves by hand: hard rules, which nobody passes, and soft ones, which a reason passes.

The hard rules are those of `scheduler.check`, but for two that a draft on its way may leave to its release: a course
that is not whole yet, and a pin that is being lifted. These two are soft here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from domain.messages import message
from scheduler.documents.records import Assignment, Problem
from scheduler.rules import soft_rules
from scheduler.rules.check import RULES, Breach, breaches
from scheduler.rules.goals import GOAL_VALUES, OF_THE_WEEK
from scheduler.rules.soft_rules import SoftRule, WeekChange
from scheduler.rules.week import Week, lay_out

SoftRuleName = Literal["pin", "whole", "continuity", "preferred", "functions", "travel"]
SOFT_RULES: dict[SoftRuleName, SoftRule] = {
    "pin": soft_rules.pins_held,
    "whole": soft_rules.courses_whole,
    "continuity": soft_rules.continuity_kept,
    "preferred": soft_rules.preferred_times,
    "functions": soft_rules.functions_hosted,
    "travel": soft_rules.ways_short,
}
HARD_RULES = {name: rule for name, rule in RULES.items() if name not in SOFT_RULES}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What moves would break that holds now: `broken` hard rules, and soft ones as `warnings`."""

    broken: tuple[Breach, ...]
    warnings: tuple[Breach, ...]


class Judge:
    """Judges changes of one draft.

    Parameters
    ----------
    problem : Problem
        With its pins, and in `previous` what people have been told.
    draft : iterable of Assignment
        As it is now. What names a room or a person that the problem does not know is left out: it is broken already.
    """

    def __init__(self, problem: Problem, draft: Iterable[Assignment]) -> None:
        self.problem = problem
        self._rooms = {room.id for venue in problem.venues for room in venue.rooms}
        self._people = {volunteer.id for volunteer in problem.volunteers}
        draft = tuple(draft)
        self.draft = tuple(assignment for assignment in draft if not any(self._unknown(assignment)))
        self._adrift = frozenset(assignment.request for assignment in draft if any(self._unknown(assignment)))
        self.week = lay_out(problem, self.draft)

    def judge(self, moves: Iterable[Assignment]) -> Judgement:
        """What it would break to put these sessions where they say, all at once; some may have had no place yet.

        Raises nothing: a room or person that the week does not have is a breach `unknown`, and then the only kind.
        """
        moves = tuple(moves)
        strange = tuple(
            Breach(
                "unknown",
                message(
                    "{request}#{session}: {what}",
                    request=assignment.request,
                    session=assignment.session,
                    what=what,
                ),
                ((assignment.request, assignment.session),),
            )
            for assignment in moves
            for what in self._unknown(assignment)
        )
        if strange:
            return Judgement(strange, ())
        change = self.change(moves)
        return Judgement(self._broken(change), self.warnings(change))

    def _broken(self, change: WeekChange) -> tuple[Breach, ...]:
        """The breaches that were not there before; one that names no moved session is no doing of theirs."""
        moved = {after.id for _, after in change.moved}
        return tuple(
            breach
            for breach in breaches(_around(change), HARD_RULES)
            if breach.sentence not in self._broken_now
            and (not breach.sessions or moved & set(breach.sessions))
        )

    def _unknown(self, assignment: Assignment) -> Iterator[str]:
        """What it names that the week does not have."""
        if assignment.room not in self._rooms:
            yield message("no room {room} is lent in this week", room=assignment.room)
        for name in (*assignment.leads, *assignment.assistants):
            if name not in self._people:
                yield message("nobody is called {name} in this week", name=name)

    @cached_property
    def _broken_now(self) -> frozenset[str]:
        return frozenset(breach.sentence for breach in breaches(self.week, HARD_RULES))

    def change(self, moves: Iterable[Assignment]) -> WeekChange:
        """The week before and after the moves, with each moved session's two sides."""
        week = lay_out(self.problem, moves)
        keys = {session.id for session in week.sessions}
        before = {session.id: session for session in self.week.sessions if session.id in keys}
        staying = [session for session in self.week.sessions if session.id not in keys]
        sessions = tuple(sorted([*staying, *week.sessions], key=lambda session: session.begin))
        after = Week(self.problem, sessions, (*self.week.strays, *week.strays))
        moved = tuple((before.get(session.id), session) for session in week.sessions)
        return WeekChange(self.week, after, moved, self._adrift)

    def warnings(self, change: WeekChange) -> tuple[Breach, ...]:
        """The soft rules that a change breaks, in their order."""
        return tuple(
            Breach(name, sentence, tuple(session.id for session in sessions))
            for name, rule in SOFT_RULES.items()
            for sentence, sessions in rule(change)
        )

    def gains(self, change: WeekChange) -> dict[str, int]:
        """What each goal of the problem gains by a change; below 0 it loses. Units as in `goal_values`."""
        before = Week(self.problem, tuple(session for session, _ in change.moved if session is not None), ())
        after = Week(self.problem, tuple(session for _, session in change.moved), ())
        whole = change.before, change.after
        sides = {goal: whole if goal in OF_THE_WEEK else (before, after) for goal in self.problem.goals}
        return {
            goal: GOAL_VALUES[goal](late) - GOAL_VALUES[goal](early) for goal, (early, late) in sides.items()
        }


def _around(change: WeekChange) -> Week:
    """The week afterwards as far as a rule that names a moved session looks: its course, venue, people, learners."""
    moved = [after for _, after in change.moved]
    requests = {session.assignment.request for session in moved}
    venues = {session.venue.id for session in moved}
    people = {who.id for session in moved for who in session.team}
    cohorts = {cohort for session in moved for cohort in session.request.cohorts}
    sessions = tuple(
        session
        for session in change.after.sessions
        if session.assignment.request in requests
        or session.venue.id in venues
        or any(who.id in people for who in session.team)
        or not cohorts.isdisjoint(session.request.cohorts)
    )
    return Week(change.after.problem, sessions, change.after.strays)


def unpassed(warnings: Iterable[Breach], accepted: Iterable[str]) -> tuple[Breach, ...]:
    """Those that nobody has accepted by their rule's name."""
    passed = frozenset(accepted)
    return tuple(breach for breach in warnings if breach.rule not in passed)
